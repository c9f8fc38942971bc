/* subject.h: a policy compiled and understood: what every command begins with. Pure: texts go in, and a world is asked about
 * names. */
#ifndef ENDOW_REVIEW_SUBJECT_H
#define ENDOW_REVIEW_SUBJECT_H

#include "compile.h"
#include "model.h"

struct subject {
	struct arena arena;
	struct tree *tree; /* owned */
	void *bytes;       /* owned: the image */
	struct image image;
	struct model model;
	char *messages; /* owned: what the compiler says of a wrong policy, ready to print; NULL: nothing */
};

/*
 * Compile IN twice, to a tree and to an image, and make the model of it. SHOWN names it, PROGRAM is the one to be started
 * (NULL: whichever it is for). S is all zero; subject_free() it in any case. Returns 0, or a negative errno; with -EINVAL
 * MESSAGES say what is wrong with the policy, and ERR is empty.
 */
int subject_make(struct subject *s, const struct compile_input *in, compile_fetch *fetch, void *arg, const char *shown,
		 const char *program, const struct world *world, struct err *err);
void subject_free(struct subject *s);

#endif

/* making.h: what the files that make a model share. */
#ifndef ENDOW_REVIEW_MAKING_H
#define ENDOW_REVIEW_MAKING_H

#include "model.h"

struct making {
	struct model *model;
	const struct model_input *in;
	struct arena *arena;
};

/* A new entry, said at WHERE (NULL: nobody said it), with the text SAID, which may be NULL for no memory, as may the result.
 * Valid until the next one. */
struct entry *making_add(struct making *m, enum kind kind, const struct image_where *where, const char *said);

/* What endow would say instead of starting the program: the first thing counts. */
__attribute__((format(printf, 3, 4))) void making_problem(struct making *m, const struct entry *e, const char *fmt, ...);

/* Walk what TEXT names, and fill in OBJECT and SPOT of E. FOLLOW: FOLLOW_ALL or FOLLOW_NONE. 0 or -ENOMEM. */
int making_walk(struct making *m, struct image_text text, enum follow follow, struct entry *e);

/* The file E leads to has become part of the model: what a rule is planted on. */
void making_plant(struct entry *e);

/* The first interpreters of E's file, by its #! line, are executed as well. 0 or -ENOMEM. */
int making_interpreters(struct making *m, struct entry e);

/* making_words.c: what names no file. 0 or -ENOMEM. */
int making_words(struct making *m);

/* making_held.c: what the broker will have. 0 or -ENOMEM. */
int making_held_things(struct making *m);

/* making_peers.c: whom the supervisor connects, and what may be asked for. 0 or -ENOMEM. */
int making_peers(struct making *m);

/* making_view.c: what the launcher mounts for the program. 0 or -ENOMEM. */
int making_view(struct making *m);

#endif

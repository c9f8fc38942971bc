/* compile.h: the whole compiler as a function: bytes in, image out. It opens nothing and keeps nothing. */
#ifndef ENDOW_COMPILE_H
#define ENDOW_COMPILE_H

#include "diag.h"
#include "err.h"
#include "image.h"
#include "tree.h"

struct compile_text {
	const char *shown; /* the name for messages */
	const char *text;
	size_t len;
	void *owned; /* what the compiler is to free() when it has copied the text; may be NULL */
};

/*
 * Find the fragment NAME. Returns 0; -ENOENT with ERR saying why there is none, which makes the policy wrong; or another
 * negative errno, which ends the compilation.
 */
typedef int compile_fetch(void *arg, const char *name, struct compile_text *out, struct err *err);

/* filter_make(), or one that remembers what it made. */
typedef int compile_filter(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err);

struct compile_input {
	const char *line; /* statements from the command line */
	size_t line_len;
	struct compile_text main; /* the main policy; its owned member is not looked at */
	compile_filter *filter;
};

/* Read the command line, the main policy and the fragments they use into TREE, which is all zero; tree_free() it in any case.
 * DIAG is emptied first.
 * Returns 0, also where DIAG got messages; -ENOMEM; or what FETCH returned. No message may be added to DIAG once TREE is gone.
 */
int compile_tree(const struct compile_input *in, compile_fetch *fetch, void *arg, struct tree *tree, struct diag *diag);

/*
 * Compile. DIAG is emptied first. Returns 0 with *IMAGE malloc'ed and the caller's, and of *SIZE bytes; -EINVAL when the policy
 * is wrong, and DIAG says where; or another negative errno, of which DIAG says what it can.
 */
int compile(const struct compile_input *in, compile_fetch *fetch, void *arg, void **image, size_t *size, struct diag *diag);

#endif

/* lex.h: one line of a source into words. */
#ifndef ENDOW_LEX_H
#define ENDOW_LEX_H

#include "diag.h"
#include "tree.h"

struct line {
	struct word *words;  /* NULL: none */
	const char *comment; /* behind '#', without blanks around it; NULL: none */
	struct place end;    /* just behind the last word */
};

/*
 * Read one line of TREE's source AT.source (TEXT points into its text, LEN without the newline). Words and comment live in the
 * tree's arena. Returns 0, -EINVAL with a message in DIAG, or -ENOMEM.
 */
int lex_line(struct tree *tree, struct diag *diag, struct place at, const char *text, size_t len, struct line *out);

/* `NAME=` at the start of P, as a shell would read it: its length, or 0. */
size_t lex_assignment(const char *p, size_t len);

#endif

/* text.h: lines of a source as they were written, and where their comments stand. */
#ifndef ENDOW_REVIEW_TEXT_H
#define ENDOW_REVIEW_TEXT_H

#include "tree.h"

/* Line LINE (from 1) of SOURCE without its newline; borrowed, LEN bytes. Empty behind the last one. */
const char *text_line(const struct source *source, uint32_t line, size_t *len);

/* The line behind P, or NULL where P, of *LEN bytes up to END, is the last. */
const char *text_next(const char *p, const char *end, size_t *len);

/* The '#' that begins the comment COMMENT (as in stmt.comment), which ends the line of LEN bytes at P. */
const char *text_comment(const char *p, size_t len, const char *comment);

/* The comment of S, from its '#' to its end. S has one. */
struct place text_comment_place(const struct tree *tree, const struct stmt *s);

#endif

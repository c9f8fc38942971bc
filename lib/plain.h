/* plain.h: bytes from somewhere else, so that they can be shown to a person or written into a policy. Pure. */
#ifndef ENDOW_PLAIN_H
#define ENDOW_PLAIN_H

#include <stddef.h>
#include <stdint.h>

/*
 * FROM as it can be shown on a terminal, in TO (SIZE bytes, at least 8), NUL-terminated: no control character, nothing
 * invisible and nothing that turns the text's direction: for each a '?', and for what is no UTF-8 as well. What is too long
 * ends in "...". Returns TO.
 */
char *plain_text(char *to, size_t size, const char *from, size_t len);

/* The path FROM as one word of the policy language: bare, or in quotes. 0, or -ENAMETOOLONG where TO is too small (TO is ""
 * then). */
int plain_word(char *to, size_t size, const char *from);

/* RIGHTS (enum right, of the first six) as their words with BETWEEN between them. Returns TO. */
char *plain_rights(char *to, size_t size, uint32_t rights, const char *between);

/* PATH as it is compared: absolute, no empty component, no slash at the end (but "/"). 0, or -EINVAL for what is not absolute
 * or has
 * "." or ".." in it, or is too long for TO. */
int plain_path(char *to, size_t size, const char *path);

/* Is PATH what FOLDER names, or something beneath it? Both as by plain_path(). */
int plain_covers(const char *folder, const char *path);

#endif

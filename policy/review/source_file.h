/* source_file.h: a policy's text from a file or from standard input, and back. No trust is decided here: see find.h. */
#ifndef ENDOW_REVIEW_SOURCE_FILE_H
#define ENDOW_REVIEW_SOURCE_FILE_H

#include <stddef.h>

#include "err.h"

struct source_file {
	char *text; /* owned; NUL behind the last byte */
	size_t len;
};

/* Read PATH, or standard input for "-": at most SOURCE_MAX bytes. Returns 0 or a negative errno. */
int source_file_read(const char *path, struct source_file *file, struct err *err);
void source_file_free(struct source_file *file);

/* Put TEXT in the place of the file PATH at once, with its owner and mode; a link is followed. Returns 0 or a negative errno.
 */
int source_file_replace(const char *path, const char *text, size_t len, struct err *err);

#endif

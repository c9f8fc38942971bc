/* err.h: a located message beside a negative errno. Libraries fill it in and print nothing; launcher/say.c prints. */
#ifndef ENDOW_ERR_H
#define ENDOW_ERR_H

#include <errno.h>
#include <stdarg.h>

struct err {
	char text[1024]; /* one sentence or more, no final newline; bytes from outside are escaped */
};

/* Fill in ERR (may be NULL) and return -CODE. CODE is a positive errno; the text does not repeat strerror() by itself. */
__attribute__((format(printf, 3, 4))) int err_set(struct err *err, int code, const char *fmt, ...);

/* Put "PREFIX: " before what ERR says already. Returns RC unchanged, so that a caller can say: return err_in(err, rc, "..."). */
__attribute__((format(printf, 3, 4))) int err_in(struct err *err, int rc, const char *fmt, ...);

/* The errno's own words, without the symbol and without a lock: strerror() of both libcs we build with is fine for that. */
const char *err_words(int code);

#endif

#include "err.h"

#include <stdio.h>
#include <string.h>

/* A path or a name may hold control bytes that would drive the reader's terminal: they are shown as '?'. */
static void tame(char *text)
{
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 ? *p != '\n' && *p != '\t' : *p == 0x7f)
			*p = '?';
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	if (err) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof err->text, fmt, ap);
		va_end(ap);
		tame(err->text);
	}
	return -code;
}

int err_in(struct err *err, int rc, const char *fmt, ...)
{
	if (err) {
		char tail[sizeof err->text];
		va_list ap;

		memcpy(tail, err->text, sizeof tail);
		va_start(ap, fmt);
		int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
		va_end(ap);
		/* What does not fit is cut. */
		if (n >= 0 && (size_t)n < sizeof err->text && snprintf(err->text + n, sizeof err->text - (size_t)n, ": %s", tail) < 0)
			err->text[n] = '\0';
		tame(err->text);
	}
	return rc;
}

const char *err_words(int code)
{
	return strerror(code < 0 ? -code : code);
}

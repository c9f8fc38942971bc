/* say.h: the one place that prints. */
#ifndef ENDOW_SAY_H
#define ENDOW_SAY_H

#include <stddef.h>

#include "err.h"

/* The launcher's own exit statuses; a program's own pass as they are. */
enum {
	SAY_REFUSED = 125,
	SAY_CANT_EXECUTE = 126,
	SAY_NOT_FOUND = 127,
};

void say_error(const struct err *err); /* "endow: ..." on standard error; nothing when the text is empty */
void say_compiler(const char *messages, size_t len); /* the compiler's messages as they are */
void say(const char *text); /* on standard output */

#endif

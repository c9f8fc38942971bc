/*
 * terminal.h: the terminal, taken from the program while a question stands. The helper's own process group is in front; what
 * was typed before is thrown away; and at the end all is as it was, whatever happens.
 */
#ifndef ENDOW_ASK_TERMINAL_H
#define ENDOW_ASK_TERMINAL_H

#include <stddef.h>

#include "err.h"

/* Take it. 0, or a negative errno with ERR: there is none, or it is somebody else's now. */
int terminal_take(struct err *err);

/* Give it back. Nothing where it was not taken. */
void terminal_give(void);

__attribute__((format(printf, 1, 2))) void terminal_say(const char *fmt, ...);

/*
 * One line of what the person types, without its end. Returns its length; -1 at the end of it all: end of file, a signal, or
 * the terminal is not ours any more.
 */
int terminal_read(char *to, size_t size);

#endif

/* program.h: which file a program's name means. */
#ifndef ENDOW_PROGRAM_H
#define ENDOW_PROGRAM_H

#include "err.h"
#include "resolve.h"

/*
 * Find NAME as execvp does: with a slash it is a path, else the first file of that name that can be executed in $PATH. Fills in
 * THING (path: what to execute). Returns 0, -ENOENT when there is none, -EACCES when what there is can't be executed, or another
 * negative errno, with ERR.
 */
int program_find(const char *name, struct thing *thing, struct err *err);

/*
 * The interpreter that a script's first line names. Returns 1 with its path in TO, 0 if PROGRAM is no script, or a negative errno.
 * The person who named the script named what runs it.
 */
int program_interpreter(const struct thing *program, char to[RESOLVE_PATH], struct err *err);

#endif

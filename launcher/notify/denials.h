/*
 * denials.h: what was refused to the program, collected while it runs and told at its end (`report denials`, --why). It decides
 * nothing: what is told is what the sandbox's rules say, looked up beside the call.
 */
#ifndef ENDOW_DENIALS_H
#define ENDOW_DENIALS_H

#include <stdint.h>

#include "call.h"

struct plan;

#define DENIALS_MAX 256 /* distinct ones; of others only the number is told */

/*
 * C is refused RIGHTS (enum right) on a path without links, or with RIGHTS 0 WHAT ("connect tcp") to an address
 * ("192.0.2.1:443"). CODE: the errno that the caller sees, negative. Kept only where the policy says so; and of a path, what
 * the sandbox refuses, and not the file's own permissions.
 */
void denials_note(const struct call *c, uint32_t rights, const char *what, const char *path_or_address, int code);

/* At the end: a line each on standard error. */
void denials_tell(const struct plan *plan);

#endif

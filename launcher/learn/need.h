/* need.h: which promise or grant a system call would take, read from the compiler's own tables. Pure. */
#ifndef ENDOW_NEED_H
#define ENDOW_NEED_H

#include <linux/seccomp.h>
#include <stdint.h>

#include "err.h"
#include "image.h"

#define NEED_NEVER UINT32_MAX /* no policy opens it */

/*
 * The one family that opens CALL, 0 where none is needed, or NEED_NEVER. SELF is the number of the process that endow would
 * have started. Calls that endow answers with ENOSYS, so that a program does without, are NEED_NEVER, too.
 */
uint32_t need_of(const struct seccomp_data *call, uint32_t self);

/*
 * A program that lets through what needs no grant, no promise and no look, and notifies of all else: endow's own filter for no
 * family, with a notification in place of each refusal, behind a list of the calls that name files. *PROG is malloc'ed and the
 * caller's to free; it holds FILTER_SELF. Returns 0 or a negative errno.
 */
int need_filter(struct image_insn **prog, uint32_t *count, struct err *err);

#endif

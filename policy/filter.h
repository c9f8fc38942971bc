/* filter.h: from families of system calls to a seccomp program, by libseccomp. */
#ifndef ENDOW_FILTER_H
#define ENDOW_FILTER_H

#include <stdint.h>

#include "err.h"
#include "image.h"

/*
 * Make the program for FAMILIES (enum family). *PROG is malloc'ed and the caller's to free; *COUNT is its length in
 * instructions, at most IMAGE_FILTER_MAX. Calls that no family allows get EPERM when this build knows them and ENOSYS when it does not
 * (so that libc falls back); a foreign architecture's call ends the process. Where the program compares with the process's
 * own id it holds FILTER_SELF. Returns 0, or a negative errno with ERR set.
 */
int filter_make(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err);

#endif

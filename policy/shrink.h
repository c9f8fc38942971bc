/* shrink.h: a seccomp program rewritten into fewer instructions that decide the same. */
#ifndef ENDOW_SHRINK_H
#define ENDOW_SHRINK_H

#include <stdint.h>

#include "err.h"
#include "image.h"

/*
 * IN (COUNT instructions) is followed for every class of system call numbers that it can tell apart, and for each what is left
 * to ask of the arguments is kept; a search tree over the numbers then leads there. Every answer of IN to a call of another
 * architecture than ARCH has to be the same verdict. Only the instructions that libseccomp writes are understood; anything else
 * is -ENOTSUP. *OUT is malloc'ed and the caller's to free. Returns 0, or a negative errno with ERR set.
 */
int shrink(const struct image_insn *in, uint32_t count, uint32_t arch, struct image_insn **out, uint32_t *out_count,
	   struct err *err);

#endif

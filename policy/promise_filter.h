/* promise_filter.h: the program that endow_promise(3) installs, in which the promises are still open. */
#ifndef ENDOW_PROMISE_FILTER_H
#define ENDOW_PROMISE_FILTER_H

#include <stdint.h>

#include "err.h"
#include "image.h"

/* How the program gets at the promises: it loads this constant, in whose place the promises have to be put. */
#define PROMISE_LOAD_CODE 0 /* BPF_LD | BPF_W | BPF_IMM; no other instruction has it */

/*
 * Make the program. Once each PROMISE_LOAD_CODE has the promises (of FAM_PROMISES) as its k and FILTER_SELF is replaced, it
 * allows what a policy with these promises and every grant there is could allow, but for ioctl: there it takes away the
 * commands of promises that are not made, whichever device they are for. *PROG is malloc'ed and the caller's to free. Returns
 * 0, or a negative errno with ERR set.
 */
int promise_filter_make(struct image_insn **prog, uint32_t *count, struct err *err);

#endif

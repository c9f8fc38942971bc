/* ask_call.h: what a compiled filter answers to a system call, whatever its arguments. Pure. */
#ifndef ENDOW_REVIEW_ASK_CALL_H
#define ENDOW_REVIEW_ASK_CALL_H

#include "image.h"

struct call_verdict {
	int allowed; /* with some arguments */
	int told;    /* with some arguments it is handed to the supervisor, which decides */
	int refused; /* with some arguments: the errno, or -1 where the process is ended; 0: with none */
};

/* The number of the system call NAME on this machine, or -1. */
int call_number(const char *name);

/* Follow the filter on every way that some arguments lead it. What it compares with the process's own id counts as any other
 * number. */
void call_judge(const struct image_insn *filter, uint32_t count, int number, struct call_verdict *verdict);

#endif

/* process.h: what /proc says of a process. */
#ifndef ENDOW_PROCESS_H
#define ENDOW_PROCESS_H

#include <sys/types.h>

struct process {
	pid_t pid, parent;
	char state;               /* as in proc(5): R, S, D, T ... */
	unsigned long long start; /* ticks since boot: with the number it is one process and no later one */
};

/* 0, or -ESRCH: it is gone, or can't be seen. */
int process_look(pid_t pid, struct process *p);

#endif

/* start.h: the program as a child of its supervisor. */
#ifndef ENDOW_START_H
#define ENDOW_START_H

#include <sys/types.h>

#include "err.h"
#include "plan.h"

struct started {
	pid_t pid;
	int failed;   /* exit status when the program did not start; 0 when it did */
	int listener; /* of its filter, where that notifies (CLOEXEC; the caller's), or -1 */
};

/* Make the child, which enters the sandbox and executes the program. Returns 0, or a negative errno with ERR when there is no
 * child. */
int start(struct plan *plan, struct started *started, struct err *err);

#endif

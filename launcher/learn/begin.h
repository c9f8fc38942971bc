/* begin.h: start the program with the observer's filter on it. */
#ifndef ENDOW_BEGIN_H
#define ENDOW_BEGIN_H

#include <signal.h>
#include <sys/types.h>

#include "err.h"

struct begin {
	const char *path;  /* what to execute */
	char *const *argv; /* passed on as it is, with this process's environment */
	sigset_t mask;     /* the program's signal mask */
	int sigchld_ignored;
};

struct begun {
	pid_t pid;
	int listener; /* notifications of the program's calls; the caller's to close */
	int result;   /* says with one int why the program could not be executed, and ends without one when it was; the caller's
			 to close */
};

/*
 * Start the program, a child of this process and in its process group. It waits in execve(2) until the listener is served.
 * Returns 0 or a negative errno: -EBUSY inside another such observer.
 */
int begin(const struct begin *how, struct begun *begun, struct err *err);

#endif

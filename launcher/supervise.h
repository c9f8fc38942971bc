/* supervise.h: the parent that stays where something is left to do when the program has ended. */
#ifndef ENDOW_SUPERVISE_H
#define ENDOW_SUPERVISE_H

#include "err.h"
#include "plan.h"

/*
 * Start the program as a child and stay: pass signals on, stop and go on with it, end it at the wall limit, end what it left behind.
 * Returns the status to exit with; a death by signal has been repeated on this process instead, so that whoever waits sees it.
 * ERR is set when the program did not start.
 */
int supervise(struct plan *plan, struct err *err);

/*
 * With a process namespace prepared (unshare), become its first process: returns 0 in it, and the process that called stays outside, passes
 * signals on, ends as the program ends, and takes the namespace with it if it is killed. A negative errno if that can't be had.
 */
int supervise_apart(struct plan *plan, struct err *err);

#endif

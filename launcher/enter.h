/* enter.h: the last steps before the program, in a fixed order. Nothing is opened, looked up or decided here. */
#ifndef ENDOW_ENTER_H
#define ENDOW_ENTER_H

#include "err.h"
#include "plan.h"

/*
 * Make this process what the plan says: session, descriptors, directory, signals, limits, ids and capabilities, Landlock, seccomp. What it
 * returns from can't be undone: on error (negative errno, ERR) the process has to end.
 */
int enter(struct plan *plan, struct err *err);

/* A descriptor that enter() leaves open beside the program's own (CLOEXEC): where --prove reports. -1 for none. */
int enter_keeping(struct plan *plan, int extra, struct err *err);

/* Execute the program. Returns the exit status to end with, and ERR: 126 when it can't be executed, 127 when it is not there. */
int enter_exec(const struct plan *plan, struct err *err);

#endif

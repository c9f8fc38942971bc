/* attend.h: stay beside the program while it runs: its calls are served, signals passed on, its end waited for. */
#ifndef ENDOW_ATTEND_H
#define ENDOW_ATTEND_H

#include <signal.h>
#include <sys/types.h>

#include "begin.h"
#include "err.h"
#include "observe.h"

/* Signals are held for a descriptor from here on, so that none is lost before the program has started. *BEFORE is the mask that
 * there was. Returns the descriptor, or a negative errno. */
int attend_hold(sigset_t *before, struct err *err);

/* Serve until the program has ended. Returns its wait status. */
int attend(struct observer *o, const struct begun *begun, int signals);

/* What was started and still runs: up to MAX process numbers. Returns how many there are. */
size_t attend_left(pid_t *pids, size_t max);

/* Die as the program died. */
_Noreturn void attend_die(int sig);

#endif

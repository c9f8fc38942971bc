/*
 * pair.h: a supervised launch is two processes. The outer is the one that the caller started and knows the number of: it waits,
 * tells the inner of the signals that it gets, stops and ends as the program does. The inner is the program's parent, its
 * broker and reaper. When either is killed the other notices, ends whatever the program left, and clears away: the inner by the
 * end of their connection, the outer as the reaper of what the inner had.
 */
#ifndef ENDOW_PAIR_H
#define ENDOW_PAIR_H

#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "plan.h"

enum pair_kind {
	/* from the outer */
	PAIR_HEARD,    /* a signal came: value */
	PAIR_ANSWERED, /* of whatever came before PAIR_ASKED about value was told */
	PAIR_GO_ON,    /* it was stopped as the program is, and goes on */
	/* from the inner */
	PAIR_ASKED,   /* did signal value come? */
	PAIR_STOPPED, /* the program has stopped by signal value */
	PAIR_ENDED,   /* the program has ended, its wait status is value, and all is cleared away */
	PAIR_NOTE,    /* a notification for the service manager follows, with descriptors; value: its length */
};

struct pair_word {
	int32_t kind;
	int32_t value;
};

/* What a signal says that the outer sends the inner because that has been stopped: it is no news. */
#define PAIR_WAKE 0x656e646f

/*
 * Become two. Returns 0 in the inner, or a negative errno with ERR, in one process still; the outer never returns, and exits.
 * With EARLY there is no plan yet, and descriptors below PLAN_FD_MAX stay free for it. Once is enough: again it does nothing.
 */
int pair_part(struct plan *plan, int early, struct err *err);

/* In the inner: the connection, and a signalfd of all signals that are to be heard, which are blocked. */
int pair_socket(void);
int pair_signals(void);

/* In the inner: tell the outer. 0, or a negative errno: it is gone. */
int pair_tell(enum pair_kind kind, int value);

/* In the inner: what the outer says. 1 with WORD; 0: nothing more for now; or a negative errno: it is gone. */
int pair_listen(struct pair_word *word);

/*
 * In the inner: is it still in the process group that the outer was started in? Leaving it is for when the program is not, so
 * that it hears no more of what the program does not get. pair_group(): that group; the inner stays in its session.
 */
int pair_in_group(void);
void pair_leave_group(void);
pid_t pair_group(void);

/* In the inner: a name of its own, so that who looks for endow by name finds the outer. The words of the command line are
 * not there any more then: from FIRST to LAST, which main() has copied. */
void pair_rename(void);
void pair_words(char *first, char *end);

#endif

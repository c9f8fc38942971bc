/*
 * hearing.h: which signals have to be handed to the program, and which it has got already. Pure.
 *
 * A supervised launch is two processes. A signal comes to the outer alone (kill PID), to both of them and to the program (a
 * terminal's, kill -PGID, timeout(1), the stop of a service), or by mistake to the inner alone. What both hear of within
 * HEARING_MS came to everybody, and is one and the same.
 */
#ifndef ENDOW_HEARING_H
#define ENDOW_HEARING_H

#include <stdint.h>

#define HEARING_MS 20u
#define HEARING_SIGNALS 64 /* 1 to 64 */

enum hearer { HEARD_BY_OUTER, HEARD_BY_INNER };

struct hearing {                       /* all zero: nothing was heard */
	uint64_t due[HEARING_SIGNALS]; /* ms of some clock, of signal N at N - 1; 0: nothing was heard */
	uint32_t count[HEARING_SIGNALS][2];
	uint64_t asked; /* a bit each: the inner alone has heard, and the outer was asked about it */
};

struct heard {
	int sig;
	int ask;        /* nothing to do but ask the outer, and tell hearing_answered() when it has said what it heard */
	int everybody;  /* both have heard it */
	uint32_t times; /* how often it came to those who heard it; of one that is not queued once is all that can be told */
};

/* SIG (1 to HEARING_SIGNALS) was heard at NOW. */
void hearing_of(struct hearing *h, int sig, enum hearer who, uint64_t now);

/* The outer has told of all it heard before it was asked about SIG. */
void hearing_answered(struct hearing *h, int sig, uint64_t now);

/* Milliseconds until hearing_next() has something to say; -1: never, as it is. */
int hearing_wait(const struct hearing *h, uint64_t now);

/* The next signal whose time has come, which is forgotten with that. Returns 1, or 0 when there is none. */
int hearing_next(struct hearing *h, uint64_t now, struct heard *heard);

#endif

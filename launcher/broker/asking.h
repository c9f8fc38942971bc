/*
 * asking.h: what nobody granted beforehand, the person may grant while the program runs: where the policy has an `ask` line for
 * it. Questions are put one at a time, by a process outside of every view (asker.h), and the others wait. The supervisor never
 * waits for an answer: it comes through a callback.
 */
#ifndef ENDOW_ASKING_H
#define ENDOW_ASKING_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "wire.h"

#define ASKING_PATH 2048      /* bytes of a path, with its NUL: as much as a policy can name */
#define ASKING_WAITING 16     /* questions, with the one that stands */
#define ASKING_REMEMBERED 128 /* answers for this run */
#define ASKING_SECONDS 300    /* from when it was put; then the answer is no */
#define ASKING_POLL_MAX 1u

struct making;
struct plan;

/* An `ask` line, resolved at the launch. */
struct ask {
	char *path;         /* absolute, as it was named, variables expanded; owned */
	char *real;         /* where that led, without links; owned; NULL: nowhere yet */
	uint32_t rights;    /* enum wire_right */
	const char *source; /* the policy's name; borrowed */
	uint32_t line;
};

enum answer_what { ANSWER_NO, ANSWER_ONCE, ANSWER_RUN };

struct answer {
	enum answer_what what;
	int code; /* NO: why, a negative errno: -EACCES said no (or had before), -ENOENT not there, -EPERM never to be granted,
		     -ETIME */
	/* The rest is for ONCE and RUN alone. */
	int fd; /* O_PATH, of what was picked: borrowed, to be duplicated by who keeps it. It may lie outside of the program's
		   view */
	uint32_t kind;          /* WIRE_FILE or WIRE_TREE */
	uint32_t rights;        /* as asked for */
	char path[ASKING_PATH]; /* of what was picked, without links: what was asked for, or another */
	const struct ask *line; /* of the policy, that the question was covered by; NULL for NO where there was none */
	char why[160];          /* NO: words for it */
};

struct question {
	pid_t pid;                                           /* of the program's process, in our namespace */
	char who[64];                                        /* what it executes; any bytes */
	uint32_t rights;                                     /* READ, WRITE, APPEND, CREATE; at least one */
	uint32_t kind;                                       /* WIRE_FILE, WIRE_TREE, or WIRE_KINDS: either */
	char path[ASKING_PATH];                              /* absolute; what asking_rule() covers */
	char why[512];                                       /* the program's words, any bytes; may be empty */
	void (*answered)(void *arg, const struct answer *a); /* once, from asking_serve() or asking_watch(), unless forgotten */
	void *arg;
	uint64_t id; /* set by asking_put() */
};

/* For plan.c: resolve the `ask` lines into PLAN, and start the process that asks, before a view is entered. */
int asking_make(struct making *m, struct err *err);

/* The process that asks is not needed any more, or was never: everything ends. */
void asking_end(void);

/* That process, a child of the one that has made the plan, or 0. */
pid_t asking_process(void);

/* As broker_watch() and broker_serve(). Nothing where the policy has no `ask` line. */
size_t asking_watch(struct pollfd fds[ASKING_POLL_MAX], int *wait);
void asking_serve(const struct pollfd *fds, size_t count);

/* PID, the program, was stopped: 1 while a question stands: it is continued when that is over, and the stop is not for the
 * shell. Else 0. */
int asking_now(pid_t pid);

/* The program was sent SIG: if that is to end it, no answer is waited for any more. */
void asking_hurry(int sig);

/*
 * Put Q (copied). 0: it will be answered, by Q->answered. What was answered for this run is answered so again, without asking.
 * -EAGAIN: as many wait as can. -EPERM: no `ask` line covers it, or there is nobody to ask (ERR says which).
 */
int asking_put(struct question *q, struct err *err);

/* Who waits with ARG is gone: nobody is to be told, and a question of his that stands is taken back. */
void asking_forget(void *arg);

/*
 * The index of an `ask` line that covers PATH with all of RIGHTS, or -1. Pure and cheap. PATH is absolute; with ".." or "." in
 * it nothing covers it. Links in it are looked at when the question is put: where they lead has to be covered too.
 */
int asking_rule(const char *path, uint32_t rights);

#endif

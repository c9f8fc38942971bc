/* promise.h: calls that a promise opens, each with what comes of it. */
#ifndef ENDOW_TEST_PROMISE_H
#define ENDOW_TEST_PROMISE_H

#include <stddef.h>
#include <stdint.h>

/* In the order of promise_names. */
enum promise_bit {
	PROC = 1u << 0,
	TTY = 1u << 1,
	FATTR = 1u << 2,
	FATTR_ANYWHERE = 1u << 3,
	ID = 1u << 4,
	DEBUG = 1u << 5,
	SCHED = 1u << 6,
	SYSVIPC = 1u << 7,
	NETLINK = 1u << 8,
	WATCH = 1u << 9,
	AIO = 1u << 10,
	PROMISES = 11
};
extern const char *const promise_names[PROMISES];

enum kind {
	OPENED,  /* by one of the promises in NEEDS */
	ALWAYS,  /* whatever is promised */
	GRANTED, /* as the sandbox has it; bare: always */
	NEVER,   /* closed by any call of endow_promise(); before, bare, something else comes of it than afterwards */
};

struct attempt {
	enum kind kind;
	uint32_t needs;
	const char *name;
	int (*make)(void); /* 0 or -errno; leaves nothing behind */
	int open;          /* what comes of it when it is allowed */
	int closed;
};

extern const struct attempt attempts[];
extern const size_t attempts_count;

/* Once, before anything is tried: what attempts work on. */
void attempts_begin(void);

int try_fork(void);
int try_watch(void);
int try_priority(void);

#endif

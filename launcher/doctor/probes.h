/*
 * probes.h: what this kernel enforces, found by using it. A version or an ABI number is never believed: each probe does the
 * forbidden thing twice in a child of its own, before the step that is to forbid it and after.
 */
#ifndef ENDOW_PROBES_H
#define ENDOW_PROBES_H

#include "err.h"
#include "image.h"

enum probe_id { /* the first ones are enum feature, bit by bit */
		PROBE_LANDLOCK,
		PROBE_TRUNCATE,
		PROBE_TCP,
		PROBE_IOCTL,
		PROBE_SIGNAL_SCOPE,
		PROBE_SOCKET_SCOPE,
		PROBE_VIEW,
		PROBE_AUDIT,
		PROBE_IPC,       /* what a view takes beside mounts: System V objects of its own, ... */
		PROBE_USERS,     /* ... and a user namespace of its own, */
		PROBE_PROCESSES, /* ... process numbers and a /proc */
		PROBE_NET,       /* ... and a loopback interface */
		PROBE_SECCOMP,
		PROBE_CLOSE_RANGE,
		PROBE_OPENAT2,
		PROBE_PIDFD,
		PROBE_MEMFD,
		PROBE_COUNT
};
#define PROBE_FEATURES (PROBE_AUDIT + 1)
_Static_assert(1u << PROBE_AUDIT == FEATURE_AUDIT && 1u << PROBE_VIEW == FEATURE_VIEW, "the first probes are the features");

enum probe_state {
	PROBE_UNTRIED, /* it could not be tried here: nothing is known */
	PROBE_WORKS,
	PROBE_ABSENT, /* the kernel says that it does not have it, or that it may not be used */
	PROBE_BROKEN, /* the kernel says that it does it, and does not */
};

struct probe_result {
	enum probe_state state;
	char detail[256]; /* why not; empty when it works */
};

struct probe {
	const char *name;
	const char *what; /* what was seen when it works */
};

extern const struct probe probes[PROBE_COUNT];

/* Try everything; takes some milliseconds. Returns 0, or a negative errno with ERR when nothing can be tried at all. */
int probes_run(struct probe_result results[PROBE_COUNT], struct err *err);

#endif

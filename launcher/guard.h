/*
 * guard.h: no grant lets the program write what decides about it: policies, compiled policies, the launcher, the compiler. Compared
 * are files, not names, so no spelling, link or bind mount of these folders gets past.
 */
#ifndef ENDOW_GUARD_H
#define ENDOW_GUARD_H

#include <sys/types.h>

#include "find.h"
#include "resolve.h"

#define GUARD_MAX 32
#define GUARD_ANCESTORS 1024

struct guard {
	int ready;
	struct {
		char path[FIND_PATH];
		dev_t dev; /* of the thing itself; 0 with ino 0 where it does not exist yet */
		ino_t ino;
	} kept[GUARD_MAX];
	size_t kept_count;
	struct { /* every folder from which a kept thing can be reached: writing beneath one would reach it */
		dev_t dev;
		ino_t ino;
		size_t which;
	} above[GUARD_ANCESTORS];
	size_t above_count;
};

/*
 * May THING be granted for writing or creating? Returns 0, or -EPERM with ERR naming what it covers. POLICY is the main policy's file (NULL:
 * none). The guard is filled in at the first call.
 */
int guard_check(struct guard *guard, const struct places *places, const char *policy, const struct thing *thing, struct err *err);

/* Fill GUARD in now: before a view is entered, in which what is to be guarded may be out of sight. 0, or a negative errno with ERR. */
int guard_prepare(struct guard *guard, const struct places *places, const char *policy, struct err *err);

#endif

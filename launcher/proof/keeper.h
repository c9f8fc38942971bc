/*
 * keeper.h: a process that stays outside the sandbox and keeps the targets of a proof (targets.h). It is started before the
 * launcher enters a mount namespace of the program's own, so that its files are those that the program must not reach and its
 * clearing away is not stopped by what has become read-only. It ends, and clears away, when its socket is closed or we die.
 */
#ifndef ENDOW_KEEPER_H
#define ENDOW_KEEPER_H

#include "err.h"
#include "tries.h"

#define KEEPER_BASES 5

struct keeper {
	int socket; /* owned; -1: there is none */
	pid_t pid;  /* our child */
};
#define KEEPER_NONE ((struct keeper){.socket = -1})

/* What to make. Large: keep it off small stacks. */
struct keeper_order {
	uid_t uid; /* who the targets belong to */
	gid_t gid;
	char bases[KEEPER_BASES][TRY_DIR_MAX]; /* directories to make them in: the first that can be written to; "": no more */
	uint8_t granted[2][65536 / 8];         /* TCP ports that are no targets, a bit each: [0] to reach, [1] to serve */
};

/* Start it. Returns 0 or a negative errno with ERR set. */
int keeper_start(struct keeper *keeper, struct err *err);

/* Have the targets made, once. T's pointers are NULL, but for `hits`, which stays mapped until keeper_end(). */
int keeper_make(struct keeper *keeper, const struct keeper_order *order, struct try_targets *t, struct err *err);

/* Have everything cleared away, and wait until it is. Does nothing for KEEPER_NONE. */
void keeper_end(struct keeper *keeper);

#endif

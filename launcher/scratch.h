/*
 * scratch.h: empty folders for this run alone, removed afterwards whatever happens: by a sweeper, a process of its own that
 * waits outside of every namespace and session for the end of the launcher, and outlives a SIGKILL of it.
 */
#ifndef ENDOW_SCRATCH_H
#define ENDOW_SCRATCH_H

#include <sys/types.h>

#include "err.h"
#include "image.h"


struct plan;

struct scratch {
	size_t count;
	const char *names[SCRATCH_MAX]; /* of the variables; borrowed from the image */
	char *paths[SCRATCH_MAX];       /* absolute; owned */
	int alive;                      /* the sweeper waits until the last copy of this descriptor is closed; owned */
	pid_t sweeper;                  /* 0: none */
};

/* Make the folders that the policy wants, in one of mode 0700 beneath $TMPDIR, or /tmp. With --dry-run nothing is made. */
int scratch_make(struct plan *plan, struct err *err);

/*
 * The program has ended: have the folders removed, and wait for that. Returns 0, or a negative errno with ERR telling where
 * something is left. By the process that scratch_make() ran in; another one that has a copy only frees it.
 */
int scratch_end(struct scratch *scratch, struct err *err);

/* Pure of processes: remove the folder NAME in DIR and all that is in it, without following links or leaving its file system.
 */
int scratch_remove(int dir, const char *name);

#endif

/* targets.h: the things outside a sandbox that attempts (tries.h) are aimed at: files, sockets, a process. */
#ifndef ENDOW_TARGETS_H
#define ENDOW_TARGETS_H

#include "err.h"
#include "tries.h"

#define TARGETS_SOCKETS 6

struct targets {
	struct try_targets t;         /* what the attempts see; what the sandbox is meant to have is left to the caller */
	int sockets[TARGETS_SOCKETS]; /* listeners; owned */
	pid_t victim;                 /* our child; owned */
	size_t hits_size;
};

/* Whether a port may be used as a target: not one that the policy grants. LISTEN: for serving it, else for reaching it. */
typedef int targets_port_ok(const void *arg, int listen, uint16_t port);

/*
 * Make everything in a new directory below BASE, owned by UID and GID (another user than ourselves needs root). What this
 * machine does not have (a System V key, IPv6) is left out; what every attempt relies on is an error. PORT_OK may be NULL.
 * Returns 0, or a negative errno with ERR set and nothing left behind.
 */
int targets_make(const char *base, uid_t uid, gid_t gid, targets_port_ok *port_ok, const void *arg, struct targets *targets,
		 struct err *err);

/* Undo it all, whatever attempts have left there as well. */
void targets_drop(struct targets *targets);

#endif

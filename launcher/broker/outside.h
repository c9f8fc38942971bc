/*
 * outside.h: the door for a person outside: `endow list`, `endow grant`, `endow revoke`. Who may come in: the same user, or
 * root, and nobody who is in the sandbox.
 */
#ifndef ENDOW_OUTSIDE_H
#define ENDOW_OUTSIDE_H

#include <poll.h>
#include <sys/types.h>

#include "err.h"

#define OUTSIDE_PEERS 4
#define OUTSIDE_POLL_MAX (1 + OUTSIDE_PEERS)
#define OUTSIDE_GRANTS 64 /* things that can be granted from outside in one run */

struct plan;

/*
 * Make the socket, named after the process that people know, in /run/endow for root, in $XDG_RUNTIME_DIR/endow for a user, or else in
 * /tmp/endow-UID: before a view is entered, in which it could not be made. Where there is no place for it nobody can come in,
 * and nothing else is different.
 */
void outside_open(pid_t known_as);

/* Look at what may never be granted for writing: before a view is entered, in which it can be out of sight. */
int outside_guard(const struct plan *plan, struct err *err);

/* As broker_watch() and broker_serve(). A program whose processes are isolated is inside by having a number at all. */
size_t outside_watch(struct pollfd fds[OUTSIDE_POLL_MAX]);
void outside_serve(const struct pollfd *fds, size_t count, const struct plan *plan, pid_t program);

/* Take the socket away. */
void outside_close(void);

/* The folder that it is in, or -1: for who may have to take it away when all else is closed. */
int outside_folder(void);

/* Is PID, as this process knows it, surely a process of the sandbox, or this one? */
int outside_is_below(const struct plan *plan, pid_t pid);

#endif

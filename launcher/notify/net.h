/*
 * net.h: sockets. What the filter hands over of connecting, sending, binding and listening is done here on a duplicate of the
 * program's own socket, with an address that was copied once and judged; nothing of it ever goes on by itself, except where the
 * policy brokers no sockets and only wants to be told.
 */
#ifndef ENDOW_NET_H
#define ENDOW_NET_H

#include <poll.h>
#include <stddef.h>

#include "call.h"
#include "err.h"

#define NET_POLL_MAX 80u

struct plan;

/* Before the program starts, in its namespaces: the responder's sockets, and the names that it will listen on. Returns 0 or a
 * negative errno with ERR. Nothing where the policy has no peers. */
int net_prepare(const struct plan *plan, struct err *err);

/* connect, bind, listen, sendto, sendmsg. The call's result, a negative errno, CALL_LATER, or CALL_GO_ON (see above). */
int net_call(const struct call *c);

/* What to poll, and for how many ms at most (*WAIT is -1, or less than it was). Returns how many of FDS were filled in. */
size_t net_watch(struct pollfd fds[NET_POLL_MAX], int *wait);
void net_serve(const struct pollfd *fds, size_t count);

/* The program has ended. */
void net_end(void);

#endif

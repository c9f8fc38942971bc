/*
 * notify.h: calls that the filter hands to the supervisor (SECCOMP_RET_USER_NOTIF), made for a program that knows nothing of
 * the broker. It decides nothing that the kernel would not refuse by itself: what is granted is injected, done on the program's
 * own socket, or goes on to Landlock (CONTINUE).
 */
#ifndef ENDOW_NOTIFY_H
#define ENDOW_NOTIFY_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

#define NOTIFY_POLL_MAX 96u

struct plan;

/* Before the program starts: 0, or a negative errno with ERR. Nothing where the filter hands over nothing. */
int notify_prepare(const struct plan *plan, struct err *err);

/* The program runs as PID and LISTENER (taken over, CLOEXEC) is its filter's. */
void notify_begin(int listener, pid_t pid);

/* As broker_watch() and broker_serve(). */
size_t notify_watch(struct pollfd fds[NOTIFY_POLL_MAX], int *wait);
void notify_serve(const struct pollfd *fds, size_t count);

/* The program has ended: what waits is closed. */
void notify_end(void);

#endif

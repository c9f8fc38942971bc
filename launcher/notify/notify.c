#include "notify.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "broker/server.h"
#include "call.h"
#include "hear.h"
#include "kernel.h"
#include "lend.h"
#include "net.h"
#include "owned.h"
#include "paths.h"
#include "plan.h"
#include "taint.h"

#define BURST 64 /* calls, before others are served */
#define CROWD 16 /* turns in which more than one are looked for, after there were more; and how often to look */

static struct {
	const struct plan *plan;
	int listener;
	unsigned int crowd, turns;
} heard = {.listener = -1};

int hear_listener(void)
{
	return heard.listener;
}

const struct plan *hear_plan(void)
{
	return heard.plan;
}

static const struct row {
	int nr;
	int (*handle)(const struct call *c);
} rows[] = {
    {SYS_openat, paths_open},
    {SYS_unlinkat, paths_change},
    {SYS_mkdirat, paths_change},
    {SYS_renameat2, paths_change},
    {SYS_linkat, paths_change},
    {SYS_symlinkat, paths_change},
    {SYS_truncate, paths_change},
#ifdef SYS_open
    {SYS_open, paths_open},
    {SYS_creat, paths_open},
    {SYS_unlink, paths_change},
    {SYS_rmdir, paths_change},
    {SYS_mkdir, paths_change},
    {SYS_rename, paths_change},
    {SYS_link, paths_change},
    {SYS_symlink, paths_change},
#endif
#ifdef SYS_renameat
    {SYS_renameat, paths_change},
#endif
    {SYS_execve, paths_execve},
    {SYS_connect, net_call},
    {SYS_bind, net_call},
    {SYS_listen, net_call},
    {SYS_sendto, net_call},
    {SYS_sendmsg, net_call},
    {SYS_landlock_restrict_self, taint_confines},
    {SYS_prctl, taint_adopts},
};

/* For a caller that has confined itself further Landlock is left to judge paths; whom it wanted to reach is not known. */
static int handle_confined(const struct row *row, const struct call *c)
{
	if (row->handle == taint_confines || c->nr == SYS_sendto || c->nr == SYS_sendmsg)
		return row->handle(c);
	return row->handle == net_call ? -EACCES : CALL_GO_ON;
}

/* What the filter hands over and no row knows is refused: to let it go on would be to allow it. */
int hear_handle(const struct call *c)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].nr == c->nr)
			return taint_is(c) ? handle_confined(&rows[i], c) : rows[i].handle(c);
	return -ENOSYS;
}

void hear_answer(const struct call *c, int rc)
{
	if (rc == CALL_GO_ON)
		call_go_on(c);
	else if (rc != CALL_LATER)
		call_answer(c, rc);
}

/* 0: one was served, or is gone; else there is nobody left. */
static int receive(void)
{
	union {
		struct k_seccomp_notif call;
		char room[256];
	} buffer;

	memset(&buffer, 0, sizeof buffer);
	if (ioctl(heard.listener, (int)K_SECCOMP_IOCTL_RECV, &buffer) < 0)
		return errno == ENOENT || errno == EINTR ? 0 : -errno;
	struct call c = {
	    .id = buffer.call.id,
	    .tid = (pid_t)buffer.call.pid,
	    .nr = buffer.call.data.nr,
	};
	memcpy(c.args, buffer.call.data.args, sizeof c.args);
	hear_answer(&c, hear_handle(&c));
	return 0;
}

int notify_prepare(const struct plan *plan, struct err *err)
{
	struct k_seccomp_sizes sizes;

	heard.plan = plan;
	lend_prepare(plan);
	if (!plan->filter_flags)
		return 0;
	const int rc = net_prepare(plan, err);
	if (rc < 0)
		return rc;
	if (syscall(SYS_seccomp, K_SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return err_set(err, errno, "this kernel hands no system calls to a supervisor (seccomp notifications): %s",
			       err_words(errno));
	if (sizes.notif > 256 || sizes.answer > sizeof(struct k_seccomp_answer))
		return err_set(err, ENOTSUP, "this kernel's seccomp notifications are larger than this version knows");
	return 0;
}

void notify_begin(int listener, pid_t pid)
{
	heard.listener = listener;
	taint_begin(pid);
	server_serve_paths();
}

size_t notify_watch(struct pollfd fds[NOTIFY_POLL_MAX], int *wait)
{
	if (heard.listener < 0)
		return 0;
	fds[0] = (struct pollfd){.fd = heard.listener, .events = POLLIN};
	return 1 + net_watch(fds + 1, wait);
}

void notify_serve(const struct pollfd *fds, size_t count)
{
	struct pollfd one = {.fd = heard.listener, .events = POLLIN};

	if (count > 1)
		net_serve(fds + 1, count - 1);
	if (count == 0 || !fds[0].revents)
		return;
	one.revents = fds[0].revents;
	/* Receiving would wait for the next one: it is asked before whether there is one. One caller alone has none. */
	for (int i = 0; i < BURST && one.revents & POLLIN; i++) {
		if (receive() < 0) {
			one.revents = POLLHUP;
		} else if (heard.crowd > 0) {
			if (poll(&one, 1, 0) < 0)
				one.revents = 0;
			heard.crowd = one.revents & POLLIN ? CROWD : heard.crowd - 1;
		} else {
			one.revents = 0;
		}
	}
	heard.turns++;
	if (heard.turns % CROWD == 0)
		heard.crowd = heard.crowd ? heard.crowd : 1;
	if (one.revents & (POLLHUP | POLLERR | POLLNVAL) && !(one.revents & POLLIN))
		notify_end();
}

void notify_end(void)
{
	net_end();
	owned_close(&heard.listener);
	heard.listener = -1;
}

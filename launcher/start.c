#include "start.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "enter.h"
#include "kernel.h"
#include "owned.h"
#include "say.h"

/* What the child's last steps came to. The memory is shared until it executes the program, so no pipe is needed. */
struct steps {
	struct plan *plan;
	struct err *err;
	volatile int failed;
	int channel; /* the child's end, where the parent has to hear of its filter; or -1 */
};

_Alignas(16) static char stack[256 * 1024];

static int child(void *arg)
{
	struct steps *s = arg;

	if (enter(s->plan, s->err) < 0)
		s->failed = SAY_REFUSED;
	else
		s->failed = enter_exec(s->plan, s->err);
	_exit(s->failed);
}

/*
 * Its filter hands calls over from the moment that it stands, and nobody answers before the parent has the listener: so nothing
 * may be called here between the two that the filter could hand over. The channel is closed by the execution.
 */
static int heard_child(void *arg)
{
	struct steps *s = arg;
	char byte = 0;

	if (enter_keeping(s->plan, s->channel, s->err) < 0)
		_exit(s->failed = SAY_REFUSED);
	if (write(s->channel, &byte, 1) != 1 || read(s->channel, &byte, 1) != 1)
		_exit(SAY_REFUSED); /* the parent has said why, or is gone */
	if (s->plan->listener >= 0)
		close(s->plan->listener); /* a program that held it could answer itself */
	s->failed = enter_exec(s->plan, s->err);
	_exit(s->failed);
}

static int fetch_listener(pid_t pid, int number, struct err *err)
{
	OWNED_FD int process = (int)syscall(SYS_pidfd_open, pid, 0);
	OWNED_FD int listener = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, number, 0);

	if (listener < 0)
		return err_set(err, errno,
			       "the program's process can't be looked into: %s (what forbids ptrace(2) forbids this: "
			       "kernel.yama.ptrace_scope, a filter around this one)",
			       err_words(errno));
	return take_fd(&listener); /* CLOEXEC: pidfd_getfd(2) */
}

/* The execution itself can be among what is handed over. What comes after it closed the channel before, and waits. */
static void await_execution(int channel, int listener)
{
	struct pollfd fds[2] = {{.fd = channel, .events = POLLIN}, {.fd = listener, .events = POLLIN}};

	for (;;) {
		struct k_seccomp_notif call = {0};
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents || poll(fds, 1, 0) != 0 || fds[1].revents & (POLLHUP | POLLERR))
			return;
		if (ioctl(listener, (int)K_SECCOMP_IOCTL_RECV, &call) < 0)
			continue;
		const struct k_seccomp_answer go_on = {.id = call.id, .flags = K_SECCOMP_CONTINUE};
		ioctl(listener, (int)K_SECCOMP_IOCTL_SEND, &go_on);
	}
}

/* Parent and child take turns, since they share memory, errno too: one of them always waits for the other. */
static int meet(struct steps *s, int channel, struct started *started, struct err *err)
{
	char byte;

	/* It ended on its way, and has said why. */
	if (read(channel, &byte, 1) != 1)
		return 0;
	if (s->plan->listener >= 0) {
		started->listener = fetch_listener(started->pid, s->plan->listener, err);
		if (started->listener < 0)
			return started->listener;
	}
	if (write(channel, &byte, 1) == 1)
		await_execution(channel, started->listener);
	return 0;
}

static int start_heard(struct plan *plan, struct started *started, struct err *err)
{
	struct steps s = {.plan = plan, .err = err};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_set(err, errno, "no channel to the program's process: %s", err_words(errno));
	OWNED_FD int ours = ends[0];
	OWNED_FD int low = ends[1];
	OWNED_FD int theirs =
	    fcntl(low, F_DUPFD_CLOEXEC, PLAN_FD_MAX); /* out of the way of the numbers that the policy places */
	if (theirs < 0)
		return err_set(err, errno, "no descriptor left: %s", err_words(errno));
	s.channel = theirs;
	started->pid = clone(heard_child, stack + sizeof stack, CLONE_VM | SIGCHLD, &s);
	if (started->pid < 0)
		return err_set(err, errno, "can't start a process for the program: %s", err_words(errno));
	close(take_fd(&theirs));
	close(take_fd(&low));
	int rc = meet(&s, ours, started, err);
	if (rc < 0) {
		kill(started->pid, SIGKILL);
		while (waitpid(started->pid, NULL, 0) < 0 && errno == EINTR)
			;
		return rc;
	}
	started->failed = s.failed;
	return 0;
}

/* CLONE_VFORK: the parent waits until the child has executed or ended, so the two never run in the same memory at once. */
int start(struct plan *plan, struct started *started, struct err *err)
{
	struct steps s = {.plan = plan, .err = err, .channel = -1};

	if (plan->filter_flags)
		return start_heard(plan, started, err);
	started->pid = clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &s);
	if (started->pid < 0)
		return err_set(err, errno, "can't start a process for the program: %s", err_words(errno));
	started->failed = s.failed;
	return 0;
}

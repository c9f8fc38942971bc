#include "begin.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "image.h"
#include "kernel.h"
#include "need.h"
#include "owned.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1ul << 5)
#endif

_Static_assert(sizeof(struct sock_filter) == sizeof(struct image_insn), "an image's instruction is the kernel's");

/* With a notification on its way a signal must not cancel the call, or the program sees EINTR where none would have been. */
static int install(struct image_insn *prog, uint32_t count)
{
	const struct k_sock_fprog program = {.len = (unsigned short)count, .filter = prog};

	for (uint32_t i = 0; i < count; i++)
		if (prog[i].k == FILTER_SELF)
			prog[i].k = (uint32_t)getpid();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
	return fd < 0 ? -errno : fd;
}

/*
 * What lies between the filter and the program. Nothing may be called here that the filter notifies of, but execve itself:
 * nobody would answer. That is why the parent fetches the listener, which to send would take sendmsg.
 */
static _Noreturn void become(const struct begin *how, struct image_insn *prog, uint32_t count, int channel, pid_t parent)
{
	/* Without the observer every observed call would fail: a program that half works is worse than none. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
		_exit(125);
	const int listener = install(prog, count);
	int said = listener;

	if (write(channel, &said, sizeof said) != sizeof said || listener < 0 ||
	    read(channel, &said, sizeof said) != sizeof said)
		_exit(125);
	close(listener); /* a program that held its own listener could answer itself */
	if (how->sigchld_ignored)
		signal(SIGCHLD, SIG_IGN);
	sigprocmask(SIG_SETMASK, &how->mask, NULL);
	execve(how->path, how->argv, environ);
	said = errno;
	(void)!write(channel, &said, sizeof said);
	_exit(125);
}

static int explain(int code, struct err *err)
{
	switch (code) {
	case EBUSY:
		return err_set(
		    err, EBUSY,
		    "this runs inside another observer (a seccomp listener: another endow learn, or a sandbox that supervises "
		    "by one), and the kernel has room for one only (EBUSY): learn outside of it");
	case EINVAL:
		return err_set(err, EINVAL,
			       "this kernel can't observe without disturbing: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV came with "
			       "Linux 5.19");
	default: return err_set(err, code, "the kernel refuses the observer's filter: %s", err_words(code));
	}
}

static int fetch_listener(pid_t pid, int channel, struct err *err)
{
	int said = 0;

	if (read(channel, &said, sizeof said) != sizeof said)
		return err_set(err, EPIPE, "the program's process ended before it was started");
	if (said < 0)
		return explain(-said, err);
	OWNED_FD int process = (int)syscall(SYS_pidfd_open, pid, 0);
	OWNED_FD int listener = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, said, 0);
	if (listener < 0)
		return err_set(err, errno,
			       "the program can't be looked into: %s (what forbids ptrace(2) forbids this: "
			       "kernel.yama.ptrace_scope, a filter)",
			       err_words(errno));
	/* It came with FD_CLOEXEC, as pidfd_getfd(2) says. */
	if (write(channel, &said, sizeof said) != sizeof said)
		return err_set(err, errno, "the program's process ended before it was started");
	return take_fd(&listener);
}

int begin(const struct begin *how, struct begun *begun, struct err *err)
{
	struct image_insn *OWNED prog = NULL;
	uint32_t count = 0;
	const pid_t self = getpid();
	int ends[2];
	int rc = need_filter(&prog, &count, err);

	if (rc < 0)
		return rc;
	/* Packets: what the one end says is what the other reads. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_set(err, errno, "no channel to the program's process: %s", err_words(errno));
	OWNED_FD int channel = ends[0];
	begun->pid = fork();
	if (begun->pid == 0) {
		close(ends[0]);
		become(how, prog, count, ends[1], self);
	}
	close(ends[1]);
	if (begun->pid < 0)
		return err_set(err, errno, "can't start a process for the program: %s", err_words(errno));
	begun->listener = fetch_listener(begun->pid, channel, err);
	if (begun->listener < 0) {
		kill(begun->pid, SIGKILL);
		waitpid(begun->pid, NULL, 0);
		return begun->listener;
	}
	begun->result = take_fd(&channel);
	return 0;
}

#include "attend.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "owned.h"

#define LAST_WORDS 200 /* ms for what outlives the program by a moment: the rest of a pipeline */

int attend_hold(sigset_t *before, struct err *err)
{
	/* Faults of our own are our own; SIGKILL and SIGSTOP can't be held. */
	static const int ours[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU};
	sigset_t mask;

	sigfillset(&mask);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		sigdelset(&mask, ours[i]);
	sigprocmask(SIG_BLOCK, &mask, before);
	/* So that what the program leaves behind stays below this process, which may look into it. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_set(err, errno, "can't stay beside the program: %s", err_words(errno));
	int fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_set(err, errno, "can't stay beside the program: %s", err_words(errno)) : fd;
}

/* The program has stopped: stop as well, so that the shell sees it; once continued, let it go on. */
static void stop_with(pid_t pid, int sig)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	const struct timespec now = {0};
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, sig);
	if (sig != SIGSTOP) {
		/* The terminal's own may still be pending here: taken away, or this process would stop twice. */
		sigtimedwait(&one, NULL, &now);
		sigaction(sig, &by_default, NULL);
	}
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	sigprocmask(SIG_BLOCK, &one, NULL);
	kill(pid, SIGCONT);
}

/* Reap whoever has ended. Returns 1 with the program's STATUS when it was among them. */
static int reap(pid_t pid, int *status)
{
	int s, ended = 0;
	pid_t who;

	while ((who = waitpid(-1, &s, WNOHANG | WUNTRACED)) > 0) {
		if (who == pid && WIFSTOPPED(s))
			stop_with(pid, WSTOPSIG(s));
		else if (who == pid) {
			*status = s;
			ended = 1;
		}
	}
	return ended;
}

/* The terminal sends its own signals to the whole process group: those the program has got already. */
static void pass_on(int signals, pid_t pid)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGCONT && info.ssi_code != SI_KERNEL)
			kill(pid, (int)info.ssi_signo);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A moment for what is ending anyway. The listener hangs up when nobody with the filter is left. */
static void attend_rest(struct observer *o)
{
	const int64_t until = now_ms() + LAST_WORDS;
	struct pollfd fd = {.fd = o->listener, .events = POLLIN};

	for (int64_t left = LAST_WORDS; left > 0; left = until - now_ms()) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (poll(&fd, 1, (int)(left < 20 ? left : 20)) < 0 || fd.revents & (POLLHUP | POLLERR))
			return;
		if (fd.revents & POLLIN)
			(void)observe(o);
	}
}

int attend(struct observer *o, const struct begun *begun, int signals)
{
	struct pollfd fds[2] = {{.fd = begun->listener, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	int status = 0;

	while (!reap(begun->pid, &status)) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents & POLLIN)
			(void)observe(o); /* one that can't be had is of a caller that was killed */
		else if (fds[0].revents & (POLLHUP | POLLERR))
			fds[0].fd = -1; /* nobody is left to notify; the end is told by SIGCHLD */
		if (fds[1].revents & POLLIN)
			pass_on(signals, begun->pid);
	}
	attend_rest(o);
	return status;
}

size_t attend_left(pid_t *pids, size_t max)
{
	char path[64], text[4096];
	size_t count = 0;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	for (char *p = text, *end; strtol(p, &end, 10) > 0 && end != p; p = end, count++)
		if (count < max)
			pids[count] = (pid_t)strtol(p, NULL, 10);
	return count;
}

void attend_die(int sig)
{
	const struct rlimit none = {0};
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t one;

	/* No core of this process beside the program's. */
	setrlimit(RLIMIT_CORE, &none);
	sigaction(sig, &by_default, NULL);
	sigemptyset(&one);
	sigaddset(&one, sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	raise(sig);
	_exit(128 + sig);
}

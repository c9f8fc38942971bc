#include "supervise.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "enter.h"
#include "made.h"
#include "owned.h"
#include "say.h"

#define STRAY_ROUNDS 1000

/* What the child's last steps came to. The memory is shared until it executes the program, so no pipe is needed. */
struct start {
	struct plan *plan;
	struct err *err;
	volatile int failed; /* exit status when the program did not start; 0 when it did */
};

static int child(void *arg)
{
	struct start *s = arg;

	if (enter(s->plan, s->err) < 0)
		s->failed = SAY_REFUSED;
	else
		s->failed = enter_exec(s->plan, s->err);
	_exit(s->failed);
}

/* CLONE_VFORK: the parent waits until the child has executed or ended, so the two never run in the same memory at once. */
static pid_t start(struct plan *plan, volatile int *failed, struct err *err)
{
	_Alignas(16) static char stack[256 * 1024];
	struct start s = {.plan = plan, .err = err};
	pid_t pid = clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &s);

	if (pid < 0)
		err_set(err, errno, "can't start a process for the program: %s", err_words(errno));
	*failed = s.failed;
	return pid;
}

/*
 * Signals that are for the program. The terminal sends its own to the whole process group: those the program has got already, unless it
 * is in a session of its own, where the terminal does not reach it.
 */
static int passes(const struct signalfd_siginfo *info, int own_session)
{
	return info->ssi_code != SI_KERNEL || own_session;
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
static int reap(const struct plan *plan, pid_t pid, int *status)
{
	int s, ended = 0;
	pid_t who;

	while ((who = waitpid(-1, &s, WNOHANG | WUNTRACED)) > 0) {
		if (who != pid)
			continue;
		if (WIFSTOPPED(s)) {
			/* Who counts the seconds must not be stopped by whose seconds are counted: there a stop does not last. */
			if (plan->wall)
				kill(pid, SIGCONT);
			else
				stop_with(pid, WSTOPSIG(s));
			continue;
		}
		*status = s;
		ended = 1;
	}
	return ended;
}

/* Returns how many there were. */
static size_t kill_children(void)
{
	char path[64], text[4096 + 1];
	size_t count = 0, kept = 0;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	for (;;) {
		ssize_t n = read(fd, text + kept, sizeof text - 1 - kept);
		if (n <= 0)
			return count;
		text[kept + (size_t)n] = '\0';
		/* A number that the end of the buffer cuts in two waits for its other half: each has a blank behind it. */
		char *end = text, *blank;
		for (; (blank = strchr(end, ' ')) != NULL; end = blank + 1, count++)
			kill((pid_t)strtol(end, NULL, 10), SIGKILL);
		kept = strlen(end);
		memmove(text, end, kept);
	}
}

/*
 * Being their reaper, this process inherits what the program left behind, and what that leaves in turn: end it all, generation by
 * generation. Bounded, since a tree that grows as fast as it is cut would hold the launcher for ever.
 */
static void end_strays(void)
{
	for (int round = 0; round < STRAY_ROUNDS; round++) {
		kill_children();
		/* One at least, or there is none; then all that have ended since. */
		while (waitpid(-1, NULL, 0) < 0)
			if (errno != EINTR)
				return;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static int watch_signals(sigset_t *mask)
{
	sigfillset(mask);
	/* Faults of our own are our own; SIGKILL and SIGSTOP can't be held. */
	const int ours[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		sigdelset(mask, ours[i]);
	sigprocmask(SIG_BLOCK, mask, NULL);
	return signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int start_timer(uint64_t seconds)
{
	const struct itimerspec when = {.it_value.tv_sec = (time_t)seconds};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 && timerfd_settime(fd, 0, &when, NULL) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Until the program has ended. Returns its wait status. */
static int serve(const struct plan *plan, pid_t pid, int signals, int timer)
{
	struct pollfd fds[2] = {{.fd = signals, .events = POLLIN}, {.fd = timer, .events = POLLIN}};
	struct signalfd_siginfo info;
	const int own_session = (plan->policy->image.h->flags & IMAGE_SESSION_NEW) != 0;
	int status = 0;

	for (;;) {
		if (reap(plan, pid, &status))
			return status;
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			continue;
		while (read(signals, &info, sizeof info) == sizeof info)
			if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGCONT && passes(&info, own_session))
				kill(pid, (int)info.ssi_signo);
		uint64_t times;
		if (timer >= 0 && read(timer, &times, sizeof times) == sizeof times) {
			struct err err;
			err_set(&err, ETIME, "the program is ended: it ran for %llu s, as long as 'limit wall' allows",
				(unsigned long long)plan->wall);
			say_error(&err);
			kill(pid, SIGKILL);
		}
	}
}

/* Die as the program died. No core of this process, which knows more than the program did. */
static _Noreturn void die_of(int sig)
{
	const struct rlimit none = {0};
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t one;

	setrlimit(RLIMIT_CORE, &none);
	sigaction(sig, &by_default, NULL);
	sigemptyset(&one);
	sigaddset(&one, sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	raise(sig);
	_exit(128 + sig);
}

int supervise(struct plan *plan, struct err *err)
{
	sigset_t mask, before;
	volatile int failed = 0;

	sigprocmask(SIG_SETMASK, NULL, &before);
	/* Held from before the start, so that none is lost between; enter() clears the mask for the program. */
	OWNED_FD int signals = watch_signals(&mask);
	OWNED_FD int timer = plan->wall ? start_timer(plan->wall) : -1;
	if (signals < 0 || (plan->wall && timer < 0) || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
		err_set(err, errno, "can't supervise the program: %s", err_words(errno));
		made_settle(plan);
		return SAY_REFUSED;
	}
	plan->supervisor = getpid();
	pid_t pid = start(plan, &failed, err);
	if (pid < 0) {
		made_settle(plan);
		return SAY_REFUSED;
	}
	int status = serve(plan, pid, signals, timer);
	end_strays();
	made_settle(plan);
	if (failed)
		return failed;
	if (WIFSIGNALED(status))
		die_of(WTERMSIG(status));
	return WEXITSTATUS(status);
}

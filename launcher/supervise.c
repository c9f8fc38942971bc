#include "supervise.h"

#include <fcntl.h>
#include <limits.h>
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

#include "broker/outside.h"
#include "broker/server.h"
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
 * Signals that are for the program. The terminal sends its own to the whole process group: those the program has got already,
 * unless it is in a session of its own, where the terminal does not reach it.
 */
static int passes(const struct signalfd_siginfo *info, int own_session)
{
	return info->ssi_code != SI_KERNEL || own_session;
}

/*
 * With processes of its own there are two of us: the namespace's first process, the program's parent, and one outside that
 * waits for it. No signal makes a namespace's first process stop or die as the program did, so it tells the other, through this
 * pipe.
 */
enum news_kind { NEWS_HERE, NEWS_STOPPED, NEWS_ENDED };

struct news {
	int32_t kind;
	int32_t value; /* NEWS_STOPPED: the signal; NEWS_ENDED: the wait status */
};
_Static_assert(sizeof(struct news) <= PIPE_BUF, "written at once or not at all");

static int outside = -1; /* the first process's end */

static int tell(enum news_kind kind, int value)
{
	const struct news news = {.kind = kind, .value = value};

	return write(outside, &news, sizeof news) == sizeof news ? 0 : -EPIPE;
}

/* The program has stopped: stop as well, so that the shell sees it; once continued, let it go on. */
static void stop_with(pid_t pid, int sig)
{
	if (outside >= 0) {
		(void)tell(NEWS_STOPPED, sig); /* SIGCONT comes from there */
		return;
	}
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
			/* Who counts the seconds must not be stopped by whose seconds are counted: there a stop does not last.
			 */
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

/* All but SPARED. Returns how many there were. */
static size_t kill_children(pid_t spared)
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
			if ((pid_t)strtol(end, NULL, 10) != spared)
				kill((pid_t)strtol(end, NULL, 10), SIGKILL);
		kept = strlen(end);
		memmove(text, end, kept);
	}
}

/*
 * Being their reaper, this process inherits what the program left behind, and what that leaves in turn: end it all, generation
 * by generation. Bounded, since a tree that grows as fast as it is cut would hold the launcher for ever.
 */
static void end_strays(pid_t sweeper)
{
	for (int round = 0; round < STRAY_ROUNDS; round++) {
		kill_children(sweeper);
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
	static struct pollfd fds[2 + BROKER_POLL_MAX + OUTSIDE_POLL_MAX];
	struct signalfd_siginfo info;
	const int own_session = (plan->policy->image.h->flags & IMAGE_SESSION_NEW) != 0;
	int status = 0;

	fds[0] = (struct pollfd){.fd = signals, .events = POLLIN, .revents = POLLIN};
	fds[1] = (struct pollfd){.fd = timer, .events = POLLIN};
	for (;;) {
		int wait = -1;
		/* A child that has ended has sent a signal: without one there is none to look for. */
		if (fds[0].revents && reap(plan, pid, &status))
			return status;
		const size_t served = broker_watch(fds + 2, &wait), asked = outside_watch(fds + 2 + served);
		fds[0].revents = fds[1].revents = 0;
		if (poll(fds, 2 + served + asked, wait) < 0 && errno != EINTR)
			continue;
		while (fds[0].revents && read(signals, &info, sizeof info) == sizeof info)
			if (info.ssi_signo != SIGCHLD && (info.ssi_signo != SIGCONT || outside >= 0) &&
			    passes(&info, own_session))
				kill(pid, (int)info.ssi_signo);
		uint64_t times;
		if (fds[1].revents && read(timer, &times, sizeof times) == sizeof times) {
			struct err err;
			err_set(&err, ETIME, "the program is ended: it ran for %llu s, as long as 'limit wall' allows",
				(unsigned long long)plan->wall);
			say_error(&err);
			kill(pid, SIGKILL);
		}
		broker_serve(fds + 2, served);
		outside_serve(fds + 2 + served, asked, plan, pid);
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

static int end_as(int status)
{
	if (WIFSIGNALED(status))
		die_of(WTERMSIG(status));
	return WEXITSTATUS(status);
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
	broker_started(plan, pid);
	int status = serve(plan, pid, signals, timer);
	broker_stop();
	end_strays(plan->scratch.sweeper);
	made_settle(plan);
	if (scratch_end(&plan->scratch, err) < 0)
		say_error(err);
	if (failed)
		return failed;
	if (outside >= 0) {
		(void)tell(NEWS_ENDED, status);
		return 0;
	}
	return end_as(status);
}

/* Of those that the first process was sent by the terminal it knows itself; all others are for it to pass on. */
static int attend(pid_t pid, int signals, int pipe)
{
	struct pollfd fds[2] = {{.fd = signals, .events = POLLIN}, {.fd = pipe, .events = POLLIN}};
	struct signalfd_siginfo info;
	struct news news;
	int status = 0, ended = 0;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			continue;
		while (read(signals, &info, sizeof info) == sizeof info)
			if (info.ssi_signo != SIGCHLD && passes(&info, 0))
				kill(pid, (int)info.ssi_signo);
		while (read(pipe, &news, sizeof news) == sizeof news) {
			if (news.kind == NEWS_STOPPED)
				stop_with(pid, news.value);
			ended |= news.kind == NEWS_ENDED;
			status = news.kind == NEWS_ENDED ? news.value : status;
		}
		int own = 0;
		if (waitpid(pid, &own, WNOHANG) == pid)
			return ended ? status : own;
	}
}

int supervise_apart(struct plan *plan, struct err *err)
{
	sigset_t mask;
	int ends[2];
	OWNED_FD int signals = watch_signals(&mask);

	if (signals < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(err, errno, "processes of its own: %s", err_words(errno));
	pid_t pid = fork();
	if (pid < 0)
		return err_set(err, errno, "processes of its own: %s", err_words(errno));
	if (pid > 0) {
		close(ends[1]);
		int status = attend(pid, signals, ends[0]);
		outside_close();
		if (scratch_end(&plan->scratch, err) < 0)
			say_error(err);
		exit(end_as(status));
	}
	close(ends[0]);
	/* Nothing but the launcher's own work is inherited: what the program had been sent is still the other's. */
	outside = fcntl(ends[1], F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	close(ends[1]);
	if (outside < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || tell(NEWS_HERE, 0) < 0)
		return err_set(err, errno, "processes of its own: can't be bound to the process outside: %s", err_words(errno));
	return 0;
}

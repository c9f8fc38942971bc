#include "pair.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/asking.h"
#include "broker/outside.h"
#include "kernel.h"
#include "made.h"
#include "owned.h"
#include "relay.h"
#include "say.h"
#include "strays.h"

#define ASKER_END_MS 3000

static struct {
	int parted;
	int socket, signals; /* this side's; owned */
	pid_t outer, group;  /* the outer and its process group */
	int in_group;
	char *words, *words_end; /* borrowed */
	pid_t inner;             /* in the outer */
	int asleep, gone;        /* in the outer: the inner was stopped; it was waited for */
	int status, ended;       /* in the outer: what the inner said */
} pair = {.socket = -1, .signals = -1};

int pair_socket(void)
{
	return pair.socket;
}

int pair_signals(void)
{
	return pair.signals;
}

int pair_in_group(void)
{
	return pair.in_group;
}

pid_t pair_group(void)
{
	return pair.group;
}

void pair_words(char *first, char *end)
{
	pair.words = first;
	pair.words_end = end;
}

static int send_word(enum pair_kind kind, int value, int flags)
{
	const struct pair_word word = {.kind = (int32_t)kind, .value = value};
	ssize_t n;

	do
		n = send(pair.socket, &word, sizeof word, flags | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* The outer -----------------------------------------------------------------------------------------------------------------
 */

/* Never waited for: an inner that takes nothing any more must not keep the outer from seeing its end. */
static void tell_inner(enum pair_kind kind, int value)
{
	(void)send_word(kind, value, MSG_DONTWAIT);
}

/* Stop as the program has, so that a shell sees it. */
static void stop_by(int sig)
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
	tell_inner(PAIR_GO_ON, sig);
}

/* Whoever has ended. Returns 1 when the inner has. */
static int reap(void)
{
	int s;
	pid_t who;

	while ((who = waitpid(-1, &s, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (who != pair.inner)
			continue;
		pair.asleep = WIFSTOPPED(s);
		if (WIFSTOPPED(s) || WIFCONTINUED(s))
			continue;
		pair.gone = 1;
		if (!pair.ended)
			pair.status = s;
	}
	return pair.gone;
}

static void hear(void)
{
	struct signalfd_siginfo info;

	while (read(pair.signals, &info, sizeof info) == sizeof info) {
		/* For a read or a write at the terminal the whole group is stopped: what the program does about it is told. */
		if (info.ssi_signo == SIGCHLD || info.ssi_signo == SIGTTIN || info.ssi_signo == SIGTTOU)
			continue;
		/* Everything that goes on goes on with it. */
		if (info.ssi_signo == SIGCONT && !reap() && pair.asleep)
			sigqueue(pair.inner, SIGCONT, (union sigval){.sival_int = PAIR_WAKE});
		tell_inner(PAIR_HEARD, (int)info.ssi_signo);
	}
}

/* What the inner says. Returns 1 when there will be no more. */
static int obey(void)
{
	struct pair_word word;

	while (!relay_holds()) {
		ssize_t n = relay_receive(pair.socket, &word);
		if (n == -EAGAIN || n == -EINTR)
			return 0;
		if (n == -ECONNRESET)
			continue; /* it went without having read all that it was told: its own last words come behind that */
		if (n <= 0)
			return 1;
		switch (word.kind) {
		case PAIR_ASKED:
			hear();
			tell_inner(PAIR_ANSWERED, word.value);
			break;
		case PAIR_STOPPED: stop_by(word.value); break;
		case PAIR_ENDED:
			pair.ended = 1;
			pair.status = word.value;
			return 1;
		case PAIR_NOTE: relay_post(); break;
		default: break;
		}
	}
	return 0;
}

/* Until the inner has ended. */
static void attend(void)
{
	int over = 0;

	while (!over) {
		const int holds = relay_holds();
		struct pollfd fds[2] = {
		    {.fd = pair.signals, .events = POLLIN},
		    {.fd = holds ? relay_post_fd() : pair.socket, .events = holds ? POLLOUT : POLLIN},
		};
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents) {
			hear();
			over = reap();
		}
		if (holds && fds[1].revents)
			relay_post();
		/* Its last words are there when it has ended, and the end of them is the end of it. */
		if (((!holds && fds[1].revents) || over) && obey() && !over) {
			int s = 0;
			while (!pair.gone && waitpid(pair.inner, &s, 0) < 0 && errno == EINTR)
				;
			if (!pair.ended && !pair.gone)
				pair.status = s;
			over = 1;
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

/* A copy here would keep open what the program, the broker or a helper is to see closed. */
static void keep_only(int *fds, size_t count)
{
	unsigned int next = STDERR_FILENO + 1;

	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && fds[k] < fds[k - 1]; k--) {
			const int lower = fds[k];
			fds[k] = fds[k - 1];
			fds[k - 1] = lower;
		}
	for (size_t i = 0; i < count; i++) {
		if (fds[i] < (int)next)
			continue;
		if (fds[i] > (int)next)
			k_close_range(next, (unsigned int)fds[i] - 1);
		next = (unsigned int)fds[i] + 1;
	}
	k_close_range(next, ~0u);
}

static void let_go(const struct plan *plan, int children)
{
	int kept[8 + PLAN_MADE_MAX];
	size_t count = 0;

	kept[count++] = pair.socket;
	kept[count++] = pair.signals;
	kept[count++] = children;
	kept[count++] = plan->scratch.sweeper > 0 ? plan->scratch.alive : -1;
	kept[count++] = outside_folder();
	kept[count++] = relay_folder();
	kept[count++] = relay_post_fd();
	for (size_t i = 0; i < plan->made_count; i++)
		kept[count++] = plan->made[i].dir;
	keep_only(kept, count);
}

/* What asks the person has the terminal to put in order, and sees the inner's end itself. */
static void await_asker(void)
{
	OWNED_FD int asker = asking_process() > 0 ? (int)syscall(SYS_pidfd_open, asking_process(), 0) : -1;
	struct pollfd end = {.fd = asker, .events = POLLIN};

	if (asker >= 0)
		poll(&end, 1, ASKER_END_MS);
}

static _Noreturn void be_outer(struct plan *plan, int children)
{
	struct err err = {""};

	let_go(plan, children);
	attend();
	if (!pair.ended)
		await_asker();
	/* The inner has cleared away behind itself, unless it was killed: then what it had is here. */
	strays_end(children, plan->scratch.sweeper);
	if (!pair.ended) {
		made_settle(plan);
		outside_close();
		relay_close();
	}
	if (scratch_end(&plan->scratch, &err) < 0)
		say_error(&err);
	if (WIFSIGNALED(pair.status))
		die_of(WTERMSIG(pair.status));
	_exit(WEXITSTATUS(pair.status));
}

/* The inner -----------------------------------------------------------------------------------------------------------------
 */

int pair_tell(enum pair_kind kind, int value)
{
	return send_word(kind, value, 0);
}

int pair_listen(struct pair_word *word)
{
	ssize_t n = recv(pair.socket, word, sizeof *word, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return n == sizeof *word ? 1 : -EPIPE;
}

void pair_leave_group(void)
{
	pair.in_group = 0;
	setpgid(0, 0);
}

void pair_rename(void)
{
	const size_t room = (size_t)(pair.words_end - pair.words);
	char name[32];

	prctl(PR_SET_NAME, "supervisor", 0, 0, 0);
	if (room < 2)
		return;
	memset(pair.words, 0, room);
	snprintf(name, sizeof name, "supervisor of %d", (int)pair.outer);
	strncpy(pair.words, name, room - 1);
}

static int be_inner(const struct plan *plan, int early, struct err *err)
{
	if (early) {
		const int signals = fcntl(pair.signals, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
		const int other = fcntl(pair.socket, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
		close(pair.signals);
		close(pair.socket);
		pair.signals = signals;
		pair.socket = other;
	}
	pair.in_group = 1;
	if (plan->policy->image.h->flags & IMAGE_SESSION_NEW)
		pair_leave_group();
	/* Should it be stopped, it wakes to see that the outer is gone. */
	if (pair.signals < 0 || pair.socket < 0 || prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_set(err, errno, "the supervisor can't be set up: %s", err_words(errno));
	return 0;
}

/* Both ----------------------------------------------------------------------------------------------------------------------
 */

static int watch_signals(void)
{
	/* Faults of our own are our own; SIGKILL and SIGSTOP can't be held. */
	static const int ours[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
	sigset_t mask;

	sigfillset(&mask);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		sigdelset(&mask, ours[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

int pair_part(struct plan *plan, int early, struct err *err)
{
	int ends[2] = {-1, -1};

	if (pair.parted)
		return 0;
	/* Held from before there are two, so that none is lost between; enter() clears the mask for the program. */
	pair.signals = watch_signals();
	/* In a process namespace of the inner's own its /proc will be another. */
	const int children = early ? strays_list() : -1;
	if (pair.signals < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_set(err, errno, "can't supervise the program: %s", err_words(errno));
	pair.group = getpgrp();
	pair.outer = getpid();
	pair.parted = 1;
	pair.inner = fork();
	if (pair.inner < 0)
		return err_set(err, errno, "no second process to supervise the program: %s", err_words(errno));
	pair.socket = ends[pair.inner == 0];
	close(ends[pair.inner != 0]);
	if (pair.inner > 0)
		be_outer(plan, children);
	owned_close(&children);
	return be_inner(plan, early, err);
}

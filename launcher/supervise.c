#include "supervise.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker/asking.h"
#include "broker/outside.h"
#include "broker/server.h"
#include "hearing.h"
#include "made.h"
#include "notify/denials.h"
#include "notify/notify.h"
#include "owned.h"
#include "pair.h"
#include "relay.h"
#include "say.h"
#include "start.h"
#include "strays.h"

#define GONE 1 /* of hear_outer(): there is nobody left to end as the program does */
#define LOOKS 3

/* The program, as its signals concern it. */
static struct {
	pid_t pid;
	int stopped; /* and the outer was told */
	struct hearing hearing;
	uint64_t look; /* ms: when to see whether it is in another process group; 0: not any more */
	int looked;
} program;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Stops ------------------------------------------------------------------------------------------------------------------- */

/* It may have been continued since it was seen to stop. */
static void go_on(void)
{
	siginfo_t info = {0};

	if (!program.stopped)
		return;
	if (waitid(P_PID, (id_t)program.pid, &info, WCONTINUED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
		kill(program.pid, SIGCONT);
	program.stopped = 0;
}

static void stopped_by(const struct plan *plan, int sig)
{
	const int at_terminal = sig == SIGTTIN || sig == SIGTTOU;

	if ((at_terminal || sig == SIGSTOP) && asking_now(program.pid))
		return; /* while the person is asked the terminal is not the program's */
	/* Who waits for the seconds to pass must not be stopped by whose seconds they are: there a stop does not last. But at
	 * the terminal it would only stop again. */
	if (plan->wall && !at_terminal) {
		kill(program.pid, SIGCONT);
		return;
	}
	program.stopped = 1;
	(void)pair_tell(PAIR_STOPPED, sig);
}

/* Reap whoever has ended. Returns 1 with the program's STATUS when it was among them. */
static int reap(const struct plan *plan, int *status)
{
	int s, ended = 0;
	pid_t who;

	while ((who = waitpid(-1, &s, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (who != program.pid)
			continue;
		if (WIFSTOPPED(s)) {
			stopped_by(plan, WSTOPSIG(s));
		} else if (WIFCONTINUED(s)) {
			program.stopped = 0;
		} else {
			*status = s;
			ended = 1;
		}
	}
	return ended;
}

/* Signals ----------------------------------------------------------------------------------------------------------------- */

/* What the kernel sends the inner for reasons of its own, and not because somebody at a terminal has pressed a key. */
static int is_own(const struct signalfd_siginfo *info)
{
	static const int terminal[] = {SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGCONT, SIGWINCH};

	if (info->ssi_signo == SIGCHLD || (info->ssi_code == SI_QUEUE && info->ssi_int == PAIR_WAKE))
		return 1;
	for (size_t i = 0; i < sizeof terminal / sizeof *terminal; i++)
		if ((int)info->ssi_signo == terminal[i])
			return 0;
	return info->ssi_code == SI_KERNEL || info->ssi_signo == SIGTTIN || info->ssi_signo == SIGTTOU;
}

/* Returns whether there was one at all. */
static int hear_own(int signals)
{
	struct signalfd_siginfo info;
	int some = 0;

	for (; read(signals, &info, sizeof info) == sizeof info; some = 1)
		if (!is_own(&info))
			hearing_of(&program.hearing, (int)info.ssi_signo, HEARD_BY_INNER, now_ms());
	return some;
}

/* Returns 0, or GONE. */
static int hear_outer(void)
{
	struct pair_word word;
	int rc;

	while ((rc = pair_listen(&word)) > 0) {
		if (word.kind == PAIR_GO_ON || (word.kind == PAIR_HEARD && word.value == SIGCONT && program.stopped))
			go_on();
		else if (word.kind == PAIR_HEARD)
			hearing_of(&program.hearing, word.value, HEARD_BY_OUTER, now_ms());
		else if (word.kind == PAIR_ANSWERED)
			hearing_answered(&program.hearing, word.value, now_ms());
	}
	return rc < 0 ? GONE : 0;
}

/* In a process group of its own the program gets less than the inner hears there: that leaves the group, too. */
static int is_apart(void)
{
	if (pair_in_group() && getpgid(program.pid) != getpgrp())
		pair_leave_group();
	return !pair_in_group();
}

/*
 * What the outer alone has heard is for the program, and was not sent to it; and so is what only the inner has heard, which
 * somebody must have taken for the program. What both have heard the program has heard as well, if it can hear what they do.
 */
static void pass_on(void)
{
	struct heard heard;

	while (hearing_next(&program.hearing, now_ms(), &heard)) {
		if (heard.ask) {
			(void)pair_tell(PAIR_ASKED, heard.sig);
			continue;
		}
		const int was_in_group = pair_in_group();
		if (heard.everybody && (!was_in_group || !is_apart()))
			continue;
		for (uint32_t i = 0; i < heard.times; i++)
			kill(program.pid, heard.sig);
		asking_hurry(heard.sig);
	}
}

/* A few times early on, when daemons leave their group: from then on a signal to that group is known from one to everybody. */
static void look_after_group(void)
{
	const uint64_t now = now_ms();

	if (!program.look || now < program.look)
		return;
	program.look = is_apart() || ++program.looked == LOOKS ? 0 : now + (100u << (2 * program.looked));
}

static int wait_ms(int wait)
{
	const uint64_t now = now_ms();
	const int due = hearing_wait(&program.hearing, now);
	const int look = !program.look ? -1 : program.look <= now ? 0 : (int)(program.look - now);

	if (due >= 0 && (wait < 0 || due < wait))
		wait = due;
	return look >= 0 && (wait < 0 || look < wait) ? look : wait;
}

/* The loop ---------------------------------------------------------------------------------------------------------------- */

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

static void end_at_wall(const struct plan *plan, int timer)
{
	uint64_t times;
	struct err err;

	if (read(timer, &times, sizeof times) != sizeof times)
		return;
	err_set(&err, ETIME, "the program is ended: it ran for %llu s, as long as 'limit wall' allows",
		(unsigned long long)plan->wall);
	say_error(&err);
	kill(program.pid, SIGKILL);
}

enum { OF_SIGNALS, OF_TIMER, OF_OUTER, OF_OWN };

/* Until the program has ended, or the outer. Returns 0 with the program's wait status, or GONE. */
static int serve(const struct plan *plan, int timer, int *status)
{
	static struct pollfd fds[OF_OWN + BROKER_POLL_MAX + OUTSIDE_POLL_MAX + NOTIFY_POLL_MAX + ASKING_POLL_MAX + 1];
	const pid_t pid = program.pid;

	fds[OF_SIGNALS] = (struct pollfd){.fd = pair_signals(), .events = POLLIN, .revents = POLLIN};
	fds[OF_TIMER] = (struct pollfd){.fd = timer, .events = POLLIN};
	fds[OF_OUTER] = (struct pollfd){.fd = pair_socket(), .events = POLLIN};
	for (;;) {
		int wait = -1;
		/* A child that has ended has sent a signal: without one there is none to look for. */
		if (fds[OF_SIGNALS].revents && reap(plan, status))
			return 0;
		look_after_group();
		pass_on();
		struct pollfd *const at = fds + OF_OWN;
		const size_t served = broker_watch(at, &wait), asked = outside_watch(at + served);
		const size_t told = notify_watch(at + served + asked, &wait);
		const size_t person = asking_watch(at + served + asked + told, &wait);
		const size_t relayed = relay_watch(at + served + asked + told + person);
		const size_t count = OF_OWN + served + asked + told + person + relayed;
		fds[OF_SIGNALS].revents = fds[OF_TIMER].revents = fds[OF_OUTER].revents = 0;
		if (poll(fds, count, wait_ms(wait)) < 0 && errno != EINTR)
			continue;
		/* Both where there is either, so that what has come to both by now is known as such. */
		if (fds[OF_SIGNALS].revents || fds[OF_OUTER].revents) {
			if (hear_own(pair_signals()))
				fds[OF_SIGNALS].revents = POLLIN; /* it may have come after poll() had looked */
			if (hear_outer() == GONE)
				return GONE;
		}
		if (fds[OF_TIMER].revents)
			end_at_wall(plan, timer);
		broker_serve(at, served);
		outside_serve(at + served, asked, plan, pid);
		notify_serve(at + served + asked, told);
		asking_serve(at + served + asked + told, person);
		relay_serve(at + served + asked + told + person, relayed, plan);
	}
}

/* Everything that can fail before there is a program. */
static int prepare(const struct plan *plan, int *timer, struct err *err)
{
	*timer = plan->wall ? start_timer(plan->wall) : -1;
	if (plan->wall && *timer < 0)
		return err_set(err, errno, "can't supervise the program: %s", err_words(errno));
	return notify_prepare(plan, err);
}

/* What came while there was no program was no word to it; the outer has heard it, too, or will not have it passed on. */
static void forget_own(void)
{
	struct signalfd_siginfo info;

	while (read(pair_signals(), &info, sizeof info) == sizeof info)
		;
}

/*
 * Being woken by a caller it would take his place before he has gone to sleep, and he would be switched to once more, to do so:
 * four switches a call instead of two. musl has these calls fail.
 */
static void preempt_nobody(void)
{
	const struct sched_param none = {0};

	if (syscall(SYS_sched_getscheduler, 0) == SCHED_OTHER)
		syscall(SYS_sched_setscheduler, 0, SCHED_BATCH | SCHED_RESET_ON_FORK, &none);
}

/* A program that has not started has ended with the status that says so. */
static int carry_on(const struct plan *plan, const struct started *started, int timer)
{
	int status = SAY_REFUSED << 8;

	program.pid = started->pid;
	preempt_nobody();
	program.look = now_ms() + 50;
	pair_rename();
	if (serve(plan, timer, &status) == GONE)
		kill(program.pid, SIGKILL);
	return started->failed ? started->failed << 8 : status;
}

static void clear_away(struct plan *plan)
{
	struct err err = {""};

	notify_end();
	denials_tell(plan);
	asking_end();
	broker_stop();
	strays_end(-1, 0);
	made_settle(plan);
	outside_close();
	relay_close();
	if (scratch_end(&plan->scratch, &err) < 0)
		say_error(&err);
}

/* It may have stopped as the program had, which has ended since. */
static void wake_outer(const struct plan *plan)
{
	if (program.stopped && getppid() == plan->known_as)
		kill(plan->known_as, SIGCONT);
}

void supervise(struct plan *plan, struct err *err)
{
	OWNED_FD int timer = -1;
	struct started started = {.listener = -1};
	int status = SAY_REFUSED << 8;

	if (pair_part(plan, 0, err) < 0)
		return;
	plan->supervisor = getpid();
	int rc = prepare(plan, &timer, err);
	forget_own();
	if (rc == 0)
		rc = start(plan, &started, err);
	if (rc == 0) {
		if (started.listener >= 0)
			notify_begin(started.listener, started.pid);
		broker_started(plan, started.pid);
		status = carry_on(plan, &started, timer);
	}
	if (rc < 0 || started.failed)
		say_error(err);
	clear_away(plan);
	(void)pair_tell(PAIR_ENDED, status);
	wake_outer(plan);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : SAY_REFUSED);
}

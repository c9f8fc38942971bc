#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "net_jobs.h"
#include "owned.h"

#define HURRY_US 2000

static volatile sig_atomic_t foreign;

/* A set of signals behind KEY, as the kernel tells it. */
static uint64_t set_of(const char *text, const char *key)
{
	const char *line = strstr(text, key);

	return line ? strtoull(line + strlen(key), NULL, 16) : 0;
}

/* These come all the time, and nobody sets a handler for them to end a call. */
static uint64_t unimportant(void)
{
	static const int list[] = {SIGCHLD, SIGWINCH, SIGURG, SIGCONT, SIGPROF, SIGIO};
	uint64_t set = 0;

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		set |= 1ull << (list[i] - 1);
	return set;
}

int net_interrupted(const struct call *c)
{
	char path[40], text[4096];

	snprintf(path, sizeof path, "/proc/%d/status", (int)c->tid);
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	const uint64_t pending = set_of(text, "\nSigPnd:") | set_of(text, "\nShdPnd:");
	return (pending & ~set_of(text, "\nSigBlk:") & set_of(text, "\nSigCgt:") & ~unimportant()) != 0 && call_still(c);
}

static void hurried(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	foreign += info->si_code != SI_KERNEL;
}

static void set_timer(suseconds_t us)
{
	const struct itimerval when = {.it_interval.tv_usec = us, .it_value.tv_usec = us};

	setitimer(ITIMER_REAL, &when, NULL);
}

static void hear_timer(int how)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, SIGALRM);
	sigprocmask(how, &one, NULL);
}

void net_hurry(void)
{
	static int is_ready;

	if (!is_ready) {
		const struct sigaction action = {.sa_sigaction = hurried, .sa_flags = SA_SIGINFO};
		sigaction(SIGALRM, &action, NULL);
		is_ready = 1;
	}
	foreign = 0;
	hear_timer(SIG_UNBLOCK);
	set_timer(HURRY_US);
}

/* One that somebody else has sent meanwhile is the program's. */
void net_hurried(void)
{
	set_timer(0);
	hear_timer(SIG_BLOCK);
	if (foreign)
		kill(getpid(), SIGALRM);
}

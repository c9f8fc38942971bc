#include "terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "owned.h"
#include "process.h"

#define SETTLE_MS 300 /* what is typed so soon was meant for the program */
#define STEPS_MAX 4096

static struct {
	int fd;
	pid_t before; /* the group in front */
	struct termios modes;
} terminal = {.fd = -1};

static volatile sig_atomic_t asked_to_end;
static sigset_t while_waiting; /* the mask: these signals come while there is something to wait for, and at no other time */

static void note_signal(int sig)
{
	asked_to_end = sig;
}

/* Who is it -------------------------------------------------------------------------------------------------------------- */

static pid_t parent_of(pid_t pid)
{
	struct process p;

	return process_look(pid, &p) < 0 ? -1 : p.parent;
}

/*
 * Is the group in front the launcher's, or one that the program has made? Else endow runs in the background, and the terminal
 * is for something else now: nobody expects a question there.
 */
static int is_ours(pid_t group)
{
	const pid_t asks = getppid(), supervisor = parent_of(asks);

	if (group == getpgid(asks))
		return 1;
	for (int steps = 0; group > 1 && steps < STEPS_MAX; steps++) {
		if (group == supervisor)
			return 1;
		group = parent_of(group);
	}
	return 0;
}

/* Taking it --------------------------------------------------------------------------------------------------------------- */

static void catch_signals(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGPIPE};
	const struct sigaction note = {.sa_handler = note_signal}; /* no SA_RESTART: a read ends */
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t held;

	sigaction(SIGTSTP, &ignore, NULL);
	/* Blocked, these let a group that is not in front take the terminal and set its modes. */
	sigemptyset(&held);
	sigaddset(&held, SIGTTIN);
	sigaddset(&held, SIGTTOU);
	sigprocmask(SIG_BLOCK, &held, NULL);
	sigprocmask(SIG_BLOCK, NULL, &while_waiting);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		sigdelset(&while_waiting, ends[i]);
		sigaddset(&held, ends[i]);
		sigaction(ends[i], &note, NULL);
	}
	sigprocmask(SIG_BLOCK, &held, NULL);
}

/* Lines, shown as they are typed. */
static struct termios modes_for_asking(void)
{
	struct termios modes = terminal.modes;

	modes.c_iflag |= ICRNL | BRKINT;
	modes.c_iflag &= ~(tcflag_t)(IGNCR | INLCR | IXOFF);
	modes.c_oflag |= OPOST | ONLCR;
	modes.c_lflag |= ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ISIG;
	modes.c_lflag &= ~(tcflag_t)(ECHONL | NOFLSH | EXTPROC);
	modes.c_cc[VINTR] = 'C' & 0x1f;
	modes.c_cc[VEOF] = 'D' & 0x1f;
	modes.c_cc[VERASE] = 0x7f;
	modes.c_cc[VSUSP] = _POSIX_VDISABLE;
	modes.c_cc[VEOL] = modes.c_cc[VEOL2] = _POSIX_VDISABLE;
	return modes;
}

int terminal_take(struct err *err)
{
	OWNED_FD int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_set(err, errno, "there is no terminal to ask at: %s", err_words(errno));
	catch_signals();
	terminal.before = tcgetpgrp(fd);
	if (terminal.before <= 0 || tcgetattr(fd, &terminal.modes) < 0)
		return err_set(err, ENOTTY, "the terminal can't be asked at: %s", err_words(errno));
	if (!is_ours(terminal.before))
		return err_set(err, EBUSY, "endow runs in the background: the terminal is for something else now");
	terminal.fd = take_fd(&fd);
	if (tcsetpgrp(terminal.fd, getpgrp()) < 0) {
		const int code = errno;
		terminal_give();
		return err_set(err, code, "the terminal can't be had: %s", err_words(code));
	}
	/*
	 * The program itself is stopped by the supervisor. But others may belong to the group, such as a pager, and who of them
	 * is in the middle of reading would get what is typed next: the signal lets him start again, and be stopped. In a group
	 * that the program has made there is nobody else.
	 */
	if (terminal.before == getpgid(getppid()))
		kill(-terminal.before, SIGTTIN);
	const struct termios modes = modes_for_asking();
	tcsetattr(terminal.fd, TCSANOW, &modes);
	return 0;
}

void terminal_give(void)
{
	if (terminal.fd < 0)
		return;
	tcflush(terminal.fd, TCIFLUSH); /* what was typed too late was not for the program */
	tcsetattr(terminal.fd, TCSANOW, &terminal.modes);
	if (tcgetpgrp(terminal.fd) == getpgrp() && tcsetpgrp(terminal.fd, terminal.before) < 0)
		tcsetpgrp(terminal.fd, getpgid(getppid()));
	if (terminal.before == getpgid(getppid()))
		kill(-terminal.before, SIGCONT);
	close(terminal.fd);
	terminal.fd = -1;
}

/* Using it ---------------------------------------------------------------------------------------------------------------- */

static int is_ready(short events)
{
	struct pollfd one = {.fd = terminal.fd, .events = events};

	return !asked_to_end && ppoll(&one, 1, NULL, &while_waiting) > 0 && !asked_to_end;
}

void terminal_say(const char *fmt, ...)
{
	char text[8192];
	va_list ap;

	va_start(ap, fmt);
	const int len = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	size_t left = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
	for (const char *at = text; left > 0;) {
		const ssize_t n = write(terminal.fd, at, left);
		if (n < 0 && errno == EAGAIN && is_ready(POLLOUT))
			continue;
		if (n <= 0)
			return;
		at += n;
		left -= (size_t)n;
	}
}

/* What was typed before the question could be read is no answer to it. */
static void throw_away(void)
{
	const struct timespec settle = {.tv_nsec = SETTLE_MS * 1000000L};

	nanosleep(&settle, NULL);
	tcflush(terminal.fd, TCIFLUSH);
}

int terminal_read(char *to, size_t size)
{
	static int settled;

	if (!settled)
		throw_away();
	settled = 1;
	for (;;) {
		if (!is_ready(POLLIN))
			return -1;
		const ssize_t n = read(terminal.fd, to, size - 1);
		if (n < 0 && errno == EAGAIN)
			continue;
		/* Whoever else is in front now may have seen what was typed, and shown what he liked. */
		if (n <= 0 || tcgetpgrp(terminal.fd) != getpgrp())
			return -1;
		if (to[n - 1] != '\n')
			return -1; /* ended by ^D, or longer than any answer */
		to[n - 1] = '\0';
		return (int)n - 1;
	}
}

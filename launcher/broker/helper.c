#include "helper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "owned.h"

#define GRACE_MS 1000 /* to put the terminal in order */

static void forget_terminal(struct helper *h)
{
	owned_close(&h->terminal);
	h->terminal = -1;
}

/* Where there is a terminal, what has to be as before when the helper is gone. */
static void remember_terminal(struct helper *h)
{
	h->terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (h->terminal < 0)
		return;
	h->foreground = tcgetpgrp(h->terminal);
	if (h->foreground <= 0 || tcgetattr(h->terminal, &h->modes) < 0)
		forget_terminal(h);
}

/* A helper that was killed has left the terminal to a group without processes. SIGTTOU is blocked here. */
static void restore_terminal(struct helper *h)
{
	if (h->terminal < 0)
		return;
	if (tcgetpgrp(h->terminal) == h->pid) {
		tcsetattr(h->terminal, TCSANOW, &h->modes);
		if (tcsetpgrp(h->terminal, h->foreground) < 0)
			tcsetpgrp(h->terminal, getpgrp());
		kill(-h->foreground, SIGCONT);
	}
	forget_terminal(h);
}

/* Signals that were ignored when the launcher was started stay so. */
static void clear_signals(void)
{
	sigset_t none;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become(char *const argv[], int output, pid_t parent, const struct rlimit *files)
{
	setpgid(0, 0);
	clear_signals();
	if (files->rlim_max)
		setrlimit(RLIMIT_NOFILE, files);
	if (dup2(output, STDOUT_FILENO) < 0 || k_close_range(STDERR_FILENO + 1, ~0u) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0 || getppid() != parent)
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

int helper_start(struct helper *h, char *const argv[], const struct rlimit *files)
{
	const pid_t self = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*h = (struct helper){.pipe = ends[0], .process = -1, .terminal = -1};
	remember_terminal(h);
	h->pid = fork();
	if (h->pid == 0)
		become(argv, ends[1], self, files);
	const int code = errno;
	close(ends[1]);
	if (h->pid > 0) {
		setpgid(h->pid, h->pid); /* whoever is first */
		h->process = (int)syscall(SYS_pidfd_open, h->pid, 0);
		fcntl(h->pipe, F_SETFL, O_NONBLOCK);
		if (h->process >= 0)
			return 0;
		helper_end(h);
		return -ENOSYS;
	}
	close(h->pipe);
	forget_terminal(h);
	return -code;
}

void helper_read(struct helper *h)
{
	while (!h->all_said) {
		const ssize_t n = read(h->pipe, h->said + h->len, sizeof h->said - h->len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		h->len += n > 0 ? (size_t)n : 0;
		h->all_said = n <= 0 || h->len == sizeof h->said;
	}
}

void helper_finish(struct helper *h)
{
	while (waitpid(h->pid, &h->status, 0) < 0 && errno == EINTR)
		;
	restore_terminal(h);
	owned_close(&h->process);
	owned_close(&h->pipe);
	h->process = h->pipe = -1;
}

void helper_end(struct helper *h)
{
	struct pollfd gone = {.fd = h->process, .events = POLLIN};

	/* Its group: what it has started itself goes with it. It may be stopped. */
	kill(-h->pid, SIGTERM);
	kill(-h->pid, SIGCONT);
	if (h->process >= 0)
		poll(&gone, 1, GRACE_MS);
	kill(-h->pid, SIGKILL); /* while its number is still its own */
	helper_finish(h);
}

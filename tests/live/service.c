/*
 * service.c: what the tests with a genuine systemd run as a service, and as its client. It says on standard output what it was
 * given and what happened to it, a line each.
 *
 *   service facts             what systemd told this process, as the process finds it
 *   service notify            ready, then wait: HUP is a reload, TERM an orderly end; the watchdog is served if there is one
 *   service mute              the same, but the watchdog is not served
 *   service exit N | die N    end with the status N, by the signal N
 *   service read PATH         the file's first line, or why not
 *   service openat2           does this kernel call work here?
 *   service accept            answer one connection to the first descriptor handed over
 *   service connect PATH      the answer from there
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kernel.h"

static int fail(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static socklen_t name_socket(const char *path, struct sockaddr_un *to)
{
	const size_t len = strlen(path);

	memset(to, 0, sizeof *to);
	to->sun_family = AF_UNIX;
	if (len >= sizeof to->sun_path)
		return 0;
	memcpy(to->sun_path, path, len);
	if (*path == '@')
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*path != '@'));
}

/* sd_notify() by hand. */
static int tell(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	const socklen_t len = path ? name_socket(path, &to) : 0;
	int fd = len ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1, rc;

	if (!path)
		errno = ENOTCONN;
	if (fd < 0)
		return -1;
	rc = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, len) < 0 ? -1 : 0;
	close(fd);
	return rc;
}

/* Is a variable that holds a process id our own? */
static const char *own_pid(const char *name)
{
	const char *value = getenv(name);

	return !value ? "unset" : strtol(value, NULL, 10) == getpid() ? "own" : "another's";
}

static const char *journal_stream(void)
{
	const char *value = getenv("JOURNAL_STREAM");
	char here[64];
	struct stat st;

	if (!value)
		return "unset";
	if (fstat(STDOUT_FILENO, &st) < 0)
		return "lost";
	snprintf(here, sizeof here, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(here, value) == 0 ? "own" : "another's";
}

static int facts(void)
{
	static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY", "LISTEN_FDS"};

	printf("pid %d\nuid %s\nlisten_pid %s\nwatchdog_pid %s\njournal_stream %s\n", (int)getpid(),
	       getuid() == 0 ? "root" : "other", own_pid("LISTEN_PID"), own_pid("WATCHDOG_PID"), journal_stream());
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		printf("%s %s\n", names[i], getenv(names[i]) ? "set" : "unset");
	printf("descriptor 3 %s\n", fcntl(3, F_GETFD) < 0 ? "closed" : "open");
	return 0;
}

static int serve_notify(int feeding)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const int wait = usec && feeding ? (int)(strtol(usec, NULL, 10) / 3000) : -1;
	struct signalfd_siginfo info;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	struct pollfd signals = {.fd = signalfd(-1, &mask, SFD_CLOEXEC), .events = POLLIN};
	if (signals.fd < 0)
		return fail("signalfd");
	facts();
	if (tell("READY=1\nSTATUS=up") < 0) {
		fail("not told");
		return 0; /* it is for the manager to call this a failure */
	}
	for (;;) {
		int rc = poll(&signals, 1, wait);
		if (rc == 0 && tell("WATCHDOG=1") < 0)
			return fail("the watchdog is not told");
		if (rc <= 0)
			continue;
		if (read(signals.fd, &info, sizeof info) != sizeof info)
			return fail("signals");
		puts(info.ssi_signo == SIGHUP ? "reloaded" : "ended in order");
		if (info.ssi_signo == SIGTERM)
			return 0;
	}
}

static int read_line(const char *path)
{
	char line[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof line);

	if (n < 0)
		return fail("refused");
	printf("%.*s\n", (int)strcspn(line, "\n") < n ? (int)strcspn(line, "\n") : (int)n, line);
	return 0;
}

static int try_openat2(void)
{
	const struct k_open_how how = {.flags = O_PATH | O_CLOEXEC};
	int fd = k_openat2(AT_FDCWD, "/", &how);

	puts(fd >= 0 ? "works" : errno == ENOSYS ? "ENOSYS" : strerror(errno));
	return 0;
}

static int answer(void)
{
	int fd;

	facts();
	if (strcmp(own_pid("LISTEN_PID"), "own") != 0)
		return 1;
	fd = accept(3, NULL, NULL);
	if (fd < 0)
		return fail("accept");
	return dprintf(fd, "answered by %d\n", (int)getpid()) < 0 ? fail("answer") : 0;
}

static int ask(const char *path)
{
	struct sockaddr_un to;
	char line[128];
	const socklen_t len = name_socket(path, &to);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, len) < 0)
		return fail("connect");
	const ssize_t n = read(fd, line, sizeof line);
	return n <= 0 ? fail("no answer") : printf("%.*s", (int)n, line) < 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *word = argc > 2 ? argv[2] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(what, "facts") == 0)
		return facts();
	if (strcmp(what, "notify") == 0 || strcmp(what, "mute") == 0)
		return serve_notify(*what == 'n');
	if (strcmp(what, "exit") == 0)
		return atoi(word);
	if (strcmp(what, "die") == 0)
		return raise(atoi(word));
	if (strcmp(what, "read") == 0)
		return read_line(word);
	if (strcmp(what, "openat2") == 0)
		return try_openat2();
	if (strcmp(what, "accept") == 0)
		return answer();
	if (strcmp(what, "connect") == 0)
		return ask(word);
	fprintf(stderr, "service: unknown word\n");
	return 2;
}

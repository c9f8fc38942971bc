/*
 * service.c: what the tests with a genuine systemd run as a service, and as its client. It says on standard output what it was
 * given and what happened to it, a line each.
 *
 *   service facts             what systemd told this process, as the process finds it
 *   service notify            ready, then wait: HUP is a reload, TERM an orderly end; the watchdog is served if there is one
 *   service mute              the same, but the watchdog is not served
 *   service count             the same, and TERM is counted for a while before the end; it tells MAINPID, its own number
 *   service store             leave a descriptor with the manager and fail; the second time it comes back
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
#include <sys/eventfd.h>
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

/* sd_notify() by hand. WITH: a descriptor to go along, or -1. */
static int tell_with(const char *state, int with)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	const socklen_t len = path ? name_socket(path, &to) : 0;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof with)];
	} control = {0};
	struct iovec text = {.iov_base = (void *)(uintptr_t)state, .iov_len = strlen(state)};
	struct msghdr h = {.msg_name = &to, .msg_namelen = len, .msg_iov = &text, .msg_iovlen = 1};
	int fd = len ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1, rc;

	if (!path)
		errno = ENOTCONN;
	if (fd < 0)
		return -1;
	if (with >= 0) {
		h.msg_control = control.bytes;
		h.msg_controllen = sizeof control.bytes;
		struct cmsghdr *c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof with);
		memcpy(CMSG_DATA(c), &with, sizeof with);
	}
	rc = sendmsg(fd, &h, MSG_NOSIGNAL) < 0 ? -1 : 0;
	close(fd);
	return rc;
}

static int tell(const char *state)
{
	return tell_with(state, -1);
}

/* sd_notify_barrier(): when the manager has read all that was told it closes what came with this. */
static const char *barrier(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || tell_with("BARRIER=1", ends[1]) < 0)
		return strerror(errno);
	close(ends[1]);
	struct pollfd end = {.fd = ends[0]};
	const int rc = poll(&end, 1, 3000);
	close(ends[0]);
	return rc == 1 ? "passed" : "never";
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

/* After the first TERM: are there more? */
static int count_terms(int signals)
{
	struct pollfd more = {.fd = signals, .events = POLLIN};
	struct signalfd_siginfo info;
	int count = 1;

	while (poll(&more, 1, 300) == 1)
		count += read(signals, &info, sizeof info) == sizeof info && info.ssi_signo == SIGTERM;
	printf("TERM %d\n", count);
	return 0;
}

static int serve_notify(int feeding, int counting)
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
	if (counting) {
		printf("barrier %s\n", barrier());
		char text[128];
		/* The manager ends a line at a carriage return, too, and leaves backslashes out. */
		snprintf(text, sizeof text, "MAINPID=%1$d\nSTATUS=still up\rMAINPID=%1$d\nMAIN\\PID=%1$d", (int)getpid());
		tell(text);
	}
	for (;;) {
		int rc = poll(&signals, 1, wait);
		if (rc == 0 && tell("WATCHDOG=1") < 0)
			return fail("the watchdog is not told");
		if (rc <= 0)
			continue;
		if (read(signals.fd, &info, sizeof info) != sizeof info)
			return fail("signals");
		if (counting && info.ssi_signo == SIGTERM)
			return count_terms(signals.fd);
		puts(info.ssi_signo == SIGHUP ? "reloaded" : "ended in order");
		if (info.ssi_signo == SIGTERM)
			return 0;
	}
}

static int store(void)
{
	uint64_t word = 0;

	if (strcmp(own_pid("LISTEN_PID"), "own") == 0)
		return read(3, &word, sizeof word) != sizeof word || printf("came back: %d\n", (int)word) < 0;
	/* No pipe: the manager drops what has hung up. */
	const int fd = eventfd(4711, EFD_CLOEXEC);
	if (fd < 0 || tell_with("FDSTORE=1\nFDNAME=word\nREADY=1", fd) < 0)
		return fail("not told");
	printf("barrier %s\n", barrier());
	return 3;
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
	if (strcmp(what, "notify") == 0 || strcmp(what, "mute") == 0 || strcmp(what, "count") == 0)
		return serve_notify(*what != 'm', *what == 'c');
	if (strcmp(what, "store") == 0)
		return store();
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

/* What else a process can do: network, processes, time, memory. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "owned.h"
#include "probe.h"
#include "tries_abi.h"

#define DO(name) static int name(int argc __attribute__((unused)), char **argv __attribute__((unused)))

static struct sockaddr_in loopback(const char *port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)probe_number(port)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

DO(do_connect)
{
	struct sockaddr_in a = loopback(argv[0]);
	OWNED_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return probe_say(fd < 0 ? -1 : connect(fd, (struct sockaddr *)&a, sizeof a));
}

DO(do_listen)
{
	struct sockaddr_in a = loopback(argv[0]);
	OWNED_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
		return probe_say(-1);
	return probe_say(listen(fd, 1));
}

DO(do_udp)
{
	struct sockaddr_in a = loopback(argv[0]);
	OWNED_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return probe_say(fd < 0 ? -1 : sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof a));
}

static int unix_by(int type, const char *path, const char *text)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	OWNED_FD int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	if (a.sun_path[0] == '@')
		a.sun_path[0] = '\0';
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (fd < 0)
		return probe_say(-1);
	return probe_say(text ? sendto(fd, text, strlen(text), 0, (struct sockaddr *)&a, len)
			      : connect(fd, (struct sockaddr *)&a, len));
}

DO(do_unix)
{
	return unix_by(SOCK_STREAM, argv[0], NULL);
}

/* As sd_notify does. */
DO(do_notify)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (!path) {
		puts("unset");
		return 0;
	}
	return unix_by(SOCK_DGRAM, path, argv[0]);
}

DO(do_exec)
{
	execv(argv[0], argv);
	return probe_say(-1);
}

/* Prints the status of a child that leaves with 7. */
DO(do_fork)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return probe_say(-1);
	printf("ok %d\n", WEXITSTATUS(status));
	return 0;
}

/* How many processes there can be at once. */
DO(do_forks)
{
	long want = probe_number(argv[0]), n = 0;
	int hold[2];

	if (pipe(hold) < 0)
		return probe_say(-1);
	for (; n < want; n++) {
		pid_t pid = fork();
		if (pid < 0)
			break;
		if (pid == 0) {
			char c;
			close(hold[1]);
			_exit(read(hold[0], &c, 1) < 0);
		}
	}
	close(hold[1]);
	while (wait(NULL) > 0)
		;
	printf("%ld\n", n);
	return 0;
}

static void *nothing(void *arg)
{
	return arg;
}

DO(do_thread)
{
	pthread_t thread;
	int code = pthread_create(&thread, NULL, nothing, NULL);

	errno = code;
	return probe_say(code ? -1 : (pthread_join(thread, NULL), 0));
}

/* A descendant that outlives its parent; prints its pid. */
DO(do_orphan)
{
	int ends[2];
	pid_t stray = 0;

	if (pipe(ends) < 0)
		return probe_say(-1);
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		stray = fork();
		if (stray == 0) {
			close(0);
			close(1);
			close(2);
			sleep((unsigned int)probe_number(argv[0]));
			_exit(0);
		}
		_exit(write(ends[1], &stray, sizeof stray) < 0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) < 0 || read(ends[0], &stray, sizeof stray) != sizeof stray || stray < 0)
		return probe_say(-1);
	printf("%d\n", stray);
	return 0;
}

DO(do_kill)
{
	return probe_say(kill((pid_t)probe_number(argv[0]), (int)probe_number(argv[1])));
}

DO(do_raise)
{
	return probe_say(raise((int)probe_number(argv[0])));
}

DO(do_stop)
{
	puts("stopping");
	fflush(stdout);
	return probe_say(raise(SIGSTOP));
}

/* Print the number of the first of SIGHUP INT QUIT USR1 USR2 TERM CONT WINCH that comes, or "none" after so many seconds. */
DO(do_await)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGCONT, SIGWINCH};
	struct timespec patience = {probe_number(argv[0]), 0};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("waiting");
	fflush(stdout);
	int signal = sigtimedwait(&set, NULL, &patience);
	if (signal < 0)
		puts("none");
	else
		printf("%d\n", signal);
	return 0;
}

/* So many seconds of processor time. */
DO(do_spin)
{
	struct timespec used = {0};
	long seconds = probe_number(argv[0]);

	while (used.tv_sec < seconds)
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	puts("ok");
	return 0;
}

DO(do_sleep)
{
	poll(NULL, 0, (int)(strtod(argv[0], NULL) * 1000));
	puts("ok");
	return 0;
}

DO(do_exit)
{
	exit((int)probe_number(argv[0]));
}

DO(do_alloc)
{
	size_t size = (size_t)probe_number(argv[0]);
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return probe_say(-1);
	for (size_t i = 0; i < size; i += 4096)
		p[i] = 1;
	return probe_say(munmap(p, size));
}

/* Write so many bytes to a file; prints how many were. */
DO(do_fill)
{
	static char block[4096];
	long left = probe_number(argv[1]), done = 0;
	OWNED_FD int fd = open(argv[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return probe_say(-1);
	signal(SIGXFSZ, SIG_IGN);
	while (left > 0) {
		ssize_t n = write(fd, block, left > (long)sizeof block ? sizeof block : (size_t)left);
		if (n <= 0)
			break;
		done += n;
		left -= n;
	}
	printf("%ld\n", done);
	return 0;
}

/* How many descriptors can be opened. */
DO(do_files)
{
	long want = probe_number(argv[0]), n = 0;

	while (n < want && dup(0) >= 0)
		n++;
	printf("%ld\n", n);
	return 0;
}

/* Shared memory of one's own, by name and System V. */
DO(do_shm)
{
	char path[64];

	snprintf(path, sizeof path, "/dev/shm/endow-probe-%d", getpid());
	OWNED_FD int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlink(path);
	return probe_say(fd);
}

const struct command probe_act_commands[] = {
    {"connect", "PORT", 1, 1, do_connect},
    {"listen", "PORT", 1, 1, do_listen},
    {"udp", "PORT", 1, 1, do_udp},
    {"unix", "PATH|@NAME", 1, 1, do_unix},
    {"notify", "TEXT", 1, 1, do_notify},
    {"exec", "FILE [WORD]...", 1, -1, do_exec},
    {"fork", "", 0, 0, do_fork},
    {"forks", "N", 1, 1, do_forks},
    {"thread", "", 0, 0, do_thread},
    {"orphan", "SECONDS", 1, 1, do_orphan},
    {"kill", "PID SIGNAL", 2, 2, do_kill},
    {"raise", "SIGNAL", 1, 1, do_raise},
    {"stop", "", 0, 0, do_stop},
    {"await", "SECONDS", 1, 1, do_await},
    {"spin", "SECONDS", 1, 1, do_spin},
    {"sleep", "SECONDS", 1, 1, do_sleep},
    {"exit", "STATUS", 1, 1, do_exit},
    {"alloc", "BYTES", 1, 1, do_alloc},
    {"fill", "FILE BYTES", 2, 2, do_fill},
    {"files", "N", 1, 1, do_files},
    {"shm", "", 0, 0, do_shm},
    {0},
};

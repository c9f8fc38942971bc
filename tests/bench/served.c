/*
 * served: what it costs an unmodified program that the supervisor opens files and connects for it. Usage:
 *   served open CPU FILE COMMAND...     open and close FILE, against a notification that is let go on and nothing else
 *   served connect CPU - COMMAND...     connect over loopback, against connecting directly. PORT is put in place of a word @
 *   served inside                       what COMMAND has to run, in a sandbox
 * The supervisors run on processor 0, the programs on CPU. Both sides in turn; prints the medians of what each takes, in
 * nanoseconds, and of their ratio.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 25
#define CALLS 200 /* a round */

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "served: ");
	perror(what);
	exit(1);
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof set, &set) < 0)
		give_up("sched_setaffinity");
}

/* One side: it is told "open CPU FILE" or "connect CPU PORT" and says how long one takes. ------------------------------------
 */

static double time_opens(const char *file)
{
	const double start = now_ns();

	for (int i = 0; i < CALLS; i++) {
		int fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			give_up(file);
		close(fd);
	}
	return (now_ns() - start) / CALLS;
}

static double time_connects(const char *port)
{
	const struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const struct linger at_once = {1, 0}; /* no port is left waiting */
	double ns = 0;

	for (int i = 0; i < CALLS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			give_up("socket");
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
		const double start = now_ns();
		if (connect(fd, (const struct sockaddr *)&a, sizeof a) < 0)
			give_up("connect");
		ns += now_ns() - start;
		close(fd);
	}
	return ns / CALLS;
}

static int serve_commands(void)
{
	char what[16], where[4096];
	int cpu;

	while (scanf("%15s %d %4095s", what, &cpu, where) == 3) {
		stay_on(cpu);
		printf("%.0f\n", strcmp(what, "open") == 0 ? time_opens(where) : time_connects(where));
		fflush(stdout);
	}
	return 0;
}

/* Both sides ----------------------------------------------------------------------------------------------------------------
 */

struct side {
	pid_t pid;
	FILE *to, *from;
};

/* A child that runs RUN with pipes in place of its standard streams. */
static struct side begin(void (*run)(char **), char **words)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		give_up("pipe");
	fflush(NULL);
	const pid_t pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		close(to[1]); /* or it would never see the end */
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		run(words);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	return (struct side){pid, fdopen(to[1], "w"), fdopen(from[0], "r")};
}

static double ask(struct side *s, const char *what, int cpu, const char *where)
{
	double ns;

	fprintf(s->to, "%s %d %s\n", what, cpu, where);
	fflush(s->to);
	if (fscanf(s->from, "%lf", &ns) != 1) {
		fprintf(stderr, "served: a side has ended\n");
		exit(1);
	}
	return ns;
}

static void run_command(char **words)
{
	stay_on(0); /* and the supervisor with it */
	execvp(words[0], words);
	perror(words[0]);
}

static void run_bare(char **words)
{
	(void)words;
	_exit(serve_commands());
}

/* The bare ping-pong: every openat is handed over, and goes on. */
static int hand_over_opens(void)
{
	struct sock_filter insns[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = {sizeof insns / sizeof *insns, insns};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog);
}

static _Noreturn void let_go_on(int listener)
{
	struct seccomp_notif call;
	struct seccomp_notif_resp answer;

	for (;;) {
		memset(&call, 0, sizeof call);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			_exit(0);
		answer = (struct seccomp_notif_resp){.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

/* The listener is made in the table that both share, and found in it by its number. */
static void run_handed_over(char **words)
{
	int numbers[2], listener;

	(void)words;
	if (pipe(numbers) < 0)
		give_up("pipe");
	const pid_t pid = fork();
	if (pid == 0) {
		listener = hand_over_opens();
		if (listener < 0 || write(numbers[1], &listener, sizeof listener) != sizeof listener)
			give_up("a listener");
		_exit(serve_commands());
	}
	stay_on(0);
	if (read(numbers[0], &listener, sizeof listener) != sizeof listener)
		_exit(1);
	const int process = (int)syscall(SYS_pidfd_open, pid, 0);
	const int ours = (int)syscall(SYS_pidfd_getfd, process, listener, 0);
	if (ours < 0)
		give_up("the listener");
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	let_go_on(ours);
}

/* Takes what comes, on whichever processor. Returns its port. */
static int start_server(pid_t *server)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof a;
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 1024) < 0 ||
	    getsockname(s, (struct sockaddr *)&a, &size) < 0)
		give_up("a server");
	*server = fork();
	if (*server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			close(accept(s, NULL, NULL));
	}
	close(s);
	return ntohs(a.sin_port);
}

static void put_port(char **words, const char *port)
{
	for (; *words; words++) {
		char *at = strchr(*words, '@'), *with;
		if (at && asprintf(&with, "%.*s%s%s", (int)(at - *words), *words, port, at + 1) > 0)
			*words = with;
	}
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof *values, compare);
	return values[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	double bare[ROUNDS], served[ROUNDS], ratio[ROUNDS];
	pid_t server = 0;
	char port[8];

	if (argc == 2 && strcmp(argv[1], "inside") == 0)
		return serve_commands();
	if (argc < 5) {
		fprintf(stderr, "usage: served open|connect CPU FILE|- COMMAND...\n");
		return 2;
	}
	const int connects = strcmp(argv[1], "connect") == 0, cpu = atoi(argv[2]);
	if (connects) {
		snprintf(port, sizeof port, "%d", start_server(&server));
		put_port(argv + 4, port);
	}
	const char *where = connects ? port : argv[3];
	struct side against = begin(connects ? run_bare : run_handed_over, NULL), ours = begin(run_command, argv + 4);
	ask(&against, argv[1], cpu, where);
	ask(&ours, argv[1], cpu, where);
	for (int i = 0; i < ROUNDS; i++) {
		bare[i] = ask(&against, argv[1], cpu, where);
		served[i] = ask(&ours, argv[1], cpu, where);
		ratio[i] = served[i] / bare[i];
	}
	printf("%.0f %.0f %.2f\n", median(bare), median(served), median(ratio));
	fclose(against.to);
	fclose(ours.to);
	waitpid(ours.pid, NULL, 0);
	kill(against.pid, SIGKILL); /* on older kernels a listener waits on when nobody is left to hear */
	if (server)
		kill(server, SIGKILL);
	return 0;
}

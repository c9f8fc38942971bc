/*
 * brokered.c: a program that knows nothing of a broker and makes life hard for one. Each says in a line what came of it.
 *
 *   brokered timers DIR N restart|plain   makes, renames and removes N files with a timer that fires every half millisecond
 *   brokered signals DIR N   the same in a child that gets signals at any moment, stops among them
 *   brokered threads DIR N   32 threads, each its own files, N times
 *   brokered deaths DIR N [SOCKET|- [FILE]]   N children are killed in the midst of opening, changing, connecting, asking for
 * FILE brokered exec DIR N      executes itself N times while four threads open brokered forks DIR N     N generations, each of
 * 8 processes that open brokered daemon DIR      leaves behind what opens for ever in a session of its own, twice forked
 *   brokered loop DIR        opens for ever, until it is refused; says how
 *   brokered steady DIR N    "ready", a line from standard input, N opens and N/10 deaths, "done", another line
 *   brokered owner COMMAND...   as somebody who holds a listener and answers whatever it is told of
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 32

static const char *dir, *service, *asked;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "brokered: %s: %s\n", what, strerror(errno));
	_exit(2);
}

static const char *named(char to[256], const char *what, long n)
{
	if (snprintf(to, 256, "%s/%s-%ld", dir, what, n) >= 256) {
		errno = ENAMETOOLONG;
		die(dir);
	}
	return to;
}

static long number(const char *s)
{
	return strtol(s, NULL, 10);
}

static void pause_for(long microseconds)
{
	const struct timespec t = {.tv_nsec = microseconds * 1000};

	nanosleep(&t, NULL);
}

/* One file from its making to its end, each step seen to have been taken once. */

struct tally {
	long interrupted, twice, failed;
	int error;
};

static void note(struct tally *t, int before)
{
	if (errno == EINTR)
		t->interrupted++;
	else if (errno == before)
		t->twice++; /* what says that the same call had been done before */
	else {
		t->failed++;
		t->error = errno;
	}
}

static void one_life(long n, struct tally *t)
{
	char a[256], b[256], text[32] = "", want[32];
	int fd;

	named(a, "new", n);
	named(b, "old", n);
	snprintf(want, sizeof want, "%ld", n);
	while ((fd = open(a, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0) {
		note(t, EEXIST);
		if (errno != EINTR)
			return;
	}
	if (write(fd, want, strlen(want)) < 0)
		note(t, 0);
	close(fd);
	while (rename(a, b) < 0) {
		note(t, ENOENT);
		if (errno != EINTR)
			return;
	}
	while ((fd = open(b, O_RDONLY | O_CLOEXEC)) < 0) {
		note(t, ENOENT);
		if (errno != EINTR)
			return;
	}
	if (read(fd, text, sizeof text - 1) < 0 || strcmp(text, want) != 0) {
		t->failed++;
		t->error = EBADMSG;
	}
	close(fd);
	while (unlink(b) < 0) {
		note(t, ENOENT);
		if (errno != EINTR)
			return;
	}
}

/* What somebody who was killed has left in the way. */
static void clear_away(long n)
{
	char name[256];

	unlink(named(name, "new", n));
	unlink(named(name, "old", n));
}

static void say(const char *who, const struct tally *t, int with_interrupted)
{
	printf("%s: ", who);
	if (with_interrupted)
		printf("%ld interrupted, ", t->interrupted);
	printf("%ld done twice, %ld failed%s%s\n", t->twice, t->failed, t->error ? ": " : "",
	       t->error ? strerrorname_np(t->error) : "");
}

/* Signals ------------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t fired;

static void on_signal(int sig)
{
	(void)sig;
	fired++;
}

static int run_timers(long n, int restart)
{
	const struct sigaction act = {.sa_handler = on_signal, .sa_flags = restart ? SA_RESTART : 0};
	const struct itimerval when = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
	struct tally t = {0};

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &when, NULL);
	for (long i = 0; i < n; i++)
		one_life(i, &t);
	setitimer(ITIMER_REAL, &never, NULL);
	if (fired < 10)
		puts("too few signals");
	say("timers", &t, restart); /* who asks for no restart is interrupted, as the kernel has it */
	return 0;
}

static int run_signals(long n)
{
	static const int which[] = {SIGUSR1, SIGSTOP, SIGUSR1, SIGCONT, SIGUSR1, SIGCONT};
	const struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct tally t = {0};
	int status = 0;

	sigaction(SIGUSR1, &act, NULL);
	fflush(stdout);
	const pid_t pid = fork();
	if (pid == 0) {
		for (long i = 0; i < n; i++)
			one_life(i, &t);
		say("signals", &t, 1);
		fflush(stdout);
		_exit(0);
	}
	for (unsigned int i = 0; waitpid(pid, &status, WNOHANG) == 0; i++) {
		kill(pid, which[i % (sizeof which / sizeof *which)]);
		pause_for(rand() % 300);
	}
	kill(pid, SIGCONT);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

/* Threads -------------------------------------------------------------------------------------------------------- */

static long rounds;
static struct tally tallies[THREADS];

static void *live(void *arg)
{
	struct tally *t = arg;

	for (long i = 0; i < rounds; i++)
		one_life((t - tallies) * 1000000 + i, t);
	return NULL;
}

static int run_threads(long n)
{
	pthread_t threads[THREADS];
	struct tally all = {0};

	rounds = n;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, live, &tallies[i]) != 0)
			die("thread");
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		all.interrupted += tallies[i].interrupted;
		all.twice += tallies[i].twice;
		all.failed += tallies[i].failed;
		all.error = tallies[i].error ? tallies[i].error : all.error;
	}
	say("threads", &all, 1);
	return 0;
}

/* Deaths --------------------------------------------------------------------------------------------------------- */

static int connected(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	memcpy(to.sun_path, service, strlen(service) + 1);
	rc = fd < 0 ? -1 : connect(fd, (const struct sockaddr *)&to, sizeof to);
	if (fd >= 0)
		close(fd);
	return rc;
}

static _Noreturn void open_for_ever(long who)
{
	struct tally t = {0};

	for (long i = who * 1000000;; i++) {
		clear_away(i);
		one_life(i, &t);
		if (service)
			(void)connected();
		const int fd = asked ? open(asked, O_RDONLY | O_CLOEXEC) : -1;
		if (fd >= 0)
			close(fd);
	}
}

static void kill_some(long n)
{
	for (long i = 0; i < n; i++) {
		const pid_t pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0)
			open_for_ever(i % 8);
		pause_for(rand() % 1500);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static int run_deaths(long n)
{
	struct tally t = {0};

	kill_some(n);
	one_life(-1, &t);
	say("deaths", &t, 1);
	return 0;
}

static void *open_on(void *arg)
{
	open_for_ever(100 + (intptr_t)arg);
}

static int run_exec(char **argv, long n)
{
	char left[32], word[] = "exec";
	pthread_t thread;
	struct tally t = {0};

	if (n == 0) {
		one_life(-1, &t);
		say("exec", &t, 1);
		return 0;
	}
	for (intptr_t i = 0; i < 4; i++)
		if (pthread_create(&thread, NULL, open_on, (void *)i) != 0)
			die("thread");
	srand((unsigned int)n);
	pause_for(rand() % 2000);
	snprintf(left, sizeof left, "%ld", n - 1);
	execv(argv[0], (char *[]){argv[0], word, argv[2], left, NULL});
	die("exec");
}

static void make_another(void)
{
	if (vfork() == 0)
		_exit(0);
}

static int run_forks(long n)
{
	struct tally t = {0};
	int status, bad = 0;

	for (long g = 0; g < n; g++) {
		for (long i = 0; i < 8; i++) {
			fflush(stdout);
			const pid_t pid = fork();
			if (pid < 0)
				die("fork");
			if (pid == 0) {
				for (long k = 0; k < 3; k++) {
					make_another();
					one_life(-2 - g * 1000 - i * 10 - k, &t);
				}
				_exit(t.twice || t.failed);
			}
		}
		while (wait(&status) > 0)
			bad |= status;
	}
	puts(bad ? "forks: failed" : "forks: well");
	return 0;
}

static int run_daemon(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) < 0)
		die("pipe");
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			struct tally t = {0};
			one_life(-1, &t);
			if (write(ends[1], "", 1) != 1)
				_exit(1);
			open_for_ever(2);
		}
		_exit(0);
	}
	wait(NULL);
	if (read(ends[0], &byte, 1) == 1)
		puts("daemon: opens");
	return 0;
}

/* Until the supervisor is gone. */
static int run_loop(void)
{
	char name[256];
	int fd;

	puts("looping");
	fflush(stdout);
	named(name, "loop", 0);
	while ((fd = open(name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600)) >= 0)
		close(fd);
	puts(strerrorname_np(errno));
	fflush(stdout);
	pause(); /* nothing of it may be left all the same */
	return 0;
}

static int run_steady(long n)
{
	char line[16], name[256];
	struct tally t = {0};
	int fd;

	one_life(-1, &t);
	kill_some(10);
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof line, stdin))
		return 1;
	named(name, "steady", 0);
	for (long i = 0; i < n; i++) {
		if ((fd = open(name, O_RDONLY | O_CREAT | O_CLOEXEC, 0600)) < 0)
			die(name);
		close(fd);
	}
	kill_some(n / 10);
	puts("done");
	fflush(stdout);
	return fgets(line, sizeof line, stdin) == NULL;
}

/* Another sandbox: its only listener is taken, for as long as this process lives. It is told of a call that nobody makes. */
static int run_owner(char **command)
{
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_acct, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
	int status;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) < 0)
		die("listener");
	const pid_t pid = fork();
	if (pid == 0) {
		execv(command[0], command);
		die(command[0]);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";
	const long n = argc > 3 ? number(argv[3]) : 0;

	if (strcmp(mode, "owner") == 0)
		return run_owner(argv + 2);
	dir = argc > 2 ? argv[2] : "";
	service = argc > 4 && strcmp(argv[4], "-") != 0 ? argv[4] : NULL;
	asked = argc > 5 ? argv[5] : NULL;
	if (strcmp(mode, "timers") == 0 && argc == 5)
		return run_timers(n, strcmp(argv[4], "restart") == 0);
	if (strcmp(mode, "signals") == 0)
		return run_signals(n);
	if (strcmp(mode, "threads") == 0)
		return run_threads(n);
	if (strcmp(mode, "deaths") == 0)
		return run_deaths(n);
	if (strcmp(mode, "exec") == 0)
		return run_exec(argv, n);
	if (strcmp(mode, "forks") == 0)
		return run_forks(n);
	if (strcmp(mode, "daemon") == 0)
		return run_daemon();
	if (strcmp(mode, "loop") == 0)
		return run_loop();
	if (strcmp(mode, "steady") == 0)
		return run_steady(n);
	fputs("usage: brokered timers|signals|threads|deaths|exec|forks|daemon|loop|steady DIR [N ...] | owner COMMAND...\n",
	      stderr);
	return 2;
}

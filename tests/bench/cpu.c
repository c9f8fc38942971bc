/*
 * cpu: run a command and print the CPU time that it and every process it waited for took, user and system, and how long that
 * was by the clock, in microseconds.
 * Usage: cpu COMMAND [WORD]... The command's output goes nowhere; its status is passed on.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long us(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

static long long clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t files;
	struct rusage use;
	pid_t pid;
	int status;

	if (argc < 2) {
		fprintf(stderr, "usage: cpu COMMAND [WORD]...\n");
		return 2;
	}
	if (posix_spawn_file_actions_init(&files) != 0 ||
	    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) != 0)
		return 1;
	const long long start = clock_us();
	const int rc = posix_spawnp(&pid, argv[1], &files, NULL, argv + 1, environ);
	if (rc != 0) {
		fprintf(stderr, "cpu: %s: %s\n", argv[1], strerror(rc));
		return 127;
	}
	while (wait4(pid, &status, 0, &use) < 0)
		if (errno != EINTR)
			return 1;
	const long long took = clock_us() - start;
	printf("%lld %lld\n", us(use.ru_utime) + us(use.ru_stime), took);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

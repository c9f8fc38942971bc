/*
 * calls: what a system call costs here, in nanoseconds. Run outside and inside a sandbox, the difference is the sandbox's.
 * Usage: calls FILE, where FILE can be read. Prints a line for each call: its name, and the median of many batches.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 201
#define CALLS 400

static const char *path;
static int zero;

static int do_getpid(void)
{
	return (int)syscall(SYS_getpid);
}

static int do_read(void)
{
	char c;

	return (int)read(zero, &c, 1) - 1;
}

static int do_open(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? fd : close(fd);
}

static int do_stat(void)
{
	struct stat st;

	return stat(path, &st);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double median_ns(int (*call)(void))
{
	double ns[BATCHES];

	for (int batch = 0; batch < BATCHES; batch++) {
		const double from = now_ns();
		for (int i = 0; i < CALLS; i++)
			if (call() < 0)
				return -1;
		ns[batch] = (now_ns() - from) / CALLS;
	}
	qsort(ns, BATCHES, sizeof *ns, compare);
	return ns[BATCHES / 2];
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*call)(void);
	} calls[] = {{"getpid", do_getpid}, {"read 1 byte", do_read}, {"open+close", do_open}, {"stat", do_stat}};

	zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (argc != 2 || zero < 0) {
		fprintf(stderr, "usage: calls FILE\n");
		return 2;
	}
	path = argv[1];
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		const double ns = median_ns(calls[i].call);
		if (ns < 0) {
			perror(calls[i].name);
			return 1;
		}
		printf("%s\t%.0f\n", calls[i].name, ns);
	}
	return 0;
}

/*
 * held: what the broker keeps in memory of its own. Usage: held REQUESTS COMMAND..., where COMMAND runs `held inside REQUESTS`
 * in a sandbox with `grant read pass ... as file`. Prints the private memory in KiB of all supervisors that COMMAND consists of
 * (dirty and clean): at the start, with 1,000 capabilities held, and after so many requests, of many clients.
 */
#include <dirent.h>
#include <endow.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELD 1000
#define CLIENTS 60 /* each is served a thousand times a second */

static _Noreturn void give_up(const char *what, int rc)
{
	fprintf(stderr, "held: %s: %s\n", what, endow_strerror(rc));
	exit(1);
}

/* Inside: says a letter when it has come so far, and waits for one. -----------------------------------------------------------
 */

static void meet(char letter)
{
	if (write(STDOUT_FILENO, &letter, 1) != 1 || read(STDIN_FILENO, &letter, 1) != 1)
		exit(1);
}

static void use(struct endow *e, endow_handle file)
{
	int fd = endow_open(e, file, NULL, O_RDONLY, 0);

	if (fd < 0)
		give_up("open", fd);
	close(fd);
}

static int inside(long requests)
{
	const struct endow_terms terms = {.name = "part", .rights = ENDOW_READ};
	static struct endow *client[CLIENTS];
	static endow_handle handle[CLIENTS];
	endow_handle file, part;
	struct endow *e;
	int rc;

	if ((rc = endow_connect_broker(&e)) < 0 || (rc = endow_find(e, "file", &file)) < 0)
		give_up("the broker", rc);
	meet('b');
	for (int i = 1; i < HELD; i++)
		if ((rc = endow_derive(e, file, &terms, &part)) < 0)
			give_up("derive", rc);
	meet('h');
	for (int i = 0; i < CLIENTS; i++) {
		rc = endow_client(e, &file, 1);
		if (rc < 0 || (rc = endow_attach(rc, &client[i])) < 0 || (rc = endow_find(client[i], "file", &handle[i])) < 0)
			give_up("a client", rc);
	}
	for (long i = 0; i < requests; i++)
		use(client[i % CLIENTS], handle[i % CLIENTS]);
	meet('r');
	return 0;
}

/* Outside ---------------------------------------------------------------------------------------------------------------------
 */

struct memory {
	long dirty, clean;
};

static void add_memory(pid_t pid, struct memory *sum)
{
	char path[64], line[256];
	long kib;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "Private_Dirty: %ld", &kib) == 1)
			sum->dirty += kib;
		else if (sscanf(line, "Private_Clean: %ld", &kib) == 1)
			sum->clean += kib;
	fclose(f);
}

static int same_program(pid_t pid, pid_t as)
{
	char path[64], one[PATH_MAX], other[PATH_MAX];

	snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
	const ssize_t n = readlink(path, one, sizeof one);
	snprintf(path, sizeof path, "/proc/%d/exe", (int)as);
	const ssize_t m = readlink(path, other, sizeof other);
	return n > 0 && n == m && memcmp(one, other, (size_t)n) == 0;
}

/* PID and those of its descendants that run the same program. Returns how many they are. */
static int add_all(pid_t pid, pid_t first, struct memory *sum)
{
	char path[64];
	int child, count = same_program(pid, first);

	if (!count)
		return 0;
	add_memory(pid, sum);
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
	FILE *f = fopen(path, "re");
	while (f && fscanf(f, "%d", &child) == 1)
		count += add_all(child, first, sum);
	if (f)
		fclose(f);
	return count;
}

static void look(pid_t pid, int to, int from)
{
	struct memory sum = {0};
	char letter = 0;

	if (read(from, &letter, 1) != 1) {
		fprintf(stderr, "held: the program has ended\n");
		exit(1);
	}
	int count = add_all(pid, pid, &sum);
	printf("%ld %ld %d ", sum.dirty, sum.clean, count);
	if (write(to, &letter, 1) != 1)
		exit(1);
}

int main(int argc, char **argv)
{
	int to[2], from[2];

	if (argc == 3 && strcmp(argv[1], "inside") == 0)
		return inside(atol(argv[2]));
	if (argc < 3 || pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0) {
		fprintf(stderr, "usage: held REQUESTS COMMAND...\n");
		return 2;
	}
	const pid_t pid = fork();
	if (pid == 0) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	close(from[1]);
	for (int i = 0; i < 3; i++)
		look(pid, to[1], from[0]);
	printf("\n");
	return pid < 0 || waitpid(pid, NULL, 0) < 0;
}

/*
 * launch: what it costs to start and end a program, by several launchers, in one interleaved run. Usage:
 *
 *     launch SECONDS ROUNDS <subjects
 *
 * A subject is a line: NAME, a tab, the command's words with single blanks. In each round every subject is started once, in a
 * new random order; slow ones sit most rounds out, and a pause after each lets the kernel clear their namespaces away. The run
 * ends after SECONDS or ROUNDS, whichever is first. It prints for each subject a line: NAME, starts, minimum, tenth percentile,
 * median (microseconds), page faults; "failed STATUS" in place of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SUBJECTS_MAX 32
#define WORDS_MAX 64
#define SAMPLES_MAX 100000
#define TRIALS 5
#define SLOW_US 2500.0
#define PAUSE_US 10000

struct subject {
	char *name;
	char *argv[WORDS_MAX];
	double *us;
	double *faults;
	size_t count;
	unsigned int every; /* rounds */
	int failed;         /* wait status */
};

extern char **environ;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static uint64_t random_next(void)
{
	static uint64_t state;

	if (state == 0)
		state = (uint64_t)now_us() | 1;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int parse(char *line, struct subject *s)
{
	size_t n = 0;
	char *word;

	memset(s, 0, sizeof *s);
	s->name = strsep(&line, "\t");
	while (line && (word = strsep(&line, " ")) && n + 1 < WORDS_MAX)
		s->argv[n++] = word;
	s->us = calloc(SAMPLES_MAX, sizeof *s->us);
	s->faults = calloc(SAMPLES_MAX, sizeof *s->faults);
	s->every = 1;
	return n > 0 && s->us && s->faults ? 0 : -EINVAL;
}

static size_t read_subjects(struct subject subjects[SUBJECTS_MAX])
{
	size_t count = 0, room = 0;
	char *line = NULL;

	while (count < SUBJECTS_MAX && getline(&line, &room, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && parse(line, &subjects[count]) == 0)
			count++;
		line = NULL;
		room = 0;
	}
	return count;
}

/* posix_spawn, which does not copy this process: the launcher's own cost is what is left. */
static int once(const struct subject *s, double *us, double *faults)
{
	struct rusage use;
	pid_t pid;
	int status;
	const double from = now_us();

	if (posix_spawn(&pid, s->argv[0], NULL, NULL, s->argv, environ) != 0)
		return 127 << 8;
	while (wait4(pid, &status, 0, &use) < 0)
		if (errno != EINTR)
			return 127 << 8;
	*us = now_us() - from;
	*faults = (double)use.ru_minflt;
	return status;
}

static void sample(struct subject *s)
{
	double us, faults;

	if (s->failed || s->count == SAMPLES_MAX)
		return;
	s->failed = once(s, &us, &faults);
	if (s->failed)
		return;
	if (us > SLOW_US)
		usleep(PAUSE_US);
	s->us[s->count] = us;
	s->faults[s->count++] = faults;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Caches are warmed, and what takes long is found out. */
static void trial(struct subject *s)
{
	for (int i = 0; i < TRIALS; i++)
		sample(s);
	if (s->failed)
		return;
	qsort(s->us, s->count, sizeof *s->us, compare);
	s->every = 1 + (unsigned int)(s->us[s->count / 2] / SLOW_US);
	s->count = 0;
}

static void shuffle(size_t *order, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		const size_t j = random_next() % i, kept = order[i - 1];
		order[i - 1] = order[j];
		order[j] = kept;
	}
}

static void run(struct subject *subjects, size_t count, double seconds, unsigned long rounds)
{
	size_t order[SUBJECTS_MAX];
	const double end = now_us() + seconds * 1e6;

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (unsigned long round = 0; round < rounds && now_us() < end; round++) {
		shuffle(order, count);
		for (size_t i = 0; i < count; i++)
			if (round % subjects[order[i]].every == 0)
				sample(&subjects[order[i]]);
	}
}

static void report(FILE *to, struct subject *s)
{
	if (s->failed || s->count == 0) {
		fprintf(to, "%s\tfailed %d\n", s->name,
			WIFEXITED(s->failed) ? WEXITSTATUS(s->failed) : 128 + WTERMSIG(s->failed));
		return;
	}
	qsort(s->us, s->count, sizeof *s->us, compare);
	qsort(s->faults, s->count, sizeof *s->faults, compare);
	fprintf(to, "%s\t%zu\t%.1f\t%.1f\t%.1f\t%.0f\n", s->name, s->count, s->us[0], s->us[s->count / 10], s->us[s->count / 2],
		s->faults[s->count / 2]);
}

int main(int argc, char **argv)
{
	static struct subject subjects[SUBJECTS_MAX];

	if (argc != 3) {
		fprintf(stderr, "usage: launch SECONDS ROUNDS <subjects\n");
		return 2;
	}
	const size_t count = read_subjects(subjects);
	/* The subjects inherit silence, so that no work is done in between to give it to them. */
	const int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	FILE *to = kept < 0 ? NULL : fdopen(kept, "w");
	if (count == 0 || !to || null < 0) {
		fprintf(stderr, "launch: no subject, or no descriptor\n");
		return 1;
	}
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			return 1;
	for (size_t i = 0; i < count; i++)
		trial(&subjects[i]);
	run(subjects, count, strtod(argv[1], NULL), strtoul(argv[2], NULL, 10));
	for (size_t i = 0; i < count; i++)
		report(to, &subjects[i]);
	return fclose(to) == 0 ? 0 : 1;
}

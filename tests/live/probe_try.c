/* Attempts, one at a time, and the targets for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "owned.h"
#include "probe.h"
#include "targets.h"
#include "tries.h"
#include "tries_abi.h"

#define LIST_MAX 64

static int fds[LIST_MAX];
static gid_t groups[LIST_MAX];
static const char *names[LIST_MAX + 1];

static void list_tries(FILE *to)
{
	for (size_t i = 0; i < tries_count(); i++) {
		const struct try *t = tries_at(i);
		fprintf(to, "%s %s%s%s%s %s\n", t->name, t->layer, t->flags & TRY_PRIVILEGED ? ",privileged" : "",
			t->flags & TRY_SYSTEM ? ",system" : "", t->flags & TRY_KILLS ? ",kills" : "", t->what);
	}
}

static int run_list(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	list_tries(stdout);
	return 0;
}

static int copy(char *to, size_t size, const char *from)
{
	int n = snprintf(to, size, "%s", from);

	return n >= 0 && (size_t)n < size;
}

/* Comma-separated numbers. */
static size_t numbers(char *words, long *to)
{
	size_t n = 0;
	char *rest = NULL;

	for (const char *w = strtok_r(words, ",", &rest); w && n < LIST_MAX; w = strtok_r(NULL, ",", &rest))
		to[n++] = probe_number(w);
	return n;
}

static volatile int *map_hits(int fd)
{
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(int), PROT_READ, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static volatile int *open_hits(const char *path)
{
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	return map_hits(fd);
}

static int set_list(struct try_targets *t, const char *key, char *value)
{
	long list[LIST_MAX];
	size_t n = 0;
	char *rest = NULL;

	if (strcmp(key, "env_names") == 0) {
		for (char *w = strtok_r(value, ",", &rest); w && n < LIST_MAX; w = strtok_r(NULL, ",", &rest))
			names[n++] = w;
		t->env_names = names;
	} else if (strcmp(key, "fds") == 0) {
		t->fd_count = numbers(value, list);
		for (n = 0; n < t->fd_count; n++)
			fds[n] = (int)list[n];
		t->fds = fds;
	} else if (strcmp(key, "groups") == 0) {
		t->group_count = (int)numbers(value, list);
		for (n = 0; n < (size_t)t->group_count; n++)
			groups[n] = (gid_t)list[n];
		t->groups = groups;
	} else {
		return 0;
	}
	return 1;
}

static int set_text(struct try_targets *t, const char *key, const char *value)
{
	if (strcmp(key, "dir") == 0)
		return copy(t->dir, sizeof t->dir, value);
	if (strcmp(key, "abstract") == 0)
		return copy(t->abstract, sizeof t->abstract, value);
	if (strcmp(key, "shm_name") == 0)
		return copy(t->shm_name, sizeof t->shm_name, value);
	if (strcmp(key, "mq_name") == 0)
		return copy(t->mq_name, sizeof t->mq_name, value);
	if (strcmp(key, "inside") == 0)
		t->inside = value;
	else if (strcmp(key, "hits") == 0)
		t->hits = t->hits ? t->hits : open_hits(value);
	else
		return 0;
	return 1;
}

static int set_number(struct try_targets *t, const char *key, const char *value)
{
	long n = probe_number(value);

	if (strcmp(key, "tcp") == 0)
		t->tcp = (uint16_t)n;
	else if (strcmp(key, "tcp6") == 0)
		t->tcp6 = (uint16_t)n;
	else if (strcmp(key, "udp") == 0)
		t->udp = (uint16_t)n;
	else if (strcmp(key, "free_port") == 0)
		t->free_port = (uint16_t)n;
	else if (strcmp(key, "victim") == 0)
		t->victim = (pid_t)n;
	else if (strcmp(key, "victim_addr") == 0)
		t->victim_addr = (uintptr_t)n;
	else if (strcmp(key, "victim_fd") == 0)
		t->victim_fd = (int)n;
	else if (strcmp(key, "hits_fd") == 0)
		t->hits = map_hits((int)n);
	else if (strcmp(key, "shm_id") == 0)
		t->shm_id = (int)n;
	else if (strcmp(key, "shm_key") == 0)
		t->shm_key = (int32_t)n;
	else if (strcmp(key, "key") == 0)
		t->key = (int32_t)n;
	else if (strcmp(key, "bait_dir") == 0)
		t->bait_dir = (int)n;
	else if (strcmp(key, "bait_file") == 0)
		t->bait_file = (int)n;
	else if (strcmp(key, "fd_bound") == 0)
		t->fd_bound = (int)n;
	else if (strcmp(key, "caps") == 0)
		t->caps = (uint64_t)n;
	else if (strcmp(key, "bounding") == 0)
		t->bounding = n != 0;
	else
		return 0;
	return 1;
}

static int set_target(struct try_targets *t, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return 0;
	*value++ = '\0';
	return set_text(t, word, value) || set_list(t, word, value) || set_number(t, word, value);
}

static int run_try(int argc, char **argv)
{
	struct try_targets t = {
	    .victim_fd = -1, .shm_id = -1, .bait_dir = -1, .bait_file = -1, .group_count = -1, .env = environ};
	const struct try *try = tries_find(argv[0]);
	char name[16];

	if (!try) {
		fprintf(stderr, "probe: there is no attempt '%s'\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		if (!set_target(&t, argv[i])) {
			fprintf(stderr, "probe: there is no target '%s', or its value is too long\n", argv[i]);
			return 2;
		}
	if (!*t.dir) {
		fprintf(stderr, "probe: dir= is missing\n");
		return 2;
	}
	puts(tries_outcome_name(try->fn(&t), name));
	return 0;
}

static void print_targets(const struct try_targets *t)
{
	printf("dir=%s\nabstract=%s\nshm_name=%s\nmq_name=%s\n", t->dir, t->abstract, t->shm_name, t->mq_name);
	printf("tcp=%u\ntcp6=%u\nudp=%u\nfree_port=%u\n", t->tcp, t->tcp6, t->udp, t->free_port);
	printf("victim=%d\nvictim_addr=%#lx\nvictim_fd=%d\nhits=%s/" TRY_HITS "\n", (int)t->victim,
	       (unsigned long)t->victim_addr, t->victim_fd, t->dir);
	printf("shm_id=%d\nshm_key=%d\n", t->shm_id, t->shm_key);
	fflush(stdout);
}

static int run_serve(int argc, char **argv)
{
	struct targets g;
	struct err err;
	char c;

	uid_t uid = argc > 1 ? (uid_t)probe_number(argv[1]) : geteuid();
	gid_t gid = argc > 2 ? (gid_t)probe_number(argv[2]) : getegid();
	if (targets_make(argv[0], uid, gid, NULL, NULL, &g, &err) < 0) {
		fprintf(stderr, "probe: %s\n", err.text);
		return 2;
	}
	print_targets(&g.t);
	while (read(STDIN_FILENO, &c, 1) > 0 || errno == EINTR)
		errno = 0;
	targets_drop(&g);
	return 0;
}

/* Run a command with a key in a session keyring of its own; @KEY@ in its words becomes the key's number. */
static int run_keyed(int argc, char **argv)
{
	char number[24];

	long key = syscall(SYS_keyctl, ABI_KEYCTL_JOIN_SESSION, NULL);
	if (key >= 0)
		key = syscall(SYS_add_key, "user", "endow-probe", "x", 1L, ABI_KEY_SPEC_SESSION);
	if (key < 0)
		return probe_say(-1);
	snprintf(number, sizeof number, "%ld", key);
	for (int i = 0; i < argc; i++) {
		const char *at = strstr(argv[i], "@KEY@");
		char *word = NULL;
		if (at && asprintf(&word, "%.*s%s%s", (int)(at - argv[i]), argv[i], number, at + 5) > 0)
			argv[i] = word;
	}
	execvp(argv[0], argv);
	return probe_say(-1);
}

const struct command probe_try_commands[] = {
    {"list", "", 0, 0, run_list},
    {"try", "NAME dir=DIR [TARGET=VALUE]...", 2, -1, run_try},
    {"serve", "DIR [UID GID]   (until standard input ends)", 1, 3, run_serve},
    {"keyed", "COMMAND [WORD|@KEY@]...", 1, -1, run_keyed},
    {0},
};

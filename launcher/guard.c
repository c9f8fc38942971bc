#include "guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "owned.h"

#define DEPTH_MAX 128
#define LINKS_MAX 8 /* one leading to the next */

static int remember(struct guard *g, const struct stat *st, size_t which)
{
	for (size_t i = 0; i < g->above_count; i++)
		if (g->above[i].dev == st->st_dev && g->above[i].ino == st->st_ino)
			return 1; /* and so are those above it */
	if (g->above_count == GUARD_ANCESTORS)
		return -ENOSPC;
	g->above[g->above_count].dev = st->st_dev;
	g->above[g->above_count].ino = st->st_ino;
	g->above[g->above_count++].which = which;
	return 0;
}

/* Call SEE for DIR (taken over) and each folder above it, to the root. Stops at the first answer that is not 0. */
static int upwards(int dir, int (*see)(void *arg, const struct stat *st), void *arg)
{
	OWNED_FD int at = dir;
	struct stat last = {0}, st;

	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		if (fstat(at, &st) < 0)
			return -errno;
		if (depth > 0 && st.st_dev == last.st_dev && st.st_ino == last.st_ino)
			return 0; /* the root is its own parent */
		int rc = see(arg, &st);
		if (rc != 0)
			return rc;
		last = st;
		int up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up < 0)
			return -errno;
		close(at);
		at = up;
	}
	return -ELOOP;
}

struct memory {
	struct guard *guard;
	size_t which;
};

static int see_above(void *arg, const struct stat *st)
{
	const struct memory *m = arg;

	return remember(m->guard, st, m->which);
}

static int remember_above(struct guard *g, const char *dir, size_t which)
{
	struct memory m = {.guard = g, .which = which};
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int rc = upwards(fd, see_above, &m);
	return rc > 0 ? 0 : rc;
}

/* The folder in which the last name of PATH stands, in place. */
static void cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		strcpy(path, ".");
	else if (slash == path)
		path[1] = '\0';
	else
		*slash = '\0';
}

static int keep_above(struct guard *g, const char *path, size_t which, int depth);

/* A link on the way: who may write its folder could lead it elsewhere, and so could who may write above what it leads to. */
static int keep_link(struct guard *g, const char *link, size_t which, int depth)
{
	char text[FIND_PATH], target[2 * FIND_PATH];
	ssize_t n = readlink(link, text, sizeof text - 1);

	if (n < 0)
		return 0; /* no link, or nothing there */
	if (depth == 0 || n == sizeof text - 1)
		return -ELOOP;
	text[n] = '\0';
	const char *slash = strrchr(link, '/');
	const int folder = *text != '/' && slash ? (int)(slash - link) + 1 : 0;
	if ((size_t)snprintf(target, sizeof target, "%.*s%s", folder, link, text) >= FIND_PATH)
		return -ENAMETOOLONG;
	return keep_above(g, target, which, depth - 1);
}

/*
 * The folders above every name on the way. Of a path that does not exist yet, those above the part that does: who may create there could
 * make it.
 */
static int keep_above(struct guard *g, const char *path, size_t which, int depth)
{
	char above[FIND_PATH];

	strcpy(above, path);
	for (;;) {
		int rc = keep_link(g, above, which, depth);
		if (rc < 0)
			return rc;
		cut_last(above);
		rc = remember_above(g, above, which);
		if (rc < 0 && rc != -ENOENT && rc != -ENOTDIR && rc != -EACCES) /* a home that we can't enter can't be written either */
			return rc;
		if (strcmp(above, "/") == 0 || strcmp(above, ".") == 0)
			return 0;
	}
}

/* PATH itself, what it contains, and all that leads to it. */
static int keep(struct guard *g, const char *path)
{
	const size_t which = g->kept_count;
	struct stat st;

	if (!path || !*path)
		return 0;
	if (which == GUARD_MAX || strlen(path) >= FIND_PATH)
		return -ENOSPC;
	strcpy(g->kept[which].path, path);
	g->kept_count++;
	if (stat(path, &st) == 0) {
		g->kept[which].dev = st.st_dev;
		g->kept[which].ino = st.st_ino;
		int rc = S_ISDIR(st.st_mode) ? remember_above(g, path, which) : remember(g, &st, which);
		if (rc < 0)
			return rc;
	}
	return keep_above(g, path, which, LINKS_MAX);
}

/* A policy may be a link to where somebody keeps it: what it leads to is a policy as well. */
static int keep_linked(struct guard *g, const char *dir, size_t which)
{
	char path[2 * FIND_PATH];
	struct dirent *entry;
	struct stat st;
	int rc = 0;

	DIR *d = opendir(dir);
	if (!d)
		return 0; /* absent, or not to be read: nothing can be found in it either */
	while (rc >= 0 && (entry = readdir(d)) != NULL) {
		if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
			continue;
		if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) >= FIND_PATH)
			continue;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			rc = remember(g, &st, which);
		if (rc >= 0)
			rc = keep_link(g, path, which, LINKS_MAX);
	}
	closedir(d);
	return rc;
}

/* The folder of fragments, too: it may be mounted somewhere else as well. */
static int keep_policies(struct guard *g, const char *dir)
{
	char fragments[FIND_PATH];

	if (!*dir || (size_t)snprintf(fragments, sizeof fragments, "%s/fragments", dir) >= sizeof fragments)
		return 0;
	int rc = keep(g, dir);
	if (rc >= 0)
		rc = keep_linked(g, dir, g->kept_count - 1);
	if (rc >= 0)
		rc = keep(g, fragments);
	return rc < 0 ? rc : keep_linked(g, fragments, g->kept_count - 1);
}

static int fill(struct guard *g, const struct places *p, const char *policy)
{
	const char *const policies[] = {p->config, p->system, p->library};
	const char *const others[] = {p->cache, p->system_cache, p->libexec, p->self, policy};
	int rc = 0;

	for (size_t i = 0; i < sizeof policies / sizeof *policies && rc >= 0; i++)
		rc = keep_policies(g, policies[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others && rc >= 0; i++)
		rc = keep(g, others[i]);
	g->ready = rc >= 0;
	return rc < 0 ? rc : 0;
}

struct sought {
	const struct guard *guard;
	const char *found;
};

static int see_kept(void *arg, const struct stat *st)
{
	struct sought *s = arg;

	for (size_t i = 0; i < s->guard->kept_count; i++)
		if (s->guard->kept[i].ino == st->st_ino && s->guard->kept[i].dev == st->st_dev) {
			s->found = s->guard->kept[i].path;
			return 1;
		}
	return 0;
}

/* The folder that THING is, or lies in. */
static int folder_of(const struct thing *thing)
{
	char link[32], real[PATH_MAX];

	if (thing->is_dir)
		return openat(thing->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(link, sizeof link, "/proc/self/fd/%d", thing->fd);
	ssize_t n = readlink(link, real, sizeof real - 1);
	if (n < 0 || n == sizeof real - 1)
		return -1;
	real[n] = '\0';
	cut_last(real);
	return open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int guard_prepare(struct guard *g, const struct places *places, const char *policy, struct err *err)
{
	const int rc = g->ready ? 0 : fill(g, places, policy);

	return rc < 0 ? err_set(err, -rc, "can't tell what decides about the program: %s", err_words(rc)) : 0;
}

int guard_check(struct guard *g, const struct places *places, const char *policy, const struct thing *thing, struct err *err)
{
	struct sought sought = {.guard = g};

	if (!thing->is_dir && !S_ISREG(thing->st.st_mode))
		return 0; /* a device or a socket holds no policy */
	int rc = g->ready ? 0 : fill(g, places, policy);
	if (rc < 0)
		return err_set(err, -rc, "can't tell what %s would cover: %s", thing->path, err_words(rc));
	for (size_t i = 0; i < g->above_count; i++)
		if (g->above[i].ino == thing->st.st_ino && g->above[i].dev == thing->st.st_dev)
			return err_set(err, EPERM,
				       "%s covers %s: a program may not write what decides about it; grant what lies beside, not above",
				       thing->path, g->kept[g->above[i].which].path);
	int dir = folder_of(thing);
	if (dir < 0)
		return err_set(err, errno, "can't tell in which folder %s lies: %s", thing->path, err_words(errno));
	rc = upwards(dir, see_kept, &sought);
	if (rc < 0)
		return err_set(err, -rc, "can't tell in which folder %s lies: %s", thing->path, err_words(rc));
	if (rc > 0)
		return err_set(err, EPERM, "%s lies in %s: a program may not write what decides about it", thing->path, sought.found);
	return 0;
}

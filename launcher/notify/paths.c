#include "paths.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hear.h"
#include "kernel.h"
#include "owned.h"
#include "plan.h"

#define LINKS_MAX 16 /* of links to nothing, one behind the other */

/* Text -------------------------------------------------------------------------------------------------------------------- */

/* Slashes, and names that are ".". */
static const char *skip(const char *p)
{
	for (;;) {
		while (*p == '/')
			p++;
		if (p[0] != '.' || (p[1] != '/' && p[1] != '\0'))
			return p;
		p++;
	}
}

/* What is left of PATH behind ROOT, name by name; NULL: it does not begin with it. */
static const char *behind(const char *root, const char *path)
{
	for (;;) {
		while (*root == '/')
			root++;
		path = skip(path);
		if (!*root)
			return path;
		const size_t n = strcspn(root, "/");
		if (strncmp(root, path, n) != 0 || (path[n] != '/' && path[n] != '\0'))
			return NULL;
		root += n;
		path += n;
	}
}

static int has_up(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")) != NULL; p += 2)
		if ((p == path || p[-1] == '/') && (p[2] == '/' || p[2] == '\0'))
			return 1;
	return 0;
}

static int ends_as_folder(const char *path)
{
	const size_t n = strlen(path);

	return n > 0 && (path[n - 1] == '/' || (n > 1 && path[n - 1] == '.' && path[n - 2] == '/'));
}

const char *paths_last_name(const char *path)
{
	size_t n = strlen(path);

	while (n > 0 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	return path + n;
}

int paths_is_own(const char *path)
{
	static const char *const own[] = {"/proc", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr"};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (behind(own[i], path))
			return 1;
	return 0;
}

/* From the caller --------------------------------------------------------------------------------------------------------- */

/* Where the descriptor LINK of ours, or a link of /proc, leads. */
static int link_text(const char *link, char to[CALL_PATH])
{
	const ssize_t n = readlink(link, to, CALL_PATH - 1);

	if (n <= 0 || n == CALL_PATH - 1)
		return n < 0 ? -errno : -ENAMETOOLONG;
	to[n] = '\0';
	return *to == '/' ? 0 : -ENOENT;
}

/* Of what is gone the kernel says "NAME (deleted)", which may be another's name. */
static int is_removed(const char *link, const char *text)
{
	static const char mark[] = " (deleted)";
	const size_t n = strlen(text);
	struct stat st;

	return n >= sizeof mark && strcmp(text + n + 1 - sizeof mark, mark) == 0 && (stat(link, &st) < 0 || st.st_nlink == 0);
}

int paths_read(const struct call *c, int dirfd, uint64_t address, char to[PATHS_TEXT])
{
	char text[CALL_PATH], link[48];
	int rc = call_text(c, address, text);

	if (rc < 0)
		return rc;
	if (*text == '/') {
		memcpy(to, text, strlen(text) + 1);
		return 0;
	}
	if (!*text)
		return -ENOENT;
	if (dirfd == AT_FDCWD)
		snprintf(link, sizeof link, "/proc/%d/cwd", (int)c->tid);
	else
		snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)c->tid, dirfd);
	rc = link_text(link, to);
	if (rc < 0 || is_removed(link, to))
		return rc < 0 ? rc : -ENOENT;
	const size_t n = strlen(to);
	to[n] = '/';
	memcpy(to + n + 1, text, strlen(text) + 1);
	return call_still(c) ? 0 : -ESRCH;
}

int paths_of_descriptor(const struct call *c, const char *path, char to[CALL_PATH])
{
	static const char *const named[][2] = {
	    {"/dev/fd", ""},      {"/dev/stdin", "0"},   {"/dev/stdout", "1"},
	    {"/dev/stderr", "2"}, {"/proc/self/fd", ""}, {"/proc/thread-self/fd", ""},
	};
	const char *number = NULL;
	char link[48];

	for (size_t i = 0; i < sizeof named / sizeof *named && !number; i++) {
		number = behind(named[i][0], path);
		if (number && *named[i][1])
			number = *number ? NULL : named[i][1];
	}
	if (!number || !*number || strspn(number, "0123456789") != strlen(number) || strlen(number) > 9)
		return -ENOENT;
	snprintf(link, sizeof link, "/proc/%d/fd/%s", (int)c->tid, number);
	return link_text(link, to);
}

/* Without links ----------------------------------------------------------------------------------------------------------- */

static int look(const char *path, uint64_t flags, uint64_t resolve)
{
	const struct k_open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve | K_RESOLVE_NO_MAGICLINKS};
	const int fd = k_openat2(AT_FDCWD, path, &how);

	return fd < 0 ? -errno : fd;
}

int paths_of(int fd, char to[CALL_PATH])
{
	char link[32];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return link_text(link, to);
}

/* The folder of PATH without links, and PATH's last name as it is. */
static int canonical_name(const char *path, char to[PATHS_TEXT])
{
	const char *name = paths_last_name(path);
	char folder[PATHS_TEXT];

	if (name == path)
		return -ENOENT; /* the root */
	memcpy(folder, path, (size_t)(name - path));
	folder[name - path] = '\0';
	OWNED_FD int fd = look(folder, O_DIRECTORY, 0);
	int rc = fd < 0 ? fd : paths_of(fd, to);
	if (rc < 0)
		return rc;
	const size_t n = strlen(to);
	if (n + strlen(name) + 2 > PATHS_TEXT)
		return -ENAMETOOLONG;
	to[n] = '/';
	memcpy(to + n + 1, name, strlen(name) + 1);
	return 0;
}

/* PATH leads to nothing: it names what can be made, or a link that does. */
static int canonical_absent(const char *path, enum paths_last last, char to[PATHS_TEXT])
{
	char text[CALL_PATH], next[PATHS_TEXT];

	for (int links = 0; links < LINKS_MAX; links++) {
		int rc = canonical_name(path, to);
		if (rc < 0)
			return rc;
		const ssize_t n = last == PATHS_FOLLOW ? readlink(to, text, sizeof text - 1) : -1;
		if (n <= 0)
			return 0;
		text[n] = '\0';
		const int len = *text == '/' ? snprintf(next, sizeof next, "%s", text)
					     : snprintf(next, sizeof next, "%.*s%s", (int)(paths_last_name(to) - to), to, text);
		if (len >= (int)sizeof next)
			return -ENAMETOOLONG;
		path = next;
	}
	return -ELOOP;
}

/* Does the way to what PATH names pass no link at all? Then it is what it says. */
static int is_plain(const char *path, enum paths_last last)
{
	char folder[PATHS_TEXT];
	const char *name = paths_last_name(path);

	if (has_up(path))
		return 0;
	if (last == PATHS_NAME) {
		memcpy(folder, path, (size_t)(name - path));
		folder[name - path] = '\0';
		path = folder;
	}
	OWNED_FD int fd = look(path, last == PATHS_FOLLOW ? 0 : O_NOFOLLOW, K_RESOLVE_NO_SYMLINKS);
	return fd != -ELOOP;
}

int paths_canonical(const char *path, enum paths_last last, char to[PATHS_TEXT])
{
	int rc;

	if (paths_is_own(path) || is_plain(path, last))
		return 0;
	if (last == PATHS_NAME) {
		rc = canonical_name(path, to);
	} else {
		OWNED_FD int fd = look(path, last == PATHS_FOLLOW ? 0 : O_NOFOLLOW, 0);
		rc = fd == -ENOENT ? canonical_absent(path, last, to) : fd < 0 ? fd : paths_of(fd, to);
	}
	return rc == 0 && !paths_is_own(to);
}

/* Capabilities ------------------------------------------------------------------------------------------------------------ */

int paths_beneath(struct broker *b, const struct cap *cap, const char *path, const char **rest)
{
	*rest = behind(b->objects.list[cap->object].held->path, path);
	return *rest && (cap->kind == WIRE_TREE || (!**rest && !ends_as_folder(path)));
}

/* Of the program's own connection, and not made from another there: what a program has parted off is for whom it hands it to.
 */
static int covers(struct broker *b, const struct cap *cap, const char *path, uint32_t rights, const char **rest)
{
	const struct held *held = b->objects.list[cap->object].held;
	const uint32_t has = cap->rights | (cap->rights & WIRE_WRITE ? WIRE_APPEND : 0);

	if (!held->by_path || cap->parent || rights & ~has || cap->flags & WIRE_DERIVE_REVOCABLE)
		return 0;
	return paths_beneath(b, cap, path, rest) && table_left(&b->table, cap) != 0;
}

struct cap *paths_covering(struct broker *b, const char *path, uint32_t rights, struct cap *after, const char **rest)
{
	struct cap *cap = after ? table_next(&b->table, after) : table_from(&b->table, 0, 0);

	while (cap && !covers(b, cap, path, rights, rest))
		cap = table_next(&b->table, cap);
	return cap;
}

void paths_used(struct broker *b, const struct call *c, struct cap *cap, const char *rest, uint32_t rights)
{
	(void)table_use(&b->table, cap);
	if (b->log.fd < 0)
		return;
	struct log_line line = server_line(b, "use", 0, cap);
	line.pid = call_process(c);
	line.path = rest;
	line.path_len = strlen(rest);
	line.rights = rights;
	log_write(&b->log, &line);
}

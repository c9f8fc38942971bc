#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "beneath.h"
#include "broker/opening.h"
#include "kernel.h"
#include "lend.h"
#include "owned.h"
#include "paths.h"

#define RENAME_FLAGS 3u /* NOREPLACE, EXCHANGE */
#ifndef SYS_renameat2
#define SYS_renameat2 316
#endif

enum what { UNLINK, RMDIR, MKDIR, RENAME, LINK, SYMLINK, TRUNCATE };

/* Which arguments say what; -1: none does, and it is relative to the working directory. */
struct form {
	int nr;
	enum what what;
	int dir, path, second_dir, second; /* of RENAME and LINK; of SYMLINK: second is what is written into it */
	int extra;                         /* flags, mode, or length */
};

static const struct form forms[] = {
#ifdef SYS_unlink
    {SYS_unlink, UNLINK, -1, 0, -1, -1, -1},   {SYS_rmdir, RMDIR, -1, 0, -1, -1, -1},
    {SYS_mkdir, MKDIR, -1, 0, -1, -1, 1},      {SYS_rename, RENAME, -1, 0, -1, 1, -1},
    {SYS_link, LINK, -1, 0, -1, 1, -1},        {SYS_symlink, SYMLINK, -1, 1, -1, 0, -1},
#endif
#ifdef SYS_renameat
    {SYS_renameat, RENAME, 0, 1, 2, 3, -1},
#endif
    {SYS_unlinkat, UNLINK, 0, 1, -1, -1, 2},   {SYS_mkdirat, MKDIR, 0, 1, -1, -1, 2},
    {SYS_renameat2, RENAME, 0, 1, 2, 3, 4},    {SYS_linkat, LINK, 0, 1, 2, 3, 4},
    {SYS_symlinkat, SYMLINK, 1, 2, -1, 0, -1}, {SYS_truncate, TRUNCATE, -1, 0, -1, -1, 1},
};

struct change {
	const struct call *c;
	enum what what;
	uint64_t extra;
	int has_second;
	char path[PATHS_TEXT], second[PATHS_TEXT]; /* absolute */
	char text[CALL_PATH];                      /* of SYMLINK */
};

static int read_path(const struct call *c, int dir, int path, char to[PATHS_TEXT])
{
	return paths_read(c, dir < 0 ? AT_FDCWD : (int)c->args[dir], c->args[path], to);
}

static int decode(const struct call *c, struct change *ch)
{
	const struct form *f = NULL;

	for (size_t i = 0; i < sizeof forms / sizeof *forms && !f; i++)
		f = forms[i].nr == c->nr ? &forms[i] : NULL;
	if (!f)
		return -ENOSYS;
	ch->c = c;
	ch->what = f->what;
	ch->extra = f->extra < 0 ? 0 : c->args[f->extra];
	ch->has_second = f->what == RENAME || f->what == LINK;
	if (c->nr == SYS_unlinkat && (int)ch->extra == AT_REMOVEDIR)
		ch->what = RMDIR;
	else if (c->nr == SYS_unlinkat && (int)ch->extra != 0)
		return -EINVAL;
	int rc = read_path(c, f->dir, f->path, ch->path);
	if (rc == 0 && ch->has_second)
		rc = read_path(c, f->second_dir, f->second, ch->second);
	return rc == 0 && f->what == SYMLINK ? call_text(c, c->args[f->second], ch->text) : rc;
}

/* What is done --------------------------------------------------------------------------------------------------------------
 */

static int make_folder(const struct call *c, int at, const char *name, unsigned int mode)
{
	const mode_t before = umask(call_umask(c));
	const int rc = mkdirat(at, name, mode & 01777);

	umask(before);
	return rc < 0 ? rc : opening_give_at(at, name);
}

static int do_one(const struct change *ch, int at, const char *name)
{
	switch (ch->what) {
	case UNLINK: return unlinkat(at, name, 0);
	case RMDIR: return unlinkat(at, name, AT_REMOVEDIR);
	case MKDIR: return make_folder(ch->c, at, name, (unsigned int)ch->extra);
	case SYMLINK: return symlinkat(ch->text, at, name) < 0 ? -1 : opening_give_at(at, name);
	default: return -1;
	}
}

static int do_two(const struct change *ch, int at, const char *name, int second, const char *second_name)
{
	if (ch->what == LINK)
		return linkat(at, name, second, second_name, 0);
	return (int)syscall(SYS_renameat2, at, name, second, second_name, (unsigned int)ch->extra);
}

static unsigned int no_umask(const void *arg)
{
	(void)arg;
	return 0;
}

static int shorten(const struct change *ch, const struct beneath *where)
{
	const struct beneath_how how = {.flags = O_WRONLY, .umask = no_umask};
	const off_t length = (off_t)ch->extra;
	struct rlimit l;
	struct stat st;

	if (length < 0)
		return -EINVAL;
	OWNED_FD int fd = beneath_open(where, &how);
	if (fd < 0)
		return fd;
	/* The limit is the caller's, not the supervisor's. */
	if (fstat(fd, &st) < 0 || prlimit(ch->c->tid, RLIMIT_FSIZE, NULL, &l) < 0)
		return -errno;
	if (length > st.st_size && (uint64_t)length > l.rlim_cur)
		return -EFBIG;
	return ftruncate(fd, length) < 0 ? -errno : 0;
}

static int carry_out(const struct change *ch, const struct beneath *where, const char *second_rest)
{
	char name[NAME_MAX + 2], second_name[NAME_MAX + 2];
	struct beneath other = *where;

	if (ch->what == TRUNCATE)
		return shorten(ch, where);
	OWNED_FD int at = beneath_folder(where, name);
	if (at < 0 || !ch->has_second)
		return at < 0 ? at : do_one(ch, at, name) < 0 ? -errno : 0;
	other.rest = second_rest;
	OWNED_FD int second = beneath_folder(&other, second_name);
	return second < 0 ? second : do_two(ch, at, name, second, second_name) < 0 ? -errno : 0;
}

/* By what ---------------------------------------------------------------------------------------------------------------------
 */

static uint32_t rights_of(const struct change *ch)
{
	return ch->what == TRUNCATE ? WIRE_WRITE : WIRE_CREATE;
}

/* CALL_GO_ON: nothing covers it, or not both. */
static int change_covered(const struct change *ch, const char *path, const char *second)
{
	struct broker *b = server_now();
	const char *rest, *second_rest = NULL;

	if (!b)
		return CALL_GO_ON;
	for (struct cap *cap = NULL; (cap = paths_covering(b, path, rights_of(ch), cap, &rest)) != NULL;) {
		const struct object *object = &b->objects.list[cap->object];
		if (ch->has_second && !paths_beneath(b, cap, second, &second_rest))
			continue;
		if (ch->what != TRUNCATE && cap->kind != WIRE_TREE)
			continue;
		const struct beneath where = {
		    .root = object->fd, .dev = object->held->dev, .is_tree = cap->kind == WIRE_TREE, .rest = rest};
		int rc = lend_bare_begin(); /* modes bind the program's user */
		if (rc < 0)
			return rc;
		rc = carry_out(ch, &where, second_rest);
		lend_bare_end();
		if (rc == -EXDEV)
			continue;
		if (rc == 0)
			paths_used(b, ch->c, cap, rest, rights_of(ch));
		return rc;
	}
	return CALL_GO_ON;
}

/* One name lies in a tree of its own, and the other does not: for the program these are two file systems. */
static int is_divided(const char *path, const char *second)
{
	struct broker *b = server_get();
	const char *rest;

	return b && (paths_covering(b, path, WIRE_CREATE, NULL, &rest) || paths_covering(b, second, WIRE_CREATE, NULL, &rest));
}

static int is_odd(const struct change *ch)
{
	return (ch->what == RENAME && (unsigned int)ch->extra & ~RENAME_FLAGS) || (ch->what == LINK && ch->extra) ||
	       paths_is_own(ch->path) || (ch->has_second && paths_is_own(ch->second));
}

int paths_change(const struct call *c)
{
	static struct change change; /* large; one is served after the other */
	static char real[PATHS_TEXT], second_real[PATHS_TEXT];
	struct change *ch = &change;

	if (decode(c, ch) < 0 || is_odd(ch))
		return CALL_GO_ON;
	int rc = change_covered(ch, ch->path, ch->second);
	if (rc != CALL_GO_ON)
		return rc;
	const enum paths_last last = ch->what == TRUNCATE ? PATHS_FOLLOW : PATHS_NAME;
	const char *path = paths_canonical(ch->path, last, real) ? real : ch->path;
	const char *second = ch->has_second && paths_canonical(ch->second, PATHS_NAME, second_real) ? second_real : ch->second;
	if (path == real || second == second_real)
		rc = change_covered(ch, path, second);
	if (rc == CALL_GO_ON && ch->has_second && is_divided(path, second))
		return -EXDEV;
	if (rc == CALL_GO_ON)
		rc = paths_otherwise(c, path, last, rights_of(ch),
				     ch->what == MKDIR || ch->what == SYMLINK ? O_CREAT | O_EXCL : 0);
	if (rc == CALL_GO_ON && ch->has_second)
		rc = paths_otherwise(c, second, PATHS_NAME, WIRE_CREATE, ch->what == LINK ? O_CREAT | O_EXCL : O_CREAT);
	return rc;
}

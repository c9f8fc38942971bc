#include "acts.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "kernel.h"
#include "need.h"
#include "owned.h"

enum kind { OPEN, OPEN2, EXEC, MAKE, REMOVE, RENAME, LINK, TRUNCATE, META, META_FD, LIST };

#define NO (-1)
#define AT_PATH_IN(dir, path) dir, path

/* Which arguments hold what; NO: none, or the working directory. */
static const struct path_call {
	int nr;
	enum kind kind;
	int8_t dir, path;   /* of the first name */
	int8_t flags;       /* OPEN: the flags; META, LINK: AT_*; RENAME: RENAME_* */
	int8_t dir2, path2; /* of the second */
	int8_t nofollow;    /* a link at the path's end is meant itself */
} path_calls[] = {
    {S(open), OPEN, NO, 0, 1, NO, NO, 0},           {S(openat), OPEN, 0, 1, 2, NO, NO, 0},
    {S(creat), OPEN, NO, 0, NO, NO, NO, 0},         {S(openat2), OPEN2, 0, 1, 2, NO, NO, 0},
    {S(execve), EXEC, NO, 0, NO, NO, NO, 0},        {S(execveat), EXEC, 0, 1, 4, NO, NO, 0},
    {S(mkdir), MAKE, NO, 0, NO, NO, NO, 1},         {S(mkdirat), MAKE, 0, 1, NO, NO, NO, 1},
    {S(mknod), MAKE, NO, 0, NO, NO, NO, 1},         {S(mknodat), MAKE, 0, 1, NO, NO, NO, 1},
    {S(symlink), MAKE, NO, 1, NO, NO, NO, 1},       {S(symlinkat), MAKE, 1, 2, NO, NO, NO, 1},
    {S(unlink), REMOVE, NO, 0, NO, NO, NO, 1},      {S(rmdir), REMOVE, NO, 0, NO, NO, NO, 1},
    {S(unlinkat), REMOVE, 0, 1, NO, NO, NO, 1},     {S(rename), RENAME, NO, 0, NO, NO, 1, 1},
    {S(renameat), RENAME, 0, 1, NO, 2, 3, 1},       {S(renameat2), RENAME, 0, 1, 4, 2, 3, 1},
    {S(link), LINK, NO, 0, NO, NO, 1, 1},           {S(linkat), LINK, 0, 1, 4, 2, 3, 1},
    {S(truncate), TRUNCATE, NO, 0, NO, NO, NO, 0},  {S(chmod), META, NO, 0, NO, NO, NO, 0},
    {S(fchmodat), META, 0, 1, NO, NO, NO, 0},       {__NR_fchmodat2, META, 0, 1, 3, NO, NO, 0},
    {S(chown), META, NO, 0, NO, NO, NO, 0},         {S(lchown), META, NO, 0, NO, NO, NO, 1},
    {S(fchownat), META, 0, 1, 4, NO, NO, 0},        {S(utime), META, NO, 0, NO, NO, NO, 0},
    {S(utimes), META, NO, 0, NO, NO, NO, 0},        {S(futimesat), META, 0, 1, NO, NO, NO, 0},
    {S(utimensat), META, 0, 1, 3, NO, NO, 0},       {S(setxattr), META, NO, 0, NO, NO, NO, 0},
    {S(lsetxattr), META, NO, 0, NO, NO, NO, 1},     {S(removexattr), META, NO, 0, NO, NO, NO, 0},
    {S(lremovexattr), META, NO, 0, NO, NO, NO, 1},  {__NR_setxattrat, META, 0, 1, 2, NO, NO, 0},
    {__NR_removexattrat, META, 0, 1, 2, NO, NO, 0}, {__NR_file_setattr, META, 0, 1, 4, NO, NO, 0},
    {S(getdents), LIST, 0, NO, NO, NO, NO, 0},      {S(getdents64), LIST, 0, NO, NO, NO, NO, 0},
    {S(fchmod), META_FD, 0, NO, NO, NO, NO, 0},     {S(fchown), META_FD, 0, NO, NO, NO, NO, 0},
    {S(fsetxattr), META_FD, 0, NO, NO, NO, NO, 0},  {S(fremovexattr), META_FD, 0, NO, NO, NO, NO, 0},
};

static int arg(const struct act *a, int n, int otherwise)
{
	return n == NO ? otherwise : (int)a->call->args[n];
}

/* The file that the path in argument PATH names. -ENOENT and its like: the call fails, and needs nothing. */
static int find(struct act *a, int dir, int path, int follow, struct found *found)
{
	char text[LOOK_PATH];
	int rc = look_text(&a->at, a->call->args[path], text);

	if (rc < 0) {
		a->record->blind += rc == -EPERM || rc == -EACCES;
		return rc;
	}
	/* What was read is the caller's only if it still waits. */
	if (!look_still(&a->at))
		return -ESRCH;
	rc = look_path(&a->at, arg(a, dir, AT_FDCWD), text, follow, found);
	return rc < 0 ? rc : look_still(&a->at) ? 0 : -ESRCH;
}

static int may(const struct found *found, const char *path, int mode)
{
	/* What is the caller's own in /proc would be asked of ours. */
	return found->own || k_faccessat2(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* Under endow root keeps no capability, so what the mode of a file forbids is forbidden. MODE of R_OK and W_OK. */
static uint32_t privilege(const struct stat *st, int mode)
{
	if (geteuid() != 0)
		return 0;
	const unsigned int bits = st->st_uid == 0 ? st->st_mode >> 6 : st->st_gid == getegid() ? st->st_mode >> 3 : st->st_mode;
	return (unsigned int)mode & ~bits & 7 ? SEEN_PRIVILEGE : 0;
}

static void seen_made(struct act *a, const struct found *found, uint32_t rights, uint32_t flags)
{
	struct stat st;

	if (!may(found, found->folder, W_OK | X_OK))
		return;
	if (stat(found->folder, &st) == 0)
		flags |= privilege(&st, W_OK | X_OK);
	record_path(a->record, found->path, rights, flags | SEEN_MADE, a->who);
}

/* A file without a name yet is made in its folder all the same. */
static void seen_unnamed(struct act *a, const struct found *folder, uint32_t rights)
{
	char path[LOOK_PATH];

	if (snprintf(path, sizeof path, "%s/#unnamed", folder->path) < (int)sizeof path)
		record_path(a->record, path, rights, SEEN_MADE, a->who);
}

/* An entry of the folder goes away. That of one made during the run does with what making it takes. */
static void seen_removed(struct act *a, const struct found *found)
{
	const struct seen *entry = record_find(a->record, found->path);

	if (!entry || !(entry->flags & SEEN_MADE))
		record_path(a->record, found->folder, RIGHT_CREATE, SEEN_DIR, a->who);
}

static uint32_t rights_of(int flags)
{
	const int mode = flags & O_ACCMODE;
	uint32_t rights = mode == O_RDONLY || mode == O_RDWR ? RIGHT_READ : 0;

	if (flags & O_TRUNC)
		return rights | RIGHT_WRITE;
	if (mode != O_RDONLY)
		rights |= flags & O_APPEND ? RIGHT_APPEND : RIGHT_WRITE;
	return rights;
}

/* Not even its folder is there. It needs no grant, but tells where the program looks. */
static void seen_absent(struct act *a, const struct path_call *p)
{
	char text[LOOK_PATH];

	if (look_text(&a->at, a->call->args[p->path], text) == 0 && *text == '/' && look_still(&a->at))
		record_path(a->record, text, 0, SEEN_ABSENT, a->who);
}

static void act_open(struct act *a, const struct path_call *p, int flags)
{
	const int exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	const uint32_t rights = rights_of(flags);
	struct found found;

	if (flags & O_PATH)
		return;
	int rc = find(a, p->dir, p->path, !exclusive && !(flags & O_NOFOLLOW), &found);
	if (rc == -ENOENT)
		seen_absent(a, p);
	if (rc < 0 || found.nameless)
		return;
	if ((flags & O_TMPFILE) == O_TMPFILE) {
		if (found.is_there && S_ISDIR(found.st.st_mode))
			seen_unnamed(a, &found, rights);
		return;
	}
	if (!found.is_there) {
		if (flags & O_CREAT)
			seen_made(a, &found, rights, 0);
		else
			record_path(a->record, found.path, 0, SEEN_ABSENT, a->who);
		return;
	}
	const mode_t type = found.st.st_mode & S_IFMT;
	if (exclusive || type == S_IFLNK || type == S_IFSOCK || (flags & O_DIRECTORY && type != S_IFDIR) ||
	    (type == S_IFDIR && rights != RIGHT_READ))
		return;
	const int mode = (rights & RIGHT_READ ? R_OK : 0) | (rights & ~(uint32_t)RIGHT_READ ? W_OK : 0);
	if (may(&found, found.path, mode))
		record_path(a->record, found.path, rights, (type == S_IFDIR ? SEEN_DIR : 0) | privilege(&found.st, mode),
			    a->who);
}

static void act_open2(struct act *a, const struct path_call *p)
{
	struct k_open_how how = {0};

	if (look_memory(&a->at, a->call->args[p->flags], &how, sizeof how) == 0)
		act_open(a, p, (int)how.flags);
}

/* What the kernel opens when it executes PATH: the interpreter that a script names, the loader that a program names. */
static int next_to_execute(const char *path, char to[LOOK_PATH])
{
	char head[256];
	Elf64_Ehdr elf;
	Elf64_Phdr part;
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof head - 1, 0);

	if (n < 4)
		return 0;
	head[n] = '\0';
	if (head[0] == '#' && head[1] == '!') {
		const char *p = head + 2 + strspn(head + 2, " \t");
		snprintf(to, LOOK_PATH, "%.*s", (int)strcspn(p, " \t\n"), p);
		return *to == '/';
	}
	if (pread(fd, &elf, sizeof elf, 0) != sizeof elf || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf.e_ident[EI_CLASS] != ELFCLASS64)
		return 0;
	for (unsigned int i = 0; i < elf.e_phnum; i++) {
		if (pread(fd, &part, sizeof part, (off_t)(elf.e_phoff + i * sizeof part)) != sizeof part)
			return 0;
		if (part.p_type != PT_INTERP)
			continue;
		const size_t size = part.p_filesz < LOOK_PATH ? part.p_filesz : LOOK_PATH - 1;
		if (pread(fd, to, size, (off_t)part.p_offset) != (ssize_t)size)
			return 0;
		to[size] = '\0';
		return *to == '/';
	}
	return 0;
}

static void act_exec(struct act *a, const struct path_call *p)
{
	char next[LOOK_PATH];
	struct found found;
	int rc = p->flags != NO && arg(a, p->flags, 0) & AT_EMPTY_PATH ? look_fd(&a->at, arg(a, p->dir, NO), &found)
								       : find(a, p->dir, p->path, 1, &found);

	for (int depth = 0; rc == 0 && depth < 6; depth++) {
		if (found.nameless) {
			record_call(a->record, a->call->nr, a->who);
			return;
		}
		if (!found.is_there || !S_ISREG(found.st.st_mode) || !may(&found, found.path, X_OK))
			return;
		record_path(a->record, found.path, RIGHT_EXEC, 0, a->who);
		if (depth == 0 && !a->is_start)
			seen_by_add(a->record, &a->record->exec_by, a->who);
		if (!next_to_execute(found.path, next))
			return;
		rc = look_path(&a->at, AT_FDCWD, next, 1, &found);
	}
}

static void act_make(struct act *a, const struct path_call *p)
{
	const int nr = a->call->nr;
	struct found found;

	if (find(a, p->dir, p->path, 0, &found) == 0 && !found.is_there)
		seen_made(a, &found, 0, nr == S(mkdir) || nr == S(mkdirat) ? SEEN_DIR : 0);
}

static void act_remove(struct act *a, const struct path_call *p)
{
	struct found found;

	if (find(a, p->dir, p->path, 0, &found) == 0 && found.is_there && may(&found, found.folder, W_OK | X_OK))
		seen_removed(a, &found);
}

/* A folder is replaced by a folder, a file by a file; FLAGS of renameat2() can forbid or demand it. */
static int can_replace(const struct found *from, const struct found *to, int flags)
{
	if (flags & 1) /* RENAME_NOREPLACE */
		return !to->is_there;
	if (flags & 2) /* RENAME_EXCHANGE */
		return to->is_there;
	return !to->is_there || S_ISDIR(from->st.st_mode) == S_ISDIR(to->st.st_mode);
}

static void act_rename(struct act *a, const struct path_call *p)
{
	struct found from, to;

	if (find(a, p->dir, p->path, 0, &from) < 0 || !from.is_there || find(a, p->dir2, p->path2, 0, &to) < 0 ||
	    !may(&from, from.folder, W_OK | X_OK) || !can_replace(&from, &to, arg(a, p->flags, 0)))
		return;
	seen_removed(a, &from);
	seen_made(a, &to, 0, S_ISDIR(from.st.st_mode) ? SEEN_DIR : 0);
	if (strcmp(from.folder, to.folder) != 0)
		record_move(a->record, from.folder, to.folder);
}

static void act_link(struct act *a, const struct path_call *p)
{
	const int flags = arg(a, p->flags, 0);
	struct found from, to;
	int rc = flags & AT_EMPTY_PATH ? look_fd(&a->at, arg(a, p->dir, NO), &from)
				       : find(a, p->dir, p->path, (flags & AT_SYMLINK_FOLLOW) != 0, &from);

	if (rc < 0 || !from.is_there || find(a, p->dir2, p->path2, 0, &to) < 0 || to.is_there)
		return;
	seen_made(a, &to, 0, 0);
	if (!from.nameless && strcmp(from.folder, to.folder) != 0)
		record_move(a->record, from.folder, to.folder);
}

static void act_truncate(struct act *a, const struct path_call *p)
{
	struct found found;

	if (find(a, p->dir, p->path, 1, &found) == 0 && found.is_there && may(&found, found.path, W_OK))
		record_path(a->record, found.path, RIGHT_WRITE, 0, a->who);
}

/* Of a descriptor that the program did not open itself nothing is to be granted by name. */
static void act_meta(struct act *a, const struct path_call *p)
{
	const int flags = arg(a, p->flags, 0);
	const int by_fd = p->kind == META_FD || !a->call->args[p->path] || flags & AT_EMPTY_PATH;
	struct found found;
	int rc = by_fd ? look_fd(&a->at, arg(a, p->dir, NO), &found)
		       : find(a, p->dir, p->path, !p->nofollow && !(flags & AT_SYMLINK_NOFOLLOW), &found);

	if (rc < 0 || !found.is_there || found.nameless || (by_fd && !record_find(a->record, found.path)))
		return;
	record_path(a->record, found.path, 0, SEEN_META | (S_ISDIR(found.st.st_mode) ? SEEN_DIR : 0), a->who);
}

/* Some folders are opened only to come back to them. */
static void act_list(struct act *a, const struct path_call *p)
{
	struct found found;
	struct seen *s = look_fd(&a->at, arg(a, p->dir, NO), &found) < 0 ? NULL : record_find(a->record, found.path);

	if (s && look_still(&a->at))
		s->flags |= SEEN_LISTED;
}

int act_on_path(struct act *a)
{
	for (size_t i = 0; i < sizeof path_calls / sizeof *path_calls; i++) {
		const struct path_call *p = &path_calls[i];
		if (p->nr != a->call->nr)
			continue;
		switch (p->kind) {
		case OPEN: act_open(a, p, arg(a, p->flags, O_CREAT | O_WRONLY | O_TRUNC)); return 1;
		case OPEN2: act_open2(a, p); return 1;
		case EXEC: act_exec(a, p); return 1;
		case MAKE: act_make(a, p); return 0; /* not every kind of node may be made */
		case REMOVE: act_remove(a, p); return 1;
		case RENAME: act_rename(a, p); return 1;
		case LINK: act_link(a, p); return 1;
		case TRUNCATE: act_truncate(a, p); return 1;
		case LIST: act_list(a, p); return 1;
		case META:
		case META_FD: act_meta(a, p); return 0; /* it takes a promise as well */
		}
	}
	return 0;
}

/* The terminal's commands fail on what is no device, in the sandbox or out of it. */
void act_ioctl(struct act *a, uint32_t need)
{
	struct found found;

	if (look_fd(&a->at, (int)a->call->args[0], &found) < 0 || !look_still(&a->at))
		return;
	const int is_device = S_ISCHR(found.st.st_mode) || S_ISBLK(found.st.st_mode);
	if (need == FAM_TTY && is_device)
		record_family(a->record, FAM_TTY, a->who, "ioctl");
	/* Landlock judges commands on devices that were opened inside, not on those that were inherited. */
	if (is_device && record_find(a->record, found.path))
		record_path(a->record, found.path, RIGHT_IOCTL, 0, a->who);
	else if (need == FAM_IOCTL)
		record_call(a->record, a->call->nr, a->who);
}

#include "opening.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "kernel.h"
#include "owned.h"
#include "resolve.h"
#include "walk.h"

#define PROC_MAGIC 0x9fa0
#define ROUNDS 8 /* of a file that comes and goes while it is to be made */

static int refuse(struct err *err, const char *path, int code)
{
	return err_set(err, code < 0 ? -code : code, "%s: %s", path, err_words(code));
}

/* /proc is another one for whoever looks, and here it would be the supervisor's. */
static int refuse_proc(int fd, const char *path, struct err *err)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return refuse(err, path, errno);
	return fs.f_type == PROC_MAGIC ? err_set(err, EACCES, "%s is in /proc", path) : 0;
}

/* O_PATH: nothing is opened in earnest. Where a filter hides openat2 from the launcher, the walk passes no link at all. */
static int beneath(int tree, const char *path, int links, int flags)
{
	const struct k_open_how how = {
	    .flags = (uint64_t)(O_PATH | O_CLOEXEC | flags),
	    .resolve = K_RESOLVE_BENEATH | K_RESOLVE_NO_MAGICLINKS | (links ? 0 : K_RESOLVE_NO_SYMLINKS),
	};
	const int fd = k_openat2(tree, path, &how);

	if (fd < 0 && errno == ENOSYS)
		return walk(tree, path, 0);
	return fd < 0 ? -errno : fd;
}

/* The folder in which PATH's last name stands, and that name. */
static int folder_of(int tree, const char *path, const char **name, struct err *err)
{
	char folder[WIRE_TEXT_MAX + 1] = ".";
	const char *slash = strrchr(path, '/');

	if (slash) {
		memcpy(folder, path, (size_t)(slash - path));
		folder[slash - path] = '\0';
	}
	*name = slash ? slash + 1 : path;
	OWNED_FD int fd = beneath(tree, folder, 0, O_DIRECTORY);
	if (fd < 0)
		return refuse(err, path, fd);
	const int rc = refuse_proc(fd, path, err);
	return rc < 0 ? rc : take_fd(&fd);
}

/* Whose what is made will be: (uid_t)-1: the launcher's own. */
static uid_t owner = (uid_t)-1;
static gid_t group = (gid_t)-1;

void opening_for(uid_t uid, gid_t gid)
{
	owner = uid;
	group = gid;
}

int opening_give(int fd)
{
	return owner == (uid_t)-1 ? 0 : fchown(fd, owner, group);
}

int opening_give_at(int folder, const char *name)
{
	return owner == (uid_t)-1 ? 0 : fchownat(folder, name, owner, group, AT_SYMLINK_NOFOLLOW);
}

static int open_flags(const struct wire_open *how)
{
	static const int access[] = {[WIRE_READ] = O_RDONLY,
				     [WIRE_WRITE] = O_WRONLY,
				     [WIRE_READ | WIRE_WRITE] = O_RDWR,
				     [WIRE_APPEND] = O_WRONLY | O_APPEND};

	return access[how->rights & (WIRE_READ | WIRE_WRITE | WIRE_APPEND)] | (how->flags & WIRE_OPEN_TRUNCATE ? O_TRUNC : 0) |
	       (how->flags & WIRE_OPEN_DIRECTORY ? O_DIRECTORY : 0);
}

static int judge(struct thing *thing, const struct wire_open *how, struct err *err)
{
	const mode_t type = thing->st.st_mode & S_IFMT;

	thing->is_dir = type == S_IFDIR;
	if (how->flags & WIRE_OPEN_EXCLUSIVE)
		return err_set(err, EEXIST, "%s is there already", thing->path);
	if (type != S_IFREG && type != S_IFDIR && type != S_IFIFO)
		return err_set(err, EACCES, "%s is a %s: only files, folders and FIFOs are opened", thing->path,
			       type == S_IFSOCK ? "socket" : "device");
	if (thing->is_dir && !(how->flags & WIRE_OPEN_DIRECTORY))
		return err_set(err, EISDIR, "%s is a folder", thing->path);
	if (!thing->is_dir && how->flags & WIRE_OPEN_DIRECTORY)
		return err_set(err, ENOTDIR, "%s is no folder", thing->path);
	return 0;
}

int opening_reopen(int fd, int is_dir, int flags)
{
	static int own = -1; /* looked up once: this costs more than to open the file */
	char number[12];

	if (own < 0)
		own = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(number, sizeof number, "%d", fd);
	OWNED_FD int opened = openat(own, number, flags | O_NOCTTY | O_CLOEXEC | (is_dir ? 0 : O_NONBLOCK));
	if (opened < 0)
		return -errno;
	if (!is_dir && !(flags & O_NONBLOCK) && fcntl(opened, F_SETFL, flags) < 0)
		return -errno;
	return take_fd(&opened);
}

/* What is opened to append can't be truncated, in whatever process it ends up. */
static int open_thing(const struct thing *thing, const struct wire_open *how, struct err *err)
{
	const int nonblock = how->flags & WIRE_OPEN_NONBLOCK ? O_NONBLOCK : 0, flags = open_flags(how) | nonblock;

	if (!(how->rights & WIRE_APPEND)) {
		const int fd = opening_reopen(thing->fd, thing->is_dir, flags);
		return fd < 0 ? refuse(err, thing->path, fd) : fd;
	}
	OWNED_FD int fd = resolve_reopen(thing, flags, 1, 3, err);
	if (fd < 0)
		return fd;
	if (nonblock && fcntl(fd, F_SETFL, flags) < 0)
		return refuse(err, thing->path, errno);
	return take_fd(&fd);
}

static int set_path(struct thing *thing, const char *path)
{
	const size_t len = strlen(path);

	if (len >= sizeof thing->path)
		return -ENAMETOOLONG;
	memcpy(thing->path, path, len + 1);
	return 0;
}

/* What is there, once. -ENOENT without words: it can be made. */
static int open_existing(int tree, const char *path, const struct wire_open *how, struct err *err)
{
	const int links = !(how->rights & ~(uint32_t)WIRE_READ) && !(how->flags & WIRE_OPEN_NOFOLLOW);
	OWNED_FD int fd = beneath(tree, path, links, 0);
	struct thing thing = {.fd = fd};
	int rc = set_path(&thing, path);

	if (fd == -ENOENT)
		return fd;
	if (fd < 0 || rc < 0)
		return refuse(err, path, fd < 0 ? fd : rc);
	if (fstat(fd, &thing.st) < 0)
		return refuse(err, path, errno);
	(void)((rc = refuse_proc(fd, path, err)) || (rc = judge(&thing, how, err)));
	return rc < 0 ? rc : open_thing(&thing, how, err);
}

/* O_EXCL: what it opens is a new file of this name and nothing else. -EEXIST without words: somebody else was first. */
static int make_file(int tree, const char *path, const struct wire_open *how, struct err *err)
{
	const char *name;
	OWNED_FD int folder = folder_of(tree, path, &name, err);

	if (folder < 0)
		return folder;
	OWNED_FD int fd =
	    openat(folder, name, open_flags(how) | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, how->mode & 0777);
	if (fd < 0)
		return errno == EEXIST ? -EEXIST : refuse(err, path, errno);
	struct thing thing = {.fd = fd};
	if (opening_give(fd) < 0 || fstat(fd, &thing.st) < 0 || set_path(&thing, path) < 0)
		return refuse(err, path, EIO);
	if (how->rights & WIRE_APPEND || how->flags & WIRE_OPEN_NONBLOCK)
		return open_thing(&thing, how, err);
	return take_fd(&fd);
}

static int open_beneath(int tree, const char *path, const struct wire_open *how, struct err *err)
{
	for (int round = 0; round < ROUNDS; round++) {
		int fd = open_existing(tree, path, how, err);
		if (fd == -ENOENT && !(how->rights & WIRE_CREATE))
			return refuse(err, path, fd);
		if (fd != -ENOENT)
			return fd;
		fd = make_file(tree, path, how, err);
		if (fd != -EEXIST)
			return fd;
	}
	return err_set(err, EAGAIN, "%s comes and goes", path);
}

int opening_open(int fd, int is_tree, const char *path, const struct wire_open *how, struct err *err)
{
	struct thing thing = {.fd = fd, .path = "the file"};

	if (is_tree)
		return open_beneath(fd, path, how, err);
	if (fstat(fd, &thing.st) < 0)
		return refuse(err, thing.path, errno);
	const int rc = judge(&thing, how, err);
	return rc < 0 ? rc : open_thing(&thing, how, err);
}

static int rename_entry(int tree, int from, const char *name, const char *second, struct err *err)
{
	const char *to_name;
	OWNED_FD int to = folder_of(tree, second, &to_name, err);

	if (to < 0)
		return to;
	return renameat(from, name, to, to_name) < 0 ? refuse(err, second, errno) : 0;
}

static int make_folder(int at, const char *name, mode_t mode)
{
	return mkdirat(at, name, mode) < 0 ? -1 : opening_give_at(at, name);
}

int opening_change(int tree, const struct wire_change *how, const char *first, const char *second, struct err *err)
{
	const char *name;
	OWNED_FD int folder = folder_of(tree, first, &name, err);
	int rc = -1;

	if (folder < 0)
		return folder;
	switch ((enum wire_change_what)how->what) {
	case WIRE_MKDIR: rc = make_folder(folder, name, how->mode & 0777); break;
	case WIRE_UNLINK: rc = unlinkat(folder, name, 0); break;
	case WIRE_RMDIR: rc = unlinkat(folder, name, AT_REMOVEDIR); break;
	case WIRE_RENAME: return rename_entry(tree, folder, name, second, err);
	case WIRE_CHANGES: return err_set(err, EINVAL, "no such change");
	}
	return rc < 0 ? refuse(err, first, errno) : 0;
}

int opening_part(int tree, const char *path, int writing, uint32_t *kind, struct err *err)
{
	OWNED_FD int fd = beneath(tree, path, !writing, 0);
	struct stat st;

	if (fd < 0)
		return refuse(err, path, fd);
	const int rc = refuse_proc(fd, path, err);
	if (rc < 0)
		return rc;
	if (fstat(fd, &st) < 0)
		return refuse(err, path, errno);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return err_set(err, EACCES, "%s is neither a file nor a folder", path);
	*kind = S_ISDIR(st.st_mode) ? WIRE_TREE : WIRE_FILE;
	return take_fd(&fd);
}

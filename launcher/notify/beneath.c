#include "beneath.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "broker/opening.h"
#include "kernel.h"
#include "owned.h"
#include "resolve.h"

#define PROC_MAGIC 0x9fa0
#define ROUNDS 8 /* of a file that comes and goes while it is to be made, or of folders that move */
#define KEPT_FLAGS (O_ACCMODE | O_APPEND | O_TRUNC | O_DIRECTORY | O_NONBLOCK | O_SYNC | O_DSYNC | O_DIRECT | O_NOATIME)

static int find(int root, const char *rest, uint64_t flags, uint64_t mode)
{
	const struct k_open_how how = {
	    .flags = flags | O_CLOEXEC,
	    .mode = mode,
	    .resolve = K_RESOLVE_BENEATH | K_RESOLVE_NO_MAGICLINKS,
	};
	int fd = -1;

	for (int round = 0; round < ROUNDS; round++) {
		fd = k_openat2(root, *rest ? rest : ".", &how);
		if (fd >= 0 || errno != EAGAIN) /* a ".." while something was renamed */
			break;
	}
	return fd < 0 ? -errno : fd;
}

/* What open(2) itself says of such things; and no device is opened in the program's stead. /proc would be the supervisor's. */
static int judge(int fd, dev_t root, const struct stat *st, int flags)
{
	const int writing = (flags & O_ACCMODE) != O_RDONLY || flags & (O_TRUNC | O_CREAT);
	struct statfs fs;

	if (st->st_dev != root && (fstatfs(fd, &fs) < 0 || fs.f_type == PROC_MAGIC))
		return -EACCES;
	switch (st->st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFIFO: return 0;
	case S_IFDIR: return writing ? -EISDIR : 0;
	case S_IFLNK: return -ELOOP;
	case S_IFSOCK: return -ENXIO;
	default: return -EACCES;
	}
}

/* The very thing that was looked at. */
static int reopen(int fd, int is_dir, int flags, int attenuate)
{
	const int wanted = flags & KEPT_FLAGS;

	if (attenuate) {
		const struct thing thing = {.fd = fd};
		return resolve_reopen(&thing, wanted, 1, 3, NULL);
	}
	return opening_reopen(fd, is_dir, wanted);
}

static int open_found(int fd, dev_t root, const struct beneath_how *how)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	const int rc = judge(fd, root, &st, how->flags);
	return rc < 0 ? rc : reopen(fd, S_ISDIR(st.st_mode), how->flags, how->attenuate);
}

/* O_EXCL: what it opens is a new file of this name and nothing else. */
static int make(const struct beneath *b, const struct beneath_how *how)
{
	const mode_t before = umask(how->umask(how->arg));
	OWNED_FD int fd =
	    find(b->root, b->rest, (uint64_t)((how->flags & KEPT_FLAGS) | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY),
		 how->mode & 0777);

	umask(before);
	if (fd < 0)
		return fd;
	if (opening_give(fd) < 0)
		return -EIO;
	return how->attenuate ? open_found(fd, b->dev, how) : take_fd(&fd);
}

static int is_plain(const struct stat *st, dev_t dev)
{
	return st->st_dev == dev && (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode));
}

/*
 * A file or a folder, as nearly always: looked at by its name, opened, and looked at again, which takes half the time. Whoever
 * puts something else in its place between the two has it opened for a moment and does not get it. O_NONBLOCK: a FIFO there, or
 * a lease on the file, is not waited for. -EAGAIN: it is not so simple.
 */
static int open_plain(const struct beneath *b, const struct beneath_how *how)
{
	const int flags = how->flags & KEPT_FLAGS,
		  writing = (flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC || how->flags & O_CREAT;
	struct stat st;

	if (how->attenuate || fstatat(b->root, *b->rest ? b->rest : ".", &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !is_plain(&st, b->dev) || (S_ISDIR(st.st_mode) && writing))
		return -EAGAIN;
	OWNED_FD int fd = find(b->root, b->rest, (uint64_t)(flags | O_NOCTTY | O_NONBLOCK), 0);
	if (fd == -EXDEV || fd == -ELOOP || fd == -ENOENT || fd == -ENXIO)
		return -EAGAIN;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !is_plain(&st, b->dev))
		return -EAGAIN;
	if (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags) < 0)
		return -errno;
	return take_fd(&fd);
}

int beneath_open(const struct beneath *b, const struct beneath_how *how)
{
	const int making = how->flags & O_CREAT && how->may_create;
	const int exclusive = (how->flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	const uint64_t look =
	    (uint64_t)(O_PATH | (how->flags & O_DIRECTORY) | (how->flags & O_NOFOLLOW || exclusive ? O_NOFOLLOW : 0));

	if (!b->is_tree)
		return exclusive                  ? -EEXIST
		       : how->flags & O_DIRECTORY ? -ENOTDIR
						  : reopen(b->root, 0, how->flags, how->attenuate);
	if (exclusive && how->may_create)
		return make(b, how);
	const int plain = exclusive ? -EAGAIN : open_plain(b, how);
	if (plain != -EAGAIN)
		return plain;
	for (int round = 0; round < ROUNDS; round++) {
		OWNED_FD int fd = find(b->root, b->rest, look, 0);
		if (fd >= 0)
			return exclusive ? -EEXIST : open_found(fd, b->dev, how);
		if (fd != -ENOENT || !making)
			return fd;
		const int made = make(b, how);
		if (made != -EEXIST)
			return made;
	}
	return -EXDEV; /* a link to nothing: the caller looks where it leads */
}

int beneath_folder(const struct beneath *b, char name[NAME_MAX + 2])
{
	size_t end = strlen(b->rest), start;
	char folder[PATH_MAX];

	while (end > 0 && b->rest[end - 1] == '/')
		end--;
	for (start = end; start > 0 && b->rest[start - 1] != '/'; start--)
		;
	if (end == 0 || start >= sizeof folder)
		return end == 0 ? -EXDEV : -ENAMETOOLONG; /* the root itself is an entry of a folder that is not held */
	if (end - start > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(folder, b->rest, start);
	folder[start] = '\0';
	memcpy(name, b->rest + start, end - start);
	name[end - start] = '/'; /* which says that it has to be a folder */
	name[end - start + (b->rest[end] == '/')] = '\0';
	return find(b->root, folder, O_PATH | O_DIRECTORY, 0);
}

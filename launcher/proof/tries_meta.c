/* Attempts on what surrounds a file's contents: its mode, owner, times, attributes; and to watch files change. */
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "tries_util.h"

static int chmod_path(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return try_outcome(syscall(SYS_fchmodat, AT_FDCWD, try_path(t, TRY_FILE, path), 0600));
}

static int chmod_flags(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return try_outcome(syscall(SYS_fchmodat2, AT_FDCWD, try_path(t, TRY_FILE, path), 0600, AT_SYMLINK_NOFOLLOW));
}

static int chmod_opath(const struct try_targets *t)
{
	char path[TRY_PATH_MAX], name[64];
	OWNED_FD int fd = try_open(try_path(t, TRY_FILE, path), O_PATH);

	if (fd < 0)
		return -errno;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return try_outcome(syscall(SYS_fchmodat, AT_FDCWD, name, 0600));
}

/* Whoever else executes such a file acts for its owner: no confined program may leave one behind, not even where it may write.
 */
static int chmod_setuid(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	if (!t->inside)
		return TRY_MOOT;
	OWNED_FD int fd = try_open(try_landing(t, path), O_WRONLY | O_CREAT);
	if (fd < 0)
		return -errno;
	int rc = try_outcome(syscall(SYS_fchmodat, AT_FDCWD, path, 04700));
	unlink(path);
	return rc;
}

static int chown_path(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return try_outcome(syscall(SYS_fchownat, AT_FDCWD, try_path(t, TRY_FILE, path), getuid(), getgid(), 0));
}

static int touch_path(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return try_outcome(syscall(SYS_utimensat, AT_FDCWD, try_path(t, TRY_FILE, path), NULL, 0));
}

static int setxattr_path(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	int rc = try_outcome(setxattr(try_path(t, TRY_FILE, path), "user.endow", "x", 1, 0));
	return rc == -EOPNOTSUPP ? TRY_MOOT : rc;
}

static int removexattr_path(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	int rc = try_outcome(removexattr(try_path(t, TRY_FILE, path), "user.endow"));
	return rc == -EOPNOTSUPP ? TRY_MOOT : rc == -ENODATA ? 0 : rc;
}

static int setxattrat_path(const struct try_targets *t)
{
	struct {
		uint64_t value;
		uint32_t size, flags;
	} args = {(uintptr_t) "x", 1, 0};
	char path[TRY_PATH_MAX];

	int rc =
	    try_outcome(syscall(SYS_setxattrat, AT_FDCWD, try_path(t, TRY_FILE, path), 0, "user.endow", &args, sizeof args));
	return rc == -EOPNOTSUPP ? TRY_MOOT : rc;
}

static int chattr_file(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	long flags = 0;
	OWNED_FD int fd = try_open(try_path(t, TRY_FILE, path), O_RDONLY);

	if (fd < 0)
		return -errno;
	if (syscall(SYS_ioctl, fd, ABI_FS_IOC_GETFLAGS, &flags) < 0)
		return errno == ENOTTY || errno == EOPNOTSUPP ? TRY_MOOT : -errno;
	return try_outcome(syscall(SYS_ioctl, fd, ABI_FS_IOC_SETFLAGS, &flags));
}

static int watch_dir(const struct try_targets *t)
{
	OWNED_FD int fd = (int)syscall(SYS_inotify_init1, IN_CLOEXEC);

	return fd < 0 ? -errno : try_outcome(syscall(SYS_inotify_add_watch, fd, t->dir, IN_ALL_EVENTS));
}

static int watch_all(const struct try_targets *t)
{
	(void)t;
	OWNED_FD int fd =
	    (int)syscall(SYS_fanotify_init, 0x200u | FAN_CLOEXEC, O_RDONLY); /* by file identifiers: needs no privilege */

	return try_outcome(fd);
}

#define META(id, call, text)                                                                                              \
	{                                                                                                                 \
		.name = id, .layer = "seccomp", .fn = call, .allowed_by = FAM_FATTR_ANYWHERE, .forgone_by = FEATURE_VIEW, \
		.forgone_with = FAM_FATTR, .allowed_rights = RIGHT_WRITE,                                                 \
		.what = text " of a file that no grant names can be changed"                                              \
	}

const struct try tries_meta[] = {
    META("chmod", chmod_path, "the mode"),
    META("chmod-flags", chmod_flags, "the mode (by fchmodat2)"),
    META("chmod-opath", chmod_opath, "the mode (through an O_PATH descriptor)"),
    {.name = "chmod-setuid", .layer = "seccomp", .fn = chmod_setuid, .what = "a file can be made set-user-ID"},
    META("chown", chown_path, "the owner"),
    META("utime", touch_path, "the times"),
    META("setxattr", setxattr_path, "the extended attributes"),
    META("setxattrat", setxattrat_path, "the extended attributes (by setxattrat)"),
    META("removexattr", removexattr_path, "the extended attributes (by removing)"),
    {.name = "chattr",
     .layer = "landlock",
     .fn = chattr_file,
     .allowed_by = FAM_FATTR_ANYWHERE,
     .allowed_rights = RIGHT_READ | RIGHT_WRITE,
     .flags = TRY_SYSTEM,
     .what = "the flags of a file that no grant names can be changed"},
    {.name = "inotify",
     .layer = "seccomp",
     .fn = watch_dir,
     .allowed_by = FAM_WATCH,
     .what = "a directory that no grant names can be watched"},
    {.name = "fanotify", .layer = "seccomp", .fn = watch_all, .what = "file systems can be watched by fanotify"},
    {0},
};

/* Attempts to change what no grant names: contents and names. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "tries_util.h"

static int open_for(const struct try_targets *t, const char *name, int flags)
{
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, name, path), flags);

	return fd < 0 ? -errno : 0;
}

static int write_file(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, TRY_FILE, path), O_WRONLY);

	return fd < 0 ? -errno : try_outcome(write(fd, "x", 1));
}

static int append_file(const struct try_targets *t)
{
	return open_for(t, TRY_FILE, O_WRONLY | O_APPEND);
}

static int open_read_write(const struct try_targets *t)
{
	return open_for(t, TRY_FILE, O_RDWR);
}

static int open_truncate(const struct try_targets *t)
{
	return open_for(t, TRY_FILE, O_RDONLY | O_TRUNC);
}

static int truncate_path(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return try_outcome(syscall(SYS_truncate, try_path(t, TRY_FILE, path), 1L));
}

static int reopen_write(const struct try_targets *t)
{
	char path[TRY_PATH_MAX], name[64];
	OWNED_FD int fd = try_open(try_path(t, TRY_FILE, path), O_PATH);

	if (fd < 0)
		return -errno;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	OWNED_FD int again = try_open(name, O_RDWR);
	return again < 0 ? -errno : 0;
}

static int fallocate_file(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, TRY_FILE, path), O_WRONLY);

	return fd < 0 ? -errno : try_outcome(syscall(SYS_fallocate, fd, 0, 0L, 1L));
}

static int create_file(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, "new", path), O_WRONLY | O_CREAT | O_EXCL);

	if (fd < 0)
		return -errno;
	unlink(path);
	return 0;
}

static int create_unnamed(const struct try_targets *t)
{
	OWNED_FD int fd = try_open(t->dir, O_TMPFILE | O_RDWR);

	if (fd < 0)
		return errno == EOPNOTSUPP ? TRY_MOOT : -errno;
	return 0;
}

static int create_through_opath(const struct try_targets *t)
{
	OWNED_FD int dir = try_open(t->dir, O_PATH | O_DIRECTORY);

	if (dir < 0 || syscall(SYS_mkdirat, dir, "new", 0700) < 0)
		return -errno;
	unlinkat(dir, "new", AT_REMOVEDIR);
	return 0;
}

static int create_dir(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	if (syscall(SYS_mkdirat, AT_FDCWD, try_path(t, "new", path), 0700) < 0)
		return -errno;
	rmdir(path);
	return 0;
}

static int create_node(const struct try_targets *t, mode_t mode, dev_t dev)
{
	char path[TRY_PATH_MAX];

	if (syscall(SYS_mknodat, AT_FDCWD, try_path(t, "new", path), mode, dev) < 0)
		return -errno;
	unlink(path);
	return 0;
}

static int create_fifo(const struct try_targets *t)
{
	return create_node(t, S_IFIFO | 0600, 0);
}

static int create_device(const struct try_targets *t)
{
	return create_node(t, S_IFCHR | 0600, makedev(1, 3));
}

static int create_symlink(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	if (syscall(SYS_symlinkat, "nowhere", AT_FDCWD, try_path(t, "new", path)) < 0)
		return -errno;
	unlink(path);
	return 0;
}

static int create_socket(const struct try_targets *t)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	memcpy(at.sun_path, try_path(t, "new", path), strlen(t->dir) + sizeof "/new");
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
		return -errno;
	unlink(path);
	return 0;
}

static int link_secret(const struct try_targets *t)
{
	char path[TRY_PATH_MAX], new[TRY_PATH_MAX];

	if (syscall(SYS_linkat, AT_FDCWD, try_path(t, TRY_SECRET, path), AT_FDCWD, try_landing(t, new), 0) < 0)
		return -errno;
	unlink(new);
	return 0;
}

static int link_opath(const struct try_targets *t)
{
	char path[TRY_PATH_MAX], name[64], new[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, TRY_SECRET, path), O_PATH);

	if (fd < 0)
		return -errno;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	if (syscall(SYS_linkat, AT_FDCWD, name, AT_FDCWD, try_landing(t, new), AT_SYMLINK_FOLLOW) < 0)
		return -errno;
	unlink(new);
	return 0;
}

static int rename_out(const struct try_targets *t)
{
	char path[TRY_PATH_MAX], new[TRY_PATH_MAX];

	if (syscall(SYS_renameat2, AT_FDCWD, try_path(t, TRY_SPARE, path), AT_FDCWD, try_landing(t, new), 0) < 0)
		return -errno;
	return try_outcome(rename(new, path));
}

static int rename_in(const struct try_targets *t)
{
	char from[TRY_PATH_MAX], to[TRY_PATH_MAX];

	if (!t->inside)
		return TRY_MOOT;
	OWNED_FD int fd = try_open(try_landing(t, from), O_WRONLY | O_CREAT);
	if (fd < 0)
		return -errno;
	int rc = try_outcome(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, try_path(t, TRY_SPARE, to), 0));
	unlink(from);
	return rc;
}

static int rename_exchange(const struct try_targets *t)
{
	char a[TRY_PATH_MAX], b[TRY_PATH_MAX];

	try_path(t, TRY_SPARE, a);
	try_path(t, TRY_FILE, b);
	int rc = try_outcome(syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, ABI_RENAME_EXCHANGE));
	if (rc == 0)
		syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, ABI_RENAME_EXCHANGE);
	return rc;
}

static int remove_from(const struct try_targets *t, int dir, const char *name)
{
	char path[TRY_PATH_MAX];

	if (syscall(SYS_unlinkat, dir, name, 0) < 0)
		return -errno;
	int again = try_open(try_path(t, TRY_SPARE, path), O_WRONLY | O_CREAT);
	if (again >= 0)
		close(again);
	return 0;
}

static int remove_file(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return remove_from(t, AT_FDCWD, try_path(t, TRY_SPARE, path));
}

static int remove_through_opath(const struct try_targets *t)
{
	OWNED_FD int dir = try_open(t->dir, O_PATH | O_DIRECTORY);

	return dir < 0 ? -errno : remove_from(t, dir, TRY_SPARE);
}

#define CHANGE(id, call, right, text)                                                 \
	{                                                                             \
		.name = id, .layer = "landlock", .fn = call, .allowed_rights = right, \
		.what = "a file that no grant names can be " text                     \
	}
#define MAKE(id, call, text)                                                                 \
	{                                                                                    \
		.name = id, .layer = "landlock", .fn = call, .allowed_rights = RIGHT_CREATE, \
		.what = text " outside every grant"                                          \
	}
const struct try tries_write[] = {
    CHANGE("write", write_file, RIGHT_WRITE, "written to"),
    CHANGE("append", append_file, RIGHT_WRITE | RIGHT_APPEND, "appended to"),
    CHANGE("open-read-write", open_read_write, RIGHT_WRITE, "opened for reading and writing"),
    CHANGE("reopen-write", reopen_write, RIGHT_WRITE, "written to by reopening an O_PATH descriptor"),
    CHANGE("fallocate", fallocate_file, RIGHT_WRITE, "given space or holes"),
    {.name = "truncate",
     .layer = "landlock",
     .fn = truncate_path,
     .allowed_rights = RIGHT_WRITE,
     .forgone_by = FEATURE_TRUNCATE,
     .what = "a file that no grant names can be emptied by truncate"},
    CHANGE("open-truncate", open_truncate, RIGHT_WRITE, "emptied by opening it for reading with O_TRUNC"),
    MAKE("create", create_file, "files can be made"),
    MAKE("create-unnamed", create_unnamed, "files without a name can be made"),
    MAKE("mkdir", create_dir, "directories can be made"),
    MAKE("mkdir-opath", create_through_opath, "directories can be made through an O_PATH descriptor"),
    MAKE("mkfifo", create_fifo, "named pipes can be made"),
    MAKE("symlink", create_symlink, "symbolic links can be made"),
    MAKE("bind-pathname", create_socket, "sockets with a name can be made"),
    MAKE("link-secret", link_secret, "a second name can be given to files"),
    MAKE("link-opath", link_opath, "a second name can be given to an O_PATH descriptor's file"),
    MAKE("rename", rename_out, "files can be renamed"),
    MAKE("rename-in", rename_in, "a file can be put in the place of one"),
    MAKE("rename-exchange", rename_exchange, "files can be exchanged"),
    MAKE("unlink", remove_file, "files can be removed"),
    MAKE("unlink-opath", remove_through_opath, "files can be removed through an O_PATH descriptor"),
    {.name = "mknod-device",
     .layer = "landlock",
     .fn = create_device,
     .flags = TRY_PRIVILEGED,
     .allowed_rights = RIGHT_CREATE,
     .allowed_caps = ABI_CAP(MKNOD),
     .what = "device nodes can be made"},
    {0},
};

/* Attempts to read what no grant names. */
#include <sys/stat.h>

#include "tries_util.h"

/* Change into the scratch directory (which nothing mediates), do THEN there, and come back. */
static int there(const struct try_targets *t, int (*then)(void))
{
	OWNED_FD int back = try_open(".", O_PATH | O_DIRECTORY);

	if (chdir(t->dir) < 0)
		return -errno;
	int rc = then();
	if (back >= 0 && fchdir(back) < 0)
		return -errno;
	return rc;
}

static int open_path(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return try_open_secret(try_path(t, TRY_SECRET, path));
}

static int open_proc_root(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	snprintf(path, sizeof path, "/proc/self/root%s/" TRY_SECRET, t->dir);
	return try_open_secret(path);
}

static int open_proc_thread_root(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	snprintf(path, sizeof path, "/proc/thread-self/root%s/" TRY_SECRET, t->dir);
	return try_open_secret(path);
}

static int open_here(void)
{
	return try_open_secret(TRY_SECRET);
}

static int open_relative(const struct try_targets *t)
{
	return there(t, open_here);
}

static int open_here_by_proc(void)
{
	return try_open_secret("/proc/self/cwd/" TRY_SECRET);
}

static int open_proc_cwd(const struct try_targets *t)
{
	return there(t, open_here_by_proc);
}

static int open_victim_root(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	if (t->victim <= 0)
		return TRY_MOOT;
	snprintf(path, sizeof path, "/proc/%d/root%s/" TRY_SECRET, (int)t->victim, t->dir);
	return try_open_secret(path);
}

static int open_victim_cwd(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	if (t->victim <= 0)
		return TRY_MOOT;
	snprintf(path, sizeof path, "/proc/%d/cwd/" TRY_SECRET, (int)t->victim);
	return try_open_secret(path);
}

static int open_victim_fd(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	if (t->victim <= 0 || t->victim_fd < 0)
		return TRY_MOOT;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)t->victim, t->victim_fd);
	return try_open_secret(path);
}

static int open_bait_dir(const struct try_targets *t)
{
	if (t->bait_dir < 0)
		return TRY_MOOT;
	OWNED_FD int fd = (int)syscall(SYS_openat, t->bait_dir, TRY_SECRET, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : try_reads_secret(fd);
}

static int stat_bait_dir(const struct try_targets *t)
{
	struct stat st;

	if (t->bait_dir < 0)
		return TRY_MOOT;
	return try_outcome(fstatat(t->bait_dir, TRY_SECRET, &st, 0));
}

static int read_bait_file(const struct try_targets *t)
{
	return t->bait_file < 0 ? TRY_MOOT : try_reads_secret(t->bait_file);
}

/* An O_PATH descriptor is free to have; what it may be turned into is not. */
static int reopen(const struct try_targets *t, const char *format)
{
	char path[TRY_PATH_MAX], name[64];
	OWNED_FD int fd = try_open(try_path(t, TRY_SECRET, path), O_PATH);

	if (fd < 0)
		return -errno;
	snprintf(name, sizeof name, "%s%d", format, fd);
	return try_open_secret(name);
}

static int reopen_proc_fd(const struct try_targets *t)
{
	return reopen(t, "/proc/self/fd/");
}

static int reopen_dev_fd(const struct try_targets *t)
{
	return reopen(t, "/dev/fd/");
}

static int open_opath_dir(const struct try_targets *t)
{
	OWNED_FD int dir = try_open(t->dir, O_PATH | O_DIRECTORY);

	if (dir < 0)
		return -errno;
	OWNED_FD int fd = (int)syscall(SYS_openat, dir, TRY_SECRET, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : try_reads_secret(fd);
}

static int open_how(int dir, const char *path, uint64_t resolve)
{
	struct abi_open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = resolve};
	OWNED_FD int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof how);

	return fd < 0 ? -errno : try_reads_secret(fd);
}

static int openat2_path(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return open_how(AT_FDCWD, try_path(t, TRY_SECRET, path), 0);
}

static int openat2_in_root(const struct try_targets *t)
{
	OWNED_FD int dir = try_open(t->dir, O_PATH | O_DIRECTORY);

	return dir < 0 ? -errno : open_how(dir, "/" TRY_SECRET, ABI_RESOLVE_IN_ROOT);
}

union handle {
	struct file_handle head;
	char room[sizeof(struct file_handle) + 128];
};

static int get_handle(const struct try_targets *t, union handle *h)
{
	char path[TRY_PATH_MAX];
	int mount_id;

	memset(h, 0, sizeof *h);
	h->head.handle_bytes = sizeof h->room - sizeof h->head;
	return try_outcome(syscall(SYS_name_to_handle_at, AT_FDCWD, try_path(t, TRY_SECRET, path), &h->head, &mount_id, 0));
}

static int name_to_handle(const struct try_targets *t)
{
	union handle h;
	int rc = get_handle(t, &h);

	return rc == -EOPNOTSUPP ? TRY_MOOT : rc;
}

static int open_by_handle(const struct try_targets *t)
{
	union handle h;
	int rc = get_handle(t, &h);

	if (rc == -EOPNOTSUPP)
		return TRY_MOOT;
	OWNED_FD int dir = try_open(t->dir, O_RDONLY | O_DIRECTORY);
	OWNED_FD int fd = (int)syscall(SYS_open_by_handle_at, dir >= 0 ? dir : AT_FDCWD, &h.head, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : try_reads_secret(fd);
}

static int list_dir(const struct try_targets *t)
{
	char entries[1024];
	OWNED_FD int dir = try_open(t->dir, O_RDONLY | O_DIRECTORY);

	return dir < 0 ? -errno : try_outcome(syscall(SYS_getdents64, dir, entries, sizeof entries));
}

/* A link made where the sandbox may make things leads out of there. */
static int by_symlink(const struct try_targets *t)
{
	char path[TRY_PATH_MAX], link[TRY_PATH_MAX];

	if (!t->inside)
		return TRY_MOOT;
	snprintf(link, sizeof link, "%s/.endow-try-symlink", t->inside);
	if (symlink(try_path(t, TRY_SECRET, path), link) < 0)
		return -errno;
	int rc = try_open_secret(link);
	unlink(link);
	return rc;
}

static int by_dotdot(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	int n = 0;

	if (!t->inside)
		return TRY_MOOT;
	n = snprintf(path, sizeof path, "%s", t->inside);
	for (const char *p = t->inside; *p && n > 0 && (size_t)n + 4 < sizeof path; p++)
		if (*p == '/')
			n += snprintf(path + n, sizeof path - (size_t)n, "/..");
	if (n < 0 || (size_t)n + strlen(t->dir) + sizeof "/" TRY_SECRET > sizeof path)
		return TRY_MOOT;
	snprintf(path + n, sizeof path - (size_t)n, "%s/" TRY_SECRET, t->dir);
	return try_open_secret(path);
}

static int open_shm(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	if (!*t->shm_name)
		return TRY_MOOT;
	snprintf(path, sizeof path, "/dev/shm/%s", t->shm_name);
	return try_open_secret(path);
}

static int map_secret(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, TRY_SECRET, path), O_RDWR);

	if (fd < 0)
		return -errno;
	void *p = mmap(NULL, sizeof TRY_SECRET_TEXT - 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	munmap(p, sizeof TRY_SECRET_TEXT - 1);
	return 0;
}

#define READ(id, call, text)                                                               \
	{                                                                                  \
		.name = id, .layer = "landlock", .fn = call, .allowed_rights = RIGHT_READ, \
		.what = "a file that no grant names can be read " text                     \
	}

const struct try tries_read[] = {
    READ("open", open_path, "under its name"),
    READ("open-relative", open_relative, "from its own directory"),
    READ("open-proc-self-root", open_proc_root, "below /proc/self/root"),
    READ("open-proc-thread-self-root", open_proc_thread_root, "below /proc/thread-self/root"),
    READ("open-proc-self-cwd", open_proc_cwd, "below /proc/self/cwd"),
    READ("open-opath-reopen", reopen_proc_fd, "by reopening an O_PATH descriptor through /proc/self/fd"),
    READ("open-opath-dev-fd", reopen_dev_fd, "by reopening an O_PATH descriptor through /dev/fd"),
    READ("open-opath-dir", open_opath_dir, "through an O_PATH descriptor of its directory"),
    READ("openat2", openat2_path, "by openat2"),
    READ("openat2-in-root", openat2_in_root, "by openat2 within another root"),
    READ("open-symlink", by_symlink, "through a symbolic link"),
    READ("open-dotdot", by_dotdot, "by climbing out of a granted directory"),
    READ("list", list_dir, "(a directory's list of names, that is)"),
    {.name = "map-shared",
     .layer = "landlock",
     .fn = map_secret,
     .allowed_rights = RIGHT_WRITE,
     .what = "a file that no grant names can be mapped for writing"},
    {.name = "open-victim-root", .layer = "landlock", .fn = open_victim_root, .what = "another process's root leads to files"},
    {.name = "open-victim-cwd",
     .layer = "landlock",
     .fn = open_victim_cwd,
     .what = "another process's working directory leads to files"},
    {.name = "open-victim-fd",
     .layer = "landlock",
     .fn = open_victim_fd,
     .what = "another process's descriptors can be reopened"},
    {.name = "inherited-dir-open",
     .layer = "fds",
     .fn = open_bait_dir,
     .what = "a directory descriptor that was not granted stayed open and leads to files"},
    {.name = "inherited-dir-stat",
     .layer = "fds",
     .fn = stat_bait_dir,
     .what = "a directory descriptor that was not granted stayed open and shows files"},
    {.name = "inherited-file-read",
     .layer = "fds",
     .fn = read_bait_file,
     .what = "a file's descriptor that was not granted stayed open"},
    {.name = "name-to-handle",
     .layer = "seccomp",
     .fn = name_to_handle,
     .what = "a file's handle can be had, with which it is opened without its path"},
    {.name = "open-by-handle",
     .layer = "seccomp",
     .fn = open_by_handle,
     .allowed_caps = ABI_CAP(DAC_READ_SEARCH),
     .flags = TRY_PRIVILEGED | TRY_SYSTEM,
     .what = "a file can be opened by its handle"},
    {.name = "posix-shm-open",
     .layer = "landlock",
     .fn = open_shm,
     .allowed_rights = RIGHT_READ,
     .place = TRY_AT_SHM,
     .what = "shared memory of other programs can be opened by name"},
    {0},
};

/* Attempts to execute what no grant names. None replaces the caller: what gets as far as ENOEXEC or EFAULT was allowed. */
#include <sys/stat.h>

#include "tries_util.h"

static char *const argv[] = {(char[]){"endow-try"}, NULL};

/* ENOEXEC: the file was opened for execution, and then had no format that could be executed. */
static int executed(long rc)
{
	(void)rc;
	return errno == ENOEXEC ? 0 : -errno;
}

static int exec_program(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return executed(syscall(SYS_execve, try_path(t, TRY_PROGRAM, path), argv, &argv[1]));
}

static int exec_written(const struct try_targets *t)
{
	static const char text[] = "endow: no format\n";
	char path[TRY_PATH_MAX];

	if (!t->inside)
		return TRY_MOOT;
	snprintf(path, sizeof path, "%s/.endow-try", t->inside);
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, text, sizeof text);
	close(fd);
	int rc = n < 0 ? -errno : executed(syscall(SYS_execve, path, argv, &argv[1]));
	unlink(path);
	return rc;
}

static int exec_proc_root(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	snprintf(path, sizeof path, "/proc/self/root%s/" TRY_PROGRAM, t->dir);
	return executed(syscall(SYS_execve, path, argv, &argv[1]));
}

static int exec_opath(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, TRY_PROGRAM, path), O_PATH);

	return fd < 0 ? -errno : executed(syscall(SYS_execveat, fd, "", argv, &argv[1], AT_EMPTY_PATH));
}

static int exec_opath_proc(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, TRY_PROGRAM, path), O_PATH);

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return executed(syscall(SYS_execve, path, argv, &argv[1]));
}

/*
 * A program that exists would replace us. With a pointer to nowhere for arguments the kernel opens the program first, where
 * Landlock speaks, and then fails with EFAULT. Kernels that look at the arguments first are told by a program that is not
 * there.
 */
static int exec_without_arguments(const char *path)
{
	char *const *nowhere = (char *const *)(uintptr_t)8; /* NOLINT(performance-no-int-to-ptr) */

	if (!path)
		return TRY_MOOT;
	syscall(SYS_execve, "/proc/self/nothing", nowhere, NULL);
	if (errno == EFAULT)
		return TRY_MOOT;
	syscall(SYS_execve, path, nowhere, NULL);
	return errno == EFAULT ? 0 : -errno;
}

static int exec_shell(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return exec_without_arguments(tries_place_path(t, TRY_AT_SHELL, path, sizeof path));
}

static int exec_loader(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return exec_without_arguments(tries_place_path(t, TRY_AT_LOADER, path, sizeof path));
}

static int exec_setuid(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	int rc = exec_without_arguments(tries_place_path(t, TRY_AT_SETUID, path, sizeof path));
	if (rc == 0 && syscall(SYS_prctl, ABI_PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1)
		return -EPERM; /* it runs, and gains nothing */
	return rc;
}

/* What a loader does with a program that it is given as a file. */
static int map_program(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];
	OWNED_FD int fd = try_open(try_path(t, TRY_PROGRAM, path), O_RDONLY);

	if (fd < 0)
		return -errno;
	void *p = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	munmap(p, 1);
	return 0;
}

static int make_memfd(unsigned int flags)
{
	static const char text[] = "endow: no format\n";
	OWNED_FD int fd = (int)syscall(SYS_memfd_create, "endow-try", MFD_CLOEXEC | flags);

	if (fd < 0 && errno == EINVAL) /* before 6.3 every memfd can be executed and there is no flag */
		fd = (int)syscall(SYS_memfd_create, "endow-try", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, sizeof text) < 0)
		return -errno;
	return take_fd(&fd);
}

static int exec_fd(int fd)
{
	int rc = fd < 0 ? fd : executed(syscall(SYS_execveat, fd, "", argv, &argv[1], AT_EMPTY_PATH));

	if (fd >= 0)
		close(fd);
	return rc;
}

static int memfd_exec(const struct try_targets *t)
{
	(void)t;
	return exec_fd(make_memfd(ABI_MFD_EXEC));
}

static int memfd_plain_exec(const struct try_targets *t)
{
	(void)t;
	return exec_fd(make_memfd(0));
}

static int memfd_sealed_exec(const struct try_targets *t)
{
	(void)t;
	int fd = make_memfd(ABI_MFD_NOEXEC_SEAL);

	if (fd >= 0)
		fchmod(fd, 0777);
	return exec_fd(fd);
}

static int memfd_exec_proc(const struct try_targets *t)
{
	char path[64];
	OWNED_FD int fd = make_memfd(ABI_MFD_EXEC);

	(void)t;
	if (fd < 0)
		return fd;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return executed(syscall(SYS_execve, path, argv, &argv[1]));
}

#define EXEC(id, call, text)                                                               \
	{                                                                                  \
		.name = id, .layer = "landlock", .fn = call, .allowed_rights = RIGHT_EXEC, \
		.what = "a program that no grant names can be executed " text              \
	}
#define MEMFD(id, call, more, text)                                         \
	{                                                                   \
		.name = id, .layer = "seccomp", .fn = call, .flags = more,  \
		.what = "a program written to memory can be executed " text \
	}

const struct try tries_exec[] = {
    EXEC("exec", exec_program, "under its name"),
    EXEC("exec-proc-root", exec_proc_root, "below /proc/self/root"),
    EXEC("exec-opath", exec_opath, "by an O_PATH descriptor"),
    EXEC("exec-opath-proc", exec_opath_proc, "by an O_PATH descriptor and /proc/self/fd"),
    {.name = "exec-written",
     .layer = "landlock",
     .fn = exec_written,
     .allowed_rights = RIGHT_EXEC,
     .place = TRY_AT_INSIDE,
     .what = "a program that was written here can be executed"},
    {.name = "exec-shell",
     .layer = "landlock",
     .fn = exec_shell,
     .allowed_rights = RIGHT_EXEC,
     .place = TRY_AT_SHELL,
     .what = "the shell can be executed, and no grant names it"},
    {.name = "exec-loader",
     .layer = "landlock",
     .fn = exec_loader,
     .allowed_rights = RIGHT_EXEC,
     .place = TRY_AT_LOADER,
     .what = "the dynamic loader can be executed with any file, and no grant names it"},
    {.name = "exec-setuid",
     .layer = "caps",
     .fn = exec_setuid,
     .place = TRY_AT_SETUID,
     .what = "set-user-ID programs gain privileges"},
    {.name = "map-exec",
     .layer = "landlock",
     .fn = map_program,
     .allowed_rights = RIGHT_READ,
     .what = "a file that no grant names can be mapped and run, as the dynamic loader would"},
    MEMFD("memfd-exec", memfd_exec, 0, "by its descriptor"),
    MEMFD("memfd-plain-exec", memfd_plain_exec, TRY_SYSTEM, "by its descriptor, made without flags"),
    MEMFD("memfd-sealed-exec", memfd_sealed_exec, TRY_SYSTEM, "although it was sealed against that"),
    MEMFD("memfd-exec-proc", memfd_exec_proc, 0, "through /proc/self/fd"),
    {0},
};

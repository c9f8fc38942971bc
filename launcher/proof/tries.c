#include "tries.h"

#include <poll.h>

#include "tries_util.h"

static const struct try *const tables[] = {tries_read, tries_write, tries_meta, tries_exec,   tries_net,
					   tries_unix, tries_proc,  tries_self, tries_kernel, tries_system};
#define TABLES (sizeof tables / sizeof *tables)

static size_t table_count(const struct try *table)
{
	size_t n = 0;

	while (table[n].name)
		n++;
	return n;
}

size_t tries_count(void)
{
	size_t n = 0;

	for (size_t i = 0; i < TABLES; i++)
		n += table_count(tables[i]);
	return n;
}

const struct try *tries_at(size_t index)
{
	for (size_t i = 0; i < TABLES; i++) {
		size_t n = table_count(tables[i]);
		if (index < n)
			return &tables[i][index];
		index -= n;
	}
	return NULL;
}

const struct try *tries_find(const char *name)
{
	for (size_t i = 0; i < TABLES; i++)
		for (const struct try *try = tables[i]; try->name; try++)
			if (strcmp(try->name, name) == 0)
				return try;
	return NULL;
}

static const char *first_there(const char *const *paths)
{
	for (; *paths; paths++)
		if (access(*paths, F_OK) == 0)
			return *paths;
	return NULL;
}

const char *tries_place_path(const struct try_targets *t, uint32_t place, char *to, size_t size)
{
	static const char *const loaders[] = {"/lib64/ld-linux-x86-64.so.2",      "/lib/ld-linux-aarch64.so.1",
					      "/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-x86_64.so.1",
					      "/lib/ld-musl-aarch64.so.1",        NULL};
	static const char *const setuid[] = {"/usr/bin/su",     "/bin/su",        "/usr/bin/sudo",
					     "/usr/bin/passwd", "/usr/bin/mount", NULL};

	switch (place) {
	case TRY_AT_SCRATCH: snprintf(to, size, "%s", t->dir); return to;
	case TRY_AT_SHM: return "/dev/shm";
	case TRY_AT_SHELL: return "/bin/sh";
	case TRY_AT_LOADER: return first_there(loaders);
	case TRY_AT_SETUID: return first_there(setuid);
	case TRY_AT_PROC: return "/proc";
	case TRY_AT_INSIDE: return t->inside;
	default: return NULL;
	}
}

int try_reads_secret(int fd)
{
	char text[sizeof TRY_SECRET_TEXT - 1];
	ssize_t n = pread(fd, text, sizeof text, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == sizeof text && memcmp(text, TRY_SECRET_TEXT, sizeof text) == 0 ? 0 : -ENODATA;
}

const char *try_landing(const struct try_targets *t, char to[TRY_PATH_MAX])
{
	if (!t->inside)
		return try_path(t, "new", to);
	snprintf(to, TRY_PATH_MAX, "%s/.endow-try", t->inside);
	return to;
}

int try_open_secret(const char *path)
{
	OWNED_FD int fd = try_open(path, O_RDONLY);

	return fd < 0 ? -errno : try_reads_secret(fd);
}

int try_wait(int (*goes)(const void *arg), const void *arg, int ms)
{
	for (int i = 0; i < ms; i += 5) {
		if (goes(arg))
			return 1;
		poll(NULL, 0, 5);
	}
	return goes(arg);
}

#define NAME(code)          \
	{                   \
		code, #code \
	}
static const struct {
	int code;
	const char *name;
} names[] = {
    NAME(EPERM),           NAME(ENOENT),          NAME(ESRCH),       NAME(EINTR),        NAME(EIO),
    NAME(ENXIO),           NAME(E2BIG),           NAME(ENOEXEC),     NAME(EBADF),        NAME(ECHILD),
    NAME(EAGAIN),          NAME(ENOMEM),          NAME(EACCES),      NAME(EFAULT),       NAME(ENOTBLK),
    NAME(EBUSY),           NAME(EEXIST),          NAME(EXDEV),       NAME(ENODEV),       NAME(ENOTDIR),
    NAME(EISDIR),          NAME(EINVAL),          NAME(ENFILE),      NAME(EMFILE),       NAME(ENOTTY),
    NAME(ETXTBSY),         NAME(EFBIG),           NAME(ENOSPC),      NAME(ESPIPE),       NAME(EROFS),
    NAME(EMLINK),          NAME(EPIPE),           NAME(EDOM),        NAME(ERANGE),       NAME(EDEADLK),
    NAME(ENAMETOOLONG),    NAME(ENOLCK),          NAME(ENOSYS),      NAME(ENOTEMPTY),    NAME(ELOOP),
    NAME(ENODATA),         NAME(ETIME),           NAME(EOVERFLOW),   NAME(EILSEQ),       NAME(ENOTSOCK),
    NAME(EDESTADDRREQ),    NAME(EMSGSIZE),        NAME(EPROTOTYPE),  NAME(ENOPROTOOPT),  NAME(EPROTO),
    NAME(EPROTONOSUPPORT), NAME(ESOCKTNOSUPPORT), NAME(EOPNOTSUPP),  NAME(EAFNOSUPPORT), NAME(EADDRINUSE),
    NAME(EADDRNOTAVAIL),   NAME(ENETDOWN),        NAME(ENETUNREACH), NAME(ECONNABORTED), NAME(ECONNRESET),
    NAME(ENOBUFS),         NAME(EISCONN),         NAME(ENOTCONN),    NAME(ETIMEDOUT),    NAME(ECONNREFUSED),
    NAME(EHOSTUNREACH),    NAME(EALREADY),        NAME(EINPROGRESS), NAME(ESTALE),       NAME(EDQUOT),
    NAME(ECANCELED),       NAME(ENOKEY),          NAME(EKEYREVOKED), NAME(EBADMSG),
};

const char *tries_outcome_name(int outcome, char to[16])
{
	if (outcome == 0)
		return "ok";
	if (outcome == TRY_MOOT)
		return "moot";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].code == -outcome)
			return names[i].name;
	snprintf(to, 16, "%d", -outcome);
	return to;
}

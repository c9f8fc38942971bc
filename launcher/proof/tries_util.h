/* tries_util.h: for the attempts' own files only. */
#ifndef ENDOW_TRIES_UTIL_H
#define ENDOW_TRIES_UTIL_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "image.h"
#include "owned.h"
#include "tries.h"
#include "tries_abi.h"

/* Tables end with a row without a name. */
extern const struct try tries_read[];
extern const struct try tries_write[];
extern const struct try tries_meta[];
extern const struct try tries_exec[];
extern const struct try tries_net[];
extern const struct try tries_unix[];
extern const struct try tries_proc[];
extern const struct try tries_kernel[];
extern const struct try tries_system[];
extern const struct try tries_self[];

#define TRY_PATH_MAX 512

/* A path in the scratch directory. */
static inline const char *try_path(const struct try_targets *t, const char *name, char to[TRY_PATH_MAX])
{
	snprintf(to, TRY_PATH_MAX, "%s/%s", t->dir, name);
	return to;
}

/* What a system call says: 0 where it went through. */
static inline int try_outcome(long rc)
{
	return rc < 0 ? -errno : 0;
}

/* The call is a hole as soon as it reaches the kernel's own code, whatever that says about its arguments. */
static inline int try_reached(long rc)
{
	if (rc >= 0 || (errno != EPERM && errno != EACCES && errno != ENOSYS))
		return 0;
	return -errno;
}

static inline int try_open(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
}

/* Whether FD gives the secret away: 0 if so. */
int try_reads_secret(int fd);

/* A path for something new: in the granted directory where there is one (there the secret could be read), else in the scratch
 * one. */
const char *try_landing(const struct try_targets *t, char to[TRY_PATH_MAX]);

/* try_open() for reading, then try_reads_secret(). */
int try_open_secret(const char *path);

/* A seccomp filter refuses with EPERM or ENOSYS what a kernel without the protocol refuses with one of these. */
static inline int try_not_built(int code)
{
	return code == EAFNOSUPPORT || code == EPROTONOSUPPORT || code == ESOCKTNOSUPPORT || code == ENOPROTOOPT;
}

/* Until what GOES says is so, at most MS milliseconds. Returns whether it came to be. */
int try_wait(int (*goes)(const void *arg), const void *arg, int ms);

#endif

/* scratch.h: a folder of the test's own, and what a test puts there. All of it aborts the test when it fails. */
#ifndef ENDOW_TEST_SCRATCH_H
#define ENDOW_TEST_SCRATCH_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_PATH 512
#define NOBODY 65534

static char scratch[64];

static inline int scratch_unlink(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* In the folder of this run, which main.c takes away at the end: a test that fails is not torn down. */
static inline void scratch_make(void)
{
	const char *run = getenv("ENDOW_UNIT_RUN");

	umask(022);
	snprintf(scratch, sizeof scratch, "%s/XXXXXX", run ? run : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
}

static inline void scratch_remove(void)
{
	ck_assert_int_eq(nftw(scratch, scratch_unlink, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The path of NAME in the folder; the last eight stay valid. */
__attribute__((format(printf, 1, 2))) static inline const char *in_scratch(const char *name, ...)
{
	static char paths[8][SCRATCH_PATH];
	static int next;
	char *path = paths[next++ % 8];
	const int n = snprintf(path, SCRATCH_PATH, "%s/", scratch);
	va_list ap;

	va_start(ap, name);
	vsnprintf(path + n, SCRATCH_PATH - (size_t)n, name, ap);
	va_end(ap);
	return path;
}

static inline const char *put_folder(const char *name, mode_t mode)
{
	const char *path = in_scratch("%s", name);

	ck_assert_msg(mkdir(path, 0700) == 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(chmod(path, mode), 0);
	return path;
}

static inline const char *put_file(const char *name, const char *text, mode_t mode)
{
	const char *path = in_scratch("%s", name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static inline const char *put_link(const char *to, const char *name)
{
	const char *path = in_scratch("%s", name);

	ck_assert_msg(symlink(to, path) == 0, "%s: %s", path, strerror(errno));
	return path;
}

#endif

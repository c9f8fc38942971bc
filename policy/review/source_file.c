#include "source_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "image.h"
#include "owned.h"

static int read_all(int fd, const char *shown, struct source_file *file, struct err *err)
{
	char *OWNED text = malloc(SOURCE_MAX + 2);
	size_t len = 0;

	if (!text)
		return err_set(err, ENOMEM, "no memory");
	for (;;) {
		ssize_t n = read(fd, text + len, SOURCE_MAX + 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, errno, "%s: %s", shown, err_words(errno));
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > SOURCE_MAX)
			return err_set(err, EFBIG, "%s is too large for a policy: %u bytes are allowed", shown, SOURCE_MAX);
	}
	text[len] = '\0';
	*file = (struct source_file){take_ptr(text), len};
	return 0;
}

int source_file_read(const char *path, struct source_file *file, struct err *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", file, err);
	/* O_NONBLOCK: a FIFO must not hold us up. */
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s: %s", path, err_words(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%s is no regular file", path);
	return read_all(fd, path, file, err);
}

void source_file_free(struct source_file *file)
{
	free(file->text);
	*file = (struct source_file){0};
}

static int write_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int fill(int fd, const struct stat *st, const char *text, size_t len)
{
	int rc = write_all(fd, text, len);

	/* Whose file it is does not change by its layout. */
	if (rc == 0 && (fchown(fd, st->st_uid, st->st_gid) < 0 || fchmod(fd, st->st_mode & 07777) < 0))
		rc = -errno;
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	return rc;
}

int source_file_replace(const char *path, const char *text, size_t len, struct err *err)
{
	char *OWNED real = realpath(path, NULL);
	char beside[PATH_MAX];
	struct stat st;

	if (!real || stat(real, &st) < 0)
		return err_set(err, errno, "%s: %s", path, err_words(errno));
	if ((size_t)snprintf(beside, sizeof beside, "%s.XXXXXX", real) >= sizeof beside)
		return err_set(err, ENAMETOOLONG, "%s: the path is too long", path);
	OWNED_FD int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return err_set(err, errno, "%s: no file can be made beside it: %s", path, err_words(errno));
	int rc = fill(fd, &st, text, len);
	if (rc == 0 && rename(beside, real) < 0)
		rc = -errno;
	if (rc < 0) {
		unlink(beside);
		return err_set(err, -rc, "%s: %s", path, err_words(rc));
	}
	return 0;
}

#include "program.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel.h"
#include "owned.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

/* Is this something that execve would take? Asked of the kernel, with the ids that count. */
static int can_execute(const struct thing *thing)
{
	return S_ISREG(thing->st.st_mode) && k_faccessat2(thing->fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

/* *IS_THERE tells a file that can't be executed from one that can't be come by. */
static int try_path(const char *path, struct thing *thing, int *is_there, struct err *err)
{
	int rc = resolve_typed(path, 1, thing, err);

	*is_there = rc == 0;
	if (rc < 0)
		return rc;
	if (can_execute(thing))
		return 0;
	rc = err_set(err, EACCES, "%s can't be executed: it is %s", path,
		     thing->is_dir                      ? "a directory"
		     : S_ISREG(thing->st.st_mode) ? "not executable for you"
							: "not a file");
	thing_close(thing);
	*thing = THING_NONE;
	return rc;
}

int program_find(const char *name, struct thing *thing, struct err *err)
{
	const char *dirs = getenv("PATH");
	char path[RESOLVE_PATH];
	int found = -ENOENT, is_there;

	*thing = THING_NONE;
	if (strchr(name, '/'))
		return try_path(name, thing, &is_there, err);
	for (const char *p = dirs && *dirs ? dirs : DEFAULT_PATH; *name; p++) {
		const size_t n = strcspn(p, ":");
		/* An empty entry means the working directory: nobody means that who runs what he does not trust. */
		const size_t len = strlen(name);
		if (n > 0 && n + len + 2 <= sizeof path) {
			memcpy(path, p, n);
			path[n] = '/';
			memcpy(path + n + 1, name, len + 1);
			int rc = try_path(path, thing, &is_there, err);
			if (rc == 0)
				return 0;
			if (is_there)
				found = rc;
		}
		p += n;
		if (!*p)
			break;
	}
	if (found == -EACCES)
		return err_set(err, EACCES, "%s: found in $PATH, but it can't be executed", name);
	return err_set(err, ENOENT, "%s: not found in $PATH", name);
}

int program_interpreter(const struct thing *program, char to[RESOLVE_PATH], struct err *err)
{
	char head[256];
	struct stat st;

	/* By its name, which is cheaper than by the descriptor through /proc; then it has to be the same file. */
	OWNED_FD int fd = openat(AT_FDCWD, program->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return errno == EACCES ? 0 : err_set(err, errno, "%s: %s", program->path, err_words(errno)); /* not to be read: no script */
	if (fstat(fd, &st) < 0 || st.st_ino != program->st.st_ino || st.st_dev != program->st.st_dev)
		return err_set(err, ESTALE, "%s was replaced while it was looked at", program->path);
	ssize_t n = pread(fd, head, sizeof head - 1, 0);
	if (n < 0)
		return err_set(err, errno, "%s: %s", program->path, err_words(errno));
	head[n] = '\0';
	if (n < 2 || head[0] != '#' || head[1] != '!')
		return 0;
	const char *p = head + 2;
	p += strspn(p, " \t");
	const size_t len = strcspn(p, " \t\n");
	if (*p != '/' || p + len >= head + sizeof head - 1)
		return err_set(err, ENOEXEC, "%s: its first line names no interpreter by an absolute path", program->path);
	memcpy(to, p, len);
	to[len] = '\0';
	return 1;
}

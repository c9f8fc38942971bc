#include "resolve.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "kernel.h"
#include "owned.h"
#include "walk.h"

#define ROOT_MAX 1024 /* of a variable alone */

void thing_close(const struct thing *thing)
{
	owned_close(&thing->fd);
}

/* $XDG_CONFIG_HOME and the like stand for a folder of the home where they are not set. */
static const char *const beneath_home[ROOT_COUNT] = {
	[ROOT_XDG_CONFIG_HOME] = "/.config",
	[ROOT_XDG_CACHE_HOME] = "/.cache",
	[ROOT_XDG_DATA_HOME] = "/.local/share",
	[ROOT_XDG_STATE_HOME] = "/.local/state",
};

static int root_path(uint32_t root, char to[ROOT_MAX], struct err *err)
{
	int n = 0;

	to[0] = '\0';
	if (root == ROOT_NONE)
		return 0;
	if (root == ROOT_PWD)
		return getcwd(to, ROOT_MAX) ? 0 : err_set(err, errno, "the working directory: %s", err_words(errno));
	const char *value = getenv(image_root_name[root]), *home = getenv("HOME");
	if (value && *value != '/')
		value = NULL; /* not set, or relative to who knows what */
	if (value)
		n = snprintf(to, ROOT_MAX, "%s", value);
	else if (beneath_home[root] && home && *home == '/')
		n = snprintf(to, ROOT_MAX, "%s%s", home, beneath_home[root]);
	else if (root == ROOT_TMPDIR)
		n = snprintf(to, ROOT_MAX, "/tmp");
	else
		return err_set(err, ENOENT, "$%s is not set to an absolute path", image_root_name[root]);
	return n < ROOT_MAX ? 0 : err_set(err, ENAMETOOLONG, "$%s is too long", image_root_name[root]);
}

int resolve_name(const struct image *image, struct image_text text, char to[RESOLVE_PATH], struct err *err)
{
	const char *rest = image_string(image, text.at);
	int rc = root_path(text.root, to, err);

	if (rc < 0)
		return rc;
	const size_t n = strlen(to);
	if (strlen(rest) >= RESOLVE_PATH - n)
		return err_set(err, ENAMETOOLONG, "the path is too long");
	strcpy(to + n, rest);
	return 0;
}

/* One openat2, or where a filter around us hides it (ENOSYS), the walk that is as strict. */
static int open_path(int dir, const char *path, int follow)
{
	const struct k_open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = K_RESOLVE_NO_MAGICLINKS | (follow ? 0 : K_RESOLVE_NO_SYMLINKS),
	};
	int fd = k_openat2(dir, path, &how);

	if (fd < 0 && errno == ENOSYS)
		return walk(dir, path, follow);
	return fd < 0 ? -errno : fd;
}

static int describe_link(const char *path, struct err *err)
{
	char *real = err ? realpath(path, NULL) : NULL;
	int rc = err_set(err, ELOOP, "%s passes through a symbolic link (to %s): name the real path, or say 'follow'", path,
			 real ? real : "somewhere else");

	free(real);
	return rc;
}

static int take(int fd, struct thing *thing, int follow, struct err *err)
{
	if (fd == -ELOOP && !follow)
		return describe_link(thing->path, err);
	if (fd < 0)
		return err_set(err, -fd, "%s: %s", thing->path, err_words(fd));
	if (fstat(fd, &thing->st) < 0) {
		close(fd);
		return err_set(err, errno, "%s: %s", thing->path, err_words(errno));
	}
	thing->fd = fd;
	thing->is_dir = S_ISDIR(thing->st.st_mode);
	return 0;
}

int resolve_text(const struct image *image, struct image_text text, int follow, struct thing *thing, struct err *err)
{
	const char *rest = image_string(image, text.at);
	char root[ROOT_MAX];
	OWNED_FD int dir = -1;

	thing->fd = -1;
	int rc = resolve_name(image, text, thing->path, err);
	if (rc < 0)
		return rc;
	if (text.root == ROOT_NONE)
		return take(open_path(AT_FDCWD, rest, follow), thing, follow, err);
	/* The variable's own path is the caller's word: its links are followed. What the policy adds is not. */
	rc = root_path(text.root, root, err);
	if (rc < 0)
		return rc;
	dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_set(err, errno, "%s ($%s): %s", root, image_root_name[text.root], err_words(errno));
	return take(open_path(dir, *rest ? rest + 1 : ".", follow), thing, follow, err);
}

/* No printf on the way of every launch: its code and its stack are pages that nothing else there touches. */
static int set_path(struct thing *thing, const char *path, struct err *err)
{
	const size_t len = strlen(path);

	thing->fd = -1;
	thing->path[0] = '\0';
	if (len >= sizeof thing->path)
		return err_set(err, ENAMETOOLONG, "the path is too long");
	memcpy(thing->path, path, len + 1);
	return 0;
}

int resolve_typed(const char *path, int follow, struct thing *thing, struct err *err)
{
	int rc = set_path(thing, path, err);

	if (rc < 0)
		return rc;
	return take(open_path(AT_FDCWD, path, follow), thing, follow, err);
}

int resolve_create(const char *path, int *dir, struct thing *thing, struct err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char folder[RESOLVE_PATH];

	int rc = set_path(thing, path, err);
	if (rc < 0)
		return rc;
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, EISDIR, "%s can't be made: it does not name a file", path);
	snprintf(folder, sizeof folder, "%.*s", !slash ? 1 : slash == path ? 1 : (int)(slash - path), slash ? path : ".");
	OWNED_FD int parent = open_path(AT_FDCWD, folder, 0);
	if (parent == -ELOOP)
		return describe_link(folder, err);
	if (parent < 0)
		return err_set(err, -parent, "%s can't be made: %s: %s", path, folder, err_words(parent));
	OWNED_FD int made = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0666);
	if (made < 0)
		return err_set(err, errno, "%s can't be made: %s", path, err_words(errno));
	rc = take(open_path(parent, name, 0), thing, 0, err);
	if (rc < 0)
		return rc;
	struct stat st;
	if (fstat(made, &st) < 0 || st.st_ino != thing->st.st_ino || st.st_dev != thing->st.st_dev) {
		thing_close(thing);
		*thing = THING_NONE;
		return err_set(err, EAGAIN, "%s was replaced while it was made", path);
	}
	*dir = take_fd(&parent);
	return 0;
}

/* The short-lived thread's errand. */
struct errand {
	const char *path;
	int flags;
	int result;
};

/* Restricts itself, opens, ends. Credentials are a thread's own, the descriptor table is shared: only the open file comes back. */
static int attenuated_open(void *arg)
{
	struct errand *e = arg;
	const struct k_landlock_ruleset ioctl_too = {.handled_access_fs = K_FS_TRUNCATE | K_FS_IOCTL_DEV};
	const struct k_landlock_ruleset truncate_only = {.handled_access_fs = K_FS_TRUNCATE};
	int ruleset = k_landlock_create(&ioctl_too, sizeof ioctl_too.handled_access_fs);

	if (ruleset < 0)
		ruleset = k_landlock_create(&truncate_only, sizeof truncate_only.handled_access_fs);
	if (ruleset < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || k_landlock_restrict(ruleset) < 0) {
		e->result = -errno;
	} else {
		e->result = open(e->path, e->flags);
		if (e->result < 0)
			e->result = -errno;
	}
	if (ruleset >= 0)
		close(ruleset);
	return 0;
}

int resolve_reopen(const struct thing *thing, int flags, int attenuate, int lowest, struct err *err)
{
	char path[32];
	/* O_NONBLOCK: opening a FIFO or a serial line must not hold the launcher up. It is taken back below. */
	struct errand e = {.path = path, .flags = flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK};

	snprintf(path, sizeof path, "/proc/self/fd/%d", thing->fd);
	if (attenuate) {
		_Alignas(16) static char stack[16384];
		pid_t pid = clone(attenuated_open, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_VFORK | SIGCHLD, &e);
		if (pid < 0)
			return err_set(err, errno, "%s: can't be opened for less: %s", thing->path, err_words(errno));
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	} else {
		e.result = open(e.path, e.flags);
		if (e.result < 0)
			e.result = -errno;
	}
	if (e.result < 0)
		return err_set(err, -e.result, "%s: %s", thing->path, err_words(e.result));
	OWNED_FD int opened = e.result;
	int had = fcntl(opened, F_GETFL);
	if (had < 0 || fcntl(opened, F_SETFL, had & ~O_NONBLOCK) < 0)
		return err_set(err, errno, "%s: %s", thing->path, err_words(errno));
	if (opened >= lowest)
		return take_fd(&opened);
	int fd = fcntl(opened, F_DUPFD_CLOEXEC, lowest);
	if (fd < 0)
		return err_set(err, errno, "%s: no descriptor left: %s", thing->path, err_words(errno));
	return fd;
}

#include "view.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "kernel.h"
#include "owned.h"

static int put(const char *path, const char *text)
{
	OWNED_FD int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* An ordinary user may map one id, their own, and does it from within. */
static int map_own_id(uid_t uid, gid_t gid)
{
	char users[64], groups[64];

	snprintf(users, sizeof users, "%u %u 1", uid, uid);
	snprintf(groups, sizeof groups, "%u %u 1", gid, gid);
	int rc = put("/proc/self/uid_map", users);
	/* Without privilege a group may only be mapped where no group can be dropped. */
	if (rc == 0)
		rc = put("/proc/self/setgroups", "deny");
	return rc == 0 ? put("/proc/self/gid_map", groups) : rc;
}

/* A map under which everybody who is known here stays who he is: for root. */
static int same_ids(const char *map, char *to, size_t size)
{
	char text[4096];
	size_t len = 0;
	OWNED_FD int fd = open(map, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	*to = '\0';
	for (char *line = text; *line; line += *line == '\n') {
		const unsigned long first = strtoul(line, &line, 10);
		(void)strtoul(line, &line, 10); /* what it is outside of this namespace */
		const unsigned long count = strtoul(line, &line, 10);
		len += (size_t)snprintf(to + len, size - len, "%lu %lu %lu\n", first, first, count);
		line += strcspn(line, "\n");
		if (len >= size)
			return -E2BIG;
	}
	return 0;
}

/* All ids as they are: only who stayed outside may say so. */
static int map_all_ids(pid_t pid)
{
	static const char *const maps[] = {"uid_map", "gid_map"};
	char path[64], text[8192];
	int rc = 0;

	for (size_t i = 0; i < sizeof maps / sizeof *maps && rc == 0; i++) {
		snprintf(path, sizeof path, "/proc/self/%s", maps[i]);
		rc = same_ids(path, text, sizeof text);
		snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, maps[i]);
		if (rc == 0)
			rc = put(path, text);
	}
	return rc;
}

/* Root's user namespace: a child that stays outside maps the ids once we are in. */
static int unshare_as_root(int flags)
{
	const pid_t self = getpid();
	int go[2], status;
	char byte = 0;

	if (pipe2(go, O_CLOEXEC) < 0)
		return -errno;
	pid_t child = fork();
	if (child == 0) {
		close(go[1]);
		_exit(read(go[0], &byte, 1) == 1 ? -map_all_ids(self) & 0xff : EPIPE);
	}
	close(go[0]);
	int rc = child < 0 || unshare(flags) < 0 ? -errno : 0;
	if (rc == 0 && write(go[1], &byte, 1) != 1)
		rc = -EPIPE;
	close(go[1]); /* without a byte before it: the child just ends */
	if (child > 0) {
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		if (rc == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
			rc = WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
	}
	return rc;
}

static int unshare_as_user(int flags, uid_t uid, gid_t gid)
{
	return unshare(flags) < 0 ? -errno : map_own_id(uid, gid);
}

int view_enter(const struct view_wish *wish, struct err *err)
{
	const uid_t uid = geteuid();
	const gid_t gid = getegid();
	const int own = (wish->mounts ? CLONE_NEWNS : 0) | (wish->ipc ? CLONE_NEWIPC : 0);
	/* Root needs no user namespace to mount, unless it lacks the capability (in a container). */
	int users = uid != 0 || wish->own_users;

	if (!users && unshare(own) < 0) {
		if (errno != EPERM)
			return err_set(err, errno, "no namespace of its own for the program: %s", err_words(errno));
		users = 1;
	}
	if (users) {
		int rc = uid == 0 ? unshare_as_root(CLONE_NEWUSER | own) : unshare_as_user(CLONE_NEWUSER | own, uid, gid);
		if (rc < 0)
			return err_set(err, -rc,
				       "no namespace of its own for the program: user namespaces are blocked here (%s); see "
				       "user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns, or RestrictNamespaces= of a unit",
				       err_words(rc));
	}
	/* Nothing mounted here shows outside, and nothing mounted outside later shows here. */
	if (wish->mounts && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_set(err, errno, "the program's view can't be made private: %s", err_words(errno));
	return 0;
}

int view_private(int dir, const char *path, struct err *err)
{
	char at[32];

	snprintf(at, sizeof at, "/proc/self/fd/%d", dir);
	if (mount("tmpfs", at, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") < 0)
		return err_set(err, errno, "%s can't be made private: %s", path, err_words(errno));
	return 0;
}

static int seal_with(int *trees, const int *writable, size_t count, struct err *err)
{
	const struct k_mount_attr read_only = {.attr_set = K_MOUNT_ATTR_RDONLY};

	/* Copies of the writable mounts first, while they still are. */
	for (size_t i = 0; i < count; i++) {
		trees[i] = (int)syscall(SYS_open_tree, writable[i], "",
					K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | K_AT_RECURSIVE);
		if (trees[i] < 0)
			return err_set(err, errno, "a writable grant can't be kept in the program's view: %s", err_words(errno));
	}
	if (syscall(SYS_mount_setattr, AT_FDCWD, "/", K_AT_RECURSIVE, &read_only, sizeof read_only) < 0)
		return err_set(err, errno, "the program's view can't be made read-only: %s", err_words(errno));
	for (size_t i = 0; i < count; i++)
		if (syscall(SYS_move_mount, trees[i], "", writable[i], "", K_MOVE_MOUNT_F_EMPTY_PATH | K_MOVE_MOUNT_T_EMPTY_PATH) < 0)
			return err_set(err, errno, "a writable grant can't be placed in the program's view: %s", err_words(errno));
	return 0;
}

int view_keep_writable(int *dir, struct err *err)
{
	int tree = (int)syscall(SYS_open_tree, *dir, "", K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	if (tree < 0)
		return err_set(err, errno, "an output file's folder can't be kept writable: %s", err_words(errno));
	close(*dir);
	*dir = tree;
	return 0;
}

int view_seal(const int *writable, size_t count, struct err *err)
{
	OWNED int *trees = malloc((count + 1) * sizeof *trees);

	if (!trees)
		return err_set(err, ENOMEM, "no memory");
	for (size_t i = 0; i < count; i++)
		trees[i] = -1;
	int rc = seal_with(trees, writable, count, err);
	for (size_t i = 0; i < count; i++)
		owned_close(&trees[i]);
	return rc;
}

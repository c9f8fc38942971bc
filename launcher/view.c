#include "view.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

int view_wish(const struct image_header *h, struct view_wish *wish)
{
	const int forgone = (h->forgo & FEATURE_VIEW) != 0;
	const int counted = h->limits[LIMIT_PROCESSES] != LIMIT_UNSET && h->limits[LIMIT_PROCESSES] != LIMIT_NONE;
	const int sealed = !forgone && h->families & FAM_FATTR && !(h->families & FAM_FATTR_ANYWHERE);

	/* Places of the program's own can't be forgone: without them it would be shown what was to be kept from it. */
	*wish = (struct view_wish){
	    .ipc = h->isolate & ISOLATE_IPC || (!forgone && h->families & FAM_SYSVIPC),
	    .net = (h->isolate & ISOLATE_NET) != 0,
	    .processes = (h->isolate & ISOLATE_PROCESSES) != 0,
	    .own_users = !forgone && counted,
	    .mounts = sealed || h->private_places.count > 0 || h->excepts.count > 0 || h->require & FEATURE_VIEW ||
		      h->isolate & (ISOLATE_FILES | ISOLATE_PROCESSES),
	    .sealed = sealed,
	};
	return wish->ipc || wish->net || wish->processes || wish->own_users || wish->mounts;
}

/* A new network namespace has a loopback interface that is down: up, a program can still talk to itself. */
static int raise_loopback(struct err *err)
{
	struct ifreq lo = {.ifr_name = "lo"};
	OWNED_FD int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo) < 0)
		return err_set(err, errno, "the loopback interface of its own: %s", err_words(errno));
	lo.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		return err_set(err, errno, "the loopback interface of its own: %s", err_words(errno));
	return 0;
}

int view_enter(const struct view_wish *wish, struct err *err)
{
	const uid_t uid = geteuid();
	const gid_t gid = getegid();
	const int own = (wish->mounts ? CLONE_NEWNS : 0) | (wish->ipc ? CLONE_NEWIPC : 0) | (wish->net ? CLONE_NEWNET : 0) |
			(wish->processes ? CLONE_NEWPID : 0);
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
				       "user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns, or "
				       "RestrictNamespaces= of a unit",
				       err_words(rc));
	}
	/* Nothing mounted here shows outside, and nothing mounted outside later shows here. */
	if (wish->mounts && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_set(err, errno, "the program's view can't be made private: %s", err_words(errno));
	return wish->net ? raise_loopback(err) : 0;
}

int view_proc(struct err *err)
{
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0)
		return 0;
	return err_set(err, errno, "a /proc of its own can't be mounted: %s%s", err_words(errno),
		       errno == EPERM ? " (parts of /proc are covered here, as in a container)" : "");
}

int view_clone(int fd, uint64_t attributes, struct err *err)
{
	OWNED_FD int tree =
	    (int)syscall(SYS_open_tree, fd, "", K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | K_AT_RECURSIVE);

	if (tree < 0)
		return err_set(err, errno, "no second mount of it can be made: %s", err_words(errno));
	int rc = attributes ? view_restrict(tree, attributes, 1, err) : 0;
	return rc < 0 ? rc : take_fd(&tree);
}

int view_tmpfs(const char *mode, struct err *err)
{
	OWNED_FD int fs = (int)syscall(SYS_fsopen, "tmpfs", K_FSOPEN_CLOEXEC);
	int tree = -1;

	if (fs >= 0 && syscall(SYS_fsconfig, fs, K_FSCONFIG_SET_STRING, "mode", mode, 0) == 0 &&
	    syscall(SYS_fsconfig, fs, K_FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		tree = (int)syscall(SYS_fsmount, fs, K_FSMOUNT_CLOEXEC, K_MOUNT_ATTR_NOSUID | K_MOUNT_ATTR_NODEV);
	return tree < 0 ? err_set(err, errno, "no file system in memory: %s", err_words(errno)) : tree;
}

int view_attach(int tree, int at, struct err *err)
{
	if (syscall(SYS_move_mount, tree, "", at, "", K_MOVE_MOUNT_F_EMPTY_PATH | K_MOVE_MOUNT_T_EMPTY_PATH) == 0)
		return 0;
	return err_set(err, errno, "it can't be mounted: %s", err_words(errno));
}

int view_restrict(int fd, uint64_t attributes, int deep, struct err *err)
{
	const struct k_mount_attr add = {.attr_set = attributes};

	if (syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | (deep ? K_AT_RECURSIVE : 0), &add, sizeof add) == 0)
		return 0;
	return err_set(err, errno, "it can't be made read-only: %s", err_words(errno));
}

/* A part of a mount can be copied only once it is attached somewhere, hence WORK. */
int view_nothing(int work, int is_dir, struct err *err)
{
	static const char name[] = "nothing";
	char at[32];
	OWNED_FD int tmpfs = view_tmpfs("0700", err);

	if (tmpfs < 0)
		return tmpfs;
	int rc = is_dir ? mkdirat(tmpfs, name, 0) : mknodat(tmpfs, name, S_IFREG, 0);
	if (rc < 0)
		return err_set(err, errno, "an empty place can't be made: %s", err_words(errno));
	rc = view_attach(tmpfs, work, err);
	if (rc < 0)
		return rc;
	OWNED_FD int inside = openat(tmpfs, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	OWNED_FD int tree = inside < 0 ? err_set(err, errno, "an empty place can't be made: %s", err_words(errno))
				       : view_clone(inside, K_MOUNT_ATTR_RDONLY | K_MOUNT_ATTR_NOEXEC, err);
	snprintf(at, sizeof at, "/proc/self/fd/%d", tmpfs);
	if (umount2(at, MNT_DETACH) < 0)
		return err_set(err, errno, "an empty place can't be taken away again: %s", err_words(errno));
	return take_fd(&tree);
}

int view_pivot(int base, struct err *err)
{
	/* The old root comes to lie on the new one, and is taken off. */
	if (fchdir(base) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_set(err, errno, "a root of its own can't be entered: %s%s", err_words(errno),
			       errno == EINVAL ? " (here / is no mount of its own, as in a chroot)" : "");
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

#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "kernel.h"
#include "owned.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#define LINKS_MAX 16
#define PAGE 4096u

int look_still(const struct look *at)
{
	return ioctl(at->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &at->id) == 0;
}

void look_who(const struct look *at, char to[LOOK_NAME])
{
	char link[48], path[LOOK_PATH];

	snprintf(link, sizeof link, "/proc/%d/exe", (int)at->tid);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n <= 0) {
		snprintf(to, LOOK_NAME, "?");
		return;
	}
	path[n] = '\0';
	const char *slash = strrchr(path, '/');
	snprintf(to, LOOK_NAME, "%.*s", LOOK_NAME - 1, slash ? slash + 1 : path);
	char *deleted = strstr(to, " (deleted)");
	if (deleted)
		*deleted = '\0';
}

pid_t look_process(const struct look *at)
{
	char path[48], text[1024];

	snprintf(path, sizeof path, "/proc/%d/status", (int)at->tid);
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	const char *line = strstr(text, "\nTgid:");
	return line ? (pid_t)strtol(line + 6, NULL, 10) : 0;
}

int look_memory(const struct look *at, uint64_t address, void *to, size_t size)
{
	struct iovec mine = {to, size}, theirs = {(void *)(uintptr_t)address, size};
	ssize_t n = process_vm_readv(at->tid, &mine, 1, &theirs, 1, 0);

	return n < 0 ? -errno : (size_t)n == size ? 0 : -EFAULT;
}

/* Page by page: a text may end right before one that is not there. */
int look_text(const struct look *at, uint64_t address, char to[LOOK_PATH])
{
	for (size_t done = 0; done < LOOK_PATH;) {
		size_t size = PAGE - (size_t)((address + done) % PAGE);
		if (size > LOOK_PATH - done)
			size = LOOK_PATH - done;
		int rc = look_memory(at, address + done, to + done, size);
		if (rc < 0)
			return rc;
		if (memchr(to + done, '\0', size))
			return 0;
		done += size;
	}
	return -ENAMETOOLONG;
}

static int starts_with(const char *path, const char *start)
{
	const size_t n = strlen(start);

	return strncmp(path, start, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* What means the one who looks is turned into what means the caller. Returns 1 if PATH was such. */
static int make_theirs(const struct look *at, const char *path, char to[LOOK_PATH])
{
	static const char *const mine[][2] = {
	    {"/proc/thread-self", ""}, {"/proc/self", ""},       {"/dev/fd", "/fd"},          {"/dev/stdin", "/fd/0"},
	    {"/dev/stdout", "/fd/1"},  {"/dev/stderr", "/fd/2"}, {"/proc/mounts", "/mounts"}, {"/proc/net", "/net"},
	};

	for (size_t i = 0; i < sizeof mine / sizeof *mine; i++)
		if (starts_with(path, mine[i][0])) {
			int n = snprintf(to, LOOK_PATH, "/proc/%d%s%s", (int)at->tid, mine[i][1], path + strlen(mine[i][0]));
			return n < LOOK_PATH;
		}
	return 0;
}

/* The file behind DESCRIPTOR, which is ours. */
static int describe(const struct look *at, int descriptor, struct found *found)
{
	char link[48], own[48];

	snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
	ssize_t n = readlink(link, found->path, LOOK_PATH - 1);
	if (n <= 0 || fstat(descriptor, &found->st) < 0)
		return -errno;
	found->path[n] = '\0';
	found->is_there = 1;
	found->nameless = found->path[0] != '/' || strncmp(found->path, "/memfd:", 7) == 0 ||
			  (found->st.st_nlink == 0 && !S_ISDIR(found->st.st_mode)) || strstr(found->path, " (deleted)") != NULL;
	const size_t len = (size_t)snprintf(own, sizeof own, "/proc/%d", (int)at->tid);
	const pid_t process = starts_with(found->path, "/proc") ? look_process(at) : 0;
	const size_t len_process = process ? (size_t)snprintf(link, sizeof link, "/proc/%d", (int)process) : 0;
	/* By a link like /etc/mtab the one who looks comes to what is its own. */
	char mine[48];
	const size_t len_mine = (size_t)snprintf(mine, sizeof mine, "/proc/%d", (int)getpid());
	const size_t cut = starts_with(found->path, mine)              ? len_mine
			   : starts_with(found->path, own)             ? len
			   : process && starts_with(found->path, link) ? len_process
								       : 0;
	if (cut) {
		char rest[LOOK_PATH];
		snprintf(rest, sizeof rest, "%s", found->path + cut);
		snprintf(found->path, LOOK_PATH, "/proc/self%.*s", LOOK_PATH - 16, rest);
		found->own = 1;
	}
	return 0;
}

static void set_folder(struct found *found)
{
	const char *slash = strrchr(found->path, '/');
	const size_t len = !slash || slash == found->path ? 1 : (size_t)(slash - found->path);

	memcpy(found->folder, slash ? found->path : "/", len);
	found->folder[len] = '\0';
}

static int open_dir(const struct look *at, int dir)
{
	char path[48];

	if (dir == AT_FDCWD)
		snprintf(path, sizeof path, "/proc/%d/cwd", (int)at->tid);
	else
		snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)at->tid, dir);
	int fd = open(path, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* PATH is not there: where it would be made. Its folder is; a link at its end that leads nowhere is followed by the caller. */
static int describe_absent(const struct look *at, int base, const char *path, struct found *found)
{
	char folder[LOOK_PATH], real[LOOK_PATH];
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	const char *slash = memrchr(path, '/', len);
	const char *name = slash ? slash + 1 : path;
	snprintf(folder, sizeof folder, "%.*s", !slash ? 1 : slash == path ? 1 : (int)(slash - path), slash ? path : ".");
	OWNED_FD int fd = openat(base, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int rc = describe(at, fd, found);
	if (rc < 0)
		return rc;
	snprintf(real, sizeof real, "%s", found->path);
	const int n = snprintf(found->path, LOOK_PATH, "%s/%.*s", strcmp(real, "/") == 0 ? "" : real,
			       (int)(len - (size_t)(name - path)), name);
	found->is_there = 0;
	set_folder(found);
	return n < LOOK_PATH ? 0 : -ENAMETOOLONG;
}

static int look_from(const struct look *at, int base, const char *path, int follow, struct found *found, int links)
{
	char link[LOOK_PATH], target[2 * LOOK_PATH];
	OWNED_FD int fd = openat(base, path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));

	*found = (struct found){0};
	if (fd >= 0) {
		int rc = describe(at, fd, found);
		if (rc == 0)
			set_folder(found);
		return rc;
	}
	if (errno != ENOENT)
		return -errno;
	ssize_t n = follow ? readlinkat(base, path, link, sizeof link - 1) : -1;
	if (n <= 0)
		return describe_absent(at, base, path, found);
	if (links == LINKS_MAX)
		return -ELOOP;
	link[n] = '\0';
	const char *slash = strrchr(path, '/');
	if (*link == '/' || !slash)
		snprintf(target, sizeof target, "%s", link);
	else
		snprintf(target, sizeof target, "%.*s/%s", (int)(slash - path), path, link);
	return look_from(at, base, target, 1, found, links + 1);
}

int look_path(const struct look *at, int dir, const char *path, int follow, struct found *found)
{
	char theirs[LOOK_PATH];

	*found = (struct found){0};
	if (!*path)
		return -ENOENT;
	if (*path == '/')
		return look_from(at, AT_FDCWD, make_theirs(at, path, theirs) ? theirs : path, follow, found, 0);
	OWNED_FD int base = open_dir(at, dir);
	return base < 0 ? base : look_from(at, base, path, follow, found, 0);
}

int look_fd(const struct look *at, int fd, struct found *found)
{
	*found = (struct found){0};
	OWNED_FD int here = open_dir(at, fd);
	if (here < 0)
		return here;
	int rc = describe(at, here, found);
	if (rc == 0)
		set_folder(found);
	return rc;
}

int look_socket(const struct look *at, int fd, struct socket_kind *kind)
{
	const pid_t process = look_process(at);
	OWNED_FD int pidfd = process ? (int)syscall(SYS_pidfd_open, process, 0) : -1;
	OWNED_FD int copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	socklen_t len = sizeof(int);

	if (copy < 0 || getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &kind->domain, &len) < 0 ||
	    getsockopt(copy, SOL_SOCKET, SO_TYPE, &kind->type, &len) < 0 ||
	    getsockopt(copy, SOL_SOCKET, SO_PROTOCOL, &kind->protocol, &len) < 0)
		return -errno;
	union {
		struct sockaddr any;
		struct sockaddr_in in; /* the port lies at one place in both families */
		struct sockaddr_storage room;
	} name = {0};
	len = sizeof name;
	kind->is_bound = getsockname(copy, &name.any, &len) == 0 && name.in.sin_port != 0;
	return 0;
}

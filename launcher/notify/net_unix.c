/*
 * Unix sockets by path. What is granted is a name in a folder that was found before the program started: how the caller came to
 * write it only says which grant is meant. The connection is made through that folder's descriptor.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "kernel.h"
#include "lend.h"
#include "net_own.h"
#include "owned.h"

/* The path in the copied address, which needs no NUL at its end. An abstract name is no path, and is not granted. */
static int read_path(const union net_address *from, socklen_t size, char to[sizeof from->un.sun_path + 1])
{
	const size_t room = offsetof(struct sockaddr_un, sun_path);

	if (from->any.sa_family != AF_UNIX || size <= room || size > sizeof from->un)
		return -EINVAL;
	memcpy(to, from->un.sun_path, size - room);
	to[size - room] = '\0';
	return *to ? 0 : -EACCES;
}

/* The caller's working directory: a descriptor (O_PATH), or a negative errno. */
static int open_cwd(const struct call *c)
{
	char link[40];

	snprintf(link, sizeof link, "/proc/%d/cwd", (int)c->tid);
	OWNED_FD int fd = open(link, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return call_still(c) ? take_fd(&fd) : -ESRCH;
}

/* PATH from CWD, without "." and "..", or NULL. */
static char *whole(int cwd, const char *path, char to[PEERS_PATH])
{
	char link[40], text[PEERS_PATH];

	if (*path == '/')
		return peers_lexical(path, to);
	snprintf(link, sizeof link, "/proc/self/fd/%d", cwd);
	const ssize_t n = readlink(link, text, sizeof text);
	if (n <= 0 || (size_t)n + 1 + strlen(path) >= sizeof text)
		return NULL;
	text[n] = '/';
	strcpy(text + n + 1, path);
	return peers_lexical(text, to);
}

static int is_same(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Opened without being followed into what is another's own (/proc/self). -1: there is none. */
static int open_from(int cwd, const char *path, uint64_t flags)
{
	const struct k_open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = K_RESOLVE_NO_MAGICLINKS};

	return k_openat2(cwd, path, &how);
}

/* The folder that PATH's last name is in. */
static int open_folder(int cwd, const char *path)
{
	char folder[sizeof((struct sockaddr_un *)0)->sun_path + 1];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof folder, "%.*s", !slash ? 1 : slash == path ? 1 : (int)(slash - path), slash ? path : ".");
	return open_from(cwd, folder, O_DIRECTORY);
}

/* The grant that is meant: the one that is written so, or whose folder it is. */
static const struct peer *find(const struct judge *j, int cwd, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char text[PEERS_PATH];

	if (!whole(cwd, path, text))
		*text = '\0';
	OWNED_FD int folder = open_folder(cwd, path);
	for (size_t i = 0; i < j->peer_count; i++) {
		const struct peer *p = &j->peers[i];
		if (p->kind == PEER_CONNECT_UNIX &&
		    (strcmp(p->path, text) == 0 || (strcmp(p->name, name) == 0 && folder >= 0 && is_same(p->folder, folder))))
			return p;
	}
	return NULL;
}

/* A link in the socket's place would lead to wherever its maker likes. */
static int open_granted(const struct peer *p)
{
	const int fd = openat(p->folder, p->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Where every socket is granted: as the program's user, who may not search all folders. */
static int open_any(int cwd, const char *path)
{
	int rc = lend_bare_begin();

	if (rc < 0)
		return rc;
	const int fd = open_from(cwd, path, 0);
	rc = fd < 0 ? -errno : fd;
	lend_bare_end();
	return rc;
}

static int is_any(const struct judge *j, const struct net_socket *s)
{
	return j->families & (FAM_UNIX | (s->type == SOCK_DGRAM ? FAM_NOTIFY : 0u));
}

int unix_find(const struct call *c, const struct net_socket *s, const char *what, union net_address *address, socklen_t *size)
{
	const struct judge *j = net_judge();
	char path[sizeof address->un.sun_path + 1];
	struct stat st;
	int rc = read_path(address, *size, path);

	if (rc < 0)
		return rc == -EACCES ? net_refuse_text(c, what, "an abstract unix socket") : rc;
	OWNED_FD int cwd = *path == '/' ? AT_FDCWD : open_cwd(c);
	if (cwd < 0 && cwd != AT_FDCWD)
		return cwd;
	const struct peer *p = find(j, cwd, path);
	if (!p && !is_any(j, s)) {
		char text[sizeof path + 8];
		snprintf(text, sizeof text, "unix %s", path);
		return net_refuse_text(c, what, text);
	}
	if (p && c->nr == SYS_connect) {
		char text[PEERS_PATH + 8];
		snprintf(text, sizeof text, "unix %s", p->path);
		net_used_text(c, text, &p->where);
	}
	OWNED_FD int at = p ? open_granted(p) : open_any(cwd, path);
	if (at < 0 || fstat(at, &st) < 0)
		return at < 0 ? at : -errno;
	if (!S_ISSOCK(st.st_mode))
		return S_ISLNK(st.st_mode) ? -EACCES : -ECONNREFUSED;
	memset(address, 0, sizeof *address);
	address->un.sun_family = AF_UNIX;
	snprintf(address->un.sun_path, sizeof address->un.sun_path, "/proc/self/fd/%d", at);
	*size = sizeof address->un;
	return take_fd(&at);
}

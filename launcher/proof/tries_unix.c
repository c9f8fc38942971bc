/* Attempts to reach other programs' unix sockets: a bus, an agent, a container engine. */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tries_util.h"

static socklen_t pathname(const struct try_targets *t, const char *name, struct sockaddr_un *a)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(a->sun_path, sizeof a->sun_path, "%s/%s", t->dir, name);
	return sizeof *a;
}

static socklen_t abstract(const struct try_targets *t, struct sockaddr_un *a)
{
	size_t len = strlen(t->abstract);

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(a->sun_path + 1, t->abstract, len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
}

static int make(int type)
{
	return (int)syscall(SYS_socket, AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int stream_pathname(const struct try_targets *t)
{
	struct sockaddr_un a;
	socklen_t len = pathname(t, TRY_STREAM, &a);
	OWNED_FD int fd = make(SOCK_STREAM);

	return fd < 0 ? -errno : try_outcome(syscall(SYS_connect, fd, &a, len));
}

static int stream_opath(const struct try_targets *t)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char path[TRY_PATH_MAX];
	OWNED_FD int name = try_open(try_path(t, TRY_STREAM, path), O_PATH);
	OWNED_FD int fd = make(SOCK_STREAM);

	if (name < 0 || fd < 0)
		return -errno;
	snprintf(a.sun_path, sizeof a.sun_path, "/proc/self/fd/%d", name);
	return try_outcome(syscall(SYS_connect, fd, &a, (socklen_t)sizeof a));
}

static int stream_abstract(const struct try_targets *t)
{
	struct sockaddr_un a;

	if (!*t->abstract)
		return TRY_MOOT;
	socklen_t len = abstract(t, &a);
	OWNED_FD int fd = make(SOCK_STREAM);
	return fd < 0 ? -errno : try_outcome(syscall(SYS_connect, fd, &a, len));
}

static int dgram_connect(const struct try_targets *t)
{
	struct sockaddr_un a;
	socklen_t len = pathname(t, TRY_DGRAM, &a);
	OWNED_FD int fd = make(SOCK_DGRAM);

	return fd < 0 ? -errno : try_outcome(syscall(SYS_connect, fd, &a, len));
}

static int sent(long rc)
{
	return rc >= 0 || errno == EAGAIN || errno == ENOBUFS ? 0 : -errno;
}

static int dgram_send(const struct try_targets *t, int fd, int by_message)
{
	struct sockaddr_un a;
	socklen_t len = pathname(t, TRY_DGRAM, &a);
	struct iovec part = {.iov_base = (char[]){"x"}, .iov_len = 1};
	struct msghdr message = {.msg_name = &a, .msg_namelen = len, .msg_iov = &part, .msg_iovlen = 1};

	return sent(by_message ? syscall(SYS_sendmsg, fd, &message, MSG_DONTWAIT)
			       : syscall(SYS_sendto, fd, "x", 1L, MSG_DONTWAIT, &a, len));
}

static int dgram_sendto(const struct try_targets *t)
{
	OWNED_FD int fd = make(SOCK_DGRAM);

	return fd < 0 ? -errno : dgram_send(t, fd, 0);
}

static int dgram_sendmsg(const struct try_targets *t)
{
	OWNED_FD int fd = make(SOCK_DGRAM);

	return fd < 0 ? -errno : dgram_send(t, fd, 1);
}

/* A pair is harmless to have, yet either end can be pointed at any name. */
static int pair_sendto(const struct try_targets *t)
{
	int pair[2];

	if (syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	int rc = dgram_send(t, pair[0], 0);
	close(pair[0]);
	close(pair[1]);
	return rc;
}

static int pair_sendmsg(const struct try_targets *t)
{
	int pair[2];

	if (syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	int rc = dgram_send(t, pair[0], 1);
	close(pair[0]);
	close(pair[1]);
	return rc;
}

static int pair_connect(const struct try_targets *t)
{
	struct sockaddr_un a;
	socklen_t len = pathname(t, TRY_DGRAM, &a);
	int pair[2];

	if (syscall(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	int rc = try_outcome(syscall(SYS_connect, pair[0], &a, len));
	close(pair[0]);
	close(pair[1]);
	return rc;
}

#define REACH(id, call, families, text)                                             \
	{                                                                           \
		.name = id, .layer = "seccomp", .fn = call, .allowed_by = families, \
		.what = "any unix socket with a name can be " text                  \
	}

const struct try tries_unix[] = {
    REACH("unix-stream", stream_pathname, FAM_UNIX, "connected to"),
    REACH("unix-stream-opath", stream_opath, FAM_UNIX, "connected to through an O_PATH descriptor"),
    REACH("unix-dgram-connect", dgram_connect, FAM_UNIX | FAM_NOTIFY, "connected to with datagrams"),
    REACH("unix-dgram-sendto", dgram_sendto, FAM_UNIX | FAM_NOTIFY, "sent datagrams to"),
    REACH("unix-dgram-sendmsg", dgram_sendmsg, FAM_UNIX | FAM_NOTIFY, "sent datagrams to by sendmsg"),
    REACH("unix-pair-sendto", pair_sendto, FAM_UNIX | FAM_NOTIFY, "sent datagrams to from one end of a pair"),
    REACH("unix-pair-sendmsg", pair_sendmsg, FAM_UNIX | FAM_NOTIFY, "sent datagrams to from one end of a pair by sendmsg"),
    REACH("unix-pair-connect", pair_connect, FAM_UNIX | FAM_NOTIFY, "connected to with one end of a pair"),
    {.name = "unix-abstract",
     .layer = "landlock",
     .fn = stream_abstract,
     .allowed_by = FAM_UNIX,
     .forgone_by = FEATURE_SOCKET_SCOPE,
     .what = "an abstract unix socket outside the sandbox can be connected to"},
    {0},
};

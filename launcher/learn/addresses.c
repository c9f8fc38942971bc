#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "acts.h"
#include "calls.h"

#define MESSAGES_MAX 8

union address {
	struct sockaddr any;
	struct sockaddr_in in; /* the port lies at one place in both families */
	struct sockaddr_un un;
	char room[sizeof(struct sockaddr_un) + 1];
};

enum use { CONNECT, BIND };

/* A Unix socket by its path; "" is an abstract name, or none. Returns 0 where nobody answers there. */
static int look_unix(struct act *a, const union address *address, size_t len, enum use use, char to[LOOK_PATH])
{
	char path[sizeof address->un.sun_path + 1] = "";
	struct found found;

	*to = '\0';
	if (len > offsetof(struct sockaddr_un, sun_path))
		memcpy(path, address->un.sun_path, len - offsetof(struct sockaddr_un, sun_path));
	if (!*path)
		return 1;
	if (look_path(&a->at, AT_FDCWD, path, use == CONNECT, &found) < 0 || found.is_there != (use == CONNECT))
		return 0;
	if (use == CONNECT && !S_ISSOCK(found.st.st_mode))
		return 0;
	snprintf(to, LOOK_PATH, "%s", found.path);
	return 1;
}

static void note_unix(struct act *a, const union address *address, size_t len, enum use use)
{
	char path[LOOK_PATH];

	if (!look_unix(a, address, len, use, path))
		return;
	record_family(a->record, FAM_UNIX, a->who, *path ? path : "an abstract name");
	if (use == BIND && *path)
		record_path(a->record, path, 0, SEEN_MADE | SEEN_SOCKET, a->who);
}

static void note_inet(struct act *a, int fd, const union address *address, enum use use)
{
	const uint16_t port = ntohs(address->in.sin_port);
	struct socket_kind kind;
	char text[32];

	if (look_socket(&a->at, fd, &kind) < 0)
		return;
	snprintf(text, sizeof text, "port %u", port);
	if (kind.type == SOCK_DGRAM)
		record_family(a->record, FAM_UDP, a->who, text);
	else if (kind.type == SOCK_STREAM)
		record_port(a->record, use == BIND, port, a->who);
	else
		record_call(a->record, S(socket), a->who);
}

static void note_address(struct act *a, int fd, uint64_t where, size_t len, enum use use)
{
	union address address = {0};

	if (len > sizeof address.un)
		len = sizeof address.un;
	if (!where || len < sizeof address.any.sa_family || look_memory(&a->at, where, &address, len) < 0 ||
	    !look_still(&a->at))
		return;
	switch (address.any.sa_family) {
	case AF_UNIX: note_unix(a, &address, len, use); break;
	case AF_INET:
	case AF_INET6: note_inet(a, fd, &address, use); break;
	case AF_NETLINK: record_family(a->record, FAM_NETLINK, a->who, "a netlink address"); break;
	default: break; /* AF_UNSPEC takes an address away */
	}
}

static void note_messages(struct act *a, int fd, uint64_t where, unsigned int count)
{
	struct mmsghdr m;
	const size_t each = a->call->nr == S(sendmsg) ? sizeof m.msg_hdr : sizeof m;

	for (unsigned int i = 0; i < count && i < MESSAGES_MAX; i++) {
		if (look_memory(&a->at, where + i * each, &m, each) < 0)
			return;
		if (m.msg_hdr.msg_name && m.msg_hdr.msg_namelen)
			note_address(a, fd, (uint64_t)(uintptr_t)m.msg_hdr.msg_name, m.msg_hdr.msg_namelen, CONNECT);
	}
}

/* A TCP socket that listens without being bound takes a port of the kernel's choosing. */
static void note_listen(struct act *a, int fd)
{
	struct socket_kind kind;

	if (look_socket(&a->at, fd, &kind) < 0)
		return;
	if (kind.domain == AF_UNIX)
		record_family(a->record, FAM_UNIX, a->who, "listen");
	else if (!kind.is_bound)
		record_port(a->record, 1, 0, a->who);
}

int act_on_address(struct act *a)
{
	const int nr = a->call->nr, fd = (int)a->call->args[0];

	if (nr == S(connect) || nr == S(bind))
		note_address(a, fd, a->call->args[1], (uint32_t)a->call->args[2], nr == S(bind) ? BIND : CONNECT);
	else if (nr == S(sendto))
		note_address(a, fd, a->call->args[4], (uint32_t)a->call->args[5], CONNECT);
	else if (nr == S(sendmsg))
		note_messages(a, fd, a->call->args[1], 1);
	else if (nr == S(sendmmsg))
		note_messages(a, fd, a->call->args[1], (unsigned int)a->call->args[2]);
	else if (nr == S(listen))
		note_listen(a, fd);
	else
		return 0;
	return 1;
}

#include "packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int packet_send(int to, const union wire_message *m, int fd)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)m, .iov_len = m->head.size};
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof control.room;
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	return sendmsg(to, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Room for one descriptor beside the credentials; as the kernel rounds, for two. More of them are not even taken in. */
union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
};

_Static_assert(sizeof(union control) < PACKET_FDS * sizeof(int), "none is left open unseen");

static void read_control(struct msghdr *msg, struct packet *p)
{
	struct ucred who;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof who)) {
			memcpy(&who, CMSG_DATA(c), sizeof who);
			p->pid = who.pid;
		}
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int), i = 0; i < n && p->fd_count < PACKET_FDS; i++)
			memcpy(&p->fds[p->fd_count++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
	}
}

int packet_receive(int from, union wire_message *m, struct packet *p)
{
	struct iovec part = {.iov_base = m, .iov_len = sizeof *m};
	union control control;
	struct msghdr msg = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
	const ssize_t n = recvmsg(from, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	*p = (struct packet){.size = (size_t)n, .cut = (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0};
	read_control(&msg, p);
	return n > 0 || p->fd_count > 0;
}

/* sendto and sendmsg: what is to be sent is copied once, whole, before anything of it is looked at. */
#include <string.h>

#include "net_own.h"
#include "owned.h"

#define PIECES_MAX 1024u /* UIO_MAXIOV */
#define CONTROL_MAX 4096u
#define FLAGS_KEPT (MSG_OOB | MSG_DONTROUTE | MSG_DONTWAIT | MSG_EOR | MSG_NOSIGNAL | MSG_MORE | MSG_CONFIRM)

/* As the kernel reads them, whatever libc calls them. */
struct theirs {
	uint64_t name;
	uint32_t name_len;
	uint32_t pad;
	uint64_t pieces;
	uint64_t piece_count;
	uint64_t control;
	uint64_t control_len;
	uint64_t flags;
};
_Static_assert(sizeof(struct theirs) == 56, "kernel");

struct piece {
	uint64_t at;
	uint64_t len;
};
_Static_assert(sizeof(struct piece) == 16, "kernel");

struct control_head {
	uint64_t len;
	int32_t level;
	int32_t type;
};
_Static_assert(sizeof(struct control_head) == CMSG_LEN(0), "kernel");

static uint8_t data[JOB_DATA];

/* Where to ---------------------------------------------------------------------------------------------------------------- */

/* A connected stream takes no address, and the kernel looks at none. */
static int settle_address(const struct call *c, const struct net_socket *s, uint64_t at, uint64_t len, struct job *job)
{
	if (net_is_tcp(s) || (s->domain == AF_UNIX && s->type == SOCK_SEQPACKET))
		return 0;
	if (s->domain == AF_UNIX && s->type == SOCK_STREAM)
		return -EISCONN;
	int rc = net_copy(c, at, len, &job->address, &job->address_len);
	if (rc < 0)
		return rc;
	if (net_is_udp(s))
		return net_settle(c, s, &job->address, &job->address_len);
	if (s->domain == AF_UNIX) {
		job->at = unix_find(c, s, "connect unix", &job->address, &job->address_len);
		return job->at < 0 ? job->at : 0;
	}
	rc = net_netlink(s, &job->address, job->address_len);
	if (rc <= 0) {
		job->address_len = 0; /* who names nobody is judged by whose the socket is, and not by who sends */
		return rc;
	}
	return net_refuse_text(c, "send", "a socket of another kind");
}

/* What ------------------------------------------------------------------------------------------------------------------- */

/* More than there is room for is sent in parts where there are no messages. */
static int copy_pieces(const struct call *c, const struct piece *pieces, size_t count, struct job *job)
{
	job->data = data;
	for (size_t i = 0; i < count; i++) {
		size_t len = pieces[i].len;
		if (len > sizeof data - job->size) {
			if (!job->stream)
				return -EMSGSIZE;
			len = sizeof data - job->size;
		}
		const int rc = len > 0 ? call_read(c, pieces[i].at, data + job->size, len) : 0;
		if (rc < 0)
			return rc;
		job->size += len;
	}
	return 0;
}

/* Besides the data ------------------------------------------------------------------------------------------------------- */

/* What says how a packet is marked or cut. What says where it comes from or which way it takes could lead it elsewhere. */
static int is_harmless(const struct net_socket *s, const struct control_head *h)
{
	static const struct {
		int32_t level, type;
	} harmless[] = {
	    {IPPROTO_IP, 1 /* IP_TOS */},           {IPPROTO_IP, 2 /* IP_TTL */},         {IPPROTO_IPV6, 67 /* IPV6_TCLASS */},
	    {IPPROTO_IPV6, 52 /* IPV6_HOPLIMIT */}, {IPPROTO_UDP, 103 /* UDP_SEGMENT */},
	};

	for (size_t i = 0; i < sizeof harmless / sizeof *harmless && net_is_udp(s); i++)
		if (harmless[i].level == h->level && harmless[i].type == h->type)
			return 1;
	return 0;
}

static int take_descriptors(const struct call *c, const uint8_t *numbers, size_t size, struct job *job)
{
	for (size_t i = 0; i + sizeof(int) <= size; i += sizeof(int)) {
		int number;
		if (job->fd_count == JOB_FDS)
			return -EINVAL;
		memcpy(&number, numbers + i, sizeof number);
		const int fd = call_descriptor(c, number);
		if (fd < 0)
			return fd;
		job->fds[job->fd_count++] = fd;
	}
	return 0;
}

/* One of them, H with its bytes. Ids are the kernel's to tell: here they would be the supervisor's. */
static int take_control(const struct call *c, const struct net_socket *s, const uint8_t *at, const struct control_head *h,
			struct job *job)
{
	const size_t space = CMSG_ALIGN(h->len);

	if (s->domain == AF_UNIX && h->level == SOL_SOCKET && h->type == SCM_RIGHTS)
		return take_descriptors(c, at + sizeof *h, h->len - sizeof *h, job);
	if (!is_harmless(s, h) || space > sizeof job->extra - job->extra_len)
		return -EPERM;
	memcpy(job->extra + job->extra_len, at, h->len);
	job->extra_len += space;
	return 0;
}

static int copy_control(const struct call *c, const struct net_socket *s, const struct theirs *m, struct job *job)
{
	static uint8_t control[CONTROL_MAX];
	struct control_head h;
	size_t at = 0;

	if (m->control_len > sizeof control)
		return -ENOBUFS;
	const size_t len = m->control_len;
	int rc = len > 0 ? call_read(c, m->control, control, len) : 0;
	while (rc == 0 && len - at >= sizeof h) {
		memcpy(&h, control + at, sizeof h);
		if (h.len < sizeof h || h.len > len - at)
			return -EINVAL;
		rc = take_control(c, s, control + at, &h, job);
		at += CMSG_ALIGN(h.len) < len - at ? CMSG_ALIGN(h.len) : len - at;
	}
	return rc;
}

/* The calls --------------------------------------------------------------------------------------------------------------- */

static int begin(const struct call *c, int flags, struct net_socket *s, struct job *job)
{
	*job = (struct job){.call = *c, .kind = JOB_SEND, .at = -1, .flags = flags & FLAGS_KEPT};
	if (flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	const int rc = net_socket(c, s);
	job->stream = s->type == SOCK_STREAM;
	return rc;
}

/* RC: what came of the copying. */
static int end(int rc, const struct net_socket *s, struct job *job)
{
	/* What was copied was the caller's only if it still waits: it is sent out of the sandbox. */
	if (rc == 0 && !call_still(&job->call))
		rc = -ESRCH;
	if (rc == 0) {
		job->socket = s->fd;
		return job_start(job);
	}
	close(s->fd);
	owned_close(&job->at);
	while (job->fd_count > 0)
		close(job->fds[--job->fd_count]);
	return rc;
}

int send_to(const struct call *c)
{
	const struct piece piece = {c->args[1], c->args[2]};
	struct net_socket s;
	struct job job;
	int rc = begin(c, (int)c->args[3], &s, &job);

	if (rc < 0)
		return rc;
	if (c->args[4])
		rc = settle_address(c, &s, c->args[4], c->args[5], &job);
	if (rc == 0)
		rc = copy_pieces(c, &piece, 1, &job);
	return end(rc, &s, &job);
}

static int copy_message(const struct call *c, const struct net_socket *s, struct job *job)
{
	static struct piece pieces[PIECES_MAX];
	struct theirs m;
	int rc = call_read(c, c->args[1], &m, sizeof m);

	if (rc < 0)
		return rc;
	if (m.piece_count > PIECES_MAX)
		return -EMSGSIZE;
	if (m.piece_count > 0 && (rc = call_read(c, m.pieces, pieces, m.piece_count * sizeof *pieces)) < 0)
		return rc;
	if (m.name && m.name_len > 0 && (rc = settle_address(c, s, m.name, m.name_len, job)) < 0)
		return rc;
	if ((rc = copy_control(c, s, &m, job)) < 0)
		return rc;
	return copy_pieces(c, pieces, m.piece_count, job);
}

int send_message(const struct call *c)
{
	struct net_socket s;
	struct job job;
	int rc = begin(c, (int)c->args[2], &s, &job);

	if (rc < 0)
		return rc;
	return end(copy_message(c, &s, &job), &s, &job);
}

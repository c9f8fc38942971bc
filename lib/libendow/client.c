/* The connection: one request at a time, and its reply. */
#include "internal.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "owned.h"

#define FDS_ROOM 4 /* one is the most that belongs to a reply; more are seen, and closed */

/* A thread that is cancelled in the middle would leave the lock taken, and the next reply to the wrong one. */
void connection_lock(struct endow *e, int *cancel)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, cancel);
	pthread_mutex_lock(&e->lock);
}

void connection_unlock(struct endow *e, int cancel)
{
	pthread_mutex_unlock(&e->lock);
	pthread_setcancelstate(cancel, &cancel);
}

/* A request --------------------------------------------------------------------------------------------------------------- */

void call_begin(struct call *c, enum wire_type type, size_t size, enum wire_type reply)
{
	memset(&c->m, 0, size);
	c->m.head.version = WIRE_VERSION;
	c->m.head.type = type;
	c->size = size;
	c->give = -1;
	c->reply = reply;
	c->takes_fd = 0;
	c->rc = 0;
	c->err.text[0] = '\0';
}

void call_wrong(struct call *c, int code, const char *fmt, ...)
{
	va_list ap;

	if (c->rc < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(c->err.text, sizeof c->err.text, fmt, ap);
	va_end(ap);
	c->rc = -code;
}

uint32_t call_say(struct call *c, const char *text)
{
	const size_t len = text ? strlen(text) : 0;

	if (len == 0)
		return 0;
	if (len > WIRE_TEXT_MAX || len > sizeof c->m - c->size) {
		call_wrong(c, ENAMETOOLONG, "a text of %zu bytes: at most %u fit into a request", len, WIRE_TEXT_MAX);
		return 0;
	}
	memcpy(c->m.bytes + c->size, text, len);
	c->size += len;
	return (uint32_t)len;
}

/* Sending and receiving ---------------------------------------------------------------------------------------------- */

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(FDS_ROOM * sizeof(int))];
};

/* The descriptor's owner may have made it non-blocking. */
static int may_retry(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	if (errno == EINTR)
		return 1;
	if (errno != EAGAIN)
		return 0;
	return poll(&p, 1, -1) > 0 || errno == EINTR;
}

static int send_packet(struct endow *e, const struct call *c)
{
	union control control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)&c->m, .iov_len = c->size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (c->give >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &c->give, sizeof(int));
	}
	/* Where sockets are brokered sendmsg() is done by the supervisor, and with nothing to give that is a detour. */
	while ((c->give >= 0 ? sendmsg(e->fd, &msg, MSG_NOSIGNAL) : send(e->fd, &c->m, c->size, MSG_NOSIGNAL)) < 0)
		if (!may_retry(e->fd, POLLOUT))
			return -errno;
	return 0;
}

struct arrived {
	size_t size;
	int fds[FDS_ROOM];
	int count;
	int cut; /* descriptors were lost */
};

static void take_fds(struct msghdr *msg, struct arrived *got)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(msg); h; h = CMSG_NXTHDR(msg, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		const size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
			if (got->count < FDS_ROOM)
				got->fds[got->count++] = fd;
			else
				close(fd);
		}
	}
}

static int receive_packet(struct endow *e, union wire_message *m, struct arrived *got)
{
	union control control;
	struct iovec iov = {.iov_base = m, .iov_len = sizeof *m};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t n;

	*got = (struct arrived){0};
	while ((n = recvmsg(e->fd, &msg, MSG_CMSG_CLOEXEC)) < 0) {
		if (!may_retry(e->fd, POLLIN))
			return -errno;
		msg.msg_controllen = sizeof control;
	}
	take_fds(&msg, got);
	got->cut = (msg.msg_flags & MSG_CTRUNC) != 0;
	got->size = msg.msg_flags & MSG_TRUNC ? sizeof *m + 1 : (size_t)n;
	return n == 0 ? -EPIPE : 0;
}

static void close_fds(struct arrived *got)
{
	while (got->count > 0)
		close(got->fds[--got->count]);
}

/* A reply ----------------------------------------------------------------------------------------------------------------- */

/* Nothing that comes after this can be believed. */
static int break_off(struct endow *e, struct call *c, int code, const char *why)
{
	e->broken = 1;
	shutdown(e->fd, SHUT_RDWR);
	return err_set(&c->err, code, "the connection to the broker has ended: %s", why);
}

static int judge(struct endow *e, struct call *c, uint32_t serial, struct arrived *got)
{
	struct wire_texts texts;
	struct err form = {""};

	if (wire_check_reply(&c->m, got->size, got->count, &texts, &form) < 0)
		return break_off(e, c, EBADMSG, form.text);
	if (c->m.head.serial != serial)
		return break_off(e, c, EBADMSG, "a reply to another request; does another process use this connection?");
	if (c->m.head.type == WIRE_REFUSED)
		return err_set(&c->err, -c->m.refused.code, "%.*s", (int)texts.first_len, texts.first);
	if (c->m.head.type != c->reply)
		return break_off(e, c, EBADMSG, "a reply of another type");
	if (c->takes_fd && got->count == 0 && got->cut)
		return err_set(&c->err, EMFILE,
			       "no number is left for the descriptor that the broker sent (see RLIMIT_NOFILE)");
	if (got->cut || got->count != c->takes_fd)
		return break_off(e, c, EBADMSG, "a reply with another number of descriptors");
	return 0;
}

/* What another program has left unread on an inherited connection: its replies carry other serials. */
static int is_stale(const struct call *c, uint32_t serial, const struct arrived *got)
{
	return c->reply == WIRE_WELCOME && got->size >= sizeof c->m.head && c->m.head.serial != serial;
}

static int exchange(struct endow *e, struct call *c)
{
	const uint32_t serial = ++e->serial;
	struct wire_texts texts;
	struct arrived got = {0};
	int rc;

	if (c->rc < 0)
		return c->rc;
	if (e->broken)
		return err_set(&c->err, EPIPE, "the connection to the broker has ended");
	c->m.head.serial = serial;
	c->m.head.size = (uint32_t)c->size;
	if (wire_check_request(&c->m, c->size, c->give >= 0, &texts, &c->err) < 0)
		return -EINVAL;
	rc = send_packet(e, c);
	if (rc == -EBADF && c->give >= 0)
		return err_set(&c->err, EBADF, "descriptor %d is not open", c->give);
	while (rc == 0 && (rc = receive_packet(e, &c->m, &got)) == 0 && is_stale(c, serial, &got))
		close_fds(&got);
	if (rc < 0)
		return break_off(e, c, rc == -ECONNRESET ? EPIPE : -rc,
				 rc == -EPIPE ? "the broker has closed it" : endow_strerror(rc));
	rc = judge(e, c, serial, &got);
	if (rc == 0 && c->takes_fd)
		return got.fds[0];
	close_fds(&got);
	return rc;
}

int call_locked(struct endow *e, struct call *c)
{
	int rc = exchange(e, c);

	if (rc < 0)
		e->err = c->err;
	return rc;
}

int call_make(struct endow *e, struct call *c)
{
	int cancel;

	if (!e)
		return -EINVAL;
	connection_lock(e, &cancel);
	int rc = call_locked(e, c);
	connection_unlock(e, cancel);
	return rc;
}

/* Beginning and end ------------------------------------------------------------------------------------------------------ */

static int is_seqpacket(int fd)
{
	int domain = 0, type = 0;
	socklen_t domain_len = sizeof domain, type_len = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 && domain == AF_UNIX && type == SOCK_SEQPACKET;
}

static int greet(struct endow *e)
{
	struct call c;

	call_begin(&c, WIRE_HELLO, sizeof c.m.hello, WIRE_WELCOME);
	int rc = call_locked(e, &c);
	if (rc < 0)
		return rc;
	e->limit_held = c.m.hello.limit_held;
	e->limit_rate = c.m.hello.limit_rate;
	return 0;
}

int endow_attach(int fd, struct endow **out)
{
	if (!out)
		return -EINVAL;
	*out = NULL;
	if (!is_seqpacket(fd))
		return -ENOTCONN;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	struct endow *e = calloc(1, sizeof *e);
	if (!e)
		return -ENOMEM;
	e->fd = fd;
	pthread_mutex_init(&e->lock, NULL);
	/* Two programs, one after the other on one connection, are not to use the same. Any number will do. */
	if (getrandom(&e->serial, sizeof e->serial, GRND_NONBLOCK) != sizeof e->serial)
		e->serial = (uint32_t)getpid() << 8;
	int rc = greet(e);
	if (rc < 0) {
		e->fd = -1;
		endow_close(e);
		return rc;
	}
	*out = e;
	return 0;
}

int endow_connect_broker(struct endow **out)
{
	const char *text = secure_getenv("ENDOW_FD");
	char *end;

	if (!out)
		return -EINVAL;
	*out = NULL;
	if (!text || text[0] < '0' || text[0] > '9')
		return -ENOTCONN;
	errno = 0;
	const long fd = strtol(text, &end, 10);
	if (errno || *end || fd > INT_MAX)
		return -ENOTCONN;
	return endow_attach((int)fd, out);
}

void endow_close(struct endow *e)
{
	if (!e)
		return;
	owned_close(&e->fd);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

int endow_fileno(const struct endow *e)
{
	return e ? e->fd : -EINVAL;
}

int endow_limits(struct endow *e, uint32_t *held, uint32_t *rate)
{
	if (!e)
		return -EINVAL;
	if (held)
		*held = e->limit_held;
	if (rate)
		*rate = e->limit_rate;
	return 0;
}

int endow_message(struct endow *e, char *buf, size_t size)
{
	int cancel;

	if (!e || (!buf && size > 0))
		return -EINVAL;
	connection_lock(e, &cancel);
	int len = snprintf(buf, size, "%s", e->err.text);
	connection_unlock(e, cancel);
	return len;
}

const char *endow_strerror(int code)
{
	const char *words = strerrordesc_np(code < 0 ? -(unsigned)code : (unsigned)code);

	return words ? words : "an unknown error";
}

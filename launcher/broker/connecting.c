#include "connecting.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lend.h"
#include "owned.h"

static const struct held *held_of(const struct broker *b, const struct cap *cap)
{
	return b->objects.list[cap->object].held;
}

static int begin_later(struct broker *b, uint32_t client, const struct cap *cap, uint32_t serial, int fd)
{
	b->clients[client].connecting =
	    (struct connecting){.fd = fd, .handle = cap->handle, .deadline = b->now + CONNECTING_MS, .serial = serial};
	b->connecting_count++;
	return 0;
}

/* A client's socket waits like any other's; connected, it is no longer marked O_NONBLOCK. */
static int set_blocking(int fd)
{
	const int had = fcntl(fd, F_GETFL);

	return had < 0 || fcntl(fd, F_SETFL, had & ~O_NONBLOCK) < 0 ? -errno : 0;
}

/* A link in the socket's place would lead to wherever its maker likes, with the launcher's authority. */
static int connect_unix(int fd, int folder, const char *name)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	OWNED_FD int at = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (at < 0 || fstat(at, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	snprintf(un.sun_path, sizeof un.sun_path, "/proc/self/fd/%d", at);
	/* Who listens there is to see the program's ids, and not root's. */
	int rc = lend_begin();
	if (rc < 0)
		return rc;
	rc = connect(fd, (struct sockaddr *)&un, sizeof un) < 0 ? -errno : 0;
	lend_end();
	return rc;
}

static int start(const struct object *object, int fd)
{
	const struct held *held = object->held;

	if (held->address.any.sa_family == AF_UNIX)
		return connect_unix(fd, object->fd, held->address.un.sun_path);
	return connect(fd, &held->address.any, held->address_len) < 0 ? -errno : 0;
}

int connecting_begin(struct broker *b, uint32_t client, const struct cap *cap, uint32_t serial, struct err *err)
{
	const struct held *held = held_of(b, cap);

	if (b->connecting_count >= BROKER_CONNECTING)
		return err_set(err, EAGAIN, "%u connections are under way, as many as can be", BROKER_CONNECTING);
	OWNED_FD int fd = socket(held->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, errno, "no socket: %s", err_words(errno));
	int rc = start(&b->objects.list[cap->object], fd);
	if (rc == -EINPROGRESS)
		return begin_later(b, client, cap, serial, take_fd(&fd));
	if (rc == 0)
		rc = set_blocking(fd);
	return rc < 0 ? err_set(err, -rc, "%s: %s", held->object, err_words(rc)) : take_fd(&fd);
}

void connecting_end(struct broker *b, uint32_t client)
{
	struct connecting *c = &b->clients[client].connecting;

	if (!c->handle)
		return;
	owned_close(&c->fd);
	c->handle = 0;
	b->connecting_count--;
}

/* The use came to nothing. The capability may have gone in the meantime, and the count with it. */
static void fail(struct broker *b, uint32_t client, int code, const char *words)
{
	const uint32_t serial = b->clients[client].connecting.serial;
	struct cap *cap = table_find(&b->table, client, b->clients[client].connecting.handle);
	struct err err;

	connecting_end(b, client);
	if (!cap) {
		err_set(&err, ECANCELED, "it ended before the connection was made");
		server_refuse(b, client, serial, -ECANCELED, &err);
		return;
	}
	table_give_back(&b->table, cap);
	err_set(&err, code, "%s: %s", held_of(b, cap)->object, words);
	server_log(b, "refuse", client, cap, -code, err.text);
	server_refuse(b, client, serial, -code, &err);
}

void connecting_finish(struct broker *b, uint32_t client)
{
	struct connecting *c = &b->clients[client].connecting;
	struct cap *cap = table_find(&b->table, client, c->handle);
	socklen_t size = sizeof(int);
	int code = 0;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	if (code == 0)
		code = -set_blocking(c->fd);
	if (!cap || code) {
		fail(b, client, code, err_words(code));
		return;
	}
	const uint32_t serial = c->serial;
	const int fd = take_fd(&c->fd);
	connecting_end(b, client);
	connecting_deliver(b, client, cap, serial, fd);
}

void connecting_expire(struct broker *b)
{
	for (uint32_t i = 0; i < TABLE_CLIENTS && b->connecting_count; i++)
		if (b->clients[i].connecting.handle && b->clients[i].connecting.deadline <= b->now)
			fail(b, i, ETIMEDOUT, err_words(ETIMEDOUT));
}

void connecting_deliver(struct broker *b, uint32_t client, struct cap *cap, uint32_t serial, int fd)
{
	OWNED_FD int owned = fd;
	struct err err;
	const int rc = cap->flags & WIRE_DERIVE_REVOCABLE ? objects_keep(&b->objects, owned, cap->handle, &err) : 0;

	if (rc < 0) {
		table_give_back(&b->table, cap);
		server_log(b, "refuse", client, cap, rc, err.text);
		server_refuse(b, client, serial, rc, &err);
		return;
	}
	server_log(b, "use", client, cap, 0, NULL);
	server_done(b, client, serial, owned);
}

#include "server.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "asking.h"
#include "connecting.h"
#include "opening.h"
#include "owned.h"
#include "packet.h"
#include "plan.h"
#include "requests.h"

#define SEND_BUFFER 16384 /* bytes: a client that does not take its replies soon holds up no more than this */
#define FILES_MAX 16384   /* descriptors: every capability can have one of its own */
#define LOOK_MS 1000u
_Static_assert(BROKER_RATE == 1000, "a token a millisecond");

static struct broker *broker; /* NULL: there is none */

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct broker *server_get(void)
{
	return broker;
}

struct broker *server_now(void)
{
	/* Where nothing ends by the clock it need not be looked at. */
	if (broker && broker->table.soonest) {
		broker->now = clock_ms();
		table_expire(&broker->table, broker->now);
	}
	return broker;
}

void server_serve_paths(void)
{
	if (broker)
		broker->serves_paths = 1;
}

/* Saying ------------------------------------------------------------------------------------------------------------------ */

struct log_line server_line(struct broker *b, const char *event, uint32_t client, const struct cap *cap)
{
	const struct cap *parent = cap ? table_parent(&b->table, cap) : NULL;

	return (struct log_line){
	    .event = event,
	    .pid = b->clients[client].pid,
	    .client = client,
	    .cap = cap,
	    .parent = parent ? parent->handle : 0,
	    .held = cap ? b->objects.list[cap->object].held : NULL,
	};
}

void server_log(struct broker *b, const char *event, uint32_t client, const struct cap *cap, int code, const char *why)
{
	struct log_line line = server_line(b, event, client, cap);

	line.code = code;
	line.why = why;
	log_write(&b->log, &line);
}

void server_reply(struct broker *b, uint32_t client, union wire_message *m, uint32_t serial, size_t size, int fd)
{
	struct err err;

	m->head.version = WIRE_VERSION;
	m->head.serial = serial;
	m->head.size = (uint32_t)size;
	const int rc = packet_send(b->clients[client].fd, m, fd);
	if (rc == -ETOOMANYREFS && fd >= 0) {
		err_set(&err, ETOOMANYREFS, "too many descriptors are on their way to clients");
		server_refuse(b, client, serial, rc, &err);
	} else if (rc < 0) {
		server_end_client(b, client, rc, rc == -EAGAIN ? "it does not take its replies" : err_words(rc));
	}
}

void server_done(struct broker *b, uint32_t client, uint32_t serial, int fd)
{
	union wire_message m;

	m.done = (struct wire_done){.head.type = WIRE_DONE};
	server_reply(b, client, &m, serial, sizeof m.done, fd);
}

void server_refuse(struct broker *b, uint32_t client, uint32_t serial, int code, const struct err *err)
{
	const size_t len = strlen(err->text);
	union wire_message m;

	m.refused = (struct wire_refused){.head.type = WIRE_REFUSED, .code = code, .text_len = (uint32_t)len};
	memcpy(m.bytes + sizeof m.refused, err->text, len);
	server_reply(b, client, &m, serial, sizeof m.refused + len, -1);
}

/* Clients ----------------------------------------------------------------------------------------------------------------- */

static int make_connection(int ends[2])
{
	const int on = 1, buffer = SEND_BUFFER;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	/* A packet comes with its sender's process id: whoever has inherited the connection. */
	if (setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0 &&
	    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer) == 0)
		return 0;
	const int code = errno;
	close(ends[0]);
	close(ends[1]);
	return -code;
}

int server_add_client(struct broker *b, int *fd, struct err *err)
{
	uint32_t i = 0;
	int ends[2];

	while (i < TABLE_CLIENTS && b->clients[i].fd)
		i++;
	if (i == TABLE_CLIENTS)
		return err_set(err, EMFILE, "there are %u clients, as many as can be", TABLE_CLIENTS);
	const int rc = make_connection(ends);
	if (rc < 0)
		return err_set(err, -rc, "no connection can be made: %s", err_words(rc));
	b->clients[i] = (struct client){.fd = ends[0], .tokens = BROKER_RATE, .filled = b->now};
	*fd = ends[1];
	return (int)i;
}

static void drop_all_but_paths(struct broker *b)
{
	for (struct cap *next, *cap = table_from(&b->table, 0, 0); cap; cap = next) {
		next = table_next(&b->table, cap);
		if (cap->parent || !b->objects.list[cap->object].held->by_path)
			table_drop(&b->table, cap);
	}
}

void server_end_client(struct broker *b, uint32_t client, int code, const char *why)
{
	struct client *c = &b->clients[client];

	if (c->fd > 0) {
		server_log(b, "end", client, NULL, code, why);
		connecting_end(b, client);
		asking_forget(c);
		close(c->fd);
	}
	if (client == 0 && b->serves_paths) {
		drop_all_but_paths(b);
		*c = (struct client){.fd = -1, .pid = c->pid};
		return;
	}
	table_drop_all(&b->table, client);
	*c = (struct client){0};
}

/* A holder has lost it. Sockets that came from it while it could be taken back are taken back. */
static void ended(void *arg, const struct cap *cap, enum table_end why)
{
	struct broker *b = arg;

	objects_sever(&b->objects, cap->handle);
	objects_end_tickets(&b->objects, cap->handle);
	if (why != TABLE_DROPPED)
		server_log(b, "end", cap->client, cap, 0, why == TABLE_EXPIRED ? "its time is over" : "revoked");
	objects_release(&b->objects, cap->object);
}

/* Serving --------------------------------------------------------------------------------------------------------------- */

static void serve_packet(struct broker *b, uint32_t client, const union wire_message *m, const struct packet *p)
{
	struct wire_texts texts;
	struct err err;
	int rc = p->cut ? err_set(&err, EBADMSG, "a packet too long, or too many descriptors with it")
			: wire_check_request(m, p->size, p->fd_count, &texts, &err);

	if (p->pid)
		b->clients[client].pid = p->pid;
	if (rc < 0) {
		server_end_client(b, client, rc, err.text);
		return;
	}
	requests_serve(b, client, m, &texts, p->fd_count ? p->fds[0] : -1);
}

static void serve_client(struct broker *b, uint32_t client, int events)
{
	static union wire_message m;
	struct client *c = &b->clients[client];
	struct packet p = {0};

	const int rc = packet_receive(c->fd, &m, &p);
	if (rc == 0 || (rc < 0 && rc != -EAGAIN && rc != -EINTR) || (rc < 0 && events & (POLLERR | POLLHUP))) {
		server_end_client(b, client, 0, NULL);
		return;
	}
	if (rc < 0)
		return;
	c->tokens--;
	b->now = clock_ms();
	table_expire(&b->table, b->now);
	serve_packet(b, client, &m, &p);
	for (int i = 0; i < p.fd_count; i++)
		close(p.fds[i]);
}

/* The loop ---------------------------------------------------------------------------------------------------------------- */

static void refill(struct client *c, uint64_t now)
{
	const uint64_t more = now - c->filled;

	c->filled = now;
	c->tokens = more >= BROKER_RATE - c->tokens ? BROKER_RATE : c->tokens + (uint32_t)more;
}

static void wait_until(const struct broker *b, uint64_t when, int *wait)
{
	const uint64_t ms = when > b->now ? when - b->now : 0;

	if (*wait < 0 || ms < (uint64_t)*wait)
		*wait = ms < INT_MAX ? (int)ms : INT_MAX;
}

/*
 * Those closed at both ends need no leash any more. They are not among what is polled: what is left in a socket's queue of
 * errors would wake the supervisor for ever, and it is the client who fills that.
 */
static void look_after_kept(struct broker *b)
{
	for (uint32_t i = 0; i < b->objects.kept_touched; i++) {
		struct pollfd one = {.fd = b->objects.kept[i].fd};
		if (b->objects.kept[i].handle && poll(&one, 1, 0) > 0 && one.revents & POLLHUP)
			objects_forget(&b->objects, i);
	}
	b->look = b->now + LOOK_MS;
}

static void watch(struct broker *b, struct pollfd *fds, size_t *count, uint32_t client, int connecting)
{
	const struct client *c = &b->clients[client];

	fds[*count] = (struct pollfd){.fd = c->fd, .events = c->connecting.handle || c->asks ? 0 : POLLIN};
	if (connecting)
		fds[*count] = (struct pollfd){.fd = c->connecting.fd, .events = POLLOUT};
	b->watched[*count].client = client;
	b->watched[(*count)++].connecting = connecting;
}

static void watch_client(struct broker *b, struct pollfd *fds, size_t *count, uint32_t client, int *wait)
{
	struct client *c = &b->clients[client];

	refill(c, b->now);
	if (c->connecting.handle) {
		wait_until(b, c->connecting.deadline, wait);
		watch(b, fds, count, client, 1);
	}
	if (c->connecting.handle || c->asks || c->tokens > 0)
		watch(b, fds, count, client, 0);
	else
		wait_until(b, b->now + 1, wait);
}

size_t broker_watch(struct pollfd fds[BROKER_POLL_MAX], int *wait)
{
	struct broker *b = broker;
	size_t count = 0;

	if (!b)
		return 0;
	b->now = clock_ms();
	table_expire(&b->table, b->now);
	connecting_expire(b);
	if (b->objects.kept_count) {
		if (b->look <= b->now)
			look_after_kept(b);
		wait_until(b, b->look, wait);
	}
	if (b->table.soonest)
		wait_until(b, b->table.soonest, wait);
	for (uint32_t i = 0; i < TABLE_CLIENTS; i++)
		if (b->clients[i].fd > 0)
			watch_client(b, fds, &count, i, wait);
	return count;
}

/* What is served may end other clients and begin new ones in their places: hence the comparisons. */
void broker_serve(const struct pollfd *fds, size_t count)
{
	struct broker *b = broker;

	for (size_t i = 0; i < count; i++) {
		const uint32_t client = b->watched[i].client;
		const struct client *c = &b->clients[client];
		if (!fds[i].revents)
			continue;
		if (b->watched[i].connecting) {
			if (c->connecting.handle && c->connecting.fd == fds[i].fd)
				connecting_finish(b, client);
		} else if (c->fd == fds[i].fd) {
			if (fds[i].events)
				serve_client(b, client, fds[i].revents);
			else if (c->connecting.handle || c->asks)
				server_end_client(b, client, 0, NULL);
		}
	}
}

/* From the plan ----------------------------------------------------------------------------------------------------------- */

/* The program gets what there was: enter() sees to that. */
static void raise_files(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= FILES_MAX)
		return;
	l.rlim_cur = l.rlim_max < FILES_MAX ? l.rlim_max : FILES_MAX;
	setrlimit(RLIMIT_NOFILE, &l);
}

int server_adopt(struct broker *b, uint32_t client, struct held *held, struct cap **cap, struct err *err)
{
	const int object = objects_add(&b->objects, take_fd(&held->fd), held);

	if (object < 0)
		return err_set(err, -object, "grant %s: too many", held->name);
	const struct table_wish wish = {
	    .client = client,
	    .kind = held->kind,
	    .rights = held->rights,
	    .flags = held->flags,
	    .object = (uint32_t)object,
	    .times = held->times,
	    .until = held->until_ms ? b->now + held->until_ms : 0,
	    .name = held->name,
	    .name_len = strlen(held->name),
	    .now = b->now,
	};
	const int rc = table_make(&b->table, NULL, &wish, cap, err);
	if (rc == 0)
		server_log(b, "grant", client, *cap, 0, NULL);
	else
		objects_release(&b->objects, (uint32_t)object);
	return rc;
}

int broker_start(struct plan *plan, struct err *err)
{
	OWNED_FD int end = -1;
	struct cap *cap;

	if (plan->held_count == 0 && plan->ask_count == 0)
		return 0;
	void *memory =
	    mmap(NULL, sizeof(struct broker), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return err_set(err, errno, "the broker: %s", err_words(errno));
	struct broker *b = broker = memory;
	raise_files();
	b->log = (struct log){.fd = plan->log_fd, .is_journal = plan->log_is_journal, .sandbox = plan->known_as};
	if (plan->switch_ids)
		opening_for(plan->uid, plan->gid);
	b->now = b->began = clock_ms();
	table_begin(&b->table, ended, b);
	int rc = server_add_client(b, &end, err);
	for (size_t i = 0; i < plan->held_count && rc >= 0; i++)
		rc = server_adopt(b, 0, &plan->held[i], &cap, err);
	if (rc < 0)
		return err_in(err, rc, "the broker");
	plan->fds[plan->broker_at].from = fcntl(end, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	return plan->fds[plan->broker_at].from < 0 ? err_set(err, errno, "the broker: no descriptor left: %s", err_words(errno))
						   : 0;
}

void broker_started(struct plan *plan, pid_t pid)
{
	if (!broker)
		return;
	owned_close(&plan->fds[plan->broker_at].from);
	plan->fds[plan->broker_at].from = -1;
	broker->clients[0].pid = pid;
}

void broker_stop(void)
{
	struct broker *b = broker;

	if (!b)
		return;
	b->serves_paths = 0;
	for (uint32_t i = 0; i < TABLE_CLIENTS; i++)
		if (b->clients[i].fd)
			server_end_client(b, i, 0, NULL);
	objects_end(&b->objects);
	munmap(b, sizeof *b);
	broker = NULL;
}

#include "responder.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "dns.h"
#include "names.h"
#include "owned.h"
#include "plan.h"

#define PENDING_MAX 32u
#define CLIENT_MS 30000u /* a TCP client that has not asked by then has no more time */
#define TURN 16u         /* packets at once */

static int udp, tcp; /* owned; 0: none */
static uint16_t port;

static struct client {
	uint64_t until;
	size_t size;
	int fd; /* owned; 0: none */
	uint8_t bytes[2 + DNS_UDP_MAX];
} clients[RESPONDER_CLIENTS];

/* A question that waits for the resolver. */
static struct pending {
	uint64_t until; /* 0: none */
	uint32_t host;
	int client; /* index, or -1: over UDP */
	struct sockaddr_in from;
	struct dns_question q;
} pending[PENDING_MAX];
static size_t pending_count;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

/* The sockets ------------------------------------------------------------------------------------------------------------- */

static int open_at(int type, struct sockaddr_in *at)
{
	socklen_t len = sizeof *at;
	OWNED_FD int low = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (low < 0 || bind(low, (struct sockaddr *)at, sizeof *at) < 0 || getsockname(low, (struct sockaddr *)at, &len) < 0)
		return -errno;
	const int fd = fcntl(low, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	return fd < 0 ? -errno : fd;
}

int responder_begin(struct err *err)
{
	int rc = -EADDRINUSE;

	/* The port that is free for one may be taken for the other. */
	for (int tries = 0; tries < 16 && rc == -EADDRINUSE; tries++) {
		struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		OWNED_FD int first = open_at(SOCK_DGRAM, &at);
		OWNED_FD int second = first < 0 ? first : open_at(SOCK_STREAM, &at);
		rc = second < 0 ? second : listen(second, (int)RESPONDER_CLIENTS) < 0 ? -errno : 0;
		if (rc == 0) {
			port = ntohs(at.sin_port);
			udp = take_fd(&first);
			tcp = take_fd(&second);
		}
	}
	return rc < 0 ? err_set(err, -rc, "names can't be answered for: no socket on 127.0.0.1: %s", err_words(rc)) : 0;
}

static void drop_client(size_t i)
{
	if (clients[i].fd > 0)
		close(clients[i].fd);
	clients[i].fd = 0;
	for (size_t k = 0; k < PENDING_MAX && pending_count > 0; k++)
		if (pending[k].until && pending[k].client == (int)i) {
			pending[k].until = 0;
			pending_count--;
		}
}

void responder_end(void)
{
	for (size_t i = 0; i < RESPONDER_CLIENTS; i++)
		drop_client(i);
	if (udp > 0)
		close(udp);
	if (tcp > 0)
		close(tcp);
	udp = tcp = 0;
	port = 0;
}

uint16_t responder_port(void)
{
	return port;
}

/* Answering --------------------------------------------------------------------------------------------------------------- */

/* To whom it may concern: one that takes no answer gets none. */
static void reply(int client, const struct sockaddr_in *from, const struct dns_question *q, enum dns_rcode rcode, uint32_t host)
{
	uint8_t packet[2 + DNS_MAX];
	const struct peer_address *list = NULL;
	const size_t count = host == PEERS_HOST_NONE ? 0 : names_addresses(host, &list);
	const size_t size = dns_write(packet + 2, client < 0 ? DNS_UDP_MAX : DNS_MAX, q, rcode, list, count);

	if (client < 0) {
		(void)sendto(udp, packet + 2, size, MSG_DONTWAIT, (const struct sockaddr *)from, sizeof *from);
		return;
	}
	packet[0] = (uint8_t)(size >> 8);
	packet[1] = (uint8_t)size;
	if (send(clients[client].fd, packet, size + 2, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size + 2)
		drop_client((size_t)client);
}

static int wait_for(int client, const struct sockaddr_in *from, const struct dns_question *q, uint32_t host)
{
	for (size_t i = 0; i < PENDING_MAX; i++)
		if (!pending[i].until) {
			pending[i] = (struct pending){now_ms() + NAMES_PATIENCE_MS, host, client, *from, *q};
			pending_count++;
			return 0;
		}
	return -EAGAIN;
}

/*
 * A name that was not granted does not exist, which everybody takes for an answer: refused, many would ask again. One that was
 * granted and has no such address exists all the same.
 */
static void answer(int client, const struct sockaddr_in *from, const uint8_t *packet, size_t size)
{
	struct dns_question q;
	const int rc = dns_read(packet, size, &q);
	const uint32_t host = rc == 0 ? names_find(q.name) : PEERS_HOST_NONE;

	if (rc == -EBADMSG)
		return;
	if (rc > 0)
		reply(client, from, &q, (enum dns_rcode)rc, PEERS_HOST_NONE);
	else if (host == PEERS_HOST_NONE)
		reply(client, from, &q, DNS_NXDOMAIN, PEERS_HOST_NONE);
	else if (names_ready(host))
		reply(client, from, &q, names_failed(host) ? DNS_SERVFAIL : DNS_NOERROR, host);
	else if (wait_for(client, from, &q, host) < 0)
		reply(client, from, &q, DNS_SERVFAIL, PEERS_HOST_NONE);
}

static void answer_pending(void)
{
	const uint64_t now = now_ms();

	for (size_t i = 0; i < PENDING_MAX && pending_count > 0; i++) {
		struct pending p = pending[i];
		if (!p.until || (!names_ready(p.host) && p.until > now))
			continue;
		pending[i].until = 0;
		pending_count--;
		reply(p.client, &p.from, &p.q, names_failed(p.host) ? DNS_SERVFAIL : DNS_NOERROR, p.host);
	}
}

/* Over TCP a question has its size before it, and may come in pieces. */
static void read_client(size_t i)
{
	static const struct sockaddr_in nobody;
	struct client *c = &clients[i];
	const ssize_t n = recv(c->fd, c->bytes + c->size, sizeof c->bytes - c->size, MSG_DONTWAIT);

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			drop_client(i);
		return;
	}
	c->size += (size_t)n;
	while (c->fd > 0 && c->size >= 2) {
		const size_t size = (size_t)(c->bytes[0] << 8 | c->bytes[1]);
		if (size > DNS_UDP_MAX) {
			drop_client(i);
			return;
		}
		if (c->size < 2 + size)
			return;
		answer((int)i, &nobody, c->bytes + 2, size);
		c->size -= 2 + size;
		memmove(c->bytes, c->bytes + 2 + size, c->size);
	}
}

/* Serving ----------------------------------------------------------------------------------------------------------------- */

static void soonest(uint64_t until, uint64_t now, int *wait)
{
	const int left = until > now ? (int)(until - now) : 0;

	if (*wait < 0 || left < *wait)
		*wait = left;
}

/* As many as there are places: others wait in the kernel's queue. */
static size_t free_client(void)
{
	size_t i = 0;

	while (i < RESPONDER_CLIENTS && clients[i].fd > 0)
		i++;
	return i;
}

size_t responder_watch(struct pollfd fds[RESPONDER_POLL_MAX], int *wait)
{
	const uint64_t now = now_ms();
	size_t count = 0;

	if (udp <= 0)
		return 0;
	fds[count++] = (struct pollfd){.fd = udp, .events = POLLIN};
	fds[count++] = (struct pollfd){.fd = free_client() < RESPONDER_CLIENTS ? tcp : -1, .events = POLLIN};
	for (size_t i = 0; i < RESPONDER_CLIENTS; i++) {
		const int fd = clients[i].fd > 0 ? clients[i].fd : -1;
		fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
		if (fd >= 0)
			soonest(clients[i].until, now, wait);
	}
	for (size_t i = 0; i < PENDING_MAX && pending_count > 0; i++)
		if (pending[i].until)
			soonest(pending[i].until, now, wait);
	return count;
}

static void read_udp(void)
{
	uint8_t packet[DNS_UDP_MAX];

	for (unsigned int i = 0; i < TURN; i++) {
		struct sockaddr_in from;
		socklen_t len = sizeof from;
		const ssize_t n =
		    recvfrom(udp, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &len);
		if (n < 0)
			return;
		if ((size_t)n <= sizeof packet && len == sizeof from)
			answer(-1, &from, packet, (size_t)n);
	}
}

static void let_in(void)
{
	const size_t i = free_client();
	const int fd = i < RESPONDER_CLIENTS ? accept4(tcp, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;

	if (fd >= 0)
		clients[i] = (struct client){.fd = fd, .until = now_ms() + CLIENT_MS};
}

void responder_serve(const struct pollfd *fds, size_t count)
{
	const uint64_t now = now_ms();

	if (count == 0 || udp <= 0)
		return;
	answer_pending();
	if (fds[0].revents)
		read_udp();
	for (size_t i = 0; i < RESPONDER_CLIENTS; i++) {
		if (fds[2 + i].revents && clients[i].fd > 0)
			read_client(i);
		if (clients[i].fd > 0 && clients[i].until <= now)
			drop_client(i);
	}
	if (fds[1].revents)
		let_in();
}

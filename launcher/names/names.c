#include "names.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "image.h"
#include "kernel.h"
#include "owned.h"
#include "resolver.h"

#define FRESH_MS 30000u /* what was told */
#define FAILED_MS 5000u /* that nobody could be asked */
#define LOST_MS 30000u  /* an answer that has not come by then will not */
#define OPENS_MAX 32u

static struct host {
	const char *name; /* borrowed from the image */
	uint64_t told;    /* ms; 0: never */
	uint64_t asked;   /* ms; 0: no answer is awaited */
	int known;        /* for ever: it is never asked for */
	int wanted;       /* to be asked for as soon as there is room */
	int code;         /* of the last answer */
	size_t fresh;     /* the first of list: told at the last look */
	size_t count;
	struct peer_address list[NAMES_KEPT];
} hosts[PEERS_MAX];

/* Opens of /etc/hosts that wait for all names. */
static struct opening {
	struct call call;
	uint64_t deadline; /* 0: none */
} openings[OPENS_MAX];

static size_t host_count, awaited, opening_count;
static int end = -1;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

/* Nobody is to be asked for it (RFC 6761), and many programs ask nobody. */
static void know_localhost(struct host *h)
{
	h->known = 1;
	h->count = h->fresh = 2;
	(void)peers_address("127.0.0.1", &h->list[0]);
	(void)peers_address("::1", &h->list[1]);
}

void names_begin(const struct image *image, int resolver)
{
	const char *list[PEERS_MAX];

	host_count = peers_hosts(image, list);
	for (size_t i = 0; i < host_count; i++) {
		hosts[i].name = list[i];
		if (strcmp(list[i], "localhost") == 0)
			know_localhost(&hosts[i]);
	}
	end = resolver;
}

void names_end(void)
{
	end = -1;
	host_count = 0;
}

size_t names_count(void)
{
	return host_count;
}

const char *names_name(uint32_t host)
{
	return hosts[host].name;
}

uint32_t names_find(const char *name)
{
	for (uint32_t i = 0; i < host_count; i++)
		if (strcmp(hosts[i].name, name) == 0)
			return i;
	return PEERS_HOST_NONE;
}

int names_told(uint32_t host, const struct peer_address *address)
{
	const struct host *h = &hosts[host];

	for (size_t i = 0; host < host_count && i < h->count; i++)
		if (memcmp(&h->list[i], address, sizeof *address) == 0)
			return 1;
	return 0;
}

size_t names_addresses(uint32_t host, const struct peer_address **list)
{
	*list = hosts[host].list;
	return hosts[host].fresh;
}

int names_failed(uint32_t host)
{
	const struct host *h = &hosts[host];

	return h->fresh == 0 && (h->code == -EAGAIN || !h->told);
}

/* Asking ------------------------------------------------------------------------------------------------------------------ */

static void ask(struct host *h, uint64_t now)
{
	const struct resolver_question question = {.host = (uint32_t)(h - hosts)};

	if (send(end, &question, sizeof question, MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof question) {
		/* The resolver is gone, and with it every answer to come. */
		h->told = now;
		h->code = -EAGAIN;
	} else {
		h->asked = now;
		awaited++;
	}
	h->wanted = 0;
}

static void ask_wanted(uint64_t now)
{
	for (size_t i = 0; i < host_count && awaited < RESOLVER_AT_ONCE; i++)
		if (hosts[i].wanted)
			ask(&hosts[i], now);
}

int names_ready(uint32_t host)
{
	struct host *h = &hosts[host];
	const uint64_t now = now_ms();

	if (h->known || (h->told && now - h->told < (h->code == -EAGAIN ? FAILED_MS : FRESH_MS)))
		return 1;
	if (h->asked && now - h->asked >= LOST_MS) {
		h->asked = 0;
		awaited--;
	}
	if (!h->asked) {
		h->wanted = 1;
		ask_wanted(now);
	}
	return h->told && !h->asked && !h->wanted;
}

/* What was told before stays the host's for this run: a program may have it from then. */
static void keep(struct host *h, const struct resolver_answer *a)
{
	struct peer_address list[NAMES_KEPT];
	size_t count = a->count;

	memcpy(list, a->list, count * sizeof *list);
	for (size_t i = 0; i < h->count && count < NAMES_KEPT; i++) {
		size_t k = 0;
		while (k < a->count && memcmp(&a->list[k], &h->list[i], sizeof *list) != 0)
			k++;
		if (k == a->count)
			list[count++] = h->list[i];
	}
	memcpy(h->list, list, count * sizeof *list);
	h->count = count;
	h->fresh = a->count;
}

static int take_answer(uint64_t now)
{
	struct resolver_answer a;
	const ssize_t n = recv(end, &a, sizeof a, MSG_DONTWAIT);

	if (n == 0) {
		for (size_t i = 0; i < host_count; i++)
			if (hosts[i].asked) {
				hosts[i].asked = 0;
				hosts[i].told = now;
				hosts[i].code = -EAGAIN;
			}
		awaited = 0;
		end = -1;
	}
	if (n != sizeof a || a.host >= host_count || a.count > RESOLVER_ADDRESSES)
		return n > 0;
	struct host *h = &hosts[a.host];
	if (h->asked)
		awaited--;
	h->asked = 0;
	h->told = now;
	h->code = a.code;
	/* Where nobody could be asked, what was told last still stands. */
	if (a.code != -EAGAIN)
		keep(h, &a);
	return 1;
}

static void take_answers(void)
{
	const uint64_t now = now_ms();

	while (end >= 0 && take_answer(now))
		;
	ask_wanted(now);
}

void names_wait(uint32_t host)
{
	const uint64_t deadline = now_ms() + NAMES_PATIENCE_MS;

	for (uint64_t now; !names_ready(host) && (now = now_ms()) < deadline && end >= 0;) {
		struct pollfd p = {.fd = end, .events = POLLIN};
		if (poll(&p, 1, (int)(deadline - now)) > 0)
			take_answers();
	}
}

/* Opening ----------------------------------------------------------------------------------------------------------------- */

static int all_ready(void)
{
	int ready = 1;

	for (uint32_t i = 0; i < host_count; i++)
		ready &= names_ready(i);
	return ready;
}

static int wants_cloexec(const struct call *c)
{
	return ((c->nr == SYS_openat ? c->args[2] : c->args[1]) & O_CLOEXEC) != 0;
}

static void open_later(struct opening *o)
{
	OWNED_FD int fd = names_memfd(FILE_HOSTS);

	if (fd < 0)
		call_answer(&o->call, fd);
	else
		call_inject(&o->call, fd, wants_cloexec(&o->call));
	o->deadline = 0;
	opening_count--;
}

int names_open(const struct call *c, const char *path)
{
	const enum names_file file = host_count == 0 ? FILE_NONE : names_file(path);

	if (file == FILE_NONE)
		return -ENOENT;
	if (file == FILE_HOSTS && !all_ready())
		for (size_t i = 0; i < OPENS_MAX; i++)
			if (!openings[i].deadline) {
				openings[i] = (struct opening){*c, now_ms() + NAMES_PATIENCE_MS};
				opening_count++;
				return CALL_LATER;
			}
	return names_memfd(file);
}

void names_watch(int *fd, int *wait)
{
	const uint64_t now = now_ms();

	*fd = host_count > 0 ? end : -1;
	for (size_t i = 0; i < OPENS_MAX && opening_count > 0; i++) {
		const uint64_t until = openings[i].deadline;
		const int left = until > now ? (int)(until - now) : 0;
		if (until && (*wait < 0 || left < *wait))
			*wait = left;
	}
}

void names_serve(void)
{
	take_answers();
	if (opening_count == 0)
		return;
	const int ready = all_ready();
	const uint64_t now = now_ms();
	for (size_t i = 0; i < OPENS_MAX; i++)
		if (openings[i].deadline && (ready || openings[i].deadline <= now))
			open_later(&openings[i]);
}

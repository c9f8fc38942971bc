/*
 * peers.h: whom the program's own sockets may reach, and where they may listen: the policy's lines with a host, an address or a
 * Unix socket's path, resolved as far as that can be done before the program starts. Names are looked up while it runs: names/.
 */
#ifndef ENDOW_PEERS_H
#define ENDOW_PEERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "err.h"
#include "image.h"

#define PEERS_HOST_NONE UINT32_MAX
#define PEERS_PATH 4096

struct making;

/* IPv6, or IPv4 as IPv6 writes it (::ffff:192.0.2.1): the same host has one form only. Network order. */
struct peer_address {
	uint8_t bytes[16];
};

static const uint8_t peer_mapped[12] = {[10] = 0xff, [11] = 0xff};

static inline int peer_is_four(const struct peer_address *a)
{
	return memcmp(a->bytes, peer_mapped, sizeof peer_mapped) == 0;
}

struct peer {
	uint32_t kind;               /* enum peer_kind */
	uint32_t host;               /* index into peers.hosts; PEERS_HOST_NONE: an address, or a Unix socket */
	struct peer_address address; /* without a host */
	uint16_t first, last;        /* ports */
	int folder;                  /* CONNECT_UNIX: what it is in, O_PATH; else -1; owned */
	char *path;                  /* CONNECT_UNIX: absolute, without "." and ".."; else NULL; owned */
	const char *name;            /* in path: its last component */
	struct image_where where;
};

struct peers {
	struct peer *list; /* owned */
	size_t count;
	int resolver; /* the end of a pair with the process that looks names up (names/resolver.h), or -1; owned */
};

/* The hosts that IMAGE's peers name, each once, in the order in which they come: at most PEERS_MAX. Returns how many. */
size_t peers_hosts(const struct image *image, const char *hosts[PEERS_MAX]);

/*
 * Resolve all peers of the policy: fill in plan->peers and what --dry-run tells. Names are resolved as for descriptors, so in a
 * root of its own before that is built. Returns 0 or a negative errno with ERR.
 */
int peers_make(struct making *m, struct err *err);
void peers_free(struct peers *peers);

/* TEXT, numbers of IPv4 or IPv6, in the one form. Returns 0 or -EINVAL. */
int peers_address(const char *text, struct peer_address *to);

/* Take "." and ".." and doubled slashes out of the absolute PATH, without looking at what it names. Returns TO, or NULL when it
 * is not absolute or too long. */
char *peers_lexical(const char *path, char to[PEERS_PATH]);

#endif

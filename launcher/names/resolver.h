/*
 * resolver.h: a process that looks names up, since that takes as long as it takes, and the files and sockets it takes are not
 * those of the program's namespaces. It knows the policy's names and answers no question but about these. It ends with the
 * pair.
 */
#ifndef ENDOW_RESOLVER_H
#define ENDOW_RESOLVER_H

#include <stdint.h>

#include "err.h"
#include "peers.h"

#define RESOLVER_ADDRESSES 16u
#define RESOLVER_AT_ONCE 16u /* lookups: no more are to be asked for */

struct plan;

/* Packets of the pair, in the machine's byte order. */
struct resolver_question {
	uint32_t host; /* index as of peers_hosts() */
	uint32_t zero;
};

struct resolver_answer {
	uint32_t host;
	int32_t code; /* 0; -EAGAIN: nobody could be asked; -ENOENT: there are none */
	uint32_t count;
	uint32_t zero;
	struct peer_address list[RESOLVER_ADDRESSES];
};
_Static_assert(sizeof(struct resolver_question) == 8, "wire");
_Static_assert(sizeof(struct resolver_answer) == 16 + 16 * RESOLVER_ADDRESSES, "wire");

/*
 * Start it, if the policy names a host: plan->peers.resolver becomes this end of the pair (CLOEXEC, non-blocking). Before any
 * namespace is entered. Returns 0 or a negative errno with ERR.
 */
int resolver_start(struct plan *plan, struct err *err);

#endif

/*
 * judge.h: whom a socket may reach and where it may listen. Pure: the policy's peers and ports on one side, one address that
 * was copied on the other.
 */
#ifndef ENDOW_JUDGE_H
#define ENDOW_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "image.h"
#include "peers.h"

#define JUDGE_DNS 53u

/* What a policy says of sockets. All is borrowed. */
struct judge {
	uint32_t families;
	const struct peer *peers;
	size_t peer_count;
	const struct image_port *ports;
	size_t port_count;
	int (*told)(uint32_t host, const struct peer_address *address); /* names_told() */
	int answers; /* there is somebody to answer what is asked of port 53 */
};

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_RESPONDER /* it, instead of the address */ };

/* KIND: PEER_CONNECT_TCP or PEER_CONNECT_UDP. *WHERE is the line that grants it, or NULL. */
enum verdict judge_reach(const struct judge *j, uint32_t kind, const struct peer_address *address, uint16_t port,
			 const struct image_where **where);

/* TCP: to be bound, or, bound, to be listened on. */
int judge_listen(const struct judge *j, const struct peer_address *address, uint16_t port, const struct image_where **where);

/* The address of a UDP socket of the program's own. */
int judge_bind_udp(const struct judge *j, uint16_t port);

#endif

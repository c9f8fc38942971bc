/*
 * dns.h: DNS packets, read and written. Pure. What comes in is anybody's bytes: nothing outside of the packet is read, and what
 * is not plainly one question is no question.
 */
#ifndef ENDOW_DNS_H
#define ENDOW_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "peers.h"

#define DNS_NAME 254u /* bytes with the final NUL */
#define DNS_UDP_MAX 512u
#define DNS_MAX 1536u /* room that every answer fits into */

enum dns_rcode { DNS_NOERROR, DNS_FORMERR, DNS_SERVFAIL, DNS_NXDOMAIN, DNS_NOTIMP, DNS_REFUSED };
enum dns_type { DNS_A = 1, DNS_AAAA = 28 };

struct dns_question {
	uint16_t id;
	uint16_t type;
	uint8_t opcode;
	uint8_t wants_recursion;
	char name[DNS_NAME];       /* lower case, labels with dots between, none at its end */
	uint8_t raw[DNS_NAME + 6]; /* the question as it came, to be repeated */
	size_t raw_len;
};

/*
 * Read PACKET. Returns 0 when it is one question about names of the Internet; a positive dns_rcode when it is to be answered
 * with that; -EBADMSG when it is not to be answered at all. With the first two Q can be answered.
 */
int dns_read(const uint8_t *packet, size_t size, struct dns_question *q);

/*
 * Write the answer to Q: RCODE, and those of LIST that are of its type, as many as fit into ROOM (at least DNS_UDP_MAX; else
 * the packet says that it was cut). Returns its size.
 */
size_t dns_write(uint8_t *to, size_t room, const struct dns_question *q, enum dns_rcode rcode, const struct peer_address *list,
		 size_t count);

#endif

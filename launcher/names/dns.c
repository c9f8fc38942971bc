#include "dns.h"

#include <errno.h>
#include <string.h>

#define HEADER 12u
#define CLASS_INTERNET 1u
#define LABEL_MAX 63u
#define TTL 30u /* s: as long as what was told is believed */

#define FLAG_ANSWER 0x8000u
#define FLAG_CUT 0x0200u
#define FLAG_WANTED 0x0100u /* recursion */
#define FLAG_GIVEN 0x0080u

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint8_t *put16(uint8_t *p, unsigned int value)
{
	*p++ = (uint8_t)(value >> 8);
	*p++ = (uint8_t)value;
	return p;
}

/* A host's name: nothing that could mean something else in a file or a message. */
static int is_host_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The labels at the start of P. Returns how many bytes they take, their end included, or 0. A pointer is no label: in the first
 * name of a packet there is nothing yet to point to. Q's name becomes empty when it is none of a host. */
static size_t read_name(const uint8_t *p, size_t size, struct dns_question *q)
{
	size_t at = 0, len = 0;
	int plain = 1;

	while (at < size && p[at] != 0) {
		const size_t label = p[at++];
		if (label > LABEL_MAX || label >= size - at || len + label + 1 >= sizeof q->name)
			return 0;
		if (len > 0)
			q->name[len++] = '.';
		for (size_t i = 0; i < label; i++, at++) {
			plain &= is_host_char(p[at]);
			q->name[len++] = (char)(p[at] >= 'A' && p[at] <= 'Z' ? p[at] + ('a' - 'A') : p[at]);
		}
	}
	q->name[plain ? len : 0] = '\0';
	return at < size ? at + 1 : 0;
}

int dns_read(const uint8_t *packet, size_t size, struct dns_question *q)
{
	memset(q, 0, sizeof *q);
	if (size < HEADER || get16(packet + 2) & FLAG_ANSWER)
		return -EBADMSG;
	q->id = get16(packet);
	q->opcode = packet[2] >> 3 & 0xf;
	q->wants_recursion = packet[2] & 1;
	if (q->opcode != 0)
		return DNS_NOTIMP;
	/* One question, and no answers; what is additional to it is not looked at. */
	if (get16(packet + 4) != 1 || get16(packet + 6) != 0)
		return DNS_FORMERR;
	const size_t name = read_name(packet + HEADER, size - HEADER, q);
	if (name == 0 || size - HEADER - name < 4 || name + 4 > sizeof q->raw) {
		q->name[0] = '\0';
		return DNS_FORMERR;
	}
	q->type = get16(packet + HEADER + name);
	q->raw_len = name + 4;
	memcpy(q->raw, packet + HEADER, q->raw_len);
	return get16(packet + HEADER + name + 2) == CLASS_INTERNET ? 0 : DNS_REFUSED;
}

static uint8_t *put_address(uint8_t *p, const struct peer_address *a)
{
	const unsigned int size = peer_is_four(a) ? 4 : 16;

	p = put16(p, 0xc000 | HEADER); /* the question's name */
	p = put16(p, size == 4 ? DNS_A : DNS_AAAA);
	p = put16(p, CLASS_INTERNET);
	p = put16(p, 0);
	p = put16(p, TTL);
	p = put16(p, size);
	memcpy(p, a->bytes + 16 - size, size);
	return p + size;
}

size_t dns_write(uint8_t *to, size_t room, const struct dns_question *q, enum dns_rcode rcode, const struct peer_address *list,
		 size_t count)
{
	uint8_t *p = to + HEADER;
	unsigned int answers = 0;
	int cut = 0;

	memcpy(p, q->raw, q->raw_len);
	p += q->raw_len;
	for (size_t i = 0; i < count && rcode == DNS_NOERROR; i++) {
		const int four = peer_is_four(&list[i]);
		if (q->type != (four ? DNS_A : DNS_AAAA))
			continue;
		if (room - (size_t)(p - to) < 12u + (four ? 4u : 16u)) {
			cut = 1;
			break;
		}
		p = put_address(p, &list[i]);
		answers++;
	}
	const unsigned int flags = FLAG_ANSWER | (unsigned int)q->opcode << 11 | (cut ? FLAG_CUT : 0) |
				   (q->wants_recursion ? FLAG_WANTED : 0) | FLAG_GIVEN | (unsigned int)rcode;
	memset(to, 0, HEADER);
	put16(to, q->id);
	put16(to + 2, flags);
	put16(to + 4, q->raw_len > 0);
	put16(to + 6, answers);
	return (size_t)(p - to);
}

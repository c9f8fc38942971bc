/* dns_fuzz: any bytes as a DNS packet. What is to be answered is answered, with as many addresses as there can be, into exactly
 * the room that there is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "names/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int truth)
{
	if (!truth)
		abort();
}

static void answer(const struct dns_question *q, size_t room, enum dns_rcode rcode)
{
	struct peer_address list[32];
	uint8_t *to = malloc(room);

	for (size_t i = 0; i < 32; i++)
		memset(&list[i], (int)i, sizeof list[i]);
	memcpy(list, peer_mapped, sizeof peer_mapped);
	const size_t n = dns_write(to, room, q, rcode, list, 32);
	must(n >= 12 && n <= room && to[2] & 0x80);
	free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question q;
	const int rc = dns_read(data, size, &q);

	must(rc == -74 || (rc >= 0 && rc <= DNS_REFUSED)); /* EBADMSG */
	if (rc < 0)
		return 0;
	must(memchr(q.name, '\0', sizeof q.name) != NULL && q.raw_len <= sizeof q.raw);
	for (const char *p = q.name; *p; p++)
		must(*p == '.' || *p == '-' || *p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'));
	answer(&q, DNS_UDP_MAX, (enum dns_rcode)rc);
	answer(&q, DNS_MAX, (enum dns_rcode)rc);
	return 0;
}

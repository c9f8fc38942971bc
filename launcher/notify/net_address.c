/*
 * Addresses of the Internet, as a program writes them: copied once, read, and written anew, so that nothing goes to the kernel
 * that was not looked at. A flow's label is left out: a route within the packet can hang on it.
 */
#include <arpa/inet.h>
#include <string.h>

#include "net_own.h"

#define V6_SHORT 24 /* bytes: without a scope, as it was long ago */

int net_copy(const struct call *c, uint64_t at, uint64_t len, union net_address *to, socklen_t *size)
{
	const int signed_len = (int)len; /* the kernel takes it for one */

	if (signed_len < (int)sizeof(sa_family_t) || signed_len > (int)sizeof *to)
		return -EINVAL;
	memset(to, 0, sizeof *to);
	*size = (socklen_t)signed_len;
	const int rc = call_read(c, at, to, *size);
	/* Memory that can't be looked at: nothing can be judged. */
	return rc == -EACCES ? -EPERM : rc;
}

int net_read(const union net_address *from, socklen_t size, struct net_place *to)
{
	memset(to, 0, sizeof *to);
	if (from->any.sa_family == AF_INET) {
		if (size < sizeof from->v4)
			return -EINVAL;
		memcpy(to->address.bytes, peer_mapped, sizeof peer_mapped);
		memcpy(to->address.bytes + 12, &from->v4.sin_addr, 4);
		to->port = ntohs(from->v4.sin_port);
		return 0;
	}
	if (from->any.sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (size < V6_SHORT)
		return -EINVAL;
	memcpy(to->address.bytes, &from->v6.sin6_addr, 16);
	to->port = ntohs(from->v6.sin6_port);
	to->scope = size < sizeof from->v6 ? 0 : from->v6.sin6_scope_id;
	return 0;
}

socklen_t net_write(const struct net_place *place, int domain, union net_address *to)
{
	memset(to, 0, sizeof *to);
	if (domain == AF_INET && peer_is_four(&place->address)) {
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = htons(place->port);
		memcpy(&to->v4.sin_addr, place->address.bytes + 12, 4);
		return sizeof to->v4;
	}
	if (domain != AF_INET6)
		return 0;
	to->v6.sin6_family = AF_INET6;
	to->v6.sin6_port = htons(place->port);
	to->v6.sin6_scope_id = place->scope;
	memcpy(&to->v6.sin6_addr, place->address.bytes, 16);
	return sizeof to->v6;
}

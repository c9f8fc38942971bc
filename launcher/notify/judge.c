#include "judge.h"

static const struct peer *find(const struct judge *j, uint32_t kind, const struct peer_address *address, uint16_t port)
{
	for (size_t i = 0; i < j->peer_count; i++) {
		const struct peer *p = &j->peers[i];
		if (p->kind != kind || port < p->first || port > p->last)
			continue;
		if (p->host == PEERS_HOST_NONE ? memcmp(&p->address, address, sizeof *address) == 0 : j->told(p->host, address))
			return p;
	}
	return NULL;
}

/* Ports that are granted whatever the address is: without a broker they would be Landlock's. */
static const struct image_port *find_port(const struct judge *j, uint32_t listen, uint16_t port)
{
	for (size_t i = 0; i < j->port_count; i++)
		if (j->ports[i].listen == listen && port >= j->ports[i].first && port <= j->ports[i].last)
			return &j->ports[i];
	return NULL;
}

enum verdict judge_reach(const struct judge *j, uint32_t kind, const struct peer_address *address, uint16_t port,
			 const struct image_where **where)
{
	const struct peer *peer = find(j, kind, address, port);
	const struct image_port *any = kind == PEER_CONNECT_TCP ? find_port(j, 0, port) : NULL;

	*where = peer ? &peer->where : any ? &any->where : NULL;
	if (peer || any || j->families & (kind == PEER_CONNECT_TCP ? FAM_TCP_CONNECT_ANY : FAM_UDP))
		return VERDICT_YES;
	return port == JUDGE_DNS && j->answers ? VERDICT_RESPONDER : VERDICT_NO;
}

int judge_listen(const struct judge *j, const struct peer_address *address, uint16_t port, const struct image_where **where)
{
	const struct peer *peer = find(j, PEER_LISTEN_TCP, address, port);
	const struct image_port *any = find_port(j, 1, port);

	*where = peer ? &peer->where : any ? &any->where : NULL;
	return peer || any || j->families & FAM_TCP_LISTEN_ANY;
}

/* A number that the kernel chooses gives nothing that sending does not: others could be waited for by somebody. */
int judge_bind_udp(const struct judge *j, uint16_t port)
{
	return port == 0 || j->families & FAM_UDP;
}

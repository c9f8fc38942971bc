/* For a policy that wants to be told and no more: what Landlock will say of a port, noted beside the call, which goes on. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "denials.h"
#include "net_own.h"

#define TEXT (INET6_ADDRSTRLEN + 16)

static int is_refused(int connects, const struct net_place *place)
{
	const struct image_where *where;

	return connects ? judge_reach(net_judge(), PEER_CONNECT_TCP, &place->address, place->port, &where) == VERDICT_NO
			: !judge_listen(net_judge(), &place->address, place->port, &where);
}

int net_look(const struct call *c)
{
	const int connects = c->nr == SYS_connect;
	char number[INET6_ADDRSTRLEN], text[TEXT];
	struct net_socket s = {.fd = -1};
	union net_address address;
	struct net_place place;
	socklen_t size;

	if (net_socket(c, &s) < 0)
		return CALL_GO_ON;
	const int tcp = net_is_tcp(&s);
	close(s.fd);
	if (!tcp || net_copy(c, c->args[1], c->args[2], &address, &size) < 0 || net_read(&address, size, &place) < 0 ||
	    !is_refused(connects, &place))
		return CALL_GO_ON;
	const int four = peer_is_four(&place.address);
	inet_ntop(four ? AF_INET : AF_INET6, place.address.bytes + (four ? 12 : 0), number, sizeof number);
	snprintf(text, sizeof text, four ? "%s:%u" : "[%s]:%u", number, place.port);
	denials_note(c, 0, connects ? "connect tcp" : "listen tcp", text, -EACCES);
	return CALL_GO_ON;
}

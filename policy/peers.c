/* Whom the supervisor connects the program with: `connect` and `listen` with a host, `connect unix PATH`. */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "checker.h"
#include "value.h"

static int no_host(struct check *c, const struct word *word, const char *why)
{
	diag_add(c->diag, word->at, "'%.*s' is no host with a port: %s", WORD(word), why);
	return diag_hint(c->diag, "write a name, 192.0.2.1 or [2001:db8::1], then ':' and a port or two: example.org:443, "
				  "localhost:8000-8010");
}

/* Why HOST, in lower case, is no host's name. */
static const char *name_fault(const char *host)
{
	const char *p = host, *last = strrchr(host, '.');

	last = last ? last + 1 : host;
	for (; *p; p++)
		if ((unsigned char)*p >= 0x80)
			return "a name is ASCII: write the xn-- form";
	if (strlen(host) > HOST_MAX)
		return "a name has at most 253 characters";
	if (*last && (strspn(last, "0123456789") == strlen(last) || strncmp(last, "0x", 2) == 0))
		return "its numbers are no address of four parts, and resolvers would guess at them";
	return "a name is letters, digits, '-', '_' and single dots, in parts of at most 63";
}

/* HOST is what stands before the port, in lower case; it is changed. */
static int read_host(struct check *c, const struct word *word, char *host, struct image_peer *peer)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char numbers[INET6_ADDRSTRLEN];
	size_t len = strlen(host);
	const bool six = host[0] == '[';

	if (six && (len < 2 || host[len - 1] != ']'))
		return no_host(c, word, "']' is missing");
	if (six) {
		host[len - 1] = '\0';
		host++;
	}
	if (inet_pton(six ? AF_INET6 : AF_INET, host, bytes) == 1)
		return inet_ntop(six ? AF_INET6 : AF_INET, bytes, numbers, sizeof numbers)
			   ? policy_string(c->policy, numbers, &peer->host)
			   : -ENOMEM;
	if (six)
		return no_host(c, word, "what is in brackets is no IPv6 address");
	if (strchr(host, ':'))
		return no_host(c, word,
			       strspn(host, "0123456789abcdef:.%") == strlen(host) ? "an IPv6 address stands in brackets"
										   : "it has a ':' too many");
	if (len > 1 && host[len - 1] == '.') /* the root's: the same name */
		host[len - 1] = '\0';
	if (!image_is_host(host))
		return no_host(c, word, *host ? name_fault(host) : "nothing stands before the port");
	peer->flags = PEER_NAME;
	return policy_string(c->policy, host, &peer->host);
}

static int put_peer(struct check *c, const struct word *word, const struct image_peer *peer)
{
	if (c->policy->peers.count == PEERS_MAX)
		return diag_add(c->diag, word->at, "more than %u hosts and sockets in all sources together", PEERS_MAX);
	c->peer_at[c->policy->peers.count] = word->at;
	return vec_add(&c->policy->peers, peer, 1, sizeof *peer);
}

int check_peer(struct check *c, const struct stmt *s, const struct word *word, struct text *text)
{
	const bool listens = s->verb == VERB_LISTEN;
	struct image_peer peer = {.kind = listens                       ? PEER_LISTEN_TCP
					  : s->protocol == PROTOCOL_UDP ? PEER_CONNECT_UDP
									: PEER_CONNECT_TCP,
				  .where = check_where(c, s)};
	char *const colon = strrchr(text->at, ':');
	const char *ports = colon + 1;

	if (value_ports(&ports, &peer.first, &peer.last) < 0 || *ports)
		return no_host(c, word, "what stands behind the last ':' is no port and no range of ports");
	*colon = '\0';
	for (char *p = text->at; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	int rc = read_host(c, word, text->at, &peer);
	if (rc < 0)
		return rc;
	c->policy->head.families |= FAM_BROKER_NET | (listens ? FAM_TCP_LISTEN : 0);
	return put_peer(c, word, &peer);
}

int check_unix_peers(struct check *c, const struct stmt *s)
{
	struct image_peer peer = {.kind = PEER_CONNECT_UNIX, .where = check_where(c, s)};
	int rc = 0;

	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		rc = check_put_path(c, item->word, &peer.path);
		if (rc == 0)
			rc = put_peer(c, item->word, &peer);
	}
	c->policy->head.families |= FAM_BROKER_UNIX;
	return rc;
}

int check_ask(struct check *c, const struct stmt *s)
{
	struct image_ask ask = {.rights = s->rights, .where = check_where(c, s)};
	int rc = check_held_rights(c, s);

	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		if (c->policy->asks.count == ASKS_MAX)
			return diag_add(c->diag, item->word->at, "more than %u things to be asked for in all sources together",
					ASKS_MAX);
		rc = check_put_path(c, item->word, &ask.path);
		if (rc == 0)
			rc = vec_add(&c->policy->asks, &ask, 1, sizeof ask);
	}
	c->policy->head.families |= FAM_BROKER_PATHS;
	return rc;
}

int check_report(struct check *c, const struct stmt *s)
{
	(void)s;
	c->policy->head.flags |= IMAGE_REPORT;
	c->policy->head.families |= FAM_REPORT;
	return 0;
}

void settle_peers(struct check *c)
{
	const struct image_peer *all = c->policy->peers.data;
	const uint32_t families = c->policy->head.families;
	const uint32_t any[PEER_KINDS] = {FAM_TCP_CONNECT_ANY, FAM_UDP, FAM_UNIX, FAM_TCP_LISTEN_ANY};
	static const char *const words[PEER_KINDS] = {"connect tcp any", "connect udp any", "connect unix any",
						      "listen tcp any"};

	for (uint32_t i = 0; i < c->policy->peers.count; i++) {
		const bool listens = all[i].kind == PEER_LISTEN_TCP;
		if (all[i].kind != PEER_CONNECT_UNIX && c->policy->head.isolate & ISOLATE_NET) {
			diag_add(c->diag, c->peer_at[i],
				 "'isolate net' leaves nobody to %s: that network has its own loopback and nothing else",
				 listens ? "be reached by" : "connect to");
			diag_hint(c->diag, "leave one of the two out");
		} else if (families & any[all[i].kind]) {
			diag_add(c->diag, c->peer_at[i], "'%s' stands beside this, which adds nothing to it",
				 words[all[i].kind]);
			diag_hint(c->diag, "leave one of the two out");
		}
	}
}

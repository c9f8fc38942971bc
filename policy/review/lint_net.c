/* Sockets: by port alone no host can be told from another, and by protocol alone no socket. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lint_places.h"
#include "lint_state.h"
#include "value.h"

static const struct {
	uint16_t first, last;
	const char *what;
} services[] = {
    {2375, 2376, "a container engine, which is as good as root"},
    {2379, 2380, "etcd, which holds a cluster's secrets"},
    {5005, 5005, "a Java debugger, which runs what it is told"},
    {6000, 6063, "X11, which shows every key that is typed"},
    {6379, 6379, "Redis, which often asks for no password"},
    {6443, 6443, "Kubernetes, which runs what it is told"},
    {8500, 8501, "Consul, which runs what it is told"},
    {8888, 8888, "Jupyter, which runs what it is told"},
    {9222, 9229, "a browser's or a script's debugger, which runs what it is told"},
    {10250, 10250, "a Kubernetes node, which runs what it is told"},
};

static bool is_any(const struct stmt *s, enum protocol protocol)
{
	return s->protocol == protocol && s->choice == CHOICE_ANY;
}

static void judge_any(struct lint *l, const struct stmt *s, bool has_net)
{
	if (is_any(s, PROTOCOL_UNIX) && !(l->policy->head.isolate & ISOLATE_FILES))
		lint_find(l, LINT_CONNECT_UNIX, s->at, "leave it out, or add: isolate files",
			  "every Unix socket of the user's can be connected to: D-Bus, an SSH agent, X11, Wayland and a "
			  "container engine act "
			  "outside the sandbox");
	if (is_any(s, PROTOCOL_TCP) && has_net)
		lint_find(
		    l, LINT_CONNECT_ANY, s->at, "name the ports that it needs",
		    "every TCP port of every host can be connected to: this machine's own services and mail servers, too");
	if (is_any(s, PROTOCOL_UDP) && has_net)
		lint_find(l, LINT_CONNECT_UDP, s->at, "leave it out where no names of hosts are looked up",
			  "all of UDP is granted: a question to a name server can carry any data to anybody");
}

static void judge_ports(struct lint *l, const struct word *word, uint16_t first, uint16_t last)
{
	if (first <= 80 && last >= 80)
		lint_find(l, LINT_METADATA_PORT, word->at,
			  "by port alone a host can't be told: on a cloud's machine, close 169.254.169.254 outside",
			  "port 80 is granted on every host: a cloud's metadata service, which hands out tokens, is one");
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (first <= services[i].last && last >= services[i].first)
			lint_find(l, LINT_LOCAL_SERVICE, word->at, "by port alone a host can't be told: leave the port out",
				  "port %u is granted on this machine, too: it is that of %s",
				  services[i].first > first ? services[i].first : first, services[i].what);
}

static void judge_list(struct lint *l, const struct stmt *s)
{
	uint16_t first, last;

	for (const struct item *item = s->items; item; item = item->next) {
		const char *p = word_plain(item->word);
		while (p && value_ports(&p, &first, &last) == 0) {
			judge_ports(l, item->word, first, last);
			if (*p++ == '\0')
				break;
		}
	}
}

/* What listens at ADDRESS, in numbers; NULL: nothing known. */
static const char *local_at(const char *address)
{
	static const unsigned char metadata[16] = {0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54};
	unsigned char v4[4];
	struct in6_addr v6;

	if (inet_pton(AF_INET6, address, &v6) == 1) {
		if (IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6))
			return "this machine's own services trust who is here";
		if (memcmp(&v6, metadata, sizeof metadata) == 0)
			return "a cloud's metadata service, which hands out tokens";
		if (!IN6_IS_ADDR_V4MAPPED(&v6))
			return NULL;
		memcpy(v4, v6.s6_addr + 12, sizeof v4);
	} else if (inet_pton(AF_INET, address, v4) != 1) {
		return NULL;
	}
	if (v4[0] == 127 || v4[0] == 0)
		return "this machine's own services trust who is here";
	return memcmp(v4, "\xa9\xfe\xa9\xfe", 4) == 0 ? "a cloud's metadata service, which hands out tokens" : NULL;
}

static void judge_local(struct lint *l, const struct word *word, const char *host, uint32_t port)
{
	static const char *const names[] = {"localhost", "ip6-localhost", "metadata.google.internal", "metadata.goog"};
	const char *what = local_at(host);

	for (size_t i = 0; i < sizeof names / sizeof *names && !what; i++)
		if (strcmp(host, names[i]) == 0)
			what = local_at(i < 2 ? "127.0.0.1" : "169.254.169.254");
	if (what)
		lint_find(l, LINT_HELD_LOCAL, word->at, "leave it out, or say why the program needs it",
			  "%s port %u can be connected to: %s", host, port, what);
}

static void judge_socket(struct lint *l, const struct word *word, struct image_text path)
{
	const char *home = l->in->look ? l->in->look->variable("HOME") : NULL;
	const char *place = place_spell(&l->arena, path.root, lint_string(l, path.at), home);

	l->rc = place ? l->rc : -ENOMEM;
	for (const struct place_known *k = places_sockets; place && k->path; k++)
		if (strcmp(k->path, place) == 0 || (k->within && place_covers(k->path, place))) {
			lint_find(l, LINT_SOCKET_PLACE, word->at, "leave it out, or say why the program needs it",
				  "'%.*s' can be connected to, and %s", WORD(word), k->why);
			return;
		}
}

static void judge_held(struct lint *l, const struct image_held *h, const struct word *word)
{
	if (h->kind == HELD_CONNECT_TCP)
		judge_local(l, word, lint_string(l, h->address), h->port);
	if (h->kind == HELD_CONNECT_UNIX)
		judge_socket(l, word, h->path);
}

/* The statement's peers stand in the order of its words, among which there may be ports. */
static void judge_peers(struct lint *l, const struct stmt *s)
{
	const struct image_peer *peers = l->policy->peers.data;
	const struct item *item = s->items;

	for (uint32_t i = 0; item && i < l->policy->peers.count; i++) {
		if (peers[i].where.source != s->at.source || peers[i].where.line != s->at.line)
			continue;
		while (item->next && word_plain(item->word) && s->protocol == PROTOCOL_TCP &&
		       !strchr(word_plain(item->word), ':'))
			item = item->next;
		if (peers[i].kind == PEER_CONNECT_UNIX)
			judge_socket(l, item->word, peers[i].path);
		else
			judge_local(l, item->word, lint_string(l, peers[i].host), peers[i].first);
		item = item->next;
	}
}

static void judge_all_held(struct lint *l, const struct source *source)
{
	const struct image_held *held = l->policy->held.data;

	for (const struct stmt *s = source->statements; (s = lint_next(s, VERB_HOLD)); s = s->next) {
		const struct item *what = s->items;
		while (what && what->tag != HOLD_WHAT)
			what = what->next;
		for (uint32_t i = 0; what && i < l->policy->held.count; i++)
			if (held[i].where.source == s->at.source && held[i].where.line == s->at.line)
				judge_held(l, &held[i], what->word);
	}
}

void lint_net(struct lint *l)
{
	/* With a network of its own there is nobody to connect to. */
	const bool has_net = !(l->policy->head.isolate & ISOLATE_NET);

	for (uint32_t i = 0; i < l->tree->source_count; i++) {
		judge_all_held(l, &l->tree->sources[i]);
		for (const struct stmt *s = l->tree->sources[i].statements; (s = lint_next(s, VERB_CONNECT)); s = s->next) {
			if (s->choice == CHOICE_ANY)
				judge_any(l, s, has_net);
			else if (has_net && s->protocol == PROTOCOL_TCP)
				judge_list(l, s);
			judge_peers(l, s);
		}
		for (const struct stmt *s = l->tree->sources[i].statements; (s = lint_next(s, VERB_LISTEN)); s = s->next)
			if (s->choice == CHOICE_ANY && has_net)
				lint_find(l, LINT_LISTEN_ANY, s->at, "name the port that it serves",
					  "every TCP port can be served: in the place of another service that is down, too");
	}
}

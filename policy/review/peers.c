#include "peers.h"

#include <stdlib.h>
#include <string.h>

#include "given.h"
#include "owned.h"

static int is_peer(const struct entry *e, enum peer_kind kind)
{
	return e->kind == KIND_PEER && e->number == (uint64_t)kind;
}

static enum peer_kind kind_of(const struct ask_question *q)
{
	if (q->kind == ASK_LISTEN)
		return PEER_LISTEN_TCP;
	return q->protocol == PROTOCOL_TCP   ? PEER_CONNECT_TCP
	       : q->protocol == PROTOCOL_UDP ? PEER_CONNECT_UDP
					     : PEER_CONNECT_UNIX;
}

/* The compiler writes numbers in one way, and names in lower case. */
static int is_host(const struct entry *e, const char *host)
{
	return !host || strcmp(e->address, host) == 0;
}

const struct entry *peers_find(const struct model *model, const struct ask_question *q, const char **how)
{
	const enum peer_kind kind = kind_of(q);
	const int by_path = kind == PEER_CONNECT_UNIX;
	const char *host = q->address;
	struct spot spot;

	*how = "";
	if (by_path && (!host || model_walk_outside(model, host, &spot) < 0)) {
		*how = host ? NULL : "";
		return NULL;
	}
	if (by_path)
		host = spot.path && *spot.path ? spot.path : host;
	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		if (!is_peer(e, kind) || !is_host(e, host) || (!by_path && (q->port < e->first || q->port > e->last)))
			continue;
		if (!host)
			*how = arena_say(model->arena, "%s %s alone", kind == PEER_LISTEN_TCP ? "at" : "to", e->address);
		else if (*e->name)
			*how = "by its name";
		return e;
	}
	return NULL;
}

static uint32_t enough_for(uint32_t right)
{
	return right == RIGHT_APPEND ? RIGHT_APPEND | RIGHT_WRITE : right;
}

int asks_reach(const struct entry *e, const struct spot *spot, uint32_t right)
{
	if (e->kind != KIND_ASK || e->spot.rc < 0 || !(e->rights & enough_for(right)))
		return 0;
	if (right == RIGHT_CREATE && e->spot.type != TYPE_DIR)
		return 0;
	return spot_within(spot, e->id) > 0;
}

/* Whatever the host. */
static int has_all(const struct model *a, enum peer_kind kind)
{
	switch (kind) {
	case PEER_CONNECT_UDP: return given_bit(a, KIND_CONNECT, FAM_UDP) != NULL;
	case PEER_CONNECT_UNIX: return given_bit(a, KIND_CONNECT, FAM_UNIX) && !(a->image.h->isolate & ISOLATE_FILES);
	default: return 0;
	}
}

/* The ports of E that A has not, as text: "" for none. HAS has room for every port. */
static const char *ports_lacking(const struct model *a, const struct entry *e, char *has, struct arena *arena)
{
	const enum kind plain = e->number == PEER_LISTEN_TCP ? KIND_LISTEN : KIND_CONNECT;
	const char *text = "";

	memset(has, 0, 65536 + 1);
	for (uint32_t i = 0; i < a->count; i++) {
		const struct entry *x = &a->entries[i];
		const int of_all =
		    e->number != PEER_CONNECT_UDP && x->kind == plain && x->last > 0 && !(a->image.h->isolate & ISOLATE_NET);
		if (of_all || (is_peer(x, (enum peer_kind)e->number) && is_host(x, e->address)))
			memset(has + x->first, 1, x->last + 1 - x->first);
	}
	for (uint32_t port = e->first; port <= e->last && text; port++) {
		const uint32_t from = port;
		while (port <= e->last && !has[port])
			port++;
		if (port > from)
			text = port - 1 == from ? arena_say(arena, "%s%s%u", text, *text ? "," : "", from)
						: arena_say(arena, "%s%s%u-%u", text, *text ? "," : "", from, port - 1);
	}
	return text;
}

static int compare_peer(const struct model *a, const struct model *b, const struct entry *e, char *has, struct gains *gains)
{
	const enum peer_kind kind = (enum peer_kind)e->number;
	const char *note = "";

	if (has_all(a, kind))
		return 0;
	if (kind == PEER_CONNECT_UNIX) {
		for (uint32_t i = 0; i < a->count; i++)
			if (is_peer(&a->entries[i], kind) && is_host(&a->entries[i], e->address))
				return 0;
	} else {
		const char *ports = ports_lacking(a, e, has, b->arena);
		if (!ports || !*ports)
			return ports ? 0 : -ENOMEM;
		const char *all =
		    e->first == e->last ? arena_say(b->arena, "%u", e->first) : arena_say(b->arena, "%u-%u", e->first, e->last);
		note = all && strcmp(all, ports) != 0 ? arena_say(b->arena, "ports %s", ports) : "";
		if (!all || !note)
			return -ENOMEM;
	}
	return gains_add(gains, b->arena, e, 0, note, e->said);
}

/* Does A have the right on all that E is about, asked or not? */
static int has_asked(const struct model *a, const struct entry *e, uint32_t right, int *yes)
{
	static const uint32_t acts[] = {ACT_READ, ACT_WRITE | ACT_TRUNCATE, ACT_APPEND, ACT_CREATE};
	struct effect effect;
	struct spot spot;

	*yes = 0;
	for (uint32_t i = 0; i < a->count; i++) {
		const struct entry *x = &a->entries[i];
		if (x->kind == KIND_ASK && x->rights & enough_for(right) &&
		    (e->spot.rc == 0 && x->spot.rc == 0 ? spot_within(&e->spot, x->id) > 0 : strcmp(x->object, e->object) == 0))
			*yes = 1;
	}
	if (*yes || e->spot.rc < 0)
		return 0;
	int rc = model_walk(a, e->spot.path, FOLLOW_ALL, &spot);
	if (rc < 0 || spot.rc < 0 || spot.fresh)
		return rc;
	model_effect_always(a, &spot, &effect);
	uint32_t wanted = acts[__builtin_ctz(right)];
	if (right == RIGHT_READ && spot.type == TYPE_DIR)
		wanted |= ACT_LIST;
	*yes = !effect.excepted && (wanted & ~effect.acts) == 0;
	for (uint32_t i = 0; i < a->count && *yes; i++) { /* what is left out of it, or covered in it, could be asked for */
		if (a->entries[i].kind == KIND_PRIVATE)
			*yes = spot_within(&a->entries[i].spot, e->id) == 0;
		for (uint32_t k = 0; k < a->entries[i].part_count; k++)
			*yes = *yes && spot_within(&a->entries[i].parts[k], e->id) == 0;
	}
	return 0;
}

static int compare_ask(const struct model *a, const struct model *b, const struct entry *e, struct gains *gains)
{
	int rc = 0, yes = 1;

	for (uint32_t right = RIGHT_READ; right <= RIGHT_CREATE && rc == 0 && yes; right <<= 1)
		if (e->rights & right)
			rc = has_asked(a, e, right, &yes);
	return rc == 0 && !yes ? gains_add(gains, b->arena, e, 0, "after asking", e->said) : rc;
}

int peers_compare(const struct model *a, const struct model *b, struct gains *gains)
{
	OWNED char *has = malloc(65536 + 2);
	int rc = has ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < b->count && rc == 0; i++) {
		const struct entry *e = &b->entries[i];
		if (e->kind == KIND_PEER)
			rc = compare_peer(a, b, e, has, gains);
		else if (e->kind == KIND_ASK)
			rc = compare_ask(a, b, e, gains);
	}
	return rc;
}

static int explain_ask(const struct model *model, const struct entry *e, int danger, struct sentences *s)
{
	static const char *const verbs[] = {"read", "write to", "append to", "change the entries of"};
	const char *what = "";

	for (uint32_t i = 0; i < 4 && what; i++)
		if (e->rights >> i & 1)
			what = arena_say(model->arena, "%s%s%s", what, *what ? ", " : "", verbs[i]);
	return explain_add(s, model, danger > 20 ? danger - 20 : 0, e,
			   what ? arena_say(model->arena, "It may %s %s%s, but only what the person allows when asked.", what,
					    e->object, e->spot.type == TYPE_DIR ? " and all beneath it" : "")
				: NULL);
}

static int is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 || strcmp(address, "localhost") == 0;
}

int peers_explain(const struct model *model, const struct entry *e, int danger, struct sentences *s)
{
	if (e->kind == KIND_ASK)
		return explain_ask(model, e, danger, s);
	const char *what = strchr(e->object, ' ') + 1;
	switch (e->number) {
	case PEER_CONNECT_UNIX:
		return explain_add(s, model, 50, e, arena_say(model->arena, "It may connect to the Unix socket %s.", what));
	case PEER_CONNECT_UDP:
		return explain_add(s, model, 35, e,
				   arena_say(model->arena, "It may send UDP to %s, and receive its answers.", what));
	case PEER_LISTEN_TCP:
		return explain_add(s, model, is_loopback(e->address) ? 20 : 35, e,
				   arena_say(model->arena, "It may serve TCP at %s, to whoever can reach that address.", what));
	default: return explain_add(s, model, 35, e, arena_say(model->arena, "It may connect to TCP %s.", what));
	}
}

/* May it connect, send, listen? */
#include "ask.h"

#include <errno.h>

#include "given.h"
#include "held.h"
#include "peers.h"

/* Sockets that the broker makes. */
static int ask_socket(const struct model *model, const struct ask_question *q, struct ask_answer *a)
{
	const enum held_kind kind = q->kind == ASK_LISTEN         ? HELD_LISTEN_TCP
				    : q->protocol == PROTOCOL_TCP ? HELD_CONNECT_TCP
								  : HELD_CONNECT_UNIX;
	const char *address = q->address;
	struct spot spot;

	if ((q->protocol == PROTOCOL_TCP && q->port == 0) || q->protocol == PROTOCOL_UDP)
		return 0;
	if (kind == HELD_CONNECT_UNIX) {
		if (!address || model_walk_outside(model, address, &spot) < 0)
			return address ? -ENOMEM : 0;
		address = spot.path && *spot.path ? spot.path : address;
	}
	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		if (!held_is_at(e, kind, address, q->port))
			continue;
		a->verdict = VERDICT_YES;
		a->by[0] = e;
		a->how = q->address || !*e->address ? "" : arena_say(model->arena, "to %s alone", e->address);
		if (a->how && kind == HELD_LISTEN_TCP && *a->how)
			a->how = arena_say(model->arena, "at %s alone", e->address);
		return a->how ? 0 : -ENOMEM;
	}
	return 0;
}

int ask_sockets(const struct model *model, const struct ask_question *q, struct ask_answer *a)
{
	int rc;
	const struct entry *own_net = given_bit(model, KIND_ISOLATE, ISOLATE_NET);
	const enum kind kind = q->kind == ASK_LISTEN ? KIND_LISTEN : KIND_CONNECT;
	const struct entry *by = q->protocol == PROTOCOL_TCP   ? given_port(model, kind, q->port)
				 : q->protocol == PROTOCOL_UDP ? given_bit(model, kind, FAM_UDP)
							       : given_bit(model, kind, FAM_UNIX);

	if (!by && (a->by[0] = peers_find(model, q, &a->how))) {
		a->verdict = VERDICT_YES;
		return a->how ? 0 : -ENOMEM;
	}
	if (!a->how)
		return -ENOMEM;
	if (!by || (q->protocol == PROTOCOL_UNIX && q->address)) {
		rc = ask_socket(model, q, a);
		if (rc < 0 || a->verdict == VERDICT_YES)
			return rc;
	}
	if (!by) {
		a->would = ask_text(model->arena, q);
		if (a->would && q->protocol != PROTOCOL_TCP && !q->address)
			a->would = arena_say(model->arena, "%s any", a->would);
		return a->would ? 0 : -ENOMEM;
	}
	a->verdict = VERDICT_YES;
	a->by[0] = by;
	if (own_net && q->protocol != PROTOCOL_UNIX) {
		a->by[1] = own_net;
		a->how = "on a network of its own, where there is nobody else";
	}
	return 0;
}

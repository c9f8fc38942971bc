/* Whom the supervisor connects, and what may be asked for: launcher/names and launcher/notify are the truth. */
#include <string.h>

#include "making.h"

static const char *const verbs[PEER_KINDS] = {"connect tcp", "connect udp", "connect unix", "listen tcp"};

/* "tcp [2001:db8::1]:80-90", behind its verb */
static const char *address_text(struct making *m, const struct image_peer *p)
{
	const char *host = image_string(m->in->image, p->host);
	const char *text = arena_say(m->arena, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, p->first);

	return text && p->last != p->first ? arena_say(m->arena, "%s-%u", text, p->last) : text;
}

static int make_peer(struct making *m, const struct image_peer *p)
{
	const int by_path = p->kind == PEER_CONNECT_UNIX;
	const char *what =
	    by_path ? word_text(m->arena, p->path.root, image_string(m->in->image, p->path.at)) : address_text(m, p);
	struct entry *e = what ? making_add(m, KIND_PEER, &p->where, arena_say(m->arena, "%s %s", verbs[p->kind], what)) : NULL;

	if (!e)
		return -ENOMEM;
	e->number = p->kind;
	e->first = p->first;
	e->last = p->last;
	e->enforced = "supervisor";
	e->spot.path = "";
	e->address = image_string(m->in->image, p->host);
	e->flags = p->flags;
	e->name = p->flags & PEER_NAME ? e->address : "";
	if (!by_path) {
		e->object = arena_say(m->arena, "%s %s", strchr(verbs[p->kind], ' ') + 1, what);
		return e->object ? 0 : -ENOMEM;
	}
	if (making_walk(m, p->path, FOLLOW_FOLDERS, e) < 0)
		return -ENOMEM;
	e->address = e->spot.path && *e->spot.path ? e->spot.path : e->object;
	e->object = arena_say(m->arena, "unix %s", e->object);
	e->spot = (struct spot){.path = ""}; /* the service may come and go */
	return e->object ? 0 : -ENOMEM;
}

static int make_ask(struct making *m, const struct image_ask *a)
{
	const char *rights = bits_text(m->arena, a->rights, image_right_name, " ");
	const char *path = word_text(m->arena, a->path.root, image_string(m->in->image, a->path.at));
	struct entry *e =
	    rights && path ? making_add(m, KIND_ASK, &a->where, arena_say(m->arena, "ask %s %s", rights, path)) : NULL;

	if (!e || making_walk(m, a->path, FOLLOW_ALL, e) < 0)
		return -ENOMEM;
	e->rights = a->rights;
	e->enforced = "supervisor";
	making_plant(e);
	return 0;
}

int making_peers(struct making *m)
{
	const struct image *im = m->in->image;
	int rc = 0;

	for (uint32_t i = 0; i < im->h->peers.count && rc == 0; i++)
		rc = make_peer(m, &im->peers[i]);
	for (uint32_t i = 0; i < im->h->asks.count && rc == 0; i++)
		rc = make_ask(m, &im->asks[i]);
	return rc;
}

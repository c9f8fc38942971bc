/* What the broker will have: launcher/holding.c is the truth. */
#include <string.h>

#include "making.h"

#define WRITING ((uint32_t)(RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE))

static const char *rights_text(struct making *m, uint32_t rights)
{
	const char *text = bits_text(m->arena, rights & RIGHT_ALL, image_right_name, " ");

	if (!text)
		return NULL;
	return arena_say(m->arena, "%s%s%s", text, *text && rights & RIGHT_PASS ? " " : "", rights & RIGHT_PASS ? "pass" : "");
}

static const char *address_text(struct making *m, const char *verb, const struct image_held *h)
{
	const char *address = image_string(m->in->image, h->address);

	return arena_say(m->arena,
			 strchr(address, ':') ? "%s tcp [%s]:%u"
			 : *address           ? "%s tcp %s:%u"
					      : "%s tcp %s%u",
			 verb, address, h->port);
}

/* The object as the policy says it, but for the variables of a path. */
static const char *object_text(struct making *m, const struct image_held *h)
{
	const char *path = word_text(m->arena, h->path.root, image_string(m->in->image, h->path.at));

	switch (h->kind) {
	case HELD_PATH: return path;
	case HELD_CONNECT_UNIX: return path ? arena_say(m->arena, "connect unix %s", path) : NULL;
	case HELD_LISTEN_TCP: return address_text(m, "listen", h);
	default: return address_text(m, "connect", h);
	}
}

static const char *conditions_text(struct making *m, const struct image_held *h)
{
	const uint64_t t = h->until;
	const char *unit = t % 3600 == 0 ? "h" : t % 60 == 0 ? "m" : "s", *until = "", *times = "";

	if (t > 0)
		until = arena_say(m->arena, " until %ju%s",
				  (uintmax_t)(t / (*unit == 'h'   ? 3600
						   : *unit == 'm' ? 60
								  : 1)),
				  unit);
	if (h->times > 0)
		times = arena_say(m->arena, " times %u", h->times);
	if (!until || !times)
		return NULL;
	return arena_say(m->arena, "%s%s%s%s", h->flags & HELD_BY_HANDLE ? " by handle" : "", until, times,
			 h->flags & HELD_REVOCABLE ? " revocable" : "");
}

static void judge(struct making *m, const struct entry *e)
{
	if (e->spot.rc < 0)
		making_problem(m, e, "grant %s: %s: %s", e->name, e->object, err_words(-e->spot.rc));
	else if (e->spot.type != TYPE_DIR && e->spot.type != TYPE_FILE)
		making_problem(m, e, "grant %s: %s is neither a file nor a directory", e->name, e->object);
	else if (e->rights & RIGHT_CREATE && e->spot.type != TYPE_DIR)
		making_problem(m, e, "grant %s: %s is not a directory: 'create' is for entries of one", e->name, e->object);
}

static int make_one(struct making *m, const struct image_held *h)
{
	const char *rights = rights_text(m, h->rights), *object = object_text(m, h), *conditions = conditions_text(m, h);
	const char *name = image_string(m->in->image, h->name);
	const enum follow follow = h->kind == HELD_CONNECT_UNIX ? FOLLOW_FOLDERS
				   : h->rights & WRITING        ? FOLLOW_NONE
								: FOLLOW_ALL;

	if (!rights || !object || !conditions)
		return -ENOMEM;
	struct entry *e =
	    making_add(m, KIND_HELD, &h->where,
		       arena_say(m->arena, "grant %s%s%s as %s%s", rights, *rights ? " " : "", object, name, conditions));
	if (!e)
		return -ENOMEM;
	e->held = h;
	e->rights = h->rights;
	e->name = name;
	e->value = conditions;
	e->enforced = "broker";
	e->first = e->last = h->port;
	e->address = image_string(m->in->image, h->address);
	e->object = object;
	e->spot.path = "";
	if (h->kind != HELD_PATH && h->kind != HELD_CONNECT_UNIX)
		return 0;
	if (making_walk(m, h->path, follow, e) < 0)
		return -ENOMEM;
	if (h->kind == HELD_PATH) {
		making_plant(e);
		judge(m, e);
		return 0;
	}
	e->address = e->spot.path && *e->spot.path ? e->spot.path : e->object;
	e->object = arena_say(m->arena, "connect unix %s", e->object);
	e->spot = (struct spot){.path = ""}; /* the service may come and go */
	return e->object ? 0 : -ENOMEM;
}

int making_held_things(struct making *m)
{
	int rc = 0;

	for (uint32_t i = 0; i < m->in->image->h->held.count && rc == 0; i++)
		rc = make_one(m, &m->in->image->held[i]);
	return rc;
}

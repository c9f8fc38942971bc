#include "held.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"

static uint32_t enough_for(uint32_t right)
{
	return right == RIGHT_APPEND ? RIGHT_APPEND | RIGHT_WRITE : right;
}

int held_reaches(const struct entry *e, const struct spot *spot, uint32_t right)
{
	if (e->kind != KIND_HELD || e->held->kind != HELD_PATH || e->spot.rc < 0 || !(e->rights & enough_for(right)))
		return 0;
	if (right == RIGHT_CREATE && e->spot.type != TYPE_DIR)
		return 0;
	return spot_within(spot, e->id) > 0;
}

/* Does the address WIDE, "" for every one, hold NARROW? Both are numbers of IPv4 or of IPv6. */
static int address_holds(const char *wide, const char *narrow)
{
	unsigned char x[sizeof(struct in6_addr)], y[sizeof(struct in6_addr)];
	const int six = strchr(wide, ':') != NULL;

	if (!*wide || strcmp(wide, narrow) == 0)
		return 1;
	if (!*narrow || six != (strchr(narrow, ':') != NULL))
		return 0;
	const int family = six ? AF_INET6 : AF_INET;
	return inet_pton(family, wide, x) == 1 && inet_pton(family, narrow, y) == 1 &&
	       memcmp(x, y, six ? sizeof(struct in6_addr) : sizeof(struct in_addr)) == 0;
}

int held_is_at(const struct entry *e, enum held_kind kind, const char *address, uint32_t port)
{
	if (e->kind != KIND_HELD || e->held->kind != (uint32_t)kind || e->first != port)
		return 0;
	return !address || address_holds(e->address, address);
}

/* Is what E is about part of what X is about? */
static int covers(const struct entry *x, const struct entry *e)
{
	if (x->kind != KIND_HELD || x->held->kind != e->held->kind)
		return 0;
	if (e->held->kind != HELD_PATH)
		return x->first == e->first && address_holds(x->address, e->address);
	if (e->spot.rc < 0 || x->spot.rc < 0)
		return strcmp(x->object, e->object) == 0;
	return spot_within(&e->spot, x->id) > 0;
}

/* X lasts as long as E, can be used as often besides what is USED of it already, and can't be taken back where E can't. */
static int is_as_loose(const struct image_held *x, const struct image_held *e, uint64_t used)
{
	return (x->until == 0 || (e->until > 0 && e->until <= x->until)) &&
	       (x->times == 0 || (e->times > 0 && used + e->times <= x->times)) &&
	       (!(x->flags & HELD_REVOCABLE) || e->flags & HELD_REVOCABLE);
}

/* Does A have the right of E without asking? Not to pass it on. */
static int has_by_name(const struct model *a, const struct entry *e, uint32_t right, int *yes)
{
	static const uint32_t acts[] = {ACT_READ, ACT_WRITE | ACT_TRUNCATE, ACT_APPEND, ACT_CREATE};
	struct effect effect;
	struct spot spot;

	*yes = 0;
	if (right == RIGHT_PASS || e->spot.rc < 0)
		return 0;
	int rc = model_walk(a, e->spot.path, FOLLOW_ALL, &spot);
	if (rc < 0 || spot.fresh)
		return rc;
	model_effect_always(a, &spot, &effect);
	uint32_t wanted = acts[__builtin_ctz(right)];
	if (right == RIGHT_READ && spot.type == TYPE_DIR)
		wanted |= ACT_LIST;
	*yes = spot.rc == 0 && !effect.excepted && (wanted & ~effect.acts) == 0;
	/* What is left out of it, or covered in it, the broker has. */
	for (uint32_t i = 0; i < a->count && *yes; i++) {
		if (a->entries[i].kind == KIND_PRIVATE)
			*yes = spot_within(&a->entries[i].spot, e->id) == 0;
		for (uint32_t k = 0; k < a->entries[i].part_count; k++)
			*yes = *yes && spot_within(&a->entries[i].parts[k], e->id) == 0;
	}
	return 0;
}

static int has_socket(const struct model *a, const struct entry *e)
{
	switch (e->held->kind) {
	case HELD_CONNECT_UNIX: return given_bit(a, KIND_CONNECT, FAM_UNIX) && !(a->image.h->isolate & ISOLATE_FILES);
	case HELD_CONNECT_TCP:
	case HELD_LISTEN_TCP:
		return given_port(a, e->held->kind == HELD_CONNECT_TCP ? KIND_CONNECT : KIND_LISTEN, (uint16_t)e->first) &&
		       !(a->image.h->isolate & ISOLATE_NET);
	default: return 0;
	}
}

/* What is left of A's uses: two capabilities of five uses each are more than one of five. */
struct uses {
	const struct model *a;
	uint64_t *used;          /* of each of A's entries; owned */
	const struct entry **by; /* the last that took some; owned */
};

static int is_same(const struct entry *x, const struct entry *e)
{
	return x->rights == e->rights && x->held->until == e->held->until && x->held->times == e->held->times &&
	       x->held->flags == e->held->flags && covers(e, x);
}

/* Is A's entry I, which is about the right of E, too, as good, and not used up? */
static int is_enough(const struct uses *uses, uint32_t i, const struct entry *e, uint32_t right)
{
	const struct entry *x = &uses->a->entries[i];
	const uint64_t used = uses->by[i] == e ? uses->used[i] - e->held->times : uses->used[i];

	/* To pass on is no more than what it stands beside. */
	return is_as_loose(x->held, e->held, used) && (right != RIGHT_PASS || !(e->rights & RIGHT_ALL & ~x->rights));
}

/* Which of A's capabilities stands nearest to E, for the right; NULL: it has no such thing. *ENOUGH: it is as good. */
static const struct entry *find_held(struct uses *uses, const struct entry *e, uint32_t right, int *enough)
{
	const struct entry *near = NULL;
	uint32_t best = 0;

	*enough = 0;
	for (uint32_t i = 0; i < uses->a->count; i++) {
		const struct entry *x = &uses->a->entries[i];
		if (!covers(x, e) || (right && !(x->rights & enough_for(right))))
			continue;
		if (!is_enough(uses, i, e, right)) {
			near = *enough ? near : x;
			continue;
		}
		/* Its own like comes first, so that a policy gains nothing over itself. */
		if (!*enough || (is_same(x, e) && !is_same(near, e)) || uses->by[i] == e) {
			near = x;
			best = i;
		}
		*enough = 1;
	}
	if (*enough && near->held->times > 0 && uses->by[best] != e) {
		uses->used[best] += e->held->times;
		uses->by[best] = e;
	}
	return near;
}

static const char *looser_note(const struct entry *x, const struct entry *e)
{
	const struct image_held *old = x->held, *new = e->held;

	if (old->until > 0 && (new->until == 0 || new->until > old->until))
		return "for longer";
	if (old->times > 0 && (new->times == 0 || new->times > old->times))
		return "more often";
	if (old->times > 0 && !(old->flags & ~new->flags &HELD_REVOCABLE))
		return "more often, together";
	return old->flags & HELD_REVOCABLE && !(new->flags &HELD_REVOCABLE) ? "not to be taken back" : "";
}

/* Why the right of E is more than A has. *NOTE stays NULL where it is not. */
static int judge_right(struct uses *uses, const struct entry *e, uint32_t right, const char **note)
{
	const struct model *a = uses->a;
	int enough = 0, rc = 0;

	if (right != RIGHT_PASS) {
		if (right)
			rc = has_by_name(a, e, right, &enough);
		else
			enough = has_socket(a, e);
	}
	if (rc < 0 || enough)
		return rc;
	const struct entry *x = find_held(uses, e, right, &enough);
	if (enough)
		return 0;
	*note = x ? looser_note(x, e) : right == RIGHT_PASS ? "to pass on" : "";
	return 0;
}

static int compare_one(struct uses *uses, const struct model *b, const struct entry *e, struct gains *gains)
{
	const char *note = NULL, *pass = NULL;
	int rc = 0;

	for (uint32_t right = RIGHT_READ; right <= RIGHT_CREATE && rc == 0 && !note; right <<= 1)
		if (e->rights & right)
			rc = judge_right(uses, e, right, &note);
	if (rc == 0 && e->held->kind != HELD_PATH)
		rc = judge_right(uses, e, 0, &note);
	if (rc == 0 && e->rights & RIGHT_PASS)
		rc = judge_right(uses, e, RIGHT_PASS, &pass);
	if (rc == 0 && (note || pass))
		rc = gains_add(gains, b->arena, e, 0, note ? note : pass, e->said);
	return rc;
}

int held_compare(const struct model *a, const struct model *b, struct gains *gains)
{
	struct uses uses = {
	    .a = a, .used = calloc(a->count + 1, sizeof *uses.used), .by = calloc(a->count + 1, sizeof *uses.by)};
	int rc = uses.used && uses.by ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < b->count && rc == 0; i++)
		if (b->entries[i].kind == KIND_HELD)
			rc = compare_one(&uses, b, &b->entries[i], gains);
	free(uses.used);
	free(uses.by);
	return rc;
}

/* ", until 10m after its start, 5 times, revocable" */
static const char *limits_text(const struct model *model, const struct image_held *h)
{
	const char *until = "", *times = "";
	const uint64_t t = h->until;

	if (t > 0 && t % 3600 == 0)
		until = arena_say(model->arena, ", until %juh after its start", (uintmax_t)(t / 3600));
	else if (t > 0)
		until = arena_say(model->arena, t % 60 == 0 ? ", until %jum after its start" : ", until %jus after its start",
				  (uintmax_t)(t % 60 == 0 ? t / 60 : t));
	if (h->times > 0)
		times = arena_say(model->arena, h->times == 1 ? ", once" : ", %u times", h->times);
	if (!until || !times)
		return NULL;
	return arena_say(model->arena, "%s%s%s%s", until, times, h->flags & HELD_REVOCABLE ? ", revocable" : "",
			 h->rights & RIGHT_PASS ? "; it may pass that on" : "");
}

int held_explain(const struct model *model, const struct entry *e, int danger, struct sentences *s)
{
	static const char *const verbs[] = {"read", "write to", "append to", "change the entries of"};
	const char *limits = limits_text(model, e->held), *what = "";
	const int is_path = e->held->kind == HELD_PATH;

	for (uint32_t i = 0; i < 4 && what; i++)
		if (e->rights >> i & 1)
			what = arena_say(model->arena, "%s%s%s", what, *what ? ", " : "", verbs[i]);
	if (is_path)
		what = what ? arena_say(model->arena, "to %s %s%s", what, e->object,
					e->spot.type == TYPE_DIR ? " and all beneath it" : "")
			    : NULL;
	else if (e->held->kind == HELD_LISTEN_TCP)
		what = arena_say(model->arena, "for what comes in at tcp %s", e->object + sizeof "listen tcp " - 1);
	else
		what = arena_say(model->arena, "for a connection to %s", e->object + sizeof "connect " - 1);
	if (!what || !limits)
		return -ENOMEM;
	if (!is_path)
		danger = e->held->kind == HELD_CONNECT_UNIX ? 50 : 35;
	if (is_path && !(e->held->flags & HELD_BY_HANDLE))
		return explain_add(s, model, danger, e,
				   arena_say(model->arena, "It may %s, which its broker opens for it, as %s%s.",
					     what + strlen("to "), e->name, limits));
	return explain_add(s, model, danger, e,
			   arena_say(model->arena, "It may ask its broker %s, as %s%s.", what, e->name, limits));
}

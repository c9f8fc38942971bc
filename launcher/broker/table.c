#include "table.h"

#include <errno.h>
#include <string.h>

#define SLOT_BITS 12
_Static_assert(TABLE_SLOTS == 1u << SLOT_BITS, "a handle's low bits are a slot");

static struct cap *at(struct table *t, uint32_t slot_plus_one)
{
	return slot_plus_one ? &t->caps[slot_plus_one - 1] : NULL;
}

static uint32_t plus_one(const struct table *t, const struct cap *cap)
{
	return cap ? (uint32_t)(cap - t->caps) + 1 : 0;
}

void table_begin(struct table *t, table_ended *ended, void *arg)
{
	t->ended = ended;
	t->arg = arg;
}

const char *table_right(uint32_t rights)
{
	return rights & WIRE_READ     ? "read"
	       : rights & WIRE_WRITE  ? "write"
	       : rights & WIRE_APPEND ? "append"
	       : rights & WIRE_CREATE ? "create"
				      : "pass";
}

/* Making ------------------------------------------------------------------------------------------------------------------ */

/* NULL when all are taken. A slot that was used before comes first: its memory is there already. */
static struct cap *take_slot(struct table *t)
{
	struct cap *cap = at(t, t->free);

	if (cap)
		t->free = cap->next_held;
	else if (t->touched < TABLE_SLOTS)
		cap = &t->caps[t->touched++];
	else
		return NULL;
	memset(cap, 0, sizeof *cap);
	cap->handle = ++t->serial << SLOT_BITS | (uint64_t)(cap - t->caps);
	t->count++;
	return cap;
}

static void hold(struct table *t, struct cap *cap, uint32_t client)
{
	struct cap *last = at(t, t->held[client].last);

	cap->client = client;
	cap->previous_held = t->held[client].last;
	cap->next_held = 0;
	if (last)
		last->next_held = plus_one(t, cap);
	else
		t->held[client].first = plus_one(t, cap);
	t->held[client].last = plus_one(t, cap);
	t->held[client].count++;
}

static void hang(struct table *t, struct cap *cap, struct cap *parent)
{
	cap->parent = plus_one(t, parent);
	if (!parent)
		return;
	struct cap *first = at(t, parent->child);
	cap->next = parent->child;
	if (first)
		first->previous = plus_one(t, cap);
	parent->child = plus_one(t, cap);
}

static int check_shrinks(struct table *t, const struct cap *parent, const struct table_wish *w, struct err *err)
{
	if (w->rights & ~parent->rights)
		return err_set(err, EPERM, "%s: it is held without the right to %s", parent->name,
			       table_right(w->rights & ~parent->rights));
	if (w->until && parent->until && w->until > parent->until)
		return err_set(err, EPERM, "%s: a later end than its own", parent->name);
	if (w->times > table_left(t, parent))
		return err_set(err, EPERM, "%s: more uses than it has left", parent->name);
	return 0;
}

int table_make(struct table *t, struct cap *parent, const struct table_wish *wish, struct cap **made, struct err *err)
{
	const int rc = parent ? check_shrinks(t, parent, wish, err) : 0;

	if (rc < 0)
		return rc;
	if (parent && parent->depth + 1 >= TABLE_DEPTH)
		return err_set(err, EMLINK, "%s: %u were made from one another, as many as can be", parent->name, TABLE_DEPTH);
	if (t->held[wish->client].count >= TABLE_CLIENT_MAX)
		return err_set(err, EMFILE, "%u capabilities are held, as many as can be", TABLE_CLIENT_MAX);
	struct cap *cap = take_slot(t);
	if (!cap)
		return err_set(err, ENOSPC, "there are %u capabilities, as many as can be", TABLE_SLOTS);
	cap->kind = wish->kind;
	cap->rights = wish->rights;
	cap->flags = wish->flags | (parent ? parent->flags : 0);
	cap->object = wish->object;
	cap->since = wish->now;
	cap->left = wish->times ? wish->times : TABLE_UNBOUND;
	cap->until = wish->until ? wish->until : parent ? parent->until : 0;
	memcpy(cap->name, wish->name, wish->name_len < WIRE_NAME_MAX ? wish->name_len : WIRE_NAME_MAX);
	if (cap->until && (!t->soonest || cap->until < t->soonest))
		t->soonest = cap->until;
	cap->depth = parent ? parent->depth + 1 : 0;
	hold(t, cap, wish->client);
	hang(t, cap, parent);
	*made = cap;
	return 0;
}

/* Finding ----------------------------------------------------------------------------------------------------------------- */

struct cap *table_find(struct table *t, uint32_t client, uint64_t handle)
{
	struct cap *cap = &t->caps[handle & (TABLE_SLOTS - 1)];

	/* A slot that was never used is not looked at: it would cost a page. */
	if (handle == 0 || (handle & (TABLE_SLOTS - 1)) >= t->touched)
		return NULL;
	return cap->handle == handle && cap->client == client ? cap : NULL;
}

struct cap *table_named(struct table *t, uint32_t client, const char *name, size_t len)
{
	struct cap *cap = at(t, t->held[client].first);

	while (cap && (strlen(cap->name) != len || memcmp(cap->name, name, len) != 0))
		cap = at(t, cap->next_held);
	return cap;
}

struct cap *table_from(struct table *t, uint32_t client, uint64_t from)
{
	struct cap *cap = at(t, t->held[client].first);

	while (cap && cap->handle < from)
		cap = at(t, cap->next_held);
	return cap;
}

struct cap *table_next(struct table *t, const struct cap *cap)
{
	return at(t, cap->next_held);
}

struct cap *table_parent(struct table *t, const struct cap *cap)
{
	return at(t, cap->parent);
}

/* Using ------------------------------------------------------------------------------------------------------------------- */

uint32_t table_left(struct table *t, const struct cap *cap)
{
	uint32_t left = TABLE_UNBOUND;

	for (; cap; cap = at(t, cap->parent))
		if (cap->left < left)
			left = cap->left;
	return left;
}

int table_use(struct table *t, struct cap *cap)
{
	if (table_left(t, cap) == 0)
		return -EDQUOT;
	cap->uses++;
	for (; cap; cap = at(t, cap->parent))
		cap->left -= cap->left != TABLE_UNBOUND;
	return 0;
}

void table_give_back(struct table *t, struct cap *cap)
{
	cap->uses--;
	for (; cap; cap = at(t, cap->parent))
		cap->left += cap->left != TABLE_UNBOUND;
}

/* Ending ------------------------------------------------------------------------------------------------------------------ */

static void let_go(struct table *t, struct cap *cap, enum table_end why)
{
	struct cap *previous = at(t, cap->previous_held), *next = at(t, cap->next_held);

	if (cap->client == TABLE_NOBODY)
		return;
	t->ended(t->arg, cap, why);
	*(previous ? &previous->next_held : &t->held[cap->client].first) = cap->next_held;
	*(next ? &next->previous_held : &t->held[cap->client].last) = cap->previous_held;
	t->held[cap->client].count--;
	cap->client = TABLE_NOBODY;
}

/* CAP has no child, and nobody holds it. */
static void remove_leaf(struct table *t, struct cap *cap)
{
	struct cap *parent = at(t, cap->parent), *previous = at(t, cap->previous), *next = at(t, cap->next);

	if (previous)
		previous->next = cap->next;
	else if (parent)
		parent->child = cap->next;
	if (next)
		next->previous = cap->previous;
	cap->handle = 0;
	cap->next_held = t->free;
	t->free = plus_one(t, cap);
	t->count--;
}

/* Whom nobody holds, and from whom nothing is left that was made, has no reason to stay. */
static void remove_unheld(struct table *t, struct cap *cap)
{
	while (cap && cap->client == TABLE_NOBODY && !cap->child) {
		struct cap *parent = at(t, cap->parent);
		remove_leaf(t, cap);
		cap = parent;
	}
}

void table_drop(struct table *t, struct cap *cap)
{
	let_go(t, cap, TABLE_DROPPED);
	remove_unheld(t, cap);
}

void table_drop_all(struct table *t, uint32_t client)
{
	while (t->held[client].first)
		table_drop(t, at(t, t->held[client].first));
}

/* Leaves first, and up again by the way that the tree itself knows: no stack is needed. */
static void end_tree(struct table *t, struct cap *top, enum table_end why)
{
	struct cap *above = at(t, top->parent), *cap = top;

	while (cap != above) {
		if (cap->child) {
			cap = at(t, cap->child);
			continue;
		}
		struct cap *parent = at(t, cap->parent);
		let_go(t, cap, why);
		remove_leaf(t, cap);
		cap = parent;
	}
	remove_unheld(t, above);
}

void table_revoke(struct table *t, struct cap *cap)
{
	end_tree(t, cap, TABLE_REVOKED);
}

void table_expire(struct table *t, uint64_t now)
{
	uint64_t soonest = 0;

	if (!t->soonest || now < t->soonest)
		return;
	for (uint32_t i = 0; i < t->touched; i++)
		if (t->caps[i].handle && t->caps[i].until && t->caps[i].until <= now)
			end_tree(t, &t->caps[i], TABLE_EXPIRED);
	for (uint32_t i = 0; i < t->touched; i++)
		if (t->caps[i].handle && t->caps[i].until && (!soonest || t->caps[i].until < soonest))
			soonest = t->caps[i].until;
	t->soonest = soonest;
}

/* Who holds what: nothing grows, nothing is reached but by its holder, and to revoke reaches all that was made from it and
 * nothing else. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/table.h"

static struct table *t;
static struct err err;
static struct {
	uint64_t handle;
	enum table_end why;
} ended[TABLE_SLOTS];
static size_t ended_count;

static void note_end(void *arg, const struct cap *cap, enum table_end why)
{
	ck_assert_ptr_eq(arg, &ended);
	ck_assert_uint_lt(ended_count, TABLE_SLOTS);
	ended[ended_count].handle = cap->handle;
	ended[ended_count++].why = why;
}

static void set_up(void)
{
	t = calloc(1, sizeof *t);
	ck_assert_ptr_nonnull(t);
	table_begin(t, note_end, &ended);
	ended_count = 0;
	err.text[0] = '\0';
}

static void tear_down(void)
{
	free(t);
}

static struct table_wish wish_for(uint32_t client, const char *name)
{
	return (struct table_wish){
	    .client = client, .kind = WIRE_TREE, .rights = WIRE_RIGHTS, .name = name, .name_len = strlen(name)};
}

static struct cap *made(struct cap *parent, const struct table_wish *wish)
{
	struct cap *cap = NULL;

	ck_assert_int_eq(table_make(t, parent, wish, &cap, &err), 0);
	ck_assert_ptr_nonnull(cap);
	return cap;
}

static struct cap *simple(struct cap *parent, uint32_t client)
{
	const struct table_wish wish = wish_for(client, "c");

	return made(parent, &wish);
}

START_TEST(finds_what_is_its_own)
{
	struct table_wish wish = wish_for(3, "data");
	const struct cap *cap = made(NULL, &wish);
	const uint64_t handle = cap->handle;

	ck_assert_uint_ne(handle, 0);
	ck_assert_ptr_eq(table_find(t, 3, handle), cap);
	ck_assert_ptr_null(table_find(t, 2, handle));
	ck_assert_ptr_null(table_find(t, TABLE_NOBODY, handle));
	ck_assert_ptr_null(table_find(t, 3, 0));
	ck_assert_ptr_null(table_find(t, 3, UINT64_MAX));
	ck_assert_ptr_null(table_find(t, 3, handle + TABLE_SLOTS));
	ck_assert_ptr_null(table_find(t, 3, handle + 1));
	ck_assert_ptr_eq(table_named(t, 3, "data", 4), cap);
	ck_assert_ptr_null(table_named(t, 3, "dat", 3));
	ck_assert_ptr_null(table_named(t, 3, "datax", 5));
	ck_assert_ptr_null(table_named(t, 4, "data", 4));
	ck_assert_ptr_eq(table_from(t, 3, 0), cap);
	ck_assert_ptr_eq(table_from(t, 3, handle), cap);
	ck_assert_ptr_null(table_from(t, 3, handle + 1));
}
END_TEST

START_TEST(a_name_may_be_as_long_as_names_are)
{
	char longest[WIRE_NAME_MAX + 1];

	memset(longest, 'n', WIRE_NAME_MAX);
	longest[WIRE_NAME_MAX] = '\0';
	const struct table_wish wish = wish_for(0, longest);
	const struct cap *cap = made(NULL, &wish);
	ck_assert_str_eq(cap->name, longest);
	ck_assert_ptr_eq(table_named(t, 0, longest, WIRE_NAME_MAX), cap);
}
END_TEST

START_TEST(a_handle_is_never_used_twice)
{
	uint64_t last = 0;

	for (int i = 0; i < 10000; i++) {
		struct cap *cap = simple(NULL, 0);
		ck_assert_uint_gt(cap->handle, last);
		last = cap->handle;
		table_drop(t, cap);
		ended_count = 0;
		ck_assert_ptr_null(table_find(t, 0, last));
		ck_assert_uint_eq(t->count, 0);
	}
	ck_assert_uint_eq(t->touched, 1);
}
END_TEST

START_TEST(nothing_grows)
{
	struct table_wish wish = wish_for(0, "parent");
	struct cap *cap;

	wish.rights = WIRE_READ | WIRE_PASS;
	wish.until = 1000;
	wish.times = 5;
	wish.flags = WIRE_DERIVE_REVOCABLE;
	struct cap *parent = made(NULL, &wish);
	wish = wish_for(1, "child");
	wish.rights = WIRE_READ | WIRE_WRITE;
	ck_assert_int_eq(table_make(t, parent, &wish, &cap, &err), -EPERM);
	ck_assert_str_eq(err.text, "parent: it is held without the right to write");
	wish.rights = WIRE_APPEND;
	ck_assert_int_eq(table_make(t, parent, &wish, &cap, &err), -EPERM);
	wish.rights = WIRE_READ;
	wish.until = 1001;
	ck_assert_int_eq(table_make(t, parent, &wish, &cap, &err), -EPERM);
	ck_assert_str_eq(err.text, "parent: a later end than its own");
	wish.until = 1000;
	wish.times = 6;
	ck_assert_int_eq(table_make(t, parent, &wish, &cap, &err), -EPERM);
	ck_assert_str_eq(err.text, "parent: more uses than it has left");
	ck_assert_uint_eq(t->count, 1);
	wish.times = 5;
	cap = made(parent, &wish);
	ck_assert_uint_eq(cap->flags, WIRE_DERIVE_REVOCABLE);
	ck_assert_uint_eq(cap->until, 1000);
	wish.until = 0;
	wish.times = 0;
	cap = made(cap, &wish);
	ck_assert_uint_eq(cap->until, 1000);
	ck_assert_uint_eq(table_left(t, cap), 5);
	ck_assert_uint_eq(cap->rights, WIRE_READ);
}
END_TEST

START_TEST(uses_are_shared)
{
	struct table_wish wish = wish_for(0, "c");

	wish.times = 3;
	struct cap *top = made(NULL, &wish);
	wish.times = 2;
	struct cap *left = made(top, &wish), *right = made(top, &wish);
	wish.times = 0;
	struct cap *below = made(left, &wish);

	ck_assert_int_eq(table_use(t, below), 0);
	ck_assert_uint_eq(table_left(t, below), 1);
	ck_assert_uint_eq(table_left(t, left), 1);
	ck_assert_uint_eq(table_left(t, right), 2);
	ck_assert_uint_eq(table_left(t, top), 2);
	ck_assert_int_eq(table_use(t, right), 0);
	ck_assert_int_eq(table_use(t, right), 0);
	ck_assert_uint_eq(table_left(t, top), 0);
	ck_assert_int_eq(table_use(t, below), -EDQUOT);
	ck_assert_int_eq(table_use(t, top), -EDQUOT);
	ck_assert_uint_eq(below->uses, 1);
	ck_assert_uint_eq(top->uses, 0);
	table_give_back(t, right);
	ck_assert_int_eq(table_use(t, below), 0);
	ck_assert_int_eq(table_use(t, left), -EDQUOT);
}
END_TEST

START_TEST(what_is_dropped_is_still_the_way_to_what_came_of_it)
{
	struct cap *top = simple(NULL, 0), *middle = simple(top, 1), *low = simple(middle, 2);
	const uint64_t handle = middle->handle, low_handle = low->handle;

	table_drop(t, middle);
	ck_assert_uint_eq(ended_count, 1);
	ck_assert_int_eq(ended[0].why, TABLE_DROPPED);
	ck_assert_ptr_null(table_find(t, 1, handle));
	ck_assert_ptr_eq(table_find(t, 2, low_handle), low);
	ck_assert_uint_eq(t->count, 3);
	table_revoke(t, top);
	ck_assert_ptr_null(table_find(t, 2, low_handle));
	ck_assert_uint_eq(ended_count, 3);
	ck_assert_uint_eq(t->count, 0);
}
END_TEST

START_TEST(what_nobody_holds_goes_with_the_last_below_it)
{
	struct cap *top = simple(NULL, 0), *middle = simple(top, 0), *low = simple(middle, 1);

	table_drop(t, top);
	table_drop(t, middle);
	ck_assert_uint_eq(t->count, 3);
	table_drop(t, low);
	ck_assert_uint_eq(t->count, 0);
	ck_assert_uint_eq(ended_count, 3);
}
END_TEST

START_TEST(a_client_s_end_drops_what_it_held)
{
	struct cap *top = simple(NULL, 0), *own = simple(top, 1), *other = simple(own, 2);

	simple(top, 1);
	table_drop_all(t, 1);
	ck_assert_uint_eq(t->held[1].count, 0);
	ck_assert_ptr_null(table_from(t, 1, 0));
	ck_assert_ptr_eq(table_from(t, 0, 0), top);
	ck_assert_ptr_eq(table_from(t, 2, 0), other);
	ck_assert_uint_eq(ended_count, 2);
}
END_TEST

START_TEST(an_end_comes_at_its_time)
{
	struct table_wish wish = wish_for(0, "c");

	struct cap *top = made(NULL, &wish);
	wish.until = 200;
	struct cap *middle = made(top, &wish);
	wish.until = 100;
	made(middle, &wish);
	table_expire(t, 99);
	ck_assert_uint_eq(ended_count, 0);
	table_expire(t, 100);
	ck_assert_uint_eq(ended_count, 1);
	ck_assert_int_eq(ended[0].why, TABLE_EXPIRED);
	ck_assert_uint_eq(t->soonest, 200);
	wish.until = 0;
	wish.client = 1;
	made(middle, &wish);
	table_drop(t, middle);
	table_expire(t, 1000);
	ck_assert_uint_eq(t->held[1].count, 0);
	ck_assert_uint_eq(t->count, 1);
	ck_assert_uint_eq(t->soonest, 0);
	ck_assert_ptr_eq(table_from(t, 0, 0), top);
}
END_TEST

START_TEST(full_tables_refuse)
{
	struct table_wish wish = wish_for(0, "c");
	struct cap *cap, *top = made(NULL, &wish), *deep = top;

	for (uint32_t i = 1; i < TABLE_DEPTH; i++)
		deep = made(deep, &wish);
	ck_assert_int_eq(table_make(t, deep, &wish, &cap, &err), -EMLINK);
	for (uint32_t i = TABLE_DEPTH; i < TABLE_SLOTS; i++) {
		wish.client = i / TABLE_CLIENT_MAX;
		made(i % 2 ? top : table_parent(t, deep), &wish);
	}
	ck_assert_int_eq(table_make(t, NULL, &wish, &cap, &err), -EMFILE);
	wish.client = 10;
	ck_assert_int_eq(table_make(t, NULL, &wish, &cap, &err), -ENOSPC);
	ck_assert_uint_eq(t->count, TABLE_SLOTS);
	table_revoke(t, top);
	ck_assert_uint_eq(ended_count, TABLE_SLOTS);
	ck_assert_uint_eq(t->count, 0);
	made(NULL, &wish);
}
END_TEST

/* The model: nodes are never removed, and everything is worked out anew each time. ---------------------------------------- */

#define NODES 1500
#define CLIENTS 6

static struct node {
	uint64_t handle, until, uses;
	uint32_t client, rights, left;
	int parent, gone, ends; /* ends: with the operation under way */
} nodes[NODES];
static int node_count;
static uint64_t now;

static int is_below(int n, int top)
{
	while (n >= 0 && n != top)
		n = nodes[n].parent;
	return n == top;
}

static int is_held(int n)
{
	return !nodes[n].gone && nodes[n].client != TABLE_NOBODY;
}

static uint32_t model_left(int n)
{
	uint32_t left = UINT32_MAX;

	for (; n >= 0; n = nodes[n].parent)
		left = nodes[n].left < left ? nodes[n].left : left;
	return left;
}

static uint32_t depth_of(int n)
{
	uint32_t depth = 0;

	while ((n = nodes[n].parent) >= 0)
		depth++;
	return depth;
}

static int any_held(void)
{
	if (node_count == 0)
		return -1;
	for (int tries = 0; tries < 100; tries++) {
		const int n = (int)(random() % node_count);
		if (is_held(n))
			return n;
	}
	return -1;
}

static struct cap *cap_of(int n)
{
	struct cap *cap = table_find(t, nodes[n].client, nodes[n].handle);

	ck_assert_ptr_nonnull(cap);
	return cap;
}

static void model_revoke(int top)
{
	for (int n = 0; n < node_count; n++)
		if (is_below(n, top)) {
			nodes[n].ends |= is_held(n);
			nodes[n].gone = 1;
		}
}

static void check_ended(enum table_end why)
{
	size_t expected = 0;

	for (int n = 0; n < node_count; n++) {
		if (!nodes[n].ends)
			continue;
		expected++;
		nodes[n].ends = 0;
		size_t i = 0;
		while (i < ended_count && ended[i].handle != nodes[n].handle)
			i++;
		ck_assert_msg(i < ended_count, "%llx did not end", (unsigned long long)nodes[n].handle);
		ck_assert_int_eq(ended[i].why, why);
	}
	ck_assert_uint_eq(ended_count, expected);
	ended_count = 0;
}

static void check_same(void)
{
	uint32_t held[CLIENTS] = {0}, records = 0;

	for (uint32_t client = 0; client < CLIENTS; client++) {
		const struct cap *cap = table_from(t, client, 0);
		for (int n = 0; n < node_count; n++) {
			if (!is_held(n) || nodes[n].client != client)
				continue;
			ck_assert_ptr_nonnull(cap);
			ck_assert_uint_eq(cap->handle, nodes[n].handle);
			ck_assert_uint_eq(cap->rights, nodes[n].rights);
			ck_assert_uint_eq(cap->until, nodes[n].until);
			ck_assert_uint_eq(cap->uses, nodes[n].uses);
			ck_assert_uint_eq(table_left(t, cap), model_left(n));
			held[client]++;
			ck_assert_ptr_eq(table_next(t, cap), table_from(t, client, cap->handle + 1));
			cap = table_next(t, cap);
		}
		ck_assert_ptr_null(cap);
		ck_assert_uint_eq(t->held[client].count, held[client]);
	}
	/* A record is there for each that is held, and for each above one that is. */
	static int needed[NODES];
	memset(needed, 0, sizeof needed);
	for (int n = 0; n < node_count; n++)
		for (int up = is_held(n) ? n : -1; up >= 0; up = nodes[up].parent)
			needed[up] = 1;
	for (int n = 0; n < node_count; n++)
		records += (uint32_t)needed[n];
	ck_assert_uint_eq(t->count, records);
}

static void try_make(int parent)
{
	struct table_wish wish = wish_for((uint32_t)(random() % CLIENTS), "c");
	struct cap *cap = NULL;

	wish.rights = (uint32_t)random() & WIRE_RIGHTS;
	wish.until = random() % 4 ? 0 : now + 1 + (uint64_t)(random() % 300);
	wish.times = random() % 4 ? 0 : 1 + (uint32_t)(random() % 10);
	if (parent >= 0 && random() % 8)
		wish.rights &= nodes[parent].rights;
	const struct node *p = parent >= 0 ? &nodes[parent] : NULL;
	const int too_much = p && (wish.rights & ~p->rights || (wish.until && p->until && wish.until > p->until) ||
				   (wish.times && wish.times > model_left(parent)));
	const int rc = table_make(t, p ? cap_of(parent) : NULL, &wish, &cap, &err);
	ck_assert_int_eq(rc, too_much ? -EPERM : p && depth_of(parent) + 1 >= TABLE_DEPTH ? -EMLINK : 0);
	if (rc < 0)
		return;
	nodes[node_count++] = (struct node){
	    .handle = cap->handle,
	    .until = wish.until ? wish.until
		     : p        ? p->until
				: 0,
	    .client = wish.client,
	    .rights = wish.rights,
	    .left = wish.times ? wish.times : UINT32_MAX,
	    .parent = parent,
	};
}

static void try_use(int n)
{
	const int fits = model_left(n) > 0;
	struct cap *cap = cap_of(n);

	ck_assert_int_eq(table_use(t, cap), fits ? 0 : -EDQUOT);
	if (!fits)
		return;
	if (random() % 4 == 0) {
		table_give_back(t, cap);
		return;
	}
	nodes[n].uses++;
	for (int up = n; up >= 0; up = nodes[up].parent)
		nodes[up].left -= nodes[up].left != UINT32_MAX;
}

static void try_drop(int n)
{
	struct cap *cap = cap_of(n);

	nodes[n].ends = 1;
	nodes[n].client = TABLE_NOBODY;
	table_drop(t, cap);
	check_ended(TABLE_DROPPED);
}

static void try_drop_all(uint32_t client)
{
	for (int n = 0; n < node_count; n++)
		if (is_held(n) && nodes[n].client == client) {
			nodes[n].ends = 1;
			nodes[n].client = TABLE_NOBODY;
		}
	table_drop_all(t, client);
	check_ended(TABLE_DROPPED);
}

static void try_expire(void)
{
	now += (uint64_t)(random() % 20);
	for (int n = 0; n < node_count; n++)
		if (!nodes[n].gone && nodes[n].until && nodes[n].until <= now)
			model_revoke(n);
	table_expire(t, now);
	check_ended(TABLE_EXPIRED);
}

static void try_revoke(int n)
{
	struct cap *cap = cap_of(n);

	model_revoke(n);
	table_revoke(t, cap);
	check_ended(TABLE_REVOKED);
}

static void step(void)
{
	const long what = random() % 100;
	const int n = any_held();

	if (what < 3)
		try_drop_all((uint32_t)(random() % CLIENTS));
	else if (what < 15)
		try_expire();
	else if (n < 0 || what < 25)
		try_make(-1);
	else if (what < 60)
		try_make(n);
	else if (what < 80)
		try_use(n);
	else if (what < 93)
		try_drop(n);
	else
		try_revoke(n);
}

START_TEST(does_what_a_naive_one_does)
{
	srandom((unsigned)_i + 1);
	node_count = 0;
	now = 1;
	memset(nodes, 0, sizeof nodes);
	for (int i = 0; i < 1000 && node_count < NODES; i++) {
		step();
		check_same();
	}
	ck_assert_int_gt(node_count, 300);
}
END_TEST

Suite *table_suite(void);
Suite *table_suite(void)
{
	Suite *s = suite_create("table");
	TCase *c = tcase_create("table");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, finds_what_is_its_own);
	tcase_add_test(c, a_name_may_be_as_long_as_names_are);
	tcase_add_test(c, a_handle_is_never_used_twice);
	tcase_add_test(c, nothing_grows);
	tcase_add_test(c, uses_are_shared);
	tcase_add_test(c, what_is_dropped_is_still_the_way_to_what_came_of_it);
	tcase_add_test(c, what_nobody_holds_goes_with_the_last_below_it);
	tcase_add_test(c, a_client_s_end_drops_what_it_held);
	tcase_add_test(c, an_end_comes_at_its_time);
	tcase_add_test(c, full_tables_refuse);
	tcase_add_loop_test(c, does_what_a_naive_one_does, 0, 5);
	suite_add_tcase(s, c);
	return s;
}

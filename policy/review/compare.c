#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "given.h"
#include "held.h"
#include "owned.h"
#include "peers.h"

int gains_add(struct gains *gains, struct arena *arena, const struct entry *entry, int lacks, const char *note,
	      const char *text)
{
	if (!text)
		return -ENOMEM;
	if (gains->count == gains->room) {
		const uint32_t room = gains->room * 2 + 16;
		struct gain *more = arena_alloc(arena, room * sizeof *more);
		if (!more)
			return -ENOMEM;
		if (gains->count > 0)
			memcpy(more, gains->list, gains->count * sizeof *more);
		gains->list = more;
		gains->room = room;
	}
	gains->list[gains->count++] = (struct gain){.text = text, .note = note, .entry = entry, .lacks = lacks};
	return 0;
}

int gains_have(const struct gains *gains, const struct entry *entry)
{
	for (uint32_t i = 0; i < gains->count; i++)
		if (gains->list[i].entry == entry)
			return 1;
	return 0;
}

int entry_bounds(const struct entry *e)
{
	return e->kind == KIND_LIMIT || e->kind == KIND_ISOLATE || e->kind == KIND_EXCEPT || e->kind == KIND_ACCOUNT ||
	       e->kind == KIND_PROGRAM || e->kind == KIND_REQUIRE || e->kind == KIND_SETTING;
}

static const struct entry *find_said(const struct model *model, const struct entry *wanted)
{
	for (uint32_t i = 0; i < model->count; i++)
		if (model->entries[i].kind == wanted->kind && strcmp(model->entries[i].said, wanted->said) == 0)
			return &model->entries[i];
	return NULL;
}

/* Programs: none said means any. */
static int compare_programs(const struct model *a, const struct model *b, struct gains *gains)
{
	const struct entry *first = NULL;
	uint32_t said = 0;
	int rc = 0;

	for (uint32_t i = 0; i < a->count; i++)
		if (a->entries[i].kind == KIND_PROGRAM && !a->entries[i].own && !first)
			first = &a->entries[i];
	if (!first)
		return 0;
	for (uint32_t i = 0; i < b->count && rc == 0; i++) {
		const struct entry *e = &b->entries[i];
		int known = 0;
		if (e->kind != KIND_PROGRAM || e->own)
			continue;
		said++;
		for (uint32_t k = 0; k < a->count; k++)
			known |= a->entries[k].kind == KIND_PROGRAM && !a->entries[k].own &&
				 (e->spot.rc == 0 && a->entries[k].spot.rc == 0
				      ? id_same(e->spot.chain[0], a->entries[k].spot.chain[0])
				      : strcmp(e->object, a->entries[k].object) == 0);
		if (!known)
			rc = gains_add(gains, b->arena, e, 0, "", e->said);
	}
	return rc == 0 && said == 0 ? gains_add(gains, b->arena, first, 1, "", "any program") : rc;
}

/* The ports of KIND that B has and A has not, as ranges, one gain for each of B's entries. */
static int compare_ports(const struct model *a, const struct model *b, enum kind kind, struct gains *gains)
{
	char *OWNED has = calloc(1, 65536 + 1);
	int rc = 0;

	if (!has)
		return -ENOMEM;
	for (uint32_t i = 0; i < a->count; i++)
		if (a->entries[i].kind == kind && a->entries[i].last > 0) {
			const uint32_t from = a->entries[i].number ? 0 : a->entries[i].first; /* any is 0, too */
			memset(has + from, 1, a->entries[i].last + 1 - from);
		}
	for (uint32_t i = 0; i < b->count && rc == 0; i++) {
		const struct entry *e = &b->entries[i];
		const char *text = "";
		if (e->kind != kind || e->last == 0)
			continue;
		for (uint32_t port = e->number ? 0 : e->first; port <= e->last && text; port++) {
			const uint32_t from = port;
			while (port <= e->last && !has[port])
				has[port++] = 1;
			if (port == from)
				continue;
			text = port - 1 == from ? arena_say(b->arena, "%s%s%u", text, *text ? "," : "", from)
						: arena_say(b->arena, "%s%s%u-%u", text, *text ? "," : "", from, port - 1);
		}
		if (!text)
			return -ENOMEM;
		if (*text)
			rc = gains_add(gains, b->arena, e, 0, "",
				       arena_say(b->arena, "%s tcp %s", kind_word[kind],
						 e->number && strcmp(text, "0-65535") == 0 ? "any" : text));
	}
	return rc;
}

/* What is there or not, told by a bit. */
static int compare_bits(const struct model *a, const struct model *b, enum kind kind, struct gains *gains)
{
	int rc = 0;

	for (uint32_t i = 0; i < b->count && rc == 0; i++) {
		const struct entry *e = &b->entries[i];
		if (e->kind != kind || (e->last > 0 && (kind == KIND_CONNECT || kind == KIND_LISTEN)) ||
		    given_bit(a, kind, e->number))
			continue;
		if (kind == KIND_PROMISE && e->number == FAM_FATTR && given_bit(a, kind, FAM_FATTR_ANYWHERE))
			continue;
		rc = gains_add(gains, b->arena, e, 0, "", e->said);
	}
	return rc;
}

/* Is one of these bits of the filter open? */
static int reaches(const struct model *model, uint32_t families)
{
	return (model->image.h->families & families) != 0;
}

/* A namespace that is not there any more, where something could be reached without it. */
static int compare_isolation(const struct model *a, const struct model *b, struct gains *gains)
{
	const uint32_t gone = a->image.h->isolate & ~b->image.h->isolate;
	const int host_ipc = reaches(b, FAM_SYSVIPC) && b->image.h->forgo & FEATURE_VIEW;
	int rc = 0;

	for (uint32_t i = 0; image_isolate_name[i] && rc == 0; i++) {
		const uint32_t bit = 1u << i;
		if (!(gone & bit) || (bit == ISOLATE_IPC && !host_ipc) ||
		    (bit == ISOLATE_NET &&
		     !reaches(b, FAM_TCP_CONNECT | FAM_TCP_LISTEN | FAM_UDP | FAM_NETLINK | FAM_BROKER_NET)))
			continue;
		rc = gains_add(gains, b->arena, given_bit(a, KIND_ISOLATE, bit), 1, "",
			       arena_say(b->arena, "no %s of its own", image_isolate_name[i]));
	}
	return rc;
}

/* How much a limit lets through, by rising order: nothing said is what the launcher has, none is the most it may have. */
static uint64_t limit_of(const struct model *model, int limit)
{
	const uint64_t value = model->image.h->limits[limit];

	if (value == LIMIT_UNSET)
		return limit == LIMIT_CORE ? 0 : LIMIT_NONE - 1;
	return value;
}

static int compare_limits(const struct model *a, const struct model *b, struct gains *gains)
{
	int rc = 0;

	for (uint32_t k = 0; k < LIMIT_COUNT && rc == 0; k++) {
		const struct entry *in_a = NULL, *in_b = NULL;
		if (limit_of(b, (int)k) <= limit_of(a, (int)k))
			continue;
		for (uint32_t i = 0; i < a->count; i++)
			if (a->entries[i].kind == KIND_LIMIT && a->entries[i].first == k)
				in_a = &a->entries[i];
		for (uint32_t i = 0; i < b->count; i++)
			if (b->entries[i].kind == KIND_LIMIT && b->entries[i].first == k)
				in_b = &b->entries[i];
		rc = gains_add(gains, b->arena, in_b ? in_b : in_a, !in_b, "",
			       in_b ? in_b->said : arena_say(b->arena, "no limit %s", image_limit_name[k]));
	}
	return rc;
}

/* Who it runs as: another one is another's authority. To become somebody where the other stays who he is gives something up. */
static int compare_account(const struct model *a, const struct model *b, struct gains *gains)
{
	static const char *const verbs[] = {"user ", "group ", "groups "};
	int rc = 0, changes = 0;

	for (size_t k = 0; k < 3 && rc == 0; k++) {
		const struct entry *in_a = NULL, *in_b = NULL;
		for (uint32_t i = 0; i < a->count; i++)
			if (a->entries[i].kind == KIND_ACCOUNT && strncmp(a->entries[i].said, verbs[k], strlen(verbs[k])) == 0)
				in_a = &a->entries[i];
		for (uint32_t i = 0; i < b->count; i++)
			if (b->entries[i].kind == KIND_ACCOUNT && strncmp(b->entries[i].said, verbs[k], strlen(verbs[k])) == 0)
				in_b = &b->entries[i];
		changes |= in_a != NULL;
		if (in_a && !in_b)
			rc = gains_add(gains, b->arena, in_a, 1, "", arena_say(b->arena, "not '%s'", in_a->said));
		else if (in_b && (in_a ? strcmp(in_a->said, in_b->said) != 0 : changes))
			rc = gains_add(gains, b->arena, in_b, 0, "", in_b->said);
	}
	return rc;
}

/* What one entry of B says has to be said by A in the same words; or, of a bound, what A says by B. */
static int compare_said(const struct model *a, const struct model *b, enum kind kind, int bounds, struct gains *gains)
{
	const struct model *said = bounds ? a : b, *wanted = bounds ? b : a;
	int rc = 0;

	for (uint32_t i = 0; i < said->count && rc == 0; i++) {
		const struct entry *e = &said->entries[i];
		if (e->kind != kind || find_said(wanted, e) || (kind == KIND_SETTING && strcmp(e->said, "session new") != 0))
			continue;
		rc = gains_add(gains, b->arena, e, bounds, "", bounds ? arena_say(b->arena, "not '%s'", e->said) : e->said);
	}
	return rc;
}

/* Two ways in which a variable gets its value: does B ever give one that A does not? */
static int env_gains(const struct given_env *a, const struct given_env *b)
{
	const char *set_a = a->set ? a->set->said : NULL, *set_b = b->set ? b->set->said : NULL;
	const int same = !set_b || (set_a && strcmp(set_a, set_b) == 0);

	if (b->kept) /* where the caller has it: his value; else what is set */
		return !a->kept || !same;
	return b->set && (a->kept || !same);
}

static int compare_variable(const struct model *a, const struct model *b, const char *name, struct gains *gains)
{
	struct given_env in_a, in_b;

	(void)given_env(a, name, &in_a);
	(void)given_env(b, name, &in_b);
	if (!env_gains(&in_a, &in_b))
		return 0;
	const struct entry *by = in_b.kept && !in_a.kept ? in_b.kept : in_b.set ? in_b.set : in_b.kept;
	if (gains_have(gains, by))
		return 0;
	return gains_add(gains, b->arena, by, 0, "", by->said);
}

/* Every name that is mentioned, and for each prefix a name that nobody mentions. */
static int compare_env(const struct model *a, const struct model *b, struct gains *gains)
{
	const struct model *const models[] = {b, a};
	int rc = 0;

	for (int k = 0; k < 2; k++)
		for (uint32_t i = 0; i < models[k]->count && rc == 0; i++) {
			const struct entry *e = &models[k]->entries[i];
			if (e->kind != KIND_ENV && e->kind != KIND_SCRATCH)
				continue;
			rc = compare_variable(a, b, e->name, gains);
			if (rc == 0 && e->kind == KIND_ENV && e->flags == ENV_KEEP_PREFIX) {
				const char *other = arena_say(b->arena, "%s\x7f", e->name);
				rc = other ? compare_variable(a, b, other, gains) : -ENOMEM;
			}
		}
	return rc;
}

/* How far the model's `args` reach, without a gap, from word K of N on, with the right: the first word that they don't. */
static int args_reach(const struct model *model, int n, int k, uint32_t right)
{
	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		const int32_t from = (int32_t)e->first, to = (int32_t)e->last;
		if (e->kind != KIND_ARGS || !(e->rights & right))
			continue;
		const int first = from < 0 ? n + 1 + from : from, last = to < 0 ? n + 1 + to : to;
		if (first <= k && k <= last) {
			k = last + 1;
			i = UINT32_MAX; /* from the start: another may go on from here */
		}
	}
	return k;
}

/* The largest distance from either end that a range mentions. */
static int args_extent(const struct model *model, int from_end)
{
	int extent = 0;

	for (uint32_t i = 0; i < model->count; i++) {
		const int32_t ends[] = {(int32_t)model->entries[i].first, (int32_t)model->entries[i].last};
		for (int k = 0; k < 2 && model->entries[i].kind == KIND_ARGS; k++)
			if ((ends[k] < 0) == from_end && abs(ends[k]) > extent)
				extent = abs(ends[k]);
	}
	return extent;
}

static int args_gain(const struct model *a, const struct model *b, const struct entry *e, uint32_t right)
{
	const int near = args_extent(a, 0) > args_extent(b, 0) ? args_extent(a, 0) : args_extent(b, 0);
	const int far = args_extent(a, 1) > args_extent(b, 1) ? args_extent(a, 1) : args_extent(b, 1);
	const int32_t from = (int32_t)e->first, to = (int32_t)e->last;

	/* With more words than these nothing new comes in between. */
	for (int n = 1; n <= near + far + 1; n++) {
		const int first = from < 0 ? n + 1 + from : from, last = to < 0 ? n + 1 + to : to;
		if (first <= last && args_reach(a, n, first < 1 ? 1 : first, right) <= (last < n ? last : n))
			return 1;
	}
	return 0;
}

static int compare_args(const struct model *a, const struct model *b, struct gains *gains)
{
	int rc = 0;

	for (uint32_t i = 0; i < b->count && rc == 0; i++) {
		const struct entry *e = &b->entries[i];
		if (e->kind != KIND_ARGS || find_said(a, e))
			continue;
		if ((e->rights & RIGHT_READ && args_gain(a, b, e, RIGHT_READ)) ||
		    (e->rights & RIGHT_WRITE && args_gain(a, b, e, RIGHT_WRITE)))
			rc = gains_add(gains, b->arena, e, 0, "", e->said);
	}
	return rc;
}

int compare(const struct model *a, const struct model *b, struct gains *gains)
{
	int rc;

	memset(gains, 0, sizeof *gains);
	(void)((rc = compare_programs(a, b, gains)) || (rc = compare_files(a, b, gains)) || (rc = compare_args(a, b, gains)) ||
	       (rc = compare_env(a, b, gains)) || (rc = compare_ports(a, b, KIND_CONNECT, gains)) ||
	       (rc = compare_bits(a, b, KIND_CONNECT, gains)) || (rc = compare_ports(a, b, KIND_LISTEN, gains)) ||
	       (rc = held_compare(a, b, gains)) || (rc = peers_compare(a, b, gains)) ||
	       (rc = compare_bits(a, b, KIND_PROMISE, gains)) || (rc = compare_bits(a, b, KIND_CAPABILITY, gains)) ||
	       (rc = compare_said(a, b, KIND_SERVICE, 0, gains)) || (rc = compare_bits(a, b, KIND_FORGO, gains)) ||
	       (rc = compare_account(a, b, gains)) || (rc = compare_isolation(a, b, gains)) ||
	       (rc = compare_limits(a, b, gains)) || (rc = compare_said(a, b, KIND_EXCEPT, 1, gains)) ||
	       (rc = compare_said(a, b, KIND_SETTING, 1, gains)));
	return rc;
}

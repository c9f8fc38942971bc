#include "compare.h"

#include <stdlib.h>
#include <string.h>

/* What WANTED asks for at a spot that nothing is at: the same thing has to be said, or to be granted from above. */
static int is_said(const struct model *a, const struct entry *wanted, uint32_t acts)
{
	for (uint32_t i = 0; i < a->count && acts; i++) {
		const struct entry *e = &a->entries[i];
		if (e->kind == wanted->kind && e->spot.rc < 0 && strcmp(e->object, wanted->object) == 0 &&
		    ((e->flags ^ wanted->flags) & GRANT_FOLLOW) == 0)
			acts &= ~acts_of(e->rights, 1);
	}
	return acts == 0;
}

/* Acts that mean something on such a thing. */
static uint32_t meaningful(enum type type)
{
	const uint32_t opens = ACT_READ | ACT_WRITE | ACT_TRUNCATE | ACT_APPEND;

	switch (type) {
	case TYPE_DIR:
	case TYPE_ABSENT: return ACT_ALL;
	case TYPE_FILE: return opens | ACT_EXEC;
	case TYPE_DEVICE: return opens | ACT_IOCTL;
	default: return opens;
	}
}

/* What can be done with the file ID by the descriptors that are handed over. */
static uint32_t acts_of_descriptors(const struct model *model, struct id id)
{
	uint32_t acts = 0;

	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		if (e->kind == KIND_DESCRIPTOR && e->spot.rc == 0 && e->spot.type == TYPE_FILE && id_same(e->id, id))
			acts |= acts_of(e->rights, 0);
	}
	return acts;
}

/* The words of a grant for ACTS, as far as there are any. */
static const char *acts_text(struct arena *arena, uint32_t acts)
{
	static const struct {
		uint32_t act, not_with;
		const char *word;
	} words[] = {
	    {ACT_READ, 0, "read"},
	    {ACT_LIST, ACT_READ, "list"},
	    {ACT_WRITE, 0, "write"},
	    {ACT_TRUNCATE, ACT_WRITE, "truncate"},
	    {ACT_APPEND, ACT_WRITE, "append"},
	    {ACT_CREATE, 0, "create"},
	    {ACT_EXEC, 0, "exec"},
	    {ACT_IOCTL, 0, "ioctl"},
	};
	const char *text = "";

	for (size_t i = 0; i < sizeof words / sizeof *words && text; i++)
		if (acts & words[i].act && !(acts & words[i].not_with))
			text = arena_say(arena, "%s%s%s", text, *text ? " " : "", words[i].word);
	return text;
}

/* Was it told already of the thing, or of what it lies in? */
static int is_told(const struct gains *gains, const char *path, uint32_t acts)
{
	for (uint32_t i = 0; i < gains->count; i++) {
		const struct gain *g = &gains->list[i];
		const size_t n = g->path ? strlen(g->path) : 0;
		if (g->path && (acts & ~g->acts) == 0 &&
		    (n == 1 || (strncmp(g->path, path, n) == 0 && (path[n] == '/' || !path[n]))))
			return 1;
	}
	return 0;
}

/* One gain for each entry that gives some of ACTS. */
static int tell(struct gains *gains, const struct model *b, const struct effect *effect, uint32_t acts, const char *path,
		const char *note)
{
	while (acts) {
		const struct entry *by = effect->by[__builtin_ctz(acts)];
		uint32_t same = 0;
		for (int i = 0; i < ACTS; i++)
			if (acts >> i & 1 && effect->by[i] == by)
				same |= 1u << i;
		acts &= ~same;
		if (by->kind == KIND_PROGRAM || is_told(gains, path, same)) /* which programs it is for is compared as such */
			continue;
		int rc =
		    gains_add(gains, b->arena, by, 0, note,
			      arena_say(b->arena, "%s %s", acts_text(b->arena, same), word_text(b->arena, ROOT_NONE, path)));
		if (rc < 0)
			return rc;
		gains->list[gains->count - 1].acts = same;
		gains->list[gains->count - 1].path = path;
	}
	return 0;
}

/* What B allows at PATH, which has no links, and A does not. */
static int compare_at(const struct model *a, const struct model *b, const char *path, struct gains *gains)
{
	struct effect in_a, in_b;
	struct spot at_a, at_b;

	if (model_walk(a, path, FOLLOW_ALL, &at_a) < 0 || model_walk(b, path, FOLLOW_ALL, &at_b) < 0)
		return -ENOMEM;
	model_effect_always(a, &at_a, &in_a);
	model_effect_always(b, &at_b, &in_b);
	uint32_t acts = in_b.acts & meaningful(at_b.type);
	const int uncovered = at_a.fresh && !at_b.fresh; /* what A keeps covered is another thing than what B shows */
	if (!uncovered && (at_a.rc == 0 || at_a.rc == -ENOENT))
		acts &= ~in_a.acts;
	if (at_b.type == TYPE_FILE && at_b.rc == 0)
		acts &= ~acts_of_descriptors(a, at_b.chain[0]);
	return tell(gains, b, &in_b, acts, path,
		    uncovered && in_a.acts ? "and not an empty place over it"
		    : at_b.fresh           ? "in an empty place of its own"
					   : "");
}

/* A grant on what is not there: as if it were. */
static int compare_absent(const struct model *a, const struct model *b, const struct entry *e, struct gains *gains)
{
	const uint32_t acts = acts_of(e->rights, 1);
	struct effect effect = {0};
	struct spot spot;
	int rc = e->spot.depth > 0 ? model_walk(a, e->object, FOLLOW_ALL, &spot) : 0;

	if (rc < 0)
		return rc;
	if (e->spot.depth > 0)
		model_effect_always(a, &spot, &effect);
	if ((acts & ~effect.acts) == 0 || is_said(a, e, acts & ~effect.acts))
		return 0;
	return gains_add(gains, b->arena, e, 0, "nothing is there now", e->said);
}

/* The places where what is allowed changes from one thing to what is beneath it: nothing new can be between them. */
struct places_of {
	struct critical {
		const char *path;
		uint32_t depth;
	} * list; /* owned */
	uint32_t count, room;
};

static int add_place(struct places_of *places, const struct spot *spot)
{
	if (!*spot->path)
		return 0;
	if (places->count == places->room) {
		const uint32_t room = places->room * 2 + 64;
		struct critical *more = realloc(places->list, room * sizeof *more);
		if (!more)
			return -ENOMEM;
		places->list = more;
		places->room = room;
	}
	places->list[places->count++] = (struct critical){spot->path, spot->depth};
	return 0;
}

static int add_places(struct places_of *places, const struct model *model)
{
	int rc = 0;

	for (uint32_t i = 0; i < model->count && rc == 0; i++) {
		const struct entry *e = &model->entries[i];
		if (e->kind != KIND_PATH && e->kind != KIND_PRIVATE)
			continue;
		if (e->spot.rc == 0)
			rc = add_place(places, &e->spot);
		for (uint32_t k = 0; k < e->part_count && rc == 0; k++)
			rc = add_place(places, &e->parts[k]);
	}
	return rc;
}

/* From above to beneath: what is told of a folder need not be told of what is in it. */
static int by_depth(const void *a, const void *b)
{
	const struct critical *x = a, *y = b;

	return x->depth != y->depth ? (x->depth > y->depth ? 1 : -1) : strcmp(x->path, y->path);
}

static int compare_places(const struct model *a, const struct model *b, struct gains *gains)
{
	struct places_of places = {0};
	int rc = add_places(&places, b);

	if (rc == 0)
		rc = add_places(&places, a);
	if (places.count > 0)
		qsort(places.list, places.count, sizeof *places.list, by_depth);
	for (uint32_t i = 0; i < places.count && rc == 0; i++)
		if (i == 0 || strcmp(places.list[i].path, places.list[i - 1].path) != 0)
			rc = compare_at(a, b, places.list[i].path, gains);
	free(places.list);
	for (uint32_t i = 0; i < b->count && rc == 0; i++)
		if (b->entries[i].kind == KIND_PATH && b->entries[i].spot.rc < 0)
			rc = compare_absent(a, b, &b->entries[i], gains);
	return rc;
}

static int holds_descriptor(const struct model *a, const struct entry *wanted, uint32_t right)
{
	const uint32_t enough = right == RIGHT_APPEND ? RIGHT_APPEND | RIGHT_WRITE : right;

	for (uint32_t i = 0; i < a->count; i++) {
		const struct entry *e = &a->entries[i];
		if (e->kind != KIND_DESCRIPTOR || (e->flags ^ wanted->flags) & GRANT_KEEP)
			continue;
		if (wanted->flags & GRANT_KEEP ? e->number == wanted->number
		    : wanted->spot.rc == 0     ? e->spot.rc == 0 && e->rights & enough && id_same(e->id, wanted->id)
					       : strcmp(e->object, wanted->object) == 0 && e->rights & enough)
			return 1;
	}
	return 0;
}

/* What is handed over open is no gain where it can be opened. */
static int compare_descriptor(const struct model *a, const struct model *b, const struct entry *e, struct gains *gains)
{
	static const uint32_t acts[] = {ACT_READ, ACT_WRITE | ACT_TRUNCATE, ACT_APPEND};
	struct effect effect = {0};
	struct spot spot;
	int gained = e->flags & GRANT_KEEP && !holds_descriptor(a, e, 0);

	if (e->spot.rc == 0 && !(e->flags & GRANT_KEEP) && !e->id.dev && !e->id.ino)
		return 0; /* of a hidden file: it opens nothing */
	if (!(e->flags & GRANT_KEEP) && e->spot.rc == 0) {
		int rc = model_walk(a, e->spot.path, FOLLOW_ALL, &spot);
		if (rc < 0)
			return rc;
		if (!spot.fresh)
			model_effect_always(a, &spot, &effect);
	}
	for (uint32_t i = 0; i < 3; i++)
		if (e->rights >> i & 1 && acts[i] & ~effect.acts && !holds_descriptor(a, e, 1u << i))
			gained = 1;
	return gained ? gains_add(gains, b->arena, e, 0, e->optional_absent ? "nothing is there now" : "", e->said) : 0;
}

/* One ioctl grant opens ioctls on whatever is no device; with an append by name, on what can be opened otherwise. */
static int compare_ioctl(const struct model *a, const struct model *b, struct gains *gains)
{
	const uint32_t in_a = a->image.h->families, in_b = b->image.h->families;

	if (!(in_b & FAM_IOCTL) || (in_a & FAM_IOCTL && !(in_a & ~in_b & FAM_APPEND_NAME)))
		return 0;
	for (uint32_t i = 0; i < b->count; i++)
		if (b->entries[i].kind == KIND_PATH && b->entries[i].rights & RIGHT_IOCTL)
			return gains_add(gains, b->arena, &b->entries[i], 0, "",
					 in_a & FAM_IOCTL ? "ioctl on files that can't be opened to read or append"
							  : "ioctl on files and sockets that are no device");
	return 0;
}

int compare_files(const struct model *a, const struct model *b, struct gains *gains)
{
	int rc = compare_places(a, b, gains);

	for (uint32_t i = 0; i < b->count && rc == 0; i++)
		if (b->entries[i].kind == KIND_DESCRIPTOR)
			rc = compare_descriptor(a, b, &b->entries[i], gains);
	return rc == 0 ? compare_ioctl(a, b, gains) : rc;
}

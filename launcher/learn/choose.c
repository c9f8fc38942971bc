#include <stdio.h>
#include <string.h>

#include "work.h"

/* Fragments -----------------------------------------------------------------------------------------------------------------
 */

static uint32_t families_seen(const struct record *r)
{
	uint32_t families = 0;

	for (unsigned int i = 0; i < RECORD_FAMILIES; i++)
		if (r->families[i].times)
			families |= 1u << i;
	return families;
}

uint32_t chosen_families(const struct work *w)
{
	uint32_t families = 0;

	for (uint32_t i = 0; i < w->chosen.count; i++)
		families |= chosen_at(w, i)->families;
	return families;
}

static int is_chosen(const struct work *w, const char *name)
{
	for (uint32_t i = 0; i < w->chosen.count; i++) {
		const struct bundle *b = chosen_at(w, i);
		const char *const *uses = b->uses.data;
		if (strcmp(b->name, name) == 0)
			return 1;
		for (uint32_t k = 0; k < b->uses.count; k++)
			if (strcmp(uses[k], name) == 0)
				return 1;
	}
	return 0;
}

void choose(struct work *w, const struct bundle *b)
{
	if (vec_add(&w->chosen, &b, 1, sizeof(const struct bundle *)) < 0)
		w->failed = 1;
	items_cover(&w->items, b->covers.data, b->covers.count);
}

static int is_granted(const struct work *w, const struct cover *cover)
{
	for (uint32_t i = 0; i < w->chosen.count; i++) {
		const struct bundle *b = chosen_at(w, i);
		if ((cover->rights & ~covers_rights(b->covers.data, b->covers.count, cover->path, cover->is_dir)) == 0)
			return 1;
	}
	return 0;
}

/* Does COVER let something be written that was not? */
static int writes_more(const struct work *w, const struct cover *cover)
{
	const uint32_t writing = cover->rights & (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE | RIGHT_IOCTL);

	for (uint32_t i = 0; writing && i < w->items.list.count; i++) {
		const struct item *item = item_at(&w->items, i);
		if ((writing & ~item->rights) == 0 &&
		    (item->is_dir ? path_is_in(cover->path, item->path) : strcmp(cover->path, item->path) == 0))
			return 0;
	}
	return writing != 0;
}

struct worth {
	uint32_t grants; /* that the fragment would add */
	uint32_t used;   /* of them */
	uint32_t uses;   /* other fragments */
	uint32_t gone;   /* items that would need no line of their own */
};

static void weigh(const struct work *w, const struct bundle *b, struct worth *worth)
{
	const struct cover *covers = b->covers.data;

	*worth = (struct worth){.uses = b->uses.count};
	for (uint32_t k = 0; k < b->covers.count; k++) {
		if (is_granted(w, &covers[k]))
			continue;
		int used = 0;
		for (uint32_t i = 0; i < w->items.list.count && !used; i++) {
			const struct item *item = item_at(&w->items, i);
			used = item->rights && !item->secret &&
			       covers_rights(&covers[k], 1, item->path, item->is_dir) & item->rights;
		}
		worth->grants++;
		worth->used += used;
	}
	for (uint32_t i = 0; i < w->items.list.count; i++) {
		const struct item *item = item_at(&w->items, i);
		worth->gone += item->rights && !item->secret &&
			       !(item->rights & ~covers_rights(covers, b->covers.count, item->path, item->is_dir));
	}
}

/* Nothing of a fragment's may be more than was seen, but for files to read that lie beside those that were read. */
static int may_choose(const struct work *w, const struct bundle *b)
{
	const struct cover *covers = b->covers.data;

	if (b->is_private || b->ports.count > 0 || b->families & ~families_seen(w->record) || is_chosen(w, b->name))
		return 0;
	for (uint32_t k = 0; k < b->covers.count; k++)
		if (!is_granted(w, &covers[k]) && writes_more(w, &covers[k]))
			return 0;
	return 1;
}

static int is_worth_it(const struct worth *v)
{
	return v->gone > 0 && v->used * 2 >= v->grants;
}

static int is_better(const struct worth *a, const struct worth *b)
{
	const uint64_t x = (uint64_t)a->used * b->grants, y = (uint64_t)b->used * a->grants;

	return x != y ? x > y : a->gone != b->gone ? a->gone > b->gone : a->uses < b->uses;
}

static void put_use(struct work *w, const struct bundle *b, const char *fmt, uint32_t count)
{
	char why[WHY];

	snprintf(why, sizeof why, fmt, count);
	work_put(w, LINE_USE, 0, why, "use\t%s", b->name);
	choose(w, b);
}

static const struct bundle *fragment(const struct work *w, const char *name)
{
	for (size_t i = 0; i < w->known->fragment_count; i++)
		if (strcmp(w->known->fragments[i].name, name) == 0)
			return &w->known->fragments[i];
	return NULL;
}

/* A dynamic program is told by its loader. */
void choose_libc(struct work *w)
{
	const struct bundle *libc = fragment(w, "libc");

	if (!libc || is_chosen(w, "libc"))
		return;
	for (uint32_t i = 0; i < w->items.list.count; i++) {
		const struct item *item = item_at(&w->items, i);
		if (item->rights & RIGHT_EXEC &&
		    covers_rights(libc->covers.data, libc->covers.count, item->path, item->is_dir) & RIGHT_EXEC) {
			struct worth worth;
			weigh(w, libc, &worth);
			put_use(w, libc, "the loader and the shared libraries, %u files of which were opened", worth.gone);
			return;
		}
	}
}

/* The one of which most is used; of equals the one that takes the most lines away, then the simplest, then the first by name.
 */
void choose_fragments(struct work *w)
{
	for (;;) {
		const struct bundle *best = NULL;
		struct worth most = {0}, worth;
		for (size_t i = 0; i < w->known->fragment_count; i++) {
			const struct bundle *b = &w->known->fragments[i];
			if (!may_choose(w, b))
				continue;
			weigh(w, b, &worth);
			if (is_worth_it(&worth) && (!best || is_better(&worth, &most))) {
				best = b;
				most = worth;
			}
		}
		if (!best)
			return;
		put_use(w, best, most.gone == 1 ? "covers %u file that was opened" : "covers %u files that were opened",
			most.gone);
	}
}

/* Temporary files -----------------------------------------------------------------------------------------------------------
 */

static int is_in_sight(const struct work *w, const char *dir)
{
	if (path_is_in(w->setting->cwd, dir))
		return 1;
	for (uint32_t i = 0; i < w->items.list.count; i++)
		if (item_at(&w->items, i)->rights && !item_at(&w->items, i)->off &&
		    path_is_in(item_at(&w->items, i)->path, dir))
			return 1;
	return 0;
}

static void put_temporary(struct work *w, const char *name, const char *otherwise, const char *what, const struct seen_by *seen)
{
	const struct bundle *b = fragment(w, name);
	char why[WHY], who[WHY];

	if (is_chosen(w, name))
		return;
	snprintf(why, sizeof why, "%s: %s", what, work_by(seen, who));
	if (!b) {
		work_put(w, LINE_PRIVATE, 0, why, "%s", otherwise);
		return;
	}
	work_put(w, LINE_USE, 0, why, "use\t%s", b->name);
	choose(w, b);
}

void choose_temporary(struct work *w)
{
	const struct seen_by *t = w->items.temporary;

	if (t[TEMPORARY_TMPDIR].times)
		put_temporary(w, "scratch", "private\t$TMPDIR", "temporary files where TMPDIR says", &t[TEMPORARY_TMPDIR]);
	if (t[TEMPORARY_TMP].times && is_in_sight(w, "/tmp"))
		put_temporary(w, "scratch", "private\t/tmp",
			      "temporary files in /tmp, of which other parts are granted: if TMPDIR is heeded",
			      &t[TEMPORARY_TMP]);
	else if (t[TEMPORARY_TMP].times)
		put_temporary(w, "tmp", "private\t/tmp", "temporary files in /tmp", &t[TEMPORARY_TMP]);
	if (t[TEMPORARY_VAR_TMP].times) {
		char why[WHY];
		work_put(w, LINE_PRIVATE, is_in_sight(w, "/var/tmp"), work_by(&t[TEMPORARY_VAR_TMP], why), "private\t/var/tmp");
	}
	if (t[TEMPORARY_SHM].times)
		put_temporary(w, "shm", "private\t/dev/shm", "shared memory", &t[TEMPORARY_SHM]);
}

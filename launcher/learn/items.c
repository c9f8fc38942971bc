#include "items.h"

#include <stdlib.h>
#include <string.h>

#include "owned.h"

#define RIGHTS_WRITING (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE)

static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash || slash == path ? 1 : (size_t)(slash - path);
}

static void add_by(struct seen_by *to, const struct seen_by *from)
{
	to->times += from->times;
	for (uint32_t i = 0; i < from->names && i < SEEN_NAMES; i++) {
		uint32_t k = 0;
		while (k < to->names && k < SEEN_NAMES && strcmp(to->name[k], from->name[i]) != 0)
			k++;
		if (k < to->names && k < SEEN_NAMES)
			continue;
		if (to->names < SEEN_NAMES)
			to->name[to->names++] = from->name[i];
		else
			to->names = SEEN_NAMES + 1;
	}
}

/* Folders before what lies in them, and nothing else between: a slash comes before every other byte. */
static int order(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	const int x = *a == '/' ? 1 : *a ? (unsigned char)*a + 1 : 0, y = *b == '/' ? 1 : *b ? (unsigned char)*b + 1 : 0;
	return x - y;
}

static int by_path(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return order(x->path, y->path);
}

static struct item *find_item(const struct items *items, const char *path)
{
	const struct item key = {.path = path};

	return items->list.count ? bsearch(&key, items->list.data, items->list.count, sizeof key, by_path) : NULL;
}

/* PATH stays with whoever gave it. Until settle() there may be several of one path. */
static int add(struct items *items, const char *path, uint32_t rights, uint32_t flags, const struct seen_by *by)
{
	const struct item fresh = {
	    .path = path,
	    .rights = rights,
	    .is_dir = (flags & SEEN_DIR) != 0,
	    .is_meta = (flags & SEEN_META) != 0,
	    .is_listed = (flags & SEEN_LISTED) != 0,
	    .by_privilege = (flags & SEEN_PRIVILEGE) != 0,
	    .by = *by,
	};

	return vec_add(&items->list, &fresh, 1, sizeof fresh);
}

/* In order, and each path once. */
static void settle(struct items *items)
{
	uint32_t kept = 0;

	if (items->list.count == 0)
		return;
	qsort(items->list.data, items->list.count, sizeof(struct item), by_path);
	for (uint32_t i = 1; i < items->list.count; i++) {
		struct item *last = item_at(items, kept), *item = item_at(items, i);
		if (strcmp(last->path, item->path) != 0) {
			*item_at(items, ++kept) = *item;
			continue;
		}
		last->rights |= item->rights;
		last->is_dir |= item->is_dir;
		last->is_meta |= item->is_meta;
		last->is_listed |= item->is_listed;
		last->by_privilege |= item->by_privilege;
		last->folded += item->folded;
		add_by(&last->by, &item->by);
	}
	items->list.count = kept + 1;
}

static int is_made(const struct record *record, const char *path)
{
	const struct seen *s = record_find(record, path);

	return s && s->flags & SEEN_MADE && !s->rights;
}

/* The folder above PATH that was there before the run, into TO; and which of the entries in it PATH lies in or is. */
static void place_of(const struct record *record, const char *path, char *to, char *entry)
{
	strcpy(to, path);
	do {
		strcpy(entry, to);
		to[folder_len(to)] = '\0';
	} while (strcmp(to, "/") != 0 && is_made(record, to));
}

/* A name that mkstemp(3) and its like have made: six or more letters and digits that are no word, at its end or before an
 * ending. */
static int looks_random(const char *name)
{
	size_t best = 0, run = 0;
	int upper = 0, lower = 0, digit = 0;

	for (;; name++) {
		const char c = *name;
		const int is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z', is_digit = c >= '0' && c <= '9';
		if (is_upper || is_lower || is_digit) {
			run++;
			upper |= is_upper;
			lower |= is_lower;
			digit |= is_digit;
			continue;
		}
		if (run >= 6 && upper + lower + digit >= 2 && run > best)
			best = run;
		run = 0;
		upper = lower = digit = 0;
		if (!c)
			return best >= 6;
	}
}

static int is_named(const struct setting *setting, const char *path)
{
	for (size_t i = 0; i < setting->word_count; i++)
		if (setting->words[i].path && path_is_in(path, setting->words[i].path))
			return 1;
	return 0;
}

/* Was it made in a folder for temporary files, under a name that is gone or looks like one of many? */
static int is_temporary(const struct record *record, const struct setting *setting, const char *folder, const char *entry,
			enum temporary *which)
{
	const char *const dirs[TEMPORARY_COUNT] = {setting->tmpdir, "/tmp", "/var/tmp", "/dev/shm"};
	const struct seen *s = record_find(record, entry);

	for (*which = 0; *which < TEMPORARY_COUNT; (*which)++)
		if (*dirs[*which] && strcmp(folder, dirs[*which]) == 0)
			return !is_named(setting, entry) && ((s && s->flags & SEEN_GONE) || *which == TEMPORARY_SHM ||
							     looks_random(strrchr(entry, '/') + 1));
	return 0;
}

/* What was made takes the right to make in the folder, and there what was done to it. */
static int collect_made(struct items *items, const struct record *record, const struct setting *setting, const struct seen *s,
			struct arena *arena)
{
	const size_t len = strlen(s->path);
	char *folder = arena_alloc(arena, len + 2), *entry = arena_alloc(arena, len + 2);
	enum temporary which;

	if (!folder || !entry)
		return -ENOMEM;
	place_of(record, s->path, folder, entry);
	if (is_temporary(record, setting, folder, entry, &which)) {
		add_by(&items->temporary[which], &s->by);
		return 0;
	}
	uint32_t rights = s->after | RIGHT_CREATE;
	if (rights & RIGHT_APPEND)
		rights = (rights & ~(uint32_t)RIGHT_APPEND) | RIGHT_WRITE;
	return add(items, folder, rights, SEEN_DIR | (s->flags & SEEN_PRIVILEGE), &s->by);
}

static void judge(struct item *item, const struct setting *setting)
{
	item->secret = setting_secret(setting, item->path);
	item->off = item->secret ? item->secret : setting_habit(item->path);
	if (!item->off)
		item->off = setting_broad(setting, item->path, item->rights);
}

int items_collect(struct items *items, const struct record *record, const struct setting *setting)
{
	/* The record's arena lives as long as its paths do. */
	struct arena *arena = (struct arena *)(uintptr_t)&record->arena;
	int rc = 0;

	for (uint32_t i = 0; i < record->paths.count && rc == 0; i++) {
		const struct seen *s = record_at(record, i);
		const uint32_t flags = s->flags & SEEN_MADE ? s->flags & ~(uint32_t)SEEN_META : s->flags;
		const char *stable = s->rights == RIGHT_READ ? setting_unstable(s->path) : NULL;
		if (s->rights || flags & (SEEN_META | SEEN_NEAR))
			rc = add(items, stable ? stable : s->path, s->rights, stable ? SEEN_DIR | SEEN_LISTED : flags, &s->by);
		if (rc == 0 && s->flags & SEEN_MADE)
			rc = collect_made(items, record, setting, s, arena);
	}
	settle(items);
	for (uint32_t i = 0; i < items->list.count; i++)
		judge(item_at(items, i), setting);
	return rc;
}

/* Who may overwrite may append, and a file that can be executed can be read; a folder beneath which they can may still not be
 * listed. */
static uint32_t in_full(uint32_t rights, int is_dir)
{
	return rights | (rights & RIGHT_EXEC && !is_dir ? RIGHT_READ : 0) | (rights & RIGHT_WRITE ? RIGHT_APPEND : 0);
}

uint32_t covers_rights(const struct cover *covers, size_t count, const char *path, int is_dir)
{
	uint32_t rights = 0;

	for (size_t i = 0; i < count; i++)
		if (covers[i].is_dir ? path_is_in(path, covers[i].path) : strcmp(path, covers[i].path) == 0)
			rights |= covers[i].rights;
	return in_full(rights, is_dir);
}

void items_cover(struct items *items, const struct cover *covers, size_t count)
{
	for (uint32_t i = 0; i < items->list.count; i++) {
		struct item *item = item_at(items, i);
		const uint32_t rights = covers_rights(covers, count, item->path, item->is_dir);
		item->rights &= ~rights;
		if (rights & RIGHTS_WRITING)
			item->is_meta = 0;
	}
}

static void cover_by_above(struct item *item, uint32_t rights)
{
	const uint32_t above = in_full(rights, item->is_dir);

	/* Changed in its mode only: the view takes a grant that writes. */
	if (item->is_meta && !((item->rights | above) & RIGHTS_WRITING))
		item->rights |= RIGHT_WRITE;
	item->is_meta = 0;
	if (!item->secret)
		item->rights &= ~above;
	item->above = above;
	/* The same said of one path twice. */
	if (item->rights & RIGHT_EXEC && !item->is_dir)
		item->rights &= ~(uint32_t)RIGHT_READ;
	if (item->rights & RIGHT_WRITE)
		item->rights &= ~(uint32_t)RIGHT_APPEND;
}

#define DEPTH_MAX 2048 /* folders above each other in a path: it has no more than 4096 bytes */

void items_cover_own(struct items *items)
{
	struct {
		const char *dir;
		uint32_t rights; /* of it and of those above */
	} stack[DEPTH_MAX];
	size_t depth = 0;

	for (uint32_t i = 0; i < items->list.count; i++) {
		struct item *item = item_at(items, i);
		while (depth > 0 && !path_is_in(item->path, stack[depth - 1].dir))
			depth--;
		const uint32_t above = depth > 0 ? stack[depth - 1].rights : 0;
		cover_by_above(item, above);
		if (item->is_dir && !item->off && item->rights && depth < DEPTH_MAX) {
			stack[depth].dir = item->path;
			stack[depth++].rights = above | item->rights;
		}
	}
}

void items_join_moves(struct items *items, const struct record *record)
{
	const struct seen_move *moves = record->moves.data;
	struct arena *arena = (struct arena *)(uintptr_t)&record->arena;

	for (uint32_t i = 0; i < record->moves.count; i++) {
		char *from = arena_alloc(arena, strlen(moves[i].from) + 2), *to = arena_alloc(arena, strlen(moves[i].to) + 2),
		     *entry = arena_alloc(arena, strlen(moves[i].from) + strlen(moves[i].to) + 4);
		if (!from || !to || !entry)
			return;
		strcpy(from, moves[i].from);
		strcpy(to, moves[i].to);
		if (is_made(record, from))
			place_of(record, moves[i].from, from, entry);
		if (is_made(record, to))
			place_of(record, moves[i].to, to, entry);
		struct item *a = find_item(items, from), *b = find_item(items, to);
		if (a && b)
			a->rights = b->rights |= a->rights;
	}
}

static int can_fold(const struct item *item)
{
	/* A folder that may be filled is not made larger for the sake of fewer lines. */
	return item->rights && !item->off && !(item->rights & (RIGHT_CREATE | RIGHT_IOCTL)) && (!item->is_dir || item->folded);
}

static size_t name_len(const struct item *item)
{
	return folder_len(item->path);
}

/* By folder, and in it by rights. */
static int by_folder(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
	const size_t m = name_len(x), n = name_len(y), least = m < n ? m : n;
	int rc = memcmp(x->path, y->path, least);

	if (rc == 0)
		rc = m < n ? -1 : m > n;
	if (rc == 0)
		rc = x->rights < y->rights ? -1 : x->rights > y->rights;
	return rc ? rc : order(x->path, y->path);
}

static int is_group(const struct item *x, const struct item *y)
{
	return x->rights == y->rights && name_len(x) == name_len(y) && memcmp(x->path, y->path, name_len(x)) == 0;
}

/* A secret in it would be granted along. */
static int holds_secret(const struct items *items, const char *dir)
{
	for (uint32_t i = 0; i < items->list.count; i++)
		if (item_at(items, i)->secret && path_is_in(item_at(items, i)->path, dir))
			return 1;
	return 0;
}

/* COUNT items of one folder and with the same rights become the folder, if that may be. Returns 1 if they did. */
static int fold_group(struct items *items, struct item **group, size_t count, const struct setting *setting,
		      struct arena *arena, struct vec *made)
{
	struct item fresh = {
	    .path = arena_text(arena, group[0]->path, name_len(group[0])), .rights = group[0]->rights, .is_dir = 1};

	if (!fresh.path)
		return -ENOMEM;
	if (!setting_may_fold(setting, fresh.path) || setting_broad(setting, fresh.path, fresh.rights) ||
	    holds_secret(items, fresh.path))
		return 0;
	for (size_t i = 0; i < count; i++) {
		fresh.folded += group[i]->folded ? group[i]->folded : 1;
		add_by(&fresh.by, &group[i]->by);
		group[i]->rights = 0;
	}
	int rc = vec_add(made, &fresh, 1, sizeof fresh);
	return rc < 0 ? rc : 1;
}

/* One level. Returns how many folders were made, or a negative errno. */
static int fold_once(struct items *items, const struct setting *setting, struct arena *arena)
{
	struct item **OWNED sorted = calloc(items->list.count + 1, sizeof(struct item *));
	struct vec made = {0};
	size_t count = 0;
	int folded = 0, rc = 0;

	if (!sorted)
		return -ENOMEM;
	for (uint32_t i = 0; i < items->list.count; i++)
		if (can_fold(item_at(items, i)))
			sorted[count++] = item_at(items, i);
	qsort(sorted, count, sizeof(struct item *), by_folder);
	for (size_t i = 0, n; i < count && rc >= 0; i += n) {
		for (n = 1; i + n < count && is_group(sorted[i], sorted[i + n]); n++)
			;
		rc = n < FOLD_AT ? 0 : fold_group(items, sorted + i, n, setting, arena, &made);
		folded += rc > 0;
	}
	if (rc >= 0 && made.count > 0)
		rc = vec_add(&items->list, made.data, made.count, sizeof(struct item));
	vec_free(&made);
	return rc < 0 ? rc : folded;
}

int items_fold(struct items *items, const struct setting *setting, struct arena *arena)
{
	int rc;

	/* Each round leaves fewer items that can be folded. */
	while ((rc = fold_once(items, setting, arena)) > 0) {
		settle(items);
		items_cover_own(items);
	}
	return rc;
}

void items_free(struct items *items)
{
	vec_free(&items->list);
}

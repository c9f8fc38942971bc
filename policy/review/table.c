#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "rwacxi"; /* enum right */

const char *cell_text(const struct cell *cell, char buf[16])
{
	size_t n = 0;

	for (int i = 0; letters[i]; i++)
		if (cell->rights >> i & 1)
			buf[n++] = letters[i];
	if (cell->marks & MARK_YES)
		buf[n++] = '+';
	if (cell->marks & MARK_KEEP)
		buf[n++] = 'k';
	if (cell->marks & MARK_SET)
		buf[n++] = 's';
	if (cell->marks & MARK_PASS)
		buf[n++] = 'p';
	buf[n] = '\0';
	return buf;
}

const char *table_short_name(const char *policy, char buf[64])
{
	const char *slash = strrchr(policy, '/');

	snprintf(buf, 64, "%s", slash ? slash + 1 : policy);
	char *end = strstr(buf, ".policy");
	if (end && end > buf)
		*end = '\0';
	return buf;
}

/* How an entry shows: its group and name, or NULL for what has no place in a table of resources. */
struct place_in {
	const char *group, *name;
	int order; /* of the group */
	uint32_t rights, marks;
};

/* The first DEPTH components of "/usr/lib/x/y", or of "~/x/y". */
static const char *folder_of(struct arena *arena, const char *path, int depth)
{
	size_t len = 0;

	for (int i = 0; i < depth && path[len]; i++)
		len += strcspn(path + len + 1, "/") + 1;
	return arena_text(arena, path, len);
}

/* As the policy says it, without quotes. */
static const char *plain_word(struct arena *arena, const char *word)
{
	const size_t len = strlen(word);

	return len > 1 && word[0] == '"' && word[len - 1] == '"' ? arena_text(arena, word + 1, len - 2) : word;
}

static int place_file(struct arena *arena, const struct entry *e, int folded, struct place_in *to)
{
	const char *path = plain_word(arena, *e->word ? e->word : e->object);

	if (!path)
		return -ENOMEM;
	to->order = path[0] == '/' ? 2 : path[0] == '.' ? 1 : 0;
	to->group = path[0] == '.' ? "the working directory" : path[0] == '~' ? "the home folder" : folder_of(arena, path, 1);
	const char *folder = folder_of(arena, path, 2);
	if (!to->group || !folder)
		return -ENOMEM;
	const int inside = strlen(folder) < strlen(path);
	to->name = folded ? arena_say(arena, "%s%s", folder, inside || e->spot.type == TYPE_DIR ? "/" : "")
			  : arena_say(arena, "%s%s", path, e->spot.type == TYPE_DIR ? "/" : "");
	to->rights = e->rights;
	return to->name ? 0 : -ENOMEM;
}

static int place_entry(struct arena *arena, const struct entry *e, int folded, struct place_in *to)
{
	*to = (struct place_in){.name = e->object, .marks = MARK_YES};
	switch (e->kind) {
	case KIND_PATH: to->marks = 0; return place_file(arena, e, folded, to);
	case KIND_PRIVATE:
		to->group = "places of its own";
		to->name = arena_say(arena, "%s/ (private)", plain_word(arena, e->word));
		to->order = 3;
		to->rights = e->rights;
		to->marks = 0;
		break;
	case KIND_SCRATCH:
		to->group = "places of its own";
		to->name = arena_say(arena, "$%s (scratch)", e->name);
		to->order = 3;
		to->rights = e->rights;
		to->marks = 0;
		break;
	case KIND_ARGS:
	case KIND_DESCRIPTOR:
		to->group = "the command line, and descriptors";
		to->name = e->kind == KIND_ARGS ? arena_say(arena, "words %s", e->object)
						: arena_say(arena, "descriptor %ju", (uintmax_t)e->number);
		to->order = 4;
		to->rights = e->rights;
		to->marks = e->rights ? 0 : MARK_YES;
		break;
	case KIND_CONNECT:
	case KIND_LISTEN:
		to->group = "network";
		to->name = arena_say(arena, "%s %s", kind_word[e->kind], e->object);
		to->order = 5;
		break;
	case KIND_HELD:
		to->group = "from the broker";
		to->name = *e->word && e->held->kind == HELD_PATH
			       ? arena_say(arena, "%s%s", plain_word(arena, e->word), e->spot.type == TYPE_DIR ? "/" : "")
			       : e->object;
		to->order = 5;
		to->rights = e->rights & RIGHT_ALL;
		to->marks = (to->rights ? 0 : MARK_YES) | (e->rights & RIGHT_PASS ? MARK_PASS : 0);
		break;
	case KIND_PEER:
		to->group = "network";
		to->name = e->said;
		to->order = 5;
		break;
	case KIND_ASK:
		to->group = "after asking the person";
		to->name = arena_say(arena, "%s%s", plain_word(arena, *e->word ? e->word : e->object),
				     e->spot.type == TYPE_DIR ? "/" : "");
		to->order = 5;
		to->rights = e->rights;
		to->marks = 0;
		break;
	case KIND_PROMISE:
		to->group = "promises";
		to->order = 6;
		break;
	case KIND_CAPABILITY:
	case KIND_ACCOUNT:
	case KIND_SERVICE:
	case KIND_FORGO:
		to->group = "privileges";
		to->name = e->said;
		to->order = 7;
		break;
	case KIND_ENV:
		to->group = "environment";
		to->order = 8;
		to->marks = e->flags == ENV_SET ? MARK_SET : MARK_KEEP;
		break;
	case KIND_ISOLATE:
	case KIND_LIMIT:
	case KIND_EXCEPT:
		to->group = "bounds";
		to->name = e->said;
		to->order = 9;
		break;
	default: to->group = NULL; return 0;
	}
	return to->name ? 0 : -ENOMEM;
}

#define LINES_SHOWN 16 /* of one cell */

struct found { /* one entry, placed */
	struct place_in at;
	const struct entry *entry;
	uint32_t policy;
};

static int by_place(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int n;

	if (x->at.order != y->at.order)
		return x->at.order < y->at.order ? -1 : 1;
	if ((n = strcmp(x->at.group, y->at.group)) != 0 || (n = strcmp(x->at.name, y->at.name)) != 0)
		return n;
	return x->policy != y->policy ? (x->policy < y->policy ? -1 : 1) : x->entry < y->entry ? -1 : 1;
}

static int add_lines(struct table *t, struct cell *cell, const struct entry *e)
{
	char at[512];

	if (cell->line_count > LINES_SHOWN)
		return 0;
	origin_text(&e->origin, at, sizeof at);
	const char *line =
	    cell->line_count == LINES_SHOWN ? "and more" : arena_say(&t->arena, "%s%s%s", at, *at ? ": " : "", e->said);
	cell->line_count++;
	cell->lines = arena_say(&t->arena, "%s%s%s", cell->lines, *cell->lines ? "\n" : "", line);
	return line && cell->lines ? 0 : -ENOMEM;
}

static int add_row(struct table *t, const struct found *f, int new_group)
{
	if (new_group)
		t->groups[t->group_count++] = f->at.group;
	struct resource *row = &t->rows[t->count++];
	*row = (struct resource){.group = (int)t->group_count - 1, .name = f->at.name};
	row->cells = arena_alloc(&t->arena, t->policy_count * sizeof *row->cells);
	if (!row->cells)
		return -ENOMEM;
	for (uint32_t i = 0; i < t->policy_count; i++)
		row->cells[i].lines = "";
	return 0;
}

static int fill(struct table *t, const struct found *found, uint32_t count)
{
	int rc = 0;

	for (uint32_t i = 0; i < count && rc == 0; i++) {
		const struct found *f = &found[i], *last = i ? &found[i - 1] : NULL;
		const int new_group = !last || last->at.order != f->at.order || strcmp(last->at.group, f->at.group) != 0;
		if (new_group || strcmp(last->at.name, f->at.name) != 0)
			rc = add_row(t, f, new_group);
		if (rc < 0)
			break;
		struct cell *cell = &t->rows[t->count - 1].cells[f->policy];
		cell->rights |= f->at.rights;
		cell->marks |= f->at.marks;
		rc = add_lines(t, cell, f->entry);
	}
	return rc;
}

static int collect(struct table *t, const struct model *const *models, int folded, struct found *found, uint32_t *count)
{
	int rc = 0;

	for (uint32_t i = 0; i < t->policy_count; i++) {
		t->policies[i] = models[i]->shown;
		for (uint32_t k = 0; k < models[i]->count && rc == 0; k++) {
			const struct entry *e = &models[i]->entries[k];
			struct place_in at = {0};
			if (!e->own)
				rc = place_entry(&t->arena, e, folded, &at);
			if (rc == 0 && at.group)
				found[(*count)++] = (struct found){at, e, i};
		}
	}
	return rc;
}

int table_gather(struct table *t, const struct model *const *models, uint32_t count, int folded)
{
	uint32_t total = 0, n = 0;

	memset(t, 0, sizeof *t);
	for (uint32_t i = 0; i < count; i++)
		total += models[i]->count;
	struct found *found = calloc(total + 1, sizeof *found);
	t->policy_count = count;
	t->policies = arena_alloc(&t->arena, (count + 1) * sizeof *t->policies);
	t->groups = arena_alloc(&t->arena, (total + 1) * sizeof *t->groups);
	t->rows = arena_alloc(&t->arena, (total + 1) * sizeof *t->rows);
	int rc = found && t->policies && t->groups && t->rows ? collect(t, models, folded, found, &n) : -ENOMEM;
	if (rc == 0 && n > 1)
		qsort(found, n, sizeof *found, by_place);
	if (rc == 0)
		rc = fill(t, found, n);
	free(found);
	return rc;
}

void table_free(struct table *t)
{
	arena_free(&t->arena);
	memset(t, 0, sizeof *t);
}

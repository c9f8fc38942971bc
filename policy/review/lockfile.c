#include "lockfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "owned.h"

#define HEAD "# endow lock 1 of "
#define FRAGMENT "locked" /* the fragment as which the fragments' lines are read */

static void digest(const struct source *source, char hex[HASH_HEX])
{
	struct hash hash;
	uint8_t sum[HASH_SIZE];

	hash_init(&hash);
	hash_add(&hash, source->text, source->len);
	hash_end(&hash, sum);
	hash_hex(sum, hex);
}

/* Kinds in their order, then by the text: the same authority is the same lock, whatever the order of the policy. */
static int by_kind(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	const int n = strcmp(x->said, y->said);
	return n ? n : strcmp(x->origin.fragment, y->origin.fragment);
}

static void put_entries(FILE *f, const struct model *model, const struct entry **list)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < model->count; i++)
		if (!model->entries[i].own)
			list[count++] = &model->entries[i];
	if (count > 0)
		qsort(list, count, sizeof *list, by_kind);
	for (uint32_t i = 0; i < count; i++) {
		const struct entry *e = list[i], *last = i ? list[i - 1] : NULL;
		if (last && strcmp(last->said, e->said) == 0 && strcmp(last->origin.fragment, e->origin.fragment) == 0)
			continue;
		fprintf(f, "%s%s%s\n", e->said, *e->origin.fragment ? "  # " : "", e->origin.fragment);
	}
}

char *lockfile_text(const struct subject *subject)
{
	const struct model *model = &subject->model;
	const char *slash = strrchr(model->shown, '/');
	const struct entry **OWNED list = calloc(model->count + 1, sizeof *list);
	char hex[HASH_HEX], *text = NULL;
	size_t len = 0;
	FILE *f = list ? open_memstream(&text, &len) : NULL;

	if (!f)
		return NULL;
	fputs(HEAD, f);
	for (const char *p = slash ? slash + 1 : model->shown; *p; p++)
		fputc((unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p, f);
	digest(&subject->tree->sources[SOURCE_MAIN], hex);
	fprintf(f, "\n# policy %s\n", hex);
	for (uint32_t i = SOURCE_FRAGMENT; i < subject->tree->source_count; i++) {
		digest(&subject->tree->sources[i], hex);
		fprintf(f, "# fragment %s %s\n", subject->tree->sources[i].name, hex);
	}
	put_entries(f, model, list);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* Does the line, of LEN bytes, say which fragment it is of? */
static int is_of_fragment(const char *line, size_t len)
{
	size_t name = len;

	while (name > 0 && strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", line[name - 1]))
		name--;
	return name < len && name >= 4 && memcmp(line + name - 4, "  # ", 4) == 0;
}

/* The lines of a lock, told apart: a fragment is weaker than the policy, and may grant beside it what one source may not. Lines
 * stay where they are, for messages. */
struct halves {
	char *main, *fragment; /* owned */
	size_t len;
	const char *shown;
};

static int halve(const struct policy_text *text, struct halves *halves)
{
	static const char use[] = "use " FRAGMENT "\n";

	halves->main = calloc(1, text->len + sizeof use + 1);
	halves->fragment = calloc(1, text->len + 1);
	if (!halves->main || !halves->fragment)
		return -ENOMEM;
	for (size_t at = 0, len; at < text->len; at += len + 1) {
		const char *line = text->bytes + at, *lf = memchr(line, '\n', text->len - at);
		len = lf ? (size_t)(lf - line) : text->len - at;
		char *to = is_of_fragment(line, len) ? halves->fragment : halves->main,
		     *other = to == halves->main ? halves->fragment : halves->main;
		memcpy(to + at, line, len);
		memset(other + at, ' ', len);
		if (lf)
			to[at + len] = other[at + len] = '\n';
	}
	halves->len = text->len;
	halves->shown = text->path;
	memcpy(halves->main + text->len, use, sizeof use);
	return 0;
}

static int fetch_half(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	const struct halves *halves = arg;

	if (strcmp(name, FRAGMENT) != 0)
		return err_set(err, ENOENT, "a lock uses none");
	*out = (struct compile_text){.shown = halves->shown, .text = halves->fragment, .len = halves->len};
	return 0;
}

static int read_lock(struct lock_state *s, const struct policy_text *text, const struct world *world, struct err *err)
{
	struct halves halves = {0};
	int rc;

	if (text->len < sizeof HEAD - 1 || memcmp(text->bytes, HEAD, sizeof HEAD - 1) != 0)
		return err_set(err, EINVAL, "%s is no lock of this version: it does not begin with '" HEAD "...'", text->path);
	rc = halve(text, &halves);
	if (rc == 0) {
		const struct compile_input in = {
		    .line = "",
		    .main = {.shown = text->path, .text = halves.main, .len = strlen(halves.main)},
		    .filter = filter_make,
		};
		rc = subject_make(&s->locked, &in, fetch_half, &halves, text->path, NULL, world, err);
	} else {
		err_set(err, ENOMEM, "no memory");
	}
	free(halves.main);
	free(halves.fragment);
	return rc;
}

/* The line "# WHAT NAME DIGEST" of the lock, or NULL; for the policy itself NAME is "". */
static int is_locked(const char *lock, const char *name, const char *hex, int *known)
{
	const size_t len = strlen(name);

	*known = 0;
	for (const char *p = lock; p && *p == '#'; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		const char *rest = len ? "# fragment " : "# policy ";
		if (strncmp(p, rest, strlen(rest)) != 0)
			continue;
		p += strlen(rest);
		if (len && (strncmp(p, name, len) != 0 || p[len] != ' '))
			continue;
		*known = 1;
		return strncmp(p + (len ? len + 1 : 0), hex, HASH_HEX - 1) == 0;
	}
	return 0;
}

static int find_changes(struct lock_state *s, const char *lock)
{
	const struct tree *tree = s->now.tree;
	char hex[HASH_HEX];
	int known;

	s->changes = "";
	for (uint32_t i = SOURCE_MAIN; i < tree->source_count && s->changes; i++) {
		const char *name = tree->sources[i].name;
		digest(&tree->sources[i], hex);
		if (is_locked(lock, name, hex, &known))
			continue;
		s->changes = arena_say(&s->now.arena, "%s%s%s%s %s\n", s->changes, *name ? "fragment " : s->now.model.shown,
				       name, "", known || !*name ? "has changed" : "is used now");
	}
	s->same_texts = s->changes && !*s->changes;
	return s->changes ? 0 : -ENOMEM;
}

int lockfile_compare(const struct policy_text *lock, const struct world *world, struct lock_state *s, struct err *err)
{
	int rc = read_lock(s, lock, world, err);

	if (rc < 0)
		return rc;
	(void)((rc = find_changes(s, lock->bytes)) || (rc = compare(&s->locked.model, &s->now.model, &s->gained)) ||
	       (rc = compare(&s->now.model, &s->locked.model, &s->lost)));
	return rc < 0 ? err_set(err, -rc, "%s: %s", lock->path, err_words(-rc)) : 0;
}

void lock_free(struct lock_state *s)
{
	subject_free(&s->now);
	subject_free(&s->locked);
}

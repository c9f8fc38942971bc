#include "tree.h"

#include <errno.h>
#include <string.h>

const char *const verb_word[VERB_COUNT] = {
    "",        "program", "use",   "let",    "",        "except",  "grant",   "ask",       "fd",     "args",    "env",
    "scratch", "cwd",     "umask", "limit",  "promise", "connect", "listen",  "require",   "forgo",  "service", "private",
    "isolate", "user",    "group", "groups", "keep",    "session", "signals", "supervise", "report",
};

const char *const choice_word[CHOICE_COUNT] = {"", "any", "keep", "new", "none", "reset"};

const char *const protocol_word[PROTOCOL_COUNT + 1] = {"tcp", "udp", "unix", NULL};

int tree_add(struct tree *tree, const char *name, const char *shown, const char *text, size_t len, uint32_t depth)
{
	if (tree->source_count == SOURCES_MAX)
		return -E2BIG;
	struct source *s = &tree->sources[tree->source_count];
	s->name = arena_text(&tree->arena, name, strlen(name));
	s->shown = arena_text(&tree->arena, shown, strlen(shown));
	s->text = arena_text(&tree->arena, text, len);
	s->len = len;
	s->depth = depth;
	if (!s->name || !s->shown || !s->text)
		return -ENOMEM;
	return (int)tree->source_count++;
}

void tree_free(struct tree *tree)
{
	arena_free(&tree->arena);
	memset(tree, 0, sizeof *tree);
}

int tree_find(const struct tree *tree, const char *name)
{
	for (uint32_t i = SOURCE_FRAGMENT; i < tree->source_count; i++)
		if (strcmp(tree->sources[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

const char *word_plain(const struct word *word)
{
	if (!word->parts)
		return "";
	return word->parts->variable || word->parts->next ? NULL : word->parts->text;
}

bool word_is(const struct word *word, const char *text)
{
	const char *plain = word->quoted ? NULL : word_plain(word);

	return plain && strcmp(plain, text) == 0;
}

int word_among(const struct word *word, const char *const *table)
{
	for (int i = 0; table[i]; i++)
		if (word_is(word, table[i]))
			return i;
	return -1;
}

static bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool word_equal(const struct word *a, const struct word *b)
{
	const struct part *p, *q;

	if (!a || !b)
		return a == b;
	for (p = a->parts, q = b->parts; p && q; p = p->next, q = q->next)
		if (p->variable != q->variable || strcmp(p->text, q->text) != 0)
			return false;
	return p == q;
}

static bool stmt_equal(const struct stmt *a, const struct stmt *b)
{
	const struct item *i, *j;

	if (a->verb != b->verb || a->rights != b->rights || a->flags != b->flags || a->hold != b->hold ||
	    a->choice != b->choice || a->protocol != b->protocol || a->gap != b->gap || a->broken != b->broken ||
	    !text_equal(a->comment, b->comment))
		return false;
	for (i = a->items, j = b->items; i && j; i = i->next, j = j->next)
		if (i->tag != j->tag || !word_equal(i->word, j->word) || !word_equal(i->value, j->value))
			return false;
	return i == j;
}

bool source_equal(const struct source *a, const struct source *b)
{
	const struct stmt *s, *t;

	for (s = a->statements, t = b->statements; s && t; s = s->next, t = t->next)
		if (!stmt_equal(s, t))
			return false;
	return s == t;
}

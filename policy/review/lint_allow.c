/* Comments that allow findings: "# endow: allow ID... because REASON", on the line of a statement or before it. */
#include <stdio.h>
#include <string.h>

#include "lint_state.h"
#include "text.h"

#define MARK "endow:"
#define FORM "write: # endow: allow ID because REASON"

struct allowance {
	const struct lint_rule *rule;
	struct place at;
	uint32_t line; /* of the statement that it is about */
	bool used;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* The word at *P, behind which *P is set. */
static size_t take(const char **p, const char **word)
{
	*word = skip(*p);
	const size_t n = strcspn(*word, " \t,");
	*p = *word + n + ((*word)[n] == ',');
	return n;
}

static bool is_word(const char *word, size_t len, const char *text)
{
	return strlen(text) == len && memcmp(word, text, len) == 0;
}

static void unknown(struct lint *l, struct place at, const char *word, size_t len)
{
	char id[32], hint[80] = "see endow-check(1) for the ids";

	snprintf(id, sizeof id, "%.*s", (int)(len < sizeof id ? len : sizeof id - 1), word);
	if (lint_nearest(id))
		snprintf(hint, sizeof hint, "did you mean '%s'?", lint_nearest(id));
	lint_find(l, LINT_ALLOW_WRONG, at, hint, "no finding is called '%s'", id);
}

/* What COMMENT of S allows goes to OUT, on the line of the statement that it is about. */
static void read_comment(struct lint *l, const struct stmt *s, uint32_t line, struct vec *out)
{
	const struct place at = text_comment_place(l->tree, s);
	const char *p = s->comment + strlen(MARK), *word;
	size_t len = take(&p, &word);

	if (!is_word(word, len, "allow")) {
		lint_find(l, LINT_ALLOW_WRONG, at, FORM, "a comment for endow that says something else than 'allow'");
		return;
	}
	const uint32_t before = out->count;
	while ((len = take(&p, &word)) > 0 && !is_word(word, len, "because")) {
		const struct allowance a = {.rule = lint_rule(word, len), .at = at, .line = line};
		if (!a.rule)
			unknown(l, at, word, len);
		else if (l->rc == 0)
			l->rc = vec_add(out, &a, 1, sizeof a);
	}
	if (len > 0 && *skip(p) != '\0')
		return;
	out->count = before;
	lint_find(l, LINT_ALLOW_WRONG, at, FORM, "what is allowed needs a reason");
}

#define NOWHERE UINT32_MAX

/* The line of the statement that a comment of S is about: its own, or the next one's, with nothing but comments between. */
static uint32_t line_of(const struct stmt *s)
{
	while (s && s->verb == VERB_NOTHING) {
		s = s->next;
		if (s && s->gap)
			return NOWHERE;
	}
	return s ? s->at.line : NOWHERE;
}

static void read_source(struct lint *l, const struct source *source, struct vec *out)
{
	for (const struct stmt *s = source->statements; s; s = s->next)
		if (s->comment && strncmp(s->comment, MARK, strlen(MARK)) == 0)
			read_comment(l, s, line_of(s), out);
}

static bool is_allowed(const struct finding *f, struct vec *allowances)
{
	struct allowance *all = allowances->data;
	bool found = false;

	for (uint32_t i = 0; i < allowances->count; i++) {
		if (all[i].rule != f->rule || all[i].at.source != f->source || all[i].line != f->line)
			continue;
		all[i].used = found = true;
	}
	return found;
}

static void drop_allowed(struct findings *findings, struct vec *allowances)
{
	struct finding *all = findings->list.data;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < findings->list.count; i++)
		if (!is_allowed(&all[i], allowances))
			all[kept++] = all[i];
	findings->list.count = kept;
}

/* A fragment's comments may be about what it does in other policies; and what depends on this machine may be found on another.
 */
static void judge_unused(struct lint *l, const struct vec *allowances)
{
	const struct allowance *all = allowances->data;

	for (uint32_t i = 0; i < allowances->count; i++)
		if (!all[i].used && all[i].at.source == SOURCE_MAIN && !all[i].rule->here)
			lint_find(l, LINT_ALLOW_UNUSED, all[i].at, "leave the comment out",
				  "'%s' is allowed, and is not found here", all[i].rule->id);
}

void lint_allow(struct lint *l)
{
	struct vec allowances = {0};

	for (uint32_t i = 0; i < l->tree->source_count; i++)
		read_source(l, &l->tree->sources[i], &allowances);
	if (l->rc == 0) {
		drop_allowed(l->out, &allowances);
		judge_unused(l, &allowances);
	}
	vec_free(&allowances);
}

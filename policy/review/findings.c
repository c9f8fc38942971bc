#include <stdlib.h>
#include <string.h>

#include "lint.h"
#include "utf8.h"

void findings_free(struct findings *findings)
{
	vec_free(&findings->list);
	arena_free(&findings->texts);
}

/* What would drive a terminal, or is no UTF-8, becomes '?'. */
static const char *keep(struct findings *findings, const char *text)
{
	size_t len = strlen(text), n;
	char *copy = arena_text(&findings->texts, text, len);
	uint32_t code;

	for (char *p = copy; copy && *p; p += n ? n : 1) {
		n = utf8_read(p, len - (size_t)(p - copy), &code);
		if (n == 0 || (!utf8_visible(code) && code != '\t'))
			memset(p, '?', n ? n : 1);
	}
	return copy;
}

static int add(struct findings *findings, const struct finding *finding)
{
	struct finding f = *finding;

	f.shown = keep(findings, f.shown);
	f.text = keep(findings, f.text);
	f.hint = keep(findings, f.hint);
	f.echo = keep(findings, f.echo);
	f.mark = keep(findings, f.mark);
	if (!f.shown || !f.text || !f.hint || !f.echo || !f.mark)
		return -ENOMEM;
	return vec_add(&findings->list, &f, 1, sizeof f);
}

int findings_add(struct findings *findings, enum lint_id id, const struct message *m)
{
	return add(findings, &(struct finding){
				 .rule = &lint_rules[id],
				 .shown = m->shown,
				 .source = m->at.source,
				 .line = m->at.line,
				 .column = m->at.column,
				 .width = m->at.width,
				 .text = m->text,
				 .hint = m->hint,
				 .echo = m->echo,
				 .mark = m->mark,
			     });
}

static int by_place(const void *a, const void *b)
{
	const struct finding *f = a, *g = b;

	if (f->source != g->source)
		return f->source < g->source ? -1 : 1;
	if (f->line != g->line)
		return f->line < g->line ? -1 : 1;
	if (f->column != g->column)
		return f->column < g->column ? -1 : 1;
	if (f->rule != g->rule)
		return f->rule < g->rule ? -1 : 1;
	return strcmp(f->text, g->text);
}

void findings_sort(struct findings *findings)
{
	if (findings->list.count > 1)
		qsort(findings->list.data, findings->list.count, sizeof(struct finding), by_place);
}

static bool is_same(const struct finding *f, const struct finding *g)
{
	return f->rule == g->rule && f->line == g->line && f->column == g->column && strcmp(f->shown, g->shown) == 0 &&
	       strcmp(f->text, g->text) == 0;
}

int findings_take(struct findings *findings, const struct findings *more)
{
	const struct finding *const new = more->list.data;
	const uint32_t before = findings->list.count;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < more->list.count; i++) {
		const struct finding *const old = findings->list.data;
		bool known = false;
		for (uint32_t j = 0; j < before && !known; j++)
			known = is_same(&old[j], &new[i]);
		if (!known)
			rc = add(findings, &new[i]);
	}
	return rc;
}

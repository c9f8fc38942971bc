#include "generalise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owned.h"
#include "work.h"

#define TEXT_MAX_ 12288

void bundle_free(struct bundle *bundle)
{
	vec_free(&bundle->covers);
	vec_free(&bundle->ports);
	vec_free(&bundle->env);
	vec_free(&bundle->uses);
}

void draft_free(struct draft *draft)
{
	vec_free(&draft->lines);
	arena_free(&draft->arena);
}

void work_put(struct work *w, enum line_kind kind, int off, const char *why, const char *fmt, ...)
{
	char *OWNED text = malloc(TEXT_MAX_);
	struct line line = {.kind = kind, .off = off};
	va_list ap;

	if (!text) {
		w->failed = 1;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, TEXT_MAX_, fmt, ap);
	va_end(ap);
	line.text = arena_text(&w->draft->arena, text, strlen(text));
	line.why = arena_text(&w->draft->arena, why, strlen(why));
	if (!line.text || !line.why || vec_add(&w->draft->lines, &line, 1, sizeof line) < 0)
		w->failed = 1;
}

const char *work_by(const struct seen_by *seen, char to[WHY])
{
	const uint32_t names = seen->names > SEEN_NAMES ? SEEN_NAMES : seen->names;
	const char *sorted[SEEN_NAMES] = {NULL};
	size_t n = 0;

	*to = '\0';
	for (uint32_t i = 0; i < names; i++) {
		uint32_t k = i;
		for (; k > 0 && strcmp(sorted[k - 1], seen->name[i]) > 0; k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = seen->name[i];
	}
	for (uint32_t i = 0; i < names; i++)
		n += (size_t)snprintf(to + n, WHY - n, "%s%s", i == 0 ? "" : i + 1 == seen->names ? " and " : ", ", sorted[i]);
	n += (size_t)snprintf(to + n, WHY - n, "%s", seen->names > SEEN_NAMES ? " and others" : "");
	if (seen->times == 1)
		snprintf(to + n, WHY - n, ", once");
	else
		snprintf(to + n, WHY - n, ", %u times", seen->times);
	return to;
}

/* What endow grants with the program needs no line. */
static void cover_program(struct work *w)
{
	for (const char *const *p = w->setting->implied; *p; p++) {
		const struct cover cover = {.path = *p, .rights = RIGHT_EXEC | RIGHT_READ};
		items_cover(&w->items, &cover, 1);
	}
}

int generalise(const struct record *record, const struct knowledge *known, struct draft *draft, struct err *err)
{
	struct work w = {.record = record, .known = known, .setting = known->setting, .draft = draft};
	int rc = items_collect(&w.items, record, known->setting);

	if (rc == 0) {
		lines_program(&w);
		if (known->base)
			choose(&w, known->base);
		choose_libc(&w);
		cover_program(&w);
		choose_temporary(&w);
		choose_fragments(&w);
		items_cover_own(&w.items);
		items_join_moves(&w.items, record);
		items_cover_own(&w.items);
		rc = items_fold(&w.items, known->setting, &draft->arena);
	}
	if (rc == 0)
		lines_items(&w);
	lines_rest(&w);
	items_free(&w.items);
	vec_free(&w.chosen);
	return rc < 0 || w.failed ? err_set(err, ENOMEM, "no memory") : 0;
}

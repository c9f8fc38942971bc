/* What is said twice, or does not do what it seems to. */
#include <stdio.h>
#include <string.h>

#include "lint_places.h"
#include "lint_state.h"
#include "value.h"

static bool same_word(const struct word *a, const struct word *b)
{
	const struct part *p = a->parts, *q = b->parts;

	for (; p && q; p = p->next, q = q->next)
		if (p->variable != q->variable || strcmp(p->text, q->text) != 0)
			return false;
	return p == q;
}

/* Lists, in which a name counts once however often it is said. */
static bool is_list(const struct stmt *s)
{
	switch (s->verb) {
	case VERB_PROGRAM:
	case VERB_USE:
	case VERB_ENV:
	case VERB_SCRATCH:
	case VERB_PROMISE:
	case VERB_CONNECT:
	case VERB_LISTEN:
	case VERB_REQUIRE:
	case VERB_FORGO:
	case VERB_PRIVATE:
	case VERB_ISOLATE:
	case VERB_KEEP: return true;
	default: return false;
	}
}

/* The item that says the same as ITEM of S, up to it in its source; NULL: none. */
static const struct item *find_said(const struct source *source, const struct stmt *s, const struct item *item)
{
	for (const struct stmt *t = source->statements; t; t = t->next) {
		if (t->verb != s->verb || t->protocol != s->protocol)
			continue;
		for (const struct item *i = t->items; i; i = i->next) {
			if (i == item)
				return NULL;
			if (i->tag == item->tag && same_word(i->word, item->word))
				return i;
		}
	}
	return NULL;
}

static void judge_list(struct lint *l, const struct source *source, const struct stmt *s)
{
	for (const struct item *item = s->items; item; item = item->next) {
		const struct item *said = find_said(source, s, item);
		if (said)
			lint_find(l, LINT_DUPLICATE, item->word->at, "leave it out", "'%.*s' is said already, on line %u",
				  WORD(item->word), said->word->at.line);
	}
}

/* `connect tcp 443` beside `connect tcp any`; `supervise` twice; the same with `any` twice. */
static void judge_whole(struct lint *l, const struct source *source, const struct stmt *s)
{
	const bool ports = s->verb == VERB_CONNECT || s->verb == VERB_LISTEN;

	if (!ports && s->verb != VERB_SERVICE && s->verb != VERB_SUPERVISE)
		return;
	for (const struct stmt *t = source->statements; t; t = t->next) {
		if (t == s || t->verb != s->verb || t->protocol != s->protocol)
			continue;
		if (s->choice != CHOICE_ANY && t->choice == CHOICE_ANY)
			lint_find(l, LINT_COVERED, s->at, "leave it out", "line %u grants every port", t->at.line);
		else if (t->at.line < s->at.line && s->choice == t->choice && (!ports || s->choice == CHOICE_ANY))
			lint_find(l, LINT_DUPLICATE, s->at, "leave it out", "'%s' is said already, on line %u",
				  verb_word[s->verb], t->at.line);
		else
			continue;
		return;
	}
}

static void judge_create(struct lint *l, const struct reach *r)
{
	if (!(r->rights & RIGHT_CREATE) || r->rights & RIGHT_WRITE)
		return;
	for (uint32_t i = 0; i < l->reach_count; i++)
		if (l->reaches[i].rights & (RIGHT_WRITE | RIGHT_APPEND) && place_covers(l->reaches[i].place, r->place))
			return;
	lint_find(l, LINT_CREATE_ALONE, r->stmt->at, "add 'write' if they are to hold something",
		  "in '%.*s' only empty files can be made: 'create' does not write", WORD(r->word));
}

static void judge_append(struct lint *l, const struct reach *r)
{
	char ref[DIAG_REF];

	if (!(r->rights & RIGHT_APPEND) || r->grant >= REACH_HELD)
		return;
	for (uint32_t i = 0; i < l->reach_count; i++) {
		const struct reach *w = &l->reaches[i];
		if (!(w->rights & RIGHT_WRITE) || w->grant >= REACH_HELD)
			continue;
		lint_find(l, LINT_APPEND_BY_NAME, r->stmt->at, "use 'fd N append PATH as NAME'",
			  "while '%.*s' stands every open for writing has to append, of '%.*s' (%s) too", WORD(r->word),
			  WORD(w->word), diag_ref(l->diag, r->word->at.source, w->word->at, ref));
		return;
	}
}

static void judge_follow(struct lint *l, const struct reach *r)
{
	if (r->stmt->verb == VERB_GRANT && r->stmt->flags & GRANT_FOLLOW && r->rights & REACH_WRITES)
		lint_find(l, LINT_FOLLOW_WRITE, r->word->at, "name the real path, without 'follow'",
			  "who can make a link on the way to '%.*s' chooses what is written", WORD(r->word));
}

void lint_order(struct lint *l)
{
	for (uint32_t i = 0; i < l->tree->source_count; i++) {
		const struct source *source = &l->tree->sources[i];
		for (const struct stmt *s = source->statements; s; s = s->next) {
			if (is_list(s))
				judge_list(l, source, s);
			judge_whole(l, source, s);
		}
	}
	for (uint32_t i = 0; i < l->reach_count; i++) {
		judge_create(l, &l->reaches[i]);
		judge_append(l, &l->reaches[i]);
		judge_follow(l, &l->reaches[i]);
	}
}

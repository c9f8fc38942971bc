/* What is granted already; and what this machine makes of the paths. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lint_places.h"
#include "lint_state.h"

static bool has_excepts(const struct lint *l, const struct reach *r)
{
	const struct image_except *excepts = l->policy->excepts.data;

	for (uint32_t i = 0; i < l->policy->excepts.count; i++)
		if (excepts[i].grant == r->grant)
			return true;
	return false;
}

/* In a private place there is only what is granted beneath it. */
static bool is_cut_off(const struct lint *l, const struct reach *a, const struct reach *b)
{
	const struct image_place *places = l->policy->private_places.data;

	for (uint32_t i = 0; i < l->policy->private_places.count; i++) {
		const char *path = lint_string(l, places[i].path.at);
		if (places[i].path.root == a->at.root && place_covers(a->path, path) && place_covers(path, b->path))
			return true;
	}
	return false;
}

/* What is followed may lead out of the folder: only this machine can tell. */
static bool leads_within(const struct lint *l, const struct reach *a, const struct reach *b)
{
	char above[LOOK_PATH], below[LOOK_PATH];

	return a->here && b->here && l->in->look->real(a->here, above) == 0 && l->in->look->real(b->here, below) == 0 &&
	       place_covers(above, below);
}

static bool covers(const struct lint *l, const struct reach *a, const struct reach *b)
{
	if (a == b || a->grant >= REACH_HELD || b->rights & ~a->rights || a->at.root != b->at.root || has_excepts(l, a))
		return false;
	if (a->flags & GRANT_OPTIONAL && !(b->flags & GRANT_OPTIONAL)) /* B is an error where it is absent */
		return false;
	if (strcmp(a->path, b->path) == 0)
		return (a->flags & GRANT_FOLLOW) == (b->flags & GRANT_FOLLOW) &&
		       (a < b || b->rights != a->rights || has_excepts(l, b));
	if (*a->path != '\0' && !place_covers(a->path, b->path))
		return false;
	return !is_cut_off(l, a, b) && (!(b->flags & GRANT_FOLLOW) || leads_within(l, a, b));
}

/* A fragment is read beside others that it doesn't know: only what it says itself can make a line of it needless. */
static void judge_covered(struct lint *l, const struct reach *b)
{
	const uint32_t source = b->word->at.source;
	char ref[DIAG_REF];

	if (b->grant >= REACH_HELD)
		return;
	for (uint32_t i = 0; i < l->reach_count; i++) {
		const struct reach *a = &l->reaches[i];
		if ((source >= SOURCE_FRAGMENT && a->word->at.source != source) || !covers(l, a, b))
			continue;
		lint_find(l, LINT_COVERED, b->word->at, "leave it out", "'%.*s' is granted already: '%.*s' (%s)", WORD(b->word),
			  WORD(a->word), diag_ref(l->diag, source, a->word->at, ref));
		return;
	}
}

static void judge_missing(struct lint *l, const struct reach *r)
{
	char real[LOOK_PATH];

	if (r->flags & GRANT_OPTIONAL)
		return;
	const int rc = l->in->look->real(r->here, real);
	if (rc == -ENOENT || rc == -ENOTDIR)
		lint_find(l, LINT_MISSING_FILE, r->word->at, lint_hint(r, "make it, or say 'optional'", "make it"),
			  "'%.*s' does not exist here, so the program is refused", WORD(r->word));
}

static void judge_link(struct lint *l, const struct reach *r)
{
	const bool reads = !(r->rights & ~(uint32_t)REACH_READS);
	char link[LOOK_PATH];

	if (r->flags & GRANT_FOLLOW || (reads && r->flags & GRANT_OPTIONAL))
		return;
	if (l->in->look->link(r->here, r->here_root, link))
		lint_find(l, LINT_LINK_REFUSED, r->word->at,
			  reads ? "name the real path"
				: lint_hint(r, "name the real path, or say 'follow'", "name the real path"),
			  "'%.*s' passes through a link, '%.200s', so the program is refused", WORD(r->word), link);
}

/* Of the working directory lint_trust.c has said it. */
static void judge_repository(struct lint *l, const struct reach *r)
{
	char path[LOOK_PATH], real[LOOK_PATH];
	static const char *const parts[] = {"/.git/hooks", "/.git/config"};
	bool excepted = true;

	if (!(r->rights & RIGHT_CREATE) || place_covers(r->place, PLACE_HOME))
		return;
	if ((size_t)snprintf(path, sizeof path, "%s/.git", r->here) >= sizeof path || l->in->look->real(path, real) < 0)
		return;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if ((size_t)snprintf(path, sizeof path, "%s%s", r->place, parts[i]) >= sizeof path ||
		    !lint_excepted(l, r, path))
			excepted = false;
	if (!excepted)
		lint_find(l, LINT_GIT_HOOKS, r->word->at,
			  lint_hint(r, "add: except .git/hooks/ .git/config", "grant the folders that it needs"),
			  "'%.*s' is a repository, whose hooks and settings can be written: git runs what they say outside the "
			  "sandbox",
			  WORD(r->word));
}

static void judge_open(struct lint *l, struct place at, const struct word *word, const char *here)
{
	if (l->in->look->open_to_others(here))
		lint_find(l, LINT_EXEC_OPEN, at, "keep programs where only you and root may write",
			  "'%.*s' can be changed by others: they choose what is executed", WORD(word));
}

static void judge_programs(struct lint *l)
{
	const struct image_place *programs = l->policy->programs.data;
	const struct stmt *s = lint_next(l->tree->sources[SOURCE_MAIN].statements, VERB_PROGRAM);
	const struct item *item = s ? s->items : NULL;
	char real[LOOK_PATH];
	bool found = false;

	for (uint32_t i = 0; i < l->policy->programs.count && item; i++) {
		const char *path = lint_string(l, programs[i].path.at);
		if (programs[i].path.root != ROOT_NONE)
			found = true; /* that can't be told */
		else if (l->in->look->real(path, real) == 0)
			found = true, judge_open(l, item->word->at, item->word, path);
		item = item->next;
		while (!item && s && (s = lint_next(s->next, VERB_PROGRAM)))
			item = s->items;
	}
	s = lint_next(l->tree->sources[SOURCE_MAIN].statements, VERB_PROGRAM);
	if (s && !found)
		lint_find(l, LINT_MISSING_PROGRAM, s->items->word->at, NULL,
			  "no program that this policy is for exists here, so any program of that name is refused");
}

void lint_here(struct lint *l)
{
	for (uint32_t i = 0; i < l->reach_count; i++) {
		const struct reach *r = &l->reaches[i];
		judge_covered(l, r);
		if (!r->here)
			continue;
		judge_missing(l, r);
		judge_link(l, r);
		judge_repository(l, r);
		if (r->rights & RIGHT_EXEC)
			judge_open(l, r->word->at, r->word, r->here);
	}
	if (l->in->look)
		judge_programs(l);
}

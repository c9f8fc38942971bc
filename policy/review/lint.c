#include "lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint_places.h"
#include "lint_state.h"

void lint_find(struct lint *l, enum lint_id id, struct place at, const char *hint, const char *fmt, ...)
{
	char text[sizeof l->diag->messages->text];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	l->diag->count = 0;
	diag_add(l->diag, at, "%s", text);
	if (hint)
		diag_hint(l->diag, "%s", hint);
	const int rc = findings_add(l->out, id, l->diag->messages);
	if (l->rc == 0)
		l->rc = rc;
}

const char *lint_string(const struct lint *l, uint32_t at)
{
	return (const char *)l->policy->strings.data + at;
}

bool lint_excepted(const struct lint *l, const struct reach *reach, const char *place)
{
	const struct image_except *excepts = l->policy->excepts.data;
	const size_t len = strlen(reach->place);

	if (reach->grant == REACH_FD || !place_covers(reach->place, place))
		return false;
	for (uint32_t i = 0; i < l->policy->excepts.count; i++) {
		if (excepts[i].grant != reach->grant)
			continue;
		const char *rest = place + len + (place[len] == '/');
		if (place_covers(lint_string(l, excepts[i].part), rest))
			return true;
	}
	return false;
}

const struct stmt *lint_next(const struct stmt *s, enum verb verb)
{
	while (s && s->verb != verb)
		s = s->next;
	return s;
}

const struct stmt *lint_first(const struct lint *l, enum verb verb, uint32_t tag)
{
	for (uint32_t i = 0; i < l->tree->source_count; i++)
		for (const struct stmt *s = l->tree->sources[i].statements; (s = lint_next(s, verb)); s = s->next) {
			if (tag == 0)
				return s;
			for (const struct item *item = s->items; item; item = item->next)
				if (item->tag == tag)
					return s;
		}
	return NULL;
}

struct place lint_item_place(const struct stmt *s, uint32_t tag)
{
	for (const struct item *item = s->items; item; item = item->next)
		if (item->tag == tag)
			return item->word->at;
	return s->at;
}

/* What stands for ROOT on this machine, in two pieces, as the launcher finds it; false: that can't be told. */
static bool find_root(const struct lint_look *look, uint32_t root, const char **start, const char **rest)
{
	static const char *const beneath_home[ROOT_COUNT] = {
	    [ROOT_HOME] = "",
	    [ROOT_XDG_CONFIG_HOME] = "/.config",
	    [ROOT_XDG_CACHE_HOME] = "/.cache",
	    [ROOT_XDG_DATA_HOME] = "/.local/share",
	    [ROOT_XDG_STATE_HOME] = "/.local/state",
	};

	*start = *rest = "";
	if (root == ROOT_NONE)
		return true;
	if (root == ROOT_PWD) /* where the program will be started is not known */
		return false;
	*start = look->variable(image_root_name[root]);
	if (!*start && beneath_home[root]) {
		*start = look->variable("HOME");
		*rest = beneath_home[root];
	}
	return *start && **start == '/';
}

static int find_here(struct lint *l, struct reach *reach)
{
	const char *start, *rest;

	if (!l->in->look || !find_root(l->in->look, reach->at.root, &start, &rest))
		return 0;
	char *here = arena_alloc(&l->arena, strlen(start) + strlen(rest) + strlen(reach->path) + 1);
	if (!here)
		return -ENOMEM;
	strcpy(here, start);
	strcat(here, rest);
	strcat(here, reach->path);
	reach->here = here;
	reach->here_root = strlen(start) + strlen(rest);
	return 0;
}

static int add_reach(struct lint *l, const struct stmt *s, const struct word *word, struct image_text at, struct reach reach)
{
	const char *home = l->in->look ? l->in->look->variable("HOME") : NULL;
	struct reach *r = &l->reaches[l->reach_count++];

	*r = reach;
	r->at = at;
	r->stmt = s;
	r->word = word;
	r->path = lint_string(l, at.at);
	r->place = place_spell(&l->arena, at.root, r->path, home);
	return r->place ? find_here(l, r) : -ENOMEM;
}

static int add_fd(struct lint *l, const struct stmt *s)
{
	const struct image_fd *fds = l->policy->fds.data;

	for (uint32_t i = 0; i < l->policy->fds.count; i++)
		if (fds[i].where.source == s->at.source && fds[i].where.line == s->at.line && !(fds[i].flags & GRANT_KEEP))
			return add_reach(l, s, s->items->next->word, fds[i].path,
					 (struct reach){.rights = fds[i].rights, .flags = fds[i].flags, .grant = REACH_FD});
	return 0;
}

static int add_held(struct lint *l, const struct stmt *s)
{
	const struct image_held *held = l->policy->held.data;
	const struct item *what = s->items;

	while (what && what->tag != HOLD_WHAT)
		what = what->next;
	for (uint32_t i = 0; what && s->hold == HELD_PATH && i < l->policy->held.count; i++)
		if (held[i].where.source == s->at.source && held[i].where.line == s->at.line)
			return add_reach(l, s, what->word, held[i].path,
					 (struct reach){.rights = held[i].rights & RIGHT_ALL,
							.flags = held[i].rights & REACH_WRITES ? 0 : GRANT_FOLLOW,
							.grant = REACH_HELD});
	return 0;
}

const char *lint_hint(const struct reach *reach, const char *hint, const char *held)
{
	return reach->grant == REACH_HELD ? held : hint;
}

/* The policy's grants stand in the order of the words that say them. */
int lint_reach_all(struct lint *l)
{
	const struct image_grant *grants = l->policy->grants.data;
	uint32_t next = 0;
	int rc = 0;

	l->reaches = arena_alloc(&l->arena, (l->policy->grants.count + l->policy->fds.count + l->policy->held.count + 1) *
						sizeof *l->reaches);
	if (!l->reaches)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->tree->source_count; i++)
		for (const struct stmt *s = l->tree->sources[i].statements; rc == 0 && s; s = s->next) {
			if (s->verb == VERB_FD)
				rc = add_fd(l, s);
			if (s->verb == VERB_HOLD)
				rc = add_held(l, s);
			for (const struct item *item = s->verb == VERB_GRANT ? s->items : NULL; rc == 0 && item;
			     item = item->next) {
				if (item->tag != GRANT_PATH)
					break;
				const struct image_grant *g = &grants[next];
				rc = add_reach(l, s, item->word, g->path,
					       (struct reach){.rights = g->rights, .flags = g->flags, .grant = next++});
			}
		}
	return rc;
}

static void (*const groups[])(struct lint *l) = {
    lint_ambient, lint_trust, lint_env, lint_net, lint_calls, lint_order, lint_use, lint_here, lint_allow,
};

int lint_run(const struct lint_input *in, struct findings *findings)
{
	struct lint l = {.in = in, .tree = in->tree, .policy = in->policy, .out = findings};

	l.diag = calloc(1, sizeof *l.diag);
	if (!l.diag)
		return -ENOMEM;
	l.diag->tree = in->tree;
	l.rc = lint_reach_all(&l);
	for (size_t i = 0; l.rc == 0 && i < sizeof groups / sizeof *groups; i++)
		groups[i](&l);
	if (l.rc == 0)
		findings_sort(findings);
	arena_free(&l.arena);
	free(l.diag);
	return l.rc;
}

#include <stdlib.h>
#include <string.h>

#include "checker.h"

/* The command line overrides the main policy, and that the fragments. */
static int rank(uint32_t source)
{
	return source == SOURCE_LINE ? 2 : source == SOURCE_MAIN ? 1 : 0;
}

static const char *string(const struct check *c, uint32_t at)
{
	return (const char *)c->policy->strings.data + at;
}

static bool same_text(const struct check *c, struct image_text a, struct image_text b)
{
	return a.root == b.root && strcmp(string(c, a.at), string(c, b.at)) == 0;
}

int settle_value(struct check *c, uint32_t which, struct place at, uint64_t number, struct image_text text)
{
	static const char *const names[] = {"cwd", "umask", "user", "group", "groups", "session", "signals"};
	const char *limit = which < SETTING_LIMIT ? "" : "limit ";
	const char *name = which < SETTING_LIMIT ? names[which] : image_limit_name[which - SETTING_LIMIT];
	struct setting *set = &c->settings[which];
	char ref[DIAG_REF];

	if (set->last.line > 0 && set->last.source == at.source)
		return diag_add(c->diag, at, "'%s%s' is said already, on line %u", limit, name, set->last.line);
	set->last = at;
	const int over = set->at.line == 0 ? 1 : rank(at.source) - rank(set->at.source);
	if (over == 0 && (set->number != number || !same_text(c, set->text, text))) {
		diag_add(c->diag, at, "two fragments disagree about '%s%s': the other is %s", limit, name,
			 diag_ref(c->diag, at.source, set->at, ref));
		return diag_hint(c->diag, "say in the main policy which it is");
	}
	if (over > 0)
		*set = (struct setting){.last = at, .at = at, .number = number, .text = text};
	return 0;
}

/* "a,b" was one string: each comma becomes the end of a name. */
static int settle_groups(struct check *c)
{
	const struct setting *set = &c->settings[SETTING_GROUPS];
	char *const strings = c->policy->strings.data;
	int rc = 0;

	if (set->at.line == 0)
		return 0;
	if (set->number == CHOICE_NONE) {
		c->policy->head.flags |= IMAGE_GROUPS_NONE;
		return 0;
	}
	for (char *p = strings + set->text.at, *comma; rc == 0 && p; p = comma ? comma + 1 : NULL) {
		const struct image_word word = {.at = (uint32_t)(p - strings)};
		comma = strchr(p, ',');
		if (comma)
			*comma = '\0';
		rc = vec_add(&c->policy->groups, &word, 1, sizeof word);
	}
	return rc;
}

static void settle_header(struct check *c)
{
	const struct setting *const set = c->settings;
	struct image_header *h = &c->policy->head;

	if (set[SETTING_CWD].at.line > 0 && set[SETTING_CWD].number != CHOICE_KEEP) {
		h->flags |= IMAGE_CWD;
		h->cwd = set[SETTING_CWD].text;
	}
	if (set[SETTING_UMASK].at.line > 0) {
		h->flags |= IMAGE_UMASK;
		h->umask = (uint32_t)set[SETTING_UMASK].number;
	}
	h->user = set[SETTING_USER].text.at;
	h->group = set[SETTING_GROUP].text.at;
	h->flags |= set[SETTING_SESSION].number == CHOICE_NEW ? IMAGE_SESSION_NEW : 0;
	h->flags |= set[SETTING_SIGNALS].number == CHOICE_KEEP ? IMAGE_SIGNALS_KEEP : 0;
	for (uint32_t i = 0; i < LIMIT_COUNT; i++)
		h->limits[i] = set[SETTING_LIMIT + i].at.line > 0 ? set[SETTING_LIMIT + i].number : LIMIT_UNSET;
}

static int settle_fds(struct check *c)
{
	uint32_t end = 3;
	int rc = 0;

	while (end < FDS_MAX && c->fd_at[end].line > 0)
		end++;
	for (uint32_t i = 0; rc == 0 && i < FDS_MAX; i++) {
		if (c->fd_at[i].line == 0)
			continue;
		if (c->fds[i].name != 0 && (i < 3 || i >= end)) {
			diag_add(c->diag, c->fd_at[i], "descriptor %u can't have a name", i);
			if (i < 3)
				diag_hint(c->diag, "names are announced for 3, 4, 5 and on, as LISTEN_FDNAMES");
			else
				diag_hint(c->diag, "names are announced from 3 on without a gap, and %u is not declared", end);
		}
		rc = vec_add(&c->policy->fds, &c->fds[i], 1, sizeof c->fds[i]);
	}
	return rc;
}

static void settle_append(struct check *c)
{
	char ref[DIAG_REF];

	if (c->append_at.line == 0 || c->write_at.line == 0)
		return;
	diag_add(
	    c->diag, c->append_at,
	    "'append' by name beside 'write' or 'create' by name (%s): while it stands, every open for writing must append",
	    diag_ref(c->diag, c->append_at.source, c->write_at, ref));
	diag_hint(c->diag, "use 'fd N append PATH as NAME'");
}

static void settle_features(struct check *c)
{
	char ref[DIAG_REF];

	for (uint32_t i = 0; image_feature_name[i]; i++) {
		if (c->require_at[i].line == 0 || c->forgo_at[i].line == 0)
			continue;
		diag_add(c->diag, c->forgo_at[i], "'forgo %s', but it is required (%s)", image_feature_name[i],
			 diag_ref(c->diag, c->forgo_at[i].source, c->require_at[i], ref));
		diag_hint(c->diag, "decide which it is");
	}
}

/* By name, the strongest source first; prefixes behind all names, as they override none. */
static int by_name(const void *a, const void *b, void *arg)
{
	const struct env_entry *x = a, *y = b;
	const int px = x->env.op == ENV_KEEP_PREFIX, py = y->env.op == ENV_KEEP_PREFIX;

	if (px != py)
		return px - py;
	const int n = strcmp(string(arg, x->env.name), string(arg, y->env.name));
	if (n != 0)
		return n;
	if (rank(x->at.source) != rank(y->at.source))
		return rank(y->at.source) - rank(x->at.source);
	return x->env.name < y->env.name ? -1 : x->env.name > y->env.name; /* as they were said */
}

/* As the launcher has to carry them out: what is set after what is kept, as LC_ALL=C is to override LC_*. */
static int by_weight(const void *a, const void *b)
{
	const struct image_env *x = a, *y = b;

	if (rank(x->where.source) != rank(y->where.source))
		return rank(x->where.source) - rank(y->where.source);
	if ((x->op == ENV_SET) != (y->op == ENV_SET))
		return x->op == ENV_SET ? 1 : -1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static bool same_env(const struct check *c, const struct env_entry *a, const struct env_entry *b)
{
	return a->env.op == b->env.op && same_text(c, a->env.value, b->env.value);
}

/* E says again what FIRST has said about this name. */
static void judge_env(struct check *c, const struct env_entry *first, const struct env_entry *e)
{
	static const char *const what[] = {"kept", "kept", "set", "scratch"};
	const uint32_t a = first->env.op < e->env.op ? first->env.op : e->env.op, b = first->env.op ^ e->env.op ^ a;
	const char *name = string(c, e->env.name);
	char ref[DIAG_REF];

	diag_ref(c->diag, e->at.source, first->at, ref);
	if (e->at.source == first->at.source && e->env.op == ENV_SET && first->env.op == ENV_SET) {
		diag_add(c->diag, e->at, "'%.60s' is set already, on %s", name, ref);
	} else if (e->at.source == first->at.source && !same_env(c, first, e)) {
		diag_add(c->diag, e->at, "'%.60s' is both %s and %s (%s)", name, what[a], what[b], ref);
		if (b == ENV_SCRATCH)
			diag_hint(c->diag, "'scratch' makes the folder and sets the variable; leave the other out");
	} else if (rank(e->at.source) == rank(first->at.source) && !same_env(c, first, e)) {
		diag_add(c->diag, e->at, "two fragments disagree about '%.60s': the other is %s", name, ref);
		diag_hint(c->diag, "say in the main policy which it is");
	}
}

static int put_scratch(struct check *c, const struct env_entry *e)
{
	const struct image_word word = {.at = e->env.name};

	if (c->policy->scratch.count < SCRATCH_MAX)
		return vec_add(&c->policy->scratch, &word, 1, sizeof word);
	diag_add(c->diag, e->at, "too many variables are scratch");
	return diag_hint(c->diag, "at most %u", SCRATCH_MAX);
}

/* One entry for each name is left. */
static int settle_env(struct check *c)
{
	struct env_entry *const all = c->env.data;
	const struct env_entry *first = NULL;
	int rc = 0;

	if (c->env.count == 0)
		return 0;
	qsort_r(all, c->env.count, sizeof *all, by_name, c);
	for (uint32_t i = 0; rc == 0 && i < c->env.count; i++) {
		const bool prefix = all[i].env.op == ENV_KEEP_PREFIX;
		if (first && prefix == (first->env.op == ENV_KEEP_PREFIX) &&
		    strcmp(string(c, all[i].env.name), string(c, first->env.name)) == 0) {
			if (rank(all[i].at.source) == rank(first->at.source))
				judge_env(c, first, &all[i]);
			else if (all[i].at.source == all[i - 1].at.source)
				judge_env(c, &all[i - 1], &all[i]);
			continue;
		}
		first = &all[i];
		rc = first->env.op == ENV_SCRATCH ? put_scratch(c, first)
						  : vec_add(&c->policy->env, &first->env, 1, sizeof first->env);
	}
	if (rc == -EINVAL) /* has its message */
		return 0;
	if (rc < 0 || c->policy->env.count == 0)
		return rc;
	qsort(c->policy->env.data, c->policy->env.count, sizeof(struct image_env), by_weight);
	return 0;
}

/* A socket that the broker makes is of the program's own network, in which there is nobody. */
static void settle_held(struct check *c)
{
	const struct image_held *all = c->policy->held.data;

	for (uint32_t i = 0; c->policy->head.isolate & ISOLATE_NET && i < c->policy->held.count; i++) {
		if (all[i].kind != HELD_CONNECT_TCP && all[i].kind != HELD_LISTEN_TCP)
			continue;
		const struct place at = {.source = all[i].where.source, .line = all[i].where.line, .column = 1, .width = 5};
		diag_add(c->diag, at, "'isolate net' leaves nobody to connect to, and nobody who could");
		diag_hint(c->diag, "leave one of the two out");
	}
}

int settle(struct check *c)
{
	int rc;

	rc = settle_env(c);
	if (rc < 0 || c->diag->count > 0) /* what is missing because it was refused is no second error */
		return rc;
	settle_append(c);
	settle_features(c);
	settle_header(c);
	settle_held(c);
	settle_peers(c);
	rc = settle_fds(c);
	return rc == 0 ? settle_groups(c) : rc;
}

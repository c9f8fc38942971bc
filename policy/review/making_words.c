#include <cap-ng.h>
#include <stdio.h>
#include <string.h>

#include "making.h"

static int rank(uint32_t source)
{
	return source == SOURCE_LINE ? 2 : source == SOURCE_MAIN ? 1 : 0;
}

/* The statement with VERB, and an item tagged TAG where that is not 0, that decides: of the strongest source, and there the
 * first. */
static const struct image_where *find_tag(const struct making *m, enum verb verb, uint32_t tag, struct image_where *where)
{
	const struct tree *tree = m->in->tree;
	int best = -1;

	for (uint32_t i = 0; i < tree->source_count; i++)
		for (const struct stmt *s = tree->sources[i].statements; s; s = s->next) {
			if (s->verb != verb || rank(i) <= best)
				continue;
			const struct item *item = s->items;
			while (tag && item && item->tag != tag)
				item = item->next;
			if (tag && !item)
				continue;
			best = rank(i);
			*where = (struct image_where){.source = i, .line = s->at.line};
		}
	return best < 0 ? NULL : where;
}

/* The same for a word. */
static const struct image_where *find_word(const struct making *m, enum verb verb, const char *word, struct image_where *where)
{
	const struct tree *tree = m->in->tree;

	for (uint32_t i = 0; i < tree->source_count; i++)
		for (const struct stmt *s = tree->sources[i].statements; s; s = s->next)
			for (const struct item *item = s->verb == verb ? s->items : NULL; item; item = item->next) {
				const char *plain = word_plain(item->word);
				if (plain && strcmp(plain, word) != 0)
					continue;
				*where = (struct image_where){.source = i, .line = s->at.line};
				return where;
			}
	return NULL;
}

/* The statement that grants every port, or every socket. */
static const struct image_where *find_any(const struct making *m, enum verb verb, enum protocol protocol,
					  struct image_where *where)
{
	const struct tree *tree = m->in->tree;

	for (uint32_t i = 0; i < tree->source_count; i++)
		for (const struct stmt *s = tree->sources[i].statements; s; s = s->next)
			if (s->verb == verb && s->protocol == protocol && s->choice == CHOICE_ANY) {
				*where = (struct image_where){.source = i, .line = s->at.line};
				return where;
			}
	return NULL;
}

static struct entry *add(struct making *m, enum kind kind, const struct image_where *where, const char *said,
			 const char *object, const char *enforced)
{
	struct entry *e = object ? making_add(m, kind, where, said) : NULL;

	if (e) {
		e->object = object;
		e->name = object;
		e->enforced = enforced;
	}
	return e;
}

static int make_args(struct making *m)
{
	const struct image *im = m->in->image;

	for (uint32_t i = 0; i < im->h->args.count; i++) {
		const struct image_arg *a = &im->args[i];
		const char *range = a->first == a->last ? arena_say(m->arena, "%d", a->first)
							: arena_say(m->arena, "%d..%d", a->first, a->last);
		struct entry *e =
		    add(m, KIND_ARGS, &a->where,
			arena_say(m->arena, "args %s %s", bits_text(m->arena, a->rights, image_right_name, " "), range), range,
			"Landlock");
		if (!e)
			return -ENOMEM;
		e->rights = a->rights;
		e->first = (uint32_t)a->first;
		e->last = (uint32_t)a->last;
	}
	for (uint32_t i = 0; i < im->h->excepts.count; i++) {
		const struct image_except *x = &im->excepts[i];
		if (x->grant != EXCEPT_DESIGNATED)
			continue;
		const char *part = arena_say(m->arena, "%s%s", image_string(im, x->part), x->is_dir ? "/" : "");
		struct entry *e = part ? add(m, KIND_EXCEPT, &x->where,
					     arena_say(m->arena, "except %s%s", word_text(m->arena, ROOT_NONE, part),
						       x->flags & GRANT_OPTIONAL ? " optional" : ""),
					     part, "mount")
				       : NULL;
		if (!e)
			return -ENOMEM;
		e->flags = x->flags;
	}
	return 0;
}

static int make_env(struct making *m)
{
	static const char *const words[] = {[ENV_KEEP] = "keep", [ENV_KEEP_PREFIX] = "keep", [ENV_SET] = "set"};
	const struct image *im = m->in->image;
	struct image_where where;
	char buf[WORLD_PATH];

	for (uint32_t i = 0; i < im->h->env.count; i++) {
		const struct image_env *v = &im->env[i];
		const char *name = image_string(im, v->name), *text = image_string(im, v->value.at);
		const char *value = v->op == ENV_SET    ? arena_say(m->arena, "=%s", word_text(m->arena, v->value.root, text))
				    : v->op == ENV_KEEP ? ""
							: "*";
		/* Behind NAME= a dot is no directory. */
		if (v->op == ENV_SET && v->value.root == ROOT_PWD && value && value[1] == '.')
			value = arena_say(m->arena, "=$PWD%s", text);
		struct entry *e = add(m, KIND_ENV, &v->where,
				      arena_say(m->arena, "env %s %s%s", words[v->op],
						v->op == ENV_KEEP ? word_text(m->arena, ROOT_NONE, name) : name, value),
				      arena_say(m->arena, "%s%s", name, v->op == ENV_KEEP_PREFIX ? "*" : ""), "environment");
		if (!e)
			return -ENOMEM;
		e->name = name;
		e->flags = v->op;
		const char *root = world_root(m->model->world, v->value.root, buf);
		e->value = v->op == ENV_SET ? arena_say(m->arena, "%s%s", root ? root : "", text) : NULL;
		if (v->op == ENV_SET && !e->value)
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < im->h->scratch.count; i++) {
		const char *name = image_string(im, im->scratch[i].at);
		struct entry *e =
		    add(m, KIND_SCRATCH, find_word(m, VERB_SCRATCH, name, &where),
			arena_say(m->arena, "scratch %s", word_text(m->arena, ROOT_NONE, name)), name, "Landlock");
		if (!e)
			return -ENOMEM;
		e->rights = RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE;
	}
	return 0;
}

static int make_net(struct making *m)
{
	static const struct {
		uint32_t family;
		enum kind kind;
		enum verb verb;
		enum protocol protocol;
		const char *object;
	} any[] = {
	    {FAM_TCP_CONNECT_ANY, KIND_CONNECT, VERB_CONNECT, PROTOCOL_TCP, "tcp any"},
	    {FAM_UDP, KIND_CONNECT, VERB_CONNECT, PROTOCOL_UDP, "udp any"},
	    {FAM_UNIX, KIND_CONNECT, VERB_CONNECT, PROTOCOL_UNIX, "unix any"},
	    {FAM_TCP_LISTEN_ANY, KIND_LISTEN, VERB_LISTEN, PROTOCOL_TCP, "tcp any"},
	};
	const struct image *im = m->in->image;
	struct image_where where;

	for (uint32_t i = 0; i < im->h->ports.count; i++) {
		const struct image_port *p = &im->ports[i];
		const enum kind kind = p->listen ? KIND_LISTEN : KIND_CONNECT;
		const char *object = p->first == p->last ? arena_say(m->arena, "tcp %u", p->first)
							 : arena_say(m->arena, "tcp %u-%u", p->first, p->last);
		struct entry *e =
		    add(m, kind, &p->where, arena_say(m->arena, "%s %s", kind_word[kind], object), object, "Landlock, seccomp");
		if (!e)
			return -ENOMEM;
		e->first = p->first;
		e->last = p->last;
	}
	for (size_t i = 0; i < sizeof any / sizeof *any; i++) {
		if (!(im->h->families & any[i].family))
			continue;
		struct entry *e =
		    add(m, any[i].kind, find_any(m, any[i].verb, any[i].protocol, &where),
			arena_say(m->arena, "%s %s", kind_word[any[i].kind], any[i].object), any[i].object, "seccomp");
		if (!e)
			return -ENOMEM;
		e->number = any[i].family;
		e->first = any[i].protocol == PROTOCOL_TCP ? 1 : 0;
		e->last = any[i].protocol == PROTOCOL_TCP ? UINT16_MAX : 0;
	}
	return 0;
}

static int make_bits(struct making *m, enum kind kind, enum verb verb, uint32_t bits, const char *const *names,
		     const char *enforced)
{
	struct image_where where;

	for (uint32_t i = 0; names[i]; i++) {
		if (!(bits >> i & 1))
			continue;
		struct entry *e = add(m, kind, find_tag(m, verb, 1u << i, &where),
				      arena_say(m->arena, "%s %s", verb_word[verb], names[i]), names[i], enforced);
		if (!e)
			return -ENOMEM;
		e->number = 1u << i;
	}
	return 0;
}

static int make_capabilities(struct making *m)
{
	struct image_where where;

	for (uint32_t i = 0; i < 64; i++) {
		if (!(m->in->image->h->keep_caps >> i & 1))
			continue;
		const char *name = capng_capability_to_name(i);
		name = name ? arena_text(m->arena, name, strlen(name)) : arena_say(m->arena, "%u", i);
		struct entry *e = name ? add(m, KIND_CAPABILITY, find_word(m, VERB_KEEP, name, &where),
					     arena_say(m->arena, "keep cap %s", name), name, "capabilities")
				       : NULL;
		if (!e)
			return -ENOMEM;
		e->number = i;
	}
	return 0;
}

static int make_account(struct making *m)
{
	const struct image *im = m->in->image;
	const char *user = image_string(im, im->h->user), *group = image_string(im, im->h->group), *groups = "";
	struct image_where where;

	for (uint32_t i = 0; groups && i < im->h->groups.count; i++)
		groups = arena_say(m->arena, "%s%s%s", groups, *groups ? " " : "",
				   word_text(m->arena, ROOT_NONE, image_string(im, im->groups[i].at)));
	if (!groups)
		return -ENOMEM;
	if (im->h->flags & IMAGE_GROUPS_NONE)
		groups = "none";
	if (*user && !add(m, KIND_ACCOUNT, find_tag(m, VERB_USER, 0, &where),
			  arena_say(m->arena, "user %s", word_text(m->arena, ROOT_NONE, user)), user, "ids"))
		return -ENOMEM;
	if (*group && !add(m, KIND_ACCOUNT, find_tag(m, VERB_GROUP, 0, &where),
			   arena_say(m->arena, "group %s", word_text(m->arena, ROOT_NONE, group)), group, "ids"))
		return -ENOMEM;
	if (*groups &&
	    !add(m, KIND_ACCOUNT, find_tag(m, VERB_GROUPS, 0, &where), arena_say(m->arena, "groups %s", groups), groups, "ids"))
		return -ENOMEM;
	return 0;
}

static const char *limit_text(struct arena *arena, int limit, uint64_t value)
{
	static const char units[] = "KMGT";
	const int bytes = limit == LIMIT_MEMORY || limit == LIMIT_FILESIZE || limit == LIMIT_CORE || limit == LIMIT_STACK;
	const int time = limit == LIMIT_CPU || limit == LIMIT_WALL;
	int unit = -1;

	if (value == LIMIT_NONE)
		return "none";
	while (bytes && value > 0 && value % 1024 == 0 && unit < 3) {
		value /= 1024;
		unit++;
	}
	if (unit >= 0)
		return arena_say(arena, "%ju%c", (uintmax_t)value, units[unit]);
	return arena_say(arena, "%ju%s", (uintmax_t)value, time ? "s" : "");
}

static int make_limits(struct making *m)
{
	const struct image_header *h = m->in->image->h;
	struct image_where where;

	for (int i = 0; i < LIMIT_COUNT; i++) {
		if (h->limits[i] == LIMIT_UNSET)
			continue;
		const char *value = limit_text(m->arena, i, h->limits[i]);
		/* A tag of 0 is any: LIMIT_MEMORY is looked for by its word. */
		const struct image_where *at =
		    i ? find_tag(m, VERB_LIMIT, (uint32_t)i, &where) : find_word(m, VERB_LIMIT, "memory", &where);
		struct entry *e =
		    value ? add(m, KIND_LIMIT, at, arena_say(m->arena, "limit %s %s", image_limit_name[i], value),
				arena_say(m->arena, "%s %s", image_limit_name[i], value), i == LIMIT_WALL ? "parent" : "rlimit")
			  : NULL;
		if (!e)
			return -ENOMEM;
		e->name = image_limit_name[i];
		e->number = h->limits[i];
		e->first = (uint32_t)i;
	}
	return 0;
}

static int make_settings(struct making *m)
{
	const struct image *im = m->in->image;
	static const struct {
		uint32_t flag;
		enum verb verb;
		const char *said, *enforced;
	} flags[] = {
	    {IMAGE_SESSION_NEW, VERB_SESSION, "session new", "setsid"},
	    {IMAGE_SIGNALS_KEEP, VERB_SIGNALS, "signals keep", "signals"},
	    {IMAGE_SUPERVISE, VERB_SUPERVISE, "supervise", "parent"},
	    {IMAGE_REPORT, VERB_REPORT, "report denials", "supervisor"},
	};
	struct image_where where;

	if (im->h->flags & IMAGE_SERVICE &&
	    !add(m, KIND_SERVICE, find_tag(m, VERB_SERVICE, 0, &where), "service", "service", "seccomp"))
		return -ENOMEM;
	if (im->h->flags & IMAGE_CWD) {
		const char *path = word_text(m->arena, im->h->cwd.root, image_string(im, im->h->cwd.at));
		if (!path ||
		    !add(m, KIND_SETTING, find_tag(m, VERB_CWD, 0, &where), arena_say(m->arena, "cwd %s", path), path, "chdir"))
			return -ENOMEM;
	}
	if (im->h->flags & IMAGE_UMASK) {
		const char *mask = arena_say(m->arena, "%03o", im->h->umask);
		if (!mask || !add(m, KIND_SETTING, find_tag(m, VERB_UMASK, 0, &where), arena_say(m->arena, "umask %s", mask),
				  mask, "umask"))
			return -ENOMEM;
	}
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (im->h->flags & flags[i].flag && !add(m, KIND_SETTING, find_tag(m, flags[i].verb, 0, &where), flags[i].said,
							 flags[i].said, flags[i].enforced))
			return -ENOMEM;
	return 0;
}

int making_words(struct making *m)
{
	const struct image_header *h = m->in->image->h;
	int rc;

	(void)((rc = make_args(m)) || (rc = make_env(m)) || (rc = make_net(m)) ||
	       (rc = make_bits(m, KIND_PROMISE, VERB_PROMISE, h->families & FAM_PROMISES, image_promise_name, "seccomp")) ||
	       (rc = make_capabilities(m)) || (rc = make_account(m)) ||
	       (rc = make_bits(m, KIND_ISOLATE, VERB_ISOLATE, h->isolate, image_isolate_name, "namespace")) ||
	       (rc = make_limits(m)) || (rc = make_bits(m, KIND_FORGO, VERB_FORGO, h->forgo, image_feature_name, "kernel")) ||
	       (rc = make_bits(m, KIND_REQUIRE, VERB_REQUIRE, h->require, image_feature_name, "kernel")) ||
	       (rc = make_settings(m)));
	return rc;
}

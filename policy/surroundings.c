#include <cap-ng.h>
#include <string.h>

#include "checker.h"
#include "value.h"

#define NAME_BYTES_MAX 255u

static int read_variable(struct check *c, const struct word *word, uint32_t *out)
{
	static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	struct text text;
	int rc = expand_plain(&c->scope, word, &text);

	if (rc < 0)
		return rc;
	if (text.len > 0 && strspn(text.at, known) == text.len && !strchr("0123456789", text.at[0]))
		return policy_string(c->policy, text.at, out);
	diag_add(c->diag, word->at, "'%.60s' is no variable's name", text.at);
	return diag_hint(c->diag, strchr(text.at, '=') ? "to give it a value: env set NAME=VALUE"
						       : "a name is A-Z a-z 0-9 _ and starts with no digit");
}

int check_env(struct check *c, const struct stmt *s)
{
	struct text text;
	int rc = 0;

	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		struct env_entry entry = {.env = {.op = item->tag, .where = check_where(c, s)}, .at = item->word->at};
		rc = read_variable(c, item->word, &entry.env.name);
		if (rc == 0 && item->value)
			rc = expand_value(&c->scope, item->value, &text);
		if (rc == 0 && item->value)
			rc = check_put_text(c, &text, &entry.env.value);
		if (rc == 0)
			rc = vec_add(&c->env, &entry, 1, sizeof entry);
	}
	return rc;
}

int check_scratch(struct check *c, const struct stmt *s)
{
	int rc = 0;

	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		struct env_entry entry = {.env = {.op = ENV_SCRATCH, .where = check_where(c, s)}, .at = item->word->at};
		rc = read_variable(c, item->word, &entry.env.name);
		if (rc == 0)
			rc = vec_add(&c->env, &entry, 1, sizeof entry);
	}
	return rc;
}

int check_cwd(struct check *c, const struct stmt *s)
{
	struct image_text path = {0};
	int rc = s->choice == CHOICE_KEEP ? 0 : check_put_path(c, s->items->word, &path);

	return rc == 0 ? settle_value(c, SETTING_CWD, s->at, s->choice, path) : rc;
}

int check_umask(struct check *c, const struct stmt *s)
{
	struct text text;
	uint32_t mask;
	int rc = expand_plain(&c->scope, s->items->word, &text);

	if (rc < 0)
		return rc;
	if (value_octal(text.at, &mask) == 0)
		return settle_value(c, SETTING_UMASK, s->at, mask, (struct image_text){0});
	diag_add(c->diag, s->items->word->at, "'%.60s' is no file mode mask", text.at);
	return diag_hint(c->diag, "write it in octal, 0 to 0777: umask 077");
}

static int read_limit(struct check *c, const struct item *item, uint64_t *out)
{
	static const struct {
		int (*read)(const char *p, uint64_t *out); /* NULL: a plain number */
		const char *form;
		bool zero; /* means something */
	} kinds[LIMIT_COUNT] = {
	    [LIMIT_MEMORY] = {value_size, "bytes: N, or N with K, M, G or T", false},
	    [LIMIT_CPU] = {value_time, "seconds: N, or N with s, m or h", false},
	    [LIMIT_WALL] = {value_time, "seconds: N, or N with s, m or h", false},
	    [LIMIT_PROCESSES] = {NULL, "a number", false},
	    [LIMIT_FILES] = {NULL, "a number", false},
	    [LIMIT_FILESIZE] = {value_size, "bytes: N, or N with K, M, G or T", true},
	    [LIMIT_CORE] = {value_size, "bytes: N, or N with K, M, G or T", true},
	    [LIMIT_STACK] = {value_size, "bytes: N, or N with K, M, G or T", false},
	};
	const char *name = image_limit_name[item->tag];
	struct text text;
	int rc = expand_plain(&c->scope, item->value, &text);

	if (rc < 0)
		return rc;
	rc = kinds[item->tag].read ? kinds[item->tag].read(text.at, out) : value_number(text.at, text.len, INT32_MAX, out);
	if (rc == -ERANGE)
		return diag_add(c->diag, item->value->at, "'%.60s' is too much for 'limit %s'", text.at, name);
	if (rc < 0) {
		diag_add(c->diag, item->value->at, "'%.60s' is no value for 'limit %s'", text.at, name);
		return diag_hint(c->diag, "write %s; or 'none'", kinds[item->tag].form);
	}
	if (*out == 0 && !kinds[item->tag].zero) {
		diag_add(c->diag, item->value->at, "'limit %s 0' would let nothing run", name);
		return diag_hint(c->diag, "write more than 0; or 'none'");
	}
	return 0;
}

int check_limit(struct check *c, const struct stmt *s)
{
	uint64_t n;
	int rc = 0;

	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		n = LIMIT_NONE;
		if (!word_is(item->value, "none"))
			rc = read_limit(c, item, &n);
		if (rc == 0)
			rc = settle_value(c, SETTING_LIMIT + item->tag, item->word->at, n, (struct image_text){0});
	}
	return rc;
}

int check_promise(struct check *c, const struct stmt *s)
{
	for (const struct item *item = s->items; item; item = item->next)
		c->policy->head.families |= item->tag;
	return 0;
}

int check_features(struct check *c, const struct stmt *s)
{
	const bool forgo = s->verb == VERB_FORGO;

	for (const struct item *item = s->items; item; item = item->next) {
		const int bit = __builtin_ctz(item->tag);
		if (forgo && item->tag == FEATURE_LANDLOCK) {
			diag_add(c->diag, item->word->at, "'forgo landlock' would leave nothing that holds");
			return diag_hint(c->diag, "Landlock is the boundary; endow does not run without it");
		}
		*(forgo ? &c->policy->head.forgo : &c->policy->head.require) |= item->tag;
		*(forgo ? &c->forgo_at[bit] : &c->require_at[bit]) = item->word->at;
	}
	return 0;
}

int check_isolate(struct check *c, const struct stmt *s)
{
	for (const struct item *item = s->items; item; item = item->next)
		c->policy->head.isolate |= item->tag;
	return 0;
}

int check_service(struct check *c, const struct stmt *s)
{
	(void)s;
	c->policy->head.flags |= IMAGE_SERVICE;
	c->policy->head.families |= FAM_NOTIFY;
	return 0;
}

int check_supervise(struct check *c, const struct stmt *s)
{
	(void)s;
	c->policy->head.flags |= IMAGE_SUPERVISE;
	return 0;
}

/* A user's or a group's name, or its number: the launcher looks names up. */
static int read_account(struct check *c, const struct word *word, struct text *text)
{
	uint64_t id;
	int rc = expand_plain(&c->scope, word, text);

	if (rc < 0)
		return rc;
	if (text->len > 0 && strspn(text->at, "0123456789") == text->len)
		rc = value_number(text->at, text->len, UINT32_MAX - 1, &id); /* the last one means "none" to the kernel */
	else if (text->len == 0 || text->len > NAME_BYTES_MAX || strpbrk(text->at, ":/, \t\n") || strchr("-+", text->at[0]))
		rc = -EINVAL;
	if (rc == 0)
		return 0;
	diag_add(c->diag, word->at, "'%.60s' is no name or number of a user or a group", text->at);
	return diag_hint(c->diag, "write a name such as www-data, or a number below 4294967295");
}

int check_account(struct check *c, const struct stmt *s)
{
	struct image_text name = {0};
	struct text text;
	int rc = read_account(c, s->items->word, &text);

	if (rc == 0)
		rc = check_put_text(c, &text, &name);
	return rc == 0 ? settle_value(c, s->verb == VERB_USER ? SETTING_USER : SETTING_GROUP, s->at, 0, name) : rc;
}

/* Kept as "a,b": no name has a comma. */
int check_groups(struct check *c, const struct stmt *s)
{
	struct image_text names = {.at = c->policy->strings.count};
	struct text text;
	int rc = 0;

	if (s->choice == CHOICE_NONE)
		return settle_value(c, SETTING_GROUPS, s->at, CHOICE_NONE, (struct image_text){0});
	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		rc = read_account(c, item->word, &text);
		if (rc == 0)
			rc = vec_add(&c->policy->strings, text.at, text.len, 1);
		if (rc == 0)
			rc = vec_add(&c->policy->strings, item->next ? "," : "", 1, 1);
	}
	return rc == 0 ? settle_value(c, SETTING_GROUPS, s->at, 0, names) : rc;
}

static int unknown_cap(struct check *c, const struct word *word, const char *name)
{
	const char *names[65] = {NULL};
	uint32_t n = 0;

	for (uint32_t i = 0; i < 64; i++)
		if (capng_capability_to_name(i))
			names[n++] = capng_capability_to_name(i);
	diag_add(c->diag, word->at, "'%.60s' is no capability", name);
	name += strncasecmp(name, "cap_", 4) == 0 ? 4 : 0;
	return nearest_name(name, names) ? diag_nearest(c->diag, name, names) : diag_hint(c->diag, "see capabilities(7)");
}

int check_keep(struct check *c, const struct stmt *s)
{
	struct text text;
	int rc;

	for (const struct item *item = s->items; item; item = item->next) {
		rc = expand_plain(&c->scope, item->word, &text);
		if (rc < 0)
			return rc;
		const int cap =
		    strspn(text.at, "abcdefghijklmnopqrstuvwxyz_") == text.len ? capng_name_to_capability(text.at) : -1;
		if (cap < 0 || cap > 63)
			return unknown_cap(c, item->word, text.at);
		c->policy->head.keep_caps |= UINT64_C(1) << cap;
	}
	return 0;
}

int check_choice(struct check *c, const struct stmt *s)
{
	return settle_value(c, s->verb == VERB_SESSION ? SETTING_SESSION : SETTING_SIGNALS, s->at, s->choice,
			    (struct image_text){0});
}

#include "expand.h"

#include <errno.h>
#include <string.h>

static const struct variable *find(const struct scope *scope, const char *name)
{
	for (uint32_t i = 0; i < scope->count; i++)
		if (strcmp(scope->list[i].name, name) == 0)
			return &scope->list[i];
	return NULL;
}

static uint32_t find_root(const char *name)
{
	for (uint32_t i = ROOT_NONE + 1; i < ROOT_COUNT; i++)
		if (strcmp(name, image_root_name[i]) == 0)
			return i;
	return ROOT_NONE;
}

static int unknown(const struct scope *scope, const struct part *part)
{
	const char *names[VARIABLES_MAX + ROOT_COUNT] = {NULL};

	for (uint32_t i = 0; i < scope->count; i++)
		names[i] = scope->list[i].name;
	for (uint32_t i = ROOT_NONE + 1; i < ROOT_COUNT; i++)
		names[scope->count + i - 1] = image_root_name[i];
	diag_add(scope->diag, part->at, "unknown variable '%.60s'", part->text);
	if (nearest_name(part->text, names))
		return diag_nearest(scope->diag, part->text, names);
	return diag_hint(scope->diag, "define it first: let %.60s = WORD", part->text);
}

static int append(const struct scope *scope, const struct part *part, const char *text, struct text *out)
{
	const size_t len = strlen(text);

	if (len > TEXT_MAX - out->len)
		return diag_add(scope->diag, part->at, "a word of more than %u bytes, its variables put in", TEXT_MAX);
	memcpy(out->at + out->len, text, len + 1);
	out->len += (uint32_t)len;
	return 0;
}

static int set_root(const struct scope *scope, const struct part *part, uint32_t root, struct text *out)
{
	if (out->len == 0 && out->root == ROOT_NONE) {
		out->root = root;
		return 0;
	}
	diag_add(scope->diag, part->at, "'$%s' may stand only at the start of a path or a value", image_root_name[root]);
	return diag_hint(scope->diag, "the launcher fills it in, and only there");
}

static int put_variable(const struct scope *scope, const struct part *part, struct text *out)
{
	const struct variable *v = find(scope, part->text);
	const uint32_t root = v ? v->root : find_root(part->text);
	int rc = 0;

	if (!v && root == ROOT_NONE)
		return unknown(scope, part);
	if (v && !v->value)
		return -EINVAL;
	if (root != ROOT_NONE)
		rc = set_root(scope, part, root, out);
	return rc == 0 && v ? append(scope, part, v->value, out) : rc;
}

int expand_value(const struct scope *scope, const struct word *word, struct text *out)
{
	int rc = 0;

	out->root = ROOT_NONE;
	out->len = 0;
	out->at[0] = '\0';
	for (const struct part *part = word->parts; rc == 0 && part; part = part->next)
		rc = part->variable ? put_variable(scope, part, out) : append(scope, part, part->text, out);
	return rc;
}

int expand_plain(const struct scope *scope, const struct word *word, struct text *out)
{
	int rc = expand_value(scope, word, out);

	if (rc == 0 && out->root != ROOT_NONE)
		return diag_add(scope->diag, word->at, "'$%s' may stand only at the start of a path or a value of 'env set'",
				image_root_name[out->root]);
	return rc;
}

/* `.`, `./x`: beneath $PWD. What is left is "" or starts with '/', or is wrong. */
static int find_start(const struct scope *scope, const struct word *word, struct text *out)
{
	const char *p = out->at;

	if (out->root != ROOT_NONE && *p != '\0' && *p != '/') {
		diag_add(scope->diag, word->at, "behind '$%s' a path goes on with '/'", image_root_name[out->root]);
		return diag_hint(scope->diag, "write $%s/...", image_root_name[out->root]);
	}
	if (out->root != ROOT_NONE || *p == '/')
		return 0;
	if (*p == '\0')
		return diag_add(scope->diag, word->at, "an empty path");
	if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0')) {
		diag_add(scope->diag, word->at, "'%.*s' leaves the working directory", WORD(word));
		return diag_hint(scope->diag, "write the absolute path");
	}
	if (*p != '.' || (p[1] != '/' && p[1] != '\0')) {
		diag_add(scope->diag, word->at, "'%.60s' is a relative path", p);
		return diag_hint(scope->diag, "write './%.60s' if it is beneath the working directory", p);
	}
	out->root = ROOT_PWD;
	memmove(out->at, p + 1, out->len--);
	return 0;
}

int expand_path(const struct scope *scope, const struct word *word, struct text *out)
{
	int rc = expand_value(scope, word, out);

	if (rc == 0)
		rc = find_start(scope, word, out);
	if (rc < 0)
		return rc;
	char *to = out->at;
	for (const char *p = out->at; *p;) { /* at a '/' */
		const char *name = p + strspn(p, "/");
		const size_t len = strcspn(name, "/");
		if (len == 2 && memcmp(name, "..", 2) == 0) {
			diag_add(scope->diag, word->at, "'..' in a path");
			return diag_hint(scope->diag, "write the path out");
		}
		p = name + len;
		if (len == 0 || (len == 1 && *name == '.'))
			continue;
		*to++ = '/';
		memmove(to, name, len);
		to += len;
	}
	if (to == out->at && out->root == ROOT_NONE)
		*to++ = '/';
	*to = '\0';
	out->len = (uint32_t)(to - out->at);
	return 0;
}

int scope_let(struct scope *scope, const struct stmt *stmt)
{
	const struct item *item = stmt->items;
	const char *name = word_plain(item->word);
	const struct variable *known = name ? find(scope, name) : NULL;
	struct text text;

	if (known && !stmt->broken)
		return diag_add(scope->diag, item->word->at, "'%.60s' is defined already, on line %u", name, known->line);
	if (!name || known)
		return -EINVAL;
	if (scope->count == VARIABLES_MAX)
		return diag_add(scope->diag, stmt->at, "more than %u variables in one source", VARIABLES_MAX);
	/* Read before it is known: it can't hold itself. */
	const int rc = stmt->broken ? -EINVAL : expand_value(scope, item->value, &text);
	struct variable *v = &scope->list[scope->count++];
	*v = (struct variable){.name = name, .line = stmt->at.line};
	if (rc < 0)
		return -EINVAL;
	v->root = text.root;
	v->value = arena_text(scope->arena, text.at, text.len);
	return v->value ? 0 : -ENOMEM;
}

#include <string.h>

#include "lex.h"
#include "parser.h"

int parse_nothing(struct parser *ps, const struct row *row)
{
	return ps->next ? parse_bad(ps, row, ps->next->at, "stands alone") : 0;
}

int parse_words(struct parser *ps, const struct row *row)
{
	int rc = 0;

	if (!ps->next)
		return parse_missing(ps, row, "something behind it");
	while (rc == 0 && ps->next)
		rc = parse_add(ps, 0, parse_take(ps), NULL);
	return rc;
}

int parse_one(struct parser *ps, const struct row *row)
{
	if (!ps->next)
		return parse_missing(ps, row, "a value");
	int rc = parse_add(ps, 0, parse_take(ps), NULL);
	return rc == 0 && ps->next ? parse_bad(ps, row, ps->next->at, "takes one value") : rc;
}

/* One of the row's keywords, and nothing else. */
int parse_choice(struct parser *ps, const struct row *row)
{
	if (!ps->next)
		return parse_missing(ps, row, "a value");
	const struct word *word = parse_take(ps);
	const int i = word_among(word, row->names);
	if (i < 0)
		return parse_bad(ps, row, word->at, "does not know this word");
	for (ps->stmt->choice = 1; strcmp(choice_word[ps->stmt->choice], row->names[i]) != 0; ps->stmt->choice++)
		;
	return ps->next ? parse_bad(ps, row, ps->next->at, "takes one value") : 0;
}

int parse_cwd(struct parser *ps, const struct row *row)
{
	if (!ps->next || !word_is(ps->next, "keep"))
		return parse_one(ps, row);
	return parse_choice(ps, row);
}

int parse_groups(struct parser *ps, const struct row *row)
{
	if (ps->next && word_is(ps->next, "none"))
		return parse_choice(ps, row);
	return parse_words(ps, row);
}

/* Names of a table: the tag is the bit. */
int parse_names(struct parser *ps, const struct row *row)
{
	int rc = 0;

	if (!ps->next)
		return parse_missing(ps, row, "a name");
	while (rc == 0 && ps->next) {
		const struct word *word = parse_take(ps);
		const int i = word_among(word, row->names);
		if (i < 0) {
			diag_add(ps->diag, word->at, "'%s' does not know '%.*s'", row->word, WORD(word));
			return diag_known(ps->diag, word_plain(word), row->names);
		}
		for (const struct item *item = ps->stmt->items; item; item = item->next)
			if (item->tag == 1u << i)
				return diag_add(ps->diag, word->at, "'%s' is said twice", row->names[i]);
		rc = parse_add(ps, 1u << i, word, NULL);
	}
	return rc;
}

/* A fragment's name becomes a file's name. */
static bool is_fragment_name(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789", rest[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	const size_t len = name ? strlen(name) : 0;

	return len > 0 && len <= 64 && strchr(first, name[0]) && strspn(name, rest) == len;
}

int parse_use(struct parser *ps, const struct row *row)
{
	int rc = 0;

	if (!ps->next)
		return parse_missing(ps, row, "a fragment's name");
	while (rc == 0 && ps->next) {
		const struct word *word = parse_take(ps);
		if (!is_fragment_name(word_plain(word))) {
			diag_add(ps->diag, word->at, "'%.*s' is no fragment's name", WORD(word));
			return diag_hint(ps->diag,
					 "a name is a-z 0-9 . _ - and starts with a letter or a digit; it is no path");
		}
		rc = parse_add(ps, 0, word, NULL);
	}
	return rc;
}

static bool is_variable_name(const char *name)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_", rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	const size_t len = name ? strlen(name) : 0;

	return len > 0 && len <= 64 && strchr(first, name[0]) && strspn(name, rest) == len;
}

static bool is_builtin(const char *name)
{
	for (uint32_t i = ROOT_NONE + 1; i < ROOT_COUNT; i++)
		if (strcmp(name, image_root_name[i]) == 0)
			return true;
	return false;
}

int parse_let(struct parser *ps, const struct row *row)
{
	if (!ps->next)
		return parse_missing(ps, row, "a name and a value");
	const struct word *name = parse_take(ps);
	if (!is_variable_name(word_plain(name))) {
		diag_add(ps->diag, name->at, "'%.*s' is no variable's name", WORD(name));
		return diag_hint(ps->diag, memchr(name->raw, '=', name->raw_len)
					       ? "put blanks around the '=': let NAME = WORD"
					       : "a name is A-Z 0-9 _ and starts with no digit");
	}
	if (is_builtin(word_plain(name)))
		return diag_add(ps->diag, name->at, "'%s' is the launcher's variable and can't be set", word_plain(name));
	if (!ps->next || !word_is(ps->next, "=") || !ps->next->next)
		return parse_missing(ps, row, "'=' and a value");
	parse_take(ps);
	int rc = parse_add(ps, 0, name, parse_take(ps));
	return rc == 0 && ps->next ? parse_bad(ps, row, ps->next->at, "takes one word; quote a value with blanks") : rc;
}

/* NAME=VALUE was read as one word: make two of it. */
static int add_set(struct parser *ps, const struct row *row, const struct word *word)
{
	struct word *name = arena_alloc(&ps->tree->arena, sizeof *name), *value = arena_alloc(&ps->tree->arena, sizeof *value);
	struct part *part = arena_alloc(&ps->tree->arena, sizeof *part), *rest = arena_alloc(&ps->tree->arena, sizeof *rest);
	const struct part *first = word->parts;
	const size_t len = first && !first->variable ? lex_assignment(first->text, first->len) : 0;

	if (!name || !value || !part || !rest)
		return -ENOMEM;
	if (len == 0)
		return parse_bad(ps, row, word->at, "set needs NAME=VALUE");
	*name = *value = *word;
	*part = *rest = *first;
	part->len = len - 1;
	part->text = arena_text(&ps->tree->arena, first->text, part->len);
	part->next = NULL;
	name->parts = part;
	rest->text = first->text + len;
	rest->len = first->len - len;
	value->parts = rest->len > 0 ? rest : first->next;
	return part->text ? parse_add(ps, ENV_SET, name, value) : -ENOMEM;
}

/* `LC_*`: the star is no pattern but a word of the language, and the tree says so. */
static int add_prefix(struct parser *ps, const struct word *word)
{
	struct word *prefix = arena_alloc(&ps->tree->arena, sizeof *prefix);
	struct part *part = arena_alloc(&ps->tree->arena, sizeof *part);
	const char *plain = word_plain(word);

	if (!prefix || !part)
		return -ENOMEM;
	if (!plain || strcspn(plain, "*?[") != strlen(plain) - 1 || strchr(plain, '*') == NULL) {
		diag_add(ps->diag, word->pattern, "'env keep' takes no pattern but one '*' at the end of a name");
		return diag_hint(ps->diag, "list the names, or write a prefix such as LC_*");
	}
	if (strlen(plain) == 1) {
		diag_add(ps->diag, word->at, "'env keep *' would keep everything");
		return diag_hint(ps->diag, "list the names that the program needs");
	}
	*prefix = *word;
	*part = *word->parts;
	part->len--;
	part->text = arena_text(&ps->tree->arena, plain, part->len);
	prefix->parts = part;
	return part->text ? parse_add(ps, ENV_KEEP_PREFIX, prefix, NULL) : -ENOMEM;
}

int parse_env(struct parser *ps, const struct row *row)
{
	enum { START, KEEP, SET } mode = START;
	bool bare = true; /* a mode with nothing behind it */
	int rc = 0;

	while (rc == 0 && ps->next) {
		const struct word *word = parse_take(ps);
		if (word_is(word, "keep") || word_is(word, "set")) {
			if (mode != START && bare)
				return parse_bad(ps, row, word->at, "has nothing between these words");
			mode = word->raw[0] == 'k' ? KEEP : SET;
			bare = true;
			continue;
		}
		bare = false;
		if (mode == START)
			return parse_bad(ps, row, word->at, "needs 'keep' or 'set' first");
		else if (mode == SET)
			rc = word->pattern.width > 0 ? parse_pattern(ps, word) : add_set(ps, row, word);
		else if (word->pattern.width > 0)
			rc = add_prefix(ps, word);
		else
			rc = parse_add(ps, ENV_KEEP, word, NULL);
	}
	return rc == 0 && bare ? parse_missing(ps, row, "names") : rc;
}

int parse_limit(struct parser *ps, const struct row *row)
{
	const char *names[LIMIT_COUNT + 1] = {NULL};
	int rc = 0;

	memcpy(names, image_limit_name, sizeof image_limit_name);
	if (!ps->next)
		return parse_missing(ps, row, "a key and a value");
	while (rc == 0 && ps->next) {
		const struct word *key = parse_take(ps);
		const int i = word_among(key, names);
		if (i < 0) {
			diag_add(ps->diag, key->at, "unknown limit '%.*s'", WORD(key));
			return diag_known(ps->diag, word_plain(key), names);
		}
		if (!ps->next)
			return parse_missing(ps, row, "a value behind the key");
		rc = parse_add(ps, (uint32_t)i, key, parse_take(ps));
	}
	return rc;
}

static int host_pattern(struct parser *ps, const struct word *word)
{
	diag_add(ps->diag, word->pattern, "endow expands no patterns, of hosts no more than of files");
	return diag_hint(ps->diag, "name each host; every host and port is 'any'");
}

int parse_ports(struct parser *ps, const struct row *row)
{
	if (!ps->next)
		return parse_missing(ps, row, "a protocol");
	const struct word *word = parse_take(ps);
	const int i = word_among(word, protocol_word);
	if (i < 0) {
		diag_add(ps->diag, word->at, "unknown protocol '%.*s'", WORD(word));
		return diag_hint(ps->diag, "write: %s", row->form);
	}
	ps->stmt->protocol = (enum protocol)i;
	if (!ps->next)
		return parse_missing(ps, row,
				     i == PROTOCOL_TCP   ? "ports, or 'any'"
				     : i == PROTOCOL_UDP ? "hosts with ports, or 'any'"
							 : "paths, or 'any'");
	if (!word_is(ps->next, "any")) {
		for (const struct word *next = ps->next; next; next = next->next)
			if (next->pattern.width > 0 && next->raw[0] != '[') /* an address of IPv6 */
				return i == PROTOCOL_UNIX ? parse_pattern(ps, next) : host_pattern(ps, next);
		return parse_words(ps, row);
	}
	ps->stmt->choice = CHOICE_ANY;
	parse_take(ps);
	return ps->next ? parse_bad(ps, row, ps->next->at, "takes nothing beside 'any'") : 0;
}

int parse_keep(struct parser *ps, const struct row *row)
{
	if (!ps->next || !word_is(ps->next, "cap"))
		return ps->next ? parse_bad(ps, row, ps->next->at, "knows only 'cap'")
				: parse_missing(ps, row, "'cap' and names");
	parse_take(ps);
	return parse_words(ps, row);
}

#include <string.h>

#include "parser.h"

/* What Landlock can't take back. */
static const char *const held_modifier[] = {"until", "times", "revocable", NULL};

static const struct {
	const char *word;
	uint32_t flag;
	uint32_t against;
} modifiers[] = {
    {"optional", GRANT_OPTIONAL, 0},
    {"follow", GRANT_FOLLOW, STMT_NOFOLLOW},
    {"nofollow", STMT_NOFOLLOW, GRANT_FOLLOW},
};

static const char *const modifier_word[] = {"optional", "follow", "nofollow", "except", NULL};

/* Bare, these end a list of parts: a file of such a name stands in quotes. */
static const char *const no_part[] = {"optional", "follow", "nofollow", "until",  "times", "revocable", "except",
				      "read",     "write",  "append",   "create", "exec",  "ioctl",     NULL};

/* A path shows by its first character; what is bare and starts otherwise is a word of the language. */
static bool is_path(const struct word *word)
{
	return word->quoted || strchr("/~$.", word->raw[0]);
}

static int not_held(struct parser *ps, const struct word *word)
{
	diag_add(ps->diag, word->at, "'%.*s' is for what the broker hands out while the program runs", WORD(word));
	return diag_hint(ps->diag, "write: grant read PATH as NAME, and the broker opens it for the program");
}

/* Not a path, not a word known here: perhaps a path without its start. */
static int unknown(struct parser *ps, const struct word *word, const char *what, const char *const *known)
{
	if (memchr(word->raw, '/', word->raw_len)) {
		diag_add(ps->diag, word->at, "'%.*s' is a relative path", WORD(word));
		return diag_hint(ps->diag, "write './%.*s' if it is beneath the working directory", WORD(word));
	}
	diag_add(ps->diag, word->at, "unknown %s '%.*s'", what, WORD(word));
	if (word_plain(word) && nearest_name(word_plain(word), known))
		return diag_nearest(ps->diag, word_plain(word), known);
	return diag_hint(ps->diag, "a path starts with '/', '~', '$' or './'");
}

static int misplaced_except(struct parser *ps, const struct word *word)
{
	diag_add(ps->diag, word->at, "'except' stands once, right behind the path");
	return diag_hint(ps->diag, "such as: read PATH except PART... optional");
}

static int take_right(struct parser *ps)
{
	const struct word *word = parse_take(ps);
	const int i = word_among(word, image_right_name);

	if (word_is(word, "pass"))
		return not_held(ps, word);
	if (word_is(word, "except"))
		return misplaced_except(ps, word);
	if (i < 0)
		return unknown(ps, word, "right", image_right_name);
	if (ps->stmt->rights & 1u << i)
		return diag_add(ps->diag, word->at, "'%s' is said twice", image_right_name[i]);
	ps->stmt->rights |= 1u << i;
	return 0;
}

static int take_modifier(struct parser *ps)
{
	const struct word *word = parse_take(ps);
	const int i = word_among(word, modifier_word);

	if (is_path(word)) {
		diag_add(ps->diag, word->at, "a path behind a modifier");
		return diag_hint(ps->diag, "name all paths first, or make two statements");
	}
	if (word_among(word, image_right_name) >= 0) {
		diag_add(ps->diag, word->at, "the right '%.*s' stands behind the path", WORD(word));
		return diag_hint(ps->diag, "rights come first: write '%.*s' before the path", WORD(word));
	}
	if (word_among(word, held_modifier) >= 0)
		return not_held(ps, word);
	if (word_is(word, "except"))
		return misplaced_except(ps, word);
	if (i < 0)
		return unknown(ps, word, "modifier", modifier_word);
	if (ps->stmt->flags & modifiers[i].flag)
		return diag_add(ps->diag, word->at, "'%s' is said twice", modifiers[i].word);
	if (ps->stmt->flags & modifiers[i].against)
		return diag_add(ps->diag, word->at, "'follow' and 'nofollow' for the same paths");
	ps->stmt->flags |= modifiers[i].flag;
	return 0;
}

static int take_parts(struct parser *ps, const struct row *row)
{
	int rc = 0;

	if (!ps->next || word_among(ps->next, no_part) >= 0) {
		diag_add(ps->diag, ps->next ? ps->next->at : ps->end, "'except' needs a part");
		return diag_hint(ps->diag, "write: %s", row->form);
	}
	while (rc == 0 && ps->next && word_among(ps->next, no_part) < 0)
		rc = parse_add(ps, GRANT_PART, parse_take(ps), NULL);
	return rc;
}

int parse_except(struct parser *ps, const struct row *row)
{
	int rc = take_parts(ps, row);

	if (rc == 0 && ps->next && word_is(ps->next, "optional")) {
		ps->stmt->flags |= GRANT_OPTIONAL;
		parse_take(ps);
	}
	return rc == 0 && ps->next ? parse_bad(ps, row, ps->next->at, "does not know this word here") : rc;
}

/* What stands behind the paths. */
static int take_except(struct parser *ps, const struct row *row)
{
	const struct word *word = parse_take(ps);

	if (!ps->stmt->items->next)
		return take_parts(ps, row);
	diag_add(ps->diag, word->at, "'except' behind several paths");
	return diag_hint(ps->diag, "make a statement for each path");
}

int parse_grant(struct parser *ps, const struct row *row)
{
	int rc = 0;

	for (uint32_t i = 0; image_right_name[i]; i++)
		if (strcmp(image_right_name[i], row->word) == 0)
			ps->stmt->rights = 1u << i;
	while (rc == 0 && ps->next && !is_path(ps->next))
		rc = take_right(ps);
	if (rc == 0 && !ps->next)
		return parse_missing(ps, row, "a path");
	while (rc == 0 && ps->next && is_path(ps->next))
		rc = parse_add(ps, GRANT_PATH, parse_take(ps), NULL);
	if (rc == 0 && ps->next && word_is(ps->next, "except"))
		rc = take_except(ps, row);
	while (rc == 0 && ps->next)
		rc = take_modifier(ps);
	return rc;
}

static int take_fd_word(struct parser *ps, const struct row *row)
{
	const struct word *word = parse_take(ps);

	if (word_is(word, "as")) {
		for (const struct item *item = ps->stmt->items; item; item = item->next)
			if (item->tag == FD_NAME)
				return diag_add(ps->diag, word->at, "'as' is said twice");
		return ps->next ? parse_add(ps, FD_NAME, parse_take(ps), NULL) : parse_missing(ps, row, "a name behind 'as'");
	}
	if (word_is(word, "optional") && ps->stmt->choice == CHOICE_VALUE && !(ps->stmt->flags & GRANT_OPTIONAL)) {
		ps->stmt->flags |= GRANT_OPTIONAL;
		return 0;
	}
	if (word_among(word, held_modifier) >= 0)
		return not_held(ps, word);
	if (word_is(word, "except"))
		return parse_bad(ps, row, word->at, "takes no 'except'");
	return parse_bad(ps, row, word->at, is_path(word) ? "takes one path" : "does not know this word here");
}

int parse_fd(struct parser *ps, const struct row *row)
{
	int rc;

	if (!ps->next || !ps->next->next)
		return parse_missing(ps, row, ps->next ? "rights and a path, or 'keep'" : "a number");
	rc = parse_add(ps, FD_NUMBER, parse_take(ps), NULL);
	if (rc == 0 && word_is(ps->next, "keep")) {
		ps->stmt->choice = CHOICE_KEEP;
		parse_take(ps);
	} else {
		while (rc == 0 && ps->next && !is_path(ps->next))
			rc = take_right(ps);
		if (rc == 0 && !ps->next)
			return parse_missing(ps, row, "a path");
		if (rc == 0 && ps->stmt->rights == 0)
			return parse_bad(ps, row, ps->next->at, "needs a right before the path");
		if (rc == 0)
			rc = parse_add(ps, FD_PATH, parse_take(ps), NULL);
	}
	while (rc == 0 && ps->next)
		rc = take_fd_word(ps, row);
	return rc;
}

int parse_args(struct parser *ps, const struct row *row)
{
	static const char *const known[] = {"read", "write", NULL};
	uint32_t rights = 0;
	int rc = 0;

	if (!ps->next)
		return parse_missing(ps, row, "a right and a range");
	while (rc == 0 && ps->next) {
		const struct word *word = parse_take(ps);
		const int i = word_among(word, known);
		if (i >= 0 && rights & 1u << i)
			return diag_add(ps->diag, word->at, "'%s' is said twice", known[i]);
		if (i >= 0) {
			rights |= 1u << i;
			continue;
		}
		if (!word->quoted && !strchr("-.$0123456789", word->raw[0])) {
			diag_add(ps->diag, word->at, "'args' has no right '%.*s'", WORD(word));
			return diag_hint(ps->diag, "rights of arguments are 'read' and 'write'");
		}
		if (rights == 0)
			return parse_bad(ps, row, word->at, "needs a right before the range");
		rc = parse_add(ps, rights, word, NULL);
		rights = 0;
	}
	return rc == 0 && rights ? parse_missing(ps, row, "a range behind the right") : rc;
}

/* `grant`: what the broker hands out while the program runs. Its words alone; held.c says what they mean. */
#include <string.h>

#include "parser.h"

static const char *const protocols[] = {"tcp", "unix", NULL};

static bool is_path(const struct word *word)
{
	return word->quoted || strchr("/~$.", word->raw[0]);
}

static int take_right(struct parser *ps, const struct row *row)
{
	const struct word *word = parse_take(ps);
	const int i = word_among(word, image_right_name);
	const uint32_t right = word_is(word, "pass") ? RIGHT_PASS : i < 0 ? 0 : 1u << i;

	if (right == 0 || right & (RIGHT_EXEC | RIGHT_IOCTL)) {
		parse_bad(ps, row, word->at,
			  right ? "can't hand out this right while the program runs" : "does not know this word here");
		return -EINVAL;
	}
	if (ps->stmt->rights & right)
		return parse_bad(ps, row, word->at, "says a right twice");
	ps->stmt->rights |= right;
	return 0;
}

/* connect tcp, connect unix, listen tcp; pass may stand before. */
static int take_protocol(struct parser *ps, const struct row *row)
{
	const struct word *verb = parse_take(ps);
	const bool listens = word_is(verb, "listen");
	const int i = ps->next ? word_among(ps->next, protocols) : -1;

	if (!ps->next)
		return parse_missing(ps, row, "'tcp' or 'unix' here");
	if (i < 0)
		return parse_bad(ps, row, ps->next->at, "knows 'tcp' and 'unix' here");
	if (listens && i == 1)
		return parse_bad(ps, row, ps->next->at, "can listen on tcp only");
	ps->stmt->hold = listens ? HELD_LISTEN_TCP : i == 1 ? HELD_CONNECT_UNIX : HELD_CONNECT_TCP;
	parse_take(ps);
	return ps->next ? parse_add(ps, HOLD_WHAT, parse_take(ps), NULL) : parse_missing(ps, row, "where to");
}

static int take_object(struct parser *ps, const struct row *row)
{
	int rc = 0;

	while (rc == 0 && ps->next && !is_path(ps->next)) {
		if (word_is(ps->next, "connect") || word_is(ps->next, "listen")) {
			if (ps->stmt->rights & ~(uint32_t)RIGHT_PASS)
				return parse_bad(ps, row, ps->next->at, "has one object: a path, or an address");
			return take_protocol(ps, row);
		}
		rc = take_right(ps, row);
	}
	if (rc < 0)
		return rc;
	if (!ps->next)
		return parse_missing(ps, row, "a path");
	if (!(ps->stmt->rights & ~(uint32_t)RIGHT_PASS))
		return parse_bad(ps, row, ps->next->at, "needs a right before the path");
	return parse_add(ps, HOLD_WHAT, parse_take(ps), NULL);
}

/* by path, by handle */
static int take_way(struct parser *ps, const struct row *row, const struct word *word, bool *said)
{
	static const char *const ways[] = {"path", "handle", NULL};
	const int i = ps->next ? word_among(ps->next, ways) : -1;

	if (*said)
		return parse_bad(ps, row, word->at, "says this twice");
	if (ps->stmt->hold != HELD_PATH)
		return parse_bad(ps, row, word->at, "has no path here: 'by' is of files");
	if (!ps->next)
		return parse_missing(ps, row, "'path' or 'handle' behind 'by'");
	if (i < 0)
		return parse_bad(ps, row, ps->next->at, "knows 'path' and 'handle' behind 'by'");
	*said = true;
	parse_take(ps);
	ps->stmt->flags |= i == 1 ? HELD_BY_HANDLE : 0;
	return 0;
}

static int take_condition(struct parser *ps, const struct row *row, bool *way_said)
{
	static const char *const words[] = {"as", "until", "times", NULL};
	static const uint32_t tags[] = {HOLD_NAME, HOLD_UNTIL, HOLD_TIMES};
	const struct word *word = parse_take(ps);
	const int i = word_among(word, words);

	if (word_is(word, "revocable") && !(ps->stmt->flags & HELD_REVOCABLE)) {
		ps->stmt->flags |= HELD_REVOCABLE;
		return 0;
	}
	if (word_is(word, "by"))
		return take_way(ps, row, word, way_said);
	if (i < 0)
		return parse_bad(ps, row, word->at, "does not know this word here");
	for (const struct item *item = ps->stmt->items; item; item = item->next)
		if (item->tag == tags[i])
			return parse_bad(ps, row, word->at, "says this twice");
	return ps->next ? parse_add(ps, tags[i], parse_take(ps), NULL) : parse_missing(ps, row, "a value behind this word");
}

/* ask: rights, then paths. */
int parse_ask(struct parser *ps, const struct row *row)
{
	int rc = 0;

	while (rc == 0 && ps->next && !is_path(ps->next)) {
		if (word_is(ps->next, "pass"))
			return parse_bad(ps, row, ps->next->at, "can't ask for the right to hand on");
		rc = take_right(ps, row);
	}
	if (rc < 0)
		return rc;
	if (!ps->stmt->rights)
		return ps->next ? parse_bad(ps, row, ps->next->at, "needs a right before the path")
				: parse_missing(ps, row, "a right and a path");
	if (!ps->next)
		return parse_missing(ps, row, "a path");
	while (rc == 0 && ps->next) {
		if (!is_path(ps->next))
			return parse_bad(ps, row, ps->next->at, "takes paths here, and nothing behind them");
		rc = parse_add(ps, 0, parse_take(ps), NULL);
	}
	return rc;
}

int parse_held(struct parser *ps, const struct row *row)
{
	int rc = ps->next ? take_object(ps, row) : parse_missing(ps, row, "a right and a path");
	bool way_said = false;

	while (rc == 0 && ps->next)
		rc = take_condition(ps, row, &way_said);
	for (const struct item *item = ps->stmt->items; rc == 0 && item; item = item->next)
		if (item->tag == HOLD_NAME)
			return 0;
	return rc < 0 ? rc : parse_missing(ps, row, "a name: as NAME");
}

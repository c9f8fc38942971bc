#include "cells.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const modifiers[] = {"optional", "follow", "nofollow", NULL};

/* Quotes that are not needed: of a path of letters. */
static bool is_overquoted(const struct word *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+:,@%=";

	return word->quoted && word->raw_len > 2 && word->raw[1] == '/' && strspn(word->raw + 1, plain) == word->raw_len - 2;
}

static bool is_right(const struct word *word)
{
	return word_among(word, image_right_name) >= 0;
}

/* What a word of a `grant` statement is: its place tells, since a name may be any word. */
enum held_part { HELD_VERB, HELD_RIGHT, HELD_OBJECT, HELD_CONDITION, HELD_VALUE };

static enum held_part held_part(const struct word *verb, const struct word *wanted)
{
	static const char *const bare[] = {"connect", "listen", NULL};
	enum held_part part = HELD_VERB;
	uint32_t left = 0; /* words of the object that are still to come */

	for (const struct word *word = verb; word && word != wanted; word = word->next) {
		const struct word *next = word->next;
		if (!next)
			break;
		if (part == HELD_OBJECT && left > 0)
			left--;
		else if (part == HELD_CONDITION && !word_is(word, "revocable"))
			part = HELD_VALUE;
		else if (part >= HELD_OBJECT)
			part = HELD_CONDITION;
		else if (is_right(next) || word_is(next, "pass"))
			part = HELD_RIGHT;
		else {
			part = HELD_OBJECT;
			left = word_among(next, bare) >= 0 ? 2 : 0;
		}
	}
	return part;
}

static bool begins_held(const struct word *verb, const struct word *before, const struct word *word)
{
	const enum held_part a = held_part(verb, before), b = held_part(verb, word);

	return b == HELD_CONDITION || (a != b && b != HELD_VALUE);
}

/* Does WORD, of a statement that starts with VERB, begin a cell? BEFORE is the word before it. */
static bool begins_cell(const struct word *verb, const struct word *before, const struct word *word, uint32_t index)
{
	if (is_right(verb))
		return (is_right(before) && !is_right(word)) || word_is(word, "except") ||
		       (word_among(word, modifiers) >= 0 && word_among(before, modifiers) < 0);
	if (word_is(verb, "grant"))
		return begins_held(verb, before, word);
	if (word_is(verb, "ask"))
		return before == verb || (is_right(before) && !is_right(word));
	if (before == verb)
		return !word_is(verb, "fd") && !(word_is(verb, "keep") && word_is(word, "cap"));
	if (word_is(verb, "fd"))
		return (!is_right(word) || !is_right(before)) && !word_is(before, "as");
	if (word_is(verb, "args"))
		return !is_right(before);
	if (word_is(verb, "limit"))
		return index % 2 == 1;
	if (word_is(verb, "env"))
		return word_is(word, "keep") || word_is(word, "set");
	if (word_is(verb, "keep"))
		return word_is(before, "cap") && index == 2;
	return word_is(verb, "except") && word_is(word, "optional") && !word->next;
}

/* The rights from WORD on in their order, so that one set has one spelling. Returns the last of them. */
static const struct word *put_rights(FILE *f, const struct word *word)
{
	const struct word *last = word;
	uint32_t set = 0;
	const char *blank = "";

	for (; word && is_right(word); last = word, word = word->next)
		set |= 1u << word_among(word, image_right_name);
	for (uint32_t i = 0; image_right_name[i]; i++) {
		if (!(set & 1u << i))
			continue;
		fprintf(f, "%s%s", blank, image_right_name[i]);
		blank = " ";
	}
	return last;
}

static const struct word *put_modifiers(FILE *f, const struct word *word)
{
	const struct word *last = word;
	uint32_t set = 0;
	const char *blank = "";

	for (; word && word_among(word, modifiers) >= 0; last = word, word = word->next)
		set |= 1u << word_among(word, modifiers);
	for (uint32_t i = 0; modifiers[i]; i++) {
		if (!(set & 1u << i))
			continue;
		fprintf(f, "%s%s", blank, modifiers[i]);
		blank = " ";
	}
	return last;
}

static bool has_rights(const struct word *verb)
{
	return is_right(verb) || word_is(verb, "fd") || word_is(verb, "args") || word_is(verb, "ask");
}

/* As put_rights(), and `pass` last. */
static const struct word *put_held_rights(FILE *f, const struct word *verb, const struct word *word)
{
	const struct word *last = word;
	const char *blank = "";
	uint32_t set = 0;
	bool pass = false;

	for (; word && held_part(verb, word) == HELD_RIGHT; last = word, word = word->next) {
		pass |= word_is(word, "pass");
		set |= is_right(word) ? 1u << word_among(word, image_right_name) : 0;
	}
	for (uint32_t i = 0; image_right_name[i]; i++) {
		if (!(set & 1u << i))
			continue;
		fprintf(f, "%s%s", blank, image_right_name[i]);
		blank = " ";
	}
	if (pass)
		fprintf(f, "%spass", blank);
	return last;
}

/* One word, or a run of words that has an order. Returns the last that was put. */
static const struct word *put_words(FILE *f, const struct word *verb, const struct word *word)
{
	/* Where the number of a descriptor stands, any word is read as one until its value is looked at. */
	const bool number = word_is(verb, "fd") && word == verb->next;

	if (word_is(verb, "grant") && held_part(verb, word) == HELD_RIGHT)
		return put_held_rights(f, verb, word);
	if (has_rights(verb) && is_right(word) && !number)
		return put_rights(f, word);
	if (is_right(verb) && word_among(word, modifiers) >= 0)
		return put_modifiers(f, word);
	if (is_overquoted(word))
		fwrite(word->raw + 1, 1, word->raw_len - 2, f);
	else
		fwrite(word->raw, 1, word->raw_len, f);
	return word;
}

static char *finish(FILE *f, char **text)
{
	if (fclose(f) == 0)
		return *text;
	free(*text);
	return NULL;
}

/* The words from *WORD up to the next cell. */
static char *make_cell(const struct word *verb, const struct word **word, uint32_t *index)
{
	char *text = NULL;
	size_t size;
	const struct word *before;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	do {
		before = put_words(f, verb, *word);
		*word = before->next;
		++*index; /* a run counts once: where the index is looked at there are none */
		if (*word && !begins_cell(verb, before, *word, *index))
			fputc(' ', f);
	} while (*word && !begins_cell(verb, before, *word, *index));
	return finish(f, &text);
}

int cells_make(const struct word *verb, struct cells *cells)
{
	const struct word *word = verb;
	uint32_t room = 1, index = 0;

	for (; word; word = word->next)
		room++;
	cells->list = calloc(room, sizeof *cells->list);
	if (!cells->list)
		return -ENOMEM;
	for (word = verb; word; cells->count++) {
		cells->list[cells->count] = make_cell(verb, &word, &index);
		if (!cells->list[cells->count])
			return -ENOMEM;
	}
	return 0;
}

void cells_free(struct cells *cells)
{
	for (uint32_t i = 0; i < cells->count; i++)
		free(cells->list[i]);
	free(cells->list);
	*cells = (struct cells){0};
}

#include "print.h"

#include <string.h>

#include "utf8.h"

/* One character of a text, or an escape: what needs one in quotes. */
static size_t print_char(FILE *f, const char *p, size_t len)
{
	static const char meant[] = "\"\\$\n\t", escape[] = "\"\\$nt";
	const char *found = strchr(meant, *p);
	uint32_t code;
	const size_t n = utf8_read(p, len, &code);

	if (found)
		fprintf(f, "\\%c", escape[found - meant]);
	else if (n > 0 && utf8_visible(code))
		fwrite(p, 1, n, f);
	else
		fprintf(f, "\\x%02x", (unsigned char)*p);
	return found || n == 0 || !utf8_visible(code) ? 1 : n;
}

static bool is_plain(const struct part *part)
{
	uint32_t code;
	size_t n;

	if (part->variable)
		return true;
	for (const char *p = part->text; *p; p += n) {
		n = utf8_read(p, part->len - (size_t)(p - part->text), &code);
		if (n == 0 || !utf8_visible(code) || strchr(" \t\"'\\$*?[", *p))
			return false;
	}
	return true;
}

/* A quoted word is never a keyword: it keeps its quotes, unless it is a path by its first character. */
static bool needs_quotes(const struct word *word, bool value)
{
	const struct part *first = word->parts;

	if (!first)
		return !value;
	/* Bare, `~` would be a variable at the start and behind NAME=. */
	if (!first->variable && (strchr("~#", first->text[0]) || strstr(first->text, "=~")))
		return true;
	if (word->quoted && !value && !first->variable && first->text[0] != '/')
		return true;
	for (const struct part *part = first; part; part = part->next)
		if (!is_plain(part))
			return true;
	return false;
}

static bool goes_on(const struct part *next)
{
	return next && !next->variable &&
	       strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", next->text[0]);
}

/* VALUE: behind NAME=, where there are no keywords. */
static void print_word(FILE *f, const struct word *word, bool value)
{
	const bool quotes = needs_quotes(word, value);

	if (quotes)
		fputc('"', f);
	for (const struct part *part = word->parts; part; part = part->next) {
		if (part->variable)
			fprintf(f, goes_on(part->next) ? "${%s}" : "$%s", part->text);
		else if (!quotes)
			fputs(part->text, f);
		else
			for (size_t i = 0; i < part->len;)
				i += print_char(f, part->text + i, part->len - i);
	}
	if (quotes)
		fputc('"', f);
}

static void print_bits(FILE *f, uint32_t bits, const char *const *names, const char *separator)
{
	for (uint32_t i = 0; names[i]; i++) {
		if (!(bits & 1u << i))
			continue;
		fputs(separator, f);
		fputs(names[i], f);
		separator = " ";
	}
}

static void print_env(FILE *f, const struct item *item, uint32_t *mode)
{
	const uint32_t now = item->tag == ENV_SET ? ENV_SET : ENV_KEEP;

	if (*mode != now)
		fputs(now == ENV_SET ? " set" : " keep", f);
	*mode = now;
	fputc(' ', f);
	print_word(f, item->word, item->tag != ENV_KEEP);
	if (item->tag == ENV_KEEP_PREFIX)
		fputc('*', f);
	if (item->tag != ENV_SET)
		return;
	fputc('=', f);
	print_word(f, item->value, true);
}

/* TAG: of the item before it. */
static void print_item(FILE *f, const struct stmt *s, const struct item *item, uint32_t *tag)
{
	if (s->verb == VERB_ENV) {
		print_env(f, item, tag);
		return;
	}
	if (s->verb == VERB_ARGS)
		print_bits(f, item->tag, image_right_name, " ");
	if (s->verb == VERB_FD && item->tag == FD_NAME)
		fputs(" as", f);
	if (s->verb == VERB_FD && item->tag == FD_PATH)
		print_bits(f, s->rights, image_right_name, " ");
	if (s->verb == VERB_GRANT && item->tag == GRANT_PART && *tag != GRANT_PART)
		fputs(" except", f);
	if (s->verb == VERB_HOLD && item->tag != HOLD_WHAT)
		fputs(item->tag == HOLD_NAME ? " as" : item->tag == HOLD_UNTIL ? " until" : " times", f);
	*tag = item->tag;
	fputc(' ', f);
	print_word(f, item->word, false);
	if (s->verb == VERB_FD && item->tag == FD_NUMBER && s->choice == CHOICE_KEEP)
		fputs(" keep", f);
	if (!item->value)
		return;
	fputs(s->verb == VERB_LET ? " = " : " ", f);
	print_word(f, item->value, false);
}

static void print_hold(FILE *f, const struct stmt *s)
{
	static const char *const words[] = {
	    [HELD_CONNECT_TCP] = " connect tcp", [HELD_CONNECT_UNIX] = " connect unix", [HELD_LISTEN_TCP] = " listen tcp"};

	print_bits(f, s->rights, image_right_name, " ");
	if (s->rights & RIGHT_PASS)
		fputs(" pass", f);
	if (s->hold != HELD_PATH)
		fputs(words[s->hold], f);
}

static void print_statement(FILE *f, const struct stmt *s)
{
	uint32_t tag = UINT32_MAX;

	fputs(verb_word[s->verb], f);
	if (s->verb == VERB_GRANT || s->verb == VERB_ASK)
		print_bits(f, s->rights, image_right_name, s->verb == VERB_ASK ? " " : "");
	if (s->verb == VERB_HOLD)
		print_hold(f, s);
	if (s->verb == VERB_CONNECT || s->verb == VERB_LISTEN)
		fprintf(f, " %s", protocol_word[s->protocol]);
	if (s->verb == VERB_KEEP)
		fputs(" cap", f);
	if (s->verb != VERB_FD && s->choice != CHOICE_VALUE)
		fprintf(f, " %s", choice_word[s->choice]);
	for (const struct item *item = s->items; item; item = item->next)
		print_item(f, s, item, &tag);
	if (s->verb == VERB_HOLD && s->flags & HELD_BY_HANDLE)
		fputs(" by handle", f);
	if (s->verb == VERB_HOLD && s->flags & HELD_REVOCABLE)
		fputs(" revocable", f);
	if (s->verb == VERB_HOLD)
		return;
	if (s->flags & GRANT_OPTIONAL)
		fputs(" optional", f);
	if (s->flags & (GRANT_FOLLOW | STMT_NOFOLLOW))
		fputs(s->flags & STMT_NOFOLLOW ? " nofollow" : " follow", f);
}

void print_source(FILE *f, const struct source *source)
{
	for (const struct stmt *s = source->statements; s; s = s->next) {
		if (s->gap)
			fputc('\n', f);
		print_statement(f, s);
		if (s->comment)
			fprintf(f, "%s#%s%s", s->verb == VERB_NOTHING ? "" : "  ", *s->comment ? " " : "", s->comment);
		fputc('\n', f);
	}
}

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "utf8.h"

const char *arena_say(struct arena *arena, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	const int len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	const char *kept = arena_text(arena, text, (size_t)len);
	free(text);
	return kept;
}

const char *bits_text(struct arena *arena, uint64_t bits, const char *const *names, const char *separator)
{
	const char *text = "";

	for (uint32_t i = 0; text && names[i]; i++)
		if (bits >> i & 1)
			text = arena_say(arena, "%s%s%s", text, *text ? separator : "", names[i]);
	return text;
}

/* Bare, these could be taken for words of the language. A quoted word never is. */
static int is_keyword(const char *text)
{
	static const char *const words[] = {"keep",  "set",   "none",      "any",    "optional", "follow", "nofollow",
					    "until", "times", "revocable", "except", "as",       "new",    "reset"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], text) == 0)
			return 1;
	for (int i = 0; image_right_name[i]; i++)
		if (strcmp(image_right_name[i], text) == 0)
			return 1;
	return 0;
}

static int needs_quotes(const char *text, uint32_t root)
{
	uint32_t code;
	size_t n;

	if (root == ROOT_NONE && (!*text || strchr("~#", *text) || is_keyword(text)))
		return 1;
	if (strstr(text, "=~") || (root != ROOT_NONE && *text && *text != '/')) /* ~ and ./ go on with a slash, or not at all */
		return 1;
	for (const char *p = text; *p; p += n) {
		n = utf8_read(p, strlen(p), &code);
		if (n == 0 || !utf8_visible(code) || strchr(" \t\"'\\$*?[", *p))
			return 1;
	}
	return 0;
}

/* The character at P, as it stands in quotes, put behind the LEN bytes of TO. Returns how many bytes it takes in P. */
static size_t put_quoted(char *to, size_t *len, const char *p)
{
	uint32_t code;
	const size_t n = utf8_read(p, strlen(p), &code);

	if (strchr("\"\\$", *p)) {
		to[(*len)++] = '\\';
		to[(*len)++] = *p;
		return 1;
	}
	if (n == 0 || !utf8_visible(code) || *p == '\t') {
		*len += (size_t)sprintf(to + *len, "\\x%02x", (unsigned char)*p);
		return 1;
	}
	memcpy(to + *len, p, n);
	*len += n;
	return n;
}

const char *word_text(struct arena *arena, uint32_t root, const char *text)
{
	const int quotes = needs_quotes(text, root);
	char *to = arena_alloc(arena, 4 * strlen(text) + 64);
	size_t len = 0;

	if (!to)
		return NULL;
	if (quotes)
		to[len++] = '"';
	if (root == ROOT_PWD && !quotes)
		to[len++] = '.';
	else if (root == ROOT_HOME && !quotes)
		to[len++] = '~';
	else if (root != ROOT_NONE)
		len += (size_t)sprintf(to + len, quotes ? "${%s}" : "$%s", image_root_name[root]);
	if (!quotes)
		strcpy(to + len, text);
	for (const char *p = text; quotes && *p;)
		p += put_quoted(to, &len, p);
	if (quotes)
		strcpy(to + len, "\"");
	return to;
}

const char *origin_text(const struct origin *origin, char *buf, size_t size)
{
	const char *name = *origin->fragment ? origin->fragment : origin->file;

	if (origin->line > 0)
		snprintf(buf, size, "%s:%u", name, origin->line);
	else
		snprintf(buf, size, "%s", name);
	return buf;
}

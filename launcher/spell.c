#include "spell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owned.h"

static int text_add(struct spelling *t, const char *bytes, size_t len)
{
	if (len + 1 > t->room - t->len) {
		size_t room = (t->room + len + 64) * 2;
		char *more = realloc(t->bytes, room);
		if (!more)
			return -ENOMEM;
		t->bytes = more;
		t->room = room;
	}
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
	return 0;
}

int spell_text(struct spelling *t, const char *s)
{
	return text_add(t, s, strlen(s));
}

/* A word that the policy language reads as this very value, whatever bytes it holds. */
static int text_quote(struct spelling *t, const char *value, size_t len)
{
	int rc = spell_text(t, "\"");

	for (size_t i = 0; i < len && rc == 0; i++) {
		const unsigned char c = (unsigned char)value[i];
		if (c == '"' || c == '\\' || c == '$') {
			const char escaped[2] = {'\\', (char)c};
			rc = text_add(t, escaped, 2);
		} else if (c < 0x20 ||
			   c >= 0x7f) { /* the language is strict about UTF-8 and the invisible; file names are not */
			char escaped[5];
			snprintf(escaped, sizeof escaped, "\\x%02x", c);
			rc = text_add(t, escaped, 4);
		} else {
			rc = text_add(t, value + i, 1);
		}
	}
	return rc < 0 ? rc : spell_text(t, "\"");
}

static int is_plain(const char *s, size_t len)
{
	return len > 0 && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:,=*") >= len;
}

static int text_word(struct spelling *t, const char *word, size_t len)
{
	return is_plain(word, len) ? text_add(t, word, len) : text_quote(t, word, len);
}

static int text_list(struct spelling *t, const char *value, size_t len)
{
	int rc = 0;

	for (const char *p = value, *const end = value + len; rc == 0; p++) {
		size_t n = strcspn(p, ",");
		n = n > (size_t)(end - p) ? (size_t)(end - p) : n;
		rc = text_word(t, p, n);
		p += n;
		if (p == end)
			break;
		rc = rc ? rc : spell_text(t, " ");
	}
	return rc;
}

/* The shell has expanded what was to be expanded: every byte stands for itself. */
static int text_path(struct spelling *t, const char *value)
{
	OWNED char *beneath = NULL;

	if (value[0] == '/')
		return text_quote(t, value, strlen(value));
	return asprintf(&beneath, "./%s", value) < 0 ? -ENOMEM : text_quote(t, beneath, strlen(beneath));
}

static int text_peer(struct spelling *t, const char *verb, const char *value, struct err *err)
{
	const size_t n = strcspn(value, ":=");
	const char *rest = value + n + 1;
	int rc;

	if (!value[n])
		return err_set(err, EINVAL, "--%s %s: say it in two parts, like tcp:443 or tcp:example.org:443", verb, value);
	(void)((rc = text_word(t, value, n)) || (rc = spell_text(t, " ")));
	if (rc < 0)
		return rc;
	if (n == 4 && strncmp(value, "unix", n) == 0 && *rest && strcmp(rest, "any") != 0)
		return text_path(t, rest);
	return text_word(t, rest, strlen(rest));
}

static int text_rights(struct spelling *t, const char *value, struct err *err)
{
	const size_t n = strcspn(value, ":");
	int rc;

	if (n == 0 || !value[n] || !value[n + 1])
		return err_set(err, EINVAL, "--ask-for %s: say rights and a path, like read:notes or read,write:notes", value);
	(void)((rc = text_list(t, value, n)) || (rc = spell_text(t, " ")) || (rc = text_path(t, value + n + 1)));
	return rc;
}

int spell_statement(struct spelling *t, const char *verb, enum shape shape, const char *value, struct err *err)
{
	const size_t len = strlen(value);
	int rc = spell_text(t, verb);

	if (rc == 0 && shape != SHAPE_NONE && *verb)
		rc = spell_text(t, " ");
	if (rc < 0)
		return rc;
	switch (shape) {
	case SHAPE_NONE: break;
	case SHAPE_WORD: rc = text_word(t, value, len); break;
	case SHAPE_PART: rc = text_quote(t, value, len); break;
	case SHAPE_LIST: rc = text_list(t, value, len); break;
	case SHAPE_PEER: rc = text_peer(t, verb, value, err); break;
	case SHAPE_RIGHTS: rc = text_rights(t, value, err); break;
	case SHAPE_PAIR: {
		const size_t n = strcspn(value, ":=");
		if (!value[n])
			return err_set(err, EINVAL, "--%s %s: say it in two parts, like wall=10s", verb, value);
		(void)((rc = text_word(t, value, n)) || (rc = spell_text(t, " ")) ||
		       (rc = text_word(t, value + n + 1, len - n - 1)));
		break;
	}
	case SHAPE_PATH: rc = text_path(t, value); break;
	case SHAPE_ENV: {
		const size_t n = strcspn(value, "=");
		(void)((rc = spell_text(t, value[n] ? "set " : "keep ")) || (rc = text_word(t, value, n)));
		if (rc == 0 && value[n])
			(void)((rc = spell_text(t, "=")) || (rc = text_quote(t, value + n + 1, len - n - 1)));
		break;
	}
	case SHAPE_RAW:
		if (strpbrk(value, "\n\r"))
			return err_set(err, EINVAL, "--with takes one statement: a line end is in it");
		rc = text_add(t, value, len);
		break;
	}
	return rc < 0 ? rc : spell_text(t, "\n");
}

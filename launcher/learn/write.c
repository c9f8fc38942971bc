#include "write.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owned.h"

#define VERB_WIDTH 8
#define COMMENT_COLUMN 44
#define LINE_MAX_ 4000 /* a policy's line has at most 4096 bytes */

struct out {
	char *text; /* owned */
	size_t len, room;
	int failed;
};

static void put(struct out *o, const char *bytes, size_t len)
{
	if (!o->text || o->len + len + 1 > o->room) {
		const size_t room = (o->len + len + 1) * 2;
		char *more = realloc(o->text, room);
		if (!more) {
			o->failed = 1;
			return;
		}
		o->text = more;
		o->room = room;
	}
	memcpy(o->text + o->len, bytes, len);
	o->len += len;
	o->text[o->len] = '\0';
}

/* Comments hold names of programs and words of command lines: what is no plain text there is shown as '?'. */
static void put_tame(struct out *o, const char *text, size_t most)
{
	for (; *text && most > 0; text++, most--) {
		const char c = *text >= ' ' && (unsigned char)*text < 0x7f ? *text : '?';
		put(o, &c, 1);
	}
}

static void put_text(struct out *o, const char *text)
{
	put(o, text, strlen(text));
}

static void pad(struct out *o, size_t from, size_t to)
{
	do
		put(o, " ", 1);
	while (++from < to);
}

static void put_line(struct out *o, const struct line *line)
{
	const char *rest = strchr(line->text, '\t');
	const size_t start = o->len;

	if (line->off)
		put_text(o, "# ");
	if (line->kind == LINE_NOTE || !rest) {
		put_tame(o, line->text, LINE_MAX_);
	} else {
		const size_t verb = (size_t)(rest - line->text);
		put(o, line->text, verb);
		pad(o, verb, VERB_WIDTH + 1);
		put_text(o, rest + 1);
	}
	if (*line->why && o->len - start < LINE_MAX_ - 100) {
		pad(o, o->len - start + 1, COMMENT_COLUMN);
		put_text(o, "  # ");
		put_tame(o, line->why, LINE_MAX_ - (o->len - start));
	}
	put_text(o, "\n");
}

static const struct line *line_at(const struct draft *draft, uint32_t i)
{
	return (const struct line *)draft->lines.data + i;
}

static void put_heading(struct out *o, const struct heading *h)
{
	put_text(o, "# ");
	put_tame(o, h->name, 200);
	put_text(o, h->base ? ": what " : ": learned by watching one run of\n#   ");
	if (h->base) {
		put_tame(o, h->base, 500);
		put_text(o, " lacked, learned by watching one run of\n#   ");
	}
	put_tame(o, h->command, LINE_MAX_);
	put_text(o, "\n# It holds what that run used, and no more. Read each line before you rely on it. Not granted: what "
		    "stands behind a '#'.\n");
}

static void put_counted(struct out *o, const struct line *line, struct written *to)
{
	put_line(o, line);
	to->lines++;
	to->off += line->off != 0;
}

static int finish(struct out *o, struct written *to)
{
	if (o->failed) {
		free(o->text);
		return -ENOMEM;
	}
	to->text = o->text;
	to->len = o->len;
	return 0;
}

int write_policy(const struct draft *draft, const struct heading *heading, struct written *to)
{
	struct out o = {0};

	*to = (struct written){0};
	put_heading(&o, heading);
	for (int kind = 0; kind < LINE_KINDS; kind++)
		for (uint32_t i = 0; i < draft->lines.count; i++)
			if (line_at(draft, i)->kind == (enum line_kind)kind)
				put_counted(&o, line_at(draft, i), to);
	return finish(&o, to);
}

/* The same statement, whatever blanks and comments stand about it, and whether or not it stands behind a '#'. */
static int is_same(const char *line, size_t len, const char *text)
{
	size_t i = 0;

	while (i < len && (isblank((unsigned char)line[i]) || line[i] == '#'))
		i++;
	for (; *text; text++) {
		if (isblank((unsigned char)*text)) {
			if (i >= len || !isblank((unsigned char)line[i]))
				return 0;
			while (i < len && isblank((unsigned char)line[i]))
				i++;
		} else if (i >= len || line[i++] != *text) {
			return 0;
		}
	}
	while (i < len && isblank((unsigned char)line[i]))
		i++;
	return i == len || (line[i] == '#' && isblank((unsigned char)line[i - 1]));
}

static int is_there(const char *old, size_t len, const struct line *line)
{
	for (const char *p = old; p < old + len;) {
		const char *end = memchr(p, '\n', (size_t)(old + len - p));
		const size_t n = end ? (size_t)(end - p) : (size_t)(old + len - p);
		if (is_same(p, n, line->text))
			return 1;
		p += n + 1;
	}
	return 0;
}

int write_merged(const struct draft *draft, const struct heading *heading, const char *old, size_t old_len, struct written *to)
{
	struct out o = {0};

	*to = (struct written){0};
	put(&o, old, old_len);
	for (int kind = 0; kind < LINE_KINDS; kind++)
		for (uint32_t i = 0; i < draft->lines.count; i++) {
			const struct line *line = line_at(draft, i);
			if (line->kind != (enum line_kind)kind || is_there(old, old_len, line))
				continue;
			if (to->lines == 0) {
				put_text(&o, old_len > 0 && old[old_len - 1] != '\n' ? "\n\n" : "\n");
				put_text(&o, "# learned by watching one run more, of\n#   ");
				put_tame(&o, heading->command, LINE_MAX_);
				put_text(&o, "\n");
			}
			put_counted(&o, line, to);
		}
	return finish(&o, to);
}

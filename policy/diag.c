#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

#define WINDOW 100u       /* characters of a long line that are shown */
#define NAME_MAX_NEAR 63u /* longer names are no slips of ours */
#define NO_SOURCE UINT32_MAX

struct out { /* appends while there is room, and always ends with a NUL */
	char *buf;
	size_t room;
	size_t used;
};

static void put(struct out *out, const char *text, size_t len)
{
	if (len >= out->room - out->used)
		return;
	memcpy(out->buf + out->used, text, len);
	out->used += len;
	out->buf[out->used] = '\0';
}

/* One character, or its bytes as \xHH: what would drive the reader's terminal never gets there. Returns the bytes taken. */
static size_t put_shown(struct out *out, const char *p, size_t len, uint32_t *cells)
{
	char hex[8];
	uint32_t code;
	const size_t n = utf8_read(p, len, &code);
	const size_t taken = n > 0 ? n : 1;

	*cells = 1;
	if (n > 0 && utf8_visible(code)) {
		put(out, p, n);
		return n;
	}
	for (size_t i = 0; i < taken; i++) {
		snprintf(hex, sizeof hex, "\\x%02x", (unsigned char)p[i]);
		put(out, hex, 4);
	}
	*cells = (uint32_t)(4 * taken);
	return taken;
}

static void put_escaped(struct out *out, const char *text)
{
	uint32_t cells;

	for (size_t left = strlen(text); left > 0;) {
		const size_t n = put_shown(out, text, left, &cells);
		text += n;
		left -= n;
	}
}

static const char *find_line(const struct source *s, uint32_t line, size_t *len)
{
	const char *p = s->text, *const end = s->text + s->len;

	for (; line > 1 && p < end; line--) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		p = lf ? lf + 1 : end;
	}
	const char *lf = memchr(p, '\n', (size_t)(end - p));
	*len = (size_t)((lf ? lf : end) - p);
	return p;
}

/* The line, cut to a window around AT, and beneath it a mark: each character there gets a blank or a sign of its own width. */
static void draw(struct message *m, const char *p, size_t len)
{
	struct out echo = {m->echo, sizeof m->echo, 0}, mark = {m->mark, sizeof m->mark, 0};
	const uint32_t from = m->at.column > WINDOW - 20 ? m->at.column - WINDOW / 2 : 1;
	const uint32_t width = m->at.width > 0 ? m->at.width : 1;
	const char *const end = p + len;
	uint32_t column = 1;

	if (from > 1) {
		put(&echo, "...", 3);
		put(&mark, "   ", 3);
	}
	for (; p < end && column < from + WINDOW && echo.used + 20 < echo.room; column++) {
		const bool marked = column >= m->at.column && column - m->at.column < width;
		struct out nowhere = {(char[1]){0}, 1, 0};
		uint32_t cells;
		p += put_shown(column < from ? &nowhere : &echo, p, (size_t)(end - p), &cells);
		if (column < from || column >= m->at.column + width)
			continue;
		for (uint32_t i = 0; i < cells; i++)
			put(&mark, marked ? (column == m->at.column && i == 0 ? "^" : "~") : p[-1] == '\t' ? "\t" : " ", 1);
	}
	if (p < end)
		put(&echo, "...", 3);
	if (column <= m->at.column) /* the line's end is what is wrong */
		put(&mark, "^", 1);
}

__attribute__((format(printf, 3, 0))) static struct message *add(struct diag *diag, struct place at, const char *fmt,
								 va_list ap)
{
	char text[sizeof diag->messages->text];

	if (diag->count == DIAG_MAX) {
		diag->more = true;
		return NULL;
	}
	struct message *m = &diag->messages[diag->count++];
	memset(m, 0, sizeof *m);
	m->at = at;
	vsnprintf(text, sizeof text, fmt, ap);
	put_escaped(&(struct out){m->text, sizeof m->text, 0}, text);
	return m;
}

int diag_add(struct diag *diag, struct place at, const char *fmt, ...)
{
	const struct source *s = &diag->tree->sources[at.source];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	struct message *m = add(diag, at, fmt, ap);
	va_end(ap);
	if (!m)
		return -EINVAL;
	put_escaped(&(struct out){m->shown, sizeof m->shown, 0}, s->shown);
	if (at.line > 0) {
		const char *line = find_line(s, at.line, &len);
		draw(m, line, len);
	}
	return -EINVAL;
}

int diag_fail(struct diag *diag, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(diag, (struct place){.source = NO_SOURCE}, fmt, ap);
	va_end(ap);
	return -code;
}

int diag_hint(struct diag *diag, const char *fmt, ...)
{
	struct message *m = &diag->messages[diag->count - 1];
	char text[sizeof m->hint];
	va_list ap;

	if (diag->more) /* the message it belongs to was not kept */
		return -EINVAL;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	m->hint[0] = '\0';
	put_escaped(&(struct out){m->hint, sizeof m->hint, 0}, text);
	return -EINVAL;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbors that make A into B, letters' case aside. */
static uint32_t distance(const char *a, const char *b)
{
	uint32_t row[3][NAME_MAX_NEAR + 1];
	const uint32_t n = (uint32_t)strlen(b);

	for (uint32_t j = 0; j <= n; j++)
		row[0][j] = j;
	for (uint32_t i = 1; a[i - 1]; i++) {
		uint32_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
		now[0] = i;
		for (uint32_t j = 1; j <= n; j++) {
			now[j] =
			    least(least(last[j], now[j - 1]) + 1, last[j - 1] + (strncasecmp(&a[i - 1], &b[j - 1], 1) != 0));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return row[strlen(a) % 3][n];
}

const char *nearest_name(const char *name, const char *const *table)
{
	const size_t len = strlen(name);
	uint32_t best = len < 5 ? 2 : len < 9 ? 3 : 4; /* at most one, two or three slips */
	const char *found = NULL;

	for (; len > 0 && len <= NAME_MAX_NEAR && *table; table++) {
		if (strlen(*table) > NAME_MAX_NEAR)
			continue;
		const uint32_t d = distance(name, *table);
		if (d < best && d < strlen(*table) && d < len) {
			best = d;
			found = *table;
		}
	}
	return found;
}

int diag_nearest(struct diag *diag, const char *name, const char *const *table)
{
	const char *found = nearest_name(name, table);

	return found ? diag_hint(diag, "did you mean '%s'?", found) : -EINVAL;
}

int diag_known(struct diag *diag, const char *name, const char *const *table)
{
	char list[sizeof diag->messages->hint] = "";
	struct out out = {list, sizeof list, 0};

	if (name && nearest_name(name, table))
		return diag_nearest(diag, name, table);
	for (; *table; table++) {
		put(&out, " ", out.used > 0);
		put(&out, *table, strlen(*table));
	}
	return diag_hint(diag, "known are %.230s", list);
}

const char *diag_ref(const struct diag *diag, uint32_t from, struct place at, char buf[DIAG_REF])
{
	if (at.source == from)
		snprintf(buf, DIAG_REF, "line %u", at.line);
	else
		snprintf(buf, DIAG_REF, "%.64s:%u", diag->tree->sources[at.source].shown, at.line);
	return buf;
}

int word_cut(const struct word *word)
{
	size_t n = word->raw_len;

	if (n > 60)
		for (n = 60; n > 0 && (word->raw[n] & 0xc0) == 0x80; n--)
			;
	return (int)n;
}

static int by_place(const void *a, const void *b)
{
	const struct message *const *m = a, *const *n = b;
	const struct place p = (*m)->at, q = (*n)->at;

	if (p.source != q.source)
		return p.source < q.source ? -1 : 1;
	if (p.line != q.line)
		return p.line < q.line ? -1 : 1;
	if (p.column != q.column)
		return p.column < q.column ? -1 : 1;
	return *m < *n ? -1 : *m > *n;
}

static void print_message(FILE *f, const struct message *m)
{
	if (m->at.source == NO_SOURCE)
		fprintf(f, "endow-compile: %s", m->text);
	else if (m->at.line == 0)
		fprintf(f, "%s: %s", m->shown, m->text);
	else
		fprintf(f, "%s:%u:%u: %s", m->shown, m->at.line, m->at.column, m->text);
	if (m->at.line == 0)
		fprintf(f, "%s%s\n", *m->hint ? "; " : "", m->hint);
	else
		fprintf(f, "\n%5u | %s\n      | %s%s%s\n", m->at.line, m->echo, m->mark, *m->hint ? " " : "", m->hint);
}

char *diag_render(const struct diag *diag)
{
	const struct message *sorted[DIAG_MAX];
	char *text = NULL;
	size_t size;

	for (uint32_t i = 0; i < diag->count; i++)
		sorted[i] = &diag->messages[i];
	qsort(sorted, diag->count, sizeof *sorted, by_place);
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	for (uint32_t i = 0; i < diag->count; i++)
		print_message(f, sorted[i]);
	if (diag->more)
		fputs("too many errors\n", f);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

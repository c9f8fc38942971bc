#include "log.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"

#define TEXT_MAX \
	700 /* bytes of one text in a line, escaped: so a line is at most PIPE_BUF, which a pipe takes whole or not at all */

struct buffer {
	char text[PIPE_BUF];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void add(struct buffer *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	const int n = vsnprintf(b->text + b->len, sizeof b->text - b->len, fmt, ap);
	va_end(ap);
	/* What does not fit is left out: it would not be a number or a word, but a part of one. */
	if (n > 0 && (size_t)n < sizeof b->text - b->len)
		b->len += (size_t)n;
}

/* The length of the character at S, or 0 when that is no UTF-8: too long a form and halves of pairs are none. */
static size_t utf8_length(const unsigned char *s, size_t len)
{
	static const struct {
		unsigned char first, last, low, high; /* the lead byte, and the bounds of the second */
		size_t length;
	} forms[] = {
	    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
	    {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	if (s[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (len < forms[i].length || s[1] < forms[i].low || s[1] > forms[i].high)
			return 0;
		for (size_t k = 2; k < forms[i].length; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

/* Bytes as a JSON string. What is too long ends in an ellipsis. */
static void add_text(struct buffer *b, const char *key, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	add(b, ",\"%s\":\"", key);
	const size_t start = b->len;
	for (size_t i = 0; i < len;) {
		if (b->len - start >= TEXT_MAX) {
			add(b, "\xe2\x80\xa6");
			break;
		}
		const size_t n = utf8_length(s + i, len - i);
		if (n == 0)
			add(b, "\xef\xbf\xbd");
		else if (s[i] == '"' || s[i] == '\\')
			add(b, "\\%c", s[i]);
		else if (s[i] < 0x20 || s[i] == 0x7f)
			add(b, "\\u%04x", s[i]);
		else
			add(b, "%.*s", (int)n, text + i);
		i += n ? n : 1;
	}
	add(b, "\"");
}

static void add_rights(struct buffer *b, uint32_t rights)
{
	const char *comma = "";

	add(b, ",\"rights\":[");
	for (; rights; rights &= rights - 1, comma = ",")
		add(b, "%s\"%s\"", comma, table_right(rights));
	add(b, "]");
}

static void add_time(struct buffer *b)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	add(b, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\"", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
}

static void add_where(struct buffer *b, const char *source, uint32_t at)
{
	char where[128];

	snprintf(where, sizeof where, "%.100s:%u", source, at);
	add_text(b, "line", where, strlen(where));
}

static void add_cap(struct buffer *b, const struct log_line *line)
{
	const struct held *held = line->held;

	add(b, ",\"capability\":%llu", (unsigned long long)line->cap->handle);
	if (line->parent)
		add(b, ",\"parent\":%llu", (unsigned long long)line->parent);
	add_text(b, "name", line->cap->name, strlen(line->cap->name));
	add_text(b, "object", held->object, strlen(held->object));
	if (line->path_len)
		add_text(b, "path", line->path, line->path_len);
	add_rights(b, line->rights ? line->rights : line->cap->rights);
	add_where(b, held->source, held->line);
}

/* What nobody holds yet. */
static void add_thing(struct buffer *b, const struct log_line *line)
{
	if (line->path_len)
		add_text(b, "path", line->path, line->path_len);
	if (line->rights)
		add_rights(b, line->rights);
	if (line->source)
		add_where(b, line->source, line->at);
}

/* A pipe without a reader: the signal is this process's own, and must not be taken for one that is for the program. */
static void take_back_sigpipe(void)
{
	const struct timespec now = {0};
	sigset_t pipe;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigtimedwait(&pipe, NULL, &now);
}

void log_write(struct log *log, const struct log_line *line)
{
	static struct buffer b;

	if (log->fd < 0)
		return;
	if (log->is_journal) {
		journal_write(log, line);
		return;
	}
	b.len = 0;
	if (log->lost)
		add(&b, "{\"lost\":%llu}\n", (unsigned long long)log->lost);
	add_time(&b);
	add(&b, ",\"sandbox\":%d,\"pid\":%d,\"client\":%u,\"event\":\"%s\"", (int)log->sandbox, (int)line->pid, line->client,
	    line->event);
	if (line->cap)
		add_cap(&b, line);
	else
		add_thing(&b, line);
	add(&b, ",\"code\":%d", line->code);
	if (line->why)
		add_text(&b, "why", line->why, strnlen(line->why, 400));
	add(&b, "}\n");
	const ssize_t n = write(log->fd, b.text, b.len);
	if (n < 0 && errno == EPIPE)
		take_back_sigpipe();
	log->lost = n == (ssize_t)b.len ? 0 : log->lost + 1;
}

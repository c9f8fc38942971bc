#include "text.h"

#include <string.h>

#include "utf8.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t up_to_newline(const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	return (size_t)((lf ? lf : end) - p);
}

const char *text_next(const char *p, const char *end, size_t *len)
{
	p += *len;
	if (p == end || p + 1 == end) /* what follows the last newline is no line */
		return NULL;
	*len = up_to_newline(p + 1, end);
	return p + 1;
}

const char *text_line(const struct source *source, uint32_t line, size_t *len)
{
	const char *const end = source->text + source->len;
	const char *p = source->text;

	for (*len = up_to_newline(p, end); p && line > 1; line--)
		p = text_next(p, end, len);
	if (p)
		return p;
	*len = 0;
	return end;
}

const char *text_comment(const char *p, size_t len, const char *comment)
{
	const char *end = p + len;

	while (end > p && is_blank(end[-1]))
		end--;
	end -= strlen(comment);
	while (end > p + 1 && is_blank(end[-1]))
		end--;
	return end - 1;
}

struct place text_comment_place(const struct tree *tree, const struct stmt *s)
{
	struct place at = s->at;
	size_t len;
	const char *line = text_line(&tree->sources[at.source], at.line, &len);
	const char *mark = text_comment(line, len, s->comment);

	at.column = 1 + utf8_count(line, (size_t)(mark - line));
	at.width = utf8_count(mark, (size_t)(line + len - mark));
	return at;
}

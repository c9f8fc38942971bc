#include "layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "lex.h"
#include "parse.h"
#include "text.h"
#include "utf8.h"

#define HEAD_WIDTH_MAX 9u      /* a longer one moves nobody's column */
#define COMMENT_SPREAD_MAX 12u /* of the widths of statements whose comments stand in one column */

struct row { /* a line */
	bool gap;
	struct cells cells;
	const char *comment; /* from its '#'; NULL: none */
	size_t comment_len;
	const char *line; /* as it was */
	size_t len;
	char *laid;              /* without the comment */
	uint32_t width;          /* of that */
	uint32_t comment_column; /* where the comment begins, if both are there */
};

struct layout {
	struct tree *tree;
	struct diag *diag;
	struct row *rows;
	uint32_t count;
	uint32_t room;
};

static struct row *add_row(struct layout *l)
{
	if (l->count == l->room) {
		struct row *more = realloc(l->rows, (l->room * 2 + 64) * sizeof *more);
		if (!more)
			return NULL;
		l->rows = more;
		l->room = l->room * 2 + 64;
	}
	l->rows[l->count] = (struct row){0};
	return &l->rows[l->count++];
}

static int read_row(struct layout *l, struct place at, const char *p, size_t len, bool *gap)
{
	struct line line;
	int rc = lex_line(l->tree, l->diag, at, p, len, &line);

	if (rc < 0)
		return rc;
	if (!line.words && !line.comment) {
		*gap = l->count > 0;
		return 0;
	}
	struct row *row = add_row(l);
	if (!row)
		return -ENOMEM;
	row->gap = *gap;
	*gap = false;
	row->line = p;
	row->len = len;
	if (line.comment) {
		row->comment = text_comment(p, len, line.comment);
		row->comment_len = (size_t)(p + len - row->comment);
		while (strchr(" \t", row->comment[row->comment_len - 1]))
			row->comment_len--;
	}
	return line.words ? cells_make(line.words, &row->cells) : 0;
}

static int read_rows(struct layout *l)
{
	const struct source *s = &l->tree->sources[SOURCE_MAIN];
	struct place at = {.source = SOURCE_MAIN, .line = 1, .column = 1, .width = 1};
	bool gap = false;
	size_t len;
	int rc = 0;

	for (const char *p = text_line(s, 1, &len); rc == 0 && p; p = text_next(p, s->text + s->len, &len)) {
		rc = read_row(l, at, p, len, &gap);
		at.line++;
	}
	return rc;
}

static uint32_t width_of(const char *text)
{
	return utf8_count(text, strlen(text));
}

/* Of the column of heads, in the block of rows that begins at FROM. */
static uint32_t head_width(const struct layout *l, uint32_t from)
{
	uint32_t width = 0;

	for (uint32_t i = from; i < l->count && (i == from || !l->rows[i].gap); i++) {
		const struct row *row = &l->rows[i];
		const uint32_t w = row->cells.count > 1 ? width_of(row->cells.list[0]) : 0;
		if (w <= HEAD_WIDTH_MAX && w > width)
			width = w;
	}
	return width;
}

static bool is_fd(const struct row *row)
{
	return row->cells.count > 0 && strncmp(row->cells.list[0], "fd ", 3) == 0;
}

/* Of the column CELL, in the run of `fd` statements around row I. */
static uint32_t fd_width(const struct layout *l, uint32_t i, uint32_t cell)
{
	uint32_t width = 0;

	while (i > 0 && !l->rows[i].gap && is_fd(&l->rows[i - 1]))
		i--;
	do {
		const struct row *row = &l->rows[i++];
		const uint32_t w = cell + 1 < row->cells.count ? width_of(row->cells.list[cell]) : 0;
		width = w > width ? w : width;
	} while (i < l->count && is_fd(&l->rows[i]) && !l->rows[i].gap);
	return width;
}

static int lay_row(struct layout *l, uint32_t i, uint32_t head)
{
	struct row *row = &l->rows[i];
	size_t size;
	FILE *f = open_memstream(&row->laid, &size);

	if (!f)
		return -ENOMEM;
	for (uint32_t c = 0; c < row->cells.count; c++) {
		const uint32_t want = c == 0 ? head : is_fd(row) ? fd_width(l, i, c) : 0;
		fputs(row->cells.list[c], f);
		if (c + 1 == row->cells.count)
			break;
		for (uint32_t w = width_of(row->cells.list[c]); w < want; w++)
			fputc(' ', f);
		fputs("  ", f);
	}
	if (fclose(f) != 0)
		return -ENOMEM;
	row->width = width_of(row->laid);
	return 0;
}

static bool has_both(const struct row *row)
{
	return row->cells.count > 0 && row->comment;
}

/* Comments behind statements, in a run of such rows, begin in one column, unless that would tear them off. */
static void align_comments(struct layout *l)
{
	for (uint32_t i = 0, end; i < l->count; i = end) {
		uint32_t column = 0, least = UINT32_MAX;
		for (end = i; end < l->count && has_both(&l->rows[end]) && (end == i || !l->rows[end].gap); end++) {
			column = l->rows[end].width > column ? l->rows[end].width : column;
			least = l->rows[end].width < least ? l->rows[end].width : least;
		}
		for (uint32_t j = i; j < end; j++)
			l->rows[j].comment_column = (column - least <= COMMENT_SPREAD_MAX ? column : l->rows[j].width) + 3;
		end += end == i;
	}
}

static void put_comment(FILE *f, const struct row *row)
{
	const char *p = row->comment;
	const char second = row->comment_len > 1 ? p[1] : ' ';

	fputc('#', f);
	if ((second >= 'a' && second <= 'z') || (second >= 'A' && second <= 'Z') || (second >= '0' && second <= '9'))
		fputc(' ', f);
	fwrite(p + 1, 1, row->comment_len - 1, f);
}

/* As it was, less the blanks around it: where the layout would make a line too long to be read. */
static void put_raw(FILE *f, const struct row *row)
{
	const char *p = row->line, *end = p + row->len;

	while (p < end && strchr(" \t", *p))
		p++;
	while (end > p && strchr(" \t", end[-1]))
		end--;
	fwrite(p, 1, (size_t)(end - p), f);
}

static void put_row(FILE *f, const struct row *row)
{
	if (row->gap)
		fputc('\n', f);
	if (strlen(row->laid) + row->comment_column + row->comment_len > LINE_MAX_BYTES) {
		put_raw(f, row);
	} else {
		fputs(row->laid, f);
		for (uint32_t w = row->width; w < row->comment_column; w++)
			fputc(' ', f);
		if (row->comment)
			put_comment(f, row);
	}
	fputc('\n', f);
}

static int lay_out(struct layout *l, char **out, size_t *out_len)
{
	uint32_t head = 0;
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < l->count; i++) {
		if (i == 0 || l->rows[i].gap)
			head = head_width(l, i);
		rc = lay_row(l, i, head);
	}
	if (rc < 0)
		return rc;
	align_comments(l);
	char *text = NULL;
	FILE *f = open_memstream(&text, out_len);
	if (!f)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->count; i++)
		put_row(f, &l->rows[i]);
	if (fclose(f) == 0) {
		*out = text;
		return 0;
	}
	free(text);
	return -ENOMEM;
}

static int read_tree(struct tree *tree, struct diag *diag, const char *name, const char *text, size_t len)
{
	int rc;

	diag->tree = tree;
	(void)((rc = tree_add(tree, "command line", "command line", "", 0, 0)) < 0 ||
	       (rc = tree_add(tree, "", name, text, len, 0)) < 0 || (rc = parse_source(tree, SOURCE_MAIN, diag)) < 0);
	return rc < 0 ? rc : diag->count > 0 ? -EINVAL : 0;
}

/* What was laid out says what the text said, or is not handed out. */
static int compare(const struct tree *before, struct diag *diag, const char *name, const char *text, size_t len)
{
	struct tree *after = calloc(1, sizeof *after);
	int rc = after ? read_tree(after, diag, name, text, len) : -ENOMEM;

	if (rc == 0 && !source_equal(&before->sources[SOURCE_MAIN], &after->sources[SOURCE_MAIN]))
		rc = diag_fail(diag, EINVAL, "laid out it would say something else, which is a bug; nothing is changed");
	if (after)
		tree_free(after);
	free(after);
	diag->tree = before;
	return rc;
}

static void free_rows(struct layout *l)
{
	for (uint32_t i = 0; i < l->count; i++) {
		cells_free(&l->rows[i].cells);
		free(l->rows[i].laid);
	}
	free(l->rows);
}

int layout_text(const char *name, const char *text, size_t len, char **out, size_t *out_len, struct diag *diag)
{
	struct tree *tree = calloc(1, sizeof *tree);
	struct layout l = {.tree = tree, .diag = diag};
	char *laid = NULL;
	int rc = -ENOMEM;

	memset(diag, 0, sizeof *diag);
	if (tree)
		(void)((rc = read_tree(tree, diag, name, text, len)) < 0 || (rc = read_rows(&l)) < 0 ||
		       (rc = lay_out(&l, &laid, out_len)) < 0 || (rc = compare(tree, diag, name, laid, *out_len)) < 0);
	if (rc == 0)
		*out = laid;
	else
		free(laid);
	free_rows(&l);
	if (tree)
		tree_free(tree);
	free(tree);
	diag->tree = NULL;
	return rc;
}

#include "lex.h"

#include <string.h>

#include "utf8.h"

struct lexer {
	struct tree *tree;
	struct diag *diag;
	const char *p; /* the next byte */
	const char *end;
	const char *mark;  /* a byte whose place is known: columns are counted from it, so that a line is walked once */
	struct place at;   /* of MARK */
	struct word *word; /* being read */
	struct part **tail;
	size_t used;
	const char *text_from;
	char text[LINE_MAX_BYTES]; /* of the part being read: no longer than its line */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_name(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct place place_of(struct lexer *lx, const char *from, const char *to)
{
	if (from >= lx->mark)
		lx->at.column += utf8_count(lx->mark, (size_t)(from - lx->mark));
	else
		lx->at.column -= utf8_count(from, (size_t)(lx->mark - from));
	lx->mark = from;
	struct place at = lx->at;
	at.width = utf8_count(from, (size_t)(to - from));
	return at;
}

size_t lex_assignment(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && is_name(p[n]))
		n++;
	return n > 0 && n < len && p[n] == '=' && !(p[0] >= '0' && p[0] <= '9') ? n + 1 : 0;
}

static int add_part(struct lexer *lx, const char *text, size_t len, bool variable, struct place at)
{
	struct part *part = arena_alloc(&lx->tree->arena, sizeof *part);

	if (!part || !(part->text = arena_text(&lx->tree->arena, text, len)))
		return -ENOMEM;
	part->len = len;
	part->variable = variable;
	part->at = at;
	*lx->tail = part;
	lx->tail = &part->next;
	return 0;
}

/* C is what the next WIDTH bytes mean. */
static void add_byte(struct lexer *lx, char c, size_t width)
{
	if (lx->used == 0)
		lx->text_from = lx->p;
	lx->text[lx->used++] = c;
	lx->p += width;
}

/* End the text read so far: a part of its own. */
static int end_text(struct lexer *lx)
{
	const size_t used = lx->used;

	lx->used = 0;
	return used > 0 ? add_part(lx, lx->text, used, false, place_of(lx, lx->text_from, lx->p)) : 0;
}

static int read_variable(struct lexer *lx)
{
	const char *const from = lx->p;
	const bool braced = lx->end - from > 1 && from[1] == '{';
	const char *name = from + 1 + braced, *p = name;
	int rc = end_text(lx);

	if (rc < 0)
		return rc;
	while (p < lx->end && is_name(*p))
		p++;
	const size_t len = (size_t)(p - name);
	if (len == 0 || (*name >= '0' && *name <= '9')) {
		diag_add(lx->diag, place_of(lx, from, p > from + 1 ? p : from + 1), "'$' without a variable's name");
		return diag_hint(lx->diag, "write $NAME or ${NAME}; for a '$' itself, \"\\$\" in quotes");
	}
	if (braced && (p == lx->end || *p != '}')) {
		diag_add(lx->diag, place_of(lx, from, p), "'${' without '}'");
		return diag_hint(lx->diag, "write '${%.*s}'", (int)len, name);
	}
	lx->p = p + braced;
	return add_part(lx, name, len, true, place_of(lx, from, lx->p));
}

static int read_escape(struct lexer *lx)
{
	static const char escape[] = "\"\\$nt", meant[] = "\"\\$\n\t";
	const char *const from = lx->p;
	const size_t left = (size_t)(lx->end - from);
	const char *found = left > 1 ? memchr(escape, from[1], sizeof escape - 1) : NULL;

	if (found) {
		add_byte(lx, meant[found - escape], 2);
		return 0;
	}
	if (left > 3 && from[1] == 'x' && hex_digit(from[2]) >= 0 && hex_digit(from[3]) >= 0) {
		const int code = hex_digit(from[2]) << 4 | hex_digit(from[3]);
		if (code == 0)
			return diag_add(lx->diag, place_of(lx, from, from + 4), "'\\x00' in a word: no name holds a zero byte");
		add_byte(lx, (char)code, 4);
		return 0;
	}
	diag_add(lx->diag, place_of(lx, from, from + (left > 1 ? 2 : 1)), "unknown escape in quotes");
	return diag_hint(lx->diag, "known are \\\" \\\\ \\$ \\n \\t and \\xHH");
}

/* From one quote behind the other. */
static int read_quoted(struct lexer *lx)
{
	const char *const open = lx->p++;
	int rc = 0;

	while (rc == 0 && lx->p < lx->end && *lx->p != '"') {
		if (*lx->p == '$')
			rc = read_variable(lx);
		else if (*lx->p == '\\')
			rc = read_escape(lx);
		else
			add_byte(lx, *lx->p, 1);
	}
	if (rc < 0)
		return rc;
	if (lx->p == lx->end) {
		lx->used = 0;
		diag_add(lx->diag, place_of(lx, open, lx->end), "'\"' without an end on its line");
		return diag_hint(lx->diag, "close the quote; a newline in a word is \\n");
	}
	rc = end_text(lx);
	lx->p++;
	if (rc == 0 && lx->p < lx->end && !is_blank(*lx->p)) {
		diag_add(lx->diag, place_of(lx, lx->p, lx->p + 1), "a word goes on behind its closing quote");
		return diag_hint(lx->diag, "quote the whole word, or put a blank here");
	}
	return rc;
}

/* `~` alone or before a slash is $HOME, at the start of a word and behind `NAME=`. */
static int read_home(struct lexer *lx)
{
	const char *const from = lx->p;
	const char *p = from + 1;
	int rc = end_text(lx);

	if (rc < 0)
		return rc;
	if (p == lx->end || is_blank(*p) || *p == '/') {
		lx->p++;
		return add_part(lx, "HOME", 4, true, place_of(lx, from, p));
	}
	while (p < lx->end && !is_blank(*p) && *p != '/')
		p++;
	diag_add(lx->diag, place_of(lx, from, p), "'%.*s' is another user's home, which endow does not look up",
		 (int)(p - from < 60 ? p - from : 60), from);
	return diag_hint(lx->diag, "write the path out; for a '~' itself, quote the word");
}

static int bad_bare(struct lexer *lx)
{
	diag_add(lx->diag, place_of(lx, lx->p, lx->p + 1), "'%c' in a word without quotes", *lx->p);
	return diag_hint(lx->diag, *lx->p == '\''   ? "quote with \"...\": single quotes mean nothing here"
				   : *lx->p == '\\' ? "put the whole word into \"...\", where \\ escapes"
						    : "put the whole word into \"...\"");
}

static int read_bare(struct lexer *lx)
{
	const char *const from = lx->p;
	const char *const value = from + lex_assignment(from, (size_t)(lx->end - from));
	int rc = 0;

	while (rc == 0 && lx->p < lx->end && !is_blank(*lx->p)) {
		const char c = *lx->p;
		if (c == '"' && lx->p == value && value > from)
			return read_quoted(lx);
		if (c == '"' || c == '\'' || c == '\\')
			return bad_bare(lx);
		if (c == '$' || (c == '~' && lx->p == value)) {
			rc = c == '$' ? read_variable(lx) : read_home(lx);
			continue;
		}
		if (strchr("*?[", c) && lx->word->pattern.width == 0) {
			lx->word->pattern = lx->word->at;
			lx->word->pattern.column += utf8_count(from, (size_t)(lx->p - from));
			lx->word->pattern.width = 1;
		}
		add_byte(lx, c, 1);
	}
	return rc == 0 ? end_text(lx) : rc;
}

static int read_word(struct lexer *lx, struct word **out)
{
	struct word *word = arena_alloc(&lx->tree->arena, sizeof *word);

	if (!word)
		return -ENOMEM;
	word->raw = lx->p;
	word->at = place_of(lx, lx->p, lx->p);
	word->quoted = *lx->p == '"';
	lx->word = word;
	lx->tail = &word->parts;
	int rc = word->quoted ? read_quoted(lx) : read_bare(lx);
	word->raw_len = (size_t)(lx->p - word->raw);
	word->at.width = utf8_count(word->raw, word->raw_len);
	*out = word;
	return rc;
}

/* Refuse what is no clean text before anything else looks at it. */
static int check_bytes(struct diag *diag, struct place at, const char *text, size_t len)
{
	size_t n;
	uint32_t code;

	if (len > 0 && text[len - 1] == '\r') {
		at.column = utf8_count(text, len);
		diag_add(diag, at, "line ends with CR");
		return diag_hint(diag, "save with Unix line ends");
	}
	for (size_t i = 0; i < len; i += n, at.column++) {
		n = utf8_read(text + i, len - i, &code);
		if (n > 0 && utf8_visible(code))
			continue;
		if (n == 0) {
			diag_add(diag, at, "byte 0x%02x is not UTF-8", (unsigned char)text[i]);
			return diag_hint(diag, "save as UTF-8; for the byte itself, \\x%02x in quotes", (unsigned char)text[i]);
		}
		if (code == 0)
			return diag_add(diag, at, "a zero byte in the text");
		if (code == 0xfeff && i == 0 && at.line == 1) {
			diag_add(diag, at, "the text starts with a byte order mark");
			return diag_hint(diag, "save as UTF-8 without it");
		}
		diag_add(diag, at, "%s character U+%04X", code < 0x20 || code == 0x7f ? "control" : "invisible", code);
		return diag_hint(diag, "leave it out, or write its bytes as \\xHH in quotes");
	}
	return 0;
}

static int read_comment(struct lexer *lx, struct line *out)
{
	const char *from = lx->p + 1, *to = lx->end;

	while (from < to && is_blank(*from))
		from++;
	while (to > from && is_blank(to[-1]))
		to--;
	out->comment = arena_text(&lx->tree->arena, from, (size_t)(to - from));
	return out->comment ? 0 : -ENOMEM;
}

int lex_line(struct tree *tree, struct diag *diag, struct place at, const char *text, size_t len, struct line *out)
{
	struct lexer lx;
	struct word *word = NULL;
	struct word **tail = &out->words;
	int rc;

	*out = (struct line){.end = at};
	at.column = 1;
	at.width = 1;
	if (len > LINE_MAX_BYTES) {
		diag_add(diag, at, "line of %zu bytes", len);
		return diag_hint(diag, "at most %u; say it in several statements", LINE_MAX_BYTES);
	}
	rc = check_bytes(diag, at, text, len);
	if (rc < 0)
		return rc;
	lx.tree = tree;
	lx.diag = diag;
	lx.p = lx.mark = text;
	lx.end = text + len;
	lx.at = at;
	lx.used = 0;
	while (rc == 0) {
		while (lx.p < lx.end && is_blank(*lx.p))
			lx.p++;
		if (lx.p == lx.end)
			break;
		if (*lx.p == '#')
			return read_comment(&lx, out);
		rc = read_word(&lx, &word);
		if (rc < 0)
			break;
		*tail = word;
		tail = &word->next;
		out->end = word->at;
		out->end.column += word->at.width;
		out->end.width = 1;
	}
	return rc;
}

/*
 * fmt_property: what has to be true of every text that `endow fmt` lays out: laid out again it stays as it is, it compiles to
 * the same image but for the numbers of lines, and its comments are all there.
 *
 *     fmt_property COUNT FILE...     each FILE, and COUNT texts made of them by small changes
 *
 * The last line is "N passed, N failed".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "dump.h"
#include "owned.h"
#include "parse.h"
#include "review/layout.h"
#include "review/text.h"
#include "sources.h"

#define TEXT_ROOM 65536u

struct text {
	size_t len;
	char bytes[TEXT_ROOM];
};

static unsigned passed, failed, refused;

/* A generator of our own, so that a failure can be had again. */
static uint64_t state = 88172645463325252u;

static uint32_t any(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? (uint32_t)(state >> 11) % below : 0;
}

static void complain(const char *name, const char *what, const struct text *text)
{
	failed++;
	printf("FAIL %s: %s\n%.*s\n", name, what, (int)text->len, text->bytes);
}

/* "@SOURCE:LINE" is what may change. */
static void drop_lines(char *dump)
{
	char *to = dump;

	for (const char *p = dump; *p;) {
		if (*p == '@') {
			p += 1 + strspn(p + 1, "0123456789:");
			continue;
		}
		*to++ = *p++;
	}
	*to = '\0';
}

/* A fragment that is in no text is empty. */
static int fetch(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	int rc = sources_fetch(arg, name, out, err);

	if (rc == -ENOENT)
		*out = (struct compile_text){.shown = "empty", .text = ""};
	return rc == -ENOENT ? 0 : rc;
}

/* The image of MAIN with the other pieces of SOURCES, in words; or why there is none. */
static char *compile_to_words(struct sources *sources, const char *main, size_t len)
{
	struct diag *OWNED diag = calloc(1, sizeof *diag);
	void *OWNED bytes = NULL;
	struct compile_input in = sources_input(sources, "t", sources_filter);
	struct image image;
	struct err err = {""};
	char *words = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&words, &size);

	in.main.text = main;
	in.main.len = len;
	if (!diag || !f)
		abort();
	if (compile(&in, fetch, sources, &bytes, &size, diag) < 0) {
		for (uint32_t i = 0; i < diag->count; i++) /* their text names lines */
			fprintf(f, "refused: %.12s\n", diag->messages[i].text);
	} else if (image_check(bytes, size, &image, &err) < 0) {
		fprintf(f, "no image: %s\n", err.text);
	} else {
		dump_image(f, &image);
	}
	fclose(f);
	drop_lines(words);
	return words;
}

/* The comments of a text one behind the other, each from its '#' on. */
static char *comments_of(const char *text, size_t len)
{
	struct tree *OWNED tree = calloc(1, sizeof *tree);
	struct diag *OWNED diag = calloc(1, sizeof *diag);
	char *list = NULL;
	size_t size, n;
	FILE *f = open_memstream(&list, &size);

	if (!tree || !diag || !f)
		abort();
	diag->tree = tree;
	tree_add(tree, "", "t", text, len, 0);
	parse_source(tree, 0, diag);
	for (const struct stmt *s = tree->sources[0].statements; s; s = s->next) {
		if (!s->comment)
			continue;
		const char *line = text_line(&tree->sources[0], s->at.line, &n);
		const char *mark = text_comment(line, n, s->comment);
		n -= (size_t)(mark - line);
		while (n > 0 && strchr(" \t", mark[n - 1]))
			n--;
		/* One blank may be put behind the '#'. */
		const int blank = n > 1 && mark[1] == ' ';
		fprintf(f, "#%.*s\n", (int)n - 1 - blank, mark + 1 + blank);
	}
	fclose(f);
	tree_free(tree);
	return list;
}

static void try_text(const char *name, const struct text *text)
{
	static struct diag diag;
	struct sources *OWNED sources = calloc(1, sizeof *sources);
	char *OWNED once = NULL, *OWNED twice = NULL;
	size_t len, again;

	if (!sources)
		abort();
	sources_split(sources, text->bytes, text->len);
	const struct piece *main = &sources->pieces[0];
	int rc = layout_text("t", main->text, main->len, &once, &len, &diag);
	if (rc == -EINVAL && !strstr(diag.messages[0].text, "which is a bug")) {
		refused++;
		return;
	}
	if (rc < 0) {
		complain(name, diag.messages[0].text, text);
		return;
	}
	if (layout_text("t", once, len, &twice, &again, &diag) < 0 || again != len || memcmp(once, twice, len) != 0) {
		complain(name, "laid out again it is another text", text);
		return;
	}
	char *OWNED before = compile_to_words(sources, main->text, main->len),
		    *OWNED after = compile_to_words(sources, once, len);
	char *OWNED said = comments_of(main->text, main->len), *OWNED kept = comments_of(once, len);
	if (strcmp(before, after) != 0)
		complain(name, "laid out it compiles to something else", text);
	else if (strcmp(said, kept) != 0)
		complain(name, "a comment is not what it was", text);
	else
		passed++;
}

static void insert(struct text *text, size_t at, const char *what)
{
	const size_t n = strlen(what);

	if (text->len + n >= TEXT_ROOM)
		return;
	memmove(text->bytes + at + n, text->bytes + at, text->len - at);
	memcpy(text->bytes + at, what, n);
	text->len += n;
}

static void cut(struct text *text, size_t at, size_t n)
{
	if (at + n > text->len)
		n = text->len - at;
	memmove(text->bytes + at, text->bytes + at + n, text->len - at - n);
	text->len -= n;
}

/* The start of a word, or of a line. */
static size_t any_start(const struct text *text, const char *blanks)
{
	size_t at = any((uint32_t)text->len + 1);

	while (at > 0 && at < text->len && !strchr(blanks, text->bytes[at - 1]))
		at--;
	return at;
}

/* What leaves a policy a policy. */
static void change(struct text *text)
{
	static const char *const blanks[] = {" ", "  ", "\t", "\t \t "};
	static const char *const lines[] = {
	    "\n",
	    "\n\n",
	    "# words   and words  \n",
	    "\t#x\n",
	    "#\n",
	    "## \t\n",
	    "#!x\n",
	    "# \xc3\xa9\n",
	    "read\t/a /b   optional # words\n",
	    "write read create /c nofollow optional\n",
	    "exec read /long/path/to/a/folder#and\n",
	    "create read write /d except a b/c/ optional #\n",
	    "env set A=\"x  y\" keep B C* set D=1\n",
	    "env keep E   # e\n",
	    "limit cpu 10 memory 1G\n",
	    "keep cap chown kill\n",
	    "args write read 1 read 2..-1\n",
	    "let X = \"/a b\"\nread $X ${X}/c\n",
	    "isolate net\n",
	    "scratch TMPDIR F\n",
	    "except .git/hooks/ optional\n",
	    "connect tcp 1,2-3 4\n",
	    "read \"/plain/path\"\n",
	    "fd 23 write read /yy optional as b\n",
	    "fd 24 read /x\n\tfd 25 keep\n",
	    "fd 100 append /log as c\n",
	    "supervise # s\n",
	    "groups none\n",
	    "read \"/e f\" \"/g\\x41\\\"\" follow\n",
	};

	if (any(2))
		insert(text, any_start(text, " \t\n"), blanks[any(sizeof blanks / sizeof *blanks)]);
	else
		insert(text, any_start(text, "\n"), lines[any(sizeof lines / sizeof *lines)]);
}

/* What may not. */
static void damage(struct text *text)
{
	static const char *const pieces[] = {"#",    " #", "\"", "\\", "read ", " optional", " follow", " except a", "$X",
					     "${X}", "/",  ".",  "~",  "=",     "*",         "\r",      "\xc3",      "as"};

	if (any(2))
		cut(text, any((uint32_t)text->len + 1), 1 + any(3));
	else
		insert(text, any((uint32_t)text->len + 1), pieces[any(sizeof pieces / sizeof *pieces)]);
}

static int load(const char *path, struct text *text)
{
	FILE *f = fopen(path, "re");

	if (!f) {
		perror(path);
		return -1;
	}
	text->len = fread(text->bytes, 1, TEXT_ROOM / 2, f);
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	static struct text text;
	const unsigned long count = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;

	if (argc < 3) {
		fputs("usage: fmt_property COUNT FILE...\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		if (load(argv[i], &text) < 0)
			return 2;
		try_text(argv[i], &text);
	}
	for (unsigned long n = 0; n < count; n++) {
		char name[64];
		if (load(argv[2 + any((uint32_t)argc - 2)], &text) < 0)
			return 2;
		for (uint32_t changes = 1 + any(12); changes > 0; changes--)
			change(&text);
		if (any(4) == 0)
			damage(&text);
		snprintf(name, sizeof name, "change %lu", n);
		try_text(name, &text);
	}
	/* A test in which nearly nothing is laid out is none. */
	if (count > 0 && passed < count / 3) {
		printf("FAIL only %u texts could be laid out, %u were refused\n", passed, refused);
		failed++;
	}
	printf("%u texts were no policies\n%u passed, %u failed\n", refused, passed, failed);
	return failed > 0;
}

/*
 * run: compile each tests/policy/NAME.policy and compare with NAME.ok (its canonical text and what the image says) or with
 * NAME.err (the messages, to the letter). --update writes them instead.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dump.h"
#include "owned.h"
#include "parse.h"
#include "print.h"
#include "sources.h"

struct golden {
	const char *dir;
	bool update;
	unsigned int run;
	unsigned int failed;
};

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text = f ? malloc(SOURCE_MAX) : NULL;

	if (text)
		*len = fread(text, 1, SOURCE_MAX, f);
	if (f)
		fclose(f);
	return text;
}

static bool write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "wb");

	if (!f)
		return false;
	const bool whole = fwrite(text, 1, len, f) == len;
	return fclose(f) == 0 && whole;
}

/* Does what was printed read as the same? */
static bool round_trips(const struct source *source, const char *text, size_t len)
{
	static struct diag diag;
	struct tree tree = {0};

	diag = (struct diag){.tree = &tree};
	const bool same = tree_add(&tree, source->name, source->shown, text, len, 0) == 0 &&
			  parse_source(&tree, 0, &diag) == 0 && diag.count == 0 && source_equal(source, &tree.sources[0]);
	tree_free(&tree);
	return same;
}

static void print_tree(FILE *out, const struct compile_input *in, struct sources *sources)
{
	static struct diag diag;
	struct tree tree = {0};

	if (compile_tree(in, sources_fetch, sources, &tree, &diag) < 0)
		fputs("NO TREE\n", out);
	for (uint32_t i = 0; i < tree.source_count; i++) {
		char *OWNED text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);
		if (!f)
			break;
		print_source(f, &tree.sources[i]);
		fclose(f);
		if (i != SOURCE_MAIN && len > 0)
			fprintf(out, "%%%% %s\n", tree.sources[i].name);
		fwrite(text, 1, len, out);
		if (!round_trips(&tree.sources[i], text, len))
			fputs("READS OTHERWISE\n", out);
	}
	tree_free(&tree);
}

/* The whole outcome as a text; *OK tells whether there is an image. */
static char *compile_case(const char *shown, const char *text, size_t len, bool *ok)
{
	static struct diag diag;
	struct sources sources;
	struct image image;
	struct err err = {""};
	void *OWNED bytes = NULL;
	char *result = NULL;
	size_t size;

	sources_split(&sources, text, len);
	const struct compile_input in = sources_input(&sources, shown, sources_filter);
	*ok = compile(&in, sources_fetch, &sources, &bytes, &size, &diag) == 0;
	if (!*ok)
		return diag_render(&diag);
	FILE *f = open_memstream(&result, &size);
	if (!f)
		return NULL;
	print_tree(f, &in, &sources);
	fputs("----\n", f);
	if (image_check(bytes, ((struct image_header *)bytes)->size, &image, &err) == 0)
		dump_image(f, &image);
	else
		fprintf(f, "NO IMAGE: %s\n", err.text);
	fclose(f);
	return result;
}

static void fail(struct golden *g, const char *name, const char *why, const char *want, size_t want_len, const char *got)
{
	g->failed++;
	printf("%s: %s\n--- expected\n%.*s--- got\n%s---\n", name, why, (int)want_len, want, got);
}

static void run_case(struct golden *g, const char *name)
{
	char path[512], other[512];
	const int stem = (int)(strlen(name) - strlen(".policy"));
	size_t len = 0, want_len = 0;
	bool ok;

	snprintf(path, sizeof path, "%s/%s", g->dir, name);
	char *OWNED text = read_file(path, &len);
	char *OWNED got = text ? compile_case(name, text, len, &ok) : NULL;
	g->run++;
	if (!got) {
		fail(g, name, "can't be read or compiled", "", 0, "");
		return;
	}
	snprintf(path, sizeof path, "%s/%.*s.%s", g->dir, stem, name, ok ? "ok" : "err");
	snprintf(other, sizeof other, "%s/%.*s.%s", g->dir, stem, name, ok ? "err" : "ok");
	if (g->update) {
		unlink(other);
		if (!write_file(path, got, strlen(got)))
			fail(g, name, "can't be written", "", 0, got);
		return;
	}
	char *OWNED want = read_file(path, &want_len);
	if (!want || access(other, F_OK) == 0)
		fail(g, name, ok ? "compiles, which it should not" : "is refused, which it should not be", "", 0, got);
	else if (want_len != strlen(got) || memcmp(want, got, want_len) != 0)
		fail(g, name, "differs", want, want_len, got);
}

static int is_policy(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && strcmp(dot, ".policy") == 0;
}

int main(int argc, char **argv)
{
	struct golden g = {0};
	struct dirent **list = NULL;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--update") == 0)
			g.update = true;
		else
			g.dir = argv[i];
	const int n = g.dir ? scandir(g.dir, &list, is_policy, alphasort) : -1;
	if (n <= 0) {
		fputs("usage: run [--update] DIRECTORY-OF-POLICIES\n", stderr);
		return 2;
	}
	for (int i = 0; i < n; i++) {
		run_case(&g, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	printf("%u passed, %u failed\n", g.run - g.failed, g.failed);
	return g.failed > 0;
}

/*
 * policy_fuzz: any bytes, with fragments and a command line among them (see sources.h), to the compiler. What is refused must
 * be refused with messages that are safe to print; what compiles must be an image, and its text must print and read as the
 * same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "parse.h"
#include "print.h"
#include "sources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static struct diag diag;

static FILE *nowhere(void)
{
	static FILE *f;

	if (!f)
		f = fopen("/dev/null", "w");
	REQUIRE(f);
	return f;
}

static void require_tame(const char *text)
{
	REQUIRE(text && *text && text[strlen(text) - 1] == '\n');
	for (; *text; text++)
		REQUIRE((unsigned char)*text >= 0x20 ? *text != 0x7f : *text == '\n' || *text == '\t');
}

static char *print(const struct source *source, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	REQUIRE(f);
	print_source(f, source);
	REQUIRE(fclose(f) == 0);
	return text;
}

static void require_round_trip(const struct source *source)
{
	size_t len, again_len;
	char *text = print(source, &len), *again;
	struct tree tree = {0};

	diag = (struct diag){.tree = &tree};
	REQUIRE(tree_add(&tree, source->name, source->shown, text, len, 0) == 0);
	REQUIRE(parse_source(&tree, 0, &diag) == 0);
	/* Canonical text may be longer than what was written, by escapes: only then may it be refused. */
	if (diag.count > 0) {
		REQUIRE(strstr(diag.messages[0].text, "bytes"));
	} else {
		REQUIRE(source_equal(source, &tree.sources[0]));
		again = print(&tree.sources[0], &again_len);
		REQUIRE(len == again_len && memcmp(text, again, len) == 0);
		free(again);
	}
	free(text);
	tree_free(&tree);
}

static void try_tree(const struct compile_input *in, struct sources *sources)
{
	struct tree tree = {0};

	REQUIRE(compile_tree(in, sources_fetch, sources, &tree, &diag) == 0);
	if (diag.count == 0)
		for (uint32_t i = 0; i < tree.source_count; i++)
			require_round_trip(&tree.sources[i]);
	tree_free(&tree);
}

static void try_compile(const struct compile_input *in, struct sources *sources)
{
	struct image image;
	void *bytes = NULL;
	size_t size;

	if (compile(in, sources_fetch, sources, &bytes, &size, &diag) == 0) {
		REQUIRE(diag.count == 0);
		REQUIRE(image_check(bytes, size, &image, NULL) == 0);
		dump_image(nowhere(), &image);
	} else {
		char *text = diag_render(&diag);
		REQUIRE(bytes == NULL);
		require_tame(text);
		free(text);
	}
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sources sources;

	sources_split(&sources, (const char *)data, size);
	const struct compile_input in = sources_input(&sources, "main", sources_filter);
	try_tree(&in, &sources);
	try_compile(&in, &sources);
	return 0;
}

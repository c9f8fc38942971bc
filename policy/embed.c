/* embed: compile the default policy when endow is built, and print it as C for the launcher to carry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "filter.h"
#include "owned.h"

static char *read_file(const char *path, size_t *len)
{
	OWNED char *text = calloc(1, SOURCE_MAX + 1);
	FILE *f = text ? fopen(path, "re") : NULL;

	if (!f)
		return NULL;
	*len = fread(text, 1, SOURCE_MAX, f);
	const int failed = ferror(f);
	fclose(f);
	return failed ? NULL : take_ptr(text);
}

static int fetch(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", (const char *)arg, name);
	char *text = read_file(path, &out->len);
	if (!text)
		return err_set(err, ENOENT, "%s: %s", path, err_words(errno));
	out->owned = text;
	out->text = text;
	out->shown = name;
	return 0;
}

static void print_image(const unsigned char *image, size_t size)
{
	printf("_Alignas(16) const unsigned char builtin_image[] = {");
	for (size_t i = 0; i < size; i++)
		printf("%s0x%02x,", i % 16 ? " " : "\n\t", image[i]);
	printf("\n};\nconst size_t builtin_image_size = sizeof builtin_image;\n");
}

static void print_text(const char *text)
{
	printf("const char builtin_text[] =\n\t\"");
	for (const char *p = text; *p; p++)
		if (*p == '\n')
			printf("\\n\"%s", p[1] ? "\n\t\"" : "");
		else
			printf("%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
	printf(";\n");
}

int main(int argc, char **argv)
{
	OWNED void *image = NULL;
	size_t size = 0, len = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: embed POLICY FRAGMENTS\n");
		return 2;
	}
	OWNED char *text = read_file(argv[1], &len);
	if (!text) {
		fprintf(stderr, "embed: %s: %s\n", argv[1], err_words(errno));
		return 1;
	}
	const struct compile_input in = {
		.line = "",
		.main = {.shown = "default", .text = text, .len = len},
		.filter = filter_make,
	};
	struct diag diag = {0};
	if (compile(&in, fetch, argv[2], &image, &size, &diag) < 0) {
		OWNED char *messages = diag_render(&diag);
		fprintf(stderr, "%s", messages ? messages : "embed: no memory\n");
		return 1;
	}
	printf("/* Made from %s when endow was built. */\n#include \"builtin.h\"\n\n", "policy/library/default.policy");
	print_image(image, size);
	print_text(text);
	return fflush(stdout) == 0 ? 0 : 1;
}

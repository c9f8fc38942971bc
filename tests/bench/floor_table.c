/*
 * floor_table: the tables of floor.c: the rules from what the launcher says that it would plant (`endow --dry-run --json`, on
 * standard input), the filter from the embedded default. So the floor enforces exactly what the launcher does.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../launcher/builtin.h"
#include "../../launcher/landlock.h"
#include "image.h"
#include "kernel.h"

static uint32_t rights_of(const char *line)
{
	uint32_t rights = 0;
	char quoted[32];

	for (int i = 0; image_right_name[i]; i++) {
		snprintf(quoted, sizeof quoted, "\"%s\"", image_right_name[i]);
		if (strstr(line, quoted))
			rights |= 1u << i;
	}
	return rights;
}

/* One grant stands on one line. */
static int print_rule(const char *line, int abi)
{
	static const char before[] = "\"object\": \"";
	const char *object = strstr(line, before);
	struct stat st;
	char path[4096];

	if (!object || !strstr(line, "\"enforced_by\": \"Landlock\"") || !strstr(line, "\"kind\": \"path\""))
		return 0;
	object += strlen(before);
	size_t len = strcspn(object, "\"");
	if (len > 1 && object[len - 1] == '/')
		len--;
	snprintf(path, sizeof path, "%.*s", (int)len, object);
	const char *end = strstr(line, "\"object\"");
	char rights[256];
	snprintf(rights, sizeof rights, "%.*s", (int)(end - line), line);
	if (stat(path, &st) < 0 || strchr(path, '\\')) {
		fprintf(stderr, "floor_table: %s can't be used\n", path);
		return -1;
	}
	const uint64_t fs = landlock_rights(rights_of(rights), S_ISDIR(st.st_mode)) & landlock_handled_fs(abi);
	printf("\t{\"%s\", 0x%jxull},\n", path, (uintmax_t)fs);
	return 1;
}

static int print_rules(int abi)
{
	char line[8192];
	int count = 0;

	printf("static const struct {\n\tconst char *path;\n\tuint64_t rights;\n} floor_rules[] = {\n");
	while (fgets(line, sizeof line, stdin)) {
		int rc = print_rule(line, abi);
		if (rc < 0)
			return -1;
		count += rc;
	}
	printf("};\n\n");
	return count;
}

static void print_filter(const struct image *im)
{
	const uint32_t count = im->h->filter.count;

	printf("static struct {\n\tuint16_t code;\n\tuint8_t jt, jf;\n\tuint32_t k;\n} floor_filter[] = {\n");
	for (uint32_t i = 0; i < count; i++)
		printf("\t{0x%x, %u, %u, 0x%xu},\n", im->filter[i].code, im->filter[i].jt, im->filter[i].jf, im->filter[i].k);
	printf("};\n\n/* where the process's own id belongs */\nstatic const uint16_t floor_self[] = {");
	for (uint32_t i = 0; i < count; i++)
		if (im->filter[i].k == FILTER_SELF)
			printf("%u, ", i);
	printf("};\n");
}

int main(void)
{
	const int has = k_landlock_abi(), abi = has > LANDLOCK_ABI_KNOWN ? LANDLOCK_ABI_KNOWN : has;
	struct image im;
	struct err err;

	if (image_check(builtin_image, builtin_image_size, &im, &err) < 0) {
		fprintf(stderr, "floor_table: %s\n", err.text);
		return 1;
	}
	if (abi < 6) {
		fprintf(stderr, "floor_table: this kernel's Landlock (ABI %d) is too old to compare by\n", abi);
		return 1;
	}
	printf("/* Made by floor_table. */\n#include <stdint.h>\n\n#define FLOOR_FS 0x%jxull\n#define FLOOR_NET %lluull\n"
	       "#define FLOOR_SCOPED %lluull\n\n",
	       (uintmax_t)landlock_handled_fs(abi), K_NET_CONNECT_TCP | K_NET_BIND_TCP,
	       K_SCOPE_ABSTRACT_UNIX_SOCKET | K_SCOPE_SIGNAL);
	if (print_rules(abi) <= 0) {
		fprintf(stderr, "floor_table: the launcher shows no rule\n");
		return 1;
	}
	print_filter(&im);
	return fflush(stdout) == 0 ? 0 : 1;
}

#include "show.h"

#include <stdio.h>
#include <string.h>

static const char *rights_word(const struct note *n, char to[64])
{
	size_t len = 0;

	if (n->what)
		return n->what;
	*to = '\0';
	for (int i = 0; image_right_name[i]; i++)
		if (n->rights >> i & 1)
			len += (size_t)snprintf(to + len, 64 - len, "%s%s", len ? " " : "", image_right_name[i]);
	return to;
}

/* A name may hold bytes that drive a terminal. */
static void put_tame(const char *s, int width)
{
	for (; *s; s++, width--)
		putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
	for (; width > 0; width--)
		putchar(' ');
}

static void put_list(const char *title, uint32_t bits, const char *const names[])
{
	if (!bits)
		return;
	printf("%s", title);
	for (int i = 0; names[i]; i++)
		if (bits >> i & 1)
			printf(" %s", names[i]);
	putchar('\n');
}

static void put_limits(const struct plan *plan)
{
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (plan->limit_set[i])
			printf("limit     %s %ju\n", image_limit_name[i], (uintmax_t)plan->limits[i].rlim_max);
	if (plan->wall)
		printf("limit     wall %ju\n", (uintmax_t)plan->wall);
}

void show_text(const struct plan *plan)
{
	const struct image_header *h = plan->policy->image.h;

	printf("program   ");
	put_tame(plan->program_path, 0);
	printf("\npolicy    ");
	put_tame(plan->policy->name, 0);
	printf("%s\n", plan->policy->bytes ? "" : " (embedded)");
	printf("kernel    Landlock ABI %d; seccomp filter of %u instructions\n", plan->abi, h->filter.count);
	printf("runs      %s\n", plan->supervised ? "as a child of a supervising parent" : "in place: the launcher becomes the program");
	put_list("promise  ", h->families & FAM_PROMISES, image_promise_name);
	put_list("forgo    ", h->forgo, image_feature_name);
	put_limits(plan);
	printf("\n%-20s %-44s %-22s %s\n", "GRANT", "OBJECT", "ENFORCED BY", "FROM");
	for (size_t i = 0; i < plan->notes.count; i++) {
		const struct note *n = &plan->notes.list[i];
		char words[64];
		printf("%-20s ", rights_word(n, words));
		put_tame(n->object, 44);
		printf(" %-22s ", n->how);
		put_tame(*n->source ? n->source : "-", 0);
		if (n->line)
			printf(":%u", n->line);
		putchar('\n');
	}
	printf("\nNothing else: no other file, socket, process, descriptor, variable or capability.\n");
}

/* How many bytes of S make one character of UTF-8; 0 if none do. */
static size_t utf8_length(const char *s)
{
	const unsigned char c = (unsigned char)*s;
	const size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* A file's name is any bytes, JSON's strings are characters: what is none is shown as U+FFFD. */
static void put_json_string(const char *s)
{
	putchar('"');
	while (*s) {
		const unsigned char c = (unsigned char)*s;
		const size_t n = utf8_length(s);
		if (n == 0)
			printf("\\ufffd");
		else if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			fwrite(s, 1, n, stdout);
		s += n ? n : 1;
	}
	putchar('"');
}

static void put_json_list(const char *name, uint32_t bits, const char *const names[])
{
	const char *comma = "";

	printf(",\n  \"%s\": [", name);
	for (int i = 0; names[i]; i++)
		if (bits >> i & 1) {
			printf("%s\"%s\"", comma, names[i]);
			comma = ", ";
		}
	putchar(']');
}

static void put_json_note(const struct note *n)
{
	printf("{\"kind\": ");
	put_json_string(n->what ? n->what : "path");
	const char *comma = "";
	printf(", \"rights\": [");
	for (int i = 0; image_right_name[i]; i++)
		if (n->rights >> i & 1) {
			printf("%s\"%s\"", comma, image_right_name[i]);
			comma = ", ";
		}
	printf("], \"object\": ");
	put_json_string(n->object);
	printf(", \"enforced_by\": ");
	put_json_string(n->how);
	printf(", \"source\": ");
	put_json_string(n->source);
	printf(", \"line\": %u}", n->line);
}

void show_json(const struct plan *plan)
{
	const struct image_header *h = plan->policy->image.h;
	const char *comma = "";

	printf("{\n  \"program\": ");
	put_json_string(plan->program_path);
	printf(",\n  \"policy\": ");
	put_json_string(plan->policy->name);
	printf(",\n  \"landlock_abi\": %d,\n  \"filter_instructions\": %u,\n  \"supervised\": %s", plan->abi, h->filter.count,
	       plan->supervised ? "true" : "false");
	put_json_list("promises", h->families & FAM_PROMISES, image_promise_name);
	put_json_list("forgo", h->forgo, image_feature_name);
	printf(",\n  \"limits\": {");
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (plan->limit_set[i]) {
			printf("%s\"%s\": %ju", comma, image_limit_name[i], (uintmax_t)plan->limits[i].rlim_max);
			comma = ", ";
		}
	if (plan->wall)
		printf("%s\"wall\": %ju", comma, (uintmax_t)plan->wall);
	printf("},\n  \"grants\": [");
	for (size_t i = 0; i < plan->notes.count; i++) {
		printf("%s\n    ", i ? "," : "");
		put_json_note(&plan->notes.list[i]);
	}
	printf("\n  ]\n}\n");
}

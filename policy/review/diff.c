/* endow diff: what one policy allows and another does not, whatever the wording. */
#include <string.h>

#include "compare.h"
#include "request.h"
#include "review.h"

static const char usage[] =
    "usage: endow diff [OPTION]... A B\n"
    "\n"
    "Compares what two policies allow, each a file or a name as for endow -p: what B gains over A, what it loses, and\n"
    "what stays, whatever the wording. Names lead where they lead here and now.\n"
    "\n"
    "  --program PROGRAM   as if PROGRAM were started by both\n"
    "  --with STATEMENT    with one statement more in both\n"
    "  --json              for programs\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 B allows nothing that A does not, 1 it does, 2 an error, or a policy that is wrong.\n";

/* An entry that neither side has more of. Requirements and settings that bound nothing are none. */
static int is_unchanged(const struct entry *e, const struct gains *gained)
{
	return !e->own && !gains_have(gained, e);
}

static const char *remark(const struct gain *g)
{
	return g->lacks ? "only the other has this bound" : g->note;
}

static void put_gains(const char *title, const struct gains *gains)
{
	char at[512];

	printf("%s (%u)%s\n", title, gains->count, gains->count ? ":" : "");
	for (uint32_t i = 0; i < gains->count; i++) {
		const struct gain *g = &gains->list[i];
		fputs("  ", stdout);
		put_column(stdout, g->text, 46);
		if (g->entry) {
			putchar(' ');
			put_tame(stdout, origin_text(&g->entry->origin, at, sizeof at));
			if (strcmp(g->entry->said, g->text) != 0) {
				fputs(": ", stdout);
				put_tame(stdout, g->entry->said);
			}
		}
		if (*remark(g))
			printf("  (%s)", remark(g));
		putchar('\n');
	}
}

static void put_unchanged(const struct model *b, const struct gains *gained)
{
	uint32_t count = 0;
	char at[512];

	for (uint32_t i = 0; i < b->count; i++)
		count += is_unchanged(&b->entries[i], gained);
	printf("unchanged (%u)%s\n", count, count ? ":" : "");
	for (uint32_t i = 0; i < b->count; i++) {
		if (!is_unchanged(&b->entries[i], gained))
			continue;
		fputs("  ", stdout);
		put_column(stdout, b->entries[i].said, 46);
		putchar(' ');
		put_tame(stdout, origin_text(&b->entries[i].origin, at, sizeof at));
		putchar('\n');
	}
}

static void put_json_gains(const char *title, const struct gains *gains)
{
	printf(",\n  \"%s\": [", title);
	for (uint32_t i = 0; i < gains->count; i++) {
		const struct gain *g = &gains->list[i];
		printf("%s\n    {\"authority\": ", i ? "," : "");
		put_json(stdout, g->text);
		printf(", \"note\": ");
		put_json(stdout, g->note);
		printf(", \"statement\": ");
		put_json(stdout, g->entry ? g->entry->said : "");
		printf(", \"bound_is_gone\": %s, \"at\": ", g->lacks ? "true" : "false");
		put_json_origin(stdout, g->entry ? &g->entry->origin : &(struct origin){.file = "", .fragment = ""});
		putchar('}');
	}
	printf("%s]", gains->count ? "\n  " : "");
}

static void put_json_unchanged(const struct model *b, const struct gains *gained)
{
	const char *comma = "";

	printf(",\n  \"unchanged\": [");
	for (uint32_t i = 0; i < b->count; i++) {
		if (!is_unchanged(&b->entries[i], gained))
			continue;
		printf("%s\n    {\"statement\": ", comma);
		put_json(stdout, b->entries[i].said);
		printf(", \"at\": ");
		put_json_origin(stdout, &b->entries[i].origin);
		putchar('}');
		comma = ",";
	}
	printf("%s]", *comma ? "\n  " : "");
}

static int run(const struct request *r, const struct model *a, const struct model *b, struct err *err)
{
	const struct model *const both[] = {a, b};
	struct gains gained, lost;

	for (int i = 0; i < 2; i++)
		put_problem(stderr, "diff", both[i]);
	if (compare(a, b, &gained) < 0 || compare(b, a, &lost) < 0) {
		err_set(err, ENOMEM, "no memory");
		return REVIEW_WRONG;
	}
	if (r->said & REQUEST_JSON) {
		printf("{\n  \"a\": ");
		put_json(stdout, a->shown);
		printf(",\n  \"b\": ");
		put_json(stdout, b->shown);
		put_json_gains("gained", &gained);
		put_json_gains("lost", &lost);
		put_json_unchanged(b, &gained);
		printf("\n}\n");
	} else {
		put_gains("gained", &gained);
		put_gains("lost", &lost);
		put_unchanged(b, &gained);
	}
	return gained.count ? REVIEW_NO : REVIEW_YES;
}

int review_diff(int argc, char **argv, struct err *err)
{
	struct subject a = {0}, b = {0};
	struct request r;
	int status = REVIEW_WRONG;

	if (request_parse(argc, argv, REQUEST_JSON | REQUEST_SUBJECT, usage, &r, err) < 0)
		;
	else if (r.help)
		status = REVIEW_YES;
	else if (r.count != 2)
		err_set(err, EINVAL, "two policies are wanted: endow diff OLD NEW (a program of that name: endow -- diff)");
	else if (request_subject(&r, r.words[0], &a, err) == 0 && request_subject(&r, r.words[1], &b, err) == 0)
		status = run(&r, &a.model, &b.model, err);
	subject_free(&a);
	subject_free(&b);
	request_free(&r);
	return status;
}

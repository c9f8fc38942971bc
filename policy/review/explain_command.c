/* endow explain: a policy in plain sentences, and as a list of capabilities. */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "owned.h"
#include "request.h"
#include "review.h"

static const char usage[] =
    "usage: endow explain [OPTION]... POLICY\n"
    "\n"
    "Says in plain words what a program with POLICY, a file or a name as for endow -p, may do, the dangerous things first;\n"
    "then everything it holds, with what enforces it and the line it comes from.\n"
    "\n"
    "  --program PROGRAM   as if PROGRAM were started\n"
    "  --with STATEMENT    with one statement more, as on the command line of endow\n"
    "  --json              for programs\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0, or 2 for an error or a policy that is wrong.\n";

static const struct {
	int from; /* the least danger */
	const char *title, *word;
} grades[] = {{60, "Grave", "grave"}, {25, "To be weighed", "notable"}, {0, "Ordinary", "ordinary"}};

#define GRADES (sizeof grades / sizeof *grades)

static size_t grade_of(int danger)
{
	size_t i = 0;

	while (i + 1 < GRADES && danger < grades[i].from)
		i++;
	return i;
}

/* A sentence of any length, in lines of a width that can be read. */
static void put_wrapped(const char *text, const char *behind)
{
	int column = 4;

	fputs("  - ", stdout);
	for (const char *p = text; *p; p += strspn(p, " ")) {
		const size_t n = strcspn(p, " ");
		char *OWNED word = strndup(p, n);
		if (column > 4 && column + (int)n + 1 > 100) {
			fputs("\n   ", stdout);
			column = 3;
		}
		if (column != 4)
			putchar(' ');
		column += put_tame(stdout, word ? word : "?") + (column != 4);
		p += n;
	}
	if (*behind) {
		fputs(column + (int)strlen(behind) + 4 > 100 ? "\n    [" : "  [", stdout);
		put_tame(stdout, behind);
		putchar(']');
	}
	putchar('\n');
}

static void put_sentences(const struct sentences *s)
{
	size_t last = GRADES;
	char at[512];

	for (uint32_t i = 0; i < s->count; i++) {
		const size_t grade = grade_of(s->list[i].danger);
		if (grade != last)
			printf("%s%s\n", i ? "\n" : "", grades[grade].title);
		last = grade;
		put_wrapped(s->list[i].text, s->list[i].entry ? origin_text(&s->list[i].entry->origin, at, sizeof at) : "");
	}
}

static const char *rights_of(const struct model *model, const struct entry *e)
{
	if (e->rights && (e->kind == KIND_PATH || e->kind == KIND_DESCRIPTOR || e->kind == KIND_ARGS ||
			  e->kind == KIND_PRIVATE || e->kind == KIND_SCRATCH))
		return bits_text(model->arena, e->rights, image_right_name, " ");
	if (e->kind == KIND_HELD)
		return arena_say(model->arena, "%s%s%s", bits_text(model->arena, e->rights & RIGHT_ALL, image_right_name, " "),
				 e->rights & RIGHT_ALL && e->rights & RIGHT_PASS ? " " : "",
				 e->rights & RIGHT_PASS       ? "pass"
				 : e->held->kind == HELD_PATH ? ""
							      : "ask");
	if (e->kind == KIND_ASK)
		return arena_say(model->arena, "ask %s", bits_text(model->arena, e->rights, image_right_name, " "));
	if (e->kind == KIND_PEER)
		return e->number == PEER_LISTEN_TCP ? "listen" : "connect";
	if (e->kind == KIND_PROGRAM)
		return "exec";
	return e->kind == KIND_ENV ? (e->flags == ENV_SET ? "set" : "keep") : e->kind == KIND_SETTING ? "" : kind_word[e->kind];
}

static const char *object_of(const struct model *model, const struct entry *e)
{
	if (e->kind == KIND_PATH || e->kind == KIND_PRIVATE || e->kind == KIND_PROGRAM || e->kind == KIND_ASK)
		return arena_say(model->arena, "%s%s%s", e->object, e->spot.type == TYPE_DIR ? "/" : "",
				 e->kind == KIND_PRIVATE ? " (empty)" : e->leaves);
	if (e->kind == KIND_DESCRIPTOR)
		return arena_say(model->arena, "%s as descriptor %ju%s%s", e->flags & GRANT_KEEP ? "inherited" : e->object,
				 (uintmax_t)e->number, *e->name ? ", " : "", e->name);
	if (e->kind == KIND_HELD)
		return arena_say(model->arena, "%s%s as %s%s", e->object,
				 e->held->kind == HELD_PATH && e->spot.type == TYPE_DIR ? "/" : "", e->name, e->value);
	if (e->kind == KIND_ENV && e->value)
		return arena_say(model->arena, "%s=%s", e->name, e->value);
	if (e->kind == KIND_SCRATCH || e->kind == KIND_ARGS)
		return arena_say(model->arena, "%s %s", e->kind == KIND_ARGS ? "words" : "$", e->object);
	return e->kind == KIND_SETTING ? e->said : e->object;
}

static int is_absent(const struct entry *e)
{
	return e->spot.rc < 0 && (e->kind <= KIND_DESCRIPTOR || e->kind == KIND_HELD || e->kind == KIND_ASK);
}

static void put_clist(const struct model *model)
{
	char at[512];

	putchar('\n');
	put_column(stdout, "RIGHTS", 18);
	put_column(stdout, " OBJECT", 52);
	put_column(stdout, " ENFORCED BY", 19);
	puts(" FROM");
	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		const char *rights = rights_of(model, e), *object = object_of(model, e);
		put_column(stdout, rights ? rights : "?", 18);
		putchar(' ');
		put_column(stdout, object ? object : "?", 51);
		putchar(' ');
		put_column(stdout, is_absent(e) ? "absent" : e->enforced, 18);
		putchar(' ');
		put_tame(stdout, *origin_text(&e->origin, at, sizeof at) ? at : "-");
		putchar('\n');
	}
}

static void put_json_entry(const struct model *model, const struct entry *e)
{
	const char *object = object_of(model, e), *comma = "";

	printf("{\"kind\": \"%s\", \"rights\": [", kind_word[e->kind]);
	for (int i = 0; image_right_name[i]; i++)
		if (e->rights >> i & 1) {
			printf("%s\"%s\"", comma, image_right_name[i]);
			comma = ", ";
		}
	if (e->rights & RIGHT_PASS)
		printf("%s\"pass\"", comma);
	printf("], \"object\": ");
	put_json(stdout, object ? object : "");
	printf(", \"statement\": ");
	put_json(stdout, e->said);
	printf(", \"enforced_by\": ");
	put_json(stdout, e->enforced);
	printf(", \"absent\": %s, \"leads_to\": ", is_absent(e) ? "true" : "false");
	put_json(stdout,
		 (e->kind <= KIND_DESCRIPTOR || e->kind == KIND_HELD || e->kind == KIND_ASK) && e->spot.rc == 0 && e->spot.path
		     ? e->spot.path
		     : "");
	printf(", \"at\": ");
	put_json_origin(stdout, &e->origin);
	putchar('}');
}

static void put_all_json(const struct model *model, const struct sentences *s)
{
	printf("{\n  \"policy\": ");
	put_json(stdout, model->shown);
	printf(",\n  \"problem\": ");
	put_json(stdout, model->problem);
	printf(",\n  \"sentences\": [");
	for (uint32_t i = 0; i < s->count; i++) {
		static const struct origin nowhere = {.file = "", .fragment = ""};
		printf("%s\n    {\"grade\": \"%s\", \"danger\": %d, \"text\": ", i ? "," : "",
		       grades[grade_of(s->list[i].danger)].word, s->list[i].danger);
		put_json(stdout, s->list[i].text);
		printf(", \"at\": ");
		put_json_origin(stdout, s->list[i].entry ? &s->list[i].entry->origin : &nowhere);
		putchar('}');
	}
	printf("\n  ],\n  \"capabilities\": [");
	for (uint32_t i = 0; i < model->count; i++) {
		printf("%s\n    ", i ? "," : "");
		put_json_entry(model, &model->entries[i]);
	}
	printf("%s]\n}\n", model->count ? "\n  " : "");
}

static int run(const struct request *r, const struct model *model, struct err *err)
{
	struct sentences sentences;

	if (explain(model, &sentences) < 0) {
		err_set(err, ENOMEM, "no memory");
		return REVIEW_WRONG;
	}
	if (r->said & REQUEST_JSON) {
		put_all_json(model, &sentences);
		return REVIEW_YES;
	}
	put_tame(stdout, model->shown);
	puts("");
	if (model->problem[0]) {
		fputs("\nAs things are, endow would not start the program:\n  ", stdout);
		put_tame(stdout, model->problem);
		putchar('\n');
	}
	putchar('\n');
	put_sentences(&sentences);
	put_clist(model);
	puts("\nNothing else: no other file, socket, process, descriptor, variable or capability.");
	return REVIEW_YES;
}

int review_explain(int argc, char **argv, struct err *err)
{
	struct subject subject = {0};
	struct request r;
	int status = REVIEW_WRONG;

	if (request_parse(argc, argv, REQUEST_JSON | REQUEST_SUBJECT, usage, &r, err) < 0)
		;
	else if (r.help)
		status = REVIEW_YES;
	else if (r.count != 1)
		err_set(err, EINVAL, "one policy is wanted: endow explain POLICY");
	else if (request_subject(&r, r.words[0], &subject, err) == 0)
		status = run(&r, &subject.model, err);
	subject_free(&subject);
	request_free(&r);
	return status;
}

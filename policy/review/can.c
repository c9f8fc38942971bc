/* endow can: may a program with this policy do this? */
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "owned.h"
#include "request.h"
#include "review.h"

#define WORDS_MAX 64 /* of one line of questions */

static const char usage[] =
    "usage: endow can [OPTION]... POLICY QUESTION [and QUESTION]...\n"
    "       endow can [OPTION]... POLICY -            questions from standard input, one a line\n"
    "\n"
    "Says what the sandbox of POLICY, a file or a name as for endow -p, allows, and which line of it does.\n"
    "What file permissions forbid besides is another matter.\n"
    "\n"
    "  read|write|append|create|exec|ioctl... PATH...\n"
    "  connect tcp PORT|HOST:PORT|any   connect udp [HOST:PORT]   connect unix [PATH]   listen tcp PORT|HOST:PORT|any\n"
    "  env NAME...   promise NAME...   call NAME...\n"
    "\n"
    "  --program PROGRAM   as if PROGRAM were started: its own file is granted to it\n"
    "  --with STATEMENT    with one statement more, as on the command line of endow\n"
    "  --json              for programs\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 every answer is yes, 1 one is no, 2 an error, a wrong policy, or a question without an answer.\n";

struct asking {
	const struct model *model;
	int json;
	int several; /* each answer says its question */
	int count, no, unknown;
};

static const char *const verdict_word[] = {[VERDICT_YES] = "yes", [VERDICT_NO] = "no", [VERDICT_UNKNOWN] = "unknown"};

static void put_answer_json(const struct asking *a, const char *question, const struct ask_answer *answer)
{
	const char *comma = "";

	printf("%s\n    {\"question\": ", a->count ? "," : "");
	put_json(stdout, question);
	printf(", \"answer\": \"%s\", \"by\": [", verdict_word[answer->verdict]);
	for (int i = 0; i < 2; i++) {
		if (!answer->by[i])
			continue;
		printf("%s{\"statement\": ", comma);
		put_json(stdout, answer->by[i]->said);
		printf(", \"at\": ");
		put_json_origin(stdout, &answer->by[i]->origin);
		putchar('}');
		comma = ", ";
	}
	printf("], \"how\": ");
	put_json(stdout, answer->how);
	printf(", \"would\": ");
	put_json(stdout, answer->would ? answer->would : "");
	putchar('}');
}

static int see(void *arg, const struct ask_question *q)
{
	struct asking *a = arg;
	struct ask_answer answer;
	int rc = ask(a->model, q, &answer);
	const char *question = ask_text(a->model->arena, q), *text = rc == 0 ? answer_text(a->model->arena, q, &answer) : NULL;

	if (!question || !text)
		return -ENOMEM;
	if (a->json) {
		put_answer_json(a, question, &answer);
	} else {
		if (a->several) {
			put_tame(stdout, question);
			fputs(": ", stdout);
		}
		printf("%s: ", verdict_word[answer.verdict]);
		put_tame(stdout, text);
		putchar('\n');
	}
	a->count++;
	a->no += answer.verdict == VERDICT_NO;
	a->unknown += answer.verdict == VERDICT_UNKNOWN;
	return 0;
}

static int ask_words(struct asking *a, char **words, int count, struct err *err)
{
	int rc = 0;

	for (int i = 0; i < count || i == 0; i += rc) {
		rc = ask_parse(words + i, count - i, see, a, err);
		if (rc < 0)
			return rc == -ENOMEM ? err_set(err, ENOMEM, "no memory") : rc;
	}
	return 0;
}

/* Words are separated by blanks; the last one of a right's question goes to the end of the line, so that a path may hold
 * blanks. */
static int ask_line(struct asking *a, char *line, struct err *err)
{
	char *words[WORDS_MAX], *rest = NULL;
	int count = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *w = strtok_r(line, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		if (count == WORDS_MAX)
			return err_set(err, E2BIG, "a line with more than %d words", WORDS_MAX);
		words[count++] = w;
		for (int i = 0; count == 1 && image_right_name[i] && *rest; i++)
			if (strcmp(image_right_name[i], w) == 0) {
				words[count++] = rest;
				return ask_words(a, words, count, err);
			}
	}
	return count ? ask_words(a, words, count, err) : 0;
}

static int ask_stream(struct asking *a, struct err *err)
{
	char *OWNED line = NULL;
	size_t room = 0;
	int rc = 0;

	a->several = 1;
	while (rc == 0 && getline(&line, &room, stdin) > 0)
		rc = ask_line(a, line, err);
	return rc;
}

static int is_several(const struct request *r)
{
	int paths = 0;

	for (int i = 2; i < r->count; i++)
		paths += strcmp(r->words[i], "any") != 0 && strcmp(r->words[i - 1], "tcp") != 0 &&
			 strcmp(r->words[i - 1], "unix") != 0;
	return paths > 1;
}

static int run(struct request *r, struct subject *subject, struct err *err)
{
	struct asking a = {.model = &subject->model, .json = (r->said & REQUEST_JSON) != 0, .several = is_several(r)};

	put_problem(stderr, "can", &subject->model);
	if (a.json) {
		printf("{\n  \"policy\": ");
		put_json(stdout, subject->model.shown);
		printf(",\n  \"answers\": [");
	}
	int rc = r->count == 2 && strcmp(r->words[1], "-") == 0 ? ask_stream(&a, err)
								: ask_words(&a, r->words + 1, r->count - 1, err);
	if (a.json)
		printf("\n  ]\n}\n");
	return rc < 0 || a.unknown ? REVIEW_WRONG : a.no ? REVIEW_NO : REVIEW_YES;
}

int review_can(int argc, char **argv, struct err *err)
{
	struct subject subject = {0};
	struct request r;
	int status = REVIEW_WRONG;

	if (request_parse(argc, argv, REQUEST_JSON | REQUEST_SUBJECT, usage, &r, err) < 0)
		;
	else if (r.help)
		status = REVIEW_YES;
	else if (r.count < 2)
		err_set(err, EINVAL, "a policy and a question are missing, such as: endow can curl read /etc/passwd");
	else if (request_subject(&r, r.words[0], &subject, err) == 0)
		status = run(&r, &subject, err);
	subject_free(&subject);
	request_free(&r);
	return status;
}

/* endow lock: keep what a policy allows beside it, and notice when it becomes more. */
#include <stdlib.h>
#include <string.h>

#include "lockfile.h"
#include "owned.h"
#include "request.h"
#include "review.h"

static const char usage[] =
    "usage: endow lock [--check] POLICY...\n"
    "\n"
    "Writes POLICY.lock beside each POLICY, a file or a name as for endow -p: what it allows, one authority a line, with\n"
    "what its fragments add. To be kept under version control: a change of authority shows there, wherever it was made.\n"
    "\n"
    "  --check      write nothing: does the policy allow more than its lock says?\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0, 1 a policy allows more than its lock says, 2 an error, a wrong policy, or no lock.\n";

void lock_report(FILE *f, const struct lock_state *s)
{
	char at[512];

	if (s->gained.count == 0) {
		put_tame(f, s->now.model.shown);
		fprintf(f, ": within its lock%s\n",
			s->lost.count   ? ", which allows more: endow lock renews it"
			: s->same_texts ? ""
					: ", though the text has changed");
		return;
	}
	put_tame(f, s->now.model.shown);
	fprintf(f, ": allows what its lock does not (%u):\n", s->gained.count);
	for (uint32_t i = 0; i < s->gained.count; i++) {
		const struct gain *g = &s->gained.list[i];
		fputs("  ", f);
		put_column(f, g->text, 46);
		fputc(' ', f);
		if (g->entry)
			put_tame(f, g->lacks ? "the lock has:" : origin_text(&g->entry->origin, at, sizeof at));
		if (g->entry && (g->lacks || strcmp(g->entry->said, g->text) != 0)) {
			fputs(g->lacks ? " " : ": ", f);
			put_tame(f, g->entry->said);
		}
		fputc('\n', f);
	}
	for (const char *p = s->changes; p && *p; p += strcspn(p, "\n") + 1) {
		char *OWNED line = strndup(p, strcspn(p, "\n"));
		fputs("  ", f);
		put_tame(f, line ? line : "");
		fputc('\n', f);
	}
}

static int check(struct request *r, const char *name, struct err *err)
{
	struct lock_state *s = calloc(1, sizeof *s);
	int status = REVIEW_WRONG;

	if (!s) {
		err_set(err, ENOMEM, "no memory");
		return REVIEW_WRONG;
	}
	int rc = lock_compare(&r->files, name, s, err);
	if (rc == 0) {
		lock_report(stdout, s);
		status = s->gained.count ? REVIEW_NO : REVIEW_YES;
	} else if (s->now.messages || s->locked.messages) {
		fputs(s->now.messages ? s->now.messages : s->locked.messages, stderr);
	} else if (rc == -ENOENT) {
		err_set(err, ENOENT, "there is no %s: endow lock %s makes it", s->path, name);
	}
	lock_free(s);
	free(s);
	return status;
}

static int write_lock(struct request *r, const char *name, struct err *err)
{
	struct subject subject = {0};
	struct policy_text policy;
	char path[FIND_PATH + sizeof LOCK_ENDING];
	int rc = files_find(&r->files, name, &policy, err);

	if (rc < 0)
		return REVIEW_WRONG;
	snprintf(path, sizeof path, "%s" LOCK_ENDING, policy.path);
	policy_text_free(&policy);
	rc = request_subject(r, name, &subject, err);
	char *OWNED text = rc == 0 ? lockfile_text(&subject) : NULL;
	if (rc == 0)
		rc = text ? files_write(path, text, strlen(text), err) : err_set(err, ENOMEM, "no memory");
	if (rc == 0) {
		put_tame(stdout, path);
		putchar('\n');
	}
	subject_free(&subject);
	return rc < 0 ? REVIEW_WRONG : REVIEW_YES;
}

int review_lock(int argc, char **argv, struct err *err)
{
	struct request r;
	int status = REVIEW_YES;

	if (request_parse(argc, argv, REQUEST_CHECK, usage, &r, err) < 0) {
		status = REVIEW_WRONG;
	} else if (!r.help && r.count == 0) {
		err_set(err, EINVAL, "which policy? endow lock POLICY...");
		status = REVIEW_WRONG;
	}
	for (int i = 0; i < r.count && !r.help && !err->text[0]; i++) {
		const int one = r.said & REQUEST_CHECK ? check(&r, r.words[i], err) : write_lock(&r, r.words[i], err);
		status = one > status ? one : status;
	}
	request_free(&r);
	return status;
}

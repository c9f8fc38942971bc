/* endow matrix: many policies beside each other. */
#include <stdlib.h>
#include <string.h>

#include "owned.h"
#include "request.h"
#include "review.h"
#include "table.h"

static const char usage[] = "usage: endow matrix [--csv | --html] POLICY...\n"
			    "\n"
			    "Prints a table: what each POLICY, a file or a name as for endow -p, allows on which resource.\n"
			    "\n"
			    "  --csv    every resource a row, for a spreadsheet\n"
			    "  --html   the same as a page by itself; the lines of the policy show where the pointer is\n"
			    "  -h, --help\n"
			    "\n"
			    "Exit status: 0, or 2 for an error or a policy that is wrong.\n";

static int print(const struct request *r, const struct subject *subjects, struct err *err)
{
	const uint32_t count = (uint32_t)r->count;
	const struct model **OWNED models = calloc(count, sizeof *models);
	struct table table = {0};

	if (!models)
		return err_set(err, ENOMEM, "no memory"), REVIEW_WRONG;
	for (uint32_t i = 0; i < count; i++)
		models[i] = &subjects[i].model;
	int rc = table_gather(&table, models, count, !(r->said & (REQUEST_CSV | REQUEST_HTML)));
	if (rc < 0)
		err_set(err, ENOMEM, "no memory");
	else
		(r->said & REQUEST_CSV ? table_csv : r->said & REQUEST_HTML ? table_html : table_text)(stdout, &table);
	table_free(&table);
	return rc < 0 ? REVIEW_WRONG : REVIEW_YES;
}

static int run(struct request *r, struct err *err)
{
	struct subject *subjects = calloc((uint32_t)r->count, sizeof *subjects);
	int rc = subjects ? 0 : err_set(err, ENOMEM, "no memory"), status = REVIEW_WRONG;

	for (int i = 0; i < r->count && rc == 0; i++)
		rc = request_subject(r, r->words[i], &subjects[i], err);
	if (rc == 0)
		status = print(r, subjects, err);
	for (int i = 0; subjects && i < r->count; i++)
		subject_free(&subjects[i]);
	free(subjects);
	return status;
}

int review_matrix(int argc, char **argv, struct err *err)
{
	struct request r;
	int status = REVIEW_WRONG;

	if (request_parse(argc, argv, REQUEST_CSV | REQUEST_HTML, usage, &r, err) < 0)
		;
	else if (r.help)
		status = REVIEW_YES;
	else if (r.count == 0)
		err_set(err, EINVAL, "which policies? endow matrix POLICY...");
	else if ((r.said & (REQUEST_CSV | REQUEST_HTML)) == (REQUEST_CSV | REQUEST_HTML))
		err_set(err, EINVAL, "--csv and --html exclude each other");
	else
		status = run(&r, err);
	request_free(&r);
	return status;
}

#include "request.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_JSON = 1000, OPT_CSV, OPT_HTML, OPT_CHECK, OPT_PROGRAM, OPT_WITH };

static const struct {
	struct option option;
	uint32_t bit;
} options[] = {
    {{"json", no_argument, NULL, OPT_JSON}, REQUEST_JSON},
    {{"csv", no_argument, NULL, OPT_CSV}, REQUEST_CSV},
    {{"html", no_argument, NULL, OPT_HTML}, REQUEST_HTML},
    {{"check", no_argument, NULL, OPT_CHECK}, REQUEST_CHECK},
    {{"program", required_argument, NULL, OPT_PROGRAM}, REQUEST_SUBJECT},
    {{"with", required_argument, NULL, OPT_WITH}, REQUEST_SUBJECT},
};

#define OPTIONS (sizeof options / sizeof *options)

static int add_line(struct request *request, const char *statement, struct err *err)
{
	char *more = NULL;

	if (strpbrk(statement, "\n\r"))
		return err_set(err, EINVAL, "--with takes one statement: a line end is in it");
	if (asprintf(&more, "%s%s\n", request->line ? request->line : "", statement) < 0)
		return err_set(err, ENOMEM, "no memory");
	free(request->line);
	request->line = more;
	return 0;
}

static int apply(struct request *request, int c, const char *typed, const char *command, struct err *err)
{
	switch (c) {
	case 'h': request->help = 1; return 0;
	case OPT_PROGRAM: request->program = optarg; return 0;
	case OPT_WITH: return add_line(request, optarg, err);
	case ':': return err_set(err, EINVAL, "%s wants a value; see endow %s --help", typed, command);
	case '?': return err_set(err, EINVAL, "unknown option %s; see endow %s --help", typed, command);
	default: break;
	}
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].option.val == c)
			request->said |= options[i].bit;
	return 0;
}

int request_parse(int argc, char **argv, uint32_t known, const char *usage, struct request *request, struct err *err)
{
	struct option table[OPTIONS + 2] = {0};
	size_t n = 0;
	int rc = 0;

	memset(request, 0, sizeof *request);
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].bit & known)
			table[n++] = options[i].option;
	table[n] = (struct option){"help", no_argument, NULL, 'h'};
	opterr = 0;
	for (int c; rc == 0;) {
		const char *typed = argv[optind < argc ? optind : argc - 1];
		c = getopt_long(argc, argv, "+:h", table, NULL);
		if (c < 0)
			break;
		rc = apply(request, c, typed, argv[0], err);
	}
	if (rc < 0)
		return rc;
	request->words = argv + optind;
	request->count = argc - optind;
	if (request->help) {
		fputs(usage, stdout);
		return 0;
	}
	return files_begin(&request->files, err);
}

void request_free(struct request *request)
{
	free(request->line);
	request->line = NULL;
}

int request_subject(struct request *request, const char *name, struct subject *subject, struct err *err)
{
	int rc = files_subject(&request->files, name, request->line, request->program, subject, err);

	if (subject->messages)
		fputs(subject->messages, stderr);
	return rc;
}

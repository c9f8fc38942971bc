/* request.h: the options that the commands share, and their common ways to say things. */
#ifndef ENDOW_REVIEW_REQUEST_H
#define ENDOW_REVIEW_REQUEST_H

#include "files.h"
#include "put.h"

enum { /* which options a command knows */
       REQUEST_JSON = 1u << 0,
       REQUEST_CSV = 1u << 1,
       REQUEST_HTML = 1u << 2,
       REQUEST_CHECK = 1u << 3,
       REQUEST_SUBJECT = 1u << 4, /* --program, --with */
};

struct request {
	uint32_t said;       /* REQUEST_* */
	int help;            /* the usage was printed: nothing is left to do */
	const char *program; /* NULL: not said */
	char *line;          /* the statements of --with; owned; NULL: none */
	char **words;        /* what follows the options; borrowed */
	int count;
	struct files files;
};

/* Read the options out of ARGV; KNOWN are the command's. With --help prints USAGE. Then the folders are found. Returns 0 or
 * -EINVAL with ERR, and so on; request_free() it in any case. */
int request_parse(int argc, char **argv, uint32_t known, const char *usage, struct request *request, struct err *err);
void request_free(struct request *request);

/* Read the policy NAME as REQUEST says. As files_subject(); what is wrong with the policy is printed to standard error. */
int request_subject(struct request *request, const char *name, struct subject *subject, struct err *err);

#endif

/* endow-review: what a policy means, asked and compared. It reads policies and looks at names; it runs nothing. */
#include <stdio.h>
#include <string.h>

#include "review.h"

static const struct command {
	const char *word;
	int (*run)(int argc, char **argv, struct err *err);
} commands[] = {
    {"explain", review_explain}, {"can", review_can},     {"matrix", review_matrix}, {"diff", review_diff},
    {"lock", review_lock},       {"check", review_check}, {"fmt", review_fmt},
};

int main(int argc, char **argv)
{
	struct err err = {""};

	for (size_t i = 0; argc > 0 && i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(argv[0], commands[i].word) != 0)
			continue;
		int status = commands[i].run(argc, argv, &err);
		if (err.text[0])
			fprintf(stderr, "endow %s: %s\n", argv[0], err.text);
		return fflush(stdout) == 0 ? status : REVIEW_WRONG;
	}
	fputs("endow-review is started by endow: endow explain, can, matrix, diff, lock, check or fmt\n", stderr);
	return REVIEW_WRONG;
}

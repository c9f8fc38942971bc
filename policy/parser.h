/* parser.h: what the files of the parser share. A statement's parser takes its words one by one and adds items to it. */
#ifndef ENDOW_PARSER_H
#define ENDOW_PARSER_H

#include "diag.h"
#include "tree.h"

struct parser {
	struct tree *tree;
	struct diag *diag;
	const struct word *next; /* NULL: the statement ends here */
	struct place end;        /* just behind it, for what is missing */
	struct stmt *stmt;
	struct item **tail;
};

struct row {
	const char *word;
	enum verb verb;
	/* Returns 0, -EINVAL with a message, or -ENOMEM. */
	int (*parse)(struct parser *ps, const struct row *row);
	const char *form;         /* how it is written */
	const char *const *names; /* for those that choose among names */
};

/* "'VERB' WHAT", with the form that would be right. Both return -EINVAL. */
int parse_bad(struct parser *ps, const struct row *row, struct place at, const char *what);
/* "'VERB' needs WHAT", where the statement ends. */
int parse_missing(struct parser *ps, const struct row *row, const char *what);
/* A bare * ? or [ in WORD. */
int parse_pattern(struct parser *ps, const struct word *word);

const struct word *parse_take(struct parser *ps);
int parse_add(struct parser *ps, uint32_t tag, const struct word *word, const struct word *value);

/* statements.c */
int parse_nothing(struct parser *ps, const struct row *row);
int parse_words(struct parser *ps, const struct row *row);
int parse_one(struct parser *ps, const struct row *row);
int parse_choice(struct parser *ps, const struct row *row);
int parse_cwd(struct parser *ps, const struct row *row);
int parse_groups(struct parser *ps, const struct row *row);
int parse_names(struct parser *ps, const struct row *row);
int parse_use(struct parser *ps, const struct row *row);
int parse_let(struct parser *ps, const struct row *row);
int parse_env(struct parser *ps, const struct row *row);
int parse_limit(struct parser *ps, const struct row *row);
int parse_ports(struct parser *ps, const struct row *row);
int parse_ask(struct parser *ps, const struct row *row);
int parse_keep(struct parser *ps, const struct row *row);

/* grants.c: `row` is of the first right, or of `fd` or `args` */
int parse_grant(struct parser *ps, const struct row *row);
int parse_except(struct parser *ps, const struct row *row);
int parse_fd(struct parser *ps, const struct row *row);

/* held_words.c */
int parse_held(struct parser *ps, const struct row *row);
int parse_args(struct parser *ps, const struct row *row);

#endif

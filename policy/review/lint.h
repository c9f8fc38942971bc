/*
 * lint.h: what a policy that compiles should not have without a reason: findings, each of a named rule.
 *
 * Pure, but for what struct lint_look is asked. Findings and their texts live in the arena of struct findings.
 */
#ifndef ENDOW_REVIEW_LINT_H
#define ENDOW_REVIEW_LINT_H

#include "checked.h"
#include "compile.h"
#include "lint_look.h"
#include "lint_table.h"

struct finding {
	const struct lint_rule *rule;
	const char *shown; /* the source's name */
	uint32_t source;   /* in its tree */
	uint32_t line;     /* 0: the source as a whole */
	uint32_t column;
	uint32_t width;
	const char *text; /* what, and why; no final stop */
	const char *hint; /* what would be right; may be empty */
	const char *echo; /* the line; empty: none */
	const char *mark;
};

struct findings { /* all zero is an empty list */
	struct arena texts;
	struct vec list; /* finding */
};

void findings_free(struct findings *findings);
/* Add the finding that M describes. Returns 0, -ENOMEM or -E2BIG. */
int findings_add(struct findings *findings, enum lint_id id, const struct message *m);
/* By source, line, column, rule. */
void findings_sort(struct findings *findings);
/* Append those of MORE that are not there already. Returns as findings_add(). */
int findings_take(struct findings *findings, const struct findings *more);

struct lint_input {
	const struct tree *tree;
	const struct policy *policy;
	const struct compile_input *texts; /* what the tree was made of */
	compile_fetch *fetch;              /* of the same fragments */
	void *fetch_arg;
	const struct lint_look *look; /* NULL: nothing is looked at */
	int abi;                      /* of the kernel in question; -1: of none */
};

/* All findings about a policy that compiles, less those that its comments allow. Returns 0, -ENOMEM, -E2BIG, or what the fetch
 * returned. */
int lint_run(const struct lint_input *in, struct findings *findings);

#endif

/* table.h: programs by resources: who may do what to which, with the lines. Pure. */
#ifndef ENDOW_REVIEW_TABLE_H
#define ENDOW_REVIEW_TABLE_H

#include <stdio.h>

#include "model.h"

struct cell {
	uint32_t rights;   /* enum right */
	uint32_t marks;    /* enum mark */
	const char *lines; /* the first statements, one a line, with where they stand; "" */
	uint32_t line_count;
};

enum mark { /* beside rights, what can be held */
	    MARK_YES = 1u << 0,
	    MARK_KEEP = 1u << 1, /* of a variable */
	    MARK_SET = 1u << 2,
	    MARK_PASS = 1u << 3, /* to pass on, of what the broker hands out */
};

struct resource {
	int group; /* index into table.groups, ascending */
	const char *name;
	struct cell *cells; /* one for each policy */
};

struct table {
	struct arena arena; /* owned; all zero is an empty table */
	const char **policies;
	uint32_t policy_count;
	const char **groups;
	uint32_t group_count;
	struct resource *rows;
	uint32_t count, room;
};

/* Make a table of COUNT models, whose entries it borrows. With FOLDED files that share a folder are one row. 0 or -ENOMEM.
 * table_free() it in any case. */
int table_gather(struct table *table, const struct model *const *models, uint32_t count, int folded);
void table_free(struct table *table);

/* The letters of a cell, such as "rwc", in BUF. */
const char *cell_text(const struct cell *cell, char buf[16]);

/* "git.policy" is git; of a path it is the last name. Returns BUF. */
const char *table_short_name(const char *policy, char buf[64]);

/* Print. Errors are left to ferror(). */
void table_text(FILE *f, const struct table *table);
void table_csv(FILE *f, const struct table *table);
void table_html(FILE *f, const struct table *table);

#endif

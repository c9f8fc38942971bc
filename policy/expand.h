/* expand.h: what a word stands for: variables put in, and paths in their one spelling. */
#ifndef ENDOW_EXPAND_H
#define ENDOW_EXPAND_H

#include "diag.h"
#include "tree.h"

#define TEXT_MAX 4095u     /* bytes of an expanded word: what a path may have in Linux, less the final NUL */
#define VARIABLES_MAX 256u /* in one source */

struct text {
	uint32_t root; /* enum image_root */
	uint32_t len;
	char at[TEXT_MAX + 1];
};

struct variable {
	const char *name;
	const char *value; /* NULL: its `let` was refused */
	uint32_t root;
	uint32_t line;
};

struct scope { /* the variables of one source: another source's are not seen */
	struct arena *arena;
	struct diag *diag;
	uint32_t count;
	struct variable list[VARIABLES_MAX];
};

/* All of these return 0, -EINVAL with a message (or, for what comes of a broken `let`, without one), or -ENOMEM. */

/* Carry out a `let`. */
int scope_let(struct scope *scope, const struct stmt *stmt);
/* A path: absolute and ROOT_NONE, or empty or starting with '/' beneath another root. No "//", "/./", "/../" or '/' at the end.
 */
int expand_path(const struct scope *scope, const struct word *word, struct text *out);
/* A value that may start with a launcher's variable. */
int expand_value(const struct scope *scope, const struct word *word, struct text *out);
/* A value that may not. */
int expand_plain(const struct scope *scope, const struct word *word, struct text *out);

#endif

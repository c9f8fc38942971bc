/* diag.h: what is wrong with a policy: located messages, collected and shown with the line they are about. */
#ifndef ENDOW_DIAG_H
#define ENDOW_DIAG_H

#include "tree.h"

#define DIAG_MAX 20u /* messages; what comes after is counted as "too many errors" */

struct message {
	struct place at;
	char text[512];
	char hint[256];  /* what would be right; may be empty */
	char shown[256]; /* the source's name */
	char echo[512];  /* the line, cut and escaped; empty: none */
	char mark[512];  /* the padding and the underline */
};

struct diag {
	const struct tree *tree; /* where lines are looked up; set while compiling */
	uint32_t count;
	bool more; /* than DIAG_MAX */
	struct message messages[DIAG_MAX];
};

/* A message about the words at AT: lower case, names in quotes, no final stop. Returns -EINVAL for the caller to hand on. */
__attribute__((format(printf, 3, 4))) int diag_add(struct diag *diag, struct place at, const char *fmt, ...);
/* What would be right, said of the message just added. Returns -EINVAL. */
__attribute__((format(printf, 2, 3))) int diag_hint(struct diag *diag, const char *fmt, ...);
/* The same, naming the nearest of a NULL-terminated table of names; nothing if none is near. Returns -EINVAL. */
int diag_nearest(struct diag *diag, const char *name, const char *const *table);
/* The same, listing the whole table if none is near. NAME may be NULL. */
int diag_known(struct diag *diag, const char *name, const char *const *table);
/* A failure that is about no source: no memory, no filter. Returns -CODE. */
__attribute__((format(printf, 3, 4))) int diag_fail(struct diag *diag, int code, const char *fmt, ...);

/* The name in TABLE that NAME may be a slip of, or NULL. */
const char *nearest_name(const char *name, const char *const *table);

/* "line 3", or "name:3" where that is in another source than FROM. Returns BUF. */
#define DIAG_REF 96
const char *diag_ref(const struct diag *diag, uint32_t from, struct place at, char buf[DIAG_REF]);

/* All messages in the order of their places, ready to print, ending with a newline. malloc'ed; NULL: no memory. */
char *diag_render(const struct diag *diag);

/* A word for "%.*s": as written, cut where it is long. */
#define WORD(word) word_cut(word), (word)->raw
int word_cut(const struct word *word);

#endif

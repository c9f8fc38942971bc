/* work.h: a draft while it is made: what generalise.c, choose.c and lines.c share. Pure. */
#ifndef ENDOW_WORK_H
#define ENDOW_WORK_H

#include "generalise.h"
#include "items.h"

#define WHY 1024 /* bytes of a comment */

struct work {
	const struct record *record;
	const struct knowledge *known;
	const struct setting *setting;
	struct draft *draft;
	struct items items;
	struct vec chosen; /* const struct bundle *: what the policy uses, the base first */
	int failed;        /* no memory */
};

static inline const struct bundle *chosen_at(const struct work *w, uint32_t i)
{
	return ((const struct bundle *const *)w->chosen.data)[i];
}

/* Add a line; a tab in it stands behind the verb. OFF: it is not granted. */
__attribute__((format(printf, 5, 6))) void work_put(struct work *w, enum line_kind kind, int off, const char *why,
						    const char *fmt, ...);
/* "make, cc1 and others, 12 times". Returns TO. */
const char *work_by(const struct seen_by *seen, char to[WHY]);

/* What the policy is to use: the base that there is, libc for a dynamic program, places for temporary files, other fragments.
 */
void choose(struct work *w, const struct bundle *bundle);
void choose_libc(struct work *w);
void choose_temporary(struct work *w);
void choose_fragments(struct work *w);
uint32_t chosen_families(const struct work *w);

/* What is left is written as it was seen. */
void lines_program(struct work *w);
void lines_items(struct work *w);
void lines_rest(struct work *w);

#endif

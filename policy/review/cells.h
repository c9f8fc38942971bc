/* cells.h: a statement as the cells of a table: the head (its verb, its rights), and what two blanks set apart behind it. Pure.
 */
#ifndef ENDOW_REVIEW_CELLS_H
#define ENDOW_REVIEW_CELLS_H

#include "tree.h"

struct cells {
	char **list; /* owned */
	uint32_t count;
};

/* From the words of a statement that can be parsed: as they were written, but for the order of rights and modifiers, and for
 * quotes that mean nothing. Returns 0 or -ENOMEM; cells_free() in any case. */
int cells_make(const struct word *verb, struct cells *cells);
void cells_free(struct cells *cells);

#endif

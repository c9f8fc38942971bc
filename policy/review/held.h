/* held.h: what the broker hands out while the program runs: authority, too, though it has to be asked for. Pure. */
#ifndef ENDOW_REVIEW_HELD_H
#define ENDOW_REVIEW_HELD_H

#include "compare.h"
#include "explain.h"

/* Can E be asked for the right on SPOT, where a name leads outside of the program's view? */
int held_reaches(const struct entry *e, const struct spot *spot, uint32_t right);

/* Is E a socket of KIND at this port, and, where ADDRESS is not NULL, at this address? */
int held_is_at(const struct entry *e, enum held_kind kind, const char *address, uint32_t port);

/* What B can ask its broker for, and A has in no way: of fewer rights, or less long, less often, less surely. */
int held_compare(const struct model *a, const struct model *b, struct gains *gains);

/* A sentence for E, whose object is as dangerous as DANGER when it is granted by name. */
int held_explain(const struct model *model, const struct entry *e, int danger, struct sentences *s);

#endif

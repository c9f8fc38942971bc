/* peers.h: what the supervisor connects, sends, binds for the program, and what the person may be asked for. Pure. */
#ifndef ENDOW_REVIEW_PEERS_H
#define ENDOW_REVIEW_PEERS_H

#include "ask.h"
#include "compare.h"
#include "explain.h"

/* The entry that answers a question about sockets: yes, with HOW. NULL: none. *HOW in the arena, NULL for no memory. */
const struct entry *peers_find(const struct model *model, const struct ask_question *question, const char **how);

/* Can the person be asked for the right on SPOT, where a name leads outside of the program's view? */
int asks_reach(const struct entry *e, const struct spot *spot, uint32_t right);

/* What B may be connected with, or ask the person for, and A has in no way. 0 or -ENOMEM. */
int peers_compare(const struct model *a, const struct model *b, struct gains *gains);

/* A sentence for E, of either kind; DANGER: of the object, were it granted by name. */
int peers_explain(const struct model *model, const struct entry *e, int danger, struct sentences *s);

#endif

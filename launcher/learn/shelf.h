/* shelf.h: what fragments and policies that exist already grant, on this machine and for this user. */
#ifndef ENDOW_SHELF_H
#define ENDOW_SHELF_H

#include "err.h"
#include "find.h"
#include "generalise.h"

struct shelf { /* all zero is an empty one; shelf_free() it */
	struct arena arena;
	struct bundle *fragments; /* by name */
	size_t count, room;
};

/* Every fragment that endow would find, compiled. One that is wrong is left out. Returns 0 or a negative errno. */
int shelf_load(struct shelf *shelf, const struct places *places, struct err *err);

/* What POLICY grants. *HAS_PROGRAM: it says for which programs it is, and PROGRAM (a file without links, or NULL) is among
 * them: else -EPERM. The texts belong to SHELF. */
int shelf_policy(struct shelf *shelf, const struct places *places, const struct policy_text *policy, const char *program,
		 struct bundle *bundle, int *has_program, struct err *err);

void shelf_free(struct shelf *shelf);

#endif

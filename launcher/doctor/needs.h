/* needs.h: what each policy needs of a kernel. Policies are compiled here as endow compiles them, and nothing is run. */
#ifndef ENDOW_NEEDS_H
#define ENDOW_NEEDS_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "find.h"
#include "image.h"
#include "memory.h"

/* One policy. Needs and forgoes are bits 1 << enum probe_id. */
struct need {
	const char *name; /* as given, or the file's name without its ending */
	const char *path; /* NULL where the file can't be had */
	uint32_t needs;
	uint32_t forgoes;    /* it runs without them where they are missing */
	const char *problem; /* why nothing can be told: one or more lines; NULL: all is told */
};

struct needs {             /* all zero is an empty list */
	struct need *list; /* owned */
	size_t count, room;
	struct arena texts; /* the texts of the list; owned */
};

/* Pure: what plan_make() refuses to do without. */
uint32_t needs_of(const struct image_header *h);

/* Compile the policy NAME, a file or a name as for endow -p, and add it. A policy that is wrong is added with its problem. 0 or
 * -ENOMEM. */
int needs_add(struct needs *needs, const struct places *places, const char *name, struct err *err);

/* Add every policy of the folders, by name. One in an earlier folder hides its namesakes, as it does for endow. 0 or a negative
 * errno. */
int needs_add_all(struct needs *needs, const struct places *places, struct err *err);

void needs_free(struct needs *needs);

#endif

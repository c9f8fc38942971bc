/* lint_places.h: places whose meaning is known, whoever's home they lie in. Pure tables. */
#ifndef ENDOW_REVIEW_LINT_PLACES_H
#define ENDOW_REVIEW_LINT_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"

#define PLACE_HOME "/home/*"

/*
 * A path in the spelling of the tables: every home is PLACE_HOME, every user's runtime folder has a star for the user's number,
 * /bin is /usr/bin, and what lies beneath the working directory starts with ".". HOME is the caller's, or NULL. NULL: no
 * memory.
 */
const char *place_spell(struct arena *arena, uint32_t root, const char *path, const char *home);

/* Is A, in that spelling, B or above it? */
bool place_covers(const char *a, const char *b);

struct place_known {
	const char *path;
	const char *why; /* goes on after the path: "the shell runs it when it starts" */
	bool within;     /* what lies beneath it counts, too */
};

/* Each ends with a path of NULL. */
extern const struct place_known places_trusted[]; /* other programs believe or run them */
extern const struct place_known places_secret[];
extern const struct place_known places_sockets[]; /* services listen there */
extern const struct place_known places_devices[]; /* what lies at names that start so, too */

/* Nothing secret, though it lies in such a place. */
bool place_is_public(const char *path);
/* Does the last component look like a key's file? */
bool place_is_key(const char *path);

#endif

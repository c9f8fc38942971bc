/* compare.h: what one policy allows and another does not, whatever the wording. Pure. */
#ifndef ENDOW_REVIEW_COMPARE_H
#define ENDOW_REVIEW_COMPARE_H

#include "model.h"

struct gain {
	const char *text;          /* what is newly allowed, in the words of a statement */
	const char *note;          /* "" or why */
	const struct entry *entry; /* of the policy that gains, or, where it only lacks a bound, of the other; NULL: none */
	int lacks;                 /* ENTRY is the other's: a bound that is gone */
	uint32_t acts;             /* of files: enum act */
	const char *path;          /* of files: where; NULL: of others */
};

struct gains {
	struct gain *list; /* in the arena of the model that gains */
	uint32_t count, room;
};

/*
 * Find everything that B allows and A does not: empty exactly when each access that B allows is allowed by A. Names lead where
 * they lead at present; what is optional and not there counts as what it would be. Both models stand on the same world. 0 or
 * -ENOMEM.
 */
int compare(const struct model *a, const struct model *b, struct gains *gains);

/* Is ENTRY of the model that gains mentioned in GAINS? */
int gains_have(const struct gains *gains, const struct entry *entry);

/* An entry that bounds the program rather than gives it something. */
int entry_bounds(const struct entry *entry);

/* compare_files.c: */
int compare_files(const struct model *a, const struct model *b, struct gains *gains);
/* Add a gain. 0, or -ENOMEM, also where TEXT is NULL. */
int gains_add(struct gains *gains, struct arena *arena, const struct entry *entry, int lacks, const char *note,
	      const char *text);

#endif

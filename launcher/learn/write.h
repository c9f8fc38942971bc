/* write.h: a draft as the text of a policy. Pure. */
#ifndef ENDOW_WRITE_H
#define ENDOW_WRITE_H

#include <stddef.h>

#include "generalise.h"

struct heading {
	const char *name;    /* of the policy, for its first line */
	const char *command; /* what was run, in one line */
	const char *base;    /* the policy beside which this is what lacked, or NULL */
};

struct written {
	char *text; /* malloc'ed, the caller's */
	size_t len;
	size_t lines, off; /* that the draft gave; OFF of them are not granted */
};

/* A policy of its own. Returns 0 or -ENOMEM. */
int write_policy(const struct draft *draft, const struct heading *heading, struct written *to);

/* OLD with what it lacks behind it: its own lines and comments stay as they are. As above. */
int write_merged(const struct draft *draft, const struct heading *heading, const char *old, size_t old_len, struct written *to);

#endif

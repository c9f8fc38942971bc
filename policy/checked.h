/* checked.h: what a tree means: variables put in, numbers read, contradictions refused, one source overriding another. */
#ifndef ENDOW_CHECKED_H
#define ENDOW_CHECKED_H

#include "diag.h"
#include "tree.h"

#define FDS_MAX 256u

/* A checked policy, in an image's own entries; only the layout and the filter are missing. */
struct policy {
	struct image_header head;  /* but for spans, size, digest, and key */
	struct vec sources;        /* image_source */
	struct vec programs;       /* image_place */
	struct vec grants;         /* image_grant */
	struct vec excepts;        /* image_except */
	struct vec held;           /* image_held */
	struct vec peers;          /* image_peer */
	struct vec asks;           /* image_ask */
	struct vec fds;            /* image_fd, ascending */
	struct vec args;           /* image_arg */
	struct vec env;            /* image_env, a later one wins */
	struct vec scratch;        /* image_word */
	struct vec ports;          /* image_port */
	struct vec private_places; /* image_place */
	struct vec groups;         /* image_word */
	struct vec strings;        /* bytes */
};

/* Fill in POLICY from TREE. Returns 0, also where messages were added to DIAG: POLICY is of use only where DIAG has none.
 * -ENOMEM or -E2BIG: it does not fit. policy_free() in any case. */
int check_tree(const struct tree *tree, struct diag *diag, struct policy *policy);
void policy_free(struct policy *policy);

/* Append a string; the empty one is always at 0. Returns 0, -ENOMEM, or -E2BIG. */
int policy_string(struct policy *policy, const char *text, uint32_t *at);

#endif

/* lint_state.h: what the files of the linter share. */
#ifndef ENDOW_REVIEW_LINT_STATE_H
#define ENDOW_REVIEW_LINT_STATE_H

#include "lint.h"

#define REACH_READS (RIGHT_READ | RIGHT_EXEC)
#define REACH_WRITES (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE)
#define REACH_FD UINT32_MAX
#define REACH_HELD (UINT32_MAX - 1)

/* A path that the policy grants, with the words that say so. */
struct reach {
	uint32_t rights;
	uint32_t flags;       /* enum grant_flag */
	uint32_t grant;       /* its index in the policy's grants; REACH_FD: a descriptor; REACH_HELD: the broker's */
	struct image_text at; /* the path, in the policy's strings */
	const char *path;     /* the same: behind its root */
	const char *place;    /* as place_spell() writes it */
	const char *here;     /* where it is on this machine; NULL: that can't be told */
	size_t here_root;     /* bytes of HERE that are the root's own value */
	const struct stmt *stmt;
	const struct word *word;
};

struct lint {
	const struct lint_input *in;
	const struct tree *tree;
	const struct policy *policy;
	struct findings *out;
	struct arena arena;
	struct diag *diag; /* makes the messages */
	struct reach *reaches;
	uint32_t reach_count;
	int rc; /* the first failure */
};

/* Add a finding about the words at AT. HINT may be NULL. */
__attribute__((format(printf, 5, 6))) void lint_find(struct lint *l, enum lint_id id, struct place at, const char *hint,
						     const char *fmt, ...);

const char *lint_string(const struct lint *l, uint32_t at);
/* Is PLACE out of REACH's reach, by an `except`? */
bool lint_excepted(const struct lint *l, const struct reach *reach, const char *place);
/* The source's next statement from S on, S too, with this verb; NULL: none. */
const struct stmt *lint_next(const struct stmt *s, enum verb verb);
/* The first statement of the whole policy with this verb, and, where TAG is not 0, an item with this tag. */
const struct stmt *lint_first(const struct lint *l, enum verb verb, uint32_t tag);
/* The place of the item of S with this tag; of the verb where there is none. */
struct place lint_item_place(const struct stmt *s, uint32_t tag);

/* Fill in l->reaches. Returns 0 or -ENOMEM. */
int lint_reach_all(struct lint *l);

/* The words that help: those for what the broker has are HELD. */
const char *lint_hint(const struct reach *reach, const char *hint, const char *held);

/* The rules, by file. Failures are left in l->rc. */
void lint_ambient(struct lint *l); /* lint_ambient.c */
void lint_trust(struct lint *l);   /* lint_trust.c */
void lint_env(struct lint *l);     /* lint_env.c */
void lint_net(struct lint *l);     /* lint_net.c */
void lint_calls(struct lint *l);   /* lint_calls.c */
void lint_order(struct lint *l);   /* lint_order.c */
void lint_use(struct lint *l);     /* lint_use.c */
void lint_here(struct lint *l);    /* lint_here.c */

/* Take away what comments of the policy allow, and say which of these are wrong or of no use. */
void lint_allow(struct lint *l);

#endif

/* checker.h: what the files of the checker share: reach.c and surroundings.c read statements, settle.c decides between them. */
#ifndef ENDOW_CHECKER_H
#define ENDOW_CHECKER_H

#include "checked.h"
#include "expand.h"

/* What has one value in the end. */
enum setting_name {
	SETTING_CWD,
	SETTING_UMASK,
	SETTING_USER,
	SETTING_GROUP,
	SETTING_GROUPS,
	SETTING_SESSION,
	SETTING_SIGNALS,
	SETTING_LIMIT, /* and one for each enum limit */
	SETTINGS = SETTING_LIMIT + LIMIT_COUNT
};

struct setting {
	struct place last; /* where it was said last; line 0: nowhere */
	struct place at;   /* where the value that stands was said; line 0: nowhere */
	uint64_t number;
	struct image_text text;
};

#define ENV_SCRATCH ENV_OPS /* beside enum env_op, until it is settled who wins: then it is in policy.scratch */

struct env_entry {
	struct image_env env;
	struct place at;
};

struct check {
	const struct tree *tree;
	struct diag *diag;
	struct policy *policy;
	struct scope scope; /* of the source being read */
	uint32_t source;
	struct setting settings[SETTINGS];
	struct vec env; /* env_entry */
	struct image_fd fds[FDS_MAX];
	struct place fd_at[FDS_MAX]; /* line 0: not declared */
	struct place peer_at[PEERS_MAX];
	struct place append_at;      /* the first grant of append by name; line 0: none */
	struct place write_at;       /* the first grant of write or create by name outside the fragments */
	struct place require_at[32]; /* by bit of enum feature */
	struct place forgo_at[32];
};

struct image_where check_where(const struct check *c, const struct stmt *s);
/* Expand WORD as a path and keep it as a string of the policy. Returns 0, -EINVAL with a message, -ENOMEM, -E2BIG. */
int check_put_path(struct check *c, const struct word *word, struct image_text *out);
int check_put_text(struct check *c, const struct text *text, struct image_text *out);

/* One for each verb; the same returns. reach.c: */
int check_program(struct check *c, const struct stmt *s);
int check_grant(struct check *c, const struct stmt *s);
int check_except(struct check *c, const struct stmt *s);
int check_fd(struct check *c, const struct stmt *s);
int check_args(struct check *c, const struct stmt *s);
int check_private(struct check *c, const struct stmt *s);
int check_ports(struct check *c, const struct stmt *s);
/* held.c: */
int check_held(struct check *c, const struct stmt *s);
/* What write and append by name mean for those that are given while the program runs. */
int check_held_rights(struct check *c, const struct stmt *s);
/* peers.c: */
int check_unix_peers(struct check *c, const struct stmt *s);
int check_ask(struct check *c, const struct stmt *s);
int check_report(struct check *c, const struct stmt *s);
/* One HOST:PORT or HOST:PORT-PORT; TEXT, which has a ':', is used up. */
int check_peer(struct check *c, const struct stmt *s, const struct word *word, struct text *text);
/* Judge what the peers say beside other statements. */
void settle_peers(struct check *c);
/* surroundings.c: */
int check_env(struct check *c, const struct stmt *s);
int check_scratch(struct check *c, const struct stmt *s);
int check_cwd(struct check *c, const struct stmt *s);
int check_umask(struct check *c, const struct stmt *s);
int check_limit(struct check *c, const struct stmt *s);
int check_promise(struct check *c, const struct stmt *s);
int check_features(struct check *c, const struct stmt *s);
int check_isolate(struct check *c, const struct stmt *s);
int check_service(struct check *c, const struct stmt *s);
int check_supervise(struct check *c, const struct stmt *s);
int check_account(struct check *c, const struct stmt *s);
int check_groups(struct check *c, const struct stmt *s);
int check_keep(struct check *c, const struct stmt *s);
int check_choice(struct check *c, const struct stmt *s);

/* Take a value for WHICH, said at AT in the source being read. Returns 0 or -EINVAL with a message. */
int settle_value(struct check *c, uint32_t which, struct place at, uint64_t number, struct image_text text);
/* When all sources are read: judge what no statement shows alone, and fill in the policy. Returns 0, -ENOMEM, -E2BIG. */
int settle(struct check *c);

#endif

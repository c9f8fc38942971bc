/*
 * lint_table.h: the rules of `endow check`. Each has a row in lint_table.c, an entry in endow-check(1), and in
 * tests/review/lint a policy in which it is found, ID.policy, and one like it in which it is not, ID-not.policy: the tests
 * insist on all of them.
 */
#ifndef ENDOW_REVIEW_LINT_TABLE_H
#define ENDOW_REVIEW_LINT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITIES };

extern const char *const severity_word[SEVERITIES];

enum lint_id {
	LINT_POLICY,
	LINT_UNTRUSTED_INPUT,
	LINT_LOCK,
	LINT_AMBIENT_ROOT,
	LINT_AMBIENT_HOME,
	LINT_AMBIENT_PROC,
	LINT_AMBIENT_SYS,
	LINT_AMBIENT_DEV,
	LINT_AMBIENT_ENV,
	LINT_STRONG_DEVICE,
	LINT_SHARED_TMP,
	LINT_WRITE_EXEC,
	LINT_EXEC_OPEN,
	LINT_ENV_CODE,
	LINT_CONNECT_UNIX,
	LINT_SOCKET_PLACE,
	LINT_ENV_SESSION,
	LINT_TRUSTED_WRITE,
	LINT_GIT_HOOKS,
	LINT_FOLLOW_WRITE,
	LINT_SECRET_READ,
	LINT_SECRET_ENV,
	LINT_SECRET_VALUE,
	LINT_CONNECT_ANY,
	LINT_CONNECT_UDP,
	LINT_METADATA_PORT,
	LINT_LOCAL_SERVICE,
	LINT_HELD_LOCAL,
	LINT_LISTEN_ANY,
	LINT_ASK_WRITE,
	LINT_FATTR_ANYWHERE,
	LINT_DEBUG,
	LINT_STRONG_CAP,
	LINT_FORGO,
	LINT_KERNEL_LACKS,
	LINT_APPEND_BY_NAME,
	LINT_CREATE_ALONE,
	LINT_COVERED,
	LINT_DUPLICATE,
	LINT_UNUSED_FRAGMENT,
	LINT_MISSING_FILE,
	LINT_MISSING_PROGRAM,
	LINT_LINK_REFUSED,
	LINT_ALLOW_WRONG,
	LINT_ALLOW_UNUSED,
	LINT_RULES
};

struct lint_rule {
	const char *id;
	enum severity severity;
	bool here;         /* what it finds depends on this machine, not on the policy alone */
	const char *title; /* what it finds, in a few words */
};

extern const struct lint_rule lint_rules[LINT_RULES];

/* The rule with the id of LEN bytes at ID, or NULL. */
const struct lint_rule *lint_rule(const char *id, size_t len);
/* The id that this one may be a slip of, or NULL. */
const char *lint_nearest(const char *id);

#endif

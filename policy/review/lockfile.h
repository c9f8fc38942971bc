/*
 * lockfile.h: the authority of a policy as text, to be kept beside it: one authority a line, fragments folded in, and digests
 * of the texts it came from. The lines are statements of the language, so that the compiler reads them and no second reader can
 * disagree.
 *
 *   # endow lock 1 of curl.policy
 *   # policy 0123...
 *   # fragment tls 4567...
 *   program /usr/bin/curl
 *   read /etc/ssl/certs optional  # tls
 */
#ifndef ENDOW_REVIEW_LOCKFILE_H
#define ENDOW_REVIEW_LOCKFILE_H

#include <stdio.h>

#include "compare.h"
#include "files.h"
#include "subject.h"

#define LOCK_ENDING ".lock"

/* The lock of a policy. malloc'ed; NULL: no memory. */
char *lockfile_text(const struct subject *subject);

/* A policy and its lock, compared. */
struct lock_state {
	struct subject now, locked;
	struct gains gained; /* what the policy allows beyond its lock; its entries are NOW's, or LOCKED's where they lack */
	struct gains lost;
	int same_texts;       /* policy and fragments are, to the byte, what was locked */
	const char *changes;  /* the texts that have changed, one a line, such as "fragment tls has changed"; in NOW's arena */
	char path[FIND_PATH]; /* of the lock */
};

/*
 * Compare what STATE->now allows, which is filled in, with its lock LOCK. Returns 0 with the rest of STATE filled in; -EINVAL
 * where the lock is wrong: what the compiler says is in STATE->locked.messages then, or else in ERR.
 */
int lockfile_compare(const struct policy_text *lock, const struct world *world, struct lock_state *state, struct err *err);

/*
 * Compare the policy NAME, a file or a name, with the lock beside it (lock_files.c). Returns 0 with STATE filled in:
 * gained.count tells whether the policy exceeds its lock. -ENOENT where there is no lock; -EINVAL where policy or lock are
 * wrong: what the compiler says is in STATE->now.messages or STATE->locked.messages then, or else in ERR. lock_free() it in any
 * case.
 */
int lock_compare(struct files *files, const char *name, struct lock_state *state, struct err *err);
void lock_free(struct lock_state *state);

/* What `endow lock --check` says of STATE: some lines, or one. Written to F. */
void lock_report(FILE *f, const struct lock_state *state);

#endif

/* lint_lock.h: does a policy allow more than was locked? */
#ifndef ENDOW_REVIEW_LINT_LOCK_H
#define ENDOW_REVIEW_LINT_LOCK_H

#include "files.h"
#include "lint.h"

/* Compare the policy NAME, which compiles, with the lock beside it: a finding for each authority that is not locked, and one
 * where there is no lock that can be read. Returns 0, -ENOMEM, -E2BIG, or another negative errno with ERR filled in. */
int lint_lock(struct files *files, const char *name, struct findings *findings, struct err *err);

#endif

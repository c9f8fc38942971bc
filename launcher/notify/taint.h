/*
 * taint.h: who has confined himself further than the policy did.
 *
 * What the supervisor injects passes by a Landlock domain that a process has taken on since: notifications come before Landlock
 * is asked, and ADDFD asks nobody. So the filter tells of landlock_restrict_self(2), and from then on neither the caller nor
 * what descends from it is served. (A seccomp filter of its own needs none of this: its refusal outranks a notification.)
 */
#ifndef ENDOW_TAINT_H
#define ENDOW_TAINT_H

#include <sys/types.h>

#include "call.h"

/* The program's own process, up to which ancestors are followed. */
void taint_begin(pid_t program);

/* landlock_restrict_self(2), and prctl(2) with PR_SET_CHILD_SUBREAPER, whose caller takes in processes that it did not make. */
int taint_confines(const struct call *c);
int taint_adopts(const struct call *c);

/* Is C's caller confined further, or can that not be told? Costs nothing before the first one is. */
int taint_is(const struct call *c);

#endif

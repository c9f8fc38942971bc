/* caps.h: privilege is given up for good, by libcap-ng. */
#ifndef ENDOW_CAPS_H
#define ENDOW_CAPS_H

#include <stdint.h>
#include <sys/types.h>

#include "err.h"

/* Does this process hold any capability? An ordinary user's does not, and libcap-ng's work is spared. Returns 1, 0, or a negative errno. */
int caps_any(void);

/* Can every capability of KEEP (bits 1 << CAP_x) be passed on? 0, or -EPERM with ERR naming the first that can't. */
int caps_can_keep(uint64_t keep, struct err *err);

/*
 * Give up every capability but KEEP, in every set (bounding where that is permitted), and lock the rules that would give root its
 * powers back at exec. With SWITCH the ids are changed to UID and GID on the way; the groups are the caller's to set before.
 * Then nothing can be gained at exec (no_new_privs). Returns 0 or a negative errno with ERR.
 */
int caps_drop(uint64_t keep, int switch_ids, uid_t uid, gid_t gid, struct err *err);

#endif

/* landlock.h: what each Landlock ABI enforces, which of it a policy needs, and the ruleset itself. */
#ifndef ENDOW_LANDLOCK_H
#define ENDOW_LANDLOCK_H

#include <stdint.h>

#include "err.h"
#include "image.h"

#define LANDLOCK_ABI_KNOWN 7 /* what this launcher makes use of; a newer kernel is used as this one */

/* Pure: the features (enum feature) that ABI gives. Below 1 none, above LANDLOCK_ABI_KNOWN as that. VIEW is no matter of Landlock. */
uint32_t landlock_gives(int abi);

/* Pure: the rights that ABI mediates. */
uint64_t landlock_handled_fs(int abi);

/* Pure: the features that a policy with FAMILIES cannot be enforced without. */
uint32_t landlock_needs(uint32_t families);

/* Pure: the kernel's rights for ours, on a directory or on anything else. */
uint64_t landlock_rights(uint32_t rights, int is_dir);

/* Pure: one sentence on what goes unenforced without FEATURE (one bit), and the first ABI that has it (0: none). */
const char *landlock_loss(uint32_t feature, int *since);

/*
 * Make the ruleset for FAMILIES on a kernel with ABI. Returns its descriptor, which the caller closes, or a negative errno.
 * TCP is left unmediated where every port is granted.
 */
int landlock_ruleset(int abi, uint32_t families, struct err *err);

/* Plant a rule on what FD refers to: RIGHTS (enum right). IS_DIR tells what it is. FD stays the caller's. */
int landlock_plant(int ruleset, int abi, int fd, uint32_t rights, int is_dir, struct err *err);

/* Allow connecting to (or, with LISTEN, binding) one TCP port. */
int landlock_port(int ruleset, int listen, uint16_t port, struct err *err);

#endif

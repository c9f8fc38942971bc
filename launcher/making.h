/* making.h: what is needed while a plan is made and not after; shared by plan.c, grants.c and descriptors.c alone. */
#ifndef ENDOW_MAKING_H
#define ENDOW_MAKING_H

#include "guard.h"
#include "plan.h"
#include "resolve.h"
#include "scene.h"

#define RIGHTS_WRITING (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE)

struct making {
	struct plan *plan;
	const struct image *im;
	struct guard *guard; /* made at the first grant for writing: it is large, and most launches need none; owned */
	const char *policy_path; /* the main policy's file, or NULL */
	struct scene scene; /* what the program will see; owned */
};

/* Open everything that is granted by name, the program first, and plant the rules. */
int making_grants(struct making *m, struct err *err);

/* Open what the program gets as descriptors. */
int making_descriptors(struct making *m, struct err *err);

/* Open what the broker will hand out, and fill in plan.held. When and how names are resolved is as for descriptors. */
int making_held(struct making *m, struct err *err);

/* In a root of its own THING has no name: replace it by a mount of its own that gives no more than RIGHTS. Else nothing is done. */
int making_detach(const struct making *m, struct thing *thing, uint32_t rights, struct err *err);

/* Remember what was granted on THING, or that it will be hidden (PLACED_PRIVATE); only when a proof is to be made. */
int making_remember(struct making *m, const struct thing *thing, uint32_t rights, struct err *err);

/* Is THING the launcher's own part of /proc, and would the program, being another process, get hold of that? Then -EINVAL. */
int making_check_proc(const struct making *m, const struct thing *thing, struct err *err);

/* May THING be written by the program? See guard.h. */
int making_guard(struct making *m, const struct thing *thing, struct err *err);

#endif

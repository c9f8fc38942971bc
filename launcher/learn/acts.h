/* acts.h: what single calls mean: the files, sockets and devices that they name. */
#ifndef ENDOW_ACTS_H
#define ENDOW_ACTS_H

#include <linux/seccomp.h>

#include "look.h"
#include "record.h"

struct act {
	struct look at;
	const struct seccomp_data *call;
	struct record *record;
	char who[LOOK_NAME];
	int is_start; /* the observer's own execve of the program */
};

/* A call that names files. Returns 1 if that is all that is to be said of it. */
int act_on_path(struct act *a);
/* connect, bind, listen, and the sends that hold an address. As above. */
int act_on_address(struct act *a);
/* An ioctl that NEED opens. */
void act_ioctl(struct act *a, uint32_t need);

#endif

/*
 * observe.h: from a notification to a record. It decides nothing: each call goes on as if nobody had looked.
 *
 * A call's result is not told by the kernel, since it goes on. Whether it would succeed is found by looking at what it names,
 * with the same user's eyes: what is not there, or not permitted, needs no grant.
 */
#ifndef ENDOW_OBSERVE_H
#define ENDOW_OBSERVE_H

#include <linux/seccomp.h>
#include <sys/types.h>

#include "err.h"
#include "record.h"

struct observer {
	int listener; /* borrowed */
	pid_t program;
	const char *name; /* the program's, for messages */
	int started;      /* the program was executed */
	struct record *record;
	struct seccomp_notif *call; /* owned, of the size that the kernel says */
	struct seccomp_notif_resp *answer;
	size_t call_size, answer_size;
};

/* Returns 0 or a negative errno. */
int observer_make(struct observer *o, struct err *err);
void observer_free(struct observer *o);

/* Take one notification, write down what it says, let the call go on. Returns 0, or a negative errno when none can be had. */
int observe(struct observer *o);

#endif

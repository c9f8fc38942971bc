/* internal.h: one request and its reply, shared by libendow's files. */
#ifndef ENDOW_INTERNAL_H
#define ENDOW_INTERNAL_H

#include <pthread.h>

#include "endow.h"
#include "wire.h"

struct endow {
	pthread_mutex_t lock; /* over everything below, and over a request until its reply is there */
	int fd;
	int broken; /* the broker has gone, or has said what can't be */
	uint32_t serial;
	uint32_t limit_held, limit_rate;
	struct err err; /* of the last call that failed */
};

struct call {
	size_t size;
	int give;       /* sent along; -1: none. Not taken */
	uint32_t reply; /* the type that it has to be */
	int takes_fd;   /* the reply brings a descriptor: it is what call_make() returns */
	int rc;         /* what went wrong while it was put together */
	struct err err;
	union wire_message m; /* the request; after call_make() the reply */
};

/* Begin a request of TYPE whose fixed part has SIZE bytes, and which is answered with REPLY. */
void call_begin(struct call *c, enum wire_type type, size_t size, enum wire_type reply);

/* Put TEXT (NULL: none) behind it. Returns its length; a text too long makes the call fail. */
uint32_t call_say(struct call *c, const char *text);

/* Make the call fail with words, before anything is sent. */
__attribute__((format(printf, 3, 4))) void call_wrong(struct call *c, int code, const char *fmt, ...);

/* Send it and wait for the reply, which is in C->m then. Returns 0 or a descriptor, or a negative errno. Takes the lock;
 * call_locked() has it. */
int call_make(struct endow *e, struct call *c);
int call_locked(struct endow *e, struct call *c);

void connection_lock(struct endow *e, int *cancel);
void connection_unlock(struct endow *e, int cancel);

#endif

/*
 * call.h: one call that waits for the supervisor, and what can be done about it: look at its caller, do it in the caller's
 * stead, answer.
 *
 * The caller's memory and descriptors are another process's and can change at any moment. What is copied is copied once, and
 * what is decided about is that copy; whoever has looked asks call_still() before he believes that it was the caller's.
 */
#ifndef ENDOW_CALL_H
#define ENDOW_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

#define CALL_PATH 4096 /* PATH_MAX */

struct call {
	uint64_t id;      /* the notification's */
	pid_t tid;        /* the calling thread, as this process sees it */
	int nr;           /* of the call */
	uint64_t args[6]; /* by value: these can't change */
};

/* What a handler returns: 0 or above is the call's result, a negative errno its error, and: */
enum {
	CALL_GO_ON = INT32_MAX,     /* let the kernel do it: only where Landlock judges it as well */
	CALL_LATER = INT32_MAX - 1, /* answered already, or by call_*() from elsewhere */
};

/* Does it still wait? */
int call_still(const struct call *c);

/* The caller's memory: 0 or a negative errno. call_text() takes a string, NUL and all. */
int call_read(const struct call *c, uint64_t address, void *to, size_t size);
int call_write(const struct call *c, uint64_t address, const void *from, size_t size);
int call_text(const struct call *c, uint64_t address, char to[CALL_PATH]);

/* The caller's descriptor FD, duplicated (CLOEXEC, the caller of this function owns it), or a negative errno. */
int call_descriptor(const struct call *c, int fd);

/* The caller's process (thread group); 0: gone. The name of what it executes, for people. Its umask. */
pid_t call_process(const struct call *c);
void call_who(const struct call *c, char *to, size_t size);
unsigned int call_umask(const struct call *c);

/* Answer one that was CALL_LATER: with a result or a negative errno; letting it go on; with a descriptor (borrowed), CLOEXEC or
 * not, that becomes the call's result. A caller that is gone needs no answer. */
void call_answer(const struct call *c, int64_t result);
void call_go_on(const struct call *c);
void call_inject(const struct call *c, int fd, int cloexec);

#endif

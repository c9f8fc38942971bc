/* sandboxes.h: the supervisors that this user may speak to, and one question at a time. */
#ifndef ENDOW_SANDBOXES_H
#define ENDOW_SANDBOXES_H

#include <sys/types.h>

#include "control.h"

struct sandbox {
	int fd;    /* the connection; owned */
	pid_t pid; /* the launcher's: it names the socket */
	pid_t program;
	uint64_t since_ms;
	char path[WIRE_TEXT_MAX + 1]; /* the program */
	char policy[WIRE_TEXT_MAX + 1];
};

/*
 * Find the running program WHICH: a launcher's pid, or a program's path or last component of it. Returns 0, -ENOENT, or
 * -ENOTUNIQ when several match; sandbox_close() closes it.
 */
int sandbox_find(const char *which, struct sandbox *s, struct err *err);
void sandbox_close(struct sandbox *s);

/* Call EACH with every one (that WHICH names; NULL: all), its connection open. Returns how many there were, or what EACH
 * returned below 0. */
int sandboxes_each(const char *which, int (*each)(void *arg, const struct sandbox *s, struct err *err), void *arg,
		   struct err *err);

/* Ask: the reply is in M, its texts in T. A refusal is a negative errno with ERR. FD goes along, or -1; it stays the caller's.
 */
int sandbox_ask(const struct sandbox *s, const struct control *c, const char *const texts[3], int fd, union wire_message *m,
		struct control_texts *t, struct err *err);

#endif

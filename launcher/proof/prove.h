/*
 * prove.h: every known way out is tried inside the finished sandbox, before the program is executed.
 *
 * The launcher enters the sandbox in a child of its own, by the very steps that the program will get, and the child makes each
 * attempt (tries.h) that the policy does not rightly allow. One that succeeds, one that hangs, one that brings the child down
 * in any way but a filter's: no proof, and the program is not to run.
 */
#ifndef ENDOW_PROVE_H
#define ENDOW_PROVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "image.h"
#include "keeper.h"
#include "tries.h"

#define PROVE_MAX 320
#define PROVE_GRANTED 0x7002 /* an outcome: not attempted, because the policy allows it */
#define PROVE_KILLED 0x7003  /* an outcome: refused by killing the caller */

#define PROVE_UNTRIED 0x7004 /* an outcome: the proof ended before it came to this */

#define PROVE_PRIVATE (1u << 31) /* in rights: an empty file system of the program's own will hide what is there */

/*
 * A grant by reach: what its descriptor says it is. A directory stands for all below it. Everything that the sandbox will have
 * a rule for belongs here: the program itself, its loader, what a grant implies.
 */
struct prove_place {
	dev_t dev;
	ino_t ino;
	uint32_t rights; /* enum right, or PROVE_PRIVATE */
};

/* What the policy allows. Everything is borrowed. */
struct prove_scope {
	uint32_t families;
	uint32_t forgone; /* enum feature: the policy forgoes it, and it is not enforced (this kernel lacks it; no view was
			     entered) */
	uint32_t flags;   /* enum image_flag; IMAGE_SIGNALS_KEEP matters */
	uint64_t keep_caps;
	uid_t uid; /* who the program will be */
	gid_t gid;
	const gid_t *groups; /* the program's supplementary groups */
	int group_count;     /* -1: as they are */
	const struct prove_place *places;
	size_t place_count;
	const struct image_port *ports;
	size_t port_count;
	const int *fds; /* numbers that will be open in the program, the inherited 0..2 as well */
	size_t fd_count;
	char *const *env;             /* the program's environment; NULL: not looked at */
	const char *const *env_names; /* the names it may have, NULL-terminated; a final '*' stands for any ending */
	const char *inside;           /* a directory granted with `create` for attempts to start from, or NULL */
	/*
	 * Where prove() writes the number of the one descriptor, at least KEEP_FROM, that `enter` has to leave open besides the
	 * plan's, before it calls `enter` in the child. It is close-on-exec.
	 */
	int *keep;
	int keep_from;
};

struct prove_item {
	const struct try *try;
	int outcome; /* 0: a hole. A negative errno or PROVE_KILLED: refused. TRY_MOOT. PROVE_GRANTED. PROVE_UNTRIED. */
};

struct prove_result {
	struct prove_item items[PROVE_MAX];
	size_t count;
	size_t refused, moot, granted, holes;
};

/* Pure: whether the policy allows TRY, with RIGHTS at each enum try_place. */
int prove_allows(const struct prove_scope *scope, const uint32_t rights[TRY_PLACES], const struct try *try);

/*
 * Make the proof. ENTER is called with ARG in a child (more than once where a filter kills), and must do all that comes before
 * execve. It may look only at what fork() hands on. OUTSIDE is a keeper that was started before this process entered a mount or
 * IPC namespace for the program; NULL where it has not, and one is started here. It is ended in any case.
 *
 * Returns 0 if every attempt was refused, -EPERM with ERR naming those that succeeded, another negative errno if there is no
 * proof either way. RESULT is filled in as far as it went.
 */
int prove(int (*enter)(void *arg, struct err *err), void *arg, const struct prove_scope *scope, struct keeper *outside,
	  struct prove_result *result, struct err *err);

#endif

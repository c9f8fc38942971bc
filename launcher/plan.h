/*
 * plan.h: what is about to be done, resolved: names have become descriptors, variables values. plan_make() fills it in with the
 * launcher's authority; enter.c carries it out in a fixed order and opens, allocates and decides nothing.
 */
#ifndef ENDOW_PLAN_H
#define ENDOW_PLAN_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>

#include "broker/asking.h"
#include "broker/held.h"
#include "cache.h"
#include "err.h"
#include "find.h"
#include "image.h"
#include "options.h"
#include "peers.h"
#include "scratch.h"

#define PLAN_FD_MAX 256 /* descriptors are placed at 0..255 */
#define PLAN_GROUPS_MAX 64
#define PLAN_MADE_MAX 64

/* One line of what the program is given, for --dry-run; kept only when asked for. */
struct note {
	uint32_t rights; /* enum right; 0: see what */
	const char *what; /* "descriptor 3", "tcp connect", ... ; static or borrowed from the image; NULL for a path */
	char *object; /* owned */
	const char *how; /* "Landlock", "seccomp", "descriptor", ...; static */
	const char *source; /* file, or "command line"; borrowed */
	uint32_t line; /* 0: not from a line */
};

struct notes {
	int wanted;
	struct note *list; /* owned */
	size_t count, room;
};

/* What a rule was planted on; kept for a proof, and where calls are handed to the supervisor. */
struct placed {
	dev_t dev;
	ino_t ino;
	uint32_t rights; /* enum right, or PLACED_PRIVATE */
};
#define PLACED_PRIVATE (1u << 31) /* hidden from the program by an empty place of its own */

struct plan_fd {
	int from; /* the launcher's own descriptor, at least PLAN_FD_MAX; -1: an inherited one stays where it is */
	int number;
	const char *name; /* "" when unnamed; borrowed */
};

/* An output file made for its grant, or a folder made so that it can be excepted: removed again if the program leaves it untouched. */
struct made_file {
	int is_dir;
	int dir; /* its folder, O_PATH; owned */
	char *name; /* in that folder; owned */
	char *path; /* absolute where the program has a view of its own; owned */
	dev_t dev;
	ino_t ino;
	struct timespec changed; /* ctime when it was made */
};

struct plan {
	const struct options *options;
	const struct compiled *policy;
	const struct places *places;
	uint32_t families;
	int abi;
	int ruleset; /* Landlock; owned */
	char *program_path; /* what is executed; owned */
	int program_errno; /* why there is no program to execute: ENOENT, EACCES; 0 */
	char **argv; /* borrowed from options */
	char **absolute; /* words of argv that had to become absolute; owned */
	size_t absolute_count;
	char **env; /* owned, and the strings as well */
	size_t env_count;
	char *own_pid[2]; /* where in env the program's own pid belongs: LISTEN_PID, WATCHDOG_PID, each with room; or NULL */
	int cwd; /* O_PATH, or -1: stay; owned */
	size_t fd_count;
	struct rlimit limits[LIMIT_COUNT];
	int limit_set[LIMIT_COUNT];
	uint64_t wall; /* seconds; 0: none */
	int switch_ids;
	uid_t uid;
	gid_t gid;
	size_t group_count;
	size_t made_count;
	uint32_t filter_count; /* instructions of filter */
	uint32_t filter_flags; /* of seccomp(2), where calls are handed to the supervisor; else 0 */
	int listener; /* set by enter(): the number of what hears of them, in the program's process; -1 */
	pid_t known_as; /* the process that was started, whose number people know */
	pid_t supervisor; /* set before the program's process is made */
	int supervised; /* something is left to do when the program has ended */
	int in_view; /* a mount namespace of its own was entered */
	struct scratch scratch;
	struct held *held; /* what the broker hands out; owned */
	size_t held_count;
	size_t broker_at; /* with held_count or ask_count: where in fds the program's end of the broker's connection is */
	struct peers peers; /* whom the supervisor connects the program's sockets with; owned */
	int log_fd; /* the broker's log, or -1; owned */
	int log_is_journal;
	int keep_fd; /* --keep-answers, or -1; owned */
	struct ask *asks; /* what the person may be asked for; owned */
	size_t ask_count;
	struct notes notes;
	struct placed *placed; /* owned */
	size_t placed_count;
	char *inside; /* some folder granted with create, or NULL; owned */
	/* Large, and mostly untouched: behind the rest, so that a common launch touches few pages. */
	struct image_insn filter[IMAGE_FILTER_MAX]; /* the image's, in which enter() fills in the process's own id */
	struct plan_fd fds[PLAN_FD_MAX]; /* ascending numbers, without 0..2 when they are just inherited */
	gid_t groups[PLAN_GROUPS_MAX];
	struct made_file made[PLAN_MADE_MAX];
};

/*
 * Resolve everything into PLAN, which is all zero but for notes.wanted; ERR is required. On error the plan is to be freed too; output files already made are removed again by plan_free().
 * ERR says what was refused, where, why, and what would allow it.
 */
int plan_make(const struct options *options, const struct places *places, const struct compiled *policy, struct plan *plan,
	      struct err *err);
void plan_free(struct plan *plan);

/* Remember one line for --dry-run. Never fails: without memory the plan is refused later by notes.count alone. */
__attribute__((format(printf, 7, 8))) int plan_note(struct plan *plan, uint32_t rights, const char *what, const char *how,
						    const struct image_where *where, struct err *err, const char *object, ...);

/* Where a line of the policy stands, as "curl.policy:3", for messages. Returns TO. */
char *plan_where(const struct plan *plan, struct image_where where, char *to, size_t size);

#endif

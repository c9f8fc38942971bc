/*
 * tries.h: known ways out of a sandbox, each an attempt that succeeds (a hole) or is refused.
 *
 * The prover makes them inside a finished sandbox before the program is executed (prove.h), the live tests one at a time. An
 * attempt works on the targets only, undoes what it did when it succeeds, never blocks for long, and needs no help from libc
 * that would change the system call: what is refused is the call itself.
 */
#ifndef ENDOW_TRIES_H
#define ENDOW_TRIES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TRY_MOOT 0x7001 /* could not be attempted here: the kernel lacks the thing, or the target is missing */
#define TRY_DIR_MAX 96  /* so that a socket's path below it fits into sun_path */

/* What the scratch directory holds. */
#define TRY_SECRET "secret" /* a file that holds TRY_SECRET_TEXT */
#define TRY_FILE "file"     /* may be changed */
#define TRY_SPARE "spare"   /* may be removed and moved */
#define TRY_PROGRAM                                                                                                         \
	"program"           /* mode 0755, of no executable format: executing it gives ENOEXEC, and only where it is allowed \
			     */
#define TRY_STREAM "stream" /* listening unix sockets */
#define TRY_DGRAM "dgram"
#define TRY_HITS "hits" /* an int that the victim counts up whenever SIGIO or SIGUSR1 reaches it */
#define TRY_SECRET_TEXT "endow: no grant names this file\n"

/* Everything is made outside the sandbox (targets.h). A number of 0 or -1 or an empty string, as said, means: there is none. */
struct try_targets {
	char dir[TRY_DIR_MAX];   /* the scratch directory, absolute, outside every grant */
	const char *inside;      /* a directory in which the sandbox may create files; NULL */
	char abstract[48];       /* unix socket's name without its leading NUL; "" */
	char shm_name[48];       /* a file in /dev/shm that holds TRY_SECRET_TEXT; "" */
	char mq_name[48];        /* without its slash; "" */
	uint16_t tcp, tcp6, udp; /* ports of loopback listeners; 0 */
	uint16_t free_port;      /* a TCP port that nobody listens on; 0 */
	pid_t victim;            /* a process of the same user, outside the sandbox, leader of its own process group; 0 */
	uintptr_t victim_addr;   /* where it keeps TRY_SECRET_TEXT in memory; 0 */
	int victim_fd;           /* under which number it has the secret open; -1 */
	volatile int *hits;      /* TRY_HITS, mapped; NULL */
	int shm_id;              /* System V, holds TRY_SECRET_TEXT; -1 */
	int32_t shm_key;         /* its key; 0 */
	int32_t key;             /* a key in the session keyring; 0 */
	int bait_dir, bait_file; /* descriptors of the scratch directory and the secret that ought to have been closed; -1 */
	/* What the sandbox is meant to have. */
	const int *fds; /* open descriptors */
	size_t fd_count;
	int fd_bound;                 /* look below this number; 0: don't look */
	char *const *env;             /* NULL: don't look */
	const char *const *env_names; /* NULL-terminated; a name that ends with '*' stands for all that begin so */
	const gid_t *groups;          /* supplementary ones */
	int group_count;              /* -1: any */
	uint64_t caps;                /* bit 1 << CAP_x */
	int bounding;                 /* the bounding set could be, and has to be, cut as well */
};

/* What an attempt is aimed at: the rights that the policy gives there may allow it. */
enum try_place {
	TRY_AT_SCRATCH, /* the scratch directory and what is in it */
	TRY_AT_SHM,     /* /dev/shm */
	TRY_AT_SHELL,   /* /bin/sh */
	TRY_AT_LOADER,  /* the dynamic loader */
	TRY_AT_SETUID,  /* a set-user-ID program */
	TRY_AT_PROC,    /* /proc */
	TRY_AT_INSIDE,  /* what try_targets.inside says */
	TRY_PLACES
};

enum try_flag {
	TRY_PRIVILEGED = 1u << 0, /* bare, it succeeds only with capabilities */
	TRY_SYSTEM = 1u << 1,     /* bare, it depends on the machine's settings and its hardware */
	TRY_SPOILS = 1u << 2,     /* when it succeeds this process is no longer what it was: go on in a new one */
	TRY_KILLS = 1u << 3,      /* a filter may answer by killing */
	TRY_SIGNALS = 1u << 4,    /* not for a policy that keeps the signals' state */
};

struct
try {
	const char *name;
	const char *layer; /* what is meant to refuse it: landlock, seccomp, fds, caps, env, signals, ids */
	const char *what;  /* what would be possible, as one clause */
	int (*fn)(const struct try_targets *t); /* 0: it succeeded; a negative errno: refused; TRY_MOOT */
	uint32_t allowed_by;                    /* enum family: any of them rightly allows it */
	uint32_t allowed_rights;                /* enum right: any of them, held at `place`, rightly allows it */
	uint32_t forgone_by;                    /* enum feature: a policy that forgoes any of them lives with it, */
	uint32_t forgone_with;                  /* ... if it has one of these families; 0: in any case */
	uint64_t allowed_caps;                  /* bits 1 << CAP_x: a policy that keeps any of them allows it */
	uint32_t place;                         /* enum try_place */
	uint32_t flags;                         /* enum try_flag */
};

size_t tries_count(void);
const struct try *tries_at(size_t index);       /* below tries_count() */
const struct try *tries_find(const char *name); /* or NULL */

/* The path that an attempt at PLACE is about: TO (SIZE bytes) or a static string; NULL if there is none on this machine. */
const char *tries_place_path(const struct try_targets *t, uint32_t place, char *to, size_t size);

/* The name of an errno ("EACCES"), 0 ("ok") or TRY_MOOT ("moot"); static, or made in TO (16 bytes) for one without a name. */
const char *tries_outcome_name(int outcome, char to[16]);

#endif

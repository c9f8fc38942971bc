/*
 * paths.h: what a path means to the program, and which capability covers it. All of this is for correctness alone: a wrong
 * answer opens nothing, since whatever is opened is opened beneath a granted root's descriptor.
 */
#ifndef ENDOW_PATHS_H
#define ENDOW_PATHS_H

#include "broker/server.h"
#include "call.h"

#define PATHS_TEXT ((size_t)2 * CALL_PATH) /* a folder's path, and one relative to it */

/* What becomes of a link at a path's end. */
enum paths_last {
	PATHS_FOLLOW,
	PATHS_NOFOLLOW,
	PATHS_NAME, /* an entry's name: only its folder is looked at */
};

/* open, openat, creat; the calls that change entries; execve, which is only looked at. */
int paths_open(const struct call *c);
int paths_change(const struct call *c);
int paths_execve(const struct call *c);

/* The path at ADDRESS, relative to the caller's DIRFD, made absolute: 0, or a negative errno: it can't be told. */
int paths_read(const struct call *c, int dirfd, uint64_t address, char to[PATHS_TEXT]);

/* The last name of PATH, with the slashes behind it. What the descriptor FD of ours is called: 0 or a negative errno. */
const char *paths_last_name(const char *path);
int paths_of(int fd, char to[CALL_PATH]);

/* Is PATH one that means something else to whoever looks (/proc/self, /dev/fd, ...)? */
int paths_is_own(const char *path);

/* Where the caller's descriptor leads that PATH is the name of (/dev/stdin, /proc/self/fd/3): 0, or a negative errno: it names
 * none. */
int paths_of_descriptor(const struct call *c, const char *path, char to[CALL_PATH]);

/*
 * PATH without links and "..", as the kernel tells it, when it has any. 1: in TO; 0: it has none, or it leads to what means
 * something else to whoever looks, or to nothing.
 */
int paths_canonical(const char *path, enum paths_last last, char to[PATHS_TEXT]);

/*
 * The first capability behind AFTER (NULL: of all) that covers PATH with RIGHTS, has a use left and can be used by path. *REST:
 * what is left of PATH beneath it, "" for the thing itself. NULL: none.
 */
struct cap *paths_covering(struct broker *b, const char *path, uint32_t rights, struct cap *after, const char **rest);

/* Does PATH lie at or beneath what CAP stands for? Then *REST as above. */
int paths_beneath(struct broker *b, const struct cap *cap, const char *path, const char **rest);

/* Count a use of CAP that has been made for C, and write it down. */
void paths_used(struct broker *b, const struct call *c, struct cap *cap, const char *rest, uint32_t rights);

/*
 * Where nothing covers PATH, which is to be used with RIGHTS and the FLAGS of open(2) (O_CREAT: made; O_EXCL: and not there
 * yet): CALL_GO_ON, or CALL_LATER when the person is asked.
 */
int paths_otherwise(const struct call *c, const char *path, enum paths_last last, uint32_t rights, int flags);

#endif

/*
 * look.h: what stands behind the numbers of a call that waits: the caller's memory, its descriptors, and what a path of its
 * names.
 *
 * All of it is another process's and can change at any moment: it serves to write down what was seen, never to decide. While
 * the call waits its process number means the caller; whoever has looked asks look_still() before using what was seen.
 */
#ifndef ENDOW_LOOK_H
#define ENDOW_LOOK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#define LOOK_PATH 4096 /* PATH_MAX */
#define LOOK_NAME 64

struct look {
	pid_t tid; /* the calling thread, as this process sees it */
	int listener;
	uint64_t id; /* of the notification */
};

/* Whether the call still waits: else what was read may be another process's. */
int look_still(const struct look *at);

/* The name of the file that the caller executes. */
void look_who(const struct look *at, char to[LOOK_NAME]);
/* The caller's process, which has the descriptors. 0: it is gone. */
pid_t look_process(const struct look *at);

/* 0 or a negative errno; nothing is read beyond a page that is not there. */
int look_memory(const struct look *at, uint64_t address, void *to, size_t size);
int look_text(const struct look *at, uint64_t address, char to[LOOK_PATH]);

/* Where a path leads. */
struct found {
	char path[LOOK_PATH];   /* absolute and without links; of what is not there: where it would be made */
	char folder[LOOK_PATH]; /* of PATH */
	struct stat st;
	int is_there;
	int own;      /* something of the caller's in /proc: PATH says /proc/self */
	int nameless; /* a pipe, a socket, a memory file, or a file that was removed: no grant is about it */
};

/* PATH as a call with DIR (AT_FDCWD or a descriptor) means it; FOLLOW a link at its end. 0 or a negative errno, -ENOENT where
 * its folder is not there either. */
int look_path(const struct look *at, int dir, const char *path, int follow, struct found *found);
/* What descriptor FD is. */
int look_fd(const struct look *at, int fd, struct found *found);

/* A socket of the caller's: its domain, type and protocol. */
struct socket_kind {
	int domain, type, protocol;
	int is_bound; /* to a port, or to a name */
};
int look_socket(const struct look *at, int fd, struct socket_kind *kind);

#endif

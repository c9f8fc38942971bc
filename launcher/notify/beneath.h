/*
 * beneath.h: open and change what lies beneath a granted root, with the launcher's authority, as the program would have done
 * it. The kernel keeps the way beneath the root's descriptor (openat2, RESOLVE_BENEATH): links that lead out of it are -EXDEV.
 * Nothing here waits: a FIFO without a writer, a lease of the program's own.
 */
#ifndef ENDOW_BENEATH_H
#define ENDOW_BENEATH_H

#include <limits.h>
#include <sys/types.h>

struct beneath {
	int root;  /* O_PATH: the tree, or with REST "" the thing itself; borrowed */
	dev_t dev; /* of it */
	int is_tree;
	const char *rest;
};

struct beneath_how {
	int flags;         /* the caller's, of open(2) */
	unsigned int mode; /* for a new file */
	int may_create;
	int attenuate;                          /* what is opened to be appended to must not be truncated */
	unsigned int (*umask)(const void *arg); /* of the caller: asked for only where something is made */
	const void *arg;
};

/* A descriptor (CLOEXEC, the caller's), or a negative errno. -ENOENT: absent, and not to be made. */
int beneath_open(const struct beneath *b, const struct beneath_how *how);

/* The folder in which the last name stands (O_PATH, the caller's), and that name, with slashes that stand behind it. */
int beneath_folder(const struct beneath *b, char name[NAME_MAX + 2]);

#endif

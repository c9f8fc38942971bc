/* lint_look.h: what the linter asks this machine. Nothing is opened and nothing is changed. */
#ifndef ENDOW_REVIEW_LINT_LOOK_H
#define ENDOW_REVIEW_LINT_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#define LOOK_PATH 4096 /* bytes of a path */

struct lint_look {
	/* A variable of the environment, or NULL. */
	const char *(*variable)(const char *name);
	/* Where the absolute PATH leads, without links. 0, or a negative errno. */
	int (*real)(const char *path, char real[LOOK_PATH]);
	/* Is there a symbolic link on the absolute PATH, behind its first SKIP bytes? Then LINK is the path up to it. */
	bool (*link)(const char *path, size_t skip, char link[LOOK_PATH]);
	/* Could others than root and this user change the file PATH, or put another in its place? */
	bool (*open_to_others)(const char *path);
};

/* This machine. */
extern const struct lint_look lint_look_here;

#endif

/*
 * view.h: a mount namespace of the program's own, for what Landlock can't do: private places, metadata kept to what is writable, System V
 * objects of its own, a limit on processes that counts this sandbox alone.
 *
 * As an ordinary user it takes a user namespace; where that is blocked the policy is refused. The launcher itself enters, so
 * that what it resolves afterwards is what the program will see.
 */
#ifndef ENDOW_VIEW_H
#define ENDOW_VIEW_H

#include "err.h"
#include "image.h"

/* What a policy wants of a view. */
struct view_wish {
	int ipc; /* System V objects and message queues of its own */
	int own_users; /* a user namespace even for root: process counts of its own */
	int mounts; /* private places or a sealed view */
};

/* Enter. Returns 0, or a negative errno with ERR saying what blocks it. */
int view_enter(const struct view_wish *wish, struct err *err);

/* Put an empty tmpfs at the folder DIR (O_PATH). It goes with the last process of the namespace. */
int view_private(int dir, const char *path, struct err *err);

/*
 * Everything becomes read-only but the COUNT things in WRITABLE (O_PATH descriptors, each a file or a folder with all beneath it): where
 * it is read-only no metadata can be changed either.
 */
int view_seal(const int *writable, size_t count, struct err *err);

/* A second way to the folder DIR, which view_seal() leaves writable. Replaces *DIR. For what the launcher itself has to remove later. */
int view_keep_writable(int *dir, struct err *err);

#endif

/*
 * view.h: a mount namespace of the program's own, for what Landlock can't do: private places, metadata kept to what is
 * writable, System V objects of its own, a limit on processes that counts this sandbox alone.
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
	int ipc;       /* System V objects and message queues of its own */
	int net;       /* network interfaces of its own: a loopback and no other */
	int processes; /* process numbers of its own, from the next child on */
	int own_users; /* a user namespace even for root: process counts of its own */
	int mounts;    /* places of its own, or a sealed view */
	int sealed;    /* metadata only where it is writable: all else becomes read-only */
};

/* Pure: what the policy behind H wants. Returns 0 when it wants nothing. */
int view_wish(const struct image_header *h, struct view_wish *wish);

/* Enter. Returns 0, or a negative errno with ERR saying what blocks it. */
int view_enter(const struct view_wish *wish, struct err *err);

/* Mount a /proc that shows the processes of this namespace and no others. By a process that is in it. */
int view_proc(struct err *err);

/*
 * Trees are mounts that are not attached yet: descriptors (O_PATH, CLOEXEC), the caller's to close. An attached one still names
 * its mount. All return a negative errno on failure, ERR saying what; nothing of the tree is left then.
 */

/* A copy of what FD refers to and of all that is mounted beneath; ATTRIBUTES (K_MOUNT_ATTR_*) are added to each mount of it. */
int view_clone(int fd, uint64_t attributes, struct err *err);

/* An empty tmpfs, its folder of MODE (octal, as text). It goes with the last process of the namespace. */
int view_tmpfs(const char *mode, struct err *err);

/* Put TREE over what AT refers to. Both stay the caller's. */
int view_attach(int tree, int at, struct err *err);

/* Add ATTRIBUTES to the mount FD; with DEEP to all beneath it as well. */
int view_restrict(int fd, uint64_t attributes, int deep, struct err *err);

/* A tree of one thing that nobody can open, a folder or a file. WORK is some folder, covered for a moment. */
int view_nothing(int work, int is_dir, struct err *err);

/* Make the attached tree BASE the root, and let go of the one there was. */
int view_pivot(int base, struct err *err);

/* A second way to the folder DIR that stays writable when all is sealed. Replaces *DIR. For what the launcher itself has to
 * remove later. */
int view_keep_writable(int *dir, struct err *err);

#endif

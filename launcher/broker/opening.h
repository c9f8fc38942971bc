/*
 * opening.h: a client's request for a file becomes a descriptor, with the launcher's authority, and never outside of what is
 * held. A name is walked once; what it led to is looked at, and that is what is opened: no device is opened to find out that it
 * is one.
 */
#ifndef ENDOW_OPENING_H
#define ENDOW_OPENING_H

#include <sys/types.h>

#include "err.h"
#include "wire.h"

/*
 * Open as HOW says: the file FD itself, or with IS_TREE what PATH names beneath it. The message has passed
 * wire_check_request(), and what it asks for is held. Returns a descriptor (CLOEXEC) or a negative errno with ERR.
 */
int opening_open(int fd, int is_tree, const char *path, const struct wire_open *how, struct err *err);

/*
 * The very thing that FD (O_PATH, of this process) is, with FLAGS of open(2): a descriptor (CLOEXEC) or a negative errno.
 * Neither a lease nor a FIFO holds the supervisor up. For the supervisor alone: what it has looked up would be another
 * process's descriptors in a child.
 */
int opening_reopen(int fd, int is_dir, int flags);

/* What is made from here on belongs to these: for root, whose program is somebody else. */
void opening_for(uid_t uid, gid_t gid);

/* Give them FD, or the entry NAME of FOLDER (no link is followed), that was just made: 0, or -1 with errno. */
int opening_give(int fd);
int opening_give_at(int folder, const char *name);

/* Make, remove or rename an entry beneath TREE. SECOND: the new name. */
int opening_change(int tree, const struct wire_change *how, const char *first, const char *second, struct err *err);

/* What PATH names beneath TREE, for a capability of its own: O_PATH, with its *KIND. With WRITING no symbolic link is passed.
 */
int opening_part(int tree, const char *path, int writing, uint32_t *kind, struct err *err);

#endif

/*
 * resolve.h: the one place where text becomes a descriptor. A path is resolved once; that descriptor is then used for the rule, the
 * grant and the mount, so nothing can be swapped in between.
 */
#ifndef ENDOW_RESOLVE_H
#define ENDOW_RESOLVE_H

#include <sys/stat.h>

#include "err.h"
#include "image.h"

#define RESOLVE_PATH 2048 /* bytes of a path that a policy or a person names; a longer one is refused */

/* What a path led to. */
struct thing {
	int fd; /* O_PATH; owned: thing_close() */
	int is_dir;
	struct stat st;
	char path[RESOLVE_PATH]; /* as it was named, variables expanded; for messages */
};

#define THING_NONE ((struct thing){.fd = -1})
void thing_close(const struct thing *thing);

/* Write the path that TEXT names. Returns 0, or -ENOENT when its variable is not set. */
int resolve_name(const struct image *image, struct image_text text, char to[RESOLVE_PATH], struct err *err);

/*
 * Open what TEXT names. With FOLLOW (GRANT_FOLLOW) symbolic links are followed, magic links never; without, none is passed beneath
 * the variable that the path starts with. Returns 0 or a negative errno; THING is THING_NONE then.
 */
int resolve_text(const struct image *image, struct image_text text, int follow, struct thing *thing, struct err *err);

/* The same for a path as a person typed it, relative to the working directory. */
int resolve_typed(const char *path, int follow, struct thing *thing, struct err *err);

/* Make an empty file where PATH names none, its folder reached without symbolic links. *DIR (O_PATH) is the caller's to close. */
int resolve_create(const char *path, int *dir, struct thing *thing, struct err *err);

/*
 * Open THING in earnest with FLAGS (O_RDONLY, ...), at a number of at least LOWEST. With ATTENUATE the open file itself can neither be
 * truncated nor, if it is a device, be sent an ioctl, in whatever process it ends up: it is opened inside a Landlock domain
 * without these rights, in a short-lived thread, since an open file keeps the rights of the domain that opened it.
 * Returns the descriptor (CLOEXEC) or a negative errno.
 */
int resolve_reopen(const struct thing *thing, int flags, int attenuate, int lowest, struct err *err);

#endif

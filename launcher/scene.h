/*
 * scene.h: what the program will see of the file system, built from what it was granted, in the launcher's own mount namespace:
 * private places with what is granted beneath them, a root of its own (isolate files), the rest read-only, parts excepted from
 * a grant.
 *
 * Names are resolved before any of it is built. What was opened then is what is shown: a copy of that very mount, so nothing
 * can be swapped in between. Where a name has to be followed again, to a mount made here, the thing found is compared with the
 * one granted.
 */
#ifndef ENDOW_SCENE_H
#define ENDOW_SCENE_H

#include <stdint.h>

#include "err.h"
#include "image.h"
#include "resolve.h"

struct making;

#define PIECE_DESIGNATED (UINT32_MAX - 1) /* piece.grant: from the command line's words and options */
#define PIECE_OTHER UINT32_MAX            /* the program, credentials, scratch folders */
#define PIECE_PRIVATE (UINT32_MAX - 2)
#define PIECE_UNNAMED (UINT32_MAX - 3) /* to be written through a descriptor or the broker: shown under no name of its own, only not sealed */

/* A thing that the program is granted by name. */
struct piece {
	int fd;   /* O_PATH; owned */
	int tree; /* a copy of its mount that waits for its place, or -1; owned */
	int is_dir, placed;
	dev_t dev;
	ino_t ino;
	uint32_t rights; /* enum right */
	uint32_t all;    /* those of every piece of the same path */
	uint32_t grant;  /* index into the image's grants, or PIECE_* */
	struct image_where where;
	char *real; /* its path as the kernel tells it; owned */
	char *said; /* its path as it was named, absolute; owned */
};

struct link {          /* a symbolic link on the way of a name, to be made anew where the way is hidden */
	char *at, *to; /* owned */
};

struct scene {
	int wanted;               /* set before anything is granted: else pieces are not kept */
	int files, sealed, loose; /* a root of its own; all else read-only; metadata anywhere */
	int base;                 /* O_PATH: the root as the program will have it; owned */
	struct piece *pieces;     /* owned, in the order of their paths once built */
	size_t count, room;
	struct link *links; /* owned */
	size_t link_count, link_room;
	dev_t *own; /* devices of the tmpfs made here: where entries may be made; owned */
	size_t own_count;
	char **pinned; /* folders that became mounts so that they stay where they are; owned, the strings too */
	size_t pinned_count;
	char **hidden; /* excepted parts that nothing else grants; owned, the strings too */
	size_t hidden_count;
	char *cwd; /* where the program starts; NULL: where that is can't be told; owned */
};

/* Remember THING, granted with RIGHTS by GRANT. THING stays the caller's. */
int scene_add(struct scene *scene, const struct thing *thing, uint32_t rights, uint32_t grant, const struct image_where *where,
	      struct err *err);

/* Build it, once all is granted. The launcher itself then stands in it. Rules of private places are planted. */
int scene_build(struct making *m, struct err *err);

/* The excepted parts, once the rest stands: scene_except.c. */
int scene_except(struct making *m, struct err *err);

/* Does what lies at REAL belong to an excepted part? Then -EINVAL. */
int scene_check_part(const struct making *m, const char *real, struct err *err);

/* Remember that PART is hidden. */
int scene_hide(struct scene *scene, const char *part, struct err *err);

/* Is FD what stands in the place of a hidden part, or lies in it? Then -EINVAL. */
int scene_check_hidden(const struct scene *scene, int fd, struct err *err);

/* Where FD lies, as the kernel tells it: the caller's to free. NULL: that can't be told. */
char *scene_real_path(int fd);

/* For scene_except.c: open what lies at the absolute path REAL in the scene (O_PATH; the caller's to close). */
int scene_open(const struct scene *scene, const char *real);

/* Does REAL lie at or beneath DIR? */
int scene_covers(const char *dir, const char *real);

/* A copy of TEXT, the caller's to free. */
int scene_keep(char **to, const char *text, struct err *err);

void scene_free(struct scene *scene);

#endif

/*
 * world.h: what names lead to, asked of whoever knows: the real file system (files.c), or a table of a test. Nothing is opened
 * here.
 *
 * A walk goes by names as the kernel does, one component at a time, and remembers the things it passed: Landlock grants what
 * lies on the way from a file up to the root, whatever it is called. A view is laid over the world: what the launcher mounts
 * for the program (launcher/scene.c).
 */
#ifndef ENDOW_REVIEW_WORLD_H
#define ENDOW_REVIEW_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "image.h"
#include "memory.h"

#define WORLD_PATH 4096 /* bytes of a path */
#define WORLD_DEPTH 256 /* components of one */

enum type { TYPE_ABSENT, TYPE_FILE, TYPE_DIR, TYPE_DEVICE, TYPE_SOCKET, TYPE_OTHER, TYPE_LINK };

/* Which thing: its file system and its number there. Things that are not there, or are made for the program, have numbers made
 * up from their names. */
struct id {
	uint64_t dev, ino;
};

static inline int id_same(struct id a, struct id b)
{
	return a.dev == b.dev && a.ino == b.ino;
}

struct look {
	enum type type;
	struct id id;
	uint64_t links;        /* how many names it has */
	int magic;             /* a link of /proc that does not lead where it says */
	char link[WORLD_PATH]; /* TYPE_LINK: its text */
};

struct world {
	void *arg;
	const char *cwd; /* absolute */
	int privileged;  /* whoever asks is root, whom file permissions do not keep out */
	/* What is at PATH, which is absolute; a link as its last component is not followed. 0, or a negative errno where that
	 * can't be told; that nothing is there is no error. */
	int (*look)(void *arg, const char *path, struct look *look);
	/* The first bytes of the file PATH, at most SIZE, from AT on. Their number, or a negative errno. */
	long (*head)(void *arg, const char *path, uint64_t at, void *to, size_t size);
	/* A variable of the environment, or NULL. */
	const char *(*variable)(void *arg, const char *name);
};

/* What a mount keeps from happening, whatever is granted. */
enum bar {
	BAR_WRITE = 1u << 0,   /* it is read-only */
	BAR_EXEC = 1u << 1,    /* nothing on it is executed */
	BAR_DEVICES = 1u << 2, /* no device on it is opened */
	BAR_ALL = 1u << 3,     /* nobody can open it */
};

/* What the program sees at PATH, which is absolute and without links, instead of what is there. */
enum cover_kind {
	COVER_EMPTY,  /* an empty place of its own */
	COVER_THING,  /* the thing of this path, shown where all around it is hidden */
	COVER_FOLDER, /* an empty folder, where all around it is hidden */
	COVER_LINK,   /* a symbolic link, likewise */
	COVER_PART,   /* the thing of this path, with more bars */
};

struct cover {
	enum cover_kind kind;
	const char *path;
	struct id id;     /* empty, thing */
	enum type type;   /* thing, part */
	uint32_t bars;    /* thing: all there are; part: more of them */
	const char *link; /* link: its text */
};

struct view {
	const struct cover *covers; /* borrowed */
	size_t count;
	int own_root; /* nothing shows but what covers say */
	int sealed;   /* all is read-only but what covers say */
};

enum follow {
	FOLLOW_ALL,
	FOLLOW_FOLDERS, /* but not a link as the last component */
	FOLLOW_NONE,    /* a link on the way is -ELOOP */
};

/* Where a name leads. */
struct spot {
	int rc; /* 0; -ENOENT: nothing is there, and the rest is as if it were; else why it can't be told */
	enum type type;
	int fresh;              /* in an empty place of the program's own */
	uint32_t bars;          /* enum bar */
	uint64_t links;         /* how many names the thing has; 0: not known */
	const char *path;       /* as far as it could be walked, without links; in the arena */
	const struct id *chain; /* the thing, then what it lies in, up to the root; in the arena */
	uint32_t depth;
	uint32_t missing; /* how many components, the last ones, are not there */
};

/* Walk ROOT, whose links are followed ("" is none), and then PATH, which is absolute or continues ROOT, as FOLLOW says.
 * -ENOMEM, or 0 with SPOT filled in: its rc says how it went. */
int world_walk(const struct world *world, const struct view *view, const char *root, const char *path, enum follow follow,
	       struct arena *arena, struct spot *spot);

/* The path that the variable ROOT stands for, as the launcher finds it; NULL: not set. May point into BUF. */
const char *world_root(const struct world *world, uint32_t root, char buf[WORLD_PATH]);

/* How far above SPOT the thing ID is, from 1 for itself; 0: SPOT does not lie in it. */
uint32_t spot_within(const struct spot *spot, struct id id);

/* The thing that an empty place over OVER is. */
struct id id_fresh(struct id over);

#endif

/* items.h: what is to be granted on paths, while it is being worked out. Pure. */
#ifndef ENDOW_ITEMS_H
#define ENDOW_ITEMS_H

#include "generalise.h"

#define FOLD_AT 5 /* files of one folder that are granted as the folder */

struct item {
	const char *path;
	uint32_t rights; /* still to be granted; 0: all of it is granted by something else */
	int is_dir;
	int is_meta;        /* the view of promise fattr has to leave it writable */
	uint32_t above;     /* what is granted on it by items above */
	const char *off;    /* why it is not granted by default, or NULL; then it covers nothing and is not folded */
	const char *secret; /* what it is, if it is a secret: then nothing else covers it, either */
	int by_privilege;   /* root could, and only by a capability */
	int is_listed;      /* a folder that was more than a place to come back to */
	uint32_t folded;    /* files that it stands for; 0: it stands for itself */
	struct seen_by by;
};

enum temporary {                   /* where files were made under names that nobody asks for again */
		 TEMPORARY_TMPDIR, /* in $TMPDIR */
		 TEMPORARY_TMP,
		 TEMPORARY_VAR_TMP,
		 TEMPORARY_SHM,
		 TEMPORARY_COUNT
};

struct items {           /* all zero is empty; items_free() it */
	struct vec list; /* struct item, by path */
	struct seen_by temporary[TEMPORARY_COUNT];
};

/* What RECORD says of paths, with what was made laid upon the folder that was there. Returns 0 or -ENOMEM. */
int items_collect(struct items *items, const struct record *record, const struct setting *setting);
/* Take away what COVERS (COUNT) grant. */
void items_cover(struct items *items, const struct cover *covers, size_t count);
/* Of folders between which files went each needs what the other has. */
void items_join_moves(struct items *items, const struct record *record);
/* What items grant that lie above. */
void items_cover_own(struct items *items);
/* Many files of one folder become the folder. Returns 0 or -ENOMEM. */
int items_fold(struct items *items, const struct setting *setting, struct arena *arena);
void items_free(struct items *items);

/* What COVERS grant on PATH, a folder or a file. */
uint32_t covers_rights(const struct cover *covers, size_t count, const char *path, int is_dir);

static inline struct item *item_at(const struct items *items, uint32_t i)
{
	return (struct item *)items->list.data + i;
}

#endif

/* outset.h: where a run takes place: looked up before the program starts, since it may change what it finds. */
#ifndef ENDOW_OUTSET_H
#define ENDOW_OUTSET_H

#include "err.h"
#include "find.h"
#include "memory.h"
#include "record.h"
#include "setting.h"

#define OUTSET_IMPLIED 8

struct outset { /* all zero is an empty one; outset_free() it */
	struct arena arena;
	struct setting setting;
	const char *implied[OUTSET_IMPLIED];
	struct vec words;     /* struct setting_word */
	struct vec variables; /* struct setting_root */
	const char *path;     /* what to execute, as it was found */
	const char *name;     /* its last component */
	const char *command;  /* the whole, in one line, to be shown */
};

/* The endow folders as seen from libexec, where this program lies. */
int outset_places(struct places *places, struct err *err);

/* Look up ARGV, its program in $PATH. Returns 0, -ENOENT or -EACCES as program_find(), or another negative errno. */
int outset_look(struct outset *outset, char *const *argv, const struct places *places, struct err *err);

/* After the run: which of what was made is gone. */
void outset_settle(struct record *record);

void outset_free(struct outset *outset);

#endif

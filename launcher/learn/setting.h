/* setting.h: where a run took place, as plain data, and how a path is written in a policy. Pure. */
#ifndef ENDOW_SETTING_H
#define ENDOW_SETTING_H

#include <stddef.h>
#include <stdint.h>

#define SETTING_ROOTS 10
#define SETTING_GUARDED 8
#define SETTING_INHERITED 16
#define SPELLED 8192 /* bytes of a path as written: each of its bytes may take two */

struct setting_root {
	const char *name; /* "~", ".", "$TMPDIR", ... */
	const char *dir;  /* where it leads: absolute, without links */
};

/* A word of the command line that is a file. */
struct setting_word {
	int number; /* from 1 */
	const char *text;
	const char *path; /* where it leads; of what was not there: where it would be made */
};

struct setting {
	const char *program;         /* the file, without links */
	const char *program_spelled; /* as found */
	const char *const
	    *implied; /* files that endow grants with the program: it, and the interpreters of its first line; NULL-ended */
	const char *home, *cwd; /* without links; "" where there is none */
	const char *tmpdir;     /* $TMPDIR, or "" where it is not set */
	struct setting_root roots[SETTING_ROOTS];
	size_t root_count;
	const struct setting_root *variables; /* of the environment, that hold the path of something else */
	size_t variable_count;
	const char *guarded[SETTING_GUARDED]; /* folders that endow lets no program write */
	size_t guarded_count;
	int inherited[SETTING_INHERITED]; /* descriptors beside the standard ones */
	size_t inherited_count;
	const struct setting_word *words;
	size_t word_count;
};

/* Is PATH DIR or beneath it? */
int path_is_in(const char *path, const char *dir);

/* PATH as a word of a policy: beneath the longest root, quoted where it has to be. Returns its length, or a negative errno. */
int setting_spell(const struct setting *s, const char *path, char to[SPELLED]);

/* PATH, relative, as a part that a statement leaves out. As above. */
int setting_part(const char *path, char to[SPELLED]);

/* What PATH is, if to grant it would be to grant somebody's secrets or a part of the system; else NULL. RIGHTS of enum right.
 */
const char *setting_secret(const struct setting *s, const char *path);
const char *setting_broad(const struct setting *s, const char *path, uint32_t rights);

/* May files of this folder be granted as the folder? */
int setting_may_fold(const struct setting *s, const char *dir);

/* The folder to grant for PATH where names are not the same on another day; else NULL. */
const char *setting_unstable(const char *path);

/* Something that programs open by habit, and do without; else NULL. */
const char *setting_habit(const char *path);

#endif

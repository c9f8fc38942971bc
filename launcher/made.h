/* made.h: output files that the launcher makes for their grants, and takes away again where the program leaves them untouched. */
#ifndef ENDOW_MADE_H
#define ENDOW_MADE_H

#include "plan.h"
#include "resolve.h"

/* Make the file PATH, remembered in PLAN. Returns 0 with THING open (the caller's), or a negative errno. */
int made_create(struct plan *plan, const char *path, struct thing *thing, struct err *err);

/* Make the folder NAME in DIR (O_PATH, stays the caller's), so that it can be excepted from a grant. PATH is its absolute path. */
int made_folder(struct plan *plan, int dir, const char *name, const char *path, struct err *err);

/* Remove every file made that is still the same, empty, and unchanged since. Called once, when the program has ended or did not start. */
void made_settle(struct plan *plan);

#endif

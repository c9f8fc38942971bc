/* show.h: a plan in words, for --dry-run and --json. It prints to standard output and holds no authority. */
#ifndef ENDOW_SHOW_H
#define ENDOW_SHOW_H

#include "plan.h"

void show_text(const struct plan *plan);
void show_json(const struct plan *plan);

#endif

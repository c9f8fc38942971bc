/* asking_hold.h: an answer becomes a capability. */
#ifndef ENDOW_ASKING_HOLD_H
#define ENDOW_ASKING_HOLD_H

#include "asking.h"
#include "table.h"

/*
 * CLIENT gets what A grants: for one use, or for as long as the program runs. BY_PATH: where a program that opens it finds it,
 * which is what was asked for and need not be where it lies; NULL: it is to be had by its handle alone. Returns 0 with *CAP, or
 * a negative errno with ERR.
 */
int asking_hold(const struct answer *a, uint32_t client, const char *by_path, struct cap **cap, struct err *err);

#endif

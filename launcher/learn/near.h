/* near.h: secrets that nobody opened, and that lie where a grant may come to cover them. */
#ifndef ENDOW_NEAR_H
#define ENDOW_NEAR_H

#include "record.h"
#include "setting.h"

/*
 * Look through the folders that RECORD names, after the run, and add what is a secret there as SEEN_NEAR, so that no grant is
 * made that holds it. Returns 0, or -E2BIG where there is more than can be looked through.
 */
int near_look(struct record *record, const struct setting *setting);

#endif

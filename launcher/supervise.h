/* supervise.h: the program's parent, which stays where something is left to do when the program has ended. */
#ifndef ENDOW_SUPERVISE_H
#define ENDOW_SUPERVISE_H

#include "err.h"
#include "plan.h"

/*
 * Become a pair (pair.h), start the program as a child of the inner and stay: hand over signals that the program has not got
 * itself, stop and go on with it, end it at the wall limit, end what it left behind. Does not return: the outer exits with the
 * program's status, or dies of the signal that it died of, so that whoever waits sees it. It returns only with ERR set, when
 * there is nothing yet to end.
 */
void supervise(struct plan *plan, struct err *err);

#endif

/* proof.h: --prove. The plan is entered in a child, which tries the known bypasses; one that succeeds refuses the launch. */
#ifndef ENDOW_PROOF_H
#define ENDOW_PROOF_H

#include "err.h"
#include "keeper.h"
#include "plan.h"

/*
 * Returns 0 when every try was refused, or a negative errno with ERR naming what was possible. OUTSIDE was started before PLAN was made; it
 * is ended in any case.
 */
int proof_make(struct plan *plan, struct keeper *outside, struct err *err);

#endif

/* hear.h: what the files in this folder share of the listener, and nobody else needs. */
#ifndef ENDOW_HEAR_H
#define ENDOW_HEAR_H

struct plan;

/* Borrowed; -1: there is none, or nobody is left behind it. */
int hear_listener(void);

struct call;

/* What becomes of a call, as call.h says; and that answer. */
int hear_handle(const struct call *c);
void hear_answer(const struct call *c, int rc);

/* The plan that the program runs by. */
const struct plan *hear_plan(void);

#endif

/* asking_own.h: between asking_make.c and asking.c alone. */
#ifndef ENDOW_ASKING_OWN_H
#define ENDOW_ASKING_OWN_H

struct plan;

/* PLAN's asks are resolved, and TO (taken over) leads to the process that asks, or is -1: nobody is asked. */
void asking_begin(const struct plan *plan, int to);

#endif

/*
 * lend.h: the program's ids, taken on for the moment of one call. Who is at the other end of a Unix socket sees the ids of
 * whoever connects or sends; where the launcher is root and the program is not, these must not be root's.
 */
#ifndef ENDOW_LEND_H
#define ENDOW_LEND_H

struct plan;

/* Before the program starts. PLAN is borrowed. */
void lend_prepare(const struct plan *plan);

/* Be the program's user and groups, real and effective. Returns 0, or a negative errno and nothing has changed. Not to be
 * nested. */
int lend_begin(void);

/* Be what this process was. Ends the process if that can't be done. */
void lend_end(void);

/* The same, and of the capabilities have none but what the program keeps, where its ids are this process's own. */
int lend_bare_begin(void);
void lend_bare_end(void);

#endif

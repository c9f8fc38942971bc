/* racer.h: see racer.c. */
#ifndef ENDOW_RACER_H
#define ENDOW_RACER_H

#define PATH_SIZE 512

extern const char *tree; /* absolute, without links */

struct how;
struct what;

_Noreturn void die(const char *what);

/* Returns 1 when it was won, else 0. */
int race(const struct how *how, const struct what *what, long tries);

/* The same in a child, under an observer without Landlock: what is not refused by its check is done by the kernel. */
int control(const struct how *how, const struct what *what, long tries);

#endif

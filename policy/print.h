/* print.h: a source in its canonical text: one blank between words, rights and modifiers in one order, quotes where needed. */
#ifndef ENDOW_PRINT_H
#define ENDOW_PRINT_H

#include <stdio.h>

#include "tree.h"

/* Reading what was printed gives an equal source (source_equal). Errors are left to ferror(). */
void print_source(FILE *f, const struct source *source);

#endif

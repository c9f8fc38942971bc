/* put.h: texts from outside, on a terminal and in JSON. Errors are left to ferror(). */
#ifndef ENDOW_REVIEW_PUT_H
#define ENDOW_REVIEW_PUT_H

#include <stdio.h>

#include "model.h"

/* A name may hold bytes that drive a terminal, or fool who reads it. Returns its width in columns. */
int put_tame(FILE *f, const char *text);
/* The same, with blanks up to WIDTH columns. */
void put_column(FILE *f, const char *text, int width);
/* A string of JSON: what is no character is shown as U+FFFD. */
void put_json(FILE *f, const char *text);
/* {"file": ..., "fragment": ..., "line": ...} */
void put_json_origin(FILE *f, const struct origin *origin);

/* Where endow would not start the program as things are: a line that says so, and why. */
void put_problem(FILE *f, const char *command, const struct model *model);

#endif

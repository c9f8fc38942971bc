/* parse.h: text into statements. Nothing is expanded: see checked.h for what they mean. */
#ifndef ENDOW_PARSE_H
#define ENDOW_PARSE_H

#include "diag.h"
#include "tree.h"

/*
 * Read the statements of TREE's source SOURCE into it. A line that is refused adds a message to DIAG and no statement (a
 * refused `let` adds a broken one). Returns 0 even then; -ENOMEM.
 */
int parse_source(struct tree *tree, uint32_t source, struct diag *diag);

#endif

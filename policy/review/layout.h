/* layout.h: the canonical layout of a policy's text. Words and comments stay as they were written. Pure. */
#ifndef ENDOW_REVIEW_LAYOUT_H
#define ENDOW_REVIEW_LAYOUT_H

#include "diag.h"

/*
 * Lay out TEXT, shown in messages as NAME. Returns 0 with *OUT malloc'ed, the caller's, of *OUT_LEN bytes; -EINVAL where it is
 * no policy, and DIAG (emptied first) says where; or -ENOMEM.
 *
 * One line stays one line. What is written says the same (source_equal), which is tried before it is handed out.
 */
int layout_text(const char *name, const char *text, size_t len, char **out, size_t *out_len, struct diag *diag);

#endif

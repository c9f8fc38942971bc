/* lint_report.h: findings for people, for programs, and for code hosts. */
#ifndef ENDOW_REVIEW_LINT_REPORT_H
#define ENDOW_REVIEW_LINT_REPORT_H

#include <stdio.h>

#include "lint.h"

/* How many findings there are of each severity. */
void report_count(const struct findings *findings, uint32_t counts[SEVERITIES]);

/* As a compiler writes them, and their number. Nothing where there are none. */
void report_text(FILE *f, const struct findings *findings);
/* One object; see endow-check(1). */
void report_json(FILE *f, const struct findings *findings);
/* SARIF 2.1.0. Paths beneath the directory CWD are written relative to it. */
void report_sarif(FILE *f, const struct findings *findings, const char *cwd);

/* TEXT, in UTF-8, as a string of JSON. */
void report_string(FILE *f, const char *text);

#endif

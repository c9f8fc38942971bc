/* review.h: the commands by which a reviewer understands a policy. None of them holds authority or runs anything. */
#ifndef ENDOW_REVIEW_H
#define ENDOW_REVIEW_H

#include "err.h"

/* Exit statuses. 125 is the launcher's. */
enum {
	REVIEW_YES = 0,   /* yes; nothing gained; nothing found */
	REVIEW_NO = 1,    /* no; gained; found */
	REVIEW_WRONG = 2, /* wrong usage, a wrong policy, or a failure: ERR says what, if it was not printed already */
};

/*
 * One for each command, in a file of its own. ARGV[0] is the command's word. Answers go to standard output. Returns the exit
 * status; main() prints what ERR holds then, if anything, as "endow COMMAND: ...".
 */
int review_explain(int argc, char **argv, struct err *err);
int review_can(int argc, char **argv, struct err *err);
int review_matrix(int argc, char **argv, struct err *err);
int review_diff(int argc, char **argv, struct err *err);
int review_lock(int argc, char **argv, struct err *err);
int review_check(int argc, char **argv, struct err *err);
int review_fmt(int argc, char **argv, struct err *err);

#endif

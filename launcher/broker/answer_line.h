/* answer_line.h: what a helper that asked the person has written. Pure: whatever is not one of a few lines is a no. */
#ifndef ENDOW_ANSWER_LINE_H
#define ENDOW_ANSWER_LINE_H

#include <stddef.h>

#include "asking.h"

#define ANSWER_LINE_MAX (ASKING_PATH + 16) /* bytes of a line, with its end */

struct said {
	enum answer_what what;
	int keep;               /* always: for this run, and write it down */
	char path[ASKING_PATH]; /* picked instead of what was asked for; "" : nothing else was picked */
};

/*
 * BYTES[0..len) is all that the helper wrote. Returns 0 with SAID, or -EBADMSG (SAID is a no) for what is not exactly one line
 * of endow-ask(1): `no`, `once`, `run`, `always`, each but the first with an absolute path behind it or nothing. Without
 * KEEPING nobody was offered `always`, so that is no answer either.
 */
int answer_line(const char *bytes, size_t len, int keeping, struct said *said);

#endif

/* sources.h: several texts in one file, for tests and fuzzing: the main policy first, then others behind lines of their own:
 *     %% line              what stands on the command line
 *     %% fragment NAME     the fragment NAME
 * A fragment that is not there is absent. */
#ifndef ENDOW_TESTS_SOURCES_H
#define ENDOW_TESTS_SOURCES_H

#include "compile.h"

#define PIECES_MAX 80

struct piece {
	char name[72];    /* "": main, "%line": the command line; else a fragment */
	const char *text; /* borrowed from what was split */
	size_t len;
};

struct sources {
	struct piece pieces[PIECES_MAX];
	size_t count;
};

void sources_split(struct sources *out, const char *text, size_t len);
/* What compile() takes; the main policy is shown as SHOWN. */
struct compile_input sources_input(const struct sources *sources, const char *shown, compile_filter *filter);
/* A compile_fetch whose argument is the struct sources. */
int sources_fetch(void *arg, const char *name, struct compile_text *out, struct err *err);

/* A filter of one instruction that holds the families: for tests that are not about filters. */
int sources_filter(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err);

#endif

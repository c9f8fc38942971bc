/*
 * cache.h: the compiled form of a policy, from the embedded default, from the cache, or from the compiler.
 *
 * An image is used only if its file belongs to the caller or root and nobody else may write it, its checksum matches, and its key
 * is the hash of the very texts that stand in the policy files now.
 */
#ifndef ENDOW_CACHE_H
#define ENDOW_CACHE_H

#include "err.h"
#include "find.h"
#include "image.h"

struct compiled {
	struct image image;
	void *bytes; /* owned; NULL for the embedded one */
	const char *name; /* the main policy's, for messages; borrowed */
	int is_file; /* the name is a file's, which the program may not write */
};

/*
 * Get the image for the policy MAIN (NULL: the embedded default) with the statements LINE from the command line. MAIN is borrowed
 * for as long as COMPILED lives. Compiles if need be and keeps the result where the user may write his cache.
 */
int compiled_get(const struct places *places, const struct policy_text *main_text, const char *line, size_t line_len,
		 struct compiled *compiled, struct err *err);
void compiled_free(struct compiled *compiled);

/* Compile MAIN whatever the cache holds, and keep it: in the system's cache for root, else in the user's. The path kept goes to KEPT. */
int compiled_ahead(const struct places *places, const struct policy_text *main_text, char kept[FIND_PATH], struct err *err);

#endif

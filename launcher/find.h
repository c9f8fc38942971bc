/*
 * find.h: where policies, fragments and the cache lie, and whether their files can be trusted.
 *
 * A policy is believed because of who could have written it: a regular file that belongs to root or to the caller and that nobody
 * else may write, in a directory of which the same is true.
 */
#ifndef ENDOW_FIND_H
#define ENDOW_FIND_H

#include <stddef.h>

#include "err.h"

/* Bytes of a path to a policy, an image or one of the folders. Small, since memory that is touched is time at each launch. */
#define FIND_PATH 1024

/* The folders, in the order in which they are searched; "" where there is none. */
struct places {
	char config[FIND_PATH]; /* $XDG_CONFIG_HOME/endow or ~/.config/endow */
	char system[FIND_PATH]; /* /etc/endow */
	char library[FIND_PATH]; /* the installed library */
	char cache[FIND_PATH]; /* the user's images: $XDG_CACHE_HOME/endow or ~/.cache/endow */
	char system_cache[FIND_PATH]; /* /var/cache/endow */
	char self[FIND_PATH]; /* the launcher's own file */
	char libexec[FIND_PATH]; /* the compiler's folder */
};

/* Fill in PLACES from the environment and the launcher's own path. Returns 0 or a negative errno. */
int places_find(struct places *places, struct err *err);

/* A policy's text, read once. */
struct policy_text {
	char *path; /* the file, or the name to show; owned */
	char *bytes; /* owned, NUL behind the last */
	size_t len;
};

void policy_text_free(struct policy_text *text);

/* Read PATH as a policy. Returns 0, -ENOENT when it isn't there (ERR set too), or another negative errno. */
int find_file(const char *path, struct policy_text *text, struct err *err);

/* Look NAME.policy up in the folders. Returns 0, -ENOENT when there is none, or another negative errno. */
int find_policy(const struct places *places, const char *name, struct policy_text *text, struct err *err);

/* Look a fragment up in the folders' `fragments`. As find_policy(). */
int find_fragment(const struct places *places, const char *name, struct policy_text *text, struct err *err);

/* Open FILE in DIR if both can be trusted as above. Returns the descriptor, its size in *SIZE (at most MAX), or a negative errno. */
int find_open_trusted(const char *path, size_t max, size_t *size, struct err *err);

#endif

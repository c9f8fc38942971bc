/* memory.h: an arena for what lives as long as a tree, and growing arrays for what ends up in an image. */
#ifndef ENDOW_MEMORY_H
#define ENDOW_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_MAX ((size_t)256 << 20) /* bytes: far more than a sensible policy needs, far less than would hurt the machine */

struct arena {
	struct chunk *last; /* all zero is an empty arena */
	size_t total;       /* bytes of all chunks */
};

/* SIZE zeroed bytes, aligned for anything, or NULL, also beyond ARENA_MAX. They are given back with all the others by
 * arena_free(). */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy of LEN bytes with a NUL behind them, or NULL. */
char *arena_text(struct arena *arena, const char *text, size_t len);
void arena_free(struct arena *arena);

struct vec {
	void *data;     /* all zero is an empty array; vec_free() it */
	uint32_t count; /* entries */
	uint32_t room;
};

/* Append COUNT entries of EACH bytes. Returns 0, -ENOMEM, or -E2BIG where the array would not fit into an image. */
int vec_add(struct vec *vec, const void *entries, uint32_t count, size_t each);
void vec_free(struct vec *vec);

#endif

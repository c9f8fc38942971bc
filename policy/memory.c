#include "memory.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

#define CHUNK ((size_t)16384)

struct chunk {
	struct chunk *before;
	size_t used;
	size_t room;
	alignas(max_align_t) char data[];
};

static int grow(struct arena *arena, size_t room)
{
	struct chunk *c = room < ARENA_MAX - arena->total ? calloc(1, sizeof *c + room) : NULL;

	if (!c)
		return -ENOMEM;
	c->before = arena->last;
	c->room = room;
	arena->last = c;
	arena->total += room;
	return 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (size > ARENA_MAX)
		return NULL;
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!arena->last || size > arena->last->room - arena->last->used)
		if (grow(arena, size > CHUNK ? size : CHUNK) < 0)
			return NULL;
	void *p = arena->last->data + arena->last->used;
	arena->last->used += size;
	return p;
}

char *arena_text(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (copy && len > 0)
		memcpy(copy, text, len);
	return copy;
}

void arena_free(struct arena *arena)
{
	while (arena->last) {
		struct chunk *c = arena->last;
		arena->last = c->before;
		free(c);
	}
	arena->total = 0;
}

int vec_add(struct vec *vec, const void *entries, uint32_t count, size_t each)
{
	const uint64_t need = (uint64_t)vec->count + count;

	if (need * each > IMAGE_MAX)
		return -E2BIG;
	if (need > vec->room) {
		const uint32_t room = (uint32_t)(need < 16 ? 32 : need * 2);
		void *data = realloc(vec->data, room * each);
		if (!data)
			return -ENOMEM;
		vec->data = data;
		vec->room = room;
	}
	if (count > 0)
		memcpy((char *)vec->data + vec->count * each, entries, count * each);
	vec->count += count;
	return 0;
}

void vec_free(struct vec *vec)
{
	free(vec->data);
	memset(vec, 0, sizeof *vec);
}

/*
 * The launcher's memory: taken from one static block, never given back. A launch takes a few kilobytes and then becomes another program, so
 * a general allocator's mappings and bookkeeping would cost more than all that is kept in it (30 to 50 us of a launch). What is large,
 * as when a policy is compiled, is mapped by itself. Linked into the launcher alone: the tests run on the C library's own, under
 * sanitizers.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_SIZE (256u * 1024)
#define ARENA_LARGE (32u * 1024) /* from here on a mapping of its own */
#define ARENA_ALIGN 16u

/* Before each piece of memory, in the space of one alignment. */
struct head {
	size_t size; /* what the piece holds */
	size_t mapped; /* the mapping's length; 0: it is in the arena */
};
_Static_assert(sizeof(struct head) == ARENA_ALIGN, "a head keeps what follows aligned");

static _Alignas(ARENA_ALIGN) char arena[ARENA_SIZE];
static size_t taken;

static void *mapped(size_t size)
{
	const size_t whole = size + sizeof(struct head);
	struct head *h = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (h == MAP_FAILED)
		return NULL;
	*h = (struct head){.size = size, .mapped = whole};
	return h + 1;
}

/* Always zero: nothing is used twice. */
void *malloc(size_t size)
{
	if (size > PTRDIFF_MAX - 2 * ARENA_ALIGN) {
		errno = ENOMEM;
		return NULL;
	}
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (size >= ARENA_LARGE || size + sizeof(struct head) > sizeof arena - taken)
		return mapped(size);
	struct head *h = (struct head *)(void *)(arena + taken);
	taken += sizeof *h + size;
	h->size = size;
	return h + 1;
}

void free(void *p)
{
	struct head *h = p;

	if (p && h[-1].mapped)
		munmap(&h[-1], h[-1].mapped);
}

void *calloc(size_t count, size_t size)
{
	size_t whole;

	if (__builtin_mul_overflow(count, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	return malloc(whole);
}

void *realloc(void *p, size_t size)
{
	const struct head *h = p;

	if (p && size <= h[-1].size)
		return p;
	void *more = malloc(size);
	if (p && more) {
		memcpy(more, p, h[-1].size);
		free(p);
	}
	return more;
}

/* Nobody here asks for more than the alignment that is always given. */
void *aligned_alloc(size_t align, size_t size)
{
	if (align > ARENA_ALIGN) {
		errno = EINVAL;
		return NULL;
	}
	return malloc(size);
}

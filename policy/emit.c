#include "emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct part_of_image {
	struct image_span *span;
	const void *data;
	uint32_t count;
	size_t each;
};

#define ROUND_UP(n) (((n) + 7) & ~(size_t)7)

/* Every part starts at a multiple of 8; an empty one is nowhere. Returns the size of all, or 0 when it is too much. */
static size_t place_parts(const struct part_of_image *parts, size_t n)
{
	size_t at = sizeof(struct image_header);

	for (size_t i = 0; i < n; i++) {
		parts[i].span->offset = parts[i].count > 0 ? (uint32_t)at : 0;
		parts[i].span->count = parts[i].count;
		at += ROUND_UP(parts[i].count * parts[i].each);
		if (at > IMAGE_MAX)
			return 0;
	}
	return at;
}

int emit_image(const struct policy *policy, const struct image_insn *filter, uint32_t filter_count,
	       const uint8_t key[HASH_SIZE], void **image, size_t *size)
{
	struct image_header h = policy->head;
	const struct part_of_image parts[] = {
	    {&h.sources, policy->sources.data, policy->sources.count, sizeof(struct image_source)},
	    {&h.programs, policy->programs.data, policy->programs.count, sizeof(struct image_place)},
	    {&h.grants, policy->grants.data, policy->grants.count, sizeof(struct image_grant)},
	    {&h.fds, policy->fds.data, policy->fds.count, sizeof(struct image_fd)},
	    {&h.args, policy->args.data, policy->args.count, sizeof(struct image_arg)},
	    {&h.env, policy->env.data, policy->env.count, sizeof(struct image_env)},
	    {&h.ports, policy->ports.data, policy->ports.count, sizeof(struct image_port)},
	    {&h.private_places, policy->private_places.data, policy->private_places.count, sizeof(struct image_place)},
	    {&h.excepts, policy->excepts.data, policy->excepts.count, sizeof(struct image_except)},
	    {&h.scratch, policy->scratch.data, policy->scratch.count, sizeof(struct image_word)},
	    {&h.held, policy->held.data, policy->held.count, sizeof(struct image_held)},
	    {&h.peers, policy->peers.data, policy->peers.count, sizeof(struct image_peer)},
	    {&h.asks, policy->asks.data, policy->asks.count, sizeof(struct image_ask)},
	    {&h.groups, policy->groups.data, policy->groups.count, sizeof(struct image_word)},
	    {&h.filter, filter, filter_count, sizeof(struct image_insn)},
	    {&h.strings, policy->strings.data, policy->strings.count, 1},
	};
	const size_t n = sizeof parts / sizeof *parts;

	*size = place_parts(parts, n);
	if (*size == 0)
		return -E2BIG;
	char *bytes = calloc(1, *size);
	if (!bytes)
		return -ENOMEM;
	memcpy(h.magic, IMAGE_MAGIC, sizeof h.magic);
	memcpy(h.key, key, sizeof h.key);
	h.version = IMAGE_VERSION;
	h.size = (uint32_t)*size;
	memcpy(bytes, &h, sizeof h);
	for (size_t i = 0; i < n; i++)
		if (parts[i].count > 0)
			memcpy(bytes + parts[i].span->offset, parts[i].data, parts[i].count * parts[i].each);
	image_seal(bytes);
	*image = bytes;
	return 0;
}

/* emit.h: a checked policy and its filter laid out as an image. */
#ifndef ENDOW_EMIT_H
#define ENDOW_EMIT_H

#include "checked.h"

/*
 * Lay out POLICY with the FILTER of FILTER_COUNT instructions and KEY, and seal it. *IMAGE is malloc'ed and the caller's.
 * Returns 0, -ENOMEM, or -E2BIG when it is over IMAGE_MAX.
 */
int emit_image(const struct policy *policy, const struct image_insn *filter, uint32_t filter_count,
	       const uint8_t key[HASH_SIZE], void **image, size_t *size);

#endif

/*
 * image_fuzz: any bytes as an image: as they are, and again with magic, version, size and digest put right, which is what
 * somebody who can write the cache would do. Whatever image_check() passes is read from end to end.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try(const void *bytes, size_t size)
{
	static FILE *f;
	struct image image;
	struct err err = {""};

	if (!f)
		f = fopen("/dev/null", "w");
	if (!f)
		abort();
	if (image_check(bytes, size, &image, &err) == 0)
		dump_image(f, &image);
	else if (err.text[0] == '\0' || image.h)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A block of just that size, so that a step beyond is seen. */
	char *bytes = malloc(size > 0 ? size : 1);

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	try(bytes, size);
	if (size >= sizeof(struct image_header)) {
		struct image_header *h = (struct image_header *)bytes;
		memcpy(h->magic, IMAGE_MAGIC, sizeof h->magic);
		h->version = IMAGE_VERSION;
		h->size = (uint32_t)(size & ~(size_t)7);
		image_seal(bytes);
		try(bytes, h->size);
	}
	free(bytes);
	return 0;
}

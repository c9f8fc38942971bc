/* dump.h: a checked image in words: all of it, so that what reads it has read every field. */
#ifndef ENDOW_TESTS_DUMP_H
#define ENDOW_TESTS_DUMP_H

#include <stdio.h>

#include "image.h"

/* The filter is told by its length alone, and the key and digest not at all: they change with the build. */
void dump_image(FILE *f, const struct image *image);

#endif

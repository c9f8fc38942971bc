/* builtin.h: the embedded default policy, compiled when the launcher was built. Its text is policy/library/default.policy. */
#ifndef ENDOW_BUILTIN_H
#define ENDOW_BUILTIN_H

#include <stddef.h>

extern const unsigned char builtin_image[]; /* 8-byte aligned */
extern const size_t builtin_image_size;
extern const char builtin_text[]; /* NUL-terminated */

#endif

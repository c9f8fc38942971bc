/* utf8.h: reading UTF-8 strictly, and telling what may be shown as it is. */
#ifndef ENDOW_UTF8_H
#define ENDOW_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of the character at P, 1 to 4, and its number in CODE. 0 where LEN bytes hold no well-formed character. */
size_t utf8_read(const char *p, size_t len, uint32_t *code);

/* Is it seen as one mark on the screen? Not so: control characters, invisible ones, ones that turn the text's direction, and
 * those that look like a blank but separate nothing. TAB and the ASCII blank are visible here. */
bool utf8_visible(uint32_t code);

/* Characters in LEN bytes of well-formed UTF-8. */
uint32_t utf8_count(const char *p, size_t len);

#endif

/* value.h: numbers in their spellings. All return 0, -EINVAL for what is no such number, or -ERANGE; they say nothing. */
#ifndef ENDOW_VALUE_H
#define ENDOW_VALUE_H

#include <stddef.h>
#include <stdint.h>

/* Digits, without a needless 0 before them; at most MAX. */
int value_number(const char *p, size_t len, uint64_t max, uint64_t *out);
/* A number with K, M, G or T behind it (1024), or none: bytes. */
int value_size(const char *p, uint64_t *out);
/* A number with s, m or h behind it, or none: seconds. */
int value_time(const char *p, uint64_t *out);
/* One to four octal digits. */
int value_octal(const char *p, uint32_t *out);
/* I or I..J, none of them 0, negative ones from the end. -ERANGE also for a range that can hold nothing. */
int value_range(const char *p, int32_t *first, int32_t *last);
/* PORT or PORT-PORT at the start of *P, up to a ',' or the end, behind which *P is set. */
int value_ports(const char **p, uint16_t *first, uint16_t *last);

#endif

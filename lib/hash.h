/* hash.h: BLAKE2b-256 (RFC 7693), unkeyed. The launcher is linked against musl alone, for which Debian has no hash library. */
#ifndef ENDOW_HASH_H
#define ENDOW_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SIZE 32
#define HASH_HEX (2 * HASH_SIZE + 1)

struct hash {
	uint64_t h[8];
	uint64_t total;
	uint8_t block[128];
	size_t used;
};

void hash_init(struct hash *s);
void hash_add(struct hash *s, const void *data, size_t len);
/* The length first, then the bytes: ("ab","c") and ("a","bc") differ. */
void hash_add_counted(struct hash *s, const void *data, size_t len);
void hash_end(struct hash *s, uint8_t out[HASH_SIZE]);
void hash_hex(const uint8_t in[HASH_SIZE], char out[HASH_HEX]);

#endif

/*
 * wire_fuzz: any bytes as a packet, to either side: the first byte says how many descriptors came along, the rest is the
 * packet; as it is, and again with version and size put right. What passes is read from end to end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned sum;

static void read_bytes(const void *at, size_t len)
{
	const uint8_t *p = at;

	for (size_t i = 0; i < len; i++)
		sum += p[i];
}

static void must(int truth)
{
	if (!truth)
		abort();
}

static void read_whole(const union wire_message *m, size_t size, const struct wire_texts *texts)
{
	const char *end = (const char *)m->bytes + size;

	must(m->head.size == size && size <= WIRE_MAX);
	must(texts->first_len <= WIRE_TEXT_MAX && texts->second_len <= WIRE_TEXT_MAX);
	must(texts->first + texts->first_len == texts->second && texts->second + texts->second_len <= end);
	must(!memchr(texts->first, '\0', (size_t)texts->first_len + texts->second_len));
	read_bytes(texts->first, texts->first_len);
	read_bytes(texts->second, texts->second_len);
	if (m->head.type == WIRE_LISTED)
		for (uint32_t i = 0; i < m->listed.count; i++)
			must(strlen(m->listed.entries[i].name) <= WIRE_NAME_MAX &&
			     (const char *)(m->listed.entries + i + 1) <= end);
	if (m->head.type == WIRE_CLIENT)
		must(m->client.count <= WIRE_GIVE_MAX);
	read_bytes(m, size);
}

static void try(const union wire_message *m, size_t size, int fds)
{
	struct wire_texts texts;
	struct err err = {""};

	if (wire_check_request(m, size, fds, &texts, &err) == 0) {
		must(fds == (m->head.type == WIRE_CLAIM));
		read_whole(m, size, &texts);
	} else {
		must(err.text[0] != '\0' && !texts.first);
	}
	err.text[0] = '\0';
	if (wire_check_reply(m, size, fds, &texts, &err) == 0) {
		must(fds == 0 || (fds == 1 && m->head.type == WIRE_DONE));
		read_whole(m, size, &texts);
	} else {
		must(err.text[0] != '\0' && !texts.first);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const int fds = data[0] % 4;
	data++;
	size--;
	/* A block of just that size, so that a step beyond is seen. */
	void *block = malloc(size > 0 ? size : 1);
	if (!block)
		return 0;
	memcpy(block, data, size);
	try(block, size, fds);
	if (size >= sizeof(struct wire_head)) {
		struct wire_head *head = block;
		head->version = WIRE_VERSION;
		head->size = (uint32_t)size;
		try(block, size, fds);
	}
	free(block);
	return 0;
}

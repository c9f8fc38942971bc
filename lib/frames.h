/*
 * frames.h: what the launcher and the compiler say to each other over a pipe each way.
 *
 * The launcher sends LINE and POLICY; the compiler answers NEED for each fragment it comes across and gets FRAGMENT or ABSENT
 * back; it ends with IMAGE or REFUSED. The compiler never names a path: finding a fragment is the launcher's.
 */
#ifndef ENDOW_FRAMES_H
#define ENDOW_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum frame_type {
	FRAME_LINE = 1, /* to the compiler: statements from the command line, may be empty */
	FRAME_POLICY, /* to the compiler: the name to show in messages, NUL, the text */
	FRAME_NEED, /* from the compiler: a fragment's name */
	FRAME_FRAGMENT, /* to the compiler: the name to show, NUL, the text */
	FRAME_ABSENT, /* to the compiler: why there is none, one sentence */
	FRAME_IMAGE, /* from the compiler */
	FRAME_REFUSED, /* from the compiler: messages ready to print, ending with a newline */
	FRAME_TYPES
};

struct frame_head {
	uint32_t type;
	uint32_t size; /* of what follows, bytes, at most FRAME_MAX */
};
_Static_assert(sizeof(struct frame_head) == 8, "wire");

#define FRAME_MAX (8u << 20)

struct frame {
	uint32_t type;
	uint32_t size;
	char *data; /* size bytes and a NUL behind them; free() it. 16-byte aligned, as malloc gives it */
};

/* Write one frame made of one or two pieces (the second may be NULL, 0). Returns 0 or a negative errno with ERR set. */
int frame_send(int fd, enum frame_type type, const void *a, size_t a_len, const void *b, size_t b_len, struct err *err);

/* Read one frame; the caller frees FRAME->data. Returns 0, -EPIPE at a clean end, or another negative errno with ERR set. */
int frame_recv(int fd, struct frame *frame, struct err *err);

#endif

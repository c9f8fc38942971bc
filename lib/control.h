/*
 * control.h: what a person outside says to the supervisor of a running program, through its control socket: who holds what, one
 * thing more, one thing less. One packet is one struct control and its texts behind it; every request has one reply. Both ends
 * are on one machine.
 */
#ifndef ENDOW_CONTROL_H
#define ENDOW_CONTROL_H

#include "wire.h"

#define CONTROL_VERSION 1u
#define CONTROL_OBJECT_MAX 1024u /* bytes of a path */

enum control_type {
	/* requests */
	CONTROL_WHO = 1, /* reply CONTROL_IS */
	CONTROL_NEXT,    /* what is held, from HANDLE on; reply CONTROL_ENTRY, or CONTROL_DONE behind the last */
	CONTROL_REVOKE,  /* HANDLE, and all that was made from it; reply CONTROL_DONE */
	CONTROL_GRANT,   /* with one descriptor, of the thing; the first text is a name; reply CONTROL_DONE with HANDLE */
	/* replies */
	CONTROL_IS = 64, /* texts: the program, the policy */
	CONTROL_ENTRY,   /* texts: name, object, source */
	CONTROL_DONE,
	CONTROL_REFUSED, /* CODE, and words in the first text */
};

struct control {
	struct wire_head head; /* version is CONTROL_VERSION; serial 0 */
	uint64_t handle;
	uint64_t parent;   /* ENTRY: 0: from the policy, or from outside */
	uint64_t uses;     /* ENTRY */
	uint64_t left_ms;  /* ENTRY, GRANT: until it ends; 0: with the program */
	uint64_t since_ms; /* ENTRY: held for so long; IS: runs for so long */
	uint32_t kind;     /* ENTRY: enum wire_kind */
	uint32_t rights;   /* ENTRY, GRANT: enum wire_right */
	uint32_t times;    /* ENTRY: uses left; GRANT: uses; 0: no bound */
	uint32_t flags;    /* ENTRY: enum wire_entry_flag; GRANT: enum wire_derive_flag */
	uint32_t client;   /* ENTRY: the number of who holds it */
	int32_t pid;       /* ENTRY: who spoke last on its connection; IS: the program */
	uint32_t line;     /* ENTRY: of the policy; 0: from outside */
	int32_t code;      /* REFUSED: a negative errno */
	uint32_t text_len[3];
	uint32_t zero;
};
_Static_assert(sizeof(struct control) == 104, "wire");

struct control_texts { /* they point into the packet, and are not terminated */
	const char *at[3];
};

/*
 * Check the SIZE bytes of M, received with FDS descriptors, from the first byte to the last. Returns 0 with TEXTS, or -EBADMSG
 * with ERR. The only door. Pure.
 */
int control_check(const union wire_message *m, size_t size, int fds, struct control_texts *texts, struct err *err);

/* The packet's struct, once it was checked. */
static inline const struct control *control_of(const union wire_message *m)
{
	return (const struct control *)(const void *)m->bytes;
}

/* Make a packet of C, whose head.type and fields are set, and up to three texts (NULL: none). Returns 0, or -E2BIG. */
int control_put(union wire_message *m, const struct control *c, const char *const texts[3]);

#endif

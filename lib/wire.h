/*
 * wire.h: what the broker and its clients say to each other, over one SOCK_SEQPACKET connection a client. endow-broker(7) documents it.
 *
 * One message is one packet: a head, a body whose size its type fixes, and at most one text behind it (a name or a path, without NUL, of
 * exactly the length that the body says). All numbers are in the machine's byte order: both ends are on one machine. A client has one
 * request under way at a time; its reply carries the same serial. A packet that is shorter or longer than its type says, an unknown type, flag or
 * version, a descriptor where none belongs, truncated control data: the connection is closed, and everything held by it is dropped.
 */
#ifndef ENDOW_WIRE_H
#define ENDOW_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define WIRE_VERSION 1u
#define WIRE_MAX 4096u /* bytes of a packet */
#define WIRE_TEXT_MAX 2048u
#define WIRE_NAME_MAX 64u /* of a capability: A-Z a-z 0-9 _ . - */
#define WIRE_LIST_MAX 16u /* entries of one reply to WIRE_LIST */
#define WIRE_GIVE_MAX 64u /* capabilities for one new client */

/* The six coarse rights of a policy, and what a capability for a socket address is for. Bits as in enum right where they are the same. */
enum wire_right {
	WIRE_READ = 1u << 0,
	WIRE_WRITE = 1u << 1,
	WIRE_APPEND = 1u << 2,
	WIRE_CREATE = 1u << 3, /* make, remove and rename entries */
	WIRE_PASS = 1u << 8,   /* hand on to another client */
	WIRE_RIGHTS = WIRE_READ | WIRE_WRITE | WIRE_APPEND | WIRE_CREATE | WIRE_PASS,
};

enum wire_kind { WIRE_FILE, WIRE_TREE, WIRE_CONNECT, WIRE_LISTEN, WIRE_KINDS };

enum wire_type {
	/* requests */
	WIRE_HELLO = 1, /* first; again when another program takes the inherited connection over, as a shell's next command does; reply WIRE_WELCOME */
	WIRE_LIST,      /* what is held, from a handle on; reply WIRE_LISTED */
	WIRE_FIND,      /* the handle of a name; reply WIRE_HANDLE */
	WIRE_OPEN,      /* a file, or a path beneath a tree; reply WIRE_DONE with one descriptor */
	WIRE_CHANGE,    /* mkdir, unlink, rmdir beneath a tree; rename within it has two texts, see struct wire_change; reply WIRE_DONE */
	WIRE_SOCKET,    /* connect, or accept; reply WIRE_DONE with one descriptor */
	WIRE_DERIVE,    /* fewer rights, more conditions, a part of a tree; reply WIRE_HANDLE */
	WIRE_DROP,      /* hold it no more; what was derived from it stays; reply WIRE_DONE */
	WIRE_REVOKE,    /* end it and all that was ever derived from it, whoever holds that; reply WIRE_DONE */
	WIRE_TICKET,    /* takes WIRE_PASS; reply WIRE_DONE with a descriptor that stands for it */
	WIRE_CLAIM,     /* with that descriptor, from another client, once; reply WIRE_HANDLE */
	WIRE_CLIENT,    /* a new connection that holds copies of the given; reply WIRE_DONE with one descriptor */
	WIRE_REQUEST,   /* something not held: the policy's `ask` rules decide; reply WIRE_HANDLE */
	WIRE_REQUEST_END,
	/* replies */
	WIRE_WELCOME = 64,
	WIRE_LISTED,
	WIRE_HANDLE,
	WIRE_DONE,
	WIRE_REFUSED, /* a negative errno and words */
	WIRE_REPLY_END,
};

struct wire_head {
	uint32_t version;
	uint32_t type;   /* enum wire_type */
	uint32_t serial; /* the client's; a reply repeats it */
	uint32_t size;   /* bytes of the whole packet */
};

struct wire_hello { /* HELLO and WELCOME */
	struct wire_head head;
	uint32_t limit_held; /* WELCOME: capabilities this client may hold; HELLO: 0 */
	uint32_t limit_rate; /* WELCOME: requests a second that are served at once; HELLO: 0 */
};

struct wire_by_handle { /* LIST (from: 0 for the first), DROP, REVOKE, TICKET */
	struct wire_head head;
	uint64_t handle;
};

struct wire_by_text { /* FIND: the name */
	struct wire_head head;
	uint32_t text_len;
	uint32_t zero;
};

struct wire_open {
	struct wire_head head;
	uint64_t handle;
	uint32_t rights; /* READ, WRITE, READ|WRITE, or APPEND; CREATE beside: make it if absent */
	uint32_t flags;  /* enum wire_open_flag */
	uint32_t mode;   /* for a new file: permission bits, without set-user-ID and the like */
	uint32_t text_len; /* a relative path beneath a tree; 0 for a file */
};
enum wire_open_flag {
	WIRE_OPEN_EXCLUSIVE = 1u << 0, /* with CREATE: fail if it is there */
	WIRE_OPEN_TRUNCATE = 1u << 1,  /* takes WRITE */
	WIRE_OPEN_DIRECTORY = 1u << 2, /* READ alone: a folder, to list it */
	WIRE_OPEN_NOFOLLOW = 1u << 3,
	WIRE_OPEN_NONBLOCK = 1u << 4,
	WIRE_OPEN_FLAGS = (1u << 5) - 1,
};

struct wire_change { /* beneath a tree held with CREATE */
	struct wire_head head;
	uint64_t handle;
	uint32_t what; /* enum wire_change_what */
	uint32_t mode; /* MKDIR: permission bits */
	uint32_t text_len;
	uint32_t second_len; /* RENAME: behind the first text; else 0 */
};
enum wire_change_what { WIRE_MKDIR = 1, WIRE_UNLINK, WIRE_RMDIR, WIRE_RENAME, WIRE_CHANGES };

struct wire_socket {
	struct wire_head head;
	uint64_t handle; /* CONNECT: connect; LISTEN: accept one that waits, else -EAGAIN */
	uint32_t flags;  /* 0 */
	uint32_t zero;
};

struct wire_derive {
	struct wire_head head;
	uint64_t handle;
	uint32_t rights; /* a subset: more is an error, never a silent cut */
	uint32_t flags;  /* enum wire_derive_flag */
	uint64_t until_ms; /* from now on; 0: as the parent's. A later end than the parent's is an error */
	uint32_t times;    /* how often it can be used; 0: as the parent's. More than the parent has left is an error */
	uint32_t name_len; /* the first text: its name */
	uint32_t path_len; /* the second: a folder or a file beneath a tree, which the new one stands for; 0: the same object */
	uint32_t zero;
};
enum wire_derive_flag {
	WIRE_DERIVE_REVOCABLE = 1u << 0, /* refuse to hand out what could not be taken back */
	WIRE_DERIVE_FLAGS = (1u << 1) - 1,
};

struct wire_claim { /* with one descriptor, a ticket */
	struct wire_head head;
	uint32_t zero[2];
};

struct wire_client {
	struct wire_head head;
	uint32_t count;
	uint32_t zero;
	uint64_t handles[WIRE_GIVE_MAX]; /* the first COUNT; the others 0. Each takes WIRE_PASS */
};

struct wire_request {
	struct wire_head head;
	uint32_t rights;
	uint32_t kind;       /* WIRE_FILE or WIRE_TREE */
	uint32_t text_len;   /* an absolute path */
	uint32_t reason_len; /* the second text: why, for the person; may be empty */
};

/* Replies -------------------------------------------------------------------------------------------------------------- */

struct wire_entry {
	uint64_t handle;
	uint64_t parent; /* 0: from the policy, or no longer there, or another client's */
	uint64_t left_ms; /* until it ends; 0: with the program */
	uint64_t uses;
	uint32_t kind;
	uint32_t rights;
	uint32_t times_left; /* 0: no bound, or SPENT */
	uint32_t flags;      /* enum wire_entry_flag */
	uint32_t line;       /* of the policy; 0: the command line, or somebody outside */
	char name[WIRE_NAME_MAX + 4]; /* NUL-terminated, the rest zero */
};

enum wire_entry_flag {
	WIRE_ENTRY_REVOCABLE = WIRE_DERIVE_REVOCABLE,
	WIRE_ENTRY_SPENT = 1u << 1, /* no use is left */
	WIRE_ENTRY_FLAGS = (1u << 2) - 1,
};

struct wire_listed {
	struct wire_head head;
	uint32_t count;
	uint32_t more; /* 1: ask again, from the last handle plus one */
	struct wire_entry entries[]; /* COUNT of them */
};

struct wire_handle {
	struct wire_head head;
	uint64_t handle;
};

struct wire_done {
	struct wire_head head;
	uint64_t zero;
};

struct wire_refused {
	struct wire_head head;
	int32_t code;      /* a negative errno */
	uint32_t text_len; /* what was refused and why */
};

_Static_assert(sizeof(struct wire_head) == 16, "wire");
_Static_assert(sizeof(struct wire_hello) == 24, "wire");
_Static_assert(sizeof(struct wire_by_handle) == 24, "wire");
_Static_assert(sizeof(struct wire_by_text) == 24, "wire");
_Static_assert(sizeof(struct wire_open) == 40, "wire");
_Static_assert(sizeof(struct wire_change) == 40, "wire");
_Static_assert(sizeof(struct wire_socket) == 32, "wire");
_Static_assert(sizeof(struct wire_derive) == 56, "wire");
_Static_assert(sizeof(struct wire_claim) == 24, "wire");
_Static_assert(sizeof(struct wire_client) == 24 + 8 * WIRE_GIVE_MAX, "wire");
_Static_assert(sizeof(struct wire_request) == 32, "wire");
_Static_assert(sizeof(struct wire_entry) == 120, "wire");
_Static_assert(sizeof(struct wire_listed) == 24, "wire");
_Static_assert(sizeof(struct wire_handle) == 24, "wire");
_Static_assert(sizeof(struct wire_done) == 24, "wire");
_Static_assert(sizeof(struct wire_refused) == 24, "wire");

union wire_message { /* aligned room for any packet */
	struct wire_head head;
	struct wire_hello hello;
	struct wire_by_handle by_handle;
	struct wire_by_text by_text;
	struct wire_open open;
	struct wire_change change;
	struct wire_socket socket;
	struct wire_derive derive;
	struct wire_claim claim;
	struct wire_client client;
	struct wire_request request;
	struct wire_listed listed;
	struct wire_handle handle;
	struct wire_done done;
	struct wire_refused refused;
	uint8_t bytes[WIRE_MAX];
};

/* What a checked message's texts are: they point into it, and are not terminated. */
struct wire_texts {
	const char *first, *second;
	uint32_t first_len, second_len;
};

/*
 * Check the SIZE bytes of M, received with FDS descriptors, as a request (or a reply) from the first byte to the last: version, type, size, flags,
 * zeroes, lengths, texts without NUL, the number of descriptors. Returns 0 with TEXTS filled in, or -EBADMSG with ERR telling what is wrong.
 * The only door: what it has passed is read without further tests of form. Pure.
 */
int wire_check_request(const union wire_message *m, size_t size, int fds, struct wire_texts *texts, struct err *err);
int wire_check_reply(const union wire_message *m, size_t size, int fds, struct wire_texts *texts, struct err *err);

/* Is this a name that a capability can have? */
int wire_is_name(const char *name, size_t len);

/* Is this a path beneath a tree: relative, no empty component, no "." or ".."? */
int wire_is_part(const char *path, size_t len);

#endif

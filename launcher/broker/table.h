/*
 * table.h: who holds what, and what was made from what. Every capability but the policy's has a parent that it can't outlast or
 * outdo: no more rights, no later end, no more uses. Pure: it knows no descriptor, no clock and no socket, takes no memory
 * beyond itself, and tells its caller what has ended. Times are milliseconds of the caller's clock.
 */
#ifndef ENDOW_TABLE_H
#define ENDOW_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "wire.h"

#define TABLE_SLOTS 4096u
#define TABLE_CLIENTS 64u
#define TABLE_CLIENT_MAX 1024u /* capabilities that one client can hold */
#define TABLE_DEPTH 64u        /* capabilities made from one another: what asks every ancestor is soon done */
#define TABLE_NOBODY UINT32_MAX
#define TABLE_UNBOUND UINT32_MAX

struct cap {
	uint64_t handle; /* 0: the slot is free. Never used twice; its low bits are the slot */
	uint64_t until;  /* 0: no end. Never later than the parent's */
	uint64_t uses;
	uint64_t since;  /* when it was made */
	uint32_t left;   /* its own bound on uses, or TABLE_UNBOUND; an ancestor may have fewer: table_left() */
	uint32_t client; /* who holds it; TABLE_NOBODY: dropped, and here only for what was made from it */
	uint32_t kind;   /* enum wire_kind */
	uint32_t rights; /* enum wire_right */
	uint32_t flags;  /* enum wire_derive_flag */
	uint32_t object; /* the caller's number for what it is for */
	uint32_t parent, child, next, previous; /* the tree: slots plus one, 0 for none */
	uint32_t depth;                         /* how many ancestors it has */
	uint32_t next_held, previous_held;      /* of its client, oldest first; a free slot: the next free one */
	char name[WIRE_NAME_MAX + 4];           /* NUL-terminated, the rest zero */
};

enum table_end { TABLE_DROPPED, TABLE_REVOKED, TABLE_EXPIRED };

/* A holder has lost CAP, which is about to go. It is called once for each that was held, and must not change the table. */
typedef void table_ended(void *arg, const struct cap *cap, enum table_end why);

struct table {
	table_ended *ended;
	void *arg;
	uint64_t serial;               /* of the newest handle */
	uint64_t soonest;              /* no end is before it; 0: there is none */
	uint32_t count, touched, free; /* slots in use; slots ever used; the first free one among those, plus one */
	struct {
		uint32_t count, first, last; /* slots plus one */
	} held[TABLE_CLIENTS];
	struct cap caps[TABLE_SLOTS]; /* a slot's memory is touched when it is first used */
};

/* What a new capability is to be. */
struct table_wish {
	uint32_t client, kind, rights, flags, object;
	uint32_t times;   /* uses; 0: as the parent's */
	uint64_t until;   /* 0: as the parent's */
	const char *name; /* wire_is_name() */
	size_t name_len;
	uint64_t now; /* becomes its SINCE */
};

/* The word for the first of RIGHTS. */
const char *table_right(uint32_t rights);

/* T is all zero. */
void table_begin(struct table *t, table_ended *ended, void *arg);

/*
 * A new one, from the policy (PARENT is NULL) or from PARENT. Returns 0 with *MADE; -EPERM when the wish is for more than the
 * parent has, -EMLINK when it is as deep as can be, -EMFILE when the client holds as many as it can, -ENOSPC when the table is
 * full.
 */
int table_make(struct table *t, struct cap *parent, const struct table_wish *wish, struct cap **made, struct err *err);

/* What CLIENT holds under HANDLE, or NULL. */
struct cap *table_find(struct table *t, uint32_t client, uint64_t handle);

/* The oldest that CLIENT holds under this name, or NULL. */
struct cap *table_named(struct table *t, uint32_t client, const char *name, size_t len);

/* The first that CLIENT holds with a handle of at least FROM, in the order of handles, or NULL. */
struct cap *table_from(struct table *t, uint32_t client, uint64_t from);

/* The one that its client holds after CAP, in the same order, or NULL. */
struct cap *table_next(struct table *t, const struct cap *cap);

/* What CAP was made from, held or not; NULL for the policy's. */
struct cap *table_parent(struct table *t, const struct cap *cap);

/* How many uses are left to CAP and all that it was made from, or TABLE_UNBOUND. */
uint32_t table_left(struct table *t, const struct cap *cap);

/* Count a use, of its ancestors too: 0, or -EDQUOT when none is left. table_give_back() takes back one that came to nothing. */
int table_use(struct table *t, struct cap *cap);
void table_give_back(struct table *t, struct cap *cap);

/* Its client holds it no more; what was made from it stays. */
void table_drop(struct table *t, struct cap *cap);
void table_drop_all(struct table *t, uint32_t client);

/* It and all that was ever made from it end. */
void table_revoke(struct table *t, struct cap *cap);

/* End what has come to its end by NOW. */
void table_expire(struct table *t, uint64_t now);

#endif

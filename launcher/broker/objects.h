/*
 * objects.h: the descriptors that the broker holds: what capabilities are for, shared by those derived without a path; sockets
 * it has handed out and has to be able to take back; tickets that were not claimed yet. Fixed tables, in which a slot is
 * touched when it is first used.
 */
#ifndef ENDOW_OBJECTS_H
#define ENDOW_OBJECTS_H

#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "held.h"
#include "table.h"

#define OBJECTS_KEPT 256u
#define OBJECTS_TICKETS 512u
#define OBJECTS_TICKETS_CLIENT 64u

struct object {
	const struct held *held; /* the policy's line that it comes from; borrowed */
	int fd;                  /* FILE, TREE: O_PATH; LISTEN: the listening socket; CONNECT: -1. Owned */
	uint32_t users;          /* capabilities; 0: the slot is free */
	uint32_t next_free;      /* plus one */
};

struct kept {
	uint64_t handle; /* whose use it came from; 0: the slot is free */
	int fd;          /* the same socket as the client's; owned */
};

struct ticket {
	uint64_t handle; /* what it stands for; 0: the slot is free */
	uint32_t client; /* who made it */
	int fd;          /* held, so that no other file can get this inode; owned */
	dev_t dev;
	ino_t ino;
};

struct objects {
	uint32_t touched, free; /* of list: slots ever used; the first free one, plus one */
	uint32_t kept_count, kept_touched;
	uint32_t ticket_count, ticket_touched;
	struct object list[TABLE_SLOTS]; /* a capability has one, so there is always room for one more capability's */
	struct kept kept[OBJECTS_KEPT];
	struct ticket tickets[OBJECTS_TICKETS];
};

/* FD is taken over. The new object has one user. Returns its number, or -ENOSPC (FD is closed). */
int objects_add(struct objects *o, int fd, const struct held *held);
void objects_hold(struct objects *o, uint32_t number);
void objects_release(struct objects *o, uint32_t number);

/* Keep a duplicate of the socket FD, so that it can be shut down when HANDLE ends: 0, or a negative errno with ERR. */
int objects_keep(struct objects *o, int fd, uint64_t handle, struct err *err);
/* Whoever has the sockets that came from HANDLE: they are shut down. */
void objects_sever(struct objects *o, uint64_t handle);
/* The socket in slot I of kept is closed at both ends: nothing is left to shut down. */
void objects_forget(struct objects *o, uint32_t i);

/* A descriptor that stands for HANDLE (CLOEXEC, the caller's), or a negative errno with ERR. */
int objects_ticket(struct objects *o, uint64_t handle, uint32_t client, struct err *err);
/* What FD stands for, with who made it, or 0. It stands for nothing afterwards. */
uint64_t objects_claim(struct objects *o, int fd, uint32_t *client);
void objects_end_tickets(struct objects *o, uint64_t handle);

/* Close everything. */
void objects_end(struct objects *o);

#endif

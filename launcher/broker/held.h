/* held.h: what a policy's `grant` lines come to: resolved before the program starts, handed out by the broker while it runs. */
#ifndef ENDOW_HELD_H
#define ENDOW_HELD_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "wire.h"

#define HELD_MAX 256 /* grants of one policy */

struct held {
	uint32_t kind;     /* enum wire_kind */
	uint32_t rights;   /* enum wire_right */
	uint32_t flags;    /* enum wire_derive_flag */
	uint32_t times;    /* 0: no bound */
	uint64_t until_ms; /* from the program's start; 0: with the program */
	/*
	 * FILE, TREE: O_PATH. LISTEN: a listening socket, non-blocking. CONNECT: -1, or to a Unix socket: the folder it is in,
	 * O_PATH. Owned by the plan, then by the broker.
	 */
	int fd;
	int by_path;        /* FILE, TREE: a program that opens it by its path gets it as well */
	char *path;         /* with BY_PATH: where it lies, as the kernel tells it; owned, as OBJECT is */
	dev_t dev;          /* with BY_PATH: of it */
	const char *name;   /* borrowed from the image */
	char *object;       /* for messages, lists and the log: a path, or "tcp 192.0.2.1:443"; owned */
	const char *source; /* the policy's name; borrowed */
	uint32_t line;
	/* CONNECT: where to. For a Unix socket: its name in that folder */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un un;
	} address;
	socklen_t address_len;
};

#endif

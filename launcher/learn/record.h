/* record.h: what a run was seen to do, as plain data. Nothing here looks at the system. */
#ifndef ENDOW_RECORD_H
#define ENDOW_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "image.h"
#include "memory.h"

#define SEEN_NAMES 3 /* programs that are named for one thing; of more there is a count only */

struct seen_by {
	uint32_t times;
	uint32_t names; /* in NAME; SEEN_NAMES + 1: there were more */
	const char *name[SEEN_NAMES];
};

enum seen_flag {
	SEEN_DIR = 1u << 0,
	SEEN_MADE = 1u << 1, /* made during the run, or put in another's place: a rule for the file itself would not hold it */
	SEEN_GONE = 1u << 2, /* made, and not there at the end */
	SEEN_META = 1u << 3, /* its mode, owner, times or attributes were changed */
	SEEN_SOCKET = 1u << 4,
	SEEN_LISTED = 1u << 5,    /* a folder whose entries were asked for */
	SEEN_ABSENT = 1u << 8,    /* looked for, and not there */
	SEEN_NEAR = 1u << 7,      /* not used at all: a secret that lies near */
	SEEN_PRIVILEGE = 1u << 6, /* root could, and only by a capability */
};

struct seen {
	const char *path; /* absolute, without links */
	uint32_t rights;  /* enum right, each used, of what was there when the program came */
	uint32_t after;   /* the same of what was made in its place since */
	uint32_t flags;
	struct seen_by by;
	struct seen *next; /* in its bucket */
};

struct seen_port { /* TCP */
	int listen;
	uint16_t port; /* 0: one of the kernel's choosing */
	struct seen_by by;
};

struct seen_call { /* which no policy opens */
	int nr;
	struct seen_by by;
};

struct seen_move { /* a file went from one folder to another */
	const char *from, *to;
};

#define RECORD_BUCKETS 4096
#define RECORD_FAMILIES 32

struct record { /* all zero is an empty one; record_free() it */
	struct arena arena;
	struct vec paths; /* struct seen *, in the order in which they were first seen */
	struct seen *bucket[RECORD_BUCKETS];
	struct vec ports;                           /* struct seen_port */
	struct vec calls;                           /* struct seen_call */
	struct vec moves;                           /* struct seen_move */
	struct seen_by families[RECORD_FAMILIES];   /* by the number of enum family's bit */
	const char *family_detail[RECORD_FAMILIES]; /* the first call that needed it; may be NULL */
	struct seen_by exec_by;                     /* programs that were executed by the program and its children */
	uint32_t blind;                             /* calls that could not be looked into */
	uint32_t foreign;                           /* calls of another architecture */
	int no_memory;                              /* something was lost: the record is worth nothing */
};

/* All of these copy what they are given. Where memory runs out they set no_memory. */
struct seen *record_path(struct record *r, const char *path, uint32_t rights, uint32_t flags, const char *who);
void record_family(struct record *r, uint32_t family, const char *who, const char *detail);
void record_port(struct record *r, int listen, uint16_t port, const char *who);
void record_call(struct record *r, int nr, const char *who);
void record_move(struct record *r, const char *from, const char *to);
void seen_by_add(struct record *r, struct seen_by *by, const char *who);

struct seen *record_find(const struct record *r, const char *path);
void record_free(struct record *r);

static inline struct seen *record_at(const struct record *r, uint32_t i)
{
	return ((struct seen *const *)r->paths.data)[i];
}

#endif

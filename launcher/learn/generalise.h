/* generalise.h: from what was seen to what is to be granted. Pure: the same input gives the same draft. */
#ifndef ENDOW_GENERALISE_H
#define ENDOW_GENERALISE_H

#include "err.h"
#include "record.h"
#include "setting.h"

/* What a policy or a fragment grants on one path. */
struct cover {
	const char *path; /* absolute, without links; what is not there is not listed */
	uint32_t rights;
	int is_dir;
	int own; /* said by the fragment itself, not by one that it uses */
};

/* A fragment, or a policy that is there already. */
struct bundle {
	const char *name;
	struct vec covers; /* struct cover */
	uint32_t families;
	struct vec ports; /* struct image_port */
	struct vec env; /* const char *: names that it keeps, sets or makes a folder for; with a '*' at the end where it keeps a
			   prefix */
	struct vec uses; /* const char *: fragments that it uses, directly or not */
	int is_private;  /* it has places of its own, or folders that are made for it: chosen for that alone */
};

enum line_kind { /* in the order of a policy */
		 LINE_PROGRAM,
		 LINE_USE,
		 LINE_PRIVATE,
		 LINE_EXEC,
		 LINE_READ,
		 LINE_WRITE,
		 LINE_CONNECT,
		 LINE_LISTEN,
		 LINE_PROMISE,
		 LINE_ENV,
		 LINE_NOTE, /* no statement */
		 LINE_KINDS
};

struct line {
	enum line_kind kind;
	const char *text; /* the statement, without its comment; a tab behind its verb */
	const char *why;  /* the comment; may be "" */
	int off;          /* written behind a '#': not granted */
	const char *path; /* what it grants, without links; NULL where that is no path. The record's */
	uint32_t rights;
};

struct draft { /* all zero is an empty one; draft_free() it */
	struct arena arena;
	struct vec lines; /* struct line */
};

struct knowledge {
	const struct setting *setting;
	const struct bundle *fragments;
	size_t fragment_count;
	const struct bundle *base; /* what is granted already, or NULL */
	int has_program;           /* the base says which programs it is for */
};

/* Returns 0 or -ENOMEM. */
int generalise(const struct record *record, const struct knowledge *known, struct draft *draft, struct err *err);
void draft_free(struct draft *draft);

void bundle_free(struct bundle *bundle);

#endif

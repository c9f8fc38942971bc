/* spell.h: options of the command line as statements of the policy language. Pure: nothing is opened or decided. */
#ifndef ENDOW_SPELL_H
#define ENDOW_SPELL_H

#include <stddef.h>

#include "err.h"

/* A growing text; all zero is the empty one. */
struct spelling {
	char *bytes; /* owned: free() ends it */
	size_t len, room;
};

/* How an option's value becomes the words of a statement. */
enum shape {
	SHAPE_NONE,   /* --service */
	SHAPE_WORD,   /* --umask 022 */
	SHAPE_LIST,   /* --promise proc,tty */
	SHAPE_PAIR,   /* --limit wall=10s: split at the first : or = */
	SHAPE_PEER,   /* --connect tcp:443, tcp:example.org:443, unix:run/socket: split at the first : */
	SHAPE_RIGHTS, /* --ask-for read,write:PATH */
	SHAPE_PART,   /* --except .git: never a word of the language */
	SHAPE_PATH,   /* --cwd build: a relative path is beneath the launcher's own directory */
	SHAPE_ENV,    /* --env NAME or NAME=VALUE */
	SHAPE_RAW,    /* --with 'connect tcp 443' */
};

/* Add TEXT as it is. 0 or -ENOMEM. */
int spell_text(struct spelling *t, const char *text);

/*
 * Add a line: VERB and what VALUE is in the SHAPE. Whatever bytes VALUE holds, they become words of this one statement, but for
 * SHAPE_RAW, which is a statement. 0, -ENOMEM, or -EINVAL with ERR.
 */
int spell_statement(struct spelling *t, const char *verb, enum shape shape, const char *value, struct err *err);

#endif

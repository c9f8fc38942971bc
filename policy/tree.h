/*
 * tree.h: a policy as it was written: sources, their statements, and the words of each with their places.
 *
 * Nothing is expanded or judged here: `let` and `$NAME` stand as they were said, so that the tree can be printed, compared
 * and explained. All of it lives in one arena and ends with tree_free(). Numbers and names are still words: check.c reads them.
 */
#ifndef ENDOW_TREE_H
#define ENDOW_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"
#include "memory.h"

#define LINE_MAX_BYTES 4096u
#define STATEMENTS_MAX 16384u /* in all sources together */
#define USE_DEPTH_MAX 16u

enum { SOURCE_LINE, SOURCE_MAIN, SOURCE_FRAGMENT }; /* the first two sources of every tree, and the first of the others */

struct place {
	uint32_t source; /* index into tree.sources */
	uint32_t line;   /* from 1; 0: the source as a whole */
	uint32_t column; /* in characters, from 1 */
	uint32_t width;  /* characters */
};

struct part { /* of a word: text to take as it is, or a variable's name */
	struct part *next;
	const char *text; /* no NUL but the one that ends it; may be any other bytes, by \xHH */
	size_t len;
	bool variable; /* `~` is the variable HOME */
	struct place at;
};

struct word {
	struct word *next;  /* of its line */
	struct part *parts; /* NULL: the empty word. No two texts in a row */
	const char *raw;    /* as written, quotes and all: points into the source's text */
	size_t raw_len;
	struct place at;
	bool quoted;          /* never a keyword */
	struct place pattern; /* the first bare * ? [; width 0: none */
};

enum verb {
	VERB_NOTHING, /* a line with a comment alone */
	VERB_PROGRAM,
	VERB_USE,
	VERB_LET,
	VERB_GRANT, /* read, write, append, create, exec, ioctl in any mixture */
	VERB_EXCEPT,
	VERB_HOLD, /* grant: for the broker */
	VERB_ASK,  /* what the person may be asked for */
	VERB_FD,
	VERB_ARGS,
	VERB_ENV,
	VERB_SCRATCH,
	VERB_CWD,
	VERB_UMASK,
	VERB_LIMIT,
	VERB_PROMISE,
	VERB_CONNECT,
	VERB_LISTEN,
	VERB_REQUIRE,
	VERB_FORGO,
	VERB_SERVICE,
	VERB_PRIVATE,
	VERB_ISOLATE,
	VERB_USER,
	VERB_GROUP,
	VERB_GROUPS,
	VERB_KEEP,
	VERB_SESSION,
	VERB_SIGNALS,
	VERB_SUPERVISE,
	VERB_REPORT,
	VERB_COUNT
};

extern const char *const verb_word[VERB_COUNT]; /* "" for VERB_NOTHING and VERB_GRANT */

enum choice {               /* a keyword that stands where a value could */
	      CHOICE_VALUE, /* none of them: the items are the value */
	      CHOICE_ANY,
	      CHOICE_KEEP,
	      CHOICE_NEW,
	      CHOICE_NONE,
	      CHOICE_RESET,
	      CHOICE_COUNT
};

extern const char *const choice_word[CHOICE_COUNT];

enum protocol { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_UNIX, PROTOCOL_COUNT };

extern const char *const protocol_word[PROTOCOL_COUNT + 1]; /* NULL-terminated */

enum { /* what a grant's items are */
       GRANT_PATH,
       GRANT_PART, /* excepted; also in `except` */
};

enum { /* what an `fd` statement's items are */
       FD_NUMBER,
       FD_PATH,
       FD_NAME,
};

enum {            /* what a `grant` statement's items are */
       HOLD_WHAT, /* a path, an address with a port, a port */
       HOLD_NAME,
       HOLD_UNTIL,
       HOLD_TIMES,
};

enum { STMT_NOFOLLOW = 1u << 31 }; /* beside enum grant_flag in stmt.flags, where GRANT_FOLLOW is what was said */

/* One thing a statement lists. What its members hold:
 *   program, private, cwd: word is a path        use, user, group, groups, keep, scratch: word is a name
 *   let: word is the name, value the word        grant, except: tag GRANT_*, word is a path or a part
 *   fd: tag FD_*                                 args: tag enum right, word the range
 *   env: tag enum env_op, word the name (a prefix without its '*'), value for ENV_SET
 *   limit: tag enum limit, word the key, value   promise, require, forgo, isolate, report: tag the bit, word the name
 *   connect, listen: word is ports, a host with its port, or a path
 *   umask: word is the number                    ask: word is a path */
struct item {
	struct item *next;
	uint32_t tag;
	const struct word *word;
	const struct word *value;
};

struct stmt {
	struct stmt *next;
	enum verb verb;
	struct place at;        /* of the verb */
	uint32_t rights;        /* grant, fd, hold, ask: enum right */
	uint32_t flags;         /* grant, except, fd: enum grant_flag, STMT_NOFOLLOW */
	enum held_kind hold;    /* hold; its flags are enum held_flag */
	enum choice choice;     /* cwd, limit's items aside: connect, listen, groups, session, signals */
	enum protocol protocol; /* connect, listen */
	struct item *items;
	const char *comment; /* behind '#', without blanks around it; NULL: none */
	bool gap;            /* blank lines stood before it */
	bool broken;         /* a `let` that was refused: its name is known, its value is not */
};

struct source {
	const char *name;  /* as in an image: "command line", "", or the fragment's */
	const char *shown; /* as in messages */
	const char *text;
	size_t len;
	uint32_t depth; /* of `use`: 0 for the command line and the main policy */
	struct stmt *statements;
};

struct tree {
	struct arena arena;
	struct source sources[SOURCES_MAX];
	uint32_t source_count;
	uint32_t statement_count; /* comments are none */
};

/* Add a source; NAME, SHOWN and TEXT are copied. Returns its index, -ENOMEM, or -E2BIG when there are SOURCES_MAX. */
int tree_add(struct tree *tree, const char *name, const char *shown, const char *text, size_t len, uint32_t depth);
void tree_free(struct tree *tree);

/* The index of the fragment NAME, or -ENOENT. */
int tree_find(const struct tree *tree, const char *name);

/* A bare word that is exactly TEXT: the only way to be a keyword. */
bool word_is(const struct word *word, const char *text);
/* The index of the keyword in a NULL-terminated table, or -1. */
int word_among(const struct word *word, const char *const *table);
/* Its text where it holds no variable, else NULL. */
const char *word_plain(const struct word *word);

/* Do two sources say the same? Places and needless quotes do not count; comments do. */
bool source_equal(const struct source *a, const struct source *b);

#endif

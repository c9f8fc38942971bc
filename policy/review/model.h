/*
 * model.h: the authority of one policy, resolved: a list of entries, each with the line it came from. Pure: an image and its
 * tree go in, and what names lead to is asked of a world.
 *
 * The names are resolved as the launcher resolves them (launcher/grants.c is the truth): variables, links, places of the
 * program's own, parts that are left out, the program and its interpreters.
 */
#ifndef ENDOW_REVIEW_MODEL_H
#define ENDOW_REVIEW_MODEL_H

#include "err.h"
#include "image.h"
#include "memory.h"
#include "tree.h"
#include "world.h"

enum kind {
	KIND_PROGRAM,    /* it is for this program: started from it, its file may be executed and read */
	KIND_PATH,       /* rights on a file, or on a directory and all beneath it */
	KIND_PRIVATE,    /* an empty place of its own */
	KIND_SCRATCH,    /* a fresh folder that a variable names */
	KIND_EXCEPT,     /* in trees that the command line designates, these parts stay read-only */
	KIND_DESCRIPTOR, /* an open file, or one that is inherited */
	KIND_ARGS,       /* words of the command line */
	KIND_ENV,
	KIND_CONNECT,
	KIND_LISTEN,
	KIND_HELD, /* what the broker hands out when it is asked, or opens for it */
	KIND_PEER, /* whom the supervisor connects, sends to or binds for it */
	KIND_ASK,  /* what the person may be asked for */
	KIND_PROMISE,
	KIND_CAPABILITY,
	KIND_ACCOUNT, /* user, group, groups */
	KIND_SERVICE, /* what systemd hands to a service */
	KIND_ISOLATE,
	KIND_LIMIT,
	KIND_FORGO,
	KIND_REQUIRE,
	KIND_SETTING, /* cwd, umask, session, signals, supervise */
	KINDS
};

extern const char *const kind_word[KINDS];

/* What an access does to a file. A right makes several of them possible. */
enum act {
	ACT_READ = 1u << 0,     /* open a file to read it */
	ACT_LIST = 1u << 1,     /* open a directory to list it */
	ACT_WRITE = 1u << 2,    /* open a file to write it anywhere */
	ACT_TRUNCATE = 1u << 3, /* cut it off */
	ACT_APPEND = 1u << 4,   /* open it to append */
	ACT_CREATE = 1u << 5,   /* make, remove and rename entries of a directory */
	ACT_EXEC = 1u << 6,     /* execute it by its name */
	ACT_IOCTL = 1u << 7,    /* send a device any ioctl */
	ACT_ALL = (1u << 8) - 1,
};
#define ACTS 8

/* Where an entry stands. */
struct origin {
	const char *file;     /* to show; "command line"; "" for what nobody wrote */
	const char *fragment; /* its name; "" where it is the main policy or the command line */
	uint32_t line;        /* 0: not from a line */
};

struct entry {
	enum kind kind;
	uint32_t rights;      /* enum right: path, descriptor, args, private */
	uint32_t flags;       /* enum grant_flag */
	const char *word;     /* paths: as the policy says them, variables unfilled, such as ~/.gitconfig; else "" */
	const char *leaves;   /* path: ", except PART..."; "" */
	const char *said;     /* the statement that says this and nothing else, in canonical words */
	const char *object;   /* to show: a path with its variables filled in, a port, a name */
	const char *enforced; /* by what */
	struct origin origin;
	struct spot spot;         /* path, program, descriptor, private: where it leads */
	struct id id;             /* the thing a rule is planted on, where spot.rc is 0 */
	const struct spot *parts; /* what is left out of it, and is there; in the arena */
	uint32_t part_count;
	const char *name;     /* env: the variable, a prefix without its '*'; promise, limit, capability, ... : its word */
	const char *value;    /* env: what it is set to, variables filled in; NULL: kept */
	uint64_t number;      /* limit: its value; promise, isolate, forgo: its bit; descriptor: its number */
	uint32_t first, last; /* ports; args as int32_t; path: its index among the image's grants */
	const struct image_held *held; /* held: borrowed */
	const char *address;           /* held: of tcp, "" for every one; peer: a host; of a Unix socket its path */
	int optional_absent;           /* nothing is there, and that is no error */
	int own;                       /* the program's own file, or its interpreter: nobody wrote it */
};

struct model {
	const char *shown;         /* the policy's name */
	const struct world *world; /* borrowed */
	struct image image;        /* borrowed bytes */
	struct view view;
	struct entry *entries; /* in the arena, in the order of the policy */
	uint32_t count, room;
	char problem[1024];  /* why endow would not start the program here; "": nothing in the way */
	struct arena *arena; /* borrowed */
};

struct model_input {
	const char *shown;         /* how to name the main policy */
	const struct tree *tree;   /* as compile_tree() made it of the same texts; borrowed, as long as the model */
	const struct image *image; /* borrowed, as long as the model */
	const char *program;       /* start this program; NULL: whichever the policy is for */
};

/* Fill in MODEL, which is all zero. Everything it points to lives as long as ARENA, TREE and IMAGE. 0 or a negative errno. */
int model_make(const struct model_input *in, const struct world *world, struct arena *arena, struct model *model,
	       struct err *err);

/* What RIGHTS on a thing make possible, as Landlock has it. */
uint32_t acts_of(uint32_t rights, int is_dir);

/* What can be done at a spot, and which entry makes it possible. */
struct effect {
	uint32_t acts;                /* enum act */
	const struct entry *by[ACTS]; /* the nearest that does, of these the first; NULL: none */
	const struct entry *excepted; /* an entry that would, were the part not left out; NULL: none */
	const struct entry *append;   /* the grant for which every open has to append; NULL: none */
};
void model_effect(const struct model *model, const struct spot *spot, struct effect *effect);

/* The same, whichever program is started: where there are several, what each is granted of itself does not count. */
void model_effect_always(const struct model *model, const struct spot *spot, struct effect *effect);

/* Where NAME leads in the program's view: a path as a person types it, relative to the world's cwd. -ENOMEM, or 0. */
int model_walk(const struct model *model, const char *name, enum follow follow, struct spot *spot);

/* The same outside of its view, every link followed. */
int model_walk_outside(const struct model *model, const char *name, struct spot *spot);

/* "curl.policy:3", "tls:2", "command line", or "" for what nobody wrote. Returns BUF. */
const char *origin_text(const struct origin *origin, char *buf, size_t size);

/* TEXT as one word of the language, in quotes where it needs them; ROOT (enum image_root) goes before it. In the arena, or
 * NULL. */
const char *word_text(struct arena *arena, uint32_t root, const char *text);

/* As asprintf(), in the arena. NULL: no memory. */
__attribute__((format(printf, 2, 3))) const char *arena_say(struct arena *arena, const char *fmt, ...);

/* The words of BITS, with SEPARATOR between them. In the arena, or NULL. */
const char *bits_text(struct arena *arena, uint64_t bits, const char *const *names, const char *separator);

#endif

/*
 * image.h: a compiled policy, as the compiler writes it and the launcher reads it.
 *
 * An image holds names, never authority: paths are text until launcher/resolve.c opens them. It is one block of fixed-width
 * fields in the machine's byte order, every part addressed by an offset from its start, all strings in one area at its end.
 * image_check() is the only door: what it has passed can be read without further tests.
 */
#ifndef ENDOW_IMAGE_H
#define ENDOW_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "hash.h"

#define IMAGE_MAGIC "endow\0im" /* 8 bytes with the final NUL */
#define IMAGE_VERSION 4u
#define IMAGE_MAX (8u << 20) /* bytes */
#define IMAGE_FILTER_MAX 4096u /* BPF_MAXINSNS: the kernel's own bound */
#define SOURCE_MAX (1u << 20) /* bytes of one policy text */
#define SOURCES_MAX 66u /* command line, main policy, 64 fragments */

/* Where a path or an environment value starts. The launcher looks the variable up; the compiler only names it. */
enum image_root {
	ROOT_NONE, /* absolute path, or a plain value */
	ROOT_HOME, /* $HOME and so on: the text is empty or starts with '/' (in a path) */
	ROOT_PWD,
	ROOT_XDG_CONFIG_HOME,
	ROOT_XDG_CACHE_HOME,
	ROOT_XDG_DATA_HOME,
	ROOT_XDG_STATE_HOME,
	ROOT_XDG_RUNTIME_DIR,
	ROOT_TMPDIR,
	ROOT_CREDENTIALS_DIRECTORY,
	ROOT_COUNT
};

extern const char *const image_root_name[ROOT_COUNT]; /* "", "HOME", "PWD", ... */

enum right {
	RIGHT_READ = 1u << 0,
	RIGHT_WRITE = 1u << 1,
	RIGHT_APPEND = 1u << 2,
	RIGHT_CREATE = 1u << 3,
	RIGHT_EXEC = 1u << 4,
	RIGHT_IOCTL = 1u << 5,
	RIGHT_ALL = (1u << 6) - 1,
	RIGHT_PASS = 1u << 8, /* of what the broker holds alone: to hand on */
};

/* A right's word, for bit 1u << i; NULL-terminated. */
extern const char *const image_right_name[];

enum grant_flag {
	GRANT_OPTIONAL = 1u << 0, /* absent is no error */
	GRANT_FOLLOW = 1u << 1, /* symbolic links may be followed (set by the compiler for read and exec unless nofollow) */
	GRANT_KEEP = 1u << 2, /* fd only: the inherited descriptor stays */
	GRANT_FLAGS = (1u << 3) - 1,
};

/* What the seccomp filter has to leave open: promises by name, and what the grants imply. */
enum family {
	FAM_PROC = 1u << 0,
	FAM_TTY = 1u << 1,
	FAM_FATTR = 1u << 2, /* metadata, confined to writable grants by a mount view */
	FAM_FATTR_ANYWHERE = 1u << 3,
	FAM_ID = 1u << 4,
	FAM_DEBUG = 1u << 5,
	FAM_SCHED = 1u << 6,
	FAM_SYSVIPC = 1u << 7,
	FAM_NETLINK = 1u << 8,
	FAM_WATCH = 1u << 9,
	FAM_AIO = 1u << 10,
	FAM_PROMISES = (1u << 11) - 1, /* those above have a word; those below follow from grants */
	FAM_TCP_CONNECT = 1u << 16, /* some ports, or any */
	FAM_TCP_CONNECT_ANY = 1u << 17, /* every port: always together with the one above */
	FAM_TCP_LISTEN = 1u << 18,
	FAM_TCP_LISTEN_ANY = 1u << 19,
	FAM_UDP = 1u << 20,
	FAM_UNIX = 1u << 21,
	FAM_NOTIFY = 1u << 22, /* service: datagrams to unix sockets, for sd_notify */
	FAM_IOCTL = 1u << 23, /* some ioctl grant: Landlock decides on which device */
	FAM_APPEND_NAME = 1u << 24, /* some append grant by name: every open for writing must be an append */
	FAM_APPEND_FD = 1u << 25, /* some append descriptor */
	/* What follows is done for the program by the supervisor, which the filter tells of the call (SECCOMP_RET_USER_NOTIF). */
	FAM_BROKER_PATHS = 1u << 26, /* `grant` of a path, `ask`: opening, making, renaming, removing */
	FAM_BROKER_NET = 1u << 27, /* hosts by name or address: TCP and UDP sockets, connecting, sending, binding, listening */
	FAM_BROKER_UNIX = 1u << 28, /* unix sockets by path: the same calls */
	FAM_REPORT = 1u << 29, /* what is refused is told: the supervisor looks on */
	FAM_BROKERED = 0xfu << 26,
	FAM_ALL = FAM_PROMISES | 0x3fffu << 16,
};

/* A promise's word, for bit 1u << i; NULL-terminated. */
extern const char *const image_promise_name[];

/* What a policy can require of a kernel or forgo. */
enum feature {
	FEATURE_LANDLOCK = 1u << 0,
	FEATURE_TRUNCATE = 1u << 1,
	FEATURE_TCP = 1u << 2,
	FEATURE_IOCTL = 1u << 3,
	FEATURE_SIGNAL_SCOPE = 1u << 4,
	FEATURE_SOCKET_SCOPE = 1u << 5,
	FEATURE_VIEW = 1u << 6, /* a mount namespace of the program's own */
	FEATURE_AUDIT = 1u << 7,
	FEATURE_ALL = (1u << 8) - 1,
};

/* A feature's word, for bit 1u << i; NULL-terminated. */
extern const char *const image_feature_name[];

enum image_flag {
	IMAGE_SERVICE = 1u << 0,
	IMAGE_SUPERVISE = 1u << 1,
	IMAGE_SESSION_NEW = 1u << 2,
	IMAGE_SIGNALS_KEEP = 1u << 3,
	IMAGE_CWD = 1u << 4, /* header.cwd says where; else the launcher's own stays */
	IMAGE_UMASK = 1u << 5,
	IMAGE_GROUPS_NONE = 1u << 6,
	IMAGE_REPORT = 1u << 7, /* report denials */
	IMAGE_FLAGS = (1u << 8) - 1,
};

/* What is the program's own, beyond what Landlock can keep to itself: each a namespace. */
enum isolate {
	ISOLATE_FILES = 1u << 0, /* a file system that holds what is granted and nothing else */
	ISOLATE_PROCESSES = 1u << 1, /* process numbers and /proc */
	ISOLATE_IPC = 1u << 2, /* System V objects, message queues */
	ISOLATE_NET = 1u << 3, /* a loopback interface and no other */
	ISOLATE_ALL = (1u << 4) - 1,
};

/* Its word, for bit 1u << i; NULL-terminated. */
extern const char *const image_isolate_name[];

enum limit {
	LIMIT_MEMORY, /* bytes of address space */
	LIMIT_CPU, /* seconds */
	LIMIT_WALL, /* seconds */
	LIMIT_PROCESSES,
	LIMIT_FILES, /* descriptors */
	LIMIT_FILESIZE, /* bytes */
	LIMIT_CORE, /* bytes */
	LIMIT_STACK, /* bytes */
	LIMIT_COUNT
};
#define LIMIT_UNSET UINT64_MAX
#define LIMIT_NONE (UINT64_MAX - 1) /* up to the hard limit */

extern const char *const image_limit_name[LIMIT_COUNT];

struct image_text {
	uint32_t root; /* enum image_root */
	uint32_t at; /* in the string area; 0 is always the empty string */
};

struct image_where { /* the policy line a thing comes from */
	uint32_t source; /* index into sources */
	uint32_t line; /* from 1; 0 for what the compiler adds */
};

struct image_grant {
	struct image_text path;
	uint32_t rights; /* enum right, at least one */
	uint32_t flags; /* enum grant_flag */
	struct image_where where;
};

enum held_kind { /* what the broker hands out while the program runs */
		 HELD_PATH, /* a file, or a tree */
		 HELD_CONNECT_TCP,
		 HELD_CONNECT_UNIX,
		 HELD_LISTEN_TCP,
		 HELD_KINDS
};

enum held_flag {
	HELD_REVOCABLE = 1u << 0,
	HELD_BY_HANDLE = 1u << 1, /* PATH: to who asks for it by its name alone, not to who opens the path */
	HELD_FLAGS = (1u << 2) - 1,
};

struct image_held {
	uint32_t kind; /* enum held_kind */
	uint32_t rights; /* PATH: enum right, at least one; the others: RIGHT_PASS or 0 */
	struct image_text path; /* PATH, CONNECT_UNIX */
	uint32_t address; /* string: numbers of IPv4 or IPv6; LISTEN_TCP: empty for every one */
	uint32_t port; /* TCP: 1..65535 */
	uint32_t name; /* string: at most 64 of A-Z a-z 0-9 _ . -; each once */
	uint32_t flags; /* enum held_flag */
	uint64_t until; /* seconds from the program's start; 0: with the program */
	uint32_t times; /* uses; 0: no bound */
	uint32_t zero;
	struct image_where where;
};

enum peer_kind { /* whom the supervisor connects the program's own sockets with */
		 PEER_CONNECT_TCP,
		 PEER_CONNECT_UDP,
		 PEER_CONNECT_UNIX,
		 PEER_LISTEN_TCP, /* an address of its own, bound and listened on for it */
		 PEER_KINDS
};

enum peer_flag {
	PEER_NAME = 1u << 0, /* host is a name, to be looked up; else numbers */
	PEER_FLAGS = (1u << 1) - 1,
};

struct image_peer {
	uint32_t kind; /* enum peer_kind */
	uint32_t flags; /* enum peer_flag */
	uint32_t host; /* string: a host's name, lower case, at most 253; or numbers of IPv4 or IPv6 without brackets; CONNECT_UNIX: 0 */
	uint16_t first; /* ports 1..65535, first <= last; CONNECT_UNIX: 0 */
	uint16_t last;
	struct image_text path; /* CONNECT_UNIX; else 0 */
	struct image_where where;
};

struct image_ask { /* what may be granted by the person, asked while the program runs */
	struct image_text path;
	uint32_t rights; /* read, write, append, create; at least one */
	uint32_t zero;
	struct image_where where;
};

#define PEERS_MAX 256u /* in all sources together */
#define HOST_MAX 253u /* bytes of a host's name */
#define ASKS_MAX 64u

#define EXCEPT_DESIGNATED UINT32_MAX
#define HELDS_MAX 256u /* in all sources together */
#define EXCEPTS_MAX 256u /* parts, in all sources together */
#define SCRATCH_MAX 16u /* variables */

struct image_except { /* a part that a grant does not reach */
	uint32_t grant; /* index into grants, each with a directory's path; EXCEPT_DESIGNATED: every tree that the command line designates for writing */
	uint32_t part; /* string: a relative path without ".." and without empty components */
	uint32_t flags; /* GRANT_OPTIONAL */
	uint32_t is_dir; /* written with a slash at its end: made, empty, where only the last component is absent */
	struct image_where where;
};

struct image_fd {
	struct image_text path; /* empty with GRANT_KEEP */
	uint32_t rights; /* read, write, append */
	uint32_t flags;
	uint32_t number; /* 0..255, each once, ascending */
	uint32_t name; /* string; empty: unnamed */
	struct image_where where;
};

struct image_arg { /* words of the command line that are grants */
	int32_t first; /* from 1, or negative from the end; never 0 */
	int32_t last;
	uint32_t rights; /* read, write */
	uint32_t zero;
	struct image_where where;
};

enum env_op {
	ENV_KEEP,
	ENV_KEEP_PREFIX, /* keep LC_*: name is "LC_" */
	ENV_SET,
	ENV_OPS
};

struct image_env {
	uint32_t op;
	uint32_t name; /* string */
	struct image_text value; /* ENV_SET */
	struct image_where where;
};

struct image_port { /* TCP */
	uint32_t listen; /* 0 connect, 1 listen */
	uint16_t first;
	uint16_t last;
	struct image_where where;
};

struct image_place { /* a path and nothing else: program, private */
	struct image_text path;
	struct image_where where;
};

struct image_source {
	uint32_t name; /* string: "command line", "" for the main policy, a fragment's name */
	uint32_t zero;
};

struct image_word {
	uint32_t at; /* string */
	uint32_t zero;
};

struct image_insn { /* struct sock_filter */
	uint16_t code;
	uint8_t jt;
	uint8_t jf;
	uint32_t k;
};

struct image_span {
	uint32_t offset; /* bytes from the image's start, a multiple of 8 */
	uint32_t count; /* entries */
};

/* The filter compares some arguments with the process's own id, which only the launcher knows: wherever the program
 * holds this number it is replaced before the filter is installed. The compiler makes sure that nothing else equals it. */
#define FILTER_SELF 0x5e1f5e1fu

struct image_header {
	uint8_t magic[8];
	uint32_t version;
	uint32_t size; /* of the whole image, bytes, a multiple of 8 */
	uint64_t digest[4]; /* a checksum of all that follows this field, against accidents: see image.c */
	uint8_t key[HASH_SIZE]; /* image_key_*(): of all that went in */
	uint32_t families;
	uint32_t require; /* enum feature */
	uint32_t forgo;
	uint32_t flags; /* enum image_flag */
	uint64_t keep_caps; /* bit 1 << CAP_x */
	uint64_t limits[LIMIT_COUNT];
	uint32_t umask;
	uint32_t user; /* strings; empty: not said */
	uint32_t group;
	uint32_t isolate; /* enum isolate */
	struct image_text cwd;
	struct image_span sources; /* 0 the command line, 1 the main policy, then fragments in the order they were first used */
	struct image_span programs; /* place */
	struct image_span grants;
	struct image_span fds;
	struct image_span args;
	struct image_span env; /* in order: a later one wins */
	struct image_span ports;
	struct image_span private_places;
	struct image_span excepts;
	struct image_span scratch; /* word: variables that name an empty folder, removed afterwards */
	struct image_span held;
	struct image_span peers;
	struct image_span asks;
	struct image_span groups; /* word */
	struct image_span filter; /* insn */
	struct image_span strings; /* bytes; starts and ends with a NUL */
};

_Static_assert(sizeof(struct image_text) == 8, "wire");
_Static_assert(sizeof(struct image_grant) == 24, "wire");
_Static_assert(sizeof(struct image_except) == 24, "wire");
_Static_assert(sizeof(struct image_held) == 56, "wire");
_Static_assert(sizeof(struct image_peer) == 32, "wire");
_Static_assert(sizeof(struct image_ask) == 24, "wire");
_Static_assert(sizeof(struct image_fd) == 32, "wire");
_Static_assert(sizeof(struct image_arg) == 24, "wire");
_Static_assert(sizeof(struct image_env) == 24, "wire");
_Static_assert(sizeof(struct image_port) == 16, "wire");
_Static_assert(sizeof(struct image_place) == 16, "wire");
_Static_assert(sizeof(struct image_insn) == 8, "wire");
_Static_assert(sizeof(struct image_header) == 320, "wire");

/* A checked image. Borrowed: it lives as long as the bytes do. */
struct image {
	const struct image_header *h;
	const struct image_source *sources;
	const struct image_place *programs;
	const struct image_grant *grants;
	const struct image_fd *fds;
	const struct image_arg *args;
	const struct image_env *env;
	const struct image_port *ports;
	const struct image_place *private_places;
	const struct image_except *excepts;
	const struct image_word *scratch;
	const struct image_held *held;
	const struct image_peer *peers;
	const struct image_ask *asks;
	const struct image_word *groups;
	const struct image_insn *filter;
	const char *strings;
};

/*
 * Check BYTES (8-byte aligned) from the first to the last and fill in IMAGE. Returns 0, or -EBADMSG with ERR telling which
 * part is wrong. Nothing is allocated; nothing outside BYTES[0..size) is read.
 */
int image_check(const void *bytes, size_t size, struct image *image, struct err *err);

static inline const char *image_string(const struct image *image, uint32_t at)
{
	return image->strings + at;
}

/*
 * Is NAME a host's name: lower case letters, digits, '-', '_' and '.', labels of 1 to 63, no dot at its end, and nothing that a
 * resolver would take for an address.
 */
int image_is_host(const char *name);

/* Compute the checksum of a finished image in place: the last thing that its writer does. */
void image_seal(void *bytes);

/*
 * The key of an image: everything that went in. Begin with the command line's text and the main policy's, add each fragment
 * in the order of `sources`, end. The build that compiled is part of it, so another version's image is never used.
 */
void image_key_begin(struct hash *key, const char *line, size_t line_len, const char *main_text, size_t main_len);
void image_key_fragment(struct hash *key, const char *name, const char *text, size_t len);
/* hash_end() ends it. */

#endif

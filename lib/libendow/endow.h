/*
 * endow.h: what a program asks of the broker that serves it while it runs. endow(3) and endow-broker(7) document it.
 *
 * Every function returns 0 or more, or a negative errno; endow_message() then says in words what was refused and why.
 * Descriptors that come back are close-on-exec, and the caller's to close. Texts are NUL-terminated and copied. A struct endow
 * may be used by several threads: its calls wait for one another. No function is async-signal-safe but endow_promise(); a
 * signal that comes during one does not cut it short. After fork() one of the two processes may go on using the connection; for
 * the other make one of its own with endow_client().
 */
#ifndef ENDOW_H
#define ENDOW_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ENDOW_API __attribute__((visibility("default")))
#else
#define ENDOW_API
#endif

struct endow; /* one connection to the broker, and all that is held by it */

/* A capability, as this connection names it: never 0, never used again for another. */
typedef uint64_t endow_handle;

enum endow_right {
	ENDOW_READ = 1u << 0,
	ENDOW_WRITE = 1u << 1,
	ENDOW_APPEND = 1u << 2,
	ENDOW_CREATE = 1u << 3, /* make, remove and rename entries of a tree */
	ENDOW_PASS = 1u << 8    /* hand on to another client */
};

enum endow_kind { ENDOW_FILE = 0, ENDOW_TREE = 1, ENDOW_CONNECT = 2, ENDOW_LISTEN = 3 };

enum endow_flag {
	ENDOW_REVOCABLE = 1u << 0, /* nothing is handed out that could not be taken back */
	ENDOW_SPENT = 1u << 1      /* in a list: no use is left */
};

#define ENDOW_NAME_MAX 64

struct endow_capability {
	endow_handle handle;
	endow_handle parent; /* 0: from the policy, or no longer there, or another client's */
	uint64_t left_ms;    /* until it ends; 0: with the program */
	uint64_t uses;       /* so far */
	uint32_t kind;       /* enum endow_kind */
	uint32_t rights;     /* enum endow_right */
	uint32_t times_left; /* 0: no bound, or spent */
	uint32_t flags;      /* enum endow_flag */
	uint32_t line;       /* of the policy; 0: from elsewhere */
	char name[ENDOW_NAME_MAX + 4];
};

/* How a derived capability differs from its parent. All zero but the name: it does not. */
struct endow_terms {
	const char *name;  /* A-Z a-z 0-9 _ . -, at most ENDOW_NAME_MAX */
	const char *path;  /* beneath a tree: what the new one stands for; NULL: the same object */
	uint32_t rights;   /* a subset of the parent's. 0 is none */
	uint32_t flags;    /* ENDOW_REVOCABLE, or 0 */
	uint64_t until_ms; /* it ends that long from now; 0: with the parent */
	uint32_t times;    /* it can be used that often; 0: as the parent */
	uint32_t reserved; /* 0 */
};

/* The connection ------------------------------------------------------------------------------------------------------- */

/*
 * Take the connection that this program was started with: its number is in the environment as ENDOW_FD. It becomes
 * close-on-exec. *E is released with endow_close(). -ENOTCONN: there is none.
 */
ENDOW_API int endow_connect_broker(struct endow **e);

/* The same with the descriptor FD, which endow_client() of another process has made. On success it belongs to *E. */
ENDOW_API int endow_attach(int fd, struct endow **e);

/* Close the connection and release E (may be NULL): everything held by it is dropped. What was opened stays open. */
ENDOW_API void endow_close(struct endow *e);

/* The connection's descriptor, still E's: to wait for its end with poll(2), POLLHUP. Nothing may be read from it. */
ENDOW_API int endow_fileno(const struct endow *e);

/* How many capabilities E may hold, and how many requests a second are served at once. Either pointer may be NULL. */
ENDOW_API int endow_limits(struct endow *e, uint32_t *held, uint32_t *rate);

/* What is held --------------------------------------------------------------------------------------------------------- */

/* Fill in at most MAX entries, by rising handle. Returns how many are held, which may be more. */
ENDOW_API int endow_list(struct endow *e, struct endow_capability *out, size_t max);

/* -ENOENT: nothing of that name is held. */
ENDOW_API int endow_find(struct endow *e, const char *name, endow_handle *handle);

/* Drop everything but the COUNT handles in KEEP, for good. Returns how many were dropped. -ENOENT, and nothing dropped: one of
 * KEEP is not held. */
ENDOW_API int endow_confine(struct endow *e, const endow_handle *keep, size_t count);

enum endow_enclosure {
	ENDOW_NO_FILES =
	    1u << 0, /* no file is opened, made, removed, run or truncated by a path, nor beneath a folder's descriptor */
	ENDOW_NO_TCP = 1u << 1,   /* no TCP port is connected to or bound */
	ENDOW_NO_OTHERS = 1u << 2 /* no signal to a process outside, and no abstract socket of one */
};

/*
 * Give up, for good and for all children, what is reached by name (WHAT: enum endow_enclosure): what is left is what is open,
 * and what the broker hands out. -EOPNOTSUPP: this kernel can't refuse all of it. -EBUSY: there is, or was, another thread.
 */
ENDOW_API int endow_enclose(uint32_t what);

/*
 * Promise to make no other system calls than those that a policy with `promise PROMISES` opens, and those that its grants may:
 * for good, for all threads and all children. PROMISES: the words of endow.policy(5), blanks between them; "" is none. What was
 * given up before stays so, whatever is promised now. -EINVAL: a word is unknown. -EBUSY: another thread has a filter of its
 * own. -EOPNOTSUPP: this kernel has no filters. This and endow_promise_unknown() are async-signal-safe.
 */
ENDOW_API int endow_promise(const char *promises);

/* Where in PROMISES the first word begins that this version does not know; NULL: it knows all. */
ENDOW_API const char *endow_promise_unknown(const char *promises);

/* What can be done with it --------------------------------------------------------------------------------------------- */

/*
 * Open a file (PATH NULL) or a PATH beneath a tree. FLAGS as for open(2): O_RDONLY, O_WRONLY or O_RDWR (O_WRONLY|O_APPEND takes
 * the right `append`), with O_CREAT, O_EXCL, O_TRUNC, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK; O_CLOEXEC and O_NOCTTY are always
 * so; others are -EINVAL. MODE, with O_CREAT: permission bits; the launcher's umask applies. Returns a descriptor.
 */
ENDOW_API int endow_open(struct endow *e, endow_handle handle, const char *path, int flags, mode_t mode);

/* Beneath a tree that is held with `create`. Nothing is followed at the end of a path. */
ENDOW_API int endow_mkdir(struct endow *e, endow_handle tree, const char *path, mode_t mode);
ENDOW_API int endow_unlink(struct endow *e, endow_handle tree, const char *path);
ENDOW_API int endow_rmdir(struct endow *e, endow_handle tree, const char *path);
ENDOW_API int endow_rename(struct endow *e, endow_handle tree, const char *from, const char *to);

/* A socket that is connected to the capability's address. */
ENDOW_API int endow_connect(struct endow *e, endow_handle handle);

/* A connection that waits at the capability's listening socket. -EAGAIN: none does. */
ENDOW_API int endow_accept(struct endow *e, endow_handle handle);

/* Handing on ----------------------------------------------------------------------------------------------------------- */

/* A capability of fewer rights, more conditions or a part of a tree. What would be more than the parent is refused. */
ENDOW_API int endow_derive(struct endow *e, endow_handle parent, const struct endow_terms *terms, endow_handle *handle);

/* Hold it no more. What was derived from it stays. */
ENDOW_API int endow_drop(struct endow *e, endow_handle handle);

/* End it, and all that was ever derived from it, whoever holds that. */
ENDOW_API int endow_revoke(struct endow *e, endow_handle handle);

/* A descriptor that stands for the capability (takes `pass`): send it to another client, who claims it, once. */
ENDOW_API int endow_ticket(struct endow *e, endow_handle handle);

/* Turn a ticket into a capability that is held by E. TICKET stays the caller's to close. */
ENDOW_API int endow_claim(struct endow *e, int ticket, endow_handle *handle);

/* A new connection, for a child, that holds copies of the COUNT HANDLES (each takes `pass`; at most 64). Returns its
 * descriptor. */
ENDOW_API int endow_client(struct endow *e, const endow_handle *handles, size_t count);

/* Ask for what is not held: an absolute PATH to a file or a tree (KIND). REASON, for the person who may be asked, may be NULL.
 */
ENDOW_API int endow_request(struct endow *e, int kind, uint32_t rights, const char *path, const char *reason,
			    endow_handle *handle);

/* What went wrong ------------------------------------------------------------------------------------------------------ */

/*
 * The words for the last call on E that failed, in whichever thread, cut to SIZE and NUL-terminated. Returns their length
 * without the NUL as they were before cutting. They name things from outside: control characters are shown as '?'.
 */
ENDOW_API int endow_message(struct endow *e, char *buf, size_t size);

/* The words of a negative (or positive) errno; static, in English. */
ENDOW_API const char *endow_strerror(int code);

#ifdef __cplusplus
}
#endif

#endif

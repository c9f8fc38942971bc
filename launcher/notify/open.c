#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "beneath.h"
#include "hear.h"
#include "kernel.h"
#include "lend.h"
#include "names/names.h"
#include "owned.h"
#include "paths.h"
#include "plan.h"

#define TMPFILE 020000000 /* of O_TMPFILE: without O_DIRECTORY, which older kernels made the difference by */

struct opening {
	const struct call *c;
	int flags;
	unsigned int mode;
	uint32_t rights; /* enum wire_right; CREATE is for what is absent alone, and not among them */
};

static unsigned int umask_of(const void *arg)
{
	return call_umask(arg);
}

static uint32_t rights_of(int flags)
{
	const uint32_t writing = flags & O_APPEND ? WIRE_APPEND : WIRE_WRITE;
	const uint32_t truncating = flags & O_TRUNC ? WIRE_WRITE : 0;

	switch (flags & O_ACCMODE) {
	case O_RDONLY: return WIRE_READ | truncating;
	case O_WRONLY: return writing | truncating;
	case O_RDWR: return WIRE_READ | writing | truncating;
	default: return 0; /* for ioctl alone */
	}
}

/* Where the path is among the arguments: *DIRFD and *ADDRESS. */
static void decode(const struct call *c, struct opening *o, int *dirfd, uint64_t *address)
{
	const int at = c->nr == SYS_openat;

	*dirfd = at ? (int)c->args[0] : AT_FDCWD;
	*address = c->args[at];
	*o = (struct opening){.c = c, .flags = (int)c->args[1 + at], .mode = (unsigned int)c->args[2 + at]};
#ifdef SYS_creat
	if (c->nr == SYS_creat) {
		o->flags = O_CREAT | O_WRONLY | O_TRUNC;
		o->mode = (unsigned int)c->args[1];
	}
#endif
	o->rights = rights_of(o->flags);
}

static int open_with(struct broker *b, const struct opening *o, const struct cap *cap, const char *rest)
{
	const struct object *object = &b->objects.list[cap->object];
	const struct beneath where = {
	    .root = object->fd, .dev = object->held->dev, .is_tree = cap->kind == WIRE_TREE, .rest = rest};
	const struct beneath_how how = {
	    .flags = o->flags,
	    .mode = o->mode,
	    .may_create = (cap->rights & WIRE_CREATE) != 0,
	    .attenuate = o->rights & WIRE_APPEND && !(cap->rights & WIRE_WRITE),
	    .umask = umask_of,
	    .arg = o->c,
	};

	if (o->flags & TMPFILE)
		return -EOPNOTSUPP;
	/* Modes bind the program's user here as they do where Landlock lets him open the path himself. */
	int rc = lend_bare_begin();
	if (rc < 0)
		return rc;
	rc = beneath_open(&where, &how);
	lend_bare_end();
	return rc;
}

/*
 * No number is left in the caller for what would be made or emptied: that is to be known before. (Since Linux 6.2 a process's
 * folder of descriptors is as long as there are.)
 */
static int is_full(const struct opening *o)
{
	struct rlimit l;
	struct stat st;
	char path[32];

	if (!(o->flags & (O_CREAT | O_TRUNC)))
		return 0;
	snprintf(path, sizeof path, "/proc/%d/fd", (int)o->c->tid);
	return stat(path, &st) == 0 && prlimit(o->c->tid, RLIMIT_NOFILE, NULL, &l) == 0 && (uint64_t)st.st_size >= l.rlim_cur;
}

/* CALL_LATER: it is injected; CALL_GO_ON: nothing covers it. *OUTSIDE: a link led out of what covers it. */
static int open_covered(const struct opening *o, const char *path, int *outside)
{
	struct broker *b = server_now();
	const char *rest;

	if (!b)
		return CALL_GO_ON;
	for (struct cap *cap = NULL; (cap = paths_covering(b, path, o->rights, cap, &rest)) != NULL;) {
		OWNED_FD int fd = is_full(o) ? -EMFILE : open_with(b, o, cap, rest);
		if (fd == -EXDEV)
			*outside = 1;
		if (fd == -EXDEV || (fd == -ENOENT && o->flags & O_CREAT && !(cap->rights & WIRE_CREATE)))
			continue;
		if (fd < 0)
			return fd;
		paths_used(b, o->c, cap, rest, o->rights);
		call_inject(o->c, fd, (o->flags & O_CLOEXEC) != 0);
		return CALL_LATER;
	}
	return CALL_GO_ON;
}

static int open_named(const struct opening *o, const char *path)
{
	const uint32_t families = hear_plan()->families;

	if (!(families & FAM_BROKER_NET) || o->rights != WIRE_READ)
		return CALL_GO_ON;
	OWNED_FD int fd = names_open(o->c, path);
	if (fd == CALL_LATER)
		return take_fd(&fd);
	if (fd < 0)
		return fd == -ENOENT ? CALL_GO_ON : fd;
	call_inject(o->c, fd, (o->flags & O_CLOEXEC) != 0);
	return CALL_LATER;
}

int paths_open(const struct call *c)
{
	char path[PATHS_TEXT], real[PATHS_TEXT];
	uint64_t address;
	struct opening o;
	int dirfd, outside = 0;

	decode(c, &o, &dirfd, &address);
	/* Who hides its memory can't be brought anything. */
	if (!o.rights || paths_read(c, dirfd, address, path) < 0)
		return CALL_GO_ON;
	if (!(hear_plan()->families & (FAM_BROKER_PATHS | FAM_REPORT)))
		return open_named(&o, path); /* only the files that say how names are looked up */
	if (paths_is_own(path))
		return !(o.flags & O_NOFOLLOW) && paths_of_descriptor(c, path, real) == 0 ? open_covered(&o, real, &outside)
											  : CALL_GO_ON;
	int rc = open_named(&o, path);
	if (rc == CALL_GO_ON)
		rc = open_covered(&o, path, &outside);
	if (rc != CALL_GO_ON)
		return rc;
	const enum paths_last last =
	    o.flags & O_NOFOLLOW || (o.flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) ? PATHS_NOFOLLOW : PATHS_FOLLOW;
	const int is_other = paths_canonical(path, last, real);
	if (is_other)
		rc = open_covered(&o, real, &outside);
	return rc == CALL_GO_ON ? paths_otherwise(c, is_other ? real : path, last, o.rights, o.flags) : rc;
}

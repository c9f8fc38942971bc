/* What can be asked for, one function a request. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define SAME(a, b) _Static_assert((int)(a) == (int)(b), #a)
SAME(ENDOW_READ, WIRE_READ);
SAME(ENDOW_WRITE, WIRE_WRITE);
SAME(ENDOW_APPEND, WIRE_APPEND);
SAME(ENDOW_CREATE, WIRE_CREATE);
SAME(ENDOW_PASS, WIRE_PASS);
SAME(ENDOW_FILE, WIRE_FILE);
SAME(ENDOW_TREE, WIRE_TREE);
SAME(ENDOW_CONNECT, WIRE_CONNECT);
SAME(ENDOW_LISTEN, WIRE_LISTEN);
SAME(ENDOW_REVOCABLE, WIRE_DERIVE_REVOCABLE);
SAME(ENDOW_REVOCABLE, WIRE_ENTRY_REVOCABLE);
SAME(ENDOW_SPENT, WIRE_ENTRY_SPENT);
SAME(ENDOW_NAME_MAX, WIRE_NAME_MAX);

/* A call that brings a handle. */
static int make_for_handle(struct endow *e, struct call *c, endow_handle *handle)
{
	if (!handle)
		call_wrong(c, EINVAL, "there is no place for the handle");
	int rc = call_make(e, c);
	if (rc == 0 && handle)
		*handle = c->m.handle.handle;
	return rc;
}

static int make_for_fd(struct endow *e, struct call *c)
{
	c->takes_fd = 1;
	return call_make(e, c);
}

static int by_handle(struct endow *e, enum wire_type type, endow_handle handle, int takes_fd)
{
	struct call c;

	call_begin(&c, type, sizeof c.m.by_handle, WIRE_DONE);
	c.m.by_handle.handle = handle;
	return takes_fd ? make_for_fd(e, &c) : call_make(e, &c);
}

static uint32_t name_text(struct call *c, const char *name)
{
	if (!name || !wire_is_name(name, strnlen(name, WIRE_NAME_MAX + 1)))
		call_wrong(c, EINVAL, "a capability's name has 1 to %u characters of A-Z a-z 0-9 _ . -", WIRE_NAME_MAX);
	return c->rc < 0 ? 0 : call_say(c, name);
}

int endow_find(struct endow *e, const char *name, endow_handle *handle)
{
	struct call c;

	call_begin(&c, WIRE_FIND, sizeof c.m.by_text, WIRE_HANDLE);
	c.m.by_text.text_len = name_text(&c, name);
	return make_for_handle(e, &c, handle);
}

/* Opening ---------------------------------------------------------------------------------------------------------------- */

#define OPEN_FLAGS                                                                                                          \
	(O_ACCMODE | O_APPEND | O_CREAT | O_EXCL | O_TRUNC | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | \
	 O_LARGEFILE)

static uint32_t rights_of(struct call *c, int flags)
{
	const int access = flags & O_ACCMODE;
	uint32_t rights = flags & O_CREAT ? WIRE_CREATE : 0;

	if (flags & ~OPEN_FLAGS)
		call_wrong(c, EINVAL, "open flags 0%o: the broker opens nothing with these", (unsigned)(flags & ~OPEN_FLAGS));
	if ((flags & O_APPEND) && access == O_WRONLY)
		return rights | WIRE_APPEND;
	if (flags & O_APPEND)
		call_wrong(c, EINVAL, "O_APPEND goes with O_WRONLY alone");
	if (access == O_RDONLY)
		return rights | WIRE_READ;
	if (access == O_WRONLY)
		return rights | WIRE_WRITE;
	if (access != O_RDWR)
		call_wrong(c, EINVAL, "neither O_RDONLY nor O_WRONLY nor O_RDWR");
	return rights | WIRE_READ | WIRE_WRITE;
}

static uint32_t open_flags_of(int flags)
{
	static const struct {
		int flag;
		uint32_t wire;
	} rows[] = {
	    {O_EXCL, WIRE_OPEN_EXCLUSIVE},    {O_TRUNC, WIRE_OPEN_TRUNCATE},    {O_DIRECTORY, WIRE_OPEN_DIRECTORY},
	    {O_NOFOLLOW, WIRE_OPEN_NOFOLLOW}, {O_NONBLOCK, WIRE_OPEN_NONBLOCK},
	};
	uint32_t wire = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (flags & rows[i].flag)
			wire |= rows[i].wire;
	return wire;
}

int endow_open(struct endow *e, endow_handle handle, const char *path, int flags, mode_t mode)
{
	struct call c;

	call_begin(&c, WIRE_OPEN, sizeof c.m.open, WIRE_DONE);
	c.m.open.handle = handle;
	c.m.open.rights = rights_of(&c, flags);
	c.m.open.flags = open_flags_of(flags);
	c.m.open.mode = flags & O_CREAT ? (uint32_t)mode : 0;
	c.m.open.text_len = call_say(&c, path);
	return make_for_fd(e, &c);
}

/* Changes ---------------------------------------------------------------------------------------------------------------- */

static int change(struct endow *e, endow_handle tree, enum wire_change_what what, mode_t mode, const char *path,
		  const char *second)
{
	struct call c;

	call_begin(&c, WIRE_CHANGE, sizeof c.m.change, WIRE_DONE);
	c.m.change.handle = tree;
	c.m.change.what = what;
	c.m.change.mode = (uint32_t)mode;
	c.m.change.text_len = call_say(&c, path);
	c.m.change.second_len = call_say(&c, second);
	return call_make(e, &c);
}

int endow_mkdir(struct endow *e, endow_handle tree, const char *path, mode_t mode)
{
	return change(e, tree, WIRE_MKDIR, mode, path, NULL);
}

int endow_unlink(struct endow *e, endow_handle tree, const char *path)
{
	return change(e, tree, WIRE_UNLINK, 0, path, NULL);
}

int endow_rmdir(struct endow *e, endow_handle tree, const char *path)
{
	return change(e, tree, WIRE_RMDIR, 0, path, NULL);
}

int endow_rename(struct endow *e, endow_handle tree, const char *from, const char *to)
{
	return change(e, tree, WIRE_RENAME, 0, from, to);
}

/* Sockets ---------------------------------------------------------------------------------------------------------------- */

/* Which of the two it is, the capability's kind says. */
static int socket_of(struct endow *e, endow_handle handle)
{
	struct call c;

	call_begin(&c, WIRE_SOCKET, sizeof c.m.socket, WIRE_DONE);
	c.m.socket.handle = handle;
	return make_for_fd(e, &c);
}

int endow_connect(struct endow *e, endow_handle handle)
{
	return socket_of(e, handle);
}

int endow_accept(struct endow *e, endow_handle handle)
{
	return socket_of(e, handle);
}

/* Handing on ------------------------------------------------------------------------------------------------------------- */

int endow_derive(struct endow *e, endow_handle parent, const struct endow_terms *terms, endow_handle *handle)
{
	struct call c;

	call_begin(&c, WIRE_DERIVE, sizeof c.m.derive, WIRE_HANDLE);
	if (!terms || terms->reserved) {
		call_wrong(&c, EINVAL, "terms: none, or made for another version of libendow");
		return call_make(e, &c);
	}
	c.m.derive.handle = parent;
	c.m.derive.rights = terms->rights;
	c.m.derive.flags = terms->flags;
	c.m.derive.until_ms = terms->until_ms;
	c.m.derive.times = terms->times;
	c.m.derive.name_len = name_text(&c, terms->name);
	c.m.derive.path_len = call_say(&c, terms->path);
	return make_for_handle(e, &c, handle);
}

int endow_drop(struct endow *e, endow_handle handle)
{
	return by_handle(e, WIRE_DROP, handle, 0);
}

int endow_revoke(struct endow *e, endow_handle handle)
{
	return by_handle(e, WIRE_REVOKE, handle, 0);
}

int endow_ticket(struct endow *e, endow_handle handle)
{
	return by_handle(e, WIRE_TICKET, handle, 1);
}

int endow_claim(struct endow *e, int ticket, endow_handle *handle)
{
	struct call c;

	call_begin(&c, WIRE_CLAIM, sizeof c.m.claim, WIRE_HANDLE);
	c.give = ticket;
	if (ticket < 0)
		call_wrong(&c, EBADF, "descriptor %d is not open", ticket);
	return make_for_handle(e, &c, handle);
}

int endow_client(struct endow *e, const endow_handle *handles, size_t count)
{
	struct call c;

	call_begin(&c, WIRE_CLIENT, sizeof c.m.client, WIRE_DONE);
	if (count > WIRE_GIVE_MAX)
		call_wrong(&c, E2BIG, "%zu capabilities for a new client: at most %u", count, WIRE_GIVE_MAX);
	for (size_t i = 0; i < count && c.rc == 0; i++)
		c.m.client.handles[i] = handles[i];
	c.m.client.count = (uint32_t)count;
	return make_for_fd(e, &c);
}

int endow_request(struct endow *e, int kind, uint32_t rights, const char *path, const char *reason, endow_handle *handle)
{
	struct call c;

	call_begin(&c, WIRE_REQUEST, sizeof c.m.request, WIRE_HANDLE);
	if (!path || path[0] != '/')
		call_wrong(&c, EINVAL, "a request names an absolute path");
	c.m.request.rights = rights;
	c.m.request.kind = (uint32_t)kind;
	c.m.request.text_len = call_say(&c, path);
	c.m.request.reason_len = call_say(&c, reason);
	return make_for_handle(e, &c, handle);
}

/* What is held ----------------------------------------------------------------------------------------------------------- */

static void copy_entry(const struct wire_entry *from, struct endow_capability *to)
{
	_Static_assert(sizeof to->name == sizeof from->name, "names");
	*to = (struct endow_capability){
	    .handle = from->handle,
	    .parent = from->parent,
	    .left_ms = from->left_ms,
	    .uses = from->uses,
	    .kind = from->kind,
	    .rights = from->rights,
	    .times_left = from->times_left,
	    .flags = from->flags,
	    .line = from->line,
	};
	memcpy(to->name, from->name, sizeof to->name);
}

/* The piece of the list from handle *FROM on. Moves *FROM on; 0: that was the last. */
static int list_piece(struct endow *e, struct call *c, endow_handle *from)
{
	call_begin(c, WIRE_LIST, sizeof c->m.by_handle, WIRE_LISTED);
	c->m.by_handle.handle = *from;
	int rc = call_locked(e, c);
	*from = rc == 0 && c->m.listed.more ? c->m.listed.entries[c->m.listed.count - 1].handle + 1 : 0;
	return rc;
}

static int list_locked(struct endow *e, struct endow_capability *out, size_t max)
{
	endow_handle from = 0;
	size_t count = 0;
	struct call c;

	do {
		int rc = list_piece(e, &c, &from);
		if (rc < 0)
			return rc;
		for (uint32_t i = 0; i < c.m.listed.count; i++, count++)
			if (count < max)
				copy_entry(&c.m.listed.entries[i], &out[count]);
	} while (from);
	return (int)count;
}

int endow_list(struct endow *e, struct endow_capability *out, size_t max)
{
	int cancel;

	if (!e || (!out && max > 0))
		return -EINVAL;
	connection_lock(e, &cancel);
	int rc = list_locked(e, out, max);
	connection_unlock(e, cancel);
	return rc;
}

/* Dropping everything else ----------------------------------------------------------------------------------------------- */

static int is_among(endow_handle handle, const endow_handle *keep, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keep[i] == handle)
			return 1;
	return 0;
}

static int all_held(struct endow *e, const struct endow_capability *held, size_t held_count, const endow_handle *keep,
		    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < held_count && held[k].handle != keep[i])
			k++;
		if (k == held_count)
			return err_set(&e->err, ENOENT, "capability %llu is not held, so it can't be kept",
				       (unsigned long long)keep[i]);
	}
	return 0;
}

/* What has ended by itself meanwhile is gone as well as what is dropped. */
static int drop_others(struct endow *e, const struct endow_capability *held, size_t held_count, const endow_handle *keep,
		       size_t count)
{
	int dropped = 0;
	struct call c;

	for (size_t i = 0; i < held_count; i++) {
		if (is_among(held[i].handle, keep, count))
			continue;
		call_begin(&c, WIRE_DROP, sizeof c.m.by_handle, WIRE_DONE);
		c.m.by_handle.handle = held[i].handle;
		int rc = call_locked(e, &c);
		if (rc < 0 && (e->broken || rc != -EBADF))
			return rc;
		dropped++;
	}
	return dropped;
}

static int confine_locked(struct endow *e, struct endow_capability *room, size_t max, const endow_handle *keep, size_t count)
{
	int held = list_locked(e, room, max);
	if (held < 0)
		return held;
	if ((size_t)held > max)
		return err_set(&e->err, EOVERFLOW, "more capabilities are held than the broker's limit of %zu", max);
	int rc = all_held(e, room, (size_t)held, keep, count);
	return rc < 0 ? rc : drop_others(e, room, (size_t)held, keep, count);
}

int endow_confine(struct endow *e, const endow_handle *keep, size_t count)
{
	int cancel;

	if (!e || (!keep && count > 0))
		return -EINVAL;
	struct endow_capability *room = calloc(e->limit_held ? e->limit_held : 1, sizeof *room);
	if (!room)
		return -ENOMEM;
	connection_lock(e, &cancel);
	int rc = confine_locked(e, room, e->limit_held, keep, count);
	connection_unlock(e, cancel);
	free(room);
	return rc;
}

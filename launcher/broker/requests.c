#include "requests.h"

#include <string.h>
#include <sys/socket.h>

#include "asking_request.h"
#include "connecting.h"
#include "opening.h"
#include "owned.h"

#define BIT(kind) (1u << (kind))
#define FILES (BIT(WIRE_FILE) | BIT(WIRE_TREE))
#define SOCKETS (BIT(WIRE_CONNECT) | BIT(WIRE_LISTEN))

struct request {
	struct broker *b;
	uint32_t client;
	uint32_t serial;
	const union wire_message *m;
	const struct wire_texts *texts;
	int fd;          /* a ticket, or -1 */
	struct cap *cap; /* where the row takes one: held by the client, of such a kind, with such rights */
};

/* Small steps ------------------------------------------------------------------------------------------------------------- */

static struct object *object_of(const struct request *r)
{
	return &r->b->objects.list[r->cap->object];
}

static void copy_text(char to[WIRE_TEXT_MAX + 1], const char *text, uint32_t len)
{
	memcpy(to, text, len);
	to[len] = '\0';
}

/* A text that has to be a path beneath a tree, in TO. */
static int copy_part(char to[WIRE_TEXT_MAX + 1], const char *text, uint32_t len, struct err *err)
{
	if (!wire_is_part(text, len))
		return err_set(err, EINVAL, "a path beneath a tree has no '..', no '.', and no slash but between names");
	copy_text(to, text, len);
	return 0;
}

static void log_path(const struct request *r, const char *event, const struct cap *cap, const char *path, uint32_t rights)
{
	struct log_line line = server_line(r->b, event, r->client, cap);

	line.path = path;
	line.path_len = strlen(path);
	line.rights = rights;
	log_write(&r->b->log, &line);
}

static int use(const struct request *r, struct err *err)
{
	const int rc = table_use(&r->b->table, r->cap);

	return rc < 0 ? err_set(err, -rc, "%s: it has been used as often as it can be", r->cap->name) : 0;
}

static int done(const struct request *r, int fd)
{
	server_done(r->b, r->client, r->serial, fd);
	return 0;
}

static int answer_handle(const struct request *r, uint64_t handle)
{
	union wire_message m;

	m.handle = (struct wire_handle){.head.type = WIRE_HANDLE, .handle = handle};
	server_reply(r->b, r->client, &m, r->serial, sizeof m.handle, -1);
	return 0;
}

/* What is held ------------------------------------------------------------------------------------------------------------ */

static int hello(struct request *r, struct err *err)
{
	union wire_message m;

	(void)err;
	r->b->clients[r->client].greeted = 1;
	m.hello = (struct wire_hello){.head.type = WIRE_WELCOME, .limit_held = TABLE_CLIENT_MAX, .limit_rate = BROKER_RATE};
	server_reply(r->b, r->client, &m, r->serial, sizeof m.hello, -1);
	return 0;
}

static void describe(const struct request *r, const struct cap *cap, struct wire_entry *e)
{
	struct table *t = &r->b->table;
	const struct cap *parent = table_parent(t, cap);
	const uint32_t left = table_left(t, cap);

	*e = (struct wire_entry){
	    .handle = cap->handle,
	    .parent = parent && parent->client == r->client ? parent->handle : 0,
	    .left_ms = cap->until ? cap->until - r->b->now : 0,
	    .uses = cap->uses,
	    .kind = cap->kind,
	    .rights = cap->rights,
	    .times_left = left == TABLE_UNBOUND ? 0 : left,
	    .flags = cap->flags | (left == 0 ? WIRE_ENTRY_SPENT : 0),
	    .line = r->b->objects.list[cap->object].held->line,
	};
	memcpy(e->name, cap->name, sizeof e->name);
}

static int list(struct request *r, struct err *err)
{
	union wire_message m = {.listed.head.type = WIRE_LISTED};
	uint32_t count = 0;
	const struct cap *cap = table_from(&r->b->table, r->client, r->m->by_handle.handle);

	(void)err;
	while (cap && count < WIRE_LIST_MAX) {
		describe(r, cap, &m.listed.entries[count++]);
		cap = table_next(&r->b->table, cap);
	}
	m.listed.count = count;
	m.listed.more = cap != NULL;
	server_reply(r->b, r->client, &m, r->serial, sizeof m.listed + count * sizeof(struct wire_entry), -1);
	return 0;
}

static int find(struct request *r, struct err *err)
{
	const struct cap *cap = table_named(&r->b->table, r->client, r->texts->first, r->texts->first_len);

	if (!cap)
		return err_set(err, ENOENT, "%.*s: nothing of this name is held", (int)r->texts->first_len, r->texts->first);
	return answer_handle(r, cap->handle);
}

/* Using it ---------------------------------------------------------------------------------------------------------------- */

static int check_open(const struct request *r, struct err *err)
{
	const struct wire_open *how = &r->m->open;
	/* Who may write may promise not to overwrite. */
	const uint32_t has = r->cap->rights | (r->cap->rights & WIRE_WRITE ? WIRE_APPEND : 0);

	if (how->rights & ~has)
		return err_set(err, EACCES, "%s: it is held without the right to %s", r->cap->name,
			       table_right(how->rights & ~has));
	if (r->cap->flags & WIRE_DERIVE_REVOCABLE)
		return err_set(err, EOPNOTSUPP, "%s can be revoked, and a descriptor can't be taken back on this kernel",
			       r->cap->name);
	if (r->cap->kind == WIRE_FILE && how->text_len)
		return err_set(err, ENOTDIR, "%s is a file: there is no path beneath it", r->cap->name);
	return 0;
}

static int open_it(struct request *r, struct err *err)
{
	const int is_tree = r->cap->kind == WIRE_TREE;
	char path[WIRE_TEXT_MAX + 1] = "";
	/* A tree itself can be opened as a folder: without a path. */
	const int is_folder = is_tree && r->texts->first_len == 0 && r->m->open.flags & WIRE_OPEN_DIRECTORY;
	int rc = check_open(r, err);

	if (rc == 0 && is_tree && !is_folder)
		rc = copy_part(path, r->texts->first, r->texts->first_len, err);
	if (rc == 0)
		rc = use(r, err);
	if (rc < 0)
		return rc;
	OWNED_FD int fd = opening_open(object_of(r)->fd, is_tree && !is_folder, path, &r->m->open, err);
	if (fd < 0) {
		table_give_back(&r->b->table, r->cap);
		return fd;
	}
	log_path(r, "use", r->cap, path, r->m->open.rights);
	return done(r, fd);
}

static int change(struct request *r, struct err *err)
{
	char first[WIRE_TEXT_MAX + 1], second[WIRE_TEXT_MAX + 1] = "";
	int rc = copy_part(first, r->texts->first, r->texts->first_len, err);

	if (rc == 0 && r->texts->second_len)
		rc = copy_part(second, r->texts->second, r->texts->second_len, err);
	if (rc == 0)
		rc = use(r, err);
	if (rc < 0)
		return rc;
	rc = opening_change(object_of(r)->fd, &r->m->change, first, second, err);
	if (rc < 0) {
		table_give_back(&r->b->table, r->cap);
		return rc;
	}
	log_path(r, "use", r->cap, first, WIRE_CREATE);
	return done(r, -1);
}

static int take_one(const struct request *r, struct err *err)
{
	const int fd = accept4(object_of(r)->fd, NULL, NULL, SOCK_CLOEXEC);

	return fd < 0 ? err_set(err, errno, "%s: %s", r->cap->name, errno == EAGAIN ? "nobody waits" : err_words(errno)) : fd;
}

static int connect_or_accept(struct request *r, struct err *err)
{
	int rc = use(r, err);

	if (rc < 0)
		return rc;
	rc = r->cap->kind == WIRE_LISTEN ? take_one(r, err) : connecting_begin(r->b, r->client, r->cap, r->serial, err);
	if (rc > 0)
		connecting_deliver(r->b, r->client, r->cap, r->serial, rc);
	if (rc < 0)
		table_give_back(&r->b->table, r->cap);
	return rc < 0 ? rc : 0;
}

/* Making others of it ----------------------------------------------------------------------------------------------------- */

/* The same for CLIENT. */
static struct table_wish copy_of(const struct broker *b, const struct cap *cap, uint32_t client)
{
	return (struct table_wish){.client = client,
				   .now = b->now,
				   .kind = cap->kind,
				   .rights = cap->rights,
				   .object = cap->object,
				   .name = cap->name,
				   .name_len = strlen(cap->name)};
}

/* WISH's object gets one user more: the new capability. */
static int make(struct broker *b, struct cap *parent, const struct table_wish *wish, struct cap **made, struct err *err)
{
	objects_hold(&b->objects, wish->object);
	const int rc = table_make(&b->table, parent, wish, made, err);
	if (rc < 0)
		objects_release(&b->objects, wish->object);
	return rc;
}

static int derive_part(const struct request *r, const char *path, struct table_wish *wish, struct cap **made, struct err *err)
{
	if (r->cap->kind != WIRE_TREE)
		return err_set(err, ENOTDIR, "%s is not a tree: there is no path beneath it", r->cap->name);
	const int fd =
	    opening_part(object_of(r)->fd, path, wish->rights & (WIRE_WRITE | WIRE_APPEND | WIRE_CREATE), &wish->kind, err);
	const int object = fd < 0 ? fd : objects_add(&r->b->objects, fd, object_of(r)->held);
	if (object < 0)
		return fd < 0 ? fd : err_set(err, -object, "there are too many capabilities");
	wish->object = (uint32_t)object;
	const int rc = make(r->b, r->cap, wish, made, err);
	objects_release(&r->b->objects, wish->object);
	return rc;
}

static int derive(struct request *r, struct err *err)
{
	const struct wire_derive *d = &r->m->derive;
	struct table_wish wish = copy_of(r->b, r->cap, r->client);
	char path[WIRE_TEXT_MAX + 1] = "";
	struct cap *made = NULL;
	int rc = 0;

	wish.rights = d->rights;
	wish.flags = d->flags;
	wish.times = d->times;
	wish.name = r->texts->first;
	wish.name_len = r->texts->first_len;
	if (d->until_ms && __builtin_add_overflow(r->b->now, d->until_ms, &wish.until))
		return err_set(err, ERANGE, "an end that never comes");
	if (r->texts->second_len)
		rc = copy_part(path, r->texts->second, r->texts->second_len, err);
	if (rc == 0)
		rc = *path ? derive_part(r, path, &wish, &made, err) : make(r->b, r->cap, &wish, &made, err);
	if (rc < 0 || !made)
		return rc;
	log_path(r, "derive", made, path, 0);
	return answer_handle(r, made->handle);
}

static int drop_it(struct request *r, struct err *err)
{
	(void)err;
	server_log(r->b, "drop", r->client, r->cap, 0, NULL);
	table_drop(&r->b->table, r->cap);
	return done(r, -1);
}

static int revoke_it(struct request *r, struct err *err)
{
	(void)err;
	server_log(r->b, "revoke", r->client, r->cap, 0, NULL);
	table_revoke(&r->b->table, r->cap);
	return done(r, -1);
}

static int ticket(struct request *r, struct err *err)
{
	OWNED_FD int fd = objects_ticket(&r->b->objects, r->cap->handle, r->client, err);

	return fd < 0 ? fd : done(r, fd);
}

static int claim(struct request *r, struct err *err)
{
	uint32_t from = 0;
	const uint64_t handle = objects_claim(&r->b->objects, r->fd, &from);
	struct cap *cap = handle ? table_find(&r->b->table, from, handle) : NULL, *made;

	if (!cap)
		return err_set(err, ESTALE, "no ticket, or one that was claimed or has ended");
	const struct table_wish wish = copy_of(r->b, cap, r->client);
	const int rc = make(r->b, cap, &wish, &made, err);
	if (rc < 0)
		return rc;
	server_log(r->b, "derive", r->client, made, 0, NULL);
	return answer_handle(r, made->handle);
}

/* Another client ---------------------------------------------------------------------------------------------------------- */

static int give(const struct request *r, uint32_t to, uint64_t handle, struct err *err)
{
	struct cap *cap = table_find(&r->b->table, r->client, handle), *made;

	if (!cap)
		return err_set(err, EBADF, "no capability with this handle is held");
	if (!(cap->rights & WIRE_PASS))
		return err_set(err, EACCES, "%s: it is held without the right to pass", cap->name);
	const struct table_wish wish = copy_of(r->b, cap, to);
	const int rc = make(r->b, cap, &wish, &made, err);
	if (rc == 0)
		server_log(r->b, "derive", to, made, 0, NULL);
	return rc;
}

static int new_client(struct request *r, struct err *err)
{
	OWNED_FD int fd = -1;
	const int client = server_add_client(r->b, &fd, err);
	int rc = client < 0 ? client : 0;

	if (client >= 0)
		r->b->clients[client].pid = r->b->clients[r->client].pid; /* until it speaks itself */
	for (uint32_t i = 0; i < r->m->client.count && rc == 0; i++)
		rc = give(r, (uint32_t)client, r->m->client.handles[i], err);
	if (rc < 0) {
		if (client >= 0)
			server_end_client(r->b, (uint32_t)client, rc, err->text);
		return rc;
	}
	server_log(r->b, "client", (uint32_t)client, NULL, 0, NULL);
	return done(r, fd);
}

static int ask(struct request *r, struct err *err)
{
	return asking_request(r->b, r->client, r->m, r->texts, err);
}

/* The table --------------------------------------------------------------------------------------------------------------- */

static const struct row {
	int (*serve)(struct request *r, struct err *err); /* 0: it has replied, or will; a negative errno: refused */
	uint32_t kinds;                                   /* of the capability that the message names; 0: it names none */
	uint32_t rights;                                  /* that the capability must have */
	int before_hello;
} rows[WIRE_REQUEST_END] = {
    [WIRE_HELLO] = {hello, 0, 0, 1},
    [WIRE_LIST] = {list, 0, 0, 0},
    [WIRE_FIND] = {find, 0, 0, 0},
    [WIRE_OPEN] = {open_it, FILES, 0, 0}, /* which rights the message says */
    [WIRE_CHANGE] = {change, BIT(WIRE_TREE), WIRE_CREATE, 0},
    [WIRE_SOCKET] = {connect_or_accept, SOCKETS, 0, 0},
    [WIRE_DERIVE] = {derive, FILES | SOCKETS, 0, 0},
    [WIRE_DROP] = {drop_it, FILES | SOCKETS, 0, 0},
    [WIRE_REVOKE] = {revoke_it, FILES | SOCKETS, 0, 0},
    [WIRE_TICKET] = {ticket, FILES | SOCKETS, WIRE_PASS, 0},
    [WIRE_CLAIM] = {claim, 0, 0, 0},
    [WIRE_CLIENT] = {new_client, 0, 0, 0},
    [WIRE_REQUEST] = {ask, 0, 0, 0},
};

/* In each message that names a capability the handle is the first field. */
_Static_assert(offsetof(struct wire_by_handle, handle) == offsetof(struct wire_open, handle) &&
		   offsetof(struct wire_by_handle, handle) == offsetof(struct wire_change, handle) &&
		   offsetof(struct wire_by_handle, handle) == offsetof(struct wire_socket, handle) &&
		   offsetof(struct wire_by_handle, handle) == offsetof(struct wire_derive, handle),
	       "one place");

static int check_row(struct request *r, const struct row *row, struct err *err)
{
	if (!row->serve)
		return err_set(err, ENOSYS, "no such request");
	if (!row->before_hello && !r->b->clients[r->client].greeted)
		return err_set(err, EPROTO, "HELLO comes first");
	if (!row->kinds)
		return 0;
	r->cap = table_find(&r->b->table, r->client, r->m->by_handle.handle);
	if (!r->cap)
		return err_set(err, EBADF, "no capability with this handle is held");
	if (!(row->kinds & BIT(r->cap->kind)))
		return err_set(err, EINVAL, "%s: nothing of its kind can be used like that", r->cap->name);
	if (row->rights & ~r->cap->rights)
		return err_set(err, EACCES, "%s: it is held without the right to %s", r->cap->name,
			       table_right(row->rights & ~r->cap->rights));
	return 0;
}

static void log_refusal(const struct request *r, int code, const struct err *err)
{
	struct log_line line = server_line(r->b, "refuse", r->client, r->cap);

	line.code = code;
	line.why = err->text;
	line.rights = r->m->head.type == WIRE_OPEN ? r->m->open.rights : 0;
	if (r->m->head.type == WIRE_OPEN || r->m->head.type == WIRE_CHANGE) {
		line.path = r->texts->first;
		line.path_len = r->texts->first_len;
	}
	log_write(&r->b->log, &line);
}

void requests_serve(struct broker *b, uint32_t client, const union wire_message *m, const struct wire_texts *texts, int fd)
{
	struct request r = {.b = b, .client = client, .serial = m->head.serial, .m = m, .texts = texts, .fd = fd};
	const struct row *row = &rows[m->head.type];
	struct err err;
	int rc = check_row(&r, row, &err);

	if (rc == 0)
		rc = row->serve(&r, &err);
	if (rc >= 0)
		return;
	log_refusal(&r, rc, &err);
	server_refuse(b, client, r.serial, rc, &err);
}

#include "wire.h"

#include <string.h>

/* What a type's packet has to be, and who looks at its body. A check fills in the two lengths, and returns what is wrong or
 * NULL. */
struct form {
	uint32_t size; /* of the fixed part */
	int fds_min, fds_max;
	const char *(*check)(const union wire_message *m, struct wire_texts *texts);
};

static int is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

int wire_is_name(const char *name, size_t len)
{
	if (len == 0 || len > WIRE_NAME_MAX)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!is_name_char(name[i]))
			return 0;
	return 1;
}

static int is_component(const char *s, size_t len)
{
	return len > 0 && !(len == 1 && s[0] == '.') && !(len == 2 && s[0] == '.' && s[1] == '.');
}

int wire_is_part(const char *path, size_t len)
{
	size_t start = 0;

	if (len == 0 || len > WIRE_TEXT_MAX || memchr(path, '\0', len))
		return 0;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && path[i] != '/')
			continue;
		if (!is_component(path + start, i - start))
			return 0;
		start = i + 1;
	}
	return 1;
}

/* Requests ------------------------------------------------------------------------------------------------------------- */

static const char *check_hello(const union wire_message *m, struct wire_texts *texts)
{
	(void)texts;
	return m->hello.limit_held || m->hello.limit_rate ? "a limit in a HELLO" : NULL;
}

static const char *check_nothing(const union wire_message *m, struct wire_texts *texts)
{
	(void)m;
	(void)texts;
	return NULL;
}

static const char *check_find(const union wire_message *m, struct wire_texts *texts)
{
	texts->first_len = m->by_text.text_len;
	if (texts->first_len == 0 || texts->first_len > WIRE_NAME_MAX)
		return "a name's length";
	return m->by_text.zero ? "a field that has to be 0" : NULL;
}

static const char *check_open(const union wire_message *m, struct wire_texts *texts)
{
	const struct wire_open *o = &m->open;
	const uint32_t how = o->rights & ~(uint32_t)WIRE_CREATE;

	texts->first_len = o->text_len;
	if (how != WIRE_READ && how != WIRE_WRITE && how != (WIRE_READ | WIRE_WRITE) && how != WIRE_APPEND)
		return "rights that nothing can be opened with";
	if (o->flags & ~(uint32_t)WIRE_OPEN_FLAGS)
		return "an unknown flag";
	if ((o->flags & WIRE_OPEN_EXCLUSIVE) && !(o->rights & WIRE_CREATE))
		return "EXCLUSIVE without CREATE";
	if ((o->flags & WIRE_OPEN_TRUNCATE) && !(o->rights & WIRE_WRITE))
		return "TRUNCATE without WRITE";
	if ((o->flags & WIRE_OPEN_DIRECTORY) && (o->rights != WIRE_READ || (o->flags & WIRE_OPEN_TRUNCATE)))
		return "DIRECTORY with more than READ";
	if (o->mode & ~0777u)
		return "a mode beyond the permission bits";
	return o->mode && !(o->rights & WIRE_CREATE) ? "a mode without CREATE" : NULL;
}

static const char *check_change(const union wire_message *m, struct wire_texts *texts)
{
	const struct wire_change *c = &m->change;

	texts->first_len = c->text_len;
	texts->second_len = c->second_len;
	if (c->what == 0 || c->what >= WIRE_CHANGES)
		return "an unknown change";
	if (c->mode & ~0777u)
		return "a mode beyond the permission bits";
	if (c->mode && c->what != WIRE_MKDIR)
		return "a mode without MKDIR";
	if (c->text_len == 0)
		return "no path";
	return (c->second_len > 0) != (c->what == WIRE_RENAME) ? "a second path where none belongs, or none" : NULL;
}

static const char *check_socket(const union wire_message *m, struct wire_texts *texts)
{
	(void)texts;
	if (m->socket.flags)
		return "an unknown flag";
	return m->socket.zero ? "a field that has to be 0" : NULL;
}

static const char *check_derive(const union wire_message *m, struct wire_texts *texts)
{
	const struct wire_derive *d = &m->derive;

	texts->first_len = d->name_len;
	texts->second_len = d->path_len;
	if (d->rights & ~(uint32_t)WIRE_RIGHTS)
		return "an unknown right";
	if (d->flags & ~(uint32_t)WIRE_DERIVE_FLAGS)
		return "an unknown flag";
	if (d->name_len == 0 || d->name_len > WIRE_NAME_MAX)
		return "a name's length";
	return d->zero ? "a field that has to be 0" : NULL;
}

static const char *check_claim(const union wire_message *m, struct wire_texts *texts)
{
	(void)texts;
	return m->claim.zero[0] || m->claim.zero[1] ? "a field that has to be 0" : NULL;
}

static const char *check_client(const union wire_message *m, struct wire_texts *texts)
{
	const struct wire_client *c = &m->client;

	(void)texts;
	if (c->count > WIRE_GIVE_MAX)
		return "too many handles";
	for (uint32_t i = 0; i < WIRE_GIVE_MAX; i++)
		if ((c->handles[i] != 0) != (i < c->count))
			return "another number of handles than it says";
	return c->zero ? "a field that has to be 0" : NULL;
}

static const char *check_request(const union wire_message *m, struct wire_texts *texts)
{
	const struct wire_request *r = &m->request;

	texts->first_len = r->text_len;
	texts->second_len = r->reason_len;
	if (r->rights == 0 || (r->rights & ~(uint32_t)WIRE_RIGHTS))
		return "no right, or an unknown one";
	if (r->kind != WIRE_FILE && r->kind != WIRE_TREE)
		return "neither a file nor a tree";
	return r->text_len == 0 ? "no path" : NULL;
}

/* Replies -------------------------------------------------------------------------------------------------------------- */

static const char *check_entry(const struct wire_entry *e)
{
	const size_t len = strnlen(e->name, sizeof e->name);

	if (e->kind >= WIRE_KINDS)
		return "an unknown kind";
	if (e->rights & ~(uint32_t)WIRE_RIGHTS)
		return "an unknown right";
	if (e->flags & ~(uint32_t)WIRE_ENTRY_FLAGS)
		return "an unknown flag";
	if (e->times_left && e->flags & WIRE_ENTRY_SPENT)
		return "uses left to what is spent";
	if (!wire_is_name(e->name, len))
		return "a name that is none";
	for (size_t i = len; i < sizeof e->name; i++)
		if (e->name[i] != '\0')
			return "something behind a name";
	return NULL;
}

/* Handles rise from one entry to the next: a list asked for piece by piece comes to an end. */
static const char *check_listed(const union wire_message *m, struct wire_texts *texts)
{
	uint64_t last = 0;

	(void)texts;
	for (uint32_t i = 0; i < m->listed.count; i++) {
		const struct wire_entry *e = &m->listed.entries[i];
		const char *wrong = check_entry(e);
		if (wrong)
			return wrong;
		if (e->handle <= last)
			return "handles that do not rise";
		last = e->handle;
	}
	return m->listed.more > (m->listed.count > 0) ? "more, of nothing" : NULL;
}

static const char *check_handle(const union wire_message *m, struct wire_texts *texts)
{
	(void)texts;
	return m->handle.handle == 0 ? "no handle" : NULL;
}

static const char *check_done(const union wire_message *m, struct wire_texts *texts)
{
	(void)texts;
	return m->done.zero ? "a field that has to be 0" : NULL;
}

static const char *check_refused(const union wire_message *m, struct wire_texts *texts)
{
	texts->first_len = m->refused.text_len;
	if (m->refused.code >= 0 || m->refused.code < -4095)
		return "a code that is no negative errno";
	return m->refused.text_len == 0 ? "no words" : NULL;
}

/* The door ------------------------------------------------------------------------------------------------------------- */

static const struct form requests[WIRE_REQUEST_END] = {
    [WIRE_HELLO] = {sizeof(struct wire_hello), 0, 0, check_hello},
    [WIRE_LIST] = {sizeof(struct wire_by_handle), 0, 0, check_nothing},
    [WIRE_FIND] = {sizeof(struct wire_by_text), 0, 0, check_find},
    [WIRE_OPEN] = {sizeof(struct wire_open), 0, 0, check_open},
    [WIRE_CHANGE] = {sizeof(struct wire_change), 0, 0, check_change},
    [WIRE_SOCKET] = {sizeof(struct wire_socket), 0, 0, check_socket},
    [WIRE_DERIVE] = {sizeof(struct wire_derive), 0, 0, check_derive},
    [WIRE_DROP] = {sizeof(struct wire_by_handle), 0, 0, check_nothing},
    [WIRE_REVOKE] = {sizeof(struct wire_by_handle), 0, 0, check_nothing},
    [WIRE_TICKET] = {sizeof(struct wire_by_handle), 0, 0, check_nothing},
    [WIRE_CLAIM] = {sizeof(struct wire_claim), 1, 1, check_claim},
    [WIRE_CLIENT] = {sizeof(struct wire_client), 0, 0, check_client},
    [WIRE_REQUEST] = {sizeof(struct wire_request), 0, 0, check_request},
};

static const struct form replies[WIRE_REPLY_END - WIRE_WELCOME] = {
    [WIRE_WELCOME - WIRE_WELCOME] = {sizeof(struct wire_hello), 0, 0, check_nothing},
    [WIRE_LISTED - WIRE_WELCOME] = {sizeof(struct wire_listed), 0, 0, check_listed},
    [WIRE_HANDLE - WIRE_WELCOME] = {sizeof(struct wire_handle), 0, 0, check_handle},
    [WIRE_DONE - WIRE_WELCOME] = {sizeof(struct wire_done), 0, 1, check_done},
    [WIRE_REFUSED - WIRE_WELCOME] = {sizeof(struct wire_refused), 0, 0, check_refused},
};

static int bad(struct err *err, const char *what)
{
	return err_set(err, EBADMSG, "a message that breaks the broker's protocol: %s", what);
}

/* How long the packet has to be for the lengths in it. They were bounded by now, and do not overflow. */
static size_t whole_size(const union wire_message *m, const struct form *form, const struct wire_texts *texts)
{
	size_t size = (size_t)form->size + texts->first_len + texts->second_len;

	if (m->head.type == WIRE_LISTED)
		size += m->listed.count * sizeof(struct wire_entry);
	return size;
}

static int check_texts(const union wire_message *m, struct wire_texts *texts, struct err *err)
{
	if (memchr(texts->first, '\0', (size_t)texts->first_len + texts->second_len))
		return bad(err, "a NUL in a text");
	if ((m->head.type == WIRE_FIND || m->head.type == WIRE_DERIVE) && !wire_is_name(texts->first, texts->first_len))
		return bad(err, "a name has only A-Z a-z 0-9 _ . -");
	return 0;
}

static int check_head(const union wire_message *m, size_t size, struct err *err)
{
	if (size < sizeof m->head || size > sizeof *m)
		return bad(err, "a packet too short or too long");
	if (m->head.version != WIRE_VERSION)
		return bad(err, "another version");
	return m->head.size != size ? bad(err, "another size than it says") : 0;
}

static int check(const union wire_message *m, size_t size, int fds, const struct form *form, struct wire_texts *texts,
		 struct err *err)
{
	struct wire_texts got = {0};

	if (fds < form->fds_min || fds > form->fds_max)
		return bad(err, "another number of descriptors than belong to it");
	if (size < form->size)
		return bad(err, "a packet too short for its type");
	if (m->head.type == WIRE_LISTED && (m->listed.count > WIRE_LIST_MAX || size != whole_size(m, form, &got)))
		return bad(err, "another number of entries than it says");
	const char *wrong = form->check(m, &got);
	if (wrong)
		return bad(err, wrong);
	if (got.first_len > WIRE_TEXT_MAX || got.second_len > WIRE_TEXT_MAX)
		return bad(err, "a text too long");
	if (size != whole_size(m, form, &got))
		return bad(err, "another length than it says");
	got.first = (const char *)m->bytes + form->size;
	got.second = got.first + got.first_len;
	int rc = check_texts(m, &got, err);
	if (rc == 0)
		*texts = got;
	return rc;
}

int wire_check_request(const union wire_message *m, size_t size, int fds, struct wire_texts *texts, struct err *err)
{
	memset(texts, 0, sizeof *texts);
	int rc = check_head(m, size, err);
	if (rc < 0)
		return rc;
	if (m->head.type == 0 || m->head.type >= WIRE_REQUEST_END)
		return bad(err, "an unknown request");
	return check(m, size, fds, &requests[m->head.type], texts, err);
}

int wire_check_reply(const union wire_message *m, size_t size, int fds, struct wire_texts *texts, struct err *err)
{
	memset(texts, 0, sizeof *texts);
	int rc = check_head(m, size, err);
	if (rc < 0)
		return rc;
	if (m->head.type < WIRE_WELCOME || m->head.type >= WIRE_REPLY_END)
		return bad(err, "an unknown reply");
	return check(m, size, fds, &replies[m->head.type - WIRE_WELCOME], texts, err);
}

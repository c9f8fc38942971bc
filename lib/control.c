#include "control.h"

#include <errno.h>
#include <string.h>

static int bad(struct err *err, const char *what)
{
	return err_set(err, EBADMSG, "a control message: %s", what);
}

static int is_type(uint32_t type)
{
	return (type >= CONTROL_WHO && type <= CONTROL_GRANT) || (type >= CONTROL_IS && type <= CONTROL_REFUSED);
}

int control_check(const union wire_message *m, size_t size, int fds, struct control_texts *texts, struct err *err)
{
	const struct control *c = control_of(m);
	size_t at = sizeof *c;

	if (size < sizeof *c || size > WIRE_MAX || c->head.size != size)
		return bad(err, "truncated, or longer than it says");
	if (c->head.version != CONTROL_VERSION || c->head.serial != 0 || !is_type(c->head.type))
		return bad(err, "of another version, or an unknown type");
	if (c->zero != 0 || c->kind >= WIRE_KINDS || c->rights & ~(uint32_t)WIRE_RIGHTS ||
	    c->flags & ~(uint32_t)WIRE_ENTRY_FLAGS)
		return bad(err, "an unknown kind, right or flag");
	if (fds != (c->head.type == CONTROL_GRANT))
		return bad(err, "a descriptor where none belongs, or none");
	for (size_t i = 0; i < 3; i++) {
		if (c->text_len[i] > size - at || memchr(m->bytes + at, '\0', c->text_len[i]))
			return bad(err, "a text");
		texts->at[i] = (const char *)m->bytes + at;
		at += c->text_len[i];
	}
	if (at != size)
		return bad(err, "longer than its texts");
	if (c->head.type == CONTROL_GRANT && (!wire_is_name(texts->at[0], c->text_len[0]) ||
					      c->text_len[1] > CONTROL_OBJECT_MAX || c->flags & ~(uint32_t)WIRE_DERIVE_FLAGS))
		return bad(err, "a name that a capability can't have");
	return 0;
}

int control_put(union wire_message *m, const struct control *c, const char *const texts[3])
{
	struct control *to = (struct control *)(void *)m->bytes;
	size_t at = sizeof *to;

	*to = *c;
	for (size_t i = 0; i < 3; i++) {
		const size_t len = texts && texts[i] ? strlen(texts[i]) : 0;
		if (len > WIRE_MAX - at)
			return -E2BIG;
		memcpy(m->bytes + at, texts && texts[i] ? texts[i] : "", len);
		to->text_len[i] = (uint32_t)len;
		at += len;
	}
	to->head.version = CONTROL_VERSION;
	to->head.serial = 0;
	to->head.size = (uint32_t)at;
	return 0;
}

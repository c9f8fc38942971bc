/* What the broker hands out while the program runs: `grant` statements read. */
#include <arpa/inet.h>
#include <string.h>

#include "checker.h"
#include "value.h"

#define TIMES_MAX 1000000000u

static int read_name(struct check *c, const struct word *word, uint32_t *out)
{
	static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	const struct image_held *all = c->policy->held.data;
	struct text text;
	int rc = expand_plain(&c->scope, word, &text);

	if (rc < 0)
		return rc;
	if (text.len == 0 || text.len > 64 || strspn(text.at, known) != text.len) {
		diag_add(c->diag, word->at, "'%.60s' is no capability's name", text.at);
		return diag_hint(c->diag, "a name is at most 64 of A-Z a-z 0-9 _ . -");
	}
	for (uint32_t i = 0; i < c->policy->held.count; i++)
		if (strcmp((const char *)c->policy->strings.data + all[i].name, text.at) == 0) {
			diag_add(c->diag, word->at, "'%.60s' is granted already, on line %u", text.at, all[i].where.line);
			return diag_hint(c->diag, "give each capability a name of its own");
		}
	return policy_string(c->policy, text.at, out);
}

static int read_until(struct check *c, const struct word *word, uint64_t *out)
{
	struct text text;
	int rc = expand_plain(&c->scope, word, &text);

	if (rc < 0)
		return rc;
	if (value_time(text.at, out) == 0 && *out > 0)
		return 0;
	diag_add(c->diag, word->at, "'%.60s' is no time", text.at);
	return diag_hint(c->diag, "write seconds from the start: N, or N with s, m or h");
}

static int read_times(struct check *c, const struct word *word, uint32_t *out)
{
	struct text text;
	uint64_t n = 0;
	int rc = expand_plain(&c->scope, word, &text);

	if (rc < 0)
		return rc;
	if (value_number(text.at, text.len, TIMES_MAX, &n) == 0 && n > 0) {
		*out = (uint32_t)n;
		return 0;
	}
	diag_add(c->diag, word->at, "'%.60s' is no number of uses", text.at);
	return diag_hint(c->diag, "write 1 to %u", TIMES_MAX);
}

static int no_address(struct check *c, const struct word *word, bool listens)
{
	diag_add(c->diag, word->at, "'%.*s' is no address with a port", WORD(word));
	return diag_hint(c->diag, "write numbers: 192.0.2.1:443 or [2001:db8::1]:443%s",
			 listens ? ", or a port alone; names of hosts can't be listened on"
				 : "; by its name a host is granted to the program's own sockets: connect tcp NAME:PORT");
}

/* ADDRESS:PORT, [ADDRESS]:PORT; to listen also PORT. */
static int read_address(struct check *c, const struct word *word, bool listens, struct image_held *held)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char address[64] = "";
	struct text text;
	uint64_t port = 0;
	int rc = expand_plain(&c->scope, word, &text);

	if (rc < 0)
		return rc;
	const char *colon = strrchr(text.at, ':'), *digits = colon ? colon + 1 : text.at;
	const bool six = text.at[0] == '[';
	if (value_number(digits, strlen(digits), UINT16_MAX, &port) < 0 || port == 0 || (!colon && !listens))
		return no_address(c, word, listens);
	held->port = (uint32_t)port;
	if (!colon)
		return 0;
	const size_t len = (size_t)(colon - text.at);
	if (len < 3 || len >= sizeof address || (six && colon[-1] != ']'))
		return no_address(c, word, listens);
	memcpy(address, text.at + six, len - (size_t)2 * six);
	if (inet_pton(six ? AF_INET6 : AF_INET, address, bytes) != 1)
		return no_address(c, word, listens);
	return policy_string(c->policy, address, &held->address);
}

static int read_object(struct check *c, const struct stmt *s, const struct word *word, struct image_held *held)
{
	if (s->hold == HELD_PATH || s->hold == HELD_CONNECT_UNIX)
		return check_put_path(c, word, &held->path);
	return read_address(c, word, s->hold == HELD_LISTEN_TCP, held);
}

int check_held_rights(struct check *c, const struct stmt *s)
{
	if (s->rights & RIGHT_APPEND && s->rights & (RIGHT_WRITE | RIGHT_CREATE)) {
		diag_add(c->diag, s->at, "'append' beside 'write' or 'create'");
		return diag_hint(c->diag, "'append' stands alone, or with 'read': 'write' may overwrite what is there");
	}
	if (s->rights & RIGHT_APPEND)
		c->policy->head.families |= FAM_APPEND_FD;
	if (s->rights & (RIGHT_WRITE | RIGHT_CREATE) && !(s->flags & HELD_BY_HANDLE) && c->write_at.line == 0 &&
	    c->source < SOURCE_FRAGMENT)
		c->write_at = s->at;
	return 0;
}

int check_held(struct check *c, const struct stmt *s)
{
	struct image_held held = {
	    .kind = s->hold, .rights = s->rights, .flags = s->flags & HELD_FLAGS, .where = check_where(c, s)};
	int rc = check_held_rights(c, s);

	if (c->policy->held.count == HELDS_MAX)
		return diag_add(c->diag, s->at, "more than %u capabilities in all sources together", HELDS_MAX);
	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		switch (item->tag) {
		case HOLD_NAME: rc = read_name(c, item->word, &held.name); break;
		case HOLD_UNTIL: rc = read_until(c, item->word, &held.until); break;
		case HOLD_TIMES: rc = read_times(c, item->word, &held.times); break;
		default: rc = read_object(c, s, item->word, &held);
		}
	}
	if (held.kind == HELD_PATH && !(held.flags & HELD_BY_HANDLE))
		c->policy->head.families |= FAM_BROKER_PATHS;
	return rc == 0 ? vec_add(&c->policy->held, &held, 1, sizeof held) : rc;
}

#include <string.h>

#include "checker.h"
#include "value.h"

#define PORTS_MAX 1024 /* in one range: each is a rule in the kernel */

static int put_places(struct check *c, const struct stmt *s, struct vec *places)
{
	struct image_place place = {.where = check_where(c, s)};
	int rc = 0;

	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		rc = check_put_path(c, item->word, &place.path);
		if (rc == 0)
			rc = vec_add(places, &place, 1, sizeof place);
	}
	return rc;
}

int check_program(struct check *c, const struct stmt *s)
{
	if (c->source == SOURCE_MAIN)
		return put_places(c, s, &c->policy->programs);
	diag_add(c->diag, s->at, "'program' in a %s", c->source == SOURCE_LINE ? "statement of the command line" : "fragment");
	return diag_hint(c->diag, "the main policy says which program it is for");
}

/* Why TEXT is no part of a path; NULL: it is one. */
static const char *part_fault(const char *text)
{
	size_t n;

	if (!text)
		return "it has a variable";
	if (*text == '\0')
		return "it is empty";
	if (*text == '/')
		return "it starts with '/'";
	for (const char *p = text; *p; p += p[n] == '/' ? n + 1 : n) {
		n = strcspn(p, "/");
		if (n == 0)
			return "it has '//'";
		if (n <= 2 && strspn(p, ".") >= n)
			return n == 1 ? "it has '.'" : "it has '..'";
	}
	return NULL;
}

/* Its length, less a slash at the end. */
static size_t part_len(const char *text)
{
	const size_t len = strlen(text);

	return text[len - 1] == '/' ? len - 1 : len;
}

/* Is A, of LEN bytes, the same as B, or above it? */
static bool holds(const char *a, size_t len, const char *b)
{
	return strncmp(a, b, len) == 0 && (b[len] == '\0' || b[len] == '/');
}

static int judge_part(struct check *c, const struct stmt *s, const struct word *word)
{
	const char *text = word_plain(word), *fault = part_fault(text);

	if (fault) {
		diag_add(c->diag, word->at, "'%.*s' is no part of a path: %s", WORD(word), fault);
		return diag_hint(c->diag,
				 "write what follows behind the granted path: .git/config, or .git/hooks/ for a directory");
	}
	if (c->policy->excepts.count == EXCEPTS_MAX) {
		diag_add(c->diag, word->at, "too many parts are excepted");
		return diag_hint(c->diag, "at most %u in all sources together", EXCEPTS_MAX);
	}
	for (const struct item *item = s->items; item->word != word; item = item->next) {
		const char *other = word_plain(item->word); /* judged already, or the path */
		if (item->tag != GRANT_PART || (!holds(other, part_len(other), text) && !holds(text, part_len(text), other)))
			continue;
		if (part_len(other) == part_len(text)) {
			diag_add(c->diag, word->at, "'%.*s' is excepted twice", WORD(word));
			return diag_hint(c->diag, "name it once");
		}
		diag_add(c->diag, word->at, "'%.*s' and '%.*s' overlap", WORD(word), WORD(item->word));
		return diag_hint(c->diag, "name the one that holds the other");
	}
	return 0;
}

/* GRANT: its index in the policy, or EXCEPT_DESIGNATED. */
static int put_parts(struct check *c, const struct stmt *s, uint32_t grant)
{
	struct image_except except = {.grant = grant, .flags = s->flags & GRANT_OPTIONAL, .where = check_where(c, s)};
	struct vec *strings = &c->policy->strings;
	int rc = 0;

	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		if (item->tag != GRANT_PART)
			continue;
		rc = judge_part(c, s, item->word);
		if (rc < 0)
			break;
		const char *text = word_plain(item->word);
		const size_t len = part_len(text);
		except.part = strings->count;
		except.is_dir = text[len] == '/';
		(void)((rc = vec_add(strings, text, (uint32_t)len, 1)) || (rc = vec_add(strings, "", 1, 1)) ||
		       (rc = vec_add(&c->policy->excepts, &except, 1, sizeof except)));
	}
	return rc;
}

int check_except(struct check *c, const struct stmt *s)
{
	return put_parts(c, s, EXCEPT_DESIGNATED);
}

int check_grant(struct check *c, const struct stmt *s)
{
	struct image_grant grant = {.rights = s->rights, .where = check_where(c, s)};
	const bool reads = !(s->rights & ~(uint32_t)(RIGHT_READ | RIGHT_EXEC));
	int rc = 0;

	grant.flags = s->flags & (GRANT_OPTIONAL | GRANT_FOLLOW);
	if (reads && !(s->flags & STMT_NOFOLLOW))
		grant.flags |= GRANT_FOLLOW;
	if (s->rights & RIGHT_IOCTL)
		c->policy->head.families |= FAM_IOCTL;
	if (s->rights & RIGHT_APPEND)
		c->policy->head.families |= FAM_APPEND_NAME;
	if (s->rights & RIGHT_APPEND && c->append_at.line == 0)
		c->append_at = s->at;
	if (s->rights & (RIGHT_WRITE | RIGHT_CREATE) && c->write_at.line == 0 && c->source < SOURCE_FRAGMENT)
		c->write_at = s->at;
	for (const struct item *item = s->items; rc == 0 && item && item->tag == GRANT_PATH; item = item->next) {
		rc = check_put_path(c, item->word, &grant.path);
		if (rc == 0)
			rc = vec_add(&c->policy->grants, &grant, 1, sizeof grant);
	}
	return rc == 0 ? put_parts(c, s, c->policy->grants.count - 1) : rc;
}

static int read_fd_number(struct check *c, const struct word *word, uint32_t *out)
{
	char buf[DIAG_REF];
	struct text text;
	uint64_t n = 0;
	int rc = expand_plain(&c->scope, word, &text);

	if (rc < 0)
		return rc;
	if (value_number(text.at, text.len, FDS_MAX - 1, &n) < 0)
		return diag_add(c->diag, word->at, "'%.60s' is no descriptor: a number from 0 to %u", text.at, FDS_MAX - 1);
	if (c->fd_at[n].line > 0)
		return diag_add(c->diag, word->at, "descriptor %u is declared already, on %s", (uint32_t)n,
				diag_ref(c->diag, c->source, c->fd_at[n], buf));
	*out = (uint32_t)n;
	return 0;
}

static int read_fd_name(struct check *c, const struct word *word, uint32_t *out)
{
	static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	struct text text;
	int rc = expand_plain(&c->scope, word, &text);

	if (rc < 0)
		return rc;
	if (text.len > 0 && text.len <= 64 && strspn(text.at, known) == text.len)
		return policy_string(c->policy, text.at, out);
	diag_add(c->diag, word->at, "'%.60s' is no descriptor's name", text.at);
	return diag_hint(c->diag, "a name is at most 64 of A-Z a-z 0-9 _ . -");
}

int check_fd(struct check *c, const struct stmt *s)
{
	struct image_fd fd = {.rights = s->rights, .flags = s->flags & GRANT_OPTIONAL, .where = check_where(c, s)};
	int rc = 0;

	if (s->rights & ~(uint32_t)(RIGHT_READ | RIGHT_WRITE | RIGHT_APPEND)) {
		diag_add(c->diag, s->at, "'fd' gives 'read', 'write' or 'append' and nothing else");
		return diag_hint(c->diag, "other rights are grants by name: exec PATH");
	}
	if (s->rights & RIGHT_APPEND && s->rights != RIGHT_APPEND) {
		diag_add(c->diag, s->at, "'append' with another right on one descriptor");
		return diag_hint(c->diag, "'append' stands alone; 'write' may overwrite what is there");
	}
	if (s->rights & RIGHT_APPEND)
		c->policy->head.families |= FAM_APPEND_FD;
	fd.flags |= s->choice == CHOICE_KEEP ? GRANT_KEEP : s->rights == RIGHT_READ ? GRANT_FOLLOW : 0;
	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		if (item->tag == FD_NUMBER)
			rc = read_fd_number(c, item->word, &fd.number);
		else if (item->tag == FD_NAME)
			rc = read_fd_name(c, item->word, &fd.name);
		else
			rc = check_put_path(c, item->word, &fd.path);
	}
	if (rc < 0)
		return rc;
	c->fds[fd.number] = fd;
	c->fd_at[fd.number] = s->at;
	return 0;
}

int check_args(struct check *c, const struct stmt *s)
{
	struct image_arg arg = {.where = check_where(c, s)};
	struct text text;
	int rc = 0;

	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		rc = expand_plain(&c->scope, item->word, &text);
		if (rc < 0)
			return rc;
		arg.rights = item->tag;
		if (arg.rights & RIGHT_WRITE && c->write_at.line == 0 && c->source < SOURCE_FRAGMENT)
			c->write_at = s->at;
		if (value_range(text.at, &arg.first, &arg.last) < 0) {
			diag_add(c->diag, item->word->at, "'%.60s' is no range of arguments", text.at);
			return diag_hint(c->diag, "write I or I..J: 1 is the first, -1 the last");
		}
		rc = vec_add(&c->policy->args, &arg, 1, sizeof arg);
	}
	return rc;
}

int check_private(struct check *c, const struct stmt *s)
{
	const uint32_t from = c->policy->private_places.count;
	int rc = put_places(c, s, &c->policy->private_places);
	const struct image_place *places = c->policy->private_places.data;

	for (uint32_t i = from; rc == 0 && i < c->policy->private_places.count; i++) {
		const struct image_text path = places[i].path;
		if (path.root != ROOT_NONE || strcmp((const char *)c->policy->strings.data + path.at, "/") != 0)
			continue;
		diag_add(c->diag, s->at, "'private /' would hide every file, the program's own too");
		return diag_hint(c->diag, "name directories such as /tmp");
	}
	return rc;
}

static int refuse_ports(struct check *c, const struct stmt *s)
{
	if (s->verb == VERB_LISTEN) {
		diag_add(c->diag, s->at, "'listen' is for tcp");
		return diag_hint(c->diag, s->protocol == PROTOCOL_UDP ? "'connect udp any' grants all of UDP"
								      : "'connect unix any' grants all Unix sockets");
	}
	diag_add(c->diag, s->items->word->at, "UDP can't be restricted by port alone");
	return diag_hint(c->diag, "name the hosts as well: connect udp HOST:PORT; 'connect udp any' grants all of UDP");
}

static int check_port_list(struct check *c, const struct stmt *s, const struct word *word, const char *p)
{
	struct image_port port = {.listen = s->verb == VERB_LISTEN, .where = check_where(c, s)};
	int rc = 0;

	for (; rc == 0; p++) {
		rc = value_ports(&p, &port.first, &port.last);
		if (rc < 0)
			break;
		if (port.last - port.first >= PORTS_MAX) {
			diag_add(c->diag, word->at, "a range of more than %d ports", PORTS_MAX);
			return diag_hint(c->diag, "name fewer, or write 'any'");
		}
		rc = vec_add(&c->policy->ports, &port, 1, sizeof port);
		if (*p == '\0')
			break;
	}
	if (rc != -EINVAL && rc != -ERANGE)
		return rc;
	diag_add(c->diag, word->at, "'%.*s' is no port", WORD(word));
	return diag_hint(c->diag, "a port is a number from 1 to 65535: 443, 80,443 or 8000-8010; of one host: example.org:443");
}

/* A port alone, or several: Landlock's. */
static int check_static_ports(struct check *c, const struct stmt *s, const struct word *word, const char *text)
{
	if (s->protocol == PROTOCOL_UDP)
		return refuse_ports(c, s);
	c->policy->head.families |= s->verb == VERB_LISTEN ? FAM_TCP_LISTEN : FAM_TCP_CONNECT;
	return check_port_list(c, s, word, text);
}

int check_ports(struct check *c, const struct stmt *s)
{
	static const uint32_t any[2][PROTOCOL_COUNT] = {
	    {FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY, FAM_UDP, FAM_UNIX},
	    {FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, 0, 0},
	};
	const bool listens = s->verb == VERB_LISTEN;
	struct text text;
	int rc = 0;

	if (s->protocol != PROTOCOL_TCP && listens)
		return refuse_ports(c, s);
	if (s->choice == CHOICE_ANY) {
		c->policy->head.families |= any[listens][s->protocol];
		return 0;
	}
	if (s->protocol == PROTOCOL_UNIX)
		return check_unix_peers(c, s);
	for (const struct item *item = s->items; rc == 0 && item; item = item->next) {
		rc = expand_plain(&c->scope, item->word, &text);
		if (rc == 0)
			rc = strchr(text.at, ':') ? check_peer(c, s, item->word, &text)
						  : check_static_ports(c, s, item->word, text.at);
	}
	return rc;
}

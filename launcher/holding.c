/* What a policy's `grant` lines name, opened: from then on it is the broker's. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "making.h"
#include "owned.h"

#define PROC_MAGIC 0x9fa0
#define BACKLOG 128

_Static_assert((int)WIRE_READ == RIGHT_READ && (int)WIRE_WRITE == RIGHT_WRITE && (int)WIRE_APPEND == RIGHT_APPEND &&
		   (int)WIRE_CREATE == RIGHT_CREATE && (int)WIRE_PASS == RIGHT_PASS,
	       "a right is the same bit everywhere");
_Static_assert((int)WIRE_DERIVE_REVOCABLE == HELD_REVOCABLE, "a flag is the same bit everywhere");
_Static_assert(HELDS_MAX <= HELD_MAX, "each has a place");

static int judge_path(struct making *m, const struct image_held *g, const struct thing *thing, struct err *err)
{
	struct statfs fs;

	if (fstatfs(thing->fd, &fs) == 0 && fs.f_type == PROC_MAGIC)
		return err_set(err, EINVAL, "%s is in /proc, of which the broker would hand out its own", thing->path);
	if (!thing->is_dir && !S_ISREG(thing->st.st_mode))
		return err_set(err, EINVAL, "%s is neither a file nor a directory: grant it by name, or as a descriptor",
			       thing->path);
	if (!thing->is_dir && g->rights & RIGHT_CREATE)
		return err_set(err, ENOTDIR,
			       "%s is not a directory: 'create' is for making, removing and renaming entries of one",
			       thing->path);
	return g->rights & RIGHTS_WRITING ? making_guard(m, thing, err) : 0;
}

/* What is shown in a private place is the program's own by the rule that lets it be filled: it could not be taken back. */
static int check_private(const struct making *m, const struct image_held *g, struct err *err)
{
	char path[RESOLVE_PATH];

	if (m->im->h->private_places.count == 0 || resolve_name(m->im, g->path, path, NULL) < 0)
		return 0;
	for (size_t i = 0; i < m->scene.count; i++) {
		const struct piece *p = &m->scene.pieces[i];
		if (p->grant == PIECE_PRIVATE && (scene_covers(p->real, path) || scene_covers(p->said, path)))
			return err_set(err, EINVAL,
				       "%s lies in %s, which is private: what is shown there can't be granted while the program runs, only "
				       "from its start ('read', 'write', ...)",
				       path, p->said);
	}
	return 0;
}

/* Where it lies has to be told before a view of its own gives it another place. In a root of its own it is shown there. */
static int hold_by_path(struct making *m, const struct image_held *g, const struct thing *thing, struct held *held,
			struct err *err)
{
	held->dev = thing->st.st_dev;
	held->path = scene_real_path(thing->fd);
	if (!held->path)
		return err_set(err, ENOENT, "%s: where it lies can't be told", thing->path);
	return m->scene.files ? scene_add(&m->scene, thing, g->rights & RIGHT_ALL, PIECE_OTHER, &g->where, err) : 0;
}

static int hold_path(struct making *m, const struct image_held *g, struct held *held, struct err *err)
{
	struct thing thing;
	int rc;

	thing.fd = -1;
	(void)((rc = check_private(m, g, err)) ||
	       (rc = resolve_text(m->im, g->path, !(g->rights & RIGHTS_WRITING), &thing, err)) ||
	       (rc = judge_path(m, g, &thing, err)) || (rc = scene_check_hidden(&m->scene, thing.fd, err)) ||
	       (rc = held->by_path ? hold_by_path(m, g, &thing, held, err) : 0) ||
	       (rc = making_detach(m, &thing, g->rights, err)));
	if (rc == 0) {
		held->kind = thing.is_dir ? WIRE_TREE : WIRE_FILE;
		held->fd = fcntl(thing.fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
		rc = held->fd < 0 ? err_set(err, errno, "no descriptor left: %s", err_words(errno))
				  : scene_keep(&held->object, thing.path, err);
	}
	thing_close(&thing);
	return rc;
}

/* The checker has read these numbers before; an address that says nothing is every one. */
static int fill_address(const struct image *im, const struct image_held *g, struct held *held, struct err *err)
{
	const char *text = image_string(im, g->address);
	const int six = strchr(text, ':') != NULL || !*text;

	held->address.any.sa_family = (sa_family_t)(six ? AF_INET6 : AF_INET);
	held->address_len = six ? sizeof held->address.v6 : sizeof held->address.v4;
	if (six)
		held->address.v6.sin6_port = htons((uint16_t)g->port);
	else
		held->address.v4.sin_port = htons((uint16_t)g->port);
	if (*text && inet_pton(six ? AF_INET6 : AF_INET, text,
			       six ? (void *)&held->address.v6.sin6_addr : (void *)&held->address.v4.sin_addr) != 1)
		return err_set(err, EINVAL, "%s is no address", text);
	if (asprintf(&held->object, six && *text ? "tcp [%s]:%u" : "tcp %s:%u", *text ? text : "*", g->port) < 0)
		held->object = NULL;
	return 0;
}

/* The folder is found once, like everything that a policy names; what is in it under this name may come and go with its
 * service. */
static int hold_unix(const struct image *im, const struct image_held *g, struct held *held, struct err *err)
{
	char path[RESOLVE_PATH], folder[RESOLVE_PATH];
	struct thing thing = THING_NONE;
	int rc = resolve_name(im, g->path, path, err);

	if (rc < 0)
		return rc;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	held->kind = WIRE_CONNECT;
	held->address.un.sun_family = AF_UNIX;
	if (!*name || strlen(name) >= sizeof held->address.un.sun_path)
		return err_set(err, ENAMETOOLONG, "%s is no name for a socket, or too long a one", path);
	strcpy(held->address.un.sun_path, name);
	if (asprintf(&held->object, "unix %s", path) < 0)
		held->object = NULL;
	snprintf(folder, sizeof folder, "%.*s", !slash ? 1 : slash == path ? 1 : (int)(slash - path), slash ? path : ".");
	rc = resolve_typed(folder, 1, &thing, err);
	if (rc == 0) {
		held->fd = fcntl(thing.fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
		if (held->fd < 0)
			rc = err_set(err, errno, "no descriptor left: %s", err_words(errno));
	}
	thing_close(&thing);
	return rc;
}

static int listen_at(struct held *held, struct err *err)
{
	const int on = 1, off = 0;
	OWNED_FD int fd = socket(held->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 && held->address.any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&held->address.v6.sin6_addr)) {
		/* A kernel without IPv6: every address is every one of IPv4. */
		const in_port_t port = held->address.v6.sin6_port;
		held->address.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
		held->address_len = sizeof held->address.v4;
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	}
	if (fd < 0)
		return err_set(err, errno, "no socket: %s", err_words(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (held->address.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, &held->address.any, held->address_len) < 0 || listen(fd, BACKLOG) < 0)
		return err_set(err, errno, "%s can't be listened on: %s", held->object, err_words(errno));
	held->fd = fcntl(fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	return held->fd < 0 ? err_set(err, errno, "no descriptor left: %s", err_words(errno)) : 0;
}

static int hold(struct making *m, const struct image_held *g, struct held *held, struct err *err)
{
	int rc;

	switch (g->kind) {
	case HELD_PATH: return hold_path(m, g, held, err);
	case HELD_CONNECT_UNIX: return hold_unix(m->im, g, held, err);
	default:
		rc = fill_address(m->im, g, held, err);
		held->kind = g->kind == HELD_LISTEN_TCP ? WIRE_LISTEN : WIRE_CONNECT;
		/* With --dry-run nothing is to be seen outside. */
		return rc == 0 && g->kind == HELD_LISTEN_TCP && !m->plan->options->dry_run ? listen_at(held, err) : rc;
	}
}

static int note(struct making *m, const struct image_held *g, const struct held *held, struct err *err)
{
	return plan_note(m->plan, g->rights & RIGHT_ALL,
			 held->kind == WIRE_CONNECT  ? "grant connect"
			 : held->kind == WIRE_LISTEN ? "grant listen"
						     : "grant",
			 "broker", &g->where, err, "%s as %s", held->object, held->name);
}

int making_held(struct making *m, struct err *err)
{
	struct plan *plan = m->plan;
	const uint32_t count = m->im->h->held.count;
	char at[256];

	if (count == 0)
		return 0;
	plan->supervised = 1;
	plan->held = calloc(count, sizeof *plan->held);
	if (!plan->held)
		return err_set(err, ENOMEM, "no memory");
	for (uint32_t i = 0; i < count; i++) {
		const struct image_held *g = &m->im->held[i];
		struct held *held = &plan->held[plan->held_count++];
		*held = (struct held){
		    .rights = g->rights,
		    .flags = g->flags & HELD_REVOCABLE,
		    .by_path = g->kind == HELD_PATH && !(g->flags & HELD_BY_HANDLE),
		    .times = g->times,
		    .until_ms = g->until * 1000,
		    .fd = -1,
		    .name = image_string(m->im, g->name),
		    .source =
			g->where.source == 1 ? plan->policy->name : image_string(m->im, m->im->sources[g->where.source].name),
		    .line = g->where.line,
		};
		int rc = hold(m, g, held, err);
		if (rc == 0 && !held->object)
			rc = err_set(err, ENOMEM, "no memory");
		if (rc == 0)
			rc = note(m, g, held, err);
		if (rc < 0)
			return err_in(err, rc, "%s: grant %s", plan_where(plan, g->where, at, sizeof at), held->name);
	}
	return 0;
}

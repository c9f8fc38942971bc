#include "peers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "making.h"
#include "owned.h"

int peers_address(const char *text, struct peer_address *to)
{
	if (inet_pton(AF_INET, text, to->bytes + 12) == 1) {
		memcpy(to->bytes, peer_mapped, sizeof peer_mapped);
		return 0;
	}
	return inet_pton(AF_INET6, text, to->bytes) == 1 ? 0 : -EINVAL;
}

char *peers_lexical(const char *path, char to[PEERS_PATH])
{
	size_t len = 0;

	if (*path != '/')
		return NULL;
	while (*path) {
		const size_t part = strcspn(path, "/");
		if (part == 2 && path[0] == '.' && path[1] == '.') {
			while (len > 0 && to[--len] != '/')
				;
		} else if (part > 0 && !(part == 1 && path[0] == '.')) {
			if (len + 1 + part >= PEERS_PATH)
				return NULL;
			to[len++] = '/';
			memcpy(to + len, path, part);
			len += part;
		}
		path += part + (path[part] == '/');
	}
	if (len == 0)
		to[len++] = '/';
	to[len] = '\0';
	return to;
}

static uint32_t host_index(const char *const *hosts, size_t count, const char *host)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(hosts[i], host) == 0)
			return i;
	return PEERS_HOST_NONE;
}

size_t peers_hosts(const struct image *im, const char *hosts[PEERS_MAX])
{
	size_t count = 0;

	for (uint32_t i = 0; i < im->h->peers.count && count < PEERS_MAX; i++) {
		const char *host = image_string(im, im->peers[i].host);
		if (im->peers[i].flags & PEER_NAME && host_index(hosts, count, host) == PEERS_HOST_NONE)
			hosts[count++] = host;
	}
	return count;
}

/* Relative to where the launcher is, as every path of a policy. */
static int absolute(const char *path, char to[PEERS_PATH], struct err *err)
{
	char whole[PEERS_PATH];
	int len = snprintf(whole, sizeof whole, "%s", path);

	if (*path != '/') {
		OWNED char *here = realpath(".", NULL);
		if (!here)
			return err_set(err, errno, "the working directory: %s", err_words(errno));
		len = snprintf(whole, sizeof whole, "%s/%s", here, path);
	}
	if (len < 0 || (size_t)len >= sizeof whole || !peers_lexical(whole, to))
		return err_set(err, ENAMETOOLONG, "%s is too long a path", path);
	return 0;
}

/* The folder is found once, like everything that a policy names; what is in it under this name may come and go with its
 * service.
 */
static int make_unix(struct making *m, const struct image_peer *p, struct peer *peer, struct err *err)
{
	char named[RESOLVE_PATH], path[PEERS_PATH], folder[PEERS_PATH];
	struct thing thing = THING_NONE;
	int rc = resolve_name(m->im, p->path, named, err);

	if (rc < 0 || (rc = absolute(named, path, err)) < 0)
		return rc;
	const char *slash = strrchr(path, '/');
	const size_t before = slash ? (size_t)(slash - path) + 1 : 0;
	if (!slash || !slash[1] || strlen(slash + 1) >= sizeof((struct sockaddr_un *)0)->sun_path)
		return err_set(err, ENAMETOOLONG, "%s is no name for a socket, or too long a one", path);
	/* As it was named: where a link is in it, ".." does not lead to what it seems to. */
	slash = strrchr(named, '/');
	snprintf(folder, sizeof folder, "%.*s", !slash ? 1 : slash == named ? 1 : (int)(slash - named), slash ? named : ".");
	rc = resolve_typed(folder, 1, &thing, err);
	if (rc == 0) {
		peer->folder = fcntl(thing.fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
		if (peer->folder < 0)
			rc = err_set(err, errno, "no descriptor left: %s", err_words(errno));
	}
	thing_close(&thing);
	if (rc == 0)
		rc = scene_keep(&peer->path, path, err);
	if (rc == 0)
		peer->name = peer->path + before;
	return rc;
}

static int make_host(struct making *m, const struct image_peer *p, struct peer *peer, const char *const *hosts, size_t count,
		     struct err *err)
{
	const char *host = image_string(m->im, p->host);

	peer->first = p->first;
	peer->last = p->last;
	if (p->flags & PEER_NAME) {
		peer->host = host_index(hosts, count, host);
		return peer->host == PEERS_HOST_NONE ? err_set(err, EINVAL, "%s is no host's name", host) : 0;
	}
	return peers_address(host, &peer->address) < 0 ? err_set(err, EINVAL, "%s is no address", host) : 0;
}

static int note(struct making *m, const struct image_peer *p, const struct peer *peer, struct err *err)
{
	const char *host = image_string(m->im, p->host), *what = p->kind == PEER_LISTEN_TCP ? "listen" : "connect";
	const int six = strchr(host, ':') != NULL;
	char ports[16];

	if (p->kind == PEER_CONNECT_UNIX)
		return plan_note(m->plan, 0, what, "broker", &p->where, err, "unix %s", peer->path);
	snprintf(ports, sizeof ports, p->first == p->last ? "%u" : "%u-%u", p->first, p->last);
	return plan_note(m->plan, 0, what, "broker", &p->where, err, "%s %s%s%s:%s",
			 p->kind == PEER_CONNECT_UDP ? "udp" : "tcp", six ? "[" : "", host, six ? "]" : "", ports);
}

int peers_make(struct making *m, struct err *err)
{
	struct plan *plan = m->plan;
	const uint32_t wanted = m->im->h->peers.count;
	const char *hosts[PEERS_MAX];
	const size_t host_count = peers_hosts(m->im, hosts);
	char at[256];

	if (wanted == 0)
		return 0;
	plan->supervised = 1;
	plan->peers.list = calloc(wanted, sizeof *plan->peers.list);
	if (!plan->peers.list)
		return err_set(err, ENOMEM, "no memory");
	for (uint32_t i = 0; i < wanted; i++) {
		const struct image_peer *p = &m->im->peers[i];
		struct peer *peer = &plan->peers.list[plan->peers.count++];
		*peer = (struct peer){.kind = p->kind, .host = PEERS_HOST_NONE, .folder = -1, .where = p->where};
		int rc =
		    p->kind == PEER_CONNECT_UNIX ? make_unix(m, p, peer, err) : make_host(m, p, peer, hosts, host_count, err);
		if (rc == 0)
			rc = note(m, p, peer, err);
		if (rc < 0)
			return err_in(err, rc, "%s: %s", plan_where(plan, p->where, at, sizeof at),
				      p->kind == PEER_LISTEN_TCP ? "listen" : "connect");
	}
	return 0;
}

void peers_free(struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++) {
		owned_close(&peers->list[i].folder);
		free(peers->list[i].path);
	}
	free(peers->list);
	owned_close(&peers->resolver);
	*peers = (struct peers){.resolver = -1};
}

#include "image.h"

#include <arpa/inet.h>
#include <stdalign.h>
#include <string.h>

#ifndef ENDOW_BUILD_ID
#define ENDOW_BUILD_ID "unknown"
#endif

static int bad(struct err *err, const char *what)
{
	return err_set(err, EBADMSG, "compiled policy: %s", what);
}

/* One span of the image: inside it, aligned, and its byte length free of overflow. NULL if not. */
static const void *span(const struct image_header *h, struct image_span s, size_t each)
{
	static const uint64_t nothing;

	if (s.count == 0)
		return s.offset == 0 ? (const void *)&nothing : NULL;
	if (s.offset < sizeof *h || s.offset % 8 != 0)
		return NULL;
	if (s.count > IMAGE_MAX / each || s.offset > h->size || s.count * each > h->size - s.offset)
		return NULL;
	return (const char *)h + s.offset;
}

/* The string area starts and ends with a NUL, so every offset inside it is a string. */
static int is_string(const struct image *im, uint32_t at)
{
	return at < im->h->strings.count;
}

static int is_name(const struct image *im, uint32_t at)
{
	return is_string(im, at) && im->strings[at] != '\0';
}

static int is_value(const struct image *im, struct image_text t)
{
	return t.root < ROOT_COUNT && is_string(im, t.at);
}

/* Absolute, or a variable and what is beneath it; never "..", which the launcher would have to think about. */
static int is_path(const struct image *im, struct image_text t)
{
	if (!is_value(im, t))
		return 0;
	const char *p = im->strings + t.at;
	if (*p != '/')
		return t.root != ROOT_NONE && *p == '\0';
	for (; p; p = strchr(p + 1, '/'))
		if (p[1] == '.' && p[2] == '.' && (p[3] == '/' || p[3] == '\0'))
			return 0;
	return 1;
}

/* Relative, and of plain names: the launcher walks it from the granted directory and can't leave that. */
static int is_part(const struct image *im, uint32_t at)
{
	if (!is_name(im, at))
		return 0;
	for (const char *p = im->strings + at;; p++) {
		const size_t n = strcspn(p, "/");
		if (n == 0 || (n <= 2 && strspn(p, ".") >= n))
			return 0;
		p += n;
		if (*p == '\0')
			return 1;
	}
}

static int is_where(const struct image *im, struct image_where w)
{
	return w.source < im->h->sources.count;
}

/*
 * A checksum, not a signature: who can write an image can write its checksum too, which is why images are believed by their owner and
 * folder. It finds what a disk or an editor did, and costs a hundredth of the hash. Each step is reversible, so no single change of a
 * word can go unseen; four lanes run side by side.
 */
static void checksum(const struct image_header *h, uint64_t sum[4])
{
	static const uint64_t odd[4] = {0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0x27d4eb2f165667c5};
	const size_t behind = offsetof(struct image_header, key);
	const char *p = (const char *)h + behind;
	const size_t words = (h->size - behind) / 8;
	_Static_assert(offsetof(struct image_header, key) % 8 == 0, "the checksum goes by words of 8");

	for (size_t k = 0; k < 4; k++)
		sum[k] = odd[k] ^ h->size;
	for (size_t i = 0; i < words; i++) {
		uint64_t word;
		memcpy(&word, p + 8 * i, sizeof word);
		sum[i % 4] = (sum[i % 4] ^ word) * odd[i % 4];
		sum[i % 4] ^= sum[i % 4] >> 29;
	}
}

static int check_header(const struct image_header *h, size_t size, struct err *err)
{
	uint64_t digest[4];

	if (memcmp(h->magic, IMAGE_MAGIC, sizeof h->magic) != 0)
		return bad(err, "not an image");
	if (h->version != IMAGE_VERSION)
		return bad(err, "of another version");
	if (h->size != size || size % 8 != 0)
		return bad(err, "truncated, or longer than it says");
	checksum(h, digest);
	if (memcmp(digest, h->digest, sizeof digest) != 0)
		return bad(err, "altered: the digest does not match");
	if (h->families & ~(uint32_t)FAM_ALL || h->require & ~(uint32_t)FEATURE_ALL || h->forgo & ~(uint32_t)FEATURE_ALL ||
	    h->flags & ~(uint32_t)IMAGE_FLAGS || h->umask > 0777 ||
	    h->isolate & ~(uint32_t)ISOLATE_ALL)
		return bad(err, "unknown flag");
	if (h->forgo & FEATURE_LANDLOCK)
		return bad(err, "forgoes Landlock");
	return 0;
}

static int check_strings(struct image *im, struct err *err)
{
	const struct image_span s = im->h->strings;

	im->strings = span(im->h, s, 1);
	if (!im->strings || s.count == 0 || im->strings[0] != '\0' || im->strings[s.count - 1] != '\0')
		return bad(err, "string area");
	return 0;
}

static int check_grants(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->grants = span(h, h->grants, sizeof *im->grants);
	if (!im->grants)
		return bad(err, "grants out of bounds");
	for (uint32_t i = 0; i < h->grants.count; i++) {
		const struct image_grant *g = &im->grants[i];
		if (!is_path(im, g->path) || g->rights == 0 || g->rights & ~(uint32_t)RIGHT_ALL ||
		    g->flags & ~(uint32_t)(GRANT_OPTIONAL | GRANT_FOLLOW) || !is_where(im, g->where))
			return bad(err, "a grant");
	}
	return 0;
}

static int check_excepts(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->excepts = span(h, h->excepts, sizeof *im->excepts);
	if (!im->excepts || h->excepts.count > EXCEPTS_MAX)
		return bad(err, "excepted parts out of bounds");
	for (uint32_t i = 0; i < h->excepts.count; i++) {
		const struct image_except *e = &im->excepts[i];
		if ((e->grant >= h->grants.count && e->grant != EXCEPT_DESIGNATED) || !is_part(im, e->part) ||
		    e->flags & ~(uint32_t)GRANT_OPTIONAL || e->is_dir > 1 || !is_where(im, e->where))
			return bad(err, "an excepted part");
	}
	return 0;
}

/* The same letters as of a descriptor's name. */
static int is_held_name(const struct image *im, uint32_t at)
{
	static const char known[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	const size_t len = is_name(im, at) ? strlen(im->strings + at) : 0;

	return len > 0 && len <= 64 && strspn(im->strings + at, known) == len;
}

static int check_one_held(const struct image *im, const struct image_held *g)
{
	const uint32_t file = RIGHT_READ | RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE;
	const int tcp = g->kind == HELD_CONNECT_TCP || g->kind == HELD_LISTEN_TCP;

	if (g->kind >= HELD_KINDS || g->flags & ~(uint32_t)HELD_FLAGS || g->zero != 0 || !is_held_name(im, g->name) || !is_where(im, g->where))
		return 0;
	if (g->flags & HELD_BY_HANDLE && g->kind != HELD_PATH)
		return 0;
	if (g->kind == HELD_PATH ? !(g->rights & file) || g->rights & ~(file | RIGHT_PASS) : (g->rights & ~(uint32_t)RIGHT_PASS) != 0)
		return 0;
	if (!tcp)
		return is_path(im, g->path) && g->address == 0 && g->port == 0;
	return g->path.root == 0 && g->path.at == 0 && g->port > 0 && g->port <= UINT16_MAX && is_string(im, g->address) &&
	       (g->address != 0 || g->kind == HELD_LISTEN_TCP);
}

static int check_held(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->held = span(h, h->held, sizeof *im->held);
	if (!im->held || h->held.count > HELDS_MAX)
		return bad(err, "capabilities out of bounds");
	for (uint32_t i = 0; i < h->held.count; i++)
		if (!check_one_held(im, &im->held[i]))
			return bad(err, "a capability");
	return 0;
}

static int is_numbers(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static int check_one_peer(const struct image *im, const struct image_peer *p)
{
	if (p->kind >= PEER_KINDS || p->flags & ~(uint32_t)PEER_FLAGS || !is_where(im, p->where))
		return 0;
	if (p->kind == PEER_CONNECT_UNIX)
		return is_path(im, p->path) && p->flags == 0 && p->host == 0 && p->first == 0 && p->last == 0;
	if (p->path.root != 0 || p->path.at != 0 || p->first == 0 || p->first > p->last || !is_name(im, p->host))
		return 0;
	return p->flags & PEER_NAME ? image_is_host(im->strings + p->host) : is_numbers(im->strings + p->host);
}

static int check_peers(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->peers = span(h, h->peers, sizeof *im->peers);
	if (!im->peers || h->peers.count > PEERS_MAX)
		return bad(err, "peers out of bounds");
	for (uint32_t i = 0; i < h->peers.count; i++)
		if (!check_one_peer(im, &im->peers[i]))
			return bad(err, "a peer");
	return 0;
}

static int check_asks(struct image *im, struct err *err)
{
	const uint32_t file = RIGHT_READ | RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE;
	const struct image_header *h = im->h;

	im->asks = span(h, h->asks, sizeof *im->asks);
	if (!im->asks || h->asks.count > ASKS_MAX)
		return bad(err, "what may be asked for out of bounds");
	for (uint32_t i = 0; i < h->asks.count; i++) {
		const struct image_ask *a = &im->asks[i];
		if (!is_path(im, a->path) || a->rights == 0 || a->rights & ~file || a->zero != 0 || !is_where(im, a->where))
			return bad(err, "what may be asked for");
	}
	return 0;
}

static int check_fds(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;
	int64_t last = -1;

	im->fds = span(h, h->fds, sizeof *im->fds);
	if (!im->fds)
		return bad(err, "descriptors out of bounds");
	for (uint32_t i = 0; i < h->fds.count; i++) {
		const struct image_fd *f = &im->fds[i];
		const int kept = (f->flags & GRANT_KEEP) != 0;
		if (f->number > 255 || f->number <= last || f->flags & ~(uint32_t)GRANT_FLAGS || !is_string(im, f->name) ||
		    f->rights & ~(uint32_t)(RIGHT_READ | RIGHT_WRITE | RIGHT_APPEND) || !is_where(im, f->where) ||
		    (kept ? f->rights != 0 || f->path.root != 0 || f->path.at != 0 : f->rights == 0 || !is_path(im, f->path)))
			return bad(err, "a descriptor");
		if (f->rights & RIGHT_APPEND && f->rights != RIGHT_APPEND)
			return bad(err, "an append descriptor with other rights");
		last = f->number;
	}
	return 0;
}

static int check_env(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->env = span(h, h->env, sizeof *im->env);
	if (!im->env)
		return bad(err, "environment out of bounds");
	for (uint32_t i = 0; i < h->env.count; i++) {
		const struct image_env *e = &im->env[i];
		if (e->op >= ENV_OPS || !is_name(im, e->name) || strchr(im->strings + e->name, '=') || !is_value(im, e->value) ||
		    !is_where(im, e->where))
			return bad(err, "an environment entry");
	}
	return 0;
}

static int check_scratch(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->scratch = span(h, h->scratch, sizeof *im->scratch);
	if (!im->scratch || h->scratch.count > SCRATCH_MAX)
		return bad(err, "scratch folders out of bounds");
	for (uint32_t i = 0; i < h->scratch.count; i++)
		if (!is_name(im, im->scratch[i].at) || strchr(im->strings + im->scratch[i].at, '=') || im->scratch[i].zero != 0)
			return bad(err, "a scratch folder's variable");
	return 0;
}

static int check_args_and_ports(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->args = span(h, h->args, sizeof *im->args);
	im->ports = span(h, h->ports, sizeof *im->ports);
	if (!im->args || !im->ports)
		return bad(err, "arguments or ports out of bounds");
	for (uint32_t i = 0; i < h->args.count; i++) {
		const struct image_arg *a = &im->args[i];
		if (a->first == 0 || a->last == 0 || a->rights == 0 || a->rights & ~(uint32_t)(RIGHT_READ | RIGHT_WRITE) ||
		    a->zero != 0 || !is_where(im, a->where))
			return bad(err, "an argument grant");
	}
	for (uint32_t i = 0; i < h->ports.count; i++) {
		const struct image_port *p = &im->ports[i];
		if (p->listen > 1 || p->first == 0 || p->first > p->last || !is_where(im, p->where))
			return bad(err, "a port");
	}
	return 0;
}

static int check_places(const struct image *im, const struct image_place *places, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!is_path(im, places[i].path) || !is_where(im, places[i].where))
			return 0;
	return 1;
}

static int check_names(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->programs = span(h, h->programs, sizeof *im->programs);
	im->private_places = span(h, h->private_places, sizeof *im->private_places);
	im->groups = span(h, h->groups, sizeof *im->groups);
	if (!im->programs || !im->private_places || !im->groups)
		return bad(err, "places out of bounds");
	if (!check_places(im, im->programs, h->programs.count) || !check_places(im, im->private_places, h->private_places.count))
		return bad(err, "a place");
	for (uint32_t i = 0; i < h->groups.count; i++)
		if (!is_name(im, im->groups[i].at))
			return bad(err, "a group");
	if (!is_string(im, h->user) || !is_string(im, h->group))
		return bad(err, "user or group");
	if (h->flags & IMAGE_CWD ? !is_path(im, h->cwd) : h->cwd.root != 0 || h->cwd.at != 0)
		return bad(err, "working directory");
	return 0;
}

static int check_sources(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->sources = span(h, h->sources, sizeof *im->sources);
	if (!im->sources || h->sources.count < 2 || h->sources.count > SOURCES_MAX)
		return bad(err, "sources out of bounds");
	for (uint32_t i = 0; i < h->sources.count; i++) {
		/* A fragment's name becomes a file's name: no slash, no leading dot. */
		const uint32_t at = im->sources[i].name;
		if (!is_string(im, at))
			return bad(err, "a source");
		if (i >= 2 && (!is_name(im, at) || im->strings[at] == '.' || strchr(im->strings + at, '/')))
			return bad(err, "a fragment's name");
	}
	return 0;
}

static int check_filter(struct image *im, struct err *err)
{
	const struct image_header *h = im->h;

	im->filter = span(h, h->filter, sizeof *im->filter);
	if (!im->filter || h->filter.count == 0 || h->filter.count > IMAGE_FILTER_MAX)
		return bad(err, "filter out of bounds");
	return 0; /* the kernel checks the program itself */
}

int image_check(const void *bytes, size_t size, struct image *image, struct err *err)
{
	int rc;

	memset(image, 0, sizeof *image);
	if (size < sizeof(struct image_header) || size > IMAGE_MAX)
		return bad(err, "size");
	if ((uintptr_t)bytes % alignof(struct image_header) != 0)
		return bad(err, "not aligned");
	image->h = bytes;
	(void)((rc = check_header(image->h, size, err)) || (rc = check_strings(image, err)) || (rc = check_sources(image, err)) ||
	       (rc = check_grants(image, err)) || (rc = check_excepts(image, err)) || (rc = check_held(image, err)) ||
	       (rc = check_peers(image, err)) || (rc = check_asks(image, err)) || (rc = check_fds(image, err)) ||
	       (rc = check_env(image, err)) || (rc = check_scratch(image, err)) ||
	       (rc = check_args_and_ports(image, err)) || (rc = check_names(image, err)) || (rc = check_filter(image, err)));
	if (rc < 0)
		memset(image, 0, sizeof *image);
	return rc;
}

void image_seal(void *bytes)
{
	struct image_header *h = bytes;

	checksum(h, h->digest);
}

void image_key_begin(struct hash *key, const char *line, size_t line_len, const char *main_text, size_t main_len)
{
	static const char build[] = ENDOW_BUILD_ID;

	hash_init(key);
	hash_add_counted(key, build, sizeof build);
	hash_add_counted(key, line, line_len);
	hash_add_counted(key, main_text, main_len);
}

void image_key_fragment(struct hash *key, const char *name, const char *text, size_t len)
{
	hash_add_counted(key, name, strlen(name));
	hash_add_counted(key, text, len);
}

#include "dump.h"

#include <inttypes.h>

static void dump_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		const unsigned char c = (unsigned char)*s;
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			fprintf(f, "\\x%02x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void dump_text(FILE *f, const struct image *im, struct image_text t)
{
	fputc(' ', f);
	if (t.root != ROOT_NONE)
		fprintf(f, "$%s+", image_root_name[t.root]);
	dump_string(f, image_string(im, t.at));
}

static void dump_bits(FILE *f, uint32_t bits, const char *const *names)
{
	for (uint32_t i = 0; names[i]; i++)
		if (bits & 1u << i)
			fprintf(f, " %s", names[i]);
}

static void dump_where(FILE *f, struct image_where w)
{
	fprintf(f, " @%u:%u\n", w.source, w.line);
}

static const char *const grant_flags[] = {"+optional", "+follow", "+keep", NULL};

static void dump_families(FILE *f, uint32_t families)
{
	static const char *const derived[] = {"TCP_CONNECT", "TCP_CONNECT_ANY", "TCP_LISTEN",  "TCP_LISTEN_ANY", "UDP", "UNIX",
					      "NOTIFY",      "IOCTL",           "APPEND_NAME", "APPEND_FD",      "BROKER_PATHS",
					      "BROKER_NET",  "BROKER_UNIX",     "REPORT",      NULL};

	if (families == 0)
		return;
	fputs("families", f);
	dump_bits(f, families & FAM_PROMISES, image_promise_name);
	dump_bits(f, families >> 16, derived);
	fputc('\n', f);
}

static void dump_header(FILE *f, const struct image *im)
{
	static const char *const flags[] = {"service", "supervise", "session-new", "signals-keep",
					    "cwd",     "umask",     "groups-none", "report", NULL};
	const struct image_header *h = im->h;

	dump_families(f, h->families);
	if (h->flags) {
		fputs("flags", f);
		dump_bits(f, h->flags, flags);
		fputc('\n', f);
	}
	if (h->require || h->forgo) {
		fputs("require", f);
		dump_bits(f, h->require, image_feature_name);
		fputs(" forgo", f);
		dump_bits(f, h->forgo, image_feature_name);
		fputc('\n', f);
	}
	if (h->isolate) {
		fputs("isolate", f);
		dump_bits(f, h->isolate, image_isolate_name);
		fputc('\n', f);
	}
	if (h->keep_caps)
		fprintf(f, "keep_caps %#" PRIx64 "\n", h->keep_caps);
	for (int i = 0; i < LIMIT_COUNT; i++)
		if (h->limits[i] == LIMIT_NONE)
			fprintf(f, "limit %s none\n", image_limit_name[i]);
		else if (h->limits[i] != LIMIT_UNSET)
			fprintf(f, "limit %s %" PRIu64 "\n", image_limit_name[i], h->limits[i]);
	if (h->flags & IMAGE_UMASK)
		fprintf(f, "umask %04o\n", h->umask);
	if (h->user || h->group) {
		fputs("user ", f);
		dump_string(f, image_string(im, h->user));
		fputs(" group ", f);
		dump_string(f, image_string(im, h->group));
		fputc('\n', f);
	}
	if (h->flags & IMAGE_CWD) {
		fputs("cwd", f);
		dump_text(f, im, h->cwd);
		fputc('\n', f);
	}
}

static void dump_grants(FILE *f, const struct image *im)
{
	for (uint32_t i = 0; i < im->h->grants.count; i++) {
		const struct image_grant *g = &im->grants[i];
		fputs("grant", f);
		dump_bits(f, g->rights, image_right_name);
		dump_text(f, im, g->path);
		dump_bits(f, g->flags, grant_flags);
		dump_where(f, g->where);
	}
	for (uint32_t i = 0; i < im->h->excepts.count; i++) {
		const struct image_except *e = &im->excepts[i];
		if (e->grant == EXCEPT_DESIGNATED)
			fputs("except designated ", f);
		else
			fprintf(f, "except grant %u ", e->grant);
		dump_string(f, image_string(im, e->part));
		fputs(e->is_dir ? " +dir" : "", f);
		dump_bits(f, e->flags, grant_flags);
		dump_where(f, e->where);
	}
	for (uint32_t i = 0; i < im->h->held.count; i++) {
		static const char *const kinds[HELD_KINDS] = {"", " connect tcp", " connect unix", " listen tcp"};
		const struct image_held *g = &im->held[i];
		fprintf(f, "held%s", kinds[g->kind]);
		dump_bits(f, g->rights & RIGHT_ALL, image_right_name);
		fputs(g->rights & RIGHT_PASS ? " pass" : "", f);
		if (g->kind == HELD_PATH || g->kind == HELD_CONNECT_UNIX)
			dump_text(f, im, g->path);
		else
			fprintf(f, " %s:%u", image_string(im, g->address), g->port);
		fprintf(f, " as %s until %" PRIu64 " times %u%s", image_string(im, g->name), g->until, g->times,
			g->flags & HELD_REVOCABLE ? " revocable" : "");
		fputs(g->kind != HELD_PATH ? "" : g->flags & HELD_BY_HANDLE ? " by handle" : " by path", f);
		dump_where(f, g->where);
	}
	for (uint32_t i = 0; i < im->h->peers.count; i++) {
		static const char *const kinds[PEER_KINDS] = {"connect tcp", "connect udp", "connect unix", "listen tcp"};
		const struct image_peer *p = &im->peers[i];
		fprintf(f, "peer %s", kinds[p->kind]);
		if (p->kind == PEER_CONNECT_UNIX)
			dump_text(f, im, p->path);
		else
			fprintf(f, " %s '%s' %u-%u", p->flags & PEER_NAME ? "name" : "numbers", image_string(im, p->host), p->first,
				p->last);
		dump_where(f, p->where);
	}
	for (uint32_t i = 0; i < im->h->asks.count; i++) {
		fputs("ask", f);
		dump_bits(f, im->asks[i].rights, image_right_name);
		dump_text(f, im, im->asks[i].path);
		dump_where(f, im->asks[i].where);
	}
	for (uint32_t i = 0; i < im->h->fds.count; i++) {
		const struct image_fd *d = &im->fds[i];
		fprintf(f, "fd %u", d->number);
		dump_bits(f, d->rights, image_right_name);
		dump_text(f, im, d->path);
		dump_bits(f, d->flags, grant_flags);
		fputs(" as ", f);
		dump_string(f, image_string(im, d->name));
		dump_where(f, d->where);
	}
	for (uint32_t i = 0; i < im->h->args.count; i++) {
		const struct image_arg *a = &im->args[i];
		fputs("arg", f);
		dump_bits(f, a->rights, image_right_name);
		fprintf(f, " %d..%d", a->first, a->last);
		dump_where(f, a->where);
	}
}

static void dump_places(FILE *f, const struct image *im, const char *what, const struct image_place *places, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		fputs(what, f);
		dump_text(f, im, places[i].path);
		dump_where(f, places[i].where);
	}
}

static void dump_lists(FILE *f, const struct image *im)
{
	static const char *const ops[ENV_OPS] = {"keep", "keep-prefix", "set"};

	for (uint32_t i = 0; i < im->h->env.count; i++) {
		const struct image_env *e = &im->env[i];
		fprintf(f, "env %s ", ops[e->op]);
		dump_string(f, image_string(im, e->name));
		if (e->op == ENV_SET)
			dump_text(f, im, e->value);
		dump_where(f, e->where);
	}
	for (uint32_t i = 0; i < im->h->scratch.count; i++) {
		fputs("scratch ", f);
		dump_string(f, image_string(im, im->scratch[i].at));
		fputc('\n', f);
	}
	for (uint32_t i = 0; i < im->h->ports.count; i++) {
		const struct image_port *p = &im->ports[i];
		fprintf(f, "%s tcp %u-%u", p->listen ? "listen" : "connect", p->first, p->last);
		dump_where(f, p->where);
	}
	for (uint32_t i = 0; i < im->h->groups.count; i++) {
		fputs("group ", f);
		dump_string(f, image_string(im, im->groups[i].at));
		fputc('\n', f);
	}
}

void dump_image(FILE *f, const struct image *im)
{
	for (uint32_t i = 0; i < im->h->sources.count; i++) {
		fprintf(f, "source %u ", i);
		dump_string(f, image_string(im, im->sources[i].name));
		fputc('\n', f);
	}
	dump_header(f, im);
	dump_places(f, im, "program", im->programs, im->h->programs.count);
	dump_places(f, im, "private", im->private_places, im->h->private_places.count);
	dump_grants(f, im);
	dump_lists(f, im);
}

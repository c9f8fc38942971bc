#include "record.h"

#include <string.h>

static size_t bucket_of(const char *path)
{
	uint32_t h = 2166136261u;

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 16777619u;
	return h % RECORD_BUCKETS;
}

static const char *keep(struct record *r, const char *text)
{
	char *copy = arena_text(&r->arena, text, strlen(text));

	if (!copy)
		r->no_memory = 1;
	return copy;
}

void seen_by_add(struct record *r, struct seen_by *by, const char *who)
{
	by->times++;
	for (uint32_t i = 0; i < by->names && i < SEEN_NAMES; i++)
		if (strcmp(by->name[i], who) == 0)
			return;
	if (by->names < SEEN_NAMES) {
		by->name[by->names] = keep(r, who);
		by->names += by->name[by->names] != NULL;
	} else {
		by->names = SEEN_NAMES + 1;
	}
}

struct seen *record_find(const struct record *r, const char *path)
{
	struct seen *s = r->bucket[bucket_of(path)];

	while (s && strcmp(s->path, path) != 0)
		s = s->next;
	return s;
}

static struct seen *add_path(struct record *r, const char *path)
{
	struct seen *s = arena_alloc(&r->arena, sizeof *s);
	const size_t b = bucket_of(path);

	if (s)
		s->path = keep(r, path);
	if (!s || !s->path || vec_add(&r->paths, &s, 1, sizeof(struct seen *)) < 0) {
		r->no_memory = 1;
		return NULL;
	}
	s->next = r->bucket[b];
	r->bucket[b] = s;
	return s;
}

struct seen *record_path(struct record *r, const char *path, uint32_t rights, uint32_t flags, const char *who)
{
	struct seen *s = record_find(r, path);

	if (!s)
		s = add_path(r, path);
	if (!s)
		return NULL;
	s->flags |= flags;
	if (s->flags & SEEN_MADE)
		s->after |= rights;
	else
		s->rights |= rights;
	seen_by_add(r, &s->by, who);
	return s;
}

void record_family(struct record *r, uint32_t family, const char *who, const char *detail)
{
	const unsigned int i = (unsigned int)__builtin_ctz(family);

	if (!r->family_detail[i] && detail)
		r->family_detail[i] = keep(r, detail);
	seen_by_add(r, &r->families[i], who);
}

void record_port(struct record *r, int listen, uint16_t port, const char *who)
{
	struct seen_port *p = r->ports.data;

	for (uint32_t i = 0; i < r->ports.count; i++)
		if (p[i].listen == listen && p[i].port == port) {
			seen_by_add(r, &p[i].by, who);
			return;
		}
	struct seen_port fresh = {.listen = listen, .port = port};
	seen_by_add(r, &fresh.by, who);
	if (vec_add(&r->ports, &fresh, 1, sizeof fresh) < 0)
		r->no_memory = 1;
}

void record_call(struct record *r, int nr, const char *who)
{
	struct seen_call *c = r->calls.data;

	for (uint32_t i = 0; i < r->calls.count; i++)
		if (c[i].nr == nr) {
			seen_by_add(r, &c[i].by, who);
			return;
		}
	struct seen_call fresh = {.nr = nr};
	seen_by_add(r, &fresh.by, who);
	if (vec_add(&r->calls, &fresh, 1, sizeof fresh) < 0)
		r->no_memory = 1;
}

void record_move(struct record *r, const char *from, const char *to)
{
	const struct seen_move *m = r->moves.data;

	for (uint32_t i = 0; i < r->moves.count; i++)
		if (strcmp(m[i].from, from) == 0 && strcmp(m[i].to, to) == 0)
			return;
	const struct seen_move fresh = {keep(r, from), keep(r, to)};
	if (!fresh.from || !fresh.to || vec_add(&r->moves, &fresh, 1, sizeof fresh) < 0)
		r->no_memory = 1;
}

void record_free(struct record *r)
{
	vec_free(&r->paths);
	vec_free(&r->ports);
	vec_free(&r->calls);
	vec_free(&r->moves);
	arena_free(&r->arena);
	*r = (struct record){0};
}

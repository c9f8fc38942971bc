/* What the launcher mounts for the program: launcher/scene.c and scene_except.c are the truth. */
#include <stdlib.h>
#include <string.h>

#include "making.h"
#include "owned.h"

#define WRITING ((uint32_t)(RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE))
#define LINKS_MAX 40

/* A thing that is granted by name. */
struct piece {
	struct entry *entry;
	const char *real;
	uint32_t all; /* rights of every piece of the same path */
	int private, placed;
};

struct viewing {
	struct making *m;
	struct piece *pieces; /* owned */
	size_t count;
	struct cover *covers; /* in the arena */
	size_t cover_count, room;
	int files, loose, sealed;
};

static int covers(const char *dir, const char *path)
{
	const size_t n = strlen(dir);

	return n == 1 || (strncmp(dir, path, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

/* What covers comes before what it covers; of the same path a private place first. */
static int by_path(const void *a, const void *b)
{
	const struct piece *p = a, *q = b;
	const unsigned char *x = (const unsigned char *)p->real, *y = (const unsigned char *)q->real;

	for (; *x && *x == *y; x++)
		y++;
	if (*x == *y)
		return q->private - p->private;
	return !*x ? -1 : !*y ? 1 : *x == '/' ? -1 : *y == '/' ? 1 : *x < *y ? -1 : 1;
}

static int collect(struct viewing *v)
{
	const struct model *model = v->m->model;

	v->pieces = calloc(model->count + 1, sizeof *v->pieces);
	if (!v->pieces)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->count; i++) {
		struct entry *e = &model->entries[i];
		if ((e->kind == KIND_PATH || e->kind == KIND_PROGRAM || e->kind == KIND_PRIVATE) && e->spot.rc == 0 &&
		    (e->id.dev || e->id.ino))
			v->pieces[v->count++] =
			    (struct piece){.entry = e, .real = e->spot.path, .private = e->kind == KIND_PRIVATE};
	}
	if (v->count > 1)
		qsort(v->pieces, v->count, sizeof *v->pieces, by_path);
	for (size_t i = 0; i < v->count; i++) {
		v->pieces[i].all = v->pieces[i].entry->rights;
		if (i > 0 && strcmp(v->pieces[i].real, v->pieces[i - 1].real) == 0)
			v->pieces[i].all |= v->pieces[i - 1].all;
	}
	for (size_t i = v->count; i-- > 1;)
		if (strcmp(v->pieces[i].real, v->pieces[i - 1].real) == 0)
			v->pieces[i - 1].all |= v->pieces[i].all;
	return 0;
}

static int add(struct viewing *v, struct cover cover)
{
	if (!cover.path)
		return -ENOMEM;
	if (v->cover_count == v->room) {
		struct cover *more = arena_alloc(v->m->arena, (v->room * 2 + 16) * sizeof *more);
		if (!more)
			return -ENOMEM;
		if (v->cover_count > 0)
			memcpy(more, v->covers, v->cover_count * sizeof *more);
		v->covers = more;
		v->room = v->room * 2 + 16;
	}
	v->covers[v->cover_count++] = cover;
	return 0;
}

static int is_hidden(const struct viewing *v, const char *path)
{
	for (size_t i = 0; i < v->count && !v->files; i++)
		if (v->pieces[i].private && covers(v->pieces[i].real, path))
			return 1;
	return v->files;
}

/* The nearest piece above that is placed shows it, unless it may do more. */
static int is_shown(const struct viewing *v, size_t i)
{
	const struct piece *p = &v->pieces[i];

	for (size_t k = i; k-- > 0;) {
		const struct piece *above = &v->pieces[k];
		if (!covers(above->real, p->real) || !(above->placed || above->private))
			continue;
		if (above->private)
			return strcmp(above->real, p->real) == 0;
		return (above->all & WRITING) || !(p->all & WRITING);
	}
	return 0;
}

/* What is shown in a private place has the rule of the place above it: for less than that it can't be had. */
static void judge_private(struct viewing *v, const struct piece *p)
{
	const uint32_t gives = RIGHT_READ | RIGHT_WRITE | (p->entry->spot.type == TYPE_DIR ? RIGHT_CREATE : 0);

	if (p->private || !(p->all & WRITING) || (p->all & gives) == gives)
		return;
	for (size_t i = 0; i < v->count; i++)
		if (v->pieces[i].private && covers(v->pieces[i].real, p->real)) {
			making_problem(v->m, p->entry,
				       "%s lies in %s, which is private: what is shown there can be read as well as written",
				       p->entry->object, v->pieces[i].entry->object);
			return;
		}
}

static int place(struct viewing *v)
{
	int rc = 0;

	for (size_t i = 0; i < v->count && rc == 0; i++) {
		struct piece *p = &v->pieces[i];
		struct cover cover = {.kind = COVER_THING, .path = p->real, .id = p->entry->id, .type = p->entry->spot.type};
		judge_private(v, p);
		if (p->private) {
			cover.kind = COVER_EMPTY;
			cover.type = TYPE_DIR;
		} else if (!is_hidden(v, p->real)) {
			if (!v->sealed || !(p->all & WRITING))
				continue;
		} else if (is_shown(v, i)) {
			continue;
		}
		p->placed = !p->private && is_hidden(v, p->real);
		if (!p->private && !(p->all & WRITING) && !v->loose)
			cover.bars = BAR_WRITE;
		rc = add(v, cover);
	}
	return rc;
}

/* What is to be written through a descriptor is not sealed, though it is granted by no name. */
static int keep_writable(struct viewing *v)
{
	const struct model *model = v->m->model;
	int rc = 0;

	for (uint32_t i = 0; i < model->count && rc == 0 && v->sealed; i++) {
		const struct entry *e = &model->entries[i];
		if (e->kind == KIND_DESCRIPTOR && !(e->flags & GRANT_KEEP) && e->rights & WRITING && e->spot.rc == 0 &&
		    !is_hidden(v, e->spot.path))
			rc = add(v,
				 (struct cover){
				     .kind = COVER_THING, .path = e->spot.path, .id = e->spot.chain[0], .type = e->spot.type});
	}
	return rc;
}

/* The links on the way of a name are made anew where the way is hidden. */
static int add_links(struct viewing *v, const char *said)
{
	struct arena *arena = v->m->arena;
	const struct world *world = v->m->model->world;
	struct look *OWNED look = malloc(sizeof *look);
	const char *rest = *said == '/' ? said : arena_say(arena, "%s/%s", world->cwd, said), *done = "";

	for (int links = 0; look && rest && done && links < LINKS_MAX;) {
		rest += strspn(rest, "/");
		const int n = (int)strcspn(rest, "/");
		if (n == 0)
			return 0;
		const char *next = rest + n, *above = done;
		if (n == 2 && memcmp(rest, "..", 2) == 0)
			done = strrchr(done, '/') ? arena_text(arena, done, (size_t)(strrchr(done, '/') - done)) : done;
		else if (n != 1 || *rest != '.')
			done = arena_say(arena, "%s/%.*s", done, n, rest);
		rest = next;
		if (!done || world->look(world->arg, *done ? done : "/", look) < 0 || look->type != TYPE_LINK)
			continue;
		links++;
		int rc =
		    add(v, (struct cover){
			       .kind = COVER_LINK, .path = done, .link = arena_text(arena, look->link, strlen(look->link))});
		if (rc < 0)
			return rc;
		rest = arena_say(arena, "%s/%s", look->link, rest);
		done = look->link[0] == '/' ? "" : above;
	}
	return look && rest && done ? 0 : -ENOMEM;
}

static int add_all_links(struct viewing *v)
{
	int rc = 0;

	for (size_t i = 0; i < v->count && rc == 0; i++) {
		const struct entry *e = v->pieces[i].entry;
		if (is_hidden(v, e->object) && strcmp(e->object, e->spot.path) != 0)
			rc = add_links(v, e->object);
	}
	return rc;
}

/* A root of its own has /proc, and the working directory. */
static int furnish(struct viewing *v)
{
	static const char *const links[][2] = {
	    {"/dev/fd", "/proc/self/fd"},
	    {"/dev/stdin", "/proc/self/fd/0"},
	    {"/dev/stdout", "/proc/self/fd/1"},
	    {"/dev/stderr", "/proc/self/fd/2"},
	};
	const struct world *world = v->m->model->world;
	struct spot proc;
	int rc = world_walk(world, NULL, "", "/proc", FOLLOW_ALL, v->m->arena, &proc);

	if (rc == 0 && proc.rc == 0)
		rc = add(v, (struct cover){.kind = COVER_THING, .path = "/proc", .id = proc.chain[0], .type = TYPE_DIR});
	for (size_t i = 0; i < sizeof links / sizeof *links && rc == 0; i++)
		rc = add(v, (struct cover){.kind = COVER_LINK, .path = links[i][0], .link = links[i][1]});
	return rc;
}

static int add_cwd(struct viewing *v)
{
	const struct image *im = v->m->in->image;
	const char *path = v->m->model->world->cwd;

	if (im->h->flags & IMAGE_CWD) {
		struct entry said = {0};
		int rc = making_walk(v->m, im->h->cwd, FOLLOW_ALL, &said);
		if (rc < 0)
			return rc;
		path = said.spot.path;
	}
	return *path && is_hidden(v, path) ? add(v, (struct cover){.kind = COVER_FOLDER, .path = path}) : 0;
}

/* Where the parts are that are left out of E, in what is to be seen by now. */
static int find_parts(struct viewing *v, struct entry *e)
{
	const struct image *im = v->m->in->image;
	struct spot *parts = arena_alloc(v->m->arena, (im->h->excepts.count + 1) * sizeof *parts);

	if (!parts)
		return -ENOMEM;
	e->parts = parts;
	for (uint32_t i = 0; i < im->h->excepts.count; i++) {
		const struct image_except *x = &im->excepts[i];
		if (x->grant != e->first || e->kind != KIND_PATH || e->own)
			continue;
		struct spot *part = &parts[e->part_count], tree;
		if (world_walk(v->m->model->world, &v->m->model->view, "", e->spot.path, FOLLOW_NONE, v->m->arena, &tree) < 0)
			return -ENOMEM;
		if (tree.rc < 0 || !id_same(tree.chain[0], e->id))
			making_problem(v->m, e, "except: %s is covered by a place of its own", e->object);
		const char *path = arena_say(v->m->arena, "/%s", image_string(im, x->part));
		if (!path ||
		    world_walk(v->m->model->world, &v->m->model->view, e->spot.path, path, FOLLOW_NONE, v->m->arena, part) < 0)
			return -ENOMEM;
		/* A folder that is absent is made, where that is all that is. */
		if (part->rc == -ENOENT && x->is_dir && part->missing == 1)
			part->type = TYPE_DIR;
		else if (part->rc == -ENOENT && x->flags & GRANT_OPTIONAL)
			continue; /* the program may make it */
		else if (part->rc < 0)
			making_problem(v->m, e, "except %s: %s", image_string(im, x->part), err_words(-part->rc));
		else if (part->type != TYPE_DIR && part->links > 1)
			making_problem(v->m, e, "except %s: it has %ju names, and could be written under another",
				       image_string(im, x->part), (uintmax_t)part->links);
		e->part_count++;
	}
	return 0;
}

/* What E still grants at PATH, after all that is excepted from it. */
static uint32_t left_by(const struct entry *e, const char *path)
{
	for (uint32_t i = 0; i < e->part_count; i++)
		if (covers(e->parts[i].path, path))
			return 0;
	return e->rights;
}

/* What is left of all grants on the part of E that lies at PATH. For writing, it would not be excepted. */
static uint32_t rights_left(struct viewing *v, const struct entry *e, const char *path)
{
	uint32_t left = 0;
	char at[512];

	for (size_t i = 0; i < v->count; i++) {
		const struct entry *other = v->pieces[i].entry;
		const uint32_t rights = left_by(other, path);
		if (covers(v->pieces[i].real, path)) {
			left |= rights;
			if (!(rights & WRITING))
				continue;
		} else if (!covers(path, v->pieces[i].real)) {
			continue;
		}
		making_problem(v->m, e, "%s is excepted, and %s grants %s: one of the two has to go", path,
			       origin_text(&other->origin, at, sizeof at), other->object);
	}
	return left;
}

static int add_parts(struct viewing *v, const struct piece *p)
{
	const struct entry *e = p->entry;
	int rc = 0;

	for (uint32_t i = 0; i < e->part_count && rc == 0; i++) {
		const struct spot *part = &e->parts[i];
		const uint32_t left = rights_left(v, e, part->path);
		struct cover cover = {.kind = COVER_PART, .path = part->path, .type = part->type, .bars = BAR_ALL};
		if (part->type == TYPE_DIR && left & RIGHT_EXEC && !(left & RIGHT_READ))
			making_problem(v->m, e, "%s is excepted, and may be executed by another line, but not read",
				       part->path);
		if (left & (RIGHT_READ | RIGHT_EXEC))
			cover.bars = BAR_WRITE | (left & RIGHT_EXEC ? 0 : BAR_EXEC) |
				     (p->all & RIGHT_IOCTL && !(left & RIGHT_IOCTL) ? BAR_DEVICES : 0);
		rc = add(v, cover);
	}
	return rc;
}

/* Descriptors are opened as the program could open them itself; in a root of its own, by what is there outside. */
static int see_descriptor(struct viewing *v, struct entry *e)
{
	const struct model *model = v->m->model;
	const enum follow follow = e->flags & GRANT_FOLLOW ? FOLLOW_ALL : FOLLOW_NONE;

	for (size_t k = 0; k < v->cover_count && v->files; k++)
		if (v->covers[k].kind == COVER_PART && e->rights & WRITING && e->spot.rc == 0 &&
		    covers(v->covers[k].path, e->spot.path))
			making_problem(v->m, e, "%s lies in a part that is excepted", e->object);
	if (v->files || e->spot.rc < 0)
		return 0;
	int rc = world_walk(model->world, &model->view, "", e->spot.path, follow, v->m->arena, &e->spot);
	if (rc < 0)
		return rc;
	if (e->spot.rc == -ENOENT && e->flags & GRANT_OPTIONAL)
		e->optional_absent = 1;
	else if (e->spot.rc < 0)
		making_problem(v->m, e, "%s: %s", e->object, err_words(-e->spot.rc));
	const int read_only = e->spot.bars & (BAR_ALL | BAR_WRITE) && e->rights & WRITING && e->spot.type != TYPE_DEVICE;
	if (e->spot.rc == 0 && (read_only || e->spot.bars & BAR_ALL))
		making_problem(v->m, e, "%s: %s", e->object, err_words(read_only ? EROFS : EACCES));
	if (read_only || e->spot.bars & BAR_ALL)
		e->id = (struct id){0};
	return 0;
}

static int see_descriptors(struct viewing *v)
{
	const struct model *model = v->m->model;
	int rc = 0;

	for (uint32_t i = 0; i < model->count && rc == 0; i++)
		if (model->entries[i].kind == KIND_DESCRIPTOR && !(model->entries[i].flags & GRANT_KEEP))
			rc = see_descriptor(v, &model->entries[i]);
	return rc;
}

int making_view(struct making *m)
{
	const struct image_header *h = m->in->image->h;
	struct viewing v = {.m = m, .files = (h->isolate & ISOLATE_FILES) != 0};
	int rc;

	v.loose = h->families & FAM_FATTR_ANYWHERE || h->forgo & FEATURE_VIEW;
	v.sealed = !v.files && h->families & FAM_FATTR && !v.loose;
	if (!v.files && !v.sealed && h->private_places.count == 0 && h->excepts.count == 0)
		return 0;
	(void)((rc = collect(&v)) || (rc = place(&v)) || (rc = keep_writable(&v)) || (rc = v.files ? furnish(&v) : 0) ||
	       (rc = add_all_links(&v)) || (rc = add_cwd(&v)));
	m->model->view = (struct view){.covers = v.covers, .count = v.cover_count, .own_root = v.files, .sealed = v.sealed};
	for (size_t i = 0; i < v.count && rc == 0; i++)
		rc = find_parts(&v, v.pieces[i].entry);
	for (size_t i = 0; i < v.count && rc == 0; i++)
		rc = add_parts(&v, &v.pieces[i]);
	m->model->view = (struct view){.covers = v.covers, .count = v.cover_count, .own_root = v.files, .sealed = v.sealed};
	if (rc == 0)
		rc = see_descriptors(&v);
	free(v.pieces);
	return rc;
}

#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "making.h"
#include "script.h"

#define INTERPRETERS_MAX 4

const char *const kind_word[KINDS] = {
    [KIND_PROGRAM] = "program", [KIND_PATH] = "path",       [KIND_PRIVATE] = "private",
    [KIND_SCRATCH] = "scratch", [KIND_EXCEPT] = "except",   [KIND_DESCRIPTOR] = "descriptor",
    [KIND_ARGS] = "args",       [KIND_ENV] = "env",         [KIND_CONNECT] = "connect",
    [KIND_LISTEN] = "listen",   [KIND_PROMISE] = "promise", [KIND_CAPABILITY] = "capability",
    [KIND_ACCOUNT] = "account", [KIND_SERVICE] = "service", [KIND_ISOLATE] = "isolate",
    [KIND_LIMIT] = "limit",     [KIND_FORGO] = "forgo",     [KIND_REQUIRE] = "require",
    [KIND_SETTING] = "setting", [KIND_HELD] = "held",       [KIND_PEER] = "peer",
    [KIND_ASK] = "ask",
};

static struct origin origin_of(const struct making *m, const struct image_where *where)
{
	const struct source *sources = m->in->tree->sources;
	struct origin o = {.file = "", .fragment = ""};

	if (!where)
		return o;
	o.file = where->source == SOURCE_MAIN ? m->in->shown : sources[where->source].shown;
	o.fragment = where->source >= SOURCE_FRAGMENT ? sources[where->source].name : "";
	o.line = where->source == SOURCE_LINE ? 0 : where->line;
	return o;
}

struct entry *making_add(struct making *m, enum kind kind, const struct image_where *where, const char *said)
{
	struct model *model = m->model;

	if (!said)
		return NULL;
	if (model->count == model->room) {
		const uint32_t room = model->room * 2 + 64;
		struct entry *more = arena_alloc(m->arena, room * sizeof *more);
		if (!more)
			return NULL;
		if (model->count > 0)
			memcpy(more, model->entries, model->count * sizeof *more);
		model->entries = more;
		model->room = room;
	}
	struct entry *e = &model->entries[model->count++];
	*e = (struct entry){.kind = kind,
			    .said = said,
			    .object = "",
			    .word = "",
			    .leaves = "",
			    .enforced = "",
			    .name = "",
			    .origin = origin_of(m, where)};
	return e;
}

void making_problem(struct making *m, const struct entry *e, const char *fmt, ...)
{
	char at[512];
	va_list ap;

	if (m->model->problem[0])
		return;
	origin_text(&e->origin, at, sizeof at);
	int len = snprintf(m->model->problem, sizeof m->model->problem, "%s%s", at, *at ? ": " : "");
	if (len < 0 || (size_t)len >= sizeof m->model->problem)
		return;
	va_start(ap, fmt);
	vsnprintf(m->model->problem + len, sizeof m->model->problem - (size_t)len, fmt, ap);
	va_end(ap);
}

int making_walk(struct making *m, struct image_text text, enum follow follow, struct entry *e)
{
	const char *path = image_string(m->in->image, text.at);
	char buf[WORLD_PATH];
	const char *root = world_root(m->model->world, text.root, buf);

	e->word = word_text(m->arena, text.root, path);
	if (!e->word)
		return -ENOMEM;
	if (!root) {
		e->spot = (struct spot){.rc = -ENOENT, .path = ""};
		e->object = word_text(m->arena, text.root, path);
		return e->object ? 0 : -ENOMEM;
	}
	e->object = arena_say(m->arena, "%s%s", root, *path || *root ? path : "/");
	if (!e->object)
		return -ENOMEM;
	return world_walk(m->model->world, NULL, root, path, follow, m->arena, &e->spot);
}

void making_plant(struct entry *e)
{
	if (e->spot.rc == 0 && e->spot.depth > 0)
		e->id = e->spot.chain[0];
}

int making_interpreters(struct making *m, struct entry e)
{
	char to[WORLD_PATH];

	for (int i = 0; i < INTERPRETERS_MAX && e.spot.rc == 0 && e.spot.type == TYPE_FILE; i++) {
		if (script_look(m->model->world, e.spot.path, to) != SCRIPT_TEXT)
			return 0;
		struct entry *more = making_add(m, KIND_PROGRAM, NULL, "");
		if (!more)
			return -ENOMEM;
		more->origin = e.origin;
		more->own = 1;
		more->rights = RIGHT_EXEC;
		more->enforced = "Landlock";
		more->object = arena_text(m->arena, to, strlen(to));
		if (!more->object || world_walk(m->model->world, NULL, "", more->object, FOLLOW_ALL, m->arena, &more->spot) < 0)
			return -ENOMEM;
		making_plant(more);
		e = *more;
	}
	return 0;
}

static int make_private(struct making *m)
{
	const struct image *im = m->in->image;

	for (uint32_t i = 0; i < im->h->private_places.count; i++) {
		const struct image_place *p = &im->private_places[i];
		struct entry *e = making_add(
		    m, KIND_PRIVATE, &p->where,
		    arena_say(m->arena, "private %s", word_text(m->arena, p->path.root, image_string(im, p->path.at))));
		if (!e || making_walk(m, p->path, FOLLOW_ALL, e) < 0)
			return -ENOMEM;
		e->rights = RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE;
		e->enforced = "mount view";
		if (e->spot.rc < 0 || e->spot.type != TYPE_DIR)
			making_problem(m, e, "private: %s: %s", e->object,
				       e->spot.rc < 0 ? err_words(-e->spot.rc) : "not a directory");
		else /* the rule is planted on what is put there */
			e->id = id_fresh(e->spot.chain[0]);
	}
	return 0;
}

/* As the launcher looks: along $PATH, where NAME has no slash. */
static int walk_program(struct making *m, const char *name, struct entry *e)
{
	const struct world *world = m->model->world;
	const char *dirs = world->variable(world->arg, "PATH");

	if (strchr(name, '/')) {
		e->object = name;
		return world_walk(world, NULL, *name == '/' ? "" : world->cwd, name, FOLLOW_ALL, m->arena, &e->spot);
	}
	e->spot = (struct spot){.rc = -ENOENT, .path = ""};
	for (const char *p = dirs && *dirs ? dirs : "/usr/local/bin:/usr/bin:/bin"; *p; p += strspn(p, ":")) {
		const int n = (int)strcspn(p, ":");
		e->object = arena_say(m->arena, "%.*s/%s", n, p, name);
		if (!e->object || world_walk(world, NULL, "", e->object, FOLLOW_ALL, m->arena, &e->spot) < 0)
			return -ENOMEM;
		if (e->spot.rc == 0 && e->spot.type == TYPE_FILE)
			return 0;
		p += n;
	}
	e->object = name;
	return 0;
}

/* The program that was named: one of those that the policy is for, if it is for any. */
static int make_named_program(struct making *m, uint32_t declared)
{
	struct model *model = m->model;
	struct entry *e = making_add(m, KIND_PROGRAM, NULL, "");
	int known = declared == 0;

	if (!e || walk_program(m, m->in->program, e) < 0)
		return -ENOMEM;
	e->own = 1;
	e->rights = RIGHT_EXEC;
	e->enforced = "Landlock";
	making_plant(e);
	for (uint32_t i = 0; i < model->count; i++) {
		struct entry *other = &model->entries[i];
		if (other == e || other->kind != KIND_PROGRAM)
			continue;
		known |= other->spot.rc == 0 && id_same(other->id, e->id);
		other->id = (struct id){0}; /* only the one that is started is granted */
	}
	if (e->spot.rc < 0)
		making_problem(m, e, "%s: %s", e->object, err_words(-e->spot.rc));
	else if (!known)
		making_problem(m, e, "%s is not a program that %s is for", e->object, model->shown);
	return making_interpreters(m, *e);
}

static int make_programs(struct making *m)
{
	const struct image *im = m->in->image;
	int rc = 0;

	for (uint32_t i = 0; i < im->h->programs.count && rc == 0; i++) {
		const struct image_place *p = &im->programs[i];
		struct entry *e = making_add(
		    m, KIND_PROGRAM, &p->where,
		    arena_say(m->arena, "program %s", word_text(m->arena, p->path.root, image_string(im, p->path.at))));
		if (!e || making_walk(m, p->path, FOLLOW_ALL, e) < 0)
			return -ENOMEM;
		e->rights = RIGHT_EXEC;
		e->enforced = "Landlock";
		e->optional_absent = e->spot.rc == -ENOENT;
		making_plant(e);
		if (!m->in->program)
			rc = making_interpreters(m, *e);
	}
	return rc == 0 && m->in->program ? make_named_program(m, im->h->programs.count) : rc;
}

static const char *flags_text(uint32_t rights, uint32_t flags, char buf[64])
{
	const int reads = !(rights & ~(uint32_t)(RIGHT_READ | RIGHT_EXEC)), follows = (flags & GRANT_FOLLOW) != 0;

	snprintf(buf, 64, "%s%s", flags & GRANT_OPTIONAL ? " optional" : "",
		 reads == follows ? ""
		 : follows        ? " follow"
				  : " nofollow");
	return buf;
}

/* "except A B", or "". */
static const char *parts_text(struct making *m, uint32_t grant)
{
	const struct image *im = m->in->image;
	const char *text = "";

	for (uint32_t i = 0; text && i < im->h->excepts.count; i++)
		if (im->excepts[i].grant == grant)
			text = arena_say(m->arena, "%s%s %s", text, *text ? "" : " except",
					 word_text(m->arena, ROOT_NONE,
						   arena_say(m->arena, "%s%s", image_string(im, im->excepts[i].part),
							     im->excepts[i].is_dir ? "/" : "")));
	return text;
}

/* A link counts as absent where none is to be followed and nothing is to be written: see launcher/grants.c. */
static int is_absent(int rc, const struct image_grant *g)
{
	return rc == -ENOENT || rc == -ENOTDIR || (rc == -ELOOP && !(g->rights & (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE)));
}

static int make_grant(struct making *m, uint32_t index)
{
	const struct image *im = m->in->image;
	const struct image_grant *g = &im->grants[index];
	char flags[64];
	struct entry *e = making_add(m, KIND_PATH, &g->where,
				     arena_say(m->arena, "%s %s%s%s", bits_text(m->arena, g->rights, image_right_name, " "),
					       word_text(m->arena, g->path.root, image_string(im, g->path.at)),
					       parts_text(m, index), flags_text(g->rights, g->flags, flags)));

	if (!e || making_walk(m, g->path, g->flags & GRANT_FOLLOW ? FOLLOW_ALL : FOLLOW_NONE, e) < 0)
		return -ENOMEM;
	e->rights = g->rights;
	e->flags = g->flags;
	e->enforced = "Landlock";
	e->first = index;
	const char *parts = parts_text(m, index);
	e->leaves = parts && *parts ? arena_say(m->arena, ",%s", parts) : "";
	if (!parts || !e->leaves)
		return -ENOMEM;
	making_plant(e);
	if (e->spot.rc < 0 && g->flags & GRANT_OPTIONAL && is_absent(e->spot.rc, g))
		e->optional_absent = 1;
	else if (e->spot.rc < 0)
		making_problem(m, e, "%s: %s", e->object, err_words(-e->spot.rc));
	else if (g->rights & RIGHT_CREATE && e->spot.type != TYPE_DIR)
		making_problem(m, e, "%s is not a directory: 'create' is for entries of one", e->object);
	return 0;
}

static int make_descriptor(struct making *m, const struct image_fd *f)
{
	const struct image *im = m->in->image;
	const char *name = image_string(im, f->name), *as = *name ? arena_say(m->arena, " as %s", name) : "";
	const int kept = (f->flags & GRANT_KEEP) != 0;
	const char *what = kept ? "keep"
				: arena_say(m->arena, "%s %s", bits_text(m->arena, f->rights, image_right_name, " "),
					    word_text(m->arena, f->path.root, image_string(im, f->path.at)));
	struct entry *e =
	    making_add(m, KIND_DESCRIPTOR, &f->where,
		       arena_say(m->arena, "fd %u %s%s%s", f->number, what, as, f->flags & GRANT_OPTIONAL ? " optional" : ""));

	if (!e)
		return -ENOMEM;
	e->rights = f->rights;
	e->flags = f->flags;
	e->number = f->number;
	e->name = name;
	e->enforced = kept ? "inherited" : "open mode";
	e->object = arena_say(m->arena, "descriptor %u", f->number);
	if (kept || !e->object)
		return e->object ? 0 : -ENOMEM;
	if (making_walk(m, f->path, f->flags & GRANT_FOLLOW ? FOLLOW_ALL : FOLLOW_NONE, e) < 0)
		return -ENOMEM;
	making_plant(e);
	e->optional_absent = f->flags & GRANT_OPTIONAL && (e->spot.rc == -ENOENT || e->spot.rc == -ENOTDIR);
	if (e->spot.rc < 0 && !e->optional_absent)
		making_problem(m, e, "%s: %s", e->object, err_words(-e->spot.rc));
	return 0;
}

/* A service reads its credentials. */
static int make_credentials(struct making *m)
{
	const struct world *world = m->model->world;
	const char *dir = world->variable(world->arg, "CREDENTIALS_DIRECTORY");

	if (!(m->in->image->h->flags & IMAGE_SERVICE) || !dir || *dir != '/')
		return 0;
	struct entry *e = making_add(m, KIND_PATH, NULL, "");
	if (!e || world_walk(world, NULL, "", dir, FOLLOW_NONE, m->arena, &e->spot) < 0)
		return -ENOMEM;
	e->own = 1;
	e->rights = RIGHT_READ;
	e->object = dir;
	e->enforced = "Landlock";
	making_plant(e);
	return 0;
}

static int make_paths(struct making *m)
{
	const struct image *im = m->in->image;
	int rc = make_private(m);

	if (rc == 0)
		rc = make_programs(m);
	for (uint32_t i = 0; i < im->h->grants.count && rc == 0; i++)
		rc = make_grant(m, i);
	for (uint32_t i = 0; i < im->h->fds.count && rc == 0; i++)
		rc = make_descriptor(m, &im->fds[i]);
	if (rc == 0)
		rc = making_held_things(m);
	if (rc == 0)
		rc = making_peers(m);
	return rc == 0 ? make_credentials(m) : rc;
}

int model_make(const struct model_input *in, const struct world *world, struct arena *arena, struct model *model,
	       struct err *err)
{
	struct making m = {.model = model, .in = in, .arena = arena};
	int rc;

	model->shown = in->shown;
	model->world = world;
	model->image = *in->image;
	model->arena = arena;
	(void)((rc = make_paths(&m)) || (rc = making_words(&m)) || (rc = making_view(&m)));
	return rc < 0 ? err_set(err, -rc, "%s: %s", in->shown, err_words(-rc)) : 0;
}

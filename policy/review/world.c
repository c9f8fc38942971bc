#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINKS_MAX 40       /* the kernel's own bound */
#define MADE_UP UINT64_MAX /* file systems of things that are not there, and of empty places */
#define MADE_FRESH (UINT64_MAX - 1)

struct level {
	struct id id;
	uint32_t len; /* of the path to it */
	enum type type;
	uint32_t bars;
	uint8_t fresh, missing;
	uint64_t links;
};

struct walk {
	const struct world *world;
	const struct view *view;
	struct level levels[WORLD_DEPTH];
	uint32_t count;
	char path[WORLD_PATH]; /* to the last level; "" is the root */
	char rest[WORLD_PATH];
	struct look look;
	int links;
};

static uint64_t mix(uint64_t sum, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return sum;
}

static struct id id_missing(struct id above, const char *name, size_t len)
{
	return (struct id){MADE_UP, mix(mix(above.ino ^ above.dev << 17, "/", 1), name, len)};
}

struct id id_fresh(struct id over)
{
	return (struct id){MADE_FRESH, over.ino ^ over.dev << 23};
}

uint32_t spot_within(const struct spot *spot, struct id id)
{
	for (uint32_t i = 0; i < spot->depth; i++)
		if (id_same(spot->chain[i], id))
			return i + 1;
	return 0;
}

static struct level *top(struct walk *w)
{
	return &w->levels[w->count - 1];
}

static int push(struct walk *w, const char *name, size_t len, struct level level)
{
	const size_t at = w->count ? strlen(w->path) : 0;

	if (w->count == WORLD_DEPTH || at + len + 2 > sizeof w->path)
		return -ENAMETOOLONG;
	if (w->count > 0) {
		w->path[at] = '/';
		memcpy(w->path + at + 1, name, len);
		w->path[at + 1 + len] = '\0';
	}
	level.len = (uint32_t)strlen(w->path);
	w->levels[w->count++] = level;
	return 0;
}

static void pop(struct walk *w)
{
	if (w->count > 1)
		w->count--;
	w->path[top(w)->len] = '\0';
}

/* What covers the path, of the kinds in KINDS; NULL: nothing does. */
static const struct cover *covered(const struct walk *w, const char *path, uint32_t kinds)
{
	for (size_t i = 0; w->view && i < w->view->count; i++)
		if (kinds >> w->view->covers[i].kind & 1 && strcmp(w->view->covers[i].path, path) == 0)
			return &w->view->covers[i];
	return NULL;
}

/* In an empty place there is what was put back into it, and the folders that lead there. */
static int leads_on(const struct walk *w, const char *path)
{
	const size_t len = strlen(path);

	for (size_t i = 0; w->view && i < w->view->count; i++)
		if (strncmp(w->view->covers[i].path, path, len) == 0 && w->view->covers[i].path[len] == '/')
			return 1;
	return covered(w, path, 1u << COVER_FOLDER) != NULL;
}

/* Take the first component of what is left. Returns its length; *LAST tells whether nothing follows it. */
static size_t take_name(struct walk *w, char name[WORLD_PATH], int *last)
{
	const size_t skip = strspn(w->rest, "/"), len = strcspn(w->rest + skip, "/");

	memcpy(name, w->rest + skip, len);
	name[len] = '\0';
	*last = w->rest[skip + len] == '\0';
	memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
	return len;
}

static int splice(struct walk *w, enum follow follow)
{
	const size_t len = strlen(w->look.link), more = strlen(w->rest);

	if (follow == FOLLOW_NONE || ++w->links > LINKS_MAX || w->look.magic)
		return -ELOOP;
	if (len == 0)
		return -ENOENT;
	if (len + more + 1 > sizeof w->rest)
		return -ENAMETOOLONG;
	memmove(w->rest + len, w->rest, more + 1);
	memcpy(w->rest, w->look.link, len);
	while (*w->rest == '/' && w->count > 1)
		pop(w);
	return 0;
}

/* What is at PATH, NAME in the folder that we are in. A link is left in w->look. */
static int find(struct walk *w, const char *path, const char *name, size_t len, struct level *level)
{
	const struct cover *cover = covered(w, path, 1u << COVER_EMPTY | 1u << COVER_THING);
	const struct cover *part = covered(w, path, 1u << COVER_PART);

	w->look.type = TYPE_ABSENT;
	*level = (struct level){.missing = 1, .fresh = top(w)->fresh, .bars = top(w)->bars};
	if (cover) {
		*level = (struct level){
		    .id = cover->id, .type = cover->type, .fresh = cover->kind == COVER_EMPTY, .bars = cover->bars};
		return 0;
	}
	if (top(w)->fresh && (cover = covered(w, path, 1u << COVER_LINK))) {
		w->look.type = TYPE_LINK;
		w->look.magic = strstr(cover->link, "/proc/self/") == cover->link;
		snprintf(w->look.link, sizeof w->look.link, "%s", cover->link);
	} else if (top(w)->fresh) {
		level->missing = !leads_on(w, path);
		level->type = level->missing ? TYPE_ABSENT : TYPE_DIR;
	} else {
		int rc = w->world->look(w->world->arg, path, &w->look);
		if (rc < 0)
			return rc;
		level->id = w->look.id;
		level->type = w->look.type;
		level->links = w->look.links;
		level->missing = w->look.type == TYPE_ABSENT;
	}
	if (part) {
		level->bars |= part->bars;
		level->type = level->missing ? part->type : level->type;
		level->missing = level->type == TYPE_ABSENT;
	}
	if (level->missing || level->fresh || (level->id.dev == 0 && level->id.ino == 0))
		level->id = id_missing(top(w)->id, name, len);
	return 0;
}

static int step(struct walk *w, const char *name, size_t len, int last, enum follow follow)
{
	char path[WORLD_PATH];
	struct level level;

	/* Nobody gets into what nobody can open. */
	if (top(w)->missing || top(w)->bars & BAR_ALL) {
		level = *top(w);
		level.missing = 1;
		level.type = TYPE_ABSENT;
		level.id = id_missing(top(w)->id, name, len);
		return push(w, name, len, level);
	}
	if (top(w)->type != TYPE_DIR)
		return -ENOTDIR;
	if ((size_t)snprintf(path, sizeof path, "%s/%s", w->path, name) >= sizeof path)
		return -ENAMETOOLONG;
	int rc = find(w, path, name, len, &level);
	if (rc < 0)
		return rc;
	if (w->look.type == TYPE_LINK && !(last && follow == FOLLOW_FOLDERS))
		return splice(w, follow);
	return push(w, name, len, level);
}

static int back(struct walk *w)
{
	if (top(w)->missing || top(w)->bars & BAR_ALL)
		return -ENOENT;
	if (top(w)->type != TYPE_DIR)
		return -ENOTDIR;
	pop(w);
	return 0;
}

static int go(struct walk *w, const char *path, enum follow follow)
{
	char name[WORLD_PATH];
	int rc = 0, last;

	if (strlen(path) >= sizeof w->rest)
		return -ENAMETOOLONG;
	strcpy(w->rest, path);
	while (rc == 0) {
		const size_t len = take_name(w, name, &last);
		if (len == 0)
			return 0;
		if (strcmp(name, "..") == 0)
			rc = back(w);
		else if (strcmp(name, ".") != 0)
			rc = step(w, name, len, last, follow);
	}
	return rc;
}

static int begin(struct walk *w)
{
	int rc = w->world->look(w->world->arg, "/", &w->look);
	const struct cover *shown = covered(w, "/", 1u << COVER_THING);
	struct level root = {.id = w->look.id, .type = TYPE_DIR};

	if (w->view && w->view->sealed)
		root.bars = BAR_WRITE;
	if (shown)
		root.bars = shown->bars;
	else if (w->view && w->view->own_root)
		root = (struct level){.id = id_fresh(w->look.id), .type = TYPE_DIR, .fresh = 1};
	return rc < 0 ? rc : push(w, "", 0, root);
}

static int finish(const struct walk *w, struct arena *arena, struct spot *spot)
{
	struct id *chain = arena_alloc(arena, (w->count + 1) * sizeof *chain);
	const char *path = *w->path ? w->path : "/";

	spot->path = arena_text(arena, path, strlen(path));
	if (!chain || !spot->path)
		return -ENOMEM;
	for (uint32_t i = 0; i < w->count; i++) {
		chain[i] = w->levels[w->count - 1 - i].id;
		spot->missing += w->levels[i].missing;
	}
	spot->chain = chain;
	spot->depth = w->count;
	if (w->count == 0)
		return 0;
	const struct level *l = &w->levels[w->count - 1];
	spot->type = spot->rc == 0 ? l->type : TYPE_ABSENT;
	spot->fresh = l->fresh;
	spot->bars = l->bars;
	spot->links = l->links;
	if (spot->rc == 0 && l->missing)
		spot->rc = -ENOENT;
	return 0;
}

int world_walk(const struct world *world, const struct view *view, const char *root, const char *path, enum follow follow,
	       struct arena *arena, struct spot *spot)
{
	struct walk w;

	memset(spot, 0, sizeof *spot);
	w.world = world;
	w.view = view;
	w.count = 0;
	w.links = 0;
	w.path[0] = '\0';
	spot->rc = begin(&w);
	if (spot->rc == 0 && *root)
		spot->rc = go(&w, root, FOLLOW_ALL);
	if (spot->rc == 0)
		spot->rc = go(&w, path, follow);
	return finish(&w, arena, spot);
}

static const char *const beneath_home[ROOT_COUNT] = {
    [ROOT_XDG_CONFIG_HOME] = "/.config",
    [ROOT_XDG_CACHE_HOME] = "/.cache",
    [ROOT_XDG_DATA_HOME] = "/.local/share",
    [ROOT_XDG_STATE_HOME] = "/.local/state",
};

const char *world_root(const struct world *world, uint32_t root, char buf[WORLD_PATH])
{
	if (root == ROOT_NONE)
		return "";
	if (root == ROOT_PWD)
		return world->cwd;
	const char *value = world->variable(world->arg, image_root_name[root]), *home = world->variable(world->arg, "HOME");
	if (value && *value == '/')
		return value;
	if (beneath_home[root] && home && *home == '/')
		return (size_t)snprintf(buf, WORLD_PATH, "%s%s", home, beneath_home[root]) < WORLD_PATH ? buf : NULL;
	return root == ROOT_TMPDIR ? "/tmp" : NULL;
}

#include "shelf.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "compile.h"
#include "owned.h"
#include "resolve.h"

struct fetcher {
	const struct places *places;
	char shown[FIND_PATH];
};

static int fetch(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	struct fetcher *f = arg;
	struct policy_text text;
	int rc = find_fragment(f->places, name, &text, err);

	if (rc < 0)
		return rc;
	snprintf(f->shown, sizeof f->shown, "%s", text.path);
	*out = (struct compile_text){.shown = f->shown, .text = text.bytes, .len = text.len, .owned = text.bytes};
	free(text.path);
	return 0;
}

/* What is compiled here is read, and never entered: the filter is not wanted, and takes longest to make. */
static int no_filter(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err)
{
	(void)families;
	*prog = calloc(1, sizeof **prog);
	if (!*prog)
		return err_set(err, ENOMEM, "no memory");
	(*prog)->code = 6; /* BPF_RET | BPF_K: kill */
	*count = 1;
	return 0;
}

/* *BYTES is malloc'ed and the caller's. */
static int compile_bytes(const struct places *places, const char *shown, const char *text, size_t len, void **bytes,
			 size_t *size, struct err *err)
{
	const struct compile_input in = {.line = "", .main = {.shown = shown, .text = text, .len = len}, .filter = no_filter};
	OWNED struct fetcher *f = calloc(1, sizeof *f);
	OWNED struct diag *diag = calloc(1, sizeof *diag);

	if (!f || !diag)
		return err_set(err, ENOMEM, "no memory");
	f->places = places;
	int rc = compile(&in, fetch, f, bytes, size, diag);
	if (rc < 0) {
		OWNED char *messages = diag_render(diag);
		if (messages)
			messages[strcspn(messages, "\n")] = '\0';
		return err_set(err, -rc, "%s", messages ? messages : "no memory");
	}
	return 0;
}

static const char *keep(struct shelf *shelf, const char *text)
{
	return arena_text(&shelf->arena, text, strlen(text));
}

/* Where GRANT leads on this machine. Returns 0 where it leads nowhere. */
static int locate(const struct image *im, const struct image_grant *g, char real[PATH_MAX], int *is_dir)
{
	struct thing thing;
	char link[32];

	if (resolve_text(im, g->path, (g->flags & GRANT_FOLLOW) != 0, &thing, NULL) < 0)
		return 0;
	*is_dir = thing.is_dir;
	snprintf(link, sizeof link, "/proc/self/fd/%d", thing.fd);
	ssize_t n = readlink(link, real, PATH_MAX - 1);
	thing_close(&thing);
	if (n <= 0)
		return 0;
	real[n] = '\0';
	return 1;
}

static int add_covers(struct shelf *shelf, struct bundle *b, const struct image *im)
{
	for (uint32_t i = 0; i < im->h->grants.count; i++) {
		const struct image_grant *g = &im->grants[i];
		char real[PATH_MAX];
		struct cover cover = {.rights = g->rights};
		if (!locate(im, g, real, &cover.is_dir))
			continue;
		cover.path = keep(shelf, real);
		if (!cover.path || vec_add(&b->covers, &cover, 1, sizeof cover) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_env(struct shelf *shelf, struct bundle *b, const struct image *im)
{
	for (uint32_t i = 0; i < im->h->env.count; i++) {
		const struct image_env *e = &im->env[i];
		char name[256];
		snprintf(name, sizeof name, "%s%s", image_string(im, e->name), e->op == ENV_KEEP_PREFIX ? "*" : "");
		const char *kept = keep(shelf, name);
		if (!kept || vec_add(&b->env, &kept, 1, sizeof kept) < 0)
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < im->h->scratch.count; i++) {
		const char *kept = keep(shelf, image_string(im, im->scratch[i].at));
		if (!kept || vec_add(&b->env, &kept, 1, sizeof kept) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The sources behind the command line and the main policy. */
static int add_uses(struct shelf *shelf, struct bundle *b, const struct image *im)
{
	for (uint32_t i = 2; i < im->h->sources.count; i++) {
		const char *name = keep(shelf, image_string(im, im->sources[i].name));
		if (!name || vec_add(&b->uses, &name, 1, sizeof name) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int fill(struct shelf *shelf, struct bundle *b, const struct image *im, struct err *err)
{
	int rc;

	b->families = im->h->families;
	b->is_private = im->h->private_places.count > 0 || im->h->scratch.count > 0 || im->h->isolate != 0;
	(void)((rc = add_covers(shelf, b, im)) || (rc = add_env(shelf, b, im)) || (rc = add_uses(shelf, b, im)));
	if (rc == 0 && im->h->ports.count > 0)
		rc = vec_add(&b->ports, im->ports, im->h->ports.count, sizeof *im->ports);
	return rc < 0 ? err_set(err, ENOMEM, "no memory") : 0;
}

static int add_fragment(struct shelf *shelf, const struct places *places, const char *name, struct err *err)
{
	OWNED void *bytes = NULL;
	char text[300];
	struct image image;
	struct err why = {""};
	size_t size = 0;
	const int len = snprintf(text, sizeof text, "use %s\n", name);

	if (len >= (int)sizeof text || compile_bytes(places, name, text, (size_t)len, &bytes, &size, &why) < 0 ||
	    image_check(bytes, size, &image, &why) < 0)
		return 0;
	if (shelf->count == shelf->room) {
		struct bundle *more = realloc(shelf->fragments, (shelf->room * 2 + 32) * sizeof *more);
		if (!more)
			return err_set(err, ENOMEM, "no memory");
		shelf->fragments = more;
		shelf->room = shelf->room * 2 + 32;
	}
	struct bundle *b = &shelf->fragments[shelf->count];
	*b = (struct bundle){.name = keep(shelf, name)};
	shelf->count += b->name != NULL;
	return b->name ? fill(shelf, b, &image, err) : err_set(err, ENOMEM, "no memory");
}

static int is_known(const struct shelf *shelf, const char *name)
{
	for (size_t i = 0; i < shelf->count; i++)
		if (strcmp(shelf->fragments[i].name, name) == 0)
			return 1;
	return 0;
}

static int is_name(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int add_folder(struct shelf *shelf, const struct places *places, const char *dir, struct err *err)
{
	struct dirent **entries = NULL;
	char path[FIND_PATH + 16];
	int rc = 0;

	snprintf(path, sizeof path, "%s/fragments", dir);
	const int n = *dir ? scandir(path, &entries, is_name, alphasort) : 0;
	for (int i = 0; i < n; i++) {
		if (rc == 0 && !is_known(shelf, entries[i]->d_name))
			rc = add_fragment(shelf, places, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	const struct bundle *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int shelf_load(struct shelf *shelf, const struct places *places, struct err *err)
{
	const char *const dirs[] = {places->config, places->system, places->library};
	int rc = 0;

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs && rc == 0; i++)
		rc = add_folder(shelf, places, dirs[i], err);
	if (shelf->count > 0)
		qsort(shelf->fragments, shelf->count, sizeof *shelf->fragments, by_name);
	return rc;
}

static int is_for(const struct image *im, const char *program)
{
	struct stat st, named;

	if (!program || stat(program, &st) < 0)
		return 1;
	for (uint32_t i = 0; i < im->h->programs.count; i++) {
		char path[RESOLVE_PATH];
		if (resolve_name(im, im->programs[i].path, path, NULL) == 0 && stat(path, &named) == 0 &&
		    named.st_dev == st.st_dev && named.st_ino == st.st_ino)
			return 1;
	}
	return im->h->programs.count == 0;
}

int shelf_policy(struct shelf *shelf, const struct places *places, const struct policy_text *policy, const char *program,
		 struct bundle *bundle, int *has_program, struct err *err)
{
	OWNED void *bytes = NULL;
	struct image image;
	size_t size = 0;
	int rc = compile_bytes(places, policy->path, policy->bytes, policy->len, &bytes, &size, err);

	*bundle = (struct bundle){.name = ""};
	if (rc < 0)
		return rc;
	rc = image_check(bytes, size, &image, err);
	if (rc < 0)
		return rc;
	if (!is_for(&image, program))
		return err_set(err, EPERM, "%s is for other programs than %s", policy->path, program);
	*has_program = image.h->programs.count > 0;
	return fill(shelf, bundle, &image, err);
}

void shelf_free(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++)
		bundle_free(&shelf->fragments[i]);
	free(shelf->fragments);
	arena_free(&shelf->arena);
	*shelf = (struct shelf){0};
}

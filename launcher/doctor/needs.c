#include "needs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "filter.h"
#include "landlock.h"
#include "owned.h"
#include "probes.h"
#include "view.h"

#define ENDING ".policy"

uint32_t needs_of(const struct image_header *h)
{
	uint32_t needs = (landlock_needs(h->families) | h->require) & ~h->forgo & ~(uint32_t)FEATURE_VIEW;
	struct view_wish wish;

	(void)view_wish(h, &wish);
	if (wish.mounts)
		needs |= 1u << PROBE_VIEW;
	if (wish.ipc)
		needs |= 1u << PROBE_IPC;
	if (wish.own_users)
		needs |= 1u << PROBE_USERS;
	if (wish.processes)
		needs |= 1u << PROBE_PROCESSES;
	if (wish.net)
		needs |= 1u << PROBE_NET;
	return needs | 1u << PROBE_SECCOMP | 1u << PROBE_CLOSE_RANGE;
}

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

static int no_memory(struct err *err)
{
	return err_set(err, ENOMEM, "no memory");
}

static const char *keep_text(struct needs *needs, const char *text)
{
	return arena_text(&needs->texts, text, strlen(text));
}

/* A negative errno is for what stops the doctor; a wrong policy is an answer. */
static int compile_one(struct needs *needs, struct need *need, const struct places *places, const struct policy_text *text,
		       struct err *err)
{
	const struct compile_input in = {
	    .line = "",
	    .main = {.shown = text->path, .text = text->bytes, .len = text->len},
	    .filter = filter_make,
	};
	OWNED struct fetcher *f = calloc(1, sizeof *f);
	OWNED struct diag *diag = calloc(1, sizeof *diag);
	OWNED void *bytes = NULL;
	struct image image;
	size_t size = 0;

	if (!f || !diag)
		return no_memory(err);
	f->places = places;
	if (compile(&in, fetch, f, &bytes, &size, diag) < 0) {
		OWNED char *messages = diag_render(diag);
		need->problem = messages ? keep_text(needs, messages) : NULL;
		return need->problem ? 0 : no_memory(err);
	}
	int rc = image_check(bytes, size, &image, err);
	if (rc < 0)
		return err_in(err, rc, "%s: the policy compiler's answer can't be used", text->path);
	need->needs = needs_of(image.h);
	need->forgoes = image.h->forgo;
	return 0;
}

static struct need *add(struct needs *needs, const char *name)
{
	if (needs->count == needs->room) {
		struct need *more = realloc(needs->list, (needs->room * 2 + 16) * sizeof *more);
		if (!more)
			return NULL;
		needs->list = more;
		needs->room = needs->room * 2 + 16;
	}
	struct need *need = &needs->list[needs->count];
	*need = (struct need){.name = keep_text(needs, name)};
	if (!need->name)
		return NULL;
	needs->count++;
	return need;
}

int needs_add(struct needs *needs, const struct places *places, const char *name, struct err *err)
{
	const int is_file = strchr(name, '/') || strstr(name, ENDING);
	struct need *need = add(needs, name);
	struct policy_text text;
	struct err why = {""};

	if (!need)
		return no_memory(err);
	if ((is_file ? find_file(name, &text, &why) : find_policy(places, name, &text, &why)) < 0) {
		need->problem = keep_text(needs, why.text);
		return need->problem ? 0 : no_memory(err);
	}
	need->path = keep_text(needs, text.path);
	int rc = need->path ? compile_one(needs, need, places, &text, err) : no_memory(err);
	policy_text_free(&text);
	return rc;
}

static int is_policy(const struct dirent *entry)
{
	const size_t len = strlen(entry->d_name), end = sizeof ENDING - 1;

	return entry->d_name[0] != '.' && len > end && strcmp(entry->d_name + len - end, ENDING) == 0;
}

static int is_known(const struct needs *needs, const char *name)
{
	for (size_t i = 0; i < needs->count; i++)
		if (strcmp(needs->list[i].name, name) == 0)
			return 1;
	return 0;
}

static int add_folder(struct needs *needs, const struct places *places, const char *dir, struct err *err)
{
	struct dirent **entries = NULL;
	int n = *dir ? scandir(dir, &entries, is_policy, alphasort) : 0, rc = 0;

	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			   ? 0
			   : err_set(err, errno, "%s: %s", dir, err_words(errno));
	for (int i = 0; i < n; i++) {
		char *name = entries[i]->d_name;
		name[strlen(name) - (sizeof ENDING - 1)] = '\0';
		if (rc == 0 && !is_known(needs, name))
			rc = needs_add(needs, places, name, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int needs_add_all(struct needs *needs, const struct places *places, struct err *err)
{
	const char *const dirs[] = {places->config, places->system, places->library};
	int rc = 0;

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs && rc == 0; i++)
		rc = add_folder(needs, places, dirs[i], err);
	return rc;
}

void needs_free(struct needs *needs)
{
	free(needs->list);
	arena_free(&needs->texts);
	*needs = (struct needs){0};
}

#include "outset.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "owned.h"
#include "program.h"

int outset_places(struct places *places, struct err *err)
{
	char dir[FIND_PATH];
	int rc = places_find(places, err);

	if (rc < 0)
		return rc;
	snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(places->self, '/') - places->self), places->self);
	strcpy(places->libexec, dir);
	if (strcmp(dir, ENDOW_LIBEXECDIR) == 0) {
		strcpy(places->library, ENDOW_DATADIR);
		return 0;
	}
	char *slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	if ((size_t)snprintf(places->library, sizeof places->library, "%s/share", dir) >= sizeof places->library)
		return err_set(err, ENAMETOOLONG, "%s: the path is too long", dir);
	return 0;
}

/* PATH without links; of what is not there, its folder without links. NULL where that is not there either. */
static const char *real_of(struct outset *s, const char *path)
{
	char real[PATH_MAX], folder[PATH_MAX], whole[PATH_MAX];

	if (realpath(path, real))
		return arena_text(&s->arena, real, strlen(real));
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	if (!*name || strlen(path) >= sizeof folder)
		return NULL;
	snprintf(folder, sizeof folder, "%.*s", !slash ? 1 : slash == path ? 1 : (int)(slash - path), slash ? path : ".");
	if (!realpath(folder, real))
		return NULL;
	const int n = snprintf(whole, sizeof whole, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name);
	return n < (int)sizeof whole ? arena_text(&s->arena, whole, (size_t)n) : NULL;
}

/* The folder that variable NAME says, or "". */
static const char *folder_of(struct outset *s, const char *name)
{
	const char *value = getenv(name);
	char real[PATH_MAX];

	if (!value || *value != '/' || !realpath(value, real) || strcmp(real, "/") == 0)
		return "";
	const char *kept = arena_text(&s->arena, real, strlen(real));
	return kept ? kept : "";
}

static void add_root(struct setting *t, const char *name, const char *dir)
{
	if (*dir && t->root_count < SETTING_ROOTS)
		t->roots[t->root_count++] = (struct setting_root){name, dir};
}

static void look_at_roots(struct outset *s)
{
	static const char *const xdg[][2] = {{"XDG_CONFIG_HOME", "$XDG_CONFIG_HOME"},
					     {"XDG_CACHE_HOME", "$XDG_CACHE_HOME"},
					     {"XDG_DATA_HOME", "$XDG_DATA_HOME"},
					     {"XDG_STATE_HOME", "$XDG_STATE_HOME"},
					     {"XDG_RUNTIME_DIR", "$XDG_RUNTIME_DIR"}};
	struct setting *t = &s->setting;
	char here[PATH_MAX];

	/* Of two that lead to the same place the first is used. */
	t->home = folder_of(s, "HOME");
	add_root(t, "~", t->home);
	t->cwd = getcwd(here, sizeof here) && *here == '/' ? arena_text(&s->arena, here, strlen(here)) : "";
	if (!t->cwd)
		t->cwd = "";
	if (strcmp(t->cwd, "/") != 0)
		add_root(t, ".", t->cwd);
	for (size_t i = 0; i < sizeof xdg / sizeof *xdg; i++)
		add_root(t, xdg[i][1], folder_of(s, xdg[i][0]));
	t->tmpdir = folder_of(s, "TMPDIR");
	/* Where it says the usual place it says nothing. */
	if (strcmp(t->tmpdir, "/tmp") != 0 && strcmp(t->tmpdir, "/var/tmp") != 0)
		add_root(t, "$TMPDIR", t->tmpdir);
}

static int look_at_words(struct outset *s, char *const *argv)
{
	for (int i = 1; argv[i]; i++) {
		if (argv[i][0] == '-' || !argv[i][0])
			continue;
		const struct setting_word word = {.number = i, .text = argv[i], .path = real_of(s, argv[i])};
		if (word.path && vec_add(&s->words, &word, 1, sizeof word) < 0)
			return -ENOMEM;
	}
	s->setting.words = s->words.data;
	s->setting.word_count = s->words.count;
	return 0;
}

static int is_spoken_for(const char *name)
{
	static const char *const known[] = {
	    "HOME",           "PWD",           "OLDPWD",         "PATH",           "TMPDIR", "SHELL", "_", "XDG_CONFIG_HOME",
	    "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(name, known[i]) == 0)
			return 1;
	return 0;
}

/* Variables that hold the path of something: whether the program asked for them can't be seen, but what it opened can. */
static int look_at_variables(struct outset *s)
{
	for (char *const *e = environ; *e; e++) {
		char name[128], real[PATH_MAX];
		const char *equals = strchr(*e, '=');
		if (!equals || equals[1] != '/' || equals - *e >= (ptrdiff_t)sizeof name)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)(equals - *e), *e);
		/* A name goes into the policy as it is. */
		if (name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")])
			continue;
		if (is_spoken_for(name) || !realpath(equals + 1, real) || strcmp(real, "/") == 0)
			continue;
		const struct setting_root variable = {arena_text(&s->arena, name, strlen(name)),
						      arena_text(&s->arena, real, strlen(real))};
		if (!variable.name || !variable.dir || vec_add(&s->variables, &variable, 1, sizeof variable) < 0)
			return -ENOMEM;
	}
	s->setting.variables = s->variables.data;
	s->setting.variable_count = s->variables.count;
	return 0;
}

/* The program, and the interpreters that first lines name: endow grants them with it. */
static int look_at_program(struct outset *s, const char *word, struct err *err)
{
	char interpreter[RESOLVE_PATH], spelled[PATH_MAX];
	struct thing thing;
	size_t n = 0;
	int rc = program_find(word, &thing, err);

	if (rc < 0)
		return rc;
	s->path = arena_text(&s->arena, thing.path, strlen(thing.path));
	s->implied[n++] = s->path ? real_of(s, s->path) : NULL;
	while (rc >= 0 && n + 1 < OUTSET_IMPLIED && (rc = program_interpreter(&thing, interpreter, err)) > 0) {
		thing_close(&thing);
		rc = resolve_typed(interpreter, 1, &thing, err);
		if (rc == 0)
			s->implied[n++] = real_of(s, interpreter);
	}
	thing_close(&thing);
	if (rc < 0)
		return rc;
	if (!s->implied[0])
		return err_set(err, ENOENT, "%s: where it lies can't be told", word);
	s->setting.implied = s->implied;
	s->setting.program = s->implied[0];
	/* As found, where that is a whole path: /usr/bin/awk, not what that happens to be a link to. */
	snprintf(spelled, sizeof spelled, "%s", *s->path == '/' ? s->path : s->implied[0]);
	s->setting.program_spelled = arena_text(&s->arena, spelled, strlen(spelled));
	const char *slash = strrchr(s->path, '/');
	s->name = slash ? slash + 1 : s->path;
	return s->setting.program_spelled ? 0 : err_set(err, ENOMEM, "no memory");
}

/* Descriptors that the program gets beside the standard ones: endow closes them, unless a policy keeps them. */
static void look_at_descriptors(struct outset *s)
{
	for (int fd = 3; fd < 256 && s->setting.inherited_count < SETTING_INHERITED; fd++) {
		const int flags = fcntl(fd, F_GETFD);
		if (flags >= 0 && !(flags & FD_CLOEXEC))
			s->setting.inherited[s->setting.inherited_count++] = fd;
	}
}

static const char *in_one_line(struct outset *s, char *const *argv)
{
	char text[2000];
	size_t n = 0;

	for (int i = 0; argv[i] && n + 8 < sizeof text; i++) {
		const int plain = argv[i][0] && !argv[i][strcspn(argv[i], " \t\n\"'\\$&|;<>()*?[#~`")];
		n += (size_t)snprintf(text + n, sizeof text - n, plain ? "%s%s" : "%s'%s'", i ? " " : "", argv[i]);
	}
	const size_t len = strlen(text);
	return arena_text(&s->arena, text, len);
}

int outset_look(struct outset *s, char *const *argv, const struct places *places, struct err *err)
{
	const char *const guarded[] = {places->config,  places->cache,   places->system, places->system_cache,
				       places->libexec, places->library, places->self};
	int rc = look_at_program(s, argv[0], err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++)
		s->setting.guarded[s->setting.guarded_count++] = guarded[i];
	look_at_descriptors(s);
	look_at_roots(s);
	if (look_at_words(s, argv) < 0 || look_at_variables(s) < 0 || !(s->command = in_one_line(s, argv)))
		return err_set(err, ENOMEM, "no memory");
	return 0;
}

void outset_settle(struct record *record)
{
	struct stat st;

	for (uint32_t i = 0; i < record->paths.count; i++) {
		struct seen *s = record_at(record, i);
		if (s->flags & SEEN_MADE && lstat(s->path, &st) < 0)
			s->flags |= SEEN_GONE;
	}
}

void outset_free(struct outset *s)
{
	vec_free(&s->words);
	vec_free(&s->variables);
	arena_free(&s->arena);
	*s = (struct outset){0};
}

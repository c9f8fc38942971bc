#include "making.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "landlock.h"
#include "made.h"
#include "owned.h"
#include "program.h"
#include "without.h"

#define PROC_MAGIC 0x9fa0

/* /proc/self is whoever looks. Resolved here it is the launcher, which is the program later only if it becomes it. */
int making_check_proc(const struct making *m, const struct thing *thing, struct err *err)
{
	char link[32], real[RESOLVE_PATH], own[32];
	struct statfs fs;

	if (!m->plan->supervised || fstatfs(thing->fd, &fs) < 0 || fs.f_type != PROC_MAGIC)
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", thing->fd);
	ssize_t n = readlink(link, real, sizeof real - 1);
	if (n < 0)
		return err_set(err, errno, "%s: %s", thing->path, err_words(errno));
	real[n] = '\0';
	const size_t len = (size_t)snprintf(own, sizeof own, "/proc/%d", (int)getpid());
	if (strncmp(real, own, len) != 0 || (real[len] != '/' && real[len] != '\0'))
		return 0;
	return err_set(err, EINVAL, "%s would be the supervising parent's own: it can't be granted to a supervised program",
		       thing->path);
}

/* Remember what was granted, for a proof to know what it may not call a hole. */
int making_remember(struct making *m, const struct thing *thing, uint32_t rights, struct err *err)
{
	struct plan *plan = m->plan;
	char link[32], real[RESOLVE_PATH];

	if (!plan->options->prove && !(plan->families & FAM_BROKERED))
		return 0;
	struct placed *more = realloc(plan->placed, (plan->placed_count + 1) * sizeof *more);
	if (!more)
		return err_set(err, ENOMEM, "no memory");
	plan->placed = more;
	/* What can be executed can be read: see landlock_rights(). */
	plan->placed[plan->placed_count++] = (struct placed){
	    .dev = thing->st.st_dev,
	    .ino = thing->st.st_ino,
	    .rights = rights | (rights & RIGHT_EXEC ? RIGHT_READ : 0),
	};
	if (plan->inside || !(rights & RIGHT_CREATE) || !(rights & RIGHT_WRITE))
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", thing->fd);
	ssize_t n = readlink(link, real, sizeof real - 1);
	if (n > 0) {
		real[n] = '\0';
		plan->inside = strdup(real);
	}
	return 0;
}

/* The log tells what the program did, and kept answers are what it gets the next time: neither is for the program to change. */
static int guard_log(const struct thing *thing, int fd, const char *option, const char *said, struct err *err)
{
	struct stat log;

	if (fd < 0 || fstat(fd, &log) < 0 || !S_ISREG(log.st_mode))
		return 0;
	OWNED char *real = thing->is_dir ? scene_real_path(thing->fd) : NULL;
	OWNED char *where = thing->is_dir ? scene_real_path(fd) : NULL;
	if (thing->is_dir && (!real || !where))
		return err_set(err, ENOENT, "%s: whether the file of %s lies in it can't be told", thing->path, option);
	if (thing->is_dir ? !scene_covers(real, where) : thing->st.st_dev != log.st_dev || thing->st.st_ino != log.st_ino)
		return 0;
	return err_set(err, EPERM, "%s %s the %s (%s %s), which is not for the program to write: %s elsewhere, or grant less",
		       thing->path, thing->is_dir ? "holds" : "is", strcmp(option, "--log") == 0 ? "log" : "kept answers", option,
		       said, strcmp(option, "--log") == 0 ? "log" : "keep them");
}

int making_guard(struct making *m, const struct thing *thing, struct err *err)
{
	if (without("guard") || (!thing->is_dir && !S_ISREG(thing->st.st_mode)))
		return 0; /* a device or a socket holds no policy */
	const struct plan *plan = m->plan;
	int rc = guard_log(thing, plan->log_fd, "--log", plan->options->log, err);
	if (rc == 0)
		rc = guard_log(thing, plan->keep_fd, "--keep-answers", plan->options->keep_answers, err);
	if (rc < 0)
		return rc;
	if (!m->guard)
		m->guard = calloc(1, sizeof *m->guard);
	if (!m->guard)
		return err_set(err, ENOMEM, "no memory");
	return guard_check(m->guard, m->plan->places, m->policy_path, thing, err);
}

/* Who grants: a line of the policy, or the command line's words. */
struct granter {
	uint32_t grant;                  /* index, or PIECE_* */
	const struct image_where *where; /* NULL: from no line */
};

static const struct granter nobody = {.grant = PIECE_OTHER};

/* What was opened becomes a rule: the only way into the ruleset for files. THING stays the caller's. */
static int plant(struct making *m, const struct thing *thing, uint32_t rights, const struct granter *by, struct err *err)
{
	struct plan *plan = m->plan;
	int rc = landlock_plant(plan->ruleset, plan->abi, thing->fd, rights, thing->is_dir, err);

	if (rc == 0)
		rc = scene_add(&m->scene, thing, rights, by->grant, by->where, err);
	if (rc == 0)
		rc = making_remember(m, thing, rights, err);
	return rc < 0
		   ? rc
		   : plan_note(plan, rights, NULL, "Landlock", by->where, err, "%s%s", thing->path, thing->is_dir ? "/" : "");
}

static int grant(struct making *m, const struct thing *thing, uint32_t rights, const struct granter *by, struct err *err)
{
	int rc = making_check_proc(m, thing, err);

	if (rc == 0 && rights & RIGHT_CREATE && !thing->is_dir)
		rc =
		    err_set(err, ENOTDIR, "%s is not a directory: 'create' is for making, removing and renaming entries of one",
			    thing->path);
	if (rc == 0 && rights & RIGHTS_WRITING)
		rc = making_guard(m, thing, err);
	return rc == 0 ? plant(m, thing, rights, by, err) : rc;
}

static char *rights_words(uint32_t rights, char *to, size_t size)
{
	size_t len = 0;

	*to = '\0';
	for (int i = 0; image_right_name[i] && len < size; i++)
		if (rights >> i & 1)
			len += (size_t)snprintf(to + len, size - len, "%s%s", len ? " " : "", image_right_name[i]);
	return to;
}

/* A link counts as absent where none is to be followed: what it leads to is granted under its own name or not at all. Not for
 * writing, where a link in the way is somebody's doing and has to be seen. */
static int is_absent(int rc, const struct image_grant *g)
{
	return rc == -ENOENT || rc == -ENOTDIR || (rc == -ELOOP && !(g->rights & RIGHTS_WRITING));
}

static int grant_policy(struct making *m, uint32_t index, struct err *err)
{
	const struct image_grant *g = &m->im->grants[index];
	const struct granter by = {.grant = index, .where = &g->where};
	const int optional = (g->flags & GRANT_OPTIONAL) != 0;
	char at[256], words[64];
	struct thing thing;
	int rc = resolve_text(m->im, g->path, (g->flags & GRANT_FOLLOW) != 0, &thing, optional ? NULL : err);

	if (optional && is_absent(rc, g))
		return plan_note(m->plan, g->rights, NULL, "absent", &g->where, err, "%s", thing.path);
	if (optional && rc < 0) /* once more, for its words */
		rc = resolve_text(m->im, g->path, (g->flags & GRANT_FOLLOW) != 0, &thing, err);
	if (rc == 0)
		rc = grant(m, &thing, g->rights, &by, err);
	thing_close(&thing);
	if (rc == 0)
		return 0;
	if (rc == -ENOENT)
		err_set(err, ENOENT, "%s: %s; say 'optional' if it may be absent", thing.path, err_words(ENOENT));
	return err_in(err, rc, "%s: %s", plan_where(m->plan, g->where, at, sizeof at),
		      rights_words(g->rights, words, sizeof words));
}

static int grant_policies(struct making *m, struct err *err)
{
	int rc = 0;

	for (uint32_t i = 0; i < m->im->h->grants.count && rc == 0; i++)
		rc = grant_policy(m, i, err);
	return rc;
}

/* What a word may name. */
enum kind {
	KIND_ANY,  /* r: a file, or a tree to read */
	KIND_TREE, /* c: */
	KIND_FILE, /* args: a tree is more than a word that happens to name one should give */
};

static int grant_typed(struct making *m, const char *path, uint32_t rights, enum kind kind, const struct image_where *where,
		       struct err *err)
{
	const struct granter by = {.grant = PIECE_DESIGNATED, .where = where};
	const int is_tree = kind == KIND_TREE;
	struct thing thing;
	int rc = resolve_typed(path, !(rights & RIGHTS_WRITING), &thing, err);

	if (rc == -ENOENT && rights & (RIGHT_WRITE | RIGHT_APPEND) && !is_tree)
		rc = made_create(m->plan, path, &thing, err);
	if (rc == 0 && is_tree && !thing.is_dir)
		rc = err_set(err, ENOTDIR, "%s is not a directory: c: and --create are for trees", path);
	if (rc == 0 && kind == KIND_FILE && thing.is_dir)
		rc = -EISDIR; /* which grant_args() passes over */
	if (rc == 0 && !is_tree && thing.is_dir && rights & RIGHTS_WRITING)
		rc = err_set(err, EISDIR, "%s is a directory: c: or --create grants a tree", path);
	if (rc == 0)
		rc = grant(m, &thing, rights, &by, err);
	thing_close(&thing);
	return rc;
}

/* While an append grant by name stands, the filter lets nothing be opened for writing but to append. */
static int check_append(const struct making *m, const struct designation *d, struct err *err)
{
	if (m->im->h->families & FAM_APPEND_NAME && d->rights & (RIGHT_WRITE | RIGHT_CREATE))
		return err_set(
		    err, EINVAL,
		    "writing can't be granted beside an append by name, for which every open for writing must be an append; "
		    "use 'fd N append PATH as NAME' in a policy");
	return 0;
}

/* The program starts elsewhere (cwd): what was named here has to be named so that it is found from there. Returns the name, or
 * NULL. */
static char *make_absolute(struct making *m, const char *path)
{
	struct plan *plan = m->plan;
	char here[RESOLVE_PATH], *name = NULL;
	char **more = realloc(plan->absolute, (plan->absolute_count + 1) * sizeof *more);

	if (!more)
		return NULL;
	plan->absolute = more;
	if (!getcwd(here, sizeof here) || asprintf(&name, "%s/%s", here, path) < 0)
		return NULL;
	return plan->absolute[plan->absolute_count++] = name;
}

static int is_elsewhere(const struct making *m, const char *path)
{
	return m->im->h->flags & IMAGE_CWD && *path != '/';
}

static int grant_designations(struct making *m, struct err *err)
{
	static const struct image_where line = {0};
	const struct options *o = m->plan->options;

	for (size_t i = 0; i < o->designation_count; i++) {
		const struct designation *d = &o->designations[i];
		int rc = check_append(m, d, err);
		if (rc == 0)
			rc = grant_typed(m, d->path, d->rights, d->is_tree ? KIND_TREE : KIND_ANY, &line, err);
		if (rc == 0 && d->word > 0 && is_elsewhere(m, d->path) && !(o->argv[d->word] = make_absolute(m, d->path)))
			rc = err_set(err, errno, "can't be made absolute: %s", err_words(errno));
		if (rc < 0)
			return err_in(err, rc, "%s", d->said);
	}
	return 0;
}

/* Words of the command line that the policy takes for files. Never after "--": those words are somebody else's. */
static int grant_args(struct making *m, struct err *err)
{
	const struct options *o = m->plan->options;
	const int words = o->argc - 1;

	for (uint32_t i = 0; i < m->im->h->args.count; i++) {
		const struct image_arg *a = &m->im->args[i];
		if (o->literal) {
			int rc = plan_note(m->plan, a->rights, "args", "not applied after --", &a->where, err, "%d..%d",
					   a->first, a->last);
			if (rc < 0)
				return rc;
			continue;
		}
		const int first = a->first < 0 ? words + 1 + a->first : a->first;
		const int last = a->last < 0 ? words + 1 + a->last : a->last;
		for (int k = first < 1 ? 1 : first; k <= last && k <= words; k++) {
			if (o->argv[k][0] == '-' || !o->argv[k][0])
				continue;
			int rc = grant_typed(m, o->argv[k], a->rights, KIND_FILE, &a->where, err);
			if (rc == -EISDIR || (rc == -ENOENT && !(a->rights & RIGHT_WRITE)))
				continue; /* a word that is no file: the program will say so if it wants one */
			if (rc == 0 && is_elsewhere(m, o->argv[k]) && !(o->argv[k] = make_absolute(m, o->argv[k])))
				rc = err_set(err, errno, "can't be made absolute: %s", err_words(errno));
			if (rc < 0) {
				char at[256];
				return err_in(err, rc, "%s: args", plan_where(m->plan, a->where, at, sizeof at));
			}
		}
	}
	return 0;
}

/* The policy is for certain programs: another of the same name is another program. */
static int check_program(struct making *m, const struct thing *program, struct err *err)
{
	char name[RESOLVE_PATH] = "";

	for (uint32_t i = 0; i < m->im->h->programs.count; i++) {
		struct thing named;
		if (resolve_text(m->im, m->im->programs[i].path, 1, &named, NULL) < 0)
			continue;
		const int same = named.st.st_dev == program->st.st_dev && named.st.st_ino == program->st.st_ino;
		thing_close(&named);
		if (same)
			return 0;
	}
	if (m->im->h->programs.count == 0)
		return 0;
	(void)resolve_name(m->im, m->im->programs[0].path, name, NULL);
	return err_set(err, EPERM, "%s is for %s, and %s is another file; use -p with a policy for it, or --no-policy",
		       m->plan->policy->name, name, program->path);
}

static int grant_program(struct making *m, struct err *err)
{
	struct plan *plan = m->plan;
	char interpreter[RESOLVE_PATH];
	struct thing thing;
	int rc = program_find(plan->options->argv[0], &thing, err);

	if (rc < 0) {
		plan->program_errno = -rc;
		return rc;
	}
	(void)((rc = check_program(m, &thing, err)) || (rc = grant(m, &thing, RIGHT_EXEC, &nobody, err)));
	if (rc == 0) {
		const char *path = is_elsewhere(m, thing.path) ? make_absolute(m, thing.path) : thing.path;
		plan->program_path = path ? strdup(path) : NULL;
		if (!plan->program_path)
			rc = err_set(err, ENOMEM, "no memory");
	}
	for (int depth = 0; rc == 0 && depth < 4; depth++) {
		int script = program_interpreter(&thing, interpreter, err);
		if (script <= 0) {
			rc = script;
			break;
		}
		thing_close(&thing);
		rc = resolve_typed(interpreter, 1, &thing, err);
		if (rc < 0) {
			plan->program_errno = -rc;
			err_in(err, rc, "%s: its interpreter", plan->program_path);
		} else {
			rc = grant(m, &thing, RIGHT_EXEC, &nobody, err);
		}
	}
	thing_close(&thing);
	return rc;
}

/* A systemd credential is handed to this very service: reading it is part of being one. */
static int grant_credentials(struct making *m, struct err *err)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	struct thing thing;

	if (!(m->im->h->flags & IMAGE_SERVICE) || !dir || *dir != '/')
		return 0;
	int rc = resolve_typed(dir, 0, &thing, err);
	if (rc == 0)
		rc = grant(m, &thing, RIGHT_READ, &nobody, err);
	thing_close(&thing);
	return rc == -ENOENT ? 0 : rc;
}

/* Places of its own, empty: made when the scene is, and remembered here. No guard: nothing that is there is reached. */
static int grant_private(struct making *m, struct err *err)
{
	const uint32_t rights = RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE;
	int rc = 0;

	for (uint32_t i = 0; i < m->im->h->private_places.count && rc == 0; i++) {
		const struct image_place *p = &m->im->private_places[i];
		struct thing thing;
		char at[256];
		(void)((rc = resolve_text(m->im, p->path, 1, &thing, err)) ||
		       (rc = thing.is_dir ? 0 : err_set(err, ENOTDIR, "%s is not a directory", thing.path)) ||
		       (rc = scene_add(&m->scene, &thing, rights, PIECE_PRIVATE, &p->where, err)) ||
		       (rc = making_remember(m, &thing, PLACED_PRIVATE, err)) ||
		       (rc = plan_note(m->plan, rights, NULL, "mount view", &p->where, err, "%s/ (its own, empty)",
				       thing.path)));
		thing_close(&thing);
		if (rc < 0)
			return err_in(err, rc, "%s: private", plan_where(m->plan, p->where, at, sizeof at));
	}
	return rc;
}

/* Folders of this run alone: there since just before, and removed afterwards. */
static int grant_scratch(struct making *m, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < m->plan->scratch.count && rc == 0; i++) {
		struct thing thing;
		rc = resolve_typed(m->plan->scratch.paths[i], 0, &thing, err);
		if (rc == 0)
			rc = plant(m, &thing, RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE, &nobody, err);
		thing_close(&thing);
	}
	return rc;
}

int making_grants(struct making *m, struct err *err)
{
	int rc;

	(void)((rc = grant_program(m, err)) || (rc = grant_designations(m, err)) || (rc = grant_args(m, err)) ||
	       (rc = grant_policies(m, err)) || (rc = grant_private(m, err)) || (rc = grant_scratch(m, err)) ||
	       (rc = grant_credentials(m, err)));
	return rc;
}

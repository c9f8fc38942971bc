#include "scene.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "landlock.h"
#include "making.h"
#include "owned.h"
#include "scene_way.h"
#include "view.h"
#include "without.h"

static int no_memory(struct err *err)
{
	return err_set(err, ENOMEM, "no memory");
}

/* What scene_add() remembers -------------------------------------------------------------------------------------------- */

static char *absolute(const char *path)
{
	char here[RESOLVE_PATH], *to = NULL;

	if (*path == '/')
		return strdup(path);
	return getcwd(here, sizeof here) && asprintf(&to, "%s/%s", here, path) >= 0 ? to : NULL;
}

char *scene_real_path(int fd)
{
	char link[32], real[PATH_MAX];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, real, sizeof real);
	if (n <= 0 || n == sizeof real || *real != '/')
		return NULL;
	return strndup(real, (size_t)n);
}

int scene_keep(char **to, const char *text, struct err *err)
{
	char *copy = strdup(text);

	if (!copy)
		return err_set(err, ENOMEM, "no memory");
	*to = copy;
	return 0;
}

int scene_add(struct scene *s, const struct thing *thing, uint32_t rights, uint32_t grant, const struct image_where *where,
	      struct err *err)
{
	static const struct image_where nowhere;

	if (!s->wanted)
		return 0;
	if (s->count == s->room) {
		struct piece *more = realloc(s->pieces, (s->room * 2 + 32) * sizeof *more);
		if (!more)
			return no_memory(err);
		s->pieces = more;
		s->room = s->room * 2 + 32;
	}
	struct piece *p = &s->pieces[s->count++];
	*p = (struct piece){
	    .fd = fcntl(thing->fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX),
	    .tree = -1,
	    .is_dir = thing->is_dir,
	    .dev = thing->st.st_dev,
	    .ino = thing->st.st_ino,
	    .rights = rights,
	    .grant = grant,
	    .where = where ? *where : nowhere,
	    .real = scene_real_path(thing->fd),
	    .said = absolute(thing->path),
	};
	if (p->fd < 0)
		return err_set(err, errno, "no descriptor left: %s", err_words(errno));
	return p->real && p->said ? 0 : err_set(err, ENOENT, "%s: where it lies can't be told", thing->path);
}

void scene_free(struct scene *s)
{
	for (size_t i = 0; i < s->count; i++) {
		owned_close(&s->pieces[i].fd);
		owned_close(&s->pieces[i].tree);
		free(s->pieces[i].real);
		free(s->pieces[i].said);
	}
	for (size_t i = 0; i < s->link_count; i++) {
		free(s->links[i].at);
		free(s->links[i].to);
	}
	for (size_t i = 0; i < s->pinned_count; i++)
		free(s->pinned[i]);
	for (size_t i = 0; i < s->hidden_count; i++)
		free(s->hidden[i]);
	owned_close(&s->base);
	free(s->pinned);
	free(s->hidden);
	free(s->pieces);
	free(s->links);
	free(s->own);
	free(s->cwd);
}

/* While all is as it was ------------------------------------------------------------------------------------------------ */

int scene_covers(const char *dir, const char *real)
{
	const size_t n = strlen(dir);

	if (n == 1)
		return 1; /* the root */
	return strncmp(dir, real, n) == 0 && (real[n] == '/' || real[n] == '\0');
}

static int is_private(const struct piece *p)
{
	return p->grant == PIECE_PRIVATE;
}

static int is_unnamed(const struct piece *p)
{
	return p->grant == PIECE_UNNAMED;
}

/* By path, component by component, so that what covers comes before what it covers; of the same path a private place first. */
static int by_path(const void *a, const void *b)
{
	const struct piece *p = a, *q = b;
	const unsigned char *x = (const unsigned char *)p->real, *y = (const unsigned char *)q->real;

	while (*x && *x == *y) {
		x++;
		y++;
	}
	if (*x != *y)
		return !*x ? -1 : !*y ? 1 : *x == '/' ? -1 : *y == '/' ? 1 : *x - *y;
	return is_private(q) - is_private(p) + is_unnamed(p) - is_unnamed(q); /* unnamed ones last */
}

/* Two that are shown as one. */
static int is_same(const struct piece *p, const struct piece *q)
{
	return is_unnamed(p) == is_unnamed(q) && strcmp(p->real, q->real) == 0;
}

static void sort(struct scene *s)
{
	if (s->count > 1)
		qsort(s->pieces, s->count, sizeof *s->pieces, by_path);
	for (size_t i = 0; i < s->count; i++)
		s->pieces[i].all = s->pieces[i].rights;
	for (size_t i = 1; i < s->count; i++)
		if (is_same(&s->pieces[i], &s->pieces[i - 1]))
			s->pieces[i].all |= s->pieces[i - 1].all;
	for (size_t i = s->count; i-- > 1;)
		if (is_same(&s->pieces[i], &s->pieces[i - 1]))
			s->pieces[i - 1].all |= s->pieces[i].all;
}

/* Is REAL out of sight in the scene unless it is placed there? */
static int is_hidden(const struct scene *s, const char *real)
{
	if (s->files)
		return 1;
	for (size_t i = 0; i < s->count; i++)
		if (is_private(&s->pieces[i]) && scene_covers(s->pieces[i].real, real))
			return 1;
	return 0;
}

static int is_writable(const struct piece *p)
{
	return (p->all & RIGHTS_WRITING) != 0;
}

/* The nearest piece above piece I that is placed and shows it: then it needs no place of its own, unless it may do more. */
static int is_shown(const struct scene *s, size_t i)
{
	const struct piece *p = &s->pieces[i];

	for (size_t k = i; k-- > 0;) {
		const struct piece *above = &s->pieces[k];
		if (!scene_covers(above->real, p->real) || !(above->placed || is_private(above)))
			continue;
		if (is_private(above))
			return strcmp(above->real, p->real) == 0; /* the place itself, said again */
		return is_writable(above) || !is_writable(p);
	}
	return 0;
}

/* The nearest private place that REAL lies in, or NULL. */
static const struct piece *private_above(const struct scene *s, const char *real)
{
	const struct piece *found = NULL;

	for (size_t i = 0; i < s->count; i++)
		if (is_private(&s->pieces[i]) && scene_covers(s->pieces[i].real, real))
			found = &s->pieces[i];
	return found;
}

/*
 * What is shown in a private place lies beneath the rule that lets it be filled, and Landlock's rules add up. Without writing
 * its mount is read-only, and reading is what it has; with writing it has to be granted all that the place gives.
 */
static int check_private(const struct scene *s, const struct piece *p, struct err *err)
{
	const uint32_t gives = RIGHT_READ | RIGHT_WRITE | (p->is_dir ? RIGHT_CREATE : 0);
	const struct piece *place = private_above(s, p->real);

	if (!place || is_private(p) || is_unnamed(p) || !is_writable(p) || (p->all & gives) == gives)
		return 0;
	return err_set(err, EINVAL,
		       "%s lies in %s, which is private: what is shown there can be read%s as well as written; grant it so%s",
		       p->said, place->said, p->is_dir ? ", filled and cleared out" : "",
		       p->is_dir ? ": read write create" : ": read write, or rw:");
}

static int take_copies(struct scene *s, struct err *err)
{
	for (size_t i = 0; i < s->count; i++) {
		struct piece *p = &s->pieces[i];
		int rc = check_private(s, p, err);
		if (rc < 0)
			return rc;
		if (is_private(p) || is_unnamed(p) || !is_hidden(s, p->real) || is_shown(s, i))
			continue;
		p->tree = view_clone(p->fd, is_writable(p) || s->loose ? 0 : K_MOUNT_ATTR_RDONLY, err);
		if (p->tree < 0)
			return err_in(err, p->tree, "%s", p->said);
		p->placed = 1;
	}
	return 0;
}

/* Building ---------------------------------------------------------------------------------------------------------------- */

static int place(struct making *m, const char *real, int tree, int is_dir, struct err *err)
{
	OWNED_FD int at = scene_make(&m->scene, real, is_dir, m->plan, err);

	return at < 0 ? at : view_attach(tree, at, err);
}

static int place_private(struct making *m, struct piece *p, struct err *err)
{
	struct scene *s = &m->scene;

	if (strcmp(p->real, "/") == 0)
		return err_set(err, EINVAL, "the root can't be private: 'isolate files' gives the program one of its own");
	OWNED_FD int tmpfs = view_tmpfs("1777", err);
	int rc = tmpfs < 0 ? tmpfs : place(m, p->real, tmpfs, 1, err);
	if (rc == 0)
		rc = scene_own(s, tmpfs, err);
	if (rc == 0)
		rc = landlock_plant(m->plan->ruleset, m->plan->abi, tmpfs, p->rights, 1, err);
	p->placed = rc == 0;
	return rc;
}

static int place_all(struct making *m, struct err *err)
{
	struct scene *s = &m->scene;
	char at[256];
	int rc = 0;

	for (size_t i = 0; i < s->count && rc == 0; i++) {
		struct piece *p = &s->pieces[i];
		if (is_private(p) && !(i > 0 && is_private(p - 1) && strcmp(p->real, p[-1].real) == 0))
			rc = place_private(m, p, err);
		else if (p->tree >= 0)
			rc = place(m, p->real, p->tree, p->is_dir, err);
		owned_close(&p->tree);
		p->tree = -1;
		if (rc < 0)
			return err_in(err, rc, "%s: %s can't be shown", plan_where(m->plan, p->where, at, sizeof at), p->said);
	}
	return rc;
}

/* Where /proc and /dev's links to it are expected. Landlock keeps what is in /proc; isolate processes, whose processes it
 * shows. */
static int furnish(struct making *m, struct err *err)
{
	static const char *const links[][2] = {
	    {"/proc/self/fd", "/dev/fd"},
	    {"/proc/self/fd/0", "/dev/stdin"},
	    {"/proc/self/fd/1", "/dev/stdout"},
	    {"/proc/self/fd/2", "/dev/stderr"},
	};
	OWNED_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	OWNED_FD int tree = proc < 0 ? err_set(err, errno, "/proc: %s", err_words(errno)) : view_clone(proc, 0, err);

	int rc = tree < 0 ? tree : place(m, "/proc", tree, 1, err);
	for (size_t i = 0; i < sizeof links / sizeof *links && rc == 0; i++)
		rc = scene_link(&m->scene, links[i][0], links[i][1], m->plan, err);
	return rc;
}

/* A root of its own, over the one there is for now. */
static int make_base(struct making *m, struct err *err)
{
	struct scene *s = &m->scene;
	OWNED_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_set(err, errno, "/: %s", err_words(errno));
	if (!s->files) {
		s->base = take_fd(&root);
		return 0;
	}
	OWNED_FD int base = view_tmpfs("0755", err);
	int rc = base < 0 ? base : view_attach(base, root, err);
	if (rc == 0)
		rc = scene_own(s, base, err);
	s->base = take_fd(&base);
	return rc;
}

int scene_open(const struct scene *s, const char *real)
{
	const struct k_open_how how = {
	    .flags = O_PATH | O_CLOEXEC,
	    .resolve = K_RESOLVE_IN_ROOT | K_RESOLVE_NO_SYMLINKS | K_RESOLVE_NO_MAGICLINKS,
	};

	return k_openat2(s->base, real[1] ? real : ".", &how);
}

/* Everything becomes read-only but what is granted for writing, of which copies are put over it. */
static int seal(struct making *m, struct err *err)
{
	struct scene *s = &m->scene;
	const char *last = NULL; /* the writable piece that shows those beneath it */
	int rc = 0;

	for (size_t i = 0; i < s->count && rc == 0; i++) {
		struct piece *p = &s->pieces[i];
		struct stat st;
		if (!is_writable(p) || (last && scene_covers(last, p->real)))
			continue;
		OWNED_FD int now = scene_open(s, p->real);
		if (is_unnamed(p) && (now < 0 || fstat(now, &st) < 0 || st.st_dev != p->dev || st.st_ino != p->ino))
			continue; /* hidden, or gone: who opens it says so */
		if (now < 0 || fstat(now, &st) < 0)
			return err_set(err, errno, "%s: %s", p->said, err_words(errno));
		if (!is_private(p) && (st.st_dev != p->dev || st.st_ino != p->ino))
			return err_set(err, EAGAIN, "%s was replaced while the program's view was made", p->said);
		owned_close(&p->fd);
		p->fd = take_fd(&now);
		p->tree = view_clone(p->fd, 0, err);
		rc = p->tree < 0 ? p->tree : 0;
		last = p->real;
	}
	if (rc == 0)
		rc = view_restrict(s->base, K_MOUNT_ATTR_RDONLY, 1, err);
	for (size_t i = 0; i < s->count && rc == 0; i++)
		if (s->pieces[i].tree >= 0)
			rc = view_attach(s->pieces[i].tree, s->pieces[i].fd, err);
	return rc < 0 ? err_in(err, rc, "the program's view") : rc;
}

/* Output files are removed again by the launcher if the program leaves them untouched: their folders stay writable for it. */
static int keep_made(struct making *m, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; m->scene.sealed && i < m->plan->made_count && rc == 0; i++)
		rc = view_keep_writable(&m->plan->made[i].dir, err);
	return rc;
}

/* The launcher stood in a mount that may be covered now: it comes to the same place anew, by its name. */
static int stand(struct making *m, struct err *err)
{
	const struct scene *s = &m->scene;

	if (!s->cwd)
		return 0;
	OWNED_FD int here = scene_open(s, s->cwd);
	if (here < 0 || fchdir(here) < 0)
		return err_set(err, errno, "the working directory %s: %s", s->cwd, err_words(errno));
	return 0;
}

static int find_cwd(struct scene *s, struct err *err)
{
	char here[RESOLVE_PATH];

	if (s->cwd || !getcwd(here, sizeof here) || *here != '/')
		return 0; /* said by the policy; or removed, or out of reach: nothing is found from there */
	s->cwd = strdup(here);
	return s->cwd ? 0 : no_memory(err);
}

/* Hidden, the working directory is an empty one of the same name. */
static int make_cwd(struct making *m, struct err *err)
{
	struct scene *s = &m->scene;

	if (!s->cwd || !is_hidden(s, s->cwd) || strcmp(s->cwd, "/") == 0)
		return 0;
	OWNED_FD int at = scene_make(s, s->cwd, 1, m->plan, err);
	return at < 0 ? at : 0;
}

static int find_links(struct scene *s, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < s->count && rc == 0; i++)
		if (is_hidden(s, s->pieces[i].said) && strcmp(s->pieces[i].said, s->pieces[i].real) != 0)
			rc = scene_find_links(s, s->pieces[i].said, err);
	return rc;
}

static int make_links(struct making *m, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < m->scene.link_count && rc == 0; i++)
		rc = scene_link(&m->scene, m->scene.links[i].to, m->scene.links[i].at, m->plan, err);
	return rc;
}

int scene_build(struct making *m, struct err *err)
{
	struct scene *s = &m->scene;
	int rc;

	if (!s->wanted)
		return 0;
	sort(s);
	(void)((rc = find_cwd(s, err)) || (rc = find_links(s, err)) || (rc = take_copies(s, err)) || (rc = keep_made(m, err)) ||
	       (rc = make_base(m, err)) || (rc = place_all(m, err)) || (rc = s->files ? furnish(m, err) : 0) ||
	       (rc = make_links(m, err)) || (rc = make_cwd(m, err)) ||
	       (rc = s->sealed && !s->files && !without("seal") ? seal(m, err) : 0) || (rc = scene_except(m, err)) ||
	       (rc = s->files ? view_restrict(s->base, K_MOUNT_ATTR_RDONLY, 0, err) : 0) ||
	       (rc = s->files ? view_pivot(s->base, err) : 0) || (rc = stand(m, err)));
	return rc;
}

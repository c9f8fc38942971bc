/* Parts that a grant does not reach. Landlock only adds; a mount over the part takes away. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "made.h"
#include "making.h"
#include "owned.h"
#include "scene.h"
#include "view.h"
#include "without.h"

static int applies_to(const struct image_except *e, const struct piece *p)
{
	return p->grant == (e->grant == EXCEPT_DESIGNATED ? PIECE_DESIGNATED : e->grant);
}

/* The absolute path of E's part in the tree P. */
static void join(const struct making *m, const struct piece *p, const struct image_except *e, char to[PATH_MAX])
{
	snprintf(to, PATH_MAX, "%s/%s", p->real[1] ? p->real : "", image_string(m->im, e->part));
}

/* What P still grants on PART, after all that is excepted from it. */
static uint32_t left_by(const struct making *m, const struct piece *p, const char *part)
{
	char excepted[PATH_MAX];
	uint32_t left = p->rights;

	for (uint32_t i = 0; i < m->im->h->excepts.count; i++) {
		const struct image_except *e = &m->im->excepts[i];
		if (!applies_to(e, p))
			continue;
		join(m, p, e, excepted);
		if (scene_covers(excepted, part))
			left &= e->grant == EXCEPT_DESIGNATED ? ~(uint32_t)RIGHTS_WRITING : 0;
	}
	return left;
}

/* What other statements grant on PART. For writing: then the part would not be excepted, and nobody could say what holds. */
static int rights_left(const struct making *m, const char *part, uint32_t *left, struct err *err)
{
	const struct scene *s = &m->scene;
	char at[256];

	*left = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct piece *p = &s->pieces[i];
		const uint32_t rights = left_by(m, p, part);
		if (scene_covers(p->real, part)) {
			*left |= rights;
			if (!(rights & RIGHTS_WRITING))
				continue;
		} else if (!scene_covers(part, p->real)) {
			continue;
		}
		return err_set(err, EINVAL, "%s is excepted, and %s %s %s: one of the two has to go", part,
			       plan_where(m->plan, p->where, at, sizeof at),
			       scene_covers(p->real, part) ? "grants it for writing:" : "grants a thing in it:", p->said);
	}
	return 0;
}

static uint64_t attributes_for(uint32_t granted, uint32_t left)
{
	return K_MOUNT_ATTR_RDONLY | (left & RIGHT_EXEC ? 0 : K_MOUNT_ATTR_NOEXEC) |
	       (granted & RIGHT_IOCTL && !(left & RIGHT_IOCTL) ? K_MOUNT_ATTR_NODEV : 0);
}

static int is_pinned(const struct scene *s, const char *path)
{
	for (size_t i = 0; i < s->pinned_count; i++)
		if (strcmp(s->pinned[i], path) == 0)
			return 1;
	return 0;
}

static int remember_pinned(struct scene *s, const char *path, struct err *err)
{
	char **more = realloc(s->pinned, (s->pinned_count + 1) * sizeof *more);

	if (!more)
		return err_set(err, ENOMEM, "no memory");
	s->pinned = more;
	s->pinned[s->pinned_count] = NULL;
	return scene_keep(&s->pinned[s->pinned_count++], path, err);
}

/* A mount of its own can be neither renamed nor removed: make the folder *AT at PATH one, once. Replaces *AT by the mount. */
static int pin(struct scene *s, int *at, const char *path, struct err *err)
{
	if (!*path || is_pinned(s, path))
		return 0; /* nobody renames the root */
	OWNED_FD int tree = view_clone(*at, 0, err);
	int rc = tree < 0 ? tree : view_attach(tree, *at, err);

	if (rc < 0)
		return rc;
	owned_close(at);
	*at = take_fd(&tree);
	return remember_pinned(s, path, err);
}

/* The part's last component: looked at before it is believed. */
static int check_part(int fd, const char *part, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "%s: %s", part, err_words(errno));
	if (S_ISLNK(st.st_mode))
		return err_set(err, ELOOP, "%s is a symbolic link: except what it leads to", part);
	if (!S_ISDIR(st.st_mode) && st.st_nlink > 1)
		return err_set(err, EMLINK,
			       "%s has %ju names (hard links): under another of them it could be written; give it a single one",
			       part, (uintmax_t)st.st_nlink);
	return 0;
}

/* Put what the part becomes over it. DIR is the folder it lies in. */
static int cover(struct making *m, const struct image_except *e, const struct piece *p, int dir, int fd, const char *part,
		 struct err *err)
{
	uint32_t left = 0;
	struct stat st;
	int rc = check_part(fd, part, err);

	if (rc == 0)
		rc = rights_left(m, part, &left, err);
	if (rc < 0)
		return rc;
	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "%s: %s", part, err_words(errno));
	if (e->is_dir && !S_ISDIR(st.st_mode))
		return err_set(err, ENOTDIR, "%s is no directory: leave the slash away", part);
	/* Rules add up: what may be executed in a folder where something else may be read can be listed as well. */
	if (S_ISDIR(st.st_mode) && left & RIGHT_EXEC && !(left & RIGHT_READ))
		return err_set(err, EINVAL,
			       "%s is excepted, and may be executed by another line, but not read: that can't be kept apart; "
			       "say 'read exec' there",
			       part);
	if (!(left & (RIGHT_READ | RIGHT_EXEC))) {
		rc = scene_hide(&m->scene, part, err);
		if (rc < 0)
			return rc;
	}
	OWNED_FD int tree = left & (RIGHT_READ | RIGHT_EXEC) ? view_clone(fd, attributes_for(p->all, left), err)
							     : view_nothing(dir, S_ISDIR(st.st_mode), err);
	return tree < 0 ? tree : view_attach(tree, fd, err);
}

/* Returns 1 when it is there now, 0 when it may be absent. */
static int absent(struct making *m, const struct image_except *e, int dir, const char *name, int last, const char *part,
		  struct err *err)
{
	if (last && e->is_dir) {
		int rc = made_folder(m->plan, dir, name, part, err);
		return rc < 0 ? rc : 1;
	}
	if (e->flags & GRANT_OPTIONAL)
		return 0;
	return err_set(err, ENOENT,
		       "%s does not exist, so nothing could keep the program from making it; make it first%s, or say "
		       "'optional' at the end",
		       part, last ? " (with a slash at its end a folder is made)" : "");
}

/* The granted tree itself, as it is in the scene. */
static int open_tree(const struct scene *s, const struct piece *p, struct err *err)
{
	struct stat st;
	OWNED_FD int at = scene_open(s, p->real);

	if (at < 0 || fstat(at, &st) < 0)
		return err_set(err, errno, "%s: %s", p->said, err_words(errno));
	for (size_t i = 0; i < s->count; i++)
		if (s->pieces[i].grant == PIECE_PRIVATE && strcmp(s->pieces[i].real, p->real) == 0)
			return err_set(err, EINVAL, "%s is private, and empty: there is nothing to except in it", p->said);
	if (st.st_dev != p->dev || st.st_ino != p->ino)
		return err_set(err, EAGAIN, "%s was replaced while the program's view was made", p->said);
	return take_fd(&at);
}

/* The next component of *REST is added to PATH; its NAME points into it. Returns whether it is the last. */
static int take_name(const char **rest, char path[PATH_MAX], const char **name)
{
	const size_t had = strlen(path), n = strcspn(*rest, "/"), room = PATH_MAX - had;

	snprintf(path + had, room, "/%.*s", (int)n, *rest);
	*name = path + had + 1;
	*rest += n;
	if (**rest == '\0')
		return 1;
	++*rest;
	return 0;
}

/* From the granted tree down to the part, each folder on the way becoming a mount: else the part could be renamed with the
 * folder it lies in. */
static int except_part(struct making *m, const struct image_except *e, const struct piece *p, struct err *err)
{
	const char *rest = image_string(m->im, e->part), *name;
	char path[PATH_MAX] = "";
	int last = 0;
	OWNED_FD int at = open_tree(&m->scene, p, err);

	if (at < 0)
		return at;
	if (strlen(p->real) + strlen(rest) + 2 > sizeof path)
		return err_set(err, ENAMETOOLONG, "%s: %s", p->said, err_words(ENAMETOOLONG));
	if (p->real[1])
		strcpy(path, p->real);
	while (!last) {
		int rc = pin(&m->scene, &at, path, err);
		if (rc < 0)
			return rc;
		last = take_name(&rest, path, &name);
		OWNED_FD int next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 && errno == ENOENT) {
			rc = absent(m, e, at, name, last, path, err);
			if (rc <= 0)
				return rc;
			next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		}
		if (next < 0)
			return err_set(err, errno, "%s: %s", path, err_words(errno));
		rc = last ? cover(m, e, p, at, next, path, err) : check_part(next, path, err);
		if (rc < 0)
			return rc;
		owned_close(&at);
		at = take_fd(&next);
	}
	return 0;
}

int scene_hide(struct scene *s, const char *part, struct err *err)
{
	char **more = realloc(s->hidden, (s->hidden_count + 1) * sizeof *more);

	if (!more)
		return err_set(err, ENOMEM, "no memory");
	s->hidden = more;
	s->hidden[s->hidden_count] = NULL;
	return scene_keep(&s->hidden[s->hidden_count++], part, err);
}

int scene_check_hidden(const struct scene *s, int fd, struct err *err)
{
	OWNED char *real = s->hidden_count ? scene_real_path(fd) : NULL;

	for (size_t i = 0; real && i < s->hidden_count; i++)
		if (scene_covers(s->hidden[i], real))
			return err_set(err, EINVAL, "%s lies in a part that is excepted (%s), and hidden", real, s->hidden[i]);
	return 0;
}

int scene_check_part(const struct making *m, const char *real, struct err *err)
{
	const struct scene *s = &m->scene;
	char part[PATH_MAX];

	for (uint32_t i = 0; i < m->im->h->excepts.count; i++)
		for (size_t k = 0; k < s->count; k++) {
			const struct image_except *e = &m->im->excepts[i];
			const struct piece *p = &s->pieces[k];
			if (!applies_to(e, p))
				continue;
			join(m, p, e, part);
			if (scene_covers(part, real))
				return err_set(err, EINVAL, "%s lies in a part that is excepted (%s)", real, part);
		}
	return 0;
}

/* A descriptor that was there before leads into the mounts that were there before, around what is put over them now. */
static int check_inherited(const struct making *m, int number, struct err *err)
{
	char link[32], real[PATH_MAX];
	struct stat st;

	if (fcntl(number, F_GETFD) < 0 || fstat(number, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return err_set(err, EINVAL, "descriptor %d is a folder, which leads around the program's own view of the files",
			       number);
	snprintf(link, sizeof link, "/proc/self/fd/%d", number);
	ssize_t n = S_ISREG(st.st_mode) ? readlink(link, real, sizeof real - 1) : -1;
	if (n < 0)
		return 0;
	real[n] = '\0';
	return scene_check_part(m, real, err) < 0 ? err_in(err, -EINVAL, "descriptor %d", number) : 0;
}

static int check_descriptors(const struct making *m, struct err *err)
{
	int rc = 0;

	if (!m->scene.files && !m->scene.sealed && m->im->h->excepts.count == 0)
		return 0;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && rc == 0; fd++)
		rc = check_inherited(m, fd, err);
	for (uint32_t i = 0; i < m->im->h->fds.count && rc == 0; i++)
		if (m->im->fds[i].flags & GRANT_KEEP)
			rc = check_inherited(m, (int)m->im->fds[i].number, err);
	return rc;
}

int scene_except(struct making *m, struct err *err)
{
	const struct scene *s = &m->scene;
	char at[256];
	int rc = check_descriptors(m, err);

	for (uint32_t i = 0; i < m->im->h->excepts.count && rc == 0 && !without("except"); i++) {
		const struct image_except *e = &m->im->excepts[i];
		for (size_t k = 0; k < s->count && rc == 0; k++) {
			const struct piece *p = &s->pieces[k];
			if (!applies_to(e, p) ||
			    (e->grant == EXCEPT_DESIGNATED && (!p->is_dir || !(p->rights & RIGHTS_WRITING))))
				continue;
			rc = p->is_dir ? except_part(m, e, p, err)
				       : err_set(err, ENOTDIR, "%s is no directory: it has no parts", p->said);
			if (rc == 0)
				rc = plan_note(m->plan, 0, "except", "mount view", &e->where, err, "%s/%s", p->said,
					       image_string(m->im, e->part));
		}
		if (rc < 0)
			return err_in(err, rc, "%s: except", plan_where(m->plan, e->where, at, sizeof at));
	}
	return rc;
}

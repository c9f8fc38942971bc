#include "scene_way.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owned.h"

#define LINKS_MAX 40 /* as many as the kernel follows */

int scene_own(struct scene *s, int mount, struct err *err)
{
	struct stat st;
	dev_t *more = realloc(s->own, (s->own_count + 1) * sizeof *more);

	if (!more)
		return err_set(err, ENOMEM, "no memory");
	s->own = more;
	if (fstat(mount, &st) < 0)
		return err_set(err, errno, "a place of its own: %s", err_words(errno));
	s->own[s->own_count++] = st.st_dev;
	return 0;
}

static int is_own(const struct scene *s, int at)
{
	struct stat st;

	for (size_t i = 0; fstat(at, &st) == 0 && i < s->own_count; i++)
		if (s->own[i] == st.st_dev)
			return 1;
	return 0;
}

/* In the folder AT, a folder or a file of NAME. Whatever the launcher's umask is, and the program's own where it will be
 * somebody else. */
static int make_entry(int at, const char *name, int is_dir, const struct plan *plan)
{
	const mode_t before = umask(0);
	int rc = is_dir ? mkdirat(at, name, 0755) : mknodat(at, name, S_IFREG | 0444, 0);

	umask(before);
	if (rc == 0 && plan->switch_ids)
		rc = fchownat(at, name, plan->uid, plan->gid, AT_SYMLINK_NOFOLLOW);
	return rc;
}

static int step(const struct scene *s, int at, const char *name, int is_dir, const struct plan *plan)
{
	int fd = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 || errno != ENOENT || !is_own(s, at))
		return fd;
	if (make_entry(at, name, is_dir, plan) < 0)
		return -1;
	return openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int scene_make(struct scene *s, const char *real, int is_dir, const struct plan *plan, struct err *err)
{
	char name[NAME_MAX + 1];
	OWNED_FD int at = fcntl(s->base, F_DUPFD_CLOEXEC, PLAN_FD_MAX);

	for (const char *p = real + 1; *p && at >= 0;) {
		const size_t n = strcspn(p, "/");
		const int last = p[n] == '\0';
		if (n > NAME_MAX)
			return err_set(err, ENAMETOOLONG, "%s: %s", real, err_words(ENAMETOOLONG));
		memcpy(name, p, n);
		name[n] = '\0';
		int next = step(s, at, name, is_dir || !last, plan);
		owned_close(&at);
		at = next;
		p += n + !last;
	}
	return at < 0 ? err_set(err, errno, "%s: %s", real, err_words(errno)) : take_fd(&at);
}

int scene_link(struct scene *s, const char *to, const char *at, const struct plan *plan, struct err *err)
{
	const char *slash = strrchr(at, '/');
	OWNED char *folder = slash == at ? strdup("/") : strndup(at, (size_t)(slash - at));

	if (!folder)
		return err_set(err, ENOMEM, "no memory");
	OWNED_FD int dir = scene_make(s, folder, 1, plan, NULL);
	if (dir < 0 || !is_own(s, dir) || symlinkat(to, dir, slash + 1) == 0 || errno == EEXIST || errno == ENOTDIR)
		return 0;
	return err_set(err, errno, "%s can't be made a link: %s", at, err_words(errno));
}

static int remember(struct scene *s, const char *at, const char *to, struct err *err)
{
	for (size_t i = 0; i < s->link_count; i++)
		if (strcmp(s->links[i].at, at) == 0)
			return 0;
	if (s->link_count == s->link_room) {
		struct link *more = realloc(s->links, (s->link_room * 2 + 16) * sizeof *more);
		if (!more)
			return err_set(err, ENOMEM, "no memory");
		s->links = more;
		s->link_room = s->link_room * 2 + 16;
	}
	struct link *l = &s->links[s->link_count++];
	l->at = l->to = NULL;
	int rc = scene_keep(&l->at, at, err);
	return rc < 0 ? rc : scene_keep(&l->to, to, err);
}

/* DONE is a way without links; REST what follows. */
struct way {
	char done[PATH_MAX];
	char rest[PATH_MAX];
};

static int take_component(struct way *w, char name[NAME_MAX + 1])
{
	const char *p = w->rest + strspn(w->rest, "/");
	const size_t n = strcspn(p, "/");

	if (n > NAME_MAX)
		return 0;
	memcpy(name, p, n);
	name[n] = '\0';
	memmove(w->rest, p + n, strlen(p + n) + 1);
	return n > 0;
}

static void go_up(struct way *w)
{
	char *slash = strrchr(w->done, '/');

	if (slash)
		*slash = '\0';
}

int scene_find_links(struct scene *s, const char *said, struct err *err)
{
	OWNED struct way *w = calloc(2, sizeof *w);
	char name[NAME_MAX + 1], *to = w ? w[1].done : NULL, *joined = w ? w[1].rest : NULL;

	if (!w)
		return err_set(err, ENOMEM, "no memory");
	if (strlen(said) >= sizeof w->rest)
		return 0;
	strcpy(w->rest, said);
	for (int links = 0; links < LINKS_MAX && take_component(w, name);) {
		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			go_up(w);
			continue;
		}
		const size_t had = strlen(w->done);
		if (had + strlen(name) + 2 > sizeof w->done)
			return 0;
		sprintf(w->done + had, "/%s", name);
		ssize_t n = readlink(w->done, to, sizeof w->done - 1);
		if (n < 0)
			continue; /* no link, or gone */
		to[n] = '\0';
		links++;
		int rc = remember(s, w->done, to, err);
		if (rc < 0)
			return rc;
		if (snprintf(joined, sizeof w->rest, "%s/%s", to, w->rest) >= (int)sizeof w->rest)
			return 0;
		strcpy(w->rest, joined);
		w->done[*to == '/' ? 0 : had] = '\0';
	}
	return 0;
}

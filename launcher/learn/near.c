#include "near.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "owned.h"

#define ENTRIES_MAX 200000u /* of all folders together */
#define DEPTH_MAX 24

struct near {
	struct record *record;
	const struct setting *setting;
	char path[PATH_MAX];
	uint32_t entries;
};

/* What lies there is everybody's, or no file at all. */
static int is_public(const char *path)
{
	static const char *const places[] = {"/usr",  "/lib",  "/lib32", "/lib64", "/bin",
					     "/sbin", "/proc", "/sys",   "/dev",   NULL};

	for (const char *const *p = places; *p; p++)
		if (path_is_in(path, *p))
			return 1;
	return 0;
}

static void look_at_entry(struct near *n)
{
	const struct seen *s;

	if (!setting_secret(n->setting, n->path))
		return;
	s = record_find(n->record, n->path);
	if (!s)
		record_path(n->record, n->path, 0, SEEN_NEAR, "?");
}

/* The folder of n->path, open as DIR, which is taken over; with DEPTH left to go down. Returns 0 or -E2BIG. */
static int look_into(struct near *n, int dir, int depth)
{
	DIR *list = fdopendir(dir);
	const size_t len = strlen(n->path);
	int rc = 0;

	if (!list) {
		close(dir);
		return 0;
	}
	for (const struct dirent *e; rc == 0 && (e = readdir(list));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    snprintf(n->path + len, sizeof n->path - len, "/%s", e->d_name) >= (int)(sizeof n->path - len))
			continue;
		if (++n->entries > ENTRIES_MAX) {
			rc = -E2BIG;
			break;
		}
		look_at_entry(n);
		if (depth == 0 || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
			continue;
		int below = openat(dirfd(list), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
		if (below >= 0)
			rc = look_into(n, below, depth - 1);
	}
	n->path[len] = '\0';
	closedir(list);
	return rc;
}

static int look_at_folder(struct near *n, size_t len, int depth)
{
	n->path[len] = '\0';
	/* What is never granted whole needs no look. */
	const int skipped = is_public(n->path) || setting_broad(n->setting, n->path, RIGHT_READ) != NULL;
	int dir = skipped ? -1 : open(n->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return dir < 0 ? 0 : look_into(n, dir, depth);
}

/* A folder that was used may be granted with all that is in it; one of whose files were used, too, once there are enough of
 * them. */
int near_look(struct record *record, const struct setting *setting)
{
	struct near n = {.record = record, .setting = setting};
	const uint32_t count = record->paths.count;
	char last[PATH_MAX] = "";
	int rc = 0;

	for (uint32_t i = 0; i < count && rc == 0; i++) {
		const struct seen *s = record_at(record, i);
		const int is_tree = s->flags & SEEN_DIR && s->rights;
		const char *slash = strrchr(s->path, '/');
		const size_t len = is_tree ? strlen(s->path) : slash && slash > s->path ? (size_t)(slash - s->path) : 0;
		if (s->flags & SEEN_ABSENT && !(s->flags & SEEN_MADE) && !s->rights)
			continue;
		if (len == 0 || len >= sizeof n.path || (s->flags & SEEN_DIR && !is_tree))
			continue;
		memcpy(n.path, s->path, len + 1);
		n.path[len] = '\0';
		/* Files of one folder mostly come one after the other. */
		if (!is_tree && strcmp(n.path, last) == 0)
			continue;
		strcpy(last, n.path);
		rc = look_at_folder(&n, len, is_tree ? DEPTH_MAX : s->flags & SEEN_MADE ? DEPTH_MAX : 0);
	}
	return rc;
}

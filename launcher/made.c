#include "made.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "owned.h"

int made_create(struct plan *plan, const char *path, struct thing *thing, struct err *err)
{
	struct made_file *made = &plan->made[plan->made_count];
	char link[32];
	struct stat st;

	if (plan->made_count == PLAN_MADE_MAX)
		return err_set(err, E2BIG, "more than %d output files that do not exist yet; make them first", PLAN_MADE_MAX);
	int rc = resolve_create(path, &made->dir, thing, err);
	if (rc < 0)
		return rc;
	const char *slash = strrchr(path, '/');
	made->name = strdup(slash ? slash + 1 : path);
	made->path = plan->in_view ? realpath(path, NULL) : strdup(path);
	if (!made->name || !made->path) {
		free(made->name);
		free(made->path);
		close(made->dir);
		return err_set(err, ENOMEM, "no memory");
	}
	made->dev = thing->st.st_dev;
	made->ino = thing->st.st_ino;
	made->changed = thing->st.st_ctim;
	plan->made_count++;
	plan->supervised = 1;
	if (!plan->switch_ids)
		return 0;
	/* The program will be somebody else: the file has to be theirs. */
	snprintf(link, sizeof link, "/proc/self/fd/%d", thing->fd);
	if (chown(link, plan->uid, plan->gid) < 0 || stat(link, &st) < 0)
		return err_set(err, errno, "%s can't be given to uid %u: %s", path, plan->uid, err_words(errno));
	made->changed = st.st_ctim;
	return 0;
}

int made_folder(struct plan *plan, int dir, const char *name, const char *path, struct err *err)
{
	struct made_file *made = &plan->made[plan->made_count];
	struct stat st;

	if (plan->made_count == PLAN_MADE_MAX)
		return err_set(err, E2BIG, "more than %d excepted folders that do not exist yet; make them first",
			       PLAN_MADE_MAX);
	if (mkdirat(dir, name, 0777) < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(err, errno, "%s does not exist and can't be made: %s", path, err_words(errno));
	*made = (struct made_file){
	    .is_dir = 1,
	    .dir = fcntl(dir, F_DUPFD_CLOEXEC, PLAN_FD_MAX),
	    .name = strdup(name),
	    .path = strdup(path),
	    .dev = st.st_dev,
	    .ino = st.st_ino,
	};
	plan->made_count++;
	plan->supervised = 1;
	return made->dir >= 0 && made->name && made->path ? 0 : err_set(err, ENOMEM, "no memory");
}

static int is_untouched(const struct made_file *made)
{
	struct stat st;

	if (fstatat(made->dir, made->name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != made->dev || st.st_ino != made->ino)
		return 0;
	/* Somebody else may have put something into a folder: then it is not empty, and stays. */
	return made->is_dir ||
	       (st.st_size == 0 && st.st_ctim.tv_sec == made->changed.tv_sec && st.st_ctim.tv_nsec == made->changed.tv_nsec);
}

void made_settle(struct plan *plan)
{
	for (size_t i = 0; i < plan->made_count; i++) {
		struct made_file *made = &plan->made[i];
		/* In the program's view it is a mount of its own, which would hold its name; the look itself would stop at it.
		 */
		if (plan->in_view)
			umount2(made->path, MNT_DETACH | UMOUNT_NOFOLLOW);
		if (is_untouched(made))
			unlinkat(made->dir, made->name, made->is_dir ? AT_REMOVEDIR : 0);
		owned_close(&made->dir);
		free(made->name);
		free(made->path);
	}
	plan->made_count = 0;
}

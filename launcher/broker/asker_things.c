/* What is asked for, and what is picked: opened with the caller's authority, and judged. */
#include <sys/stat.h>
#include <sys/vfs.h>

#include "asker.h"
#include "guard.h"
#include "owned.h"
#include "plain.h"
#include "plan.h"
#include "scene.h"

#define PROC_MAGIC 0x9fa0
#define WRITING (WIRE_WRITE | WIRE_APPEND | WIRE_CREATE)

uint32_t asker_kind(const struct thing *thing)
{
	return thing->is_dir ? WIRE_TREE : WIRE_FILE;
}

/* Open PATH with the caller's authority; afterwards its path is the one without links. */
int asker_open(const char *path, struct thing *thing, struct err *err)
{
	int rc = resolve_typed(path, 1, thing, err);

	if (rc < 0)
		return rc;
	OWNED char *real = scene_real_path(thing->fd);
	if (!real || plain_path(thing->path, ASKING_PATH, real) < 0)
		return err_set(err, ENAMETOOLONG, "%s: where it lies can't be told", path);
	return 0;
}

/* Is the file that FD writes THING, or in it? What can't be told is. */
static int covers(const struct thing *thing, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (!thing->is_dir)
		return st.st_dev == thing->st.st_dev && st.st_ino == thing->st.st_ino;
	OWNED char *real = scene_real_path(fd);
	return !real || plain_covers(thing->path, real);
}

/* As the policy's own `grant` lines are judged. */
int asker_judge(const struct asker *asker, const struct thing *thing, uint32_t rights, uint32_t kind, struct err *err)
{
	static struct guard guard;
	const struct plan *plan = asker->plan;
	struct statfs fs;

	if (fstatfs(thing->fd, &fs) < 0 || fs.f_type == PROC_MAGIC)
		return err_set(err, EACCES, "%s is in /proc", thing->path);
	if (!thing->is_dir && !S_ISREG(thing->st.st_mode))
		return err_set(err, EACCES, "%s is neither a file nor a folder", thing->path);
	if (kind != WIRE_KINDS && kind != asker_kind(thing))
		return err_set(err, thing->is_dir ? EISDIR : ENOTDIR, "%s is a %s", thing->path,
			       thing->is_dir ? "folder" : "file");
	if (!thing->is_dir && rights & WIRE_CREATE)
		return err_set(err, ENOTDIR, "%s is not a folder: 'create' is for entries of one", thing->path);
	if (!(rights & WRITING))
		return 0;
	if (covers(thing, asker->keep) || covers(thing, asker->log))
		return err_set(err, EPERM, "%s covers what endow itself writes down", thing->path);
	return guard_check(&guard, plan->places, plan->policy->is_file ? plan->policy->name : NULL, thing, err);
}

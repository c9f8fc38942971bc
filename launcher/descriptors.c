#include "making.h"

#include <fcntl.h>

#include "kernel.h"
#include "owned.h"
#include "surroundings.h"
#include "view.h"

static int open_flags(uint32_t rights)
{
	if (rights == RIGHT_APPEND)
		return O_WRONLY | O_APPEND;
	if (rights == (RIGHT_READ | RIGHT_WRITE))
		return O_RDWR;
	return rights == RIGHT_WRITE ? O_WRONLY : O_RDONLY;
}

int making_detach(const struct making *m, struct thing *thing, uint32_t rights, struct err *err)
{
	const int writing = (rights & RIGHTS_WRITING) != 0;

	if (!m->scene.files)
		return 0;
	OWNED char *real = scene_real_path(thing->fd);
	int rc = !real     ? err_set(err, ENOENT, "%s: where it lies can't be told", thing->path)
		 : writing ? scene_check_part(m, real, err)
			   : 0;
	int tree = rc < 0 ? rc : view_clone(thing->fd, writing ? 0 : K_MOUNT_ATTR_RDONLY, err);
	if (tree < 0)
		return err_in(err, tree, "%s", thing->path);
	thing_close(thing);
	thing->fd = tree;
	return 0;
}

static int add_fd(struct making *m, const struct image_fd *f, struct err *err)
{
	struct plan *plan = m->plan;
	struct plan_fd *to = &plan->fds[plan->fd_count];
	struct thing thing;

	*to = (struct plan_fd){.from = -1, .number = (int)f->number, .name = image_string(m->im, f->name)};
	if (f->flags & GRANT_KEEP) {
		if (fcntl(to->number, F_GETFD) < 0)
			return f->flags & GRANT_OPTIONAL ? 0
							 : err_set(err, EBADF, "descriptor %d is not open here", to->number);
		plan->fd_count++;
		return plan_note(plan, 0, "descriptor", "inherited", &f->where, err, "%d %s", to->number, to->name);
	}
	int rc = resolve_text(m->im, f->path, (f->flags & GRANT_FOLLOW) != 0, &thing, err);
	if (rc == 0)
		rc = making_check_proc(m, &thing, err);
	if (rc == 0 && f->rights & RIGHTS_WRITING)
		rc = making_guard(m, &thing, err);
	if (rc == 0)
		rc = scene_check_hidden(&m->scene, thing.fd, err);
	if (rc == 0)
		rc = making_detach(m, &thing, f->rights, err);
	if (rc == 0) {
		const int device = S_ISCHR(thing.st.st_mode) || S_ISBLK(thing.st.st_mode);
		const int attenuate = f->rights == RIGHT_APPEND || (device && m->im->h->families & FAM_IOCTL);
		to->from = resolve_reopen(&thing, open_flags(f->rights), attenuate, PLAN_FD_MAX, err);
		rc = to->from < 0 ? to->from : 0;
	}
	thing_close(&thing);
	if ((rc == -ENOENT || rc == -ENOTDIR) && f->flags & GRANT_OPTIONAL)
		return 0;
	if (rc < 0)
		return rc;
	plan->fd_count++;
	return plan_note(plan, f->rights, "descriptor", "open mode", &f->where, err, "%d %s %s", to->number, thing.path,
			 to->name);
}

/* systemd's descriptors come first, from 3 on; what the policy places may not land on one of them. */
int making_descriptors(struct making *m, struct err *err)
{
	struct plan *plan = m->plan;
	const size_t handed = surroundings_listen_fds(plan);
	char at[256];

	for (size_t i = 0; i < handed; i++) {
		plan->fds[plan->fd_count++] = (struct plan_fd){.from = -1, .number = 3 + (int)i, .name = ""};
		int rc = plan_note(plan, 0, "descriptor", "inherited", NULL, err, "%zu from the service manager", 3 + i);
		if (rc < 0)
			return rc;
	}
	for (uint32_t i = 0; i < m->im->h->fds.count; i++) {
		const struct image_fd *f = &m->im->fds[i];
		int rc;
		if (f->number >= 3 && f->number < 3 + handed)
			rc = err_set(err, EBUSY, "the service manager has handed over descriptors 3 to %zu", 2 + handed);
		else
			rc = add_fd(m, f, err);
		if (rc < 0)
			return err_in(err, rc, "%s: fd %u", plan_where(plan, f->where, at, sizeof at), f->number);
	}
	return 0;
}

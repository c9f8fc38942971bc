#include "scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kernel.h"
#include "owned.h"
#include "plan.h"

#ifndef __WCLONE
#define __WCLONE 0x80000000
#endif

/* Removing ---------------------------------------------------------------------------------------------------------------- */

/*
 * However deep a tree is, it takes two descriptors: a folder found in a folder is first moved up, next to the one that holds
 * it. Entries are taken one by one by name, links as links.
 */

static DIR *open_folder(int dir, const char *name)
{
	char link[32];
	OWNED_FD int at = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (at < 0)
		return NULL;
	/* Who made it may have taken its own rights away. */
	snprintf(link, sizeof link, "/proc/self/fd/%d", at);
	chmod(link, 0700);
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	if (!folder && fd >= 0)
		close(fd);
	return folder;
}

static int is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A folder that is moved has ".." rewritten, which takes the right to write it. */
static int move_up(int from, const char *name, int to, unsigned long *number)
{
	char link[32], fresh[40];
	OWNED_FD int at = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (at < 0)
		return -errno;
	snprintf(link, sizeof link, "/proc/self/fd/%d", at);
	chmod(link, 0700);
	snprintf(fresh, sizeof fresh, ".moved-%lu", ++*number);
	return renameat(from, name, to, fresh) < 0 ? -errno : 0;
}

/* Empty the folder NAME of TOP, moving what folders it holds to TOP. */
static int empty(int top, const char *name, unsigned long *number)
{
	DIR *folder = open_folder(top, name);
	const struct dirent *e;
	int rc = 0;

	if (!folder)
		return -errno;
	while (rc == 0 && (errno = 0, e = readdir(folder)) != NULL) {
		if (is_dot(e->d_name) || unlinkat(dirfd(folder), e->d_name, 0) == 0)
			continue;
		rc = errno == EISDIR || errno == EPERM ? move_up(dirfd(folder), e->d_name, top, number) : -errno;
	}
	closedir(folder);
	return rc;
}

/* Every folder in TOP, and those that come up from them, until none is left. */
static int empty_top(DIR *top)
{
	unsigned long number = 0;
	const struct dirent *e;
	int rc = 0, more = 1;

	while (more && rc == 0) {
		more = 0;
		rewinddir(top);
		while (rc == 0 && (errno = 0, e = readdir(top)) != NULL) {
			if (is_dot(e->d_name) || unlinkat(dirfd(top), e->d_name, 0) == 0)
				continue;
			if (errno != EISDIR && errno != EPERM)
				return -errno;
			more = 1;
			rc = empty(dirfd(top), e->d_name, &number);
			if (rc == 0 && unlinkat(dirfd(top), e->d_name, AT_REMOVEDIR) < 0)
				rc = -errno;
		}
	}
	return rc;
}

int scratch_remove(int dir, const char *name)
{
	DIR *top = open_folder(dir, name);

	if (!top)
		return -errno;
	int rc = empty_top(top);
	closedir(top);
	if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		rc = -errno;
	return rc;
}

/* The sweeper ------------------------------------------------------------------------------------------------------------- */

/* What the sweeper needs: it outlives the call that starts it. */
static struct {
	int wait, base;
	char name[32];
} errand;

/*
 * It shares this process's memory, which a copy would cost half a launch: so until its work begins, when nobody else is at work any more,
 * it makes only calls that can't fail, and touches nothing.
 */
static int sweep(void *arg)
{
	sigset_t all;
	char byte;

	(void)arg;
	/* Neither ^C nor a stop of the service: what ends the program ends this, by closing the other end. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setsid();
	/* Nothing of the caller's is held open by it. */
	dup2(errand.wait, 0);
	dup2(errand.base, 1);
	k_close_range(2, ~0u);
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(-scratch_remove(1, errand.name) & 0xff);
}

/* Without a signal at its end it is no child that the supervisor's own waiting would see. */
static int start_sweeper(struct scratch *s, int base, const char *name, struct err *err)
{
	_Alignas(16) static char stack[32 * 1024];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(err, errno, "scratch: %s", err_words(errno));
	OWNED_FD int wait = ends[0];
	OWNED_FD int alive = ends[1];
	errand.wait = wait;
	errand.base = base;
	strcpy(errand.name, name);
	s->sweeper = clone(sweep, stack + sizeof stack, CLONE_VM, NULL);
	if (s->sweeper < 0) {
		s->sweeper = 0;
		return err_set(err, errno, "scratch: nobody to remove it can be started: %s", err_words(errno));
	}
	s->alive = fcntl(alive, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	return s->alive < 0 ? err_set(err, errno, "scratch: no descriptor left: %s", err_words(errno)) : 0;
}

/* Making ------------------------------------------------------------------------------------------------------------------ */

static const char *base_path(void)
{
	const char *tmpdir = getenv("TMPDIR");

	return tmpdir && *tmpdir == '/' ? tmpdir : "/tmp";
}

static int give(const struct plan *plan, int dir, const char *name, const char *base, struct err *err)
{
	if (!plan->switch_ids || fchownat(dir, name, plan->uid, plan->gid, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return err_set(err, errno, "scratch: a folder in %s can't be given to uid %u: %s", base, plan->uid, err_words(errno));
}

/* A name that nobody can have made before. */
static int make_top(int base, const char *path, char name[32], struct err *err)
{
	unsigned char noise[8];

	if (getrandom(noise, sizeof noise, 0) != sizeof noise)
		return err_set(err, EIO, "scratch: no random number");
	strcpy(name, "endow-");
	for (size_t i = 0; i < sizeof noise; i++)
		snprintf(name + 6 + 2 * i, 3, "%02x", noise[i]);
	if (mkdirat(base, name, 0700) < 0)
		return err_set(err, errno, "scratch: no folder can be made in %s: %s; TMPDIR says where", path,
			       err_words(errno));
	return 0;
}

static int make_folders(struct plan *plan, int base, const char *path, const char *name, struct err *err)
{
	const struct image *im = &plan->policy->image;
	struct scratch *s = &plan->scratch;
	OWNED_FD int top = openat(base, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = top < 0 ? err_set(err, errno, "scratch: %s/%s: %s", path, name, err_words(errno))
			 : give(plan, base, name, path, err);

	for (uint32_t i = 0; i < im->h->scratch.count && rc == 0; i++) {
		s->names[i] = image_string(im, im->scratch[i].at);
		if (mkdirat(top, s->names[i], 0700) < 0)
			return err_set(err, errno, "scratch: %s/%s/%s: %s", path, name, s->names[i], err_words(errno));
		rc = give(plan, top, s->names[i], path, err);
		if (asprintf(&s->paths[i], "%s/%s/%s", path, name, s->names[i]) < 0)
			return err_set(err, ENOMEM, "no memory");
		s->count++;
	}
	return rc;
}

int scratch_make(struct plan *plan, struct err *err)
{
	const struct image *im = &plan->policy->image;
	char name[32];
	int rc = 0;

	plan->scratch.alive = -1;
	for (uint32_t i = 0; i < im->h->scratch.count && rc == 0; i++)
		rc = plan_note(plan, 0, "scratch", "removed afterwards", NULL, err, "%s", image_string(im, im->scratch[i].at));
	if (rc < 0 || im->h->scratch.count == 0)
		return rc;
	if (im->h->scratch.count > SCRATCH_MAX)
		return err_set(err, E2BIG, "scratch: more than %d folders", SCRATCH_MAX);
	plan->supervised = 1;
	if (plan->options->dry_run)
		return 0;
	OWNED char *path = realpath(base_path(), NULL);
	OWNED_FD int base = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (base < 0)
		return err_set(err, errno, "scratch: %s: %s; TMPDIR says where", base_path(), err_words(errno));
	rc = make_top(base, path, name, err);
	/* Before anything else: whatever fails from here on, it is removed. */
	if (rc == 0)
		rc = start_sweeper(&plan->scratch, base, name, err);
	return rc == 0 ? make_folders(plan, base, path, name, err) : rc;
}

int scratch_end(struct scratch *s, struct err *err)
{
	int status = 0, rc = 0;

	for (size_t i = 0; i < s->count; i++)
		free(s->paths[i]);
	if (s->sweeper <= 0)
		return 0;
	owned_close(&s->alive);
	pid_t who;
	while ((who = waitpid(s->sweeper, &status, (int)__WCLONE)) < 0 && errno == EINTR)
		;
	/* In a process namespace of its own this is another process than the one that started it, which waits. */
	if (who == s->sweeper && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		rc = err_set(err, WIFEXITED(status) ? WEXITSTATUS(status) : EINTR, "scratch: something is left in %s: %s",
			     base_path(), err_words(WIFEXITED(status) ? WEXITSTATUS(status) : EINTR));
	*s = (struct scratch){.alive = -1};
	return rc;
}

#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "filter.h"
#include "guard.h"
#include "owned.h"
#include "resolve.h"

#define PROC_MAGIC 0x9fa0

/* places_find() answers for the launcher. This program lies one folder deeper, beside the compiler. */
static int find_places(struct places *places, struct err *err)
{
	int rc = places_find(places, err);

	if (rc < 0)
		return rc;
	*strrchr(places->self, '/') = '\0'; /* it is absolute */
	strcpy(places->libexec, places->self);
	if (strcmp(places->libexec, ENDOW_LIBEXECDIR) == 0) {
		strcpy(places->library, ENDOW_DATADIR);
		strcpy(places->self, ENDOW_BINDIR "/endow");
		return 0;
	}
	char *slash = strrchr(places->self, '/');
	if (slash)
		*slash = '\0';
	if ((size_t)snprintf(places->library, sizeof places->library, "%s/share", places->self) >= sizeof places->library ||
	    strlen(places->self) + sizeof "/endow" > sizeof places->self)
		return err_set(err, ENAMETOOLONG, "%s: the path is too long", places->self);
	strcat(places->self, "/endow");
	return 0;
}

static enum type type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return TYPE_FILE;
	case S_IFDIR: return TYPE_DIR;
	case S_IFLNK: return TYPE_LINK;
	case S_IFSOCK: return TYPE_SOCKET;
	case S_IFCHR:
	case S_IFBLK: return TYPE_DEVICE;
	default: return TYPE_OTHER;
	}
}

/* The texts of /proc/PID/fd/N, /proc/PID/exe, ... say one thing and lead to another. */
static int is_magic(const char *path, const char *text)
{
	struct statfs fs;
	char folder[WORLD_PATH];

	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
	return (*text == '/' || strpbrk(text, ":[")) && statfs(*folder ? folder : "/", &fs) == 0 && fs.f_type == PROC_MAGIC;
}

static int look(void *arg, const char *path, struct look *to)
{
	struct stat st;

	(void)arg;
	to->magic = 0;
	to->link[0] = '\0';
	if (lstat(path, &st) < 0) {
		*to = (struct look){.type = TYPE_ABSENT};
		return errno == ENOENT ? 0 : -errno;
	}
	to->type = type_of(st.st_mode);
	to->id = (struct id){st.st_dev, st.st_ino};
	to->links = st.st_nlink;
	if (to->type != TYPE_LINK)
		return 0;
	ssize_t n = readlink(path, to->link, sizeof to->link);
	if (n < 0 || n == sizeof to->link)
		return n < 0 ? -errno : -ENAMETOOLONG;
	to->link[n] = '\0';
	to->magic = is_magic(path, to->link);
	return 0;
}

static long head(void *arg, const char *path, uint64_t at, void *to, size_t size)
{
	struct stat st;

	(void)arg;
	/* A device or a pipe is not to be read for its first bytes. */
	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return -EINVAL;
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : pread(fd, to, size, (off_t)at);
	return n < 0 ? -errno : n;
}

static const char *variable(void *arg, const char *name)
{
	(void)arg;
	return getenv(name);
}

int files_begin(struct files *files, struct err *err)
{
	int rc = find_places(&files->places, err);

	if (rc < 0)
		return rc;
	if (!getcwd(files->cwd, sizeof files->cwd))
		return err_set(err, errno, "the working directory: %s", err_words(errno));
	files->world = (struct world){
	    .arg = files, .cwd = files->cwd, .privileged = geteuid() == 0, .look = look, .head = head, .variable = variable};
	return 0;
}

int files_find(const struct files *files, const char *name, struct policy_text *text, struct err *err)
{
	if (strchr(name, '/') || strstr(name, ".policy"))
		return find_file(name, text, err);
	return find_policy(&files->places, name, text, err);
}

int files_fetch(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	const struct files *files = arg;
	struct policy_text text;
	int rc = find_fragment(&files->places, name, &text, err);

	if (rc < 0)
		return rc;
	/* One block holds the text and the name, since only one is given back. */
	const size_t name_len = strlen(text.path) + 1;
	char *both = realloc(text.bytes, text.len + 1 + name_len);
	if (!both) {
		policy_text_free(&text);
		return err_set(err, ENOMEM, "no memory");
	}
	memcpy(both + text.len + 1, text.path, name_len);
	free(text.path);
	*out = (struct compile_text){.shown = both + text.len + 1, .text = both, .len = text.len, .owned = both};
	return 0;
}

/* Nothing that decides about a program may be written by it: the launcher looks at the things themselves, so they are looked at
 * here. */
static int guard(const struct files *files, const char *policy, struct model *model, struct err *err)
{
	struct guard *OWNED g = calloc(1, sizeof *g);
	struct thing *OWNED thing = calloc(1, sizeof *thing);
	char at[512];

	if (!g || !thing)
		return err_set(err, ENOMEM, "no memory");
	for (uint32_t i = 0; i < model->count && !model->problem[0]; i++) {
		const struct entry *e = &model->entries[i];
		struct err why = {""};
		if ((e->kind != KIND_PATH && e->kind != KIND_DESCRIPTOR) || e->spot.rc < 0 || !e->spot.path ||
		    !(e->rights & (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE)))
			continue;
		OWNED_FD int fd = open(e->spot.path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &thing->st) < 0)
			continue; /* gone, or in a place that is made for the program */
		thing->fd = fd;
		thing->is_dir = S_ISDIR(thing->st.st_mode);
		snprintf(thing->path, sizeof thing->path, "%s", e->object);
		if (guard_check(g, &files->places, policy, thing, &why) < 0)
			snprintf(model->problem, sizeof model->problem, "%s: %.*s", origin_text(&e->origin, at, sizeof at),
				 (int)(sizeof model->problem - sizeof at - 3), why.text);
	}
	return 0;
}

int files_subject(struct files *files, const char *name, const char *line, const char *program, struct subject *subject,
		  struct err *err)
{
	struct policy_text text;
	int rc = files_find(files, name, &text, err);

	if (rc < 0)
		return rc;
	/* Found by its name, it is shown by its name: its folder is the reader's business, and no part of an answer. */
	const int is_file = strchr(name, '/') || strstr(name, ".policy");
	const char *slash = strrchr(text.path, '/'), *shown = is_file || !slash ? text.path : slash + 1;
	const struct compile_input in = {
	    .line = line ? line : "",
	    .line_len = line ? strlen(line) : 0,
	    .main = {.shown = text.path, .text = text.bytes, .len = text.len},
	    .filter = filter_make,
	};
	rc = subject_make(subject, &in, files_fetch, files, shown, program, &files->world, err);
	if (rc == 0)
		rc = guard(files, text.path, &subject->model, err);
	policy_text_free(&text);
	return rc;
}

int files_write(const char *path, const char *text, size_t len, struct err *err)
{
	char new[WORLD_PATH];

	if ((size_t)snprintf(new, sizeof new, "%s.new", path) >= sizeof new)
		return err_set(err, ENAMETOOLONG, "%s: the path is too long", path);
	(void)unlink(new); /* what a broken run left */
	OWNED_FD int fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(err, errno, "%s: %s", new, err_words(errno));
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, text + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int rc = err_set(err, errno, "%s: %s", new, err_words(errno));
			unlink(new);
			return rc;
		}
		done += (size_t)n;
	}
	if (fsync(fd) < 0 || rename(new, path) < 0) {
		int rc = err_set(err, errno, "%s: %s", path, err_words(errno));
		unlink(new);
		return rc;
	}
	return 0;
}

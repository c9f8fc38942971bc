#include "find.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "image.h"
#include "owned.h"

/* A, B, C and D one behind the other; "" where they don't fit. printf would cost more than the file that is looked for. */
static int join(char to[FIND_PATH], const char *a, const char *b, const char *c, const char *d)
{
	const char *const parts[] = {a, b, c, d};
	size_t len = 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const size_t n = strlen(parts[i]);
		if (n >= FIND_PATH - len) {
			to[0] = '\0';
			return -ENAMETOOLONG;
		}
		memcpy(to + len, parts[i], n);
		len += n;
	}
	to[len] = '\0';
	return 0;
}

/* FIRST/rest if the variable FIRST holds an absolute path, else HOME/other. "" when neither does. */
static void home_place(char to[FIND_PATH], const char *variable, const char *beneath_home)
{
	const char *dir = getenv(variable), *home = getenv("HOME");

	to[0] = '\0';
	if (dir && *dir == '/')
		(void)join(to, dir, "/endow", "", "");
	else if (home && *home == '/')
		(void)join(to, home, "/", beneath_home, "/endow");
}

/* The header of this program as it is mapped: the linker's symbol. */
extern const char __ehdr_start[64] __attribute__((visibility("hidden")));

/* Is PATH this program's own file? Of a script whose first line names us it is the script that was executed, and what lies beside that
 * is anybody's. */
static int is_self(const char *path)
{
	char head[sizeof __ehdr_start];
	OWNED_FD int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	return fd >= 0 && read(fd, head, sizeof head) == sizeof head && memcmp(head, __ehdr_start, sizeof head) == 0;
}

/*
 * The path by which this program was executed, where it is absolute and names its file. Else what /proc says, whose first use in a
 * process costs more than all else in this file.
 */
static int own_path(char to[FIND_PATH], struct err *err)
{
	const char *executed = (const char *)getauxval(AT_EXECFN);

	if (executed && *executed == '/' && strlen(executed) < FIND_PATH - 32 && is_self(executed))
		return join(to, executed, "", "", "");
	ssize_t n = readlink("/proc/self/exe", to, FIND_PATH - 1);
	if (n <= 0 || n >= FIND_PATH - 32)
		return err_set(err, ENOENT, "can't tell where the launcher itself lies: /proc is needed (%s)",
			       n < 0 ? err_words(errno) : "the path is too long");
	to[n] = '\0';
	return 0;
}

/*
 * Installed, the launcher knows its folders from the build. Run from a build folder, they lie beside it. Which of the two it is
 * is told by the launcher's own file, which the caller has chosen to run.
 */
static int program_places(struct places *places, struct err *err)
{
	int rc = own_path(places->self, err);

	if (rc < 0)
		return rc;
	if (strcmp(places->self, ENDOW_BINDIR "/endow") == 0) {
		strcpy(places->libexec, ENDOW_LIBEXECDIR);
		strcpy(places->library, ENDOW_DATADIR);
		return 0;
	}
	char dir[FIND_PATH];
	strcpy(dir, places->self);
	*strrchr(dir, '/') = '\0';
	(void)join(places->libexec, dir, "/libexec", "", ""); /* there is room: own_path() has seen to it */
	(void)join(places->library, dir, "/share", "", "");
	return 0;
}

int places_find(struct places *places, struct err *err)
{
	home_place(places->config, "XDG_CONFIG_HOME", ".config");
	home_place(places->cache, "XDG_CACHE_HOME", ".cache");
	strcpy(places->system, "/etc/endow");
	strcpy(places->system_cache, "/var/cache/endow");
	return program_places(places, err);
}

void policy_text_free(struct policy_text *text)
{
	free(text->path);
	free(text->bytes);
	memset(text, 0, sizeof *text);
}

static int is_ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* A folder that others may write is no place for a policy, unless it is sticky: then they can't replace ours. */
static int check_folder(const char *path, struct err *err)
{
	char dir[FIND_PATH];
	const char *slash = strrchr(path, '/');
	struct stat st;

	const size_t len = !slash ? 1 : slash == path ? 1 : (size_t)(slash - path);
	if (len >= sizeof dir)
		return err_set(err, ENAMETOOLONG, "%s: the path is too long", path);
	memcpy(dir, slash ? path : ".", len);
	dir[len] = '\0';
	if (stat(dir, &st) < 0)
		return err_set(err, errno, "%s: %s", dir, err_words(errno));
	if (!is_ours(&st))
		return err_set(err, EPERM, "%s is not trusted: its folder belongs to uid %u, not to you or root", path, st.st_uid);
	if (st.st_mode & 022 && !(st.st_mode & S_ISVTX))
		return err_set(err, EPERM, "%s is not trusted: others may write its folder; chmod go-w %s", path, dir);
	return 0;
}

/* The same for where the file lies in truth, if PATH is a link. */
static int check_real_folder(int fd, const char *path, struct err *err)
{
	char link[32], real[FIND_PATH];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, real, sizeof real - 1);
	if (n <= 0 || n == sizeof real - 1)
		return err_set(err, EPERM, "%s is a link, and where it leads can't be told (%s)", path,
			       n <= 0 ? "/proc is needed" : "the path is too long");
	real[n] = '\0';
	return check_folder(real, err);
}

int find_open_trusted(const char *path, size_t max, size_t *size, struct err *err)
{
	struct stat st;
	/* O_NONBLOCK: a FIFO must not hold the launcher up. */
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int is_link = 0;
	OWNED_FD int fd = openat(AT_FDCWD, path, flags | O_NOFOLLOW);

	if (fd < 0 && errno == ELOOP) {
		is_link = 1;
		fd = openat(AT_FDCWD, path, flags);
	}
	if (fd < 0)
		return err_set(err, errno, "%s: %s", path, err_words(errno));
	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "%s: %s", path, err_words(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, S_ISDIR(st.st_mode) ? EISDIR : EINVAL, "%s is %s, not a file", path,
			       S_ISDIR(st.st_mode) ? "a directory" : "a device, a pipe or a socket");
	if (!is_ours(&st))
		return err_set(err, EPERM, "%s is not trusted: it belongs to uid %u, not to you or root", path, st.st_uid);
	if (st.st_mode & 022)
		return err_set(err, EPERM, "%s is not trusted: others may write it; chmod go-w %s", path, path);
	if ((uintmax_t)st.st_size > max)
		return err_set(err, EFBIG, "%s is too large: %jd bytes, and %zu are allowed", path, (intmax_t)st.st_size, max);
	int rc = check_folder(path, err);
	if (rc == 0 && is_link)
		rc = check_real_folder(fd, path, err);
	if (rc < 0)
		return rc;
	*size = (size_t)st.st_size;
	return take_fd(&fd);
}

int find_file(const char *path, struct policy_text *text, struct err *err)
{
	size_t size = 0, done = 0;

	memset(text, 0, sizeof *text);
	OWNED_FD int fd = find_open_trusted(path, SOURCE_MAX, &size, err);
	if (fd < 0)
		return fd;
	OWNED char *bytes = malloc(size + 1);
	if (!bytes)
		return err_set(err, ENOMEM, "%s: no memory", path);
	while (done < size) {
		ssize_t n = read(fd, bytes + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, errno, "%s: %s", path, err_words(errno));
		if (n == 0)
			break; /* it has shrunk: what was read is what counts */
		done += (size_t)n;
	}
	bytes[done] = '\0';
	text->path = strdup(path);
	if (!text->path)
		return err_set(err, ENOMEM, "%s: no memory", path);
	text->bytes = take_ptr(bytes);
	text->len = done;
	return 0;
}

/* A home that this user may not enter holds no policies of his. */
static int is_reachable(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 || errno != EACCES;
}

static int find_in(const struct places *places, const char *folder, const char *name, const char *suffix, struct policy_text *text,
		   struct err *err)
{
	const char *const dirs[] = {places->config, places->system, places->library};
	char path[FIND_PATH];

	/* A name becomes part of a path: nothing that could leave the folder. */
	if (!*name || *name == '.' || strchr(name, '/'))
		return err_set(err, EINVAL, "'%s' is no policy's name", name);
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		char in[FIND_PATH];
		if (!*dirs[i] || join(in, dirs[i], folder, "/", name) < 0 || join(path, in, suffix, "", "") < 0)
			continue;
		int rc = find_file(path, text, NULL); /* absent in most places: its words are wanted only if it is the last */
		if (rc == -ENOENT || rc == -ENOTDIR || (rc == -EACCES && !is_reachable(dirs[i])))
			continue;
		return rc == 0 ? 0 : find_file(path, text, err); /* one that can't be trusted or read hides those behind it: fail, don't fall through */
	}
	return err_set(err, ENOENT, "there is no %s%s in %s%s%s%s, %s%s", name, suffix, places->config, *places->config ? folder : "",
		       *places->config ? ", /etc/endow" : "/etc/endow", folder, places->library, folder);
}

int find_policy(const struct places *places, const char *name, struct policy_text *text, struct err *err)
{
	return find_in(places, "", name, ".policy", text, err);
}

int find_fragment(const struct places *places, const char *name, struct policy_text *text, struct err *err)
{
	return find_in(places, "/fragments", name, "", text, err);
}

#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "owned.h"

#define LINKS_MAX 40 /* the kernel's own bound */
#define PROC_MAGIC 0x9fa0

/* The texts of /proc/PID/fd/N, /proc/PID/exe, ... say one thing and lead to another. */
static int is_magic(int link)
{
	struct statfs fs;
	char text[16];

	if (fstatfs(link, &fs) < 0)
		return 1;
	if (fs.f_type != PROC_MAGIC)
		return 0;
	/* self, thread-self, mounts, net: relative texts. A magic link shows an absolute path or "pipe:[1]". */
	ssize_t n = readlinkat(link, "", text, sizeof text - 1);
	if (n <= 0)
		return 1;
	text[n] = '\0';
	return text[0] == '/' || strpbrk(text, ":[") != NULL;
}

/* Put the link's text before what is still to be walked. */
static int splice_link(int link, char rest[PATH_MAX])
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof text - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	const size_t room = sizeof text - (size_t)n;
	if (n == 0 || strlen(rest) + 1 >= room)
		return -ENAMETOOLONG;
	strcat(text, rest); /* which is empty or starts with the slash that followed the link's name */
	strcpy(rest, text);
	return 0;
}

/*
 * The kernel's protected_symlinks: in a sticky folder that everybody may write, a link is followed only if it belongs to who follows it
 * or to the folder's owner. O_PATH descriptors of links do not come by that check, so it is made here, whatever the sysctl says.
 */
static int is_protected(int folder, const struct stat *link)
{
	struct stat st;

	if (fstat(folder, &st) < 0)
		return 1;
	return (st.st_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH) && link->st_uid != st.st_uid && link->st_uid != geteuid();
}

/* Take the first component of REST into NAME. Returns its length; *SLASH tells whether a slash follows. */
static size_t next_name(char *rest, char name[NAME_MAX + 1], int *slash)
{
	const size_t skip = strspn(rest, "/"), len = strcspn(rest + skip, "/");

	if (len > NAME_MAX)
		return len;
	memcpy(name, rest + skip, len);
	name[len] = '\0';
	*slash = rest[skip + len] == '/';
	memmove(rest, rest + skip + len, strlen(rest + skip + len) + 1);
	return len;
}

int walk(int dir, const char *path, int follow)
{
	char rest[PATH_MAX], name[NAME_MAX + 1];
	OWNED_FD int at = -1;
	int links = 0, slash = 0;

	if (!*path)
		return -ENOENT;
	if (strlen(path) >= sizeof rest)
		return -ENAMETOOLONG;
	strcpy(rest, path);
	at = *rest == '/' ? open("/", O_PATH | O_CLOEXEC) : openat(dir, ".", O_PATH | O_CLOEXEC);
	while (at >= 0) {
		struct stat st;
		const size_t len = next_name(rest, name, &slash);

		if (len == 0)
			return take_fd(&at);
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		OWNED_FD int next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0 || fstat(next, &st) < 0)
			return -errno;
		if (S_ISLNK(st.st_mode)) {
			if (!follow || ++links > LINKS_MAX || is_magic(next))
				return -ELOOP;
			if (is_protected(at, &st))
				return -EACCES;
			int rc = splice_link(next, rest);
			if (rc < 0)
				return rc;
			if (*rest != '/')
				continue;
			close(at);
			at = open("/", O_PATH | O_CLOEXEC);
			continue;
		}
		if (slash && !S_ISDIR(st.st_mode))
			return -ENOTDIR;
		close(at);
		at = take_fd(&next);
	}
	return -errno;
}

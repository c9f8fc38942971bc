#include "lint_look.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "owned.h"

static const char *variable(const char *name)
{
	return getenv(name);
}

static int real(const char *path, char to[LOOK_PATH])
{
	char *OWNED found = realpath(path, NULL);

	if (!found)
		return -errno;
	if (strlen(found) >= LOOK_PATH)
		return -ENAMETOOLONG;
	strcpy(to, found);
	return 0;
}

static bool link_on(const char *path, size_t skip, char to[LOOK_PATH])
{
	const size_t len = strlen(path);
	struct stat st;

	if (len >= LOOK_PATH)
		return false;
	for (size_t end = skip; end < len;) {
		end += strspn(path + end, "/");
		end += strcspn(path + end, "/");
		memcpy(to, path, end);
		to[end] = '\0';
		if (lstat(to, &st) < 0)
			return false;
		if (S_ISLNK(st.st_mode))
			return true;
	}
	return false;
}

static bool others_write(const char *path, bool sticky_will_do)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return true;
	return st.st_mode & 002 && !(sticky_will_do && S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX);
}

static bool open_to_others(const char *path)
{
	char dir[LOOK_PATH];

	if (real(path, dir) < 0)
		return false;
	if (others_write(dir, false))
		return true;
	for (char *slash = strrchr(dir, '/'); slash && slash != dir; slash = strrchr(dir, '/')) {
		*slash = '\0';
		if (others_write(dir, true))
			return true;
	}
	return false;
}

const struct lint_look lint_look_here = {variable, real, link_on, open_to_others};

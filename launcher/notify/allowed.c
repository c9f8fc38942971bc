#include "allowed.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "call.h"
#include "hear.h"
#include "owned.h"
#include "plan.h"

#define DEPTH_MAX 4096

static uint32_t planted_on(const struct plan *plan, const struct stat *st)
{
	uint32_t rights = 0;

	for (size_t i = 0; i < plan->placed_count; i++)
		if (plan->placed[i].ino == st->st_ino && plan->placed[i].dev == st->st_dev)
			rights |= plan->placed[i].rights;
	return rights & RIGHT_ALL;
}

/* The folder that FD, no folder itself, lies in. */
static int folder_of(int fd)
{
	char link[32], path[CALL_PATH];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	const ssize_t n = readlink(link, path, sizeof path - 1);
	if (n <= 0)
		return -1;
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return -1;
	slash[slash == path] = '\0';
	return open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

uint32_t allowed_rights(int fd)
{
	const struct plan *plan = hear_plan();
	struct stat st, above;
	OWNED_FD int at = -1;

	if (fstat(fd, &st) < 0)
		return 0;
	uint32_t rights = planted_on(plan, &st);
	at = S_ISDIR(st.st_mode) ? openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC) : folder_of(fd);
	for (int depth = 0; at >= 0 && depth < DEPTH_MAX && fstat(at, &above) == 0; depth++) {
		if (above.st_ino == st.st_ino && above.st_dev == st.st_dev)
			break;
		rights |= planted_on(plan, &above);
		st = above;
		const int next = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = next;
	}
	return rights | (rights & RIGHT_WRITE ? RIGHT_APPEND : 0);
}

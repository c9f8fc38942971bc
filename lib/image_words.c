/* The words that a policy and its image have for their bits, and what is a word for a host. */
#include <string.h>

#include "image.h"

const char *const image_root_name[ROOT_COUNT] = {
    "",
    "HOME",
    "PWD",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "TMPDIR",
    "CREDENTIALS_DIRECTORY",
};

const char *const image_right_name[] = {"read", "write", "append", "create", "exec", "ioctl", NULL};

const char *const image_promise_name[] = {"proc",  "tty",     "fattr",   "fattr-anywhere", "id",  "debug",
					  "sched", "sysvipc", "netlink", "watch",          "aio", NULL};

const char *const image_feature_name[] = {"landlock",     "truncate", "tcp",   "ioctl", "signal-scope",
					  "socket-scope", "view",     "audit", NULL};

const char *const image_limit_name[LIMIT_COUNT] = {
    "memory", "cpu", "wall", "processes", "files", "filesize", "core", "stack",
};

const char *const image_isolate_name[] = {"files", "processes", "ipc", "net", NULL};

int image_is_host(const char *name)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
	const char *p = name;
	size_t n;

	if (strlen(name) > HOST_MAX || strspn(name, known) != strlen(name))
		return 0;
	for (;; p += n + 1) {
		n = strcspn(p, ".");
		if (n == 0 || n > 63 || p[0] == '-' || p[n - 1] == '-')
			return 0;
		if (p[n] == '\0')
			break;
	}
	/* 127.1, 2130706433, 0x7f000001: resolvers take these for addresses. */
	return strspn(p, "0123456789") != n && !(p[0] == '0' && p[1] == 'x');
}

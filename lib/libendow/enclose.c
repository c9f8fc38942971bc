/* Giving up what is reached by name: a Landlock domain with no rule in it. */
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>

#include "endow.h"
#include "kernel.h"
#include "owned.h"

/* What the kernel has to know for each of them: all of it, or the call is refused. */
static const struct part {
	uint32_t what;
	int abi;
	struct k_landlock_ruleset handled;
} parts[] = {
    /* Devices' ioctl, of ABI 5, needs a device that was opened. */
    {ENDOW_NO_FILES, 3, {.handled_access_fs = (K_FS_TRUNCATE << 1) - 1}},
    {ENDOW_NO_TCP, 4, {.handled_access_net = K_NET_BIND_TCP | K_NET_CONNECT_TCP}},
    {ENDOW_NO_OTHERS, 6, {.scoped = K_SCOPE_ABSTRACT_UNIX_SOCKET | K_SCOPE_SIGNAL}},
};

int endow_enclose(uint32_t what)
{
	const int abi = k_landlock_abi();
	struct k_landlock_ruleset attr = {0};

	if (what == 0 || what & ~(uint32_t)(ENDOW_NO_FILES | ENDOW_NO_TCP | ENDOW_NO_OTHERS))
		return -EINVAL;
	/* A domain is a thread's, and those that run already would stay outside. */
	if (!__libc_single_threaded)
		return -EBUSY;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!(what & parts[i].what))
			continue;
		if (abi < parts[i].abi)
			return -EOPNOTSUPP;
		attr.handled_access_fs |= parts[i].handled.handled_access_fs;
		attr.handled_access_net |= parts[i].handled.handled_access_net;
		attr.scoped |= parts[i].handled.scoped;
	}
	/* Older kernels take a shorter one: what they don't know is 0 and last. */
	const size_t size =
	    attr.scoped ? sizeof attr : offsetof(struct k_landlock_ruleset, scoped) - (attr.handled_access_net ? 0 : 8);
	OWNED_FD int domain = k_landlock_create(&attr, size);
	if (domain < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || k_landlock_restrict(domain) < 0)
		return -errno;
	return 0;
}

#include "lend.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan.h"

static const struct plan *of;
static gid_t own_groups[1024];
static long own_count = -1;
static int death_signal;

void lend_prepare(const struct plan *plan)
{
	of = plan->switch_ids ? plan : NULL;
	if (of)
		own_count = syscall(SYS_getgroups, sizeof own_groups / sizeof *own_groups, own_groups);
}

/*
 * The kernel's own calls: libc's would tell all threads. What is saved stays root's, which is the way back. A change of ids
 * makes the kernel forget which signal the end of the parent brings.
 */
static int back(void)
{
	if (syscall(SYS_setresuid, -1, 0, -1) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0 ||
	    syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setgroups, own_count, own_groups) < 0 ||
	    prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int lend_begin(void)
{
	if (!of)
		return 0;
	if (own_count < 0 || prctl(PR_GET_PDEATHSIG, &death_signal, 0, 0, 0) < 0)
		return -EPERM;
	if (syscall(SYS_setgroups, of->group_count, of->groups) == 0 && syscall(SYS_setresgid, of->gid, of->gid, 0) == 0 &&
	    syscall(SYS_setresuid, of->uid, of->uid, 0) == 0)
		return 0;
	const int code = errno;
	lend_end();
	return -code;
}

void lend_end(void)
{
	if (of && back() < 0)
		abort();
}

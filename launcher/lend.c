#include "lend.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plan.h"

static const struct plan *of;
static gid_t own_groups[1024];
static long own_count = -1;
static int death_signal;
static uint64_t kept; /* bits 1 << CAP_x */
static struct caps {
	uint32_t effective, permitted, inheritable;
} own_caps[2];
static int is_bare;

static struct {
	uint32_t version;
	int pid;
} caps_header = {.version = 0x20080522}; /* the third, of 64 bits */

void lend_prepare(const struct plan *plan)
{
	of = plan->switch_ids ? plan : NULL;
	kept = plan->policy->image.h->keep_caps;
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

/* A change of ids has taken them away already. */
int lend_bare_begin(void)
{
	struct caps fewer[2];

	if (of)
		return lend_begin();
	if (syscall(SYS_capget, &caps_header, own_caps) < 0)
		return -errno;
	is_bare = 0;
	for (int i = 0; i < 2; i++) {
		fewer[i] = own_caps[i];
		fewer[i].effective &= (uint32_t)(kept >> (32 * i));
		is_bare |= fewer[i].effective != own_caps[i].effective;
	}
	return is_bare && syscall(SYS_capset, &caps_header, fewer) < 0 ? -errno : 0;
}

void lend_bare_end(void)
{
	if (of)
		lend_end();
	else if (is_bare && syscall(SYS_capset, &caps_header, own_caps) < 0)
		abort();
}

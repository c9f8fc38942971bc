/* Attempts on the machine itself. Bare they need capabilities; arguments are such that success changes nothing. */
#include <sched.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>

#include "tries_util.h"

static int mount_tmpfs(const struct try_targets *t)
{
	if (syscall(SYS_mount, "endow-try", t->dir, "tmpfs", 0L, NULL) < 0)
		return -errno;
	umount2(t->dir, MNT_DETACH);
	return 0;
}

static int unmount(const struct try_targets *t)
{
	return try_reached(syscall(SYS_umount2, t->dir, 0)); /* not a mount: EINVAL */
}

static int open_fs(const struct try_targets *t)
{
	(void)t;
	OWNED_FD int fd = (int)syscall(SYS_fsopen, "tmpfs", 1u);
	return fd < 0 ? -errno : 0;
}

static int clone_tree(const struct try_targets *t)
{
	OWNED_FD int fd = (int)syscall(SYS_open_tree, AT_FDCWD, t->dir, ABI_OPEN_TREE_CLONE | O_CLOEXEC);

	return fd < 0 ? -errno : 0;
}

static int tree_attr(const struct try_targets *t)
{
	OWNED_FD int fd = (int)syscall(SYS_open_tree_attr, AT_FDCWD, t->dir, ABI_OPEN_TREE_CLONE | O_CLOEXEC, NULL, 0L);

	return fd < 0 ? -errno : 0;
}

static int tree_move(const struct try_targets *t)
{
	return try_reached(syscall(SYS_move_mount, AT_FDCWD, t->dir, AT_FDCWD, t->dir, 0)); /* not a mount: EINVAL */
}

static int mount_attr(const struct try_targets *t)
{
	uint64_t attr[4] = {0};

	return try_reached(syscall(SYS_mount_setattr, AT_FDCWD, t->dir, 0, attr, sizeof attr));
}

static int root_pivot(const struct try_targets *t)
{
	return try_reached(syscall(SYS_pivot_root, t->dir, t->dir)); /* not a mount: EINVAL */
}

static int root_change(const struct try_targets *t)
{
	return try_outcome(syscall(SYS_chroot, t->dir));
}

static int join(const struct try_targets *t, const char *kind, int flag)
{
	char path[64];

	if (t->victim <= 0)
		return TRY_MOOT;
	snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)t->victim, kind);
	OWNED_FD int fd = try_open(path, O_RDONLY);
	return fd < 0 ? -errno : try_outcome(syscall(SYS_setns, fd, flag));
}

static int join_net(const struct try_targets *t)
{
	return join(t, "net", CLONE_NEWNET);
}

static int join_mounts(const struct try_targets *t)
{
	return join(t, "mnt", CLONE_NEWNS);
}

static int join_user(const struct try_targets *t)
{
	return join(t, "user", CLONE_NEWUSER);
}

static int join_pidfd(const struct try_targets *t)
{
	if (t->victim <= 0)
		return TRY_MOOT;
	OWNED_FD int fd = (int)syscall(SYS_pidfd_open, t->victim, 0);
	return fd < 0 ? -errno : try_outcome(syscall(SYS_setns, fd, CLONE_NEWNET | CLONE_NEWUTS));
}

static int unshare_mounts(const struct try_targets *t)
{
	(void)t;
	return try_outcome(syscall(SYS_unshare, CLONE_NEWNS));
}

static int set_time(const struct try_targets *t)
{
	struct timespec now;

	(void)t;
	clock_gettime(CLOCK_REALTIME, &now);
	return try_outcome(syscall(SYS_clock_settime, CLOCK_REALTIME, &now));
}

static int set_day(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_settimeofday, NULL, &(struct timezone){9999, 0})); /* no such zone: EINVAL */
}

static int adjust_time(const struct try_targets *t)
{
	struct timex adjust = {0};

	(void)t;
	if (syscall(SYS_adjtimex, &adjust) < 0)
		return -errno;
	adjust.modes = ADJ_TICK;
	return try_outcome(syscall(SYS_adjtimex, &adjust));
}

static int host_name(const struct try_targets *t)
{
	struct utsname name;

	(void)t;
	if (uname(&name) < 0)
		return -errno;
	return try_outcome(syscall(SYS_sethostname, name.nodename, strlen(name.nodename)));
}

static int domain_name(const struct try_targets *t)
{
	struct utsname name;

	(void)t;
	if (uname(&name) < 0)
		return -errno;
	return try_outcome(syscall(SYS_setdomainname, name.domainname, strlen(name.domainname)));
}

static int swap(const struct try_targets *t)
{
	char path[TRY_PATH_MAX];

	return try_reached(syscall(SYS_swapon, try_path(t, TRY_FILE, path), 0)); /* no signature: EINVAL */
}

static int accounting(const struct try_targets *t)
{
	return try_reached(syscall(SYS_acct, t->dir)); /* a directory: EISDIR */
}

static int quota(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_quotactl, 0x80000400u /* Q_GETFMT, of users */, "/endow-try-absent", 0, NULL));
}

static int kernel_log(const struct try_targets *t)
{
	char text[64];

	(void)t;
	return try_outcome(syscall(SYS_syslog, 3, text, sizeof text));
}

static int module_load(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_init_module, NULL, 0L, ""));
}

static int module_load_file(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_finit_module, -1, "", 0));
}

static int module_unload(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_delete_module, "endow_try_absent", O_NONBLOCK));
}

static int kexec(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_kexec_load, 0L, 0L, NULL, 0x8000L)); /* a flag there is not: EINVAL */
}

static int restart(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_reboot, 0, 0, 0, NULL)); /* no magic: EINVAL */
}

static int io_ports(const struct try_targets *t)
{
	(void)t;
#ifdef SYS_iopl
	return try_outcome(syscall(SYS_iopl, 3));
#else
	return TRY_MOOT;
#endif
}

static int io_port(const struct try_targets *t)
{
	(void)t;
#ifdef SYS_ioperm
	return try_outcome(syscall(SYS_ioperm, 0x80L, 1L, 1));
#else
	return TRY_MOOT;
#endif
}

static int raise_limit(const struct try_targets *t)
{
	uint64_t limit[2];

	(void)t;
	if (syscall(SYS_prlimit64, 0, RLIMIT_RTPRIO, NULL, limit) < 0)
		return -errno;
	limit[1]++;
	if (syscall(SYS_prlimit64, 0, RLIMIT_RTPRIO, limit, NULL) < 0)
		return -errno;
	limit[1]--;
	return try_outcome(syscall(SYS_prlimit64, 0, RLIMIT_RTPRIO, limit, NULL));
}

#define NEEDS(id, call, cap, more, text)                                                                                    \
	{                                                                                                                   \
		.name = id, .layer = "seccomp", .fn = call, .flags = TRY_PRIVILEGED | (more), .allowed_caps = ABI_CAP(cap), \
		.what = text                                                                                                \
	}

const struct try tries_system[] = {
    NEEDS("mount", mount_tmpfs, SYS_ADMIN, 0, "file systems can be mounted"),
    NEEDS("umount", unmount, SYS_ADMIN, 0, "file systems can be unmounted"),
    NEEDS("fsopen", open_fs, SYS_ADMIN, 0, "file systems can be mounted by fsopen"),
    NEEDS("open-tree", clone_tree, SYS_ADMIN, 0, "mounts can be copied by open_tree"),
    NEEDS("open-tree-attr", tree_attr, SYS_ADMIN, TRY_SYSTEM, "mounts can be copied by open_tree_attr"),
    NEEDS("move-mount", tree_move, SYS_ADMIN, 0, "mounts can be moved"),
    NEEDS("mount-setattr", mount_attr, SYS_ADMIN, TRY_SYSTEM, "mounts can be changed"),
    NEEDS("pivot-root", root_pivot, SYS_ADMIN, 0, "the root can be changed by pivot_root"),
    NEEDS("chroot", root_change, SYS_CHROOT, TRY_SPOILS, "the root can be changed by chroot"),
    NEEDS("setns-net", join_net, SYS_ADMIN, TRY_SPOILS, "another process's network can be joined"),
    NEEDS("setns-mnt", join_mounts, SYS_ADMIN, TRY_SPOILS, "another process's mounts can be joined"),
    NEEDS("setns-user", join_user, SYS_ADMIN, TRY_SPOILS | TRY_SYSTEM, "another process's user namespace can be joined"),
    NEEDS("setns-pidfd", join_pidfd, SYS_ADMIN, TRY_SPOILS, "another process's namespaces can be joined by pidfd"),
    NEEDS("unshare-mnt", unshare_mounts, SYS_ADMIN, TRY_SPOILS, "a mount namespace can be had"),
    NEEDS("clock-settime", set_time, SYS_TIME, 0, "the clock can be set"),
    NEEDS("settimeofday", set_day, SYS_TIME, 0, "the kernel's time zone can be set"),
    NEEDS("adjtimex", adjust_time, SYS_TIME, 0, "the clock's rate can be changed"),
    NEEDS("sethostname", host_name, SYS_ADMIN, 0, "the host's name can be changed"),
    NEEDS("setdomainname", domain_name, SYS_ADMIN, 0, "the host's domain can be changed"),
    NEEDS("swapon", swap, SYS_ADMIN, 0, "swap space can be added"),
    NEEDS("acct", accounting, SYS_PACCT, TRY_SYSTEM, "process accounting can be pointed elsewhere"),
    {.name = "quotactl",
     .layer = "seccomp",
     .fn = quota,
     .flags = TRY_SYSTEM,
     .allowed_caps = ABI_CAP(SYS_ADMIN),
     .what = "quotas can be used"},
    {.name = "syslog",
     .layer = "seccomp",
     .fn = kernel_log,
     .flags = TRY_SYSTEM,
     .allowed_caps = ABI_CAP(SYSLOG),
     .what = "the kernel's log can be read"},
    NEEDS("init-module", module_load, SYS_MODULE, TRY_SYSTEM, "kernel modules can be loaded"),
    NEEDS("finit-module", module_load_file, SYS_MODULE, TRY_SYSTEM, "kernel modules can be loaded from a file"),
    NEEDS("delete-module", module_unload, SYS_MODULE, TRY_SYSTEM, "kernel modules can be removed"),
    NEEDS("kexec", kexec, SYS_BOOT, TRY_SYSTEM, "another kernel can be started"),
    NEEDS("reboot", restart, SYS_BOOT, 0, "the machine can be restarted"),
    NEEDS("iopl", io_ports, SYS_RAWIO, TRY_SYSTEM | TRY_SPOILS, "every I/O port can be used"),
    NEEDS("ioperm", io_port, SYS_RAWIO, TRY_SYSTEM | TRY_SPOILS, "I/O ports can be used"),
    NEEDS("raise-limit", raise_limit, SYS_RESOURCE, TRY_SYSTEM, "hard limits can be raised"),
    {0},
};

#include "filter_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../../policy/calls.h"
#include "image.h"

/* clang-format off */
#define YES(families, call, ...) {ROW_PLAIN, 0, families, 0, S(call), #call, {__VA_ARGS__}, __LINE__}
#define NO(families, error, call, ...) {ROW_PLAIN, 0, families, error, S(call), #call, {__VA_ARGS__}, __LINE__}
#define NO_NR(families, error, call, ...) {ROW_PLAIN, 0, families, error, __NR_##call, #call, {__VA_ARGS__}, __LINE__}
#define YES_NR(families, call, ...) {ROW_PLAIN, 0, families, 0, __NR_##call, #call, {__VA_ARGS__}, __LINE__}
#define NEEDS(fam, families, error, call, ...) {ROW_NEEDS, fam, families, error, S(call), #call, {__VA_ARGS__}, __LINE__}
#define NEEDS_NR(fam, families, error, call, ...) {ROW_NEEDS, fam, families, error, __NR_##call, #call, {__VA_ARGS__}, __LINE__}
#define FORBIDS(fam, families, error, call, ...) {ROW_FORBIDS, fam, families, error, S(call), #call, {__VA_ARGS__}, __LINE__}

#define TELLS(fam, families, error, call, ...) {ROW_TELLS, fam, families, error, S(call), #call, {__VA_ARGS__}, __LINE__}
#define TOLD(families, call, ...) {ROW_PLAIN, 0, families, ROW_TOLD, S(call), #call, {__VA_ARGS__}, __LINE__}

#define JUNK 0xdeadbeef00000000u /* in the half of a register that the kernel doesn't look at */
#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | 0x1200000)
#define TCP FAM_TCP_CONNECT
#define ANY (FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY)
#define FASTOPEN 0x20000000
#define CLOEXEC_NONBLOCK (SOCK_CLOEXEC | SOCK_NONBLOCK)
#define NET (ANY | FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY | FAM_UDP | FAM_UNIX | FAM_NOTIFY | FAM_NETLINK)
#define EVERY FAM_ALL
#define PATHS FAM_BROKER_PATHS
#define HOSTS FAM_BROKER_NET
#define PEERS FAM_BROKER_UNIX
#define REPORT FAM_REPORT
#define APPEND FAM_APPEND_NAME
#define HIGH 0x100000000u /* a low half of 0 */

const struct filter_row filter_rows[] = {
	/* what every program may do */
	YES(0, read, 0), YES(0, write, 1), YES(0, openat, AT_FDCWD, 0, O_RDWR | O_CREAT),
	YES(0, open, 0, O_WRONLY | O_TRUNC), YES(0, openat2, 3), YES(0, creat, 0), YES(0, execve, 0),
	YES(0, mmap, 0, 4096, 7, 0x22), YES(0, mprotect, 0, 4096, 5), YES(0, futex, 0), YES(0, exit_group, 0),
	YES(0, rt_sigreturn, 0), YES(0, landlock_restrict_self, 0), YES(0, seccomp, 1), YES(0, close_range, 3),
	YES(0, getrandom, 0), YES(0, unlinkat, 3), YES(0, renameat2, 3), YES(0, copy_file_range, 3), YES(0, getxattr, 0),
	YES(0, wait4, 0), YES(0, set_mempolicy, 0), YES(0, faccessat2, 0), YES(0, rseq, 0), YES_NR(0, mseal, 0),
	YES_NR(0, futex_wait, 0), YES_NR(0, getxattrat, 0), YES_NR(0, file_getattr, 0),

	/* never, whatever is promised */
	NO(EVERY, EPERM, mount, 0), NO(EVERY, EPERM, umount2, 0), NO(EVERY, EPERM, pivot_root, 0),
	NO(EVERY, EPERM, chroot, 0), NO(EVERY, EPERM, open_tree, 0), NO(EVERY, EPERM, move_mount, 0),
	NO(EVERY, EPERM, fsopen, 0), NO(EVERY, EPERM, fsconfig, 0), NO(EVERY, EPERM, fsmount, 0),
	NO(EVERY, EPERM, fspick, 0), NO(EVERY, EPERM, mount_setattr, 0), NO_NR(EVERY, EPERM, open_tree_attr, 0),
	NO_NR(EVERY, ENOSYS, statmount, 0), NO_NR(EVERY, ENOSYS, listmount, 0), NO(EVERY, EPERM, setns, 0),
	NO(EVERY, EPERM, keyctl, 0), NO(EVERY, EPERM, add_key, 0), NO(EVERY, EPERM, request_key, 0),
	NO(EVERY, EPERM, bpf, 0), NO(EVERY, EPERM, perf_event_open, 0), NO(EVERY, EPERM, userfaultfd, 0),
	NO(EVERY, ENOSYS, io_uring_setup, 0), NO(EVERY, ENOSYS, io_uring_enter, 0), NO(EVERY, ENOSYS, io_uring_register, 0),
	NO(EVERY, EPERM, name_to_handle_at, 0), NO(EVERY, EPERM, open_by_handle_at, 0), NO(EVERY, EPERM, kexec_load, 0),
	NO(EVERY, EPERM, kexec_file_load, 0), NO(EVERY, EPERM, init_module, 0), NO(EVERY, EPERM, finit_module, 0),
	NO(EVERY, EPERM, delete_module, 0), NO(EVERY, EPERM, reboot, 0), NO(EVERY, EPERM, swapon, 0),
	NO(EVERY, EPERM, swapoff, 0), NO(EVERY, EPERM, acct, 0), NO(EVERY, EPERM, quotactl, 0),
	NO(EVERY, EPERM, quotactl_fd, 0), NO(EVERY, EPERM, settimeofday, 0), NO(EVERY, EPERM, clock_settime, 0),
	NO(EVERY, EPERM, adjtimex, 0), NO(EVERY, EPERM, clock_adjtime, 0), NO(EVERY, EPERM, iopl, 3),
	NO(EVERY, EPERM, ioperm, 0), NO(EVERY, EPERM, modify_ldt, 1), NO(EVERY, EPERM, lookup_dcookie, 0),
	NO(EVERY, EPERM, syslog, 0), NO(EVERY, EPERM, vhangup, 0), NO(EVERY, EPERM, process_mrelease, 0),
	NO(EVERY, EPERM, sethostname, 0), NO(EVERY, EPERM, setdomainname, 0), NO(EVERY, EPERM, memfd_secret, 0),
	NO(EVERY, EPERM, fanotify_init, 0), NO(EVERY, EPERM, fanotify_mark, 0), NO(EVERY, EPERM, migrate_pages, 0),
	NO(EVERY, EPERM, move_pages, 0), NO_NR(EVERY, EPERM, cachestat, 0), NO_NR(EVERY, EPERM, lsm_set_self_attr, 0),
	NO_NR(EVERY, EPERM, lsm_get_self_attr, 0), NO_NR(EVERY, EPERM, lsm_list_modules, 0),
	NO(EVERY, ENOSYS, clone3, 0, 88), NO(EVERY, ENOSYS, execveat, 3, 0, 0, 0, AT_EMPTY_PATH),
	NO(0, ENOSYS, execveat, 3),

	/* threads, processes, namespaces */
	YES(0, clone, THREAD), YES(0, clone, THREAD | JUNK), NO(0, ENOSYS, clone3, 0, 88), NO(0, EPERM, clone, SIGCHLD),
	NO(0, EPERM, clone, CLONE_VM | CLONE_VFORK | SIGCHLD), NO(0, EPERM, clone, THREAD | CLONE_NEWUSER),
	NO(0, EPERM, clone, THREAD | CLONE_NEWNS), NO(0, EPERM, clone, (THREAD & ~CLONE_THREAD)),
	NO(0, EPERM, clone, JUNK | SIGCHLD), NO(0, EPERM, clone, THREAD | CLONE_PARENT),
	NEEDS(FAM_PROC, 0, EPERM, clone, SIGCHLD), NEEDS(FAM_PROC, 0, EPERM, clone, CLONE_VM | CLONE_VFORK | SIGCHLD),
	NEEDS(FAM_PROC, 0, EPERM, fork, 0), NEEDS(FAM_PROC, 0, EPERM, vfork, 0), NEEDS(FAM_PROC, 0, EPERM, setsid, 0),
	NEEDS(FAM_PROC, 0, EPERM, setpgid, 0), NEEDS(FAM_PROC, 0, EPERM, pidfd_open, 1),
	NEEDS(FAM_PROC, 0, EPERM, pidfd_send_signal, 3), YES(EVERY, clone, THREAD),
	NO(EVERY, EPERM, clone, CLONE_NEWUSER | SIGCHLD), NO(EVERY, EPERM, clone, CLONE_NEWNS | SIGCHLD),
	NO(EVERY, EPERM, clone, CLONE_NEWPID | SIGCHLD), NO(EVERY, EPERM, clone, CLONE_NEWNET | SIGCHLD),
	NO(EVERY, EPERM, clone, CLONE_NEWIPC | SIGCHLD), NO(EVERY, EPERM, clone, CLONE_NEWUTS | SIGCHLD),
	NO(EVERY, EPERM, clone, CLONE_NEWCGROUP | SIGCHLD), NO(EVERY, EPERM, clone, 0x80 | SIGCHLD),
	NO(EVERY, EPERM, clone, CLONE_PARENT | SIGCHLD), NO(EVERY, EPERM, clone, JUNK | CLONE_NEWUSER | SIGCHLD),
	YES(0, unshare, 0), YES(0, unshare, CLONE_FILES), YES(0, unshare, CLONE_FS),
	YES(0, unshare, CLONE_FILES | CLONE_FS), NO(EVERY, EPERM, unshare, CLONE_NEWUSER),
	NO(EVERY, EPERM, unshare, CLONE_NEWNS | CLONE_FS), NO(EVERY, EPERM, unshare, 0x80),
	NO(EVERY, EPERM, unshare, CLONE_NEWNET), NO(EVERY, EPERM, unshare, CLONE_SYSVSEM),

	/* signals */
	YES(0, kill, ROW_SELF, SIGTERM), YES(0, kill, ROW_SELF | JUNK, SIGTERM), YES(0, tgkill, ROW_SELF, 4712, SIGTERM),
	YES(0, tkill, ROW_SELF, SIGABRT), YES(0, rt_sigqueueinfo, ROW_SELF, 1),
	YES(0, rt_tgsigqueueinfo, ROW_SELF, 4712, 1), NEEDS(FAM_PROC, 0, EPERM, kill, 1, SIGTERM),
	NEEDS(FAM_PROC, 0, EPERM, kill, 0, SIGTERM), NEEDS(FAM_PROC, 0, EPERM, kill, UINT64_MAX, SIGKILL),
	NEEDS(FAM_PROC, 0, EPERM, kill, 0xffffffffu, SIGKILL),
	NEEDS(FAM_PROC, 0, EPERM, kill, -(uint64_t)ROW_SELF, SIGKILL), NEEDS(FAM_PROC, 0, EPERM, tkill, 4712, SIGKILL),
	NEEDS(FAM_PROC, 0, EPERM, tgkill, 4712, 4712, SIGKILL),
	NEEDS(FAM_PROC, 0, EPERM, tgkill, UINT64_MAX, 4712, SIGKILL), NEEDS(FAM_PROC, 0, EPERM, rt_sigqueueinfo, 1, 1),
	NEEDS(FAM_PROC, 0, EPERM, rt_tgsigqueueinfo, 1, 1, 1), NO(0, EPERM, kill, FILTER_SELF, SIGTERM),
	YES(0, fcntl, 3, 8, 0), YES(0, fcntl, 3, 8, ROW_SELF), YES(0, fcntl, 3, 8, ROW_SELF | JUNK),
	NEEDS(FAM_PROC, 0, EPERM, fcntl, 3, 8, 1), NEEDS(FAM_PROC, 0, EPERM, fcntl, 3, 8 | JUNK, 1),
	NEEDS(FAM_PROC, 0, EPERM, fcntl, 3, 15), NEEDS(FAM_PROC, 0, EPERM, fcntl, 3, 8, -(uint64_t)ROW_SELF),

	/* other processes */
	YES(0, prlimit64, 0, 7), YES(0, prlimit64, ROW_SELF, 7), NEEDS(FAM_SCHED, 0, EPERM, prlimit64, 1, 7),
	YES(0, sched_setaffinity, 0), YES(0, sched_setaffinity, ROW_SELF), NEEDS(FAM_SCHED, 0, EPERM, sched_setaffinity, 1),
	YES(0, sched_setscheduler, 0), NEEDS(FAM_SCHED, 0, EPERM, sched_setscheduler, 1), YES(0, sched_setparam, 0),
	NEEDS(FAM_SCHED, 0, EPERM, sched_setparam, 1), YES(0, sched_setattr, 0),
	NEEDS(FAM_SCHED, 0, EPERM, sched_setattr, 1), YES(0, setpriority, 0, 0), YES(0, setpriority, 0, ROW_SELF),
	NEEDS(FAM_SCHED, 0, EPERM, setpriority, 0, 1), NEEDS(FAM_SCHED, 0, EPERM, setpriority, 1, 0),
	NEEDS(FAM_SCHED, 0, EPERM, setpriority, 2, 0), YES(0, getpriority, 0, 0),
	NEEDS(FAM_SCHED, 0, EPERM, getpriority, 2, 0), YES(0, ioprio_set, 1, 0), YES(0, ioprio_set, 1, ROW_SELF),
	NEEDS(FAM_SCHED, 0, EPERM, ioprio_set, 1, 1), NEEDS(FAM_SCHED, 0, EPERM, ioprio_set, 2, 0),
	YES(0, ioprio_get, 1, 0), NEEDS(FAM_SCHED, 0, EPERM, ioprio_get, 3, 0), NO(0, EPERM, prlimit64, 1 | JUNK, 7),
	NEEDS(FAM_DEBUG, 0, EPERM, ptrace, 0), NEEDS(FAM_DEBUG, 0, EPERM, process_vm_readv, 1),
	NEEDS(FAM_DEBUG, 0, EPERM, process_vm_writev, 1), NEEDS(FAM_DEBUG, 0, EPERM, kcmp, 1),
	NEEDS(FAM_DEBUG, 0, EPERM, pidfd_getfd, 3), NEEDS(FAM_DEBUG, 0, EPERM, process_madvise, 3),
	NEEDS(FAM_DEBUG, 0, EPERM, get_robust_list, 1), YES(0, personality, 0xffffffff), YES(0, personality, UINT64_MAX),
	NEEDS(FAM_DEBUG, 0, EPERM, personality, 0x40000), NO(EVERY, EPERM, personality, 0x400000),
	NO(EVERY, EPERM, personality, 0x440000), NO(EVERY, EPERM, personality, 8),
	NEEDS(FAM_DEBUG, 0, EPERM, prctl, 0x59616d61, 1),

	/* identity */
	NEEDS(FAM_ID, 0, EPERM, setuid, 0), NEEDS(FAM_ID, 0, EPERM, setgid, 0), NEEDS(FAM_ID, 0, EPERM, setreuid, 0),
	NEEDS(FAM_ID, 0, EPERM, setregid, 0), NEEDS(FAM_ID, 0, EPERM, setresuid, 0), NEEDS(FAM_ID, 0, EPERM, setresgid, 0),
	NEEDS(FAM_ID, 0, EPERM, setfsuid, 0), NEEDS(FAM_ID, 0, EPERM, setfsgid, 0), NEEDS(FAM_ID, 0, EPERM, setgroups, 0),
	NEEDS(FAM_ID, 0, EPERM, prctl, 8, 1), NEEDS(FAM_ID, 0, EPERM, prctl, 28, 1), YES(0, capset, 0),

	/* prctl() */
	YES(0, prctl, 1, 9), YES(0, prctl, 2), YES(0, prctl, 3), YES(0, prctl, 4, 0), YES(0, prctl, 15), YES(0, prctl, 16),
	YES(0, prctl, 21), YES(0, prctl, 22, 2), YES(0, prctl, 23, 1), YES(0, prctl, 24, 1), YES(0, prctl, 29),
	YES(0, prctl, 30), YES(0, prctl, 36, 1), YES(0, prctl, 38, 1), YES(0, prctl, 39), YES(0, prctl, 41),
	YES(0, prctl, 47, 1), YES(0, prctl, 52), YES(0, prctl, 55), YES(0, prctl, 65), YES(0, prctl, 7), YES(0, prctl, 13),
	YES(0, prctl, 27), YES(0, prctl, 40), YES(0, prctl, 56), YES(0, prctl, 66), YES(0, prctl, 74), YES(0, prctl, 76),
	YES(0, prctl, 75), YES(0, prctl, 0x53564d41), YES(0, prctl, 0x41555856), YES(0, prctl, 38 | JUNK, 1),
	NO(EVERY, EPERM, prctl, 35), NO(EVERY, EPERM, prctl, 35 | JUNK), NO(EVERY, EPERM, prctl, 0),
	NO(EVERY, EPERM, prctl, 26), NO(EVERY, EPERM, prctl, 33), NO(EVERY, EPERM, prctl, 53), NO(EVERY, EPERM, prctl, 57),
	NO(EVERY, EPERM, prctl, 59), NO(EVERY, EPERM, prctl, 62), NO(EVERY, EPERM, prctl, 67), NO(EVERY, EPERM, prctl, 31),
	NO(EVERY, EPERM, prctl, 0x53564d40), NO(EVERY, EPERM, prctl, 1000),

	/* memory that could become a program; devices */
	YES(0, memfd_create, 0, 8), YES(0, memfd_create, 0, 9), YES(0, memfd_create, 0, 8 | JUNK),
	NO(EVERY, EACCES, memfd_create, 0, 0), NO(EVERY, EACCES, memfd_create, 0, 1),
	NO(EVERY, EACCES, memfd_create, 0, 0x10), NO(EVERY, EACCES, memfd_create, 0, JUNK),
	YES(0, mknod, 0, S_IFIFO | 0600), YES(0, mknod, 0, S_IFREG | 0600), YES(0, mknod, 0, S_IFSOCK | 0600),
	YES(0, mknod, 0, 0600), YES(0, mknodat, 3, 0, S_IFIFO | 0600), NO(EVERY, EPERM, mknod, 0, S_IFCHR | 0600),
	NO(EVERY, EPERM, mknod, 0, S_IFBLK | 0600), NO(EVERY, EPERM, mknodat, 3, 0, S_IFCHR | 0600),
	NO(EVERY, EPERM, mknodat, 3, 0, S_IFBLK | JUNK),

	/* metadata */
	NEEDS(FAM_FATTR, 0, EPERM, chmod, 0, 0644), NEEDS(FAM_FATTR, 0, EPERM, fchmod, 3, 0755),
	NEEDS(FAM_FATTR, 0, EPERM, fchmodat, 3, 0, 01777), NEEDS_NR(FAM_FATTR, 0, EPERM, fchmodat2, 3, 0, 0644),
	NEEDS(FAM_FATTR, 0, EPERM, chown, 0), NEEDS(FAM_FATTR, 0, EPERM, fchown, 0), NEEDS(FAM_FATTR, 0, EPERM, lchown, 0),
	NEEDS(FAM_FATTR, 0, EPERM, fchownat, 0), NEEDS(FAM_FATTR, 0, EPERM, utime, 0),
	NEEDS(FAM_FATTR, 0, EPERM, utimes, 0), NEEDS(FAM_FATTR, 0, EPERM, utimensat, 0),
	NEEDS(FAM_FATTR, 0, EPERM, futimesat, 0), NEEDS(FAM_FATTR, 0, EPERM, setxattr, 0),
	NEEDS(FAM_FATTR, 0, EPERM, lsetxattr, 0), NEEDS(FAM_FATTR, 0, EPERM, fsetxattr, 0),
	NEEDS_NR(FAM_FATTR, 0, EPERM, setxattrat, 0), NEEDS(FAM_FATTR, 0, EPERM, removexattr, 0),
	NEEDS(FAM_FATTR, 0, EPERM, lremovexattr, 0), NEEDS(FAM_FATTR, 0, EPERM, fremovexattr, 0),
	NEEDS_NR(FAM_FATTR, 0, EPERM, removexattrat, 0), NEEDS_NR(FAM_FATTR, 0, EPERM, file_setattr, 0),
	NEEDS(FAM_FATTR_ANYWHERE, 0, EPERM, chmod, 0, 0644), NEEDS(FAM_FATTR_ANYWHERE, 0, EPERM, fsetxattr, 0),
	NO(EVERY, EPERM, chmod, 0, 04755), NO(EVERY, EPERM, chmod, 0, 02755), NO(EVERY, EPERM, fchmod, 3, 04755),
	NO(EVERY, EPERM, fchmodat, 3, 0, 04755), NO(EVERY, EPERM, fchmodat, 3, 0, 02755 | JUNK),
	NO_NR(EVERY, EPERM, fchmodat2, 3, 0, 04755), NO_NR(EVERY, EPERM, fchmodat2, 3, 0, 02755),
	NO(EVERY, EPERM, fchmod, 3, 02755),

	/* ioctl(): a command is 32 bits, whatever stands above */
	YES(0, ioctl, 0, 0x5401), YES(0, ioctl, 0, 0x5401 | JUNK), YES(0, ioctl, 0, 0x5413), YES(0, ioctl, 0, 0x540f),
	YES(0, ioctl, 0, 0x541b), YES(0, ioctl, 0, 0x5421), YES(0, ioctl, 0, 0x5450), YES(0, ioctl, 0, 0x5451),
	YES(0, ioctl, 0, 0x5452), YES(0, ioctl, 0, 0x5411), YES(0, ioctl, 0, 0x5429), YES(0, ioctl, 0, 0x802c542a),
	YES(0, ioctl, 0, 0x40049409), YES(0, ioctl, 0, 0x4020940d), YES(0, ioctl, 0, 0xc0502100),
	NO(0, EPERM, ioctl, 0, 0x5412), NO(0, EPERM, ioctl, 0, 0x5412 | JUNK), NO(0, EPERM, ioctl, 0, 0x541c),
	NO(EVERY, EPERM, ioctl, 0, 0x5412), NO(EVERY, EPERM, ioctl, 0, 0x5412 | JUNK),
	NO(EVERY, EPERM, ioctl, 0, 0x5412 | 1ull << 32), NO(EVERY, EPERM, ioctl, 0, 0x541c),
	NO(EVERY, EPERM, ioctl, 0, 0x541c | JUNK), NO(FAM_TTY, EPERM, ioctl, 0, 0x5412),
	NO(FAM_TTY, EPERM, ioctl, 0, 0x541c), NO(FAM_TTY, EPERM, ioctl, 0, 0x541d), NO(FAM_TTY, EPERM, ioctl, 0, 0x5423),
	NO(FAM_TTY, EPERM, ioctl, 0, 0x541f), NO(FAM_TTY, EPERM, ioctl, 0, 0x5437), YES(0, ioctl, 0, 0x5460),
	YES(0, ioctl, 0, 0x8905), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5417), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5418),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5424), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5427),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5428), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x80045432),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x80045438), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x80045439),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x80045440), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5402),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5403), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5404),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5409), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x540a),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x540b), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x540c),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x540e), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5410),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5414), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5422),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5425), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x402c542b),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x402c542d), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x80045430),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x40045431), NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5441),
	NEEDS(FAM_TTY, 0, EPERM, ioctl, 0, 0x5420), NEEDS(FAM_IOCTL, 0, EPERM, ioctl, 0, 0xae00),
	NEEDS(FAM_IOCTL, 0, EPERM, ioctl, 0, 0x5402), NEEDS(FAM_IOCTL, 0, EPERM, ioctl, 0, 0xffffffff),
	NEEDS(FAM_IOCTL, 0, EPERM, ioctl, 0, 0x80081272), NEEDS(FAM_IOCTL, 0, EPERM, ioctl, 0, 0xc0189436),
	YES(FAM_IOCTL, ioctl, 0, 0x40049409), YES(FAM_IOCTL, ioctl, 0, 0x4020940d), YES(FAM_IOCTL, ioctl, 0, 0x80086601),
	NO(FAM_IOCTL, EPERM, ioctl, 0, 0x5412), NO(FAM_IOCTL, EPERM, ioctl, 0, 0x541c | JUNK),
	NO(EVERY, EPERM, ioctl, 0, 0x5423), NO(FAM_IOCTL, EPERM, ioctl, 0, 0x8901), NO(FAM_IOCTL, EPERM, ioctl, 0, 0x8902),
	NEEDS(FAM_PROC, FAM_IOCTL, EPERM, ioctl, 0, 0x8901), NO(0, EPERM, ioctl, 0, 0x8901),
	NEEDS(FAM_FATTR, FAM_IOCTL, EPERM, ioctl, 0, 0x40086602),
	NEEDS(FAM_FATTR_ANYWHERE, FAM_IOCTL, EPERM, ioctl, 0, 0x401c5820),
	NEEDS(FAM_FATTR, FAM_IOCTL, EPERM, ioctl, 0, 0x800c6613), NEEDS(FAM_FATTR, FAM_IOCTL, EPERM, ioctl, 0, 0x40087602),
	NO(EVERY, EPERM, ioctl, 0, 0x50009401), NO(EVERY, EPERM, ioctl, 0, 0x5000940e),
	NO(EVERY, EPERM, ioctl, 0, 0x5000940f), NO(EVERY, EPERM, ioctl, 0, 0x50009417),
	NO(EVERY, EPERM, ioctl, 0, 0x50009418), NO(EVERY, EPERM, ioctl, 0, 0x4008941a),
	NO(EVERY, EPERM, ioctl, 0, 0x5000943f), NO(EVERY, EPERM, ioctl, 0, 0x9422), NO(EVERY, EPERM, ioctl, 0, 0x9440),
	NO(EVERY, EPERM, ioctl, 0, 0x94ff), NO(EVERY, EPERM, ioctl, 0, 0x4010bc10),
	FORBIDS(FAM_APPEND_FD, FAM_IOCTL, EPERM, ioctl, 0, 0x4030582a),
	FORBIDS(FAM_APPEND_NAME, FAM_IOCTL, EPERM, ioctl, 0, 0x40305839),
	FORBIDS(FAM_APPEND_FD, FAM_IOCTL | FAM_FATTR, EPERM, ioctl, 0, 0xc028660f),
	NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8910), NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8913),
	NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8915), NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8917),
	NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8919), NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x891b),
	NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8921), NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8927),
	NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8912), NEEDS(FAM_NETLINK, 0, EPERM, ioctl, 0, 0x8933),
	NO(0, EPERM, ioctl, 0, 0x8914), NO(FAM_NETLINK, EPERM, ioctl, 0, 0x8914), NO(FAM_NETLINK, EPERM, ioctl, 0, 0x89f0),

	/* append only */
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, open, 0, O_WRONLY), FORBIDS(FAM_APPEND_NAME, 0, EPERM, open, 0, O_RDWR),
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, open, 0, O_RDWR | O_APPEND),
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, open, 0, O_WRONLY | O_TRUNC),
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, open, 0, 3 | O_APPEND),
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, openat, 3, 0, O_WRONLY | O_CREAT, 0600),
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, openat, 3, 0, O_RDWR),
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, openat, 3, 0, O_WRONLY | JUNK), FORBIDS(FAM_APPEND_NAME, 0, ENOSYS, openat2, 3),
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, creat, 0), YES(FAM_APPEND_NAME, open, 0, O_RDONLY),
	YES(FAM_APPEND_NAME, open, 0, O_WRONLY | O_APPEND),
	YES(FAM_APPEND_NAME, openat, 3, 0, O_WRONLY | O_APPEND | O_CREAT, 0600),
	YES(FAM_APPEND_NAME, openat, 3, 0, O_RDONLY | O_DIRECTORY), YES(FAM_APPEND_NAME, openat, 3, 0, O_PATH),
	YES(FAM_APPEND_FD, open, 0, O_RDWR), FORBIDS(FAM_APPEND_NAME, 0, EPERM, fcntl, 3, F_SETFL, O_NONBLOCK),
	FORBIDS(FAM_APPEND_FD, 0, EPERM, fcntl, 3, F_SETFL, 0),
	FORBIDS(FAM_APPEND_FD, 0, EPERM, fcntl, 3, F_SETFL | JUNK, O_NONBLOCK | JUNK),
	YES(FAM_APPEND_FD, fcntl, 3, F_SETFL, O_APPEND | O_NONBLOCK), YES(FAM_APPEND_FD, fcntl, 3, F_GETFL),
	FORBIDS(FAM_APPEND_FD, 0, EPERM, pwritev2, 3, 0, 1, 0, 0, 0x20),
	FORBIDS(FAM_APPEND_NAME, 0, EPERM, pwritev2, 3, 0, 1, 0, 0, 0x21 | JUNK),
	YES(FAM_APPEND_FD, pwritev2, 3, 0, 1, 0, 0, 0x10), FORBIDS(FAM_APPEND_FD, 0, EPERM, fallocate, 3, 8),
	FORBIDS(FAM_APPEND_FD, 0, EPERM, fallocate, 3, 3), FORBIDS(FAM_APPEND_NAME, 0, EPERM, fallocate, 3, 0x10),
	YES(FAM_APPEND_FD, fallocate, 3, 0), YES(FAM_APPEND_FD, fallocate, 3, 1),
	FORBIDS(FAM_APPEND_FD, FAM_AIO, ENOSYS, io_setup, 1), FORBIDS(FAM_APPEND_NAME, FAM_AIO, EPERM, io_submit, 1),

	/* fcntl() */
	YES(0, fcntl, 3, 11), YES(0, fcntl, 3, 17), YES(0, fcntl, 3, 37), YES(0, fcntl, 3, 1028), YES(0, fcntl, 3, 1032),
	YES(0, fcntl, 3, 1039), YES(0, fcntl, 3, F_DUPFD), YES(0, fcntl, 3, F_SETFL, O_NONBLOCK),
	YES(0, fcntl, 3, F_SETLKW), YES(0, fcntl, 3, 10, 0), YES(0, fcntl, 3, 9), YES(0, fcntl, 3, 16),
	YES(0, fcntl, 3, 36), YES(0, fcntl, 3, 38), YES(0, fcntl, 3, 1030), YES(0, fcntl, 3, 1031), YES(0, fcntl, 3, 1033),
	YES(0, fcntl, 3, 1036), YES(0, fcntl, 3, 1027), YES(0, fcntl, 3, 1030 | JUNK),
	NEEDS(FAM_WATCH, 0, EPERM, fcntl, 3, 1024), NEEDS(FAM_WATCH, 0, EPERM, fcntl, 3, 1026),
	NO(EVERY, EPERM, fcntl, 3, 1040), NO(EVERY, EPERM, fcntl, 3, 12), NO(EVERY, EPERM, fcntl, 3, 2000),

	/* sockets */
	NO(0, EACCES, socket, AF_UNIX, SOCK_STREAM), NO(0, EACCES, socket, AF_INET, SOCK_STREAM),
	NO(0, EACCES, socket, AF_INET6, SOCK_DGRAM), NO(0, EACCES, socket, AF_NETLINK, SOCK_RAW), NO(0, EPERM, connect, 3),
	NO(0, EPERM, bind, 3), NO(0, EPERM, listen, 3), YES(0, accept4, 3), YES(0, recvmsg, 3), YES(0, shutdown, 3),
	YES(0, getsockopt, 3), YES(0, sendto, 3), YES(0, sendmsg, 3), YES(0, sendmmsg, 3),
	YES(0, socketpair, AF_UNIX, SOCK_STREAM | CLOEXEC_NONBLOCK), YES(0, socketpair, AF_UNIX, SOCK_SEQPACKET),
	NEEDS(FAM_UNIX, 0, EPERM, socketpair, AF_UNIX, SOCK_DGRAM),
	NEEDS(FAM_NOTIFY, 0, EPERM, socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC),
	NO(EVERY, EPERM, socketpair, AF_UNIX, SOCK_RAW), NO(EVERY, EPERM, socketpair, AF_INET, SOCK_STREAM),
	NEEDS(TCP, 0, EACCES, socket, AF_INET, SOCK_STREAM),
	NEEDS(TCP, 0, EACCES, socket, AF_INET6, SOCK_STREAM | CLOEXEC_NONBLOCK, 6), NEEDS(TCP, 0, EPERM, connect, 3),
	NEEDS(FAM_TCP_LISTEN, 0, EACCES, socket, AF_INET6, SOCK_STREAM), NEEDS(FAM_TCP_LISTEN, 0, EPERM, bind, 3),
	NEEDS(FAM_TCP_LISTEN, 0, EPERM, listen, 3), NO(FAM_TCP_LISTEN, EPERM, connect, 3), NO(TCP, EPERM, bind, 3),
	NO(TCP, EPERM, listen, 3), NO(ANY, EPERM, listen, 3), NO(TCP | FAM_UNIX, EPERM, listen, 3),
	NEEDS(FAM_UNIX, 0, EPERM, listen, 3), NEEDS(FAM_TCP_LISTEN, TCP | FAM_UNIX, EPERM, listen, 3),
	YES(FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, listen, 3), NO(NET, EACCES, socket, AF_INET, SOCK_STREAM, 262 /* MPTCP */),
	NO(NET, EACCES, socket, AF_INET6, SOCK_STREAM, 262), NO(NET, EACCES, socket, AF_INET, SOCK_STREAM, 132 /* SCTP */),
	NO(NET, EACCES, socket, AF_INET, SOCK_SEQPACKET, 132), NO(NET, EACCES, socket, AF_INET, SOCK_STREAM, 256 /* SMC */),
	NO(NET, EACCES, socket, 43 /* AF_SMC */, SOCK_STREAM), NO(NET, EACCES, socket, AF_INET, SOCK_RAW, 6),
	NO(NET, EACCES, socket, AF_INET, SOCK_DCCP, 33), NO(NET, EACCES, socket, AF_INET, 10, 6),
	NO(NET, EACCES, socket, AF_INET, SOCK_DGRAM, 1 /* ping */), NO(NET, EACCES, socket, AF_INET6, SOCK_DGRAM, 58),
	NO(NET, EACCES, socket, AF_INET, SOCK_DGRAM, 136 /* UDP-Lite */), NO(NET, EACCES, socket, AF_INET, SOCK_DGRAM, 262),
	NO(NET, EACCES, socket, AF_PACKET, SOCK_DGRAM), NO(NET, EACCES, socket, AF_PACKET, SOCK_RAW, 768),
	NO(NET, EACCES, socket, AF_VSOCK, SOCK_STREAM), NO(NET, EACCES, socket, AF_ALG, SOCK_SEQPACKET),
	NO(NET, EACCES, socket, AF_XDP, SOCK_RAW), NO(NET, EACCES, socket, AF_BLUETOOTH, SOCK_STREAM),
	NO(NET, EACCES, socket, AF_NETLINK, SOCK_RAW, 4 /* SOCK_DIAG */),
	NO(NET, EACCES, socket, AF_NETLINK, SOCK_RAW, 9 /* AUDIT */),
	NO(NET, EACCES, socket, AF_NETLINK, SOCK_DGRAM, 15 /* UEVENT */),
	NO(NET, EACCES, socket, AF_NETLINK, SOCK_DGRAM, 16), NO(NET, EACCES, socket, AF_KEY, SOCK_RAW),
	NO(NET, EACCES, socket, AF_TIPC, SOCK_STREAM), NO(NET, EACCES, socket, AF_RDS, SOCK_SEQPACKET),
	NO(NET, EACCES, socket, AF_INET | 4, SOCK_STREAM), NO(NET, EACCES, socket, AF_UNSPEC, SOCK_STREAM),
	NO(EVERY, EACCES, socket, AF_INET, SOCK_STREAM, 262 | JUNK),
	YES(TCP, socket, AF_INET | JUNK, SOCK_STREAM | JUNK, 6 | JUNK), NO(TCP, EACCES, socket, AF_INET, SOCK_DGRAM),
	NO(TCP, EACCES, socket, AF_UNIX, SOCK_STREAM), NEEDS(FAM_UDP, 0, EACCES, socket, AF_INET, SOCK_DGRAM),
	NEEDS(FAM_UDP, 0, EACCES, socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 17), NEEDS(FAM_UDP, 0, EPERM, connect, 3),
	NEEDS(FAM_UDP, 0, EPERM, bind, 3), NO(FAM_UDP, EPERM, listen, 3), NO(FAM_UDP, EACCES, socket, AF_INET, SOCK_STREAM),
	NEEDS(FAM_UNIX, 0, EACCES, socket, AF_UNIX, SOCK_STREAM), NEEDS(FAM_UNIX, 0, EACCES, socket, AF_UNIX, SOCK_DGRAM),
	NEEDS(FAM_UNIX, 0, EACCES, socket, AF_UNIX, SOCK_SEQPACKET), NEEDS(FAM_UNIX, 0, EPERM, connect, 3),
	NEEDS(FAM_UNIX, 0, EPERM, bind, 3), NEEDS(FAM_NOTIFY, 0, EACCES, socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC),
	NEEDS(FAM_NOTIFY, 0, EPERM, connect, 3), NO(FAM_NOTIFY, EACCES, socket, AF_UNIX, SOCK_STREAM),
	NO(FAM_NOTIFY, EACCES, socket, AF_UNIX, SOCK_RAW), NO(FAM_NOTIFY, EPERM, bind, 3), NO(FAM_NOTIFY, EPERM, listen, 3),
	NEEDS(FAM_NETLINK, 0, EACCES, socket, AF_NETLINK, SOCK_RAW, 0),
	NEEDS(FAM_NETLINK, 0, EACCES, socket, AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	NEEDS(FAM_NETLINK, 0, EPERM, bind, 3), NO(FAM_NETLINK, EPERM, connect, 3),
	NO(FAM_NETLINK, EACCES, socket, AF_NETLINK, SOCK_STREAM, 0),

	/* fast open connects */
	NO(0, EPERM, sendto, 3, 0, 1, FASTOPEN), NO(TCP, EPERM, sendto, 3, 0, 1, FASTOPEN),
	NO(TCP, EPERM, sendto, 3, 0, 1, FASTOPEN | JUNK | MSG_NOSIGNAL), NO(TCP, EPERM, sendmsg, 3, 0, FASTOPEN),
	NO(TCP, EPERM, sendmmsg, 3, 0, 1, FASTOPEN), NO(FAM_TCP_LISTEN, EPERM, sendto, 3, 0, 1, FASTOPEN),
	NO(FAM_UDP | FAM_UNIX | FAM_TCP_LISTEN, EPERM, sendmsg, 3, 0, FASTOPEN),
	YES(TCP, sendto, 3, 0, 1, MSG_NOSIGNAL | MSG_DONTWAIT), YES(TCP, sendmsg, 3, 0, MSG_NOSIGNAL),
	YES(TCP, sendmmsg, 3, 0, 1, JUNK | FASTOPEN >> 1),
	NEEDS(FAM_TCP_CONNECT_ANY, TCP, EPERM, sendto, 3, 0, 1, FASTOPEN),
	NEEDS(FAM_TCP_CONNECT_ANY, TCP, EPERM, sendmsg, 3, 0, FASTOPEN),
	NEEDS(FAM_TCP_CONNECT_ANY, TCP, EPERM, sendmmsg, 3, 0, 1, FASTOPEN),

	/* setsockopt(): what turns TCP into something else */
	NO(EVERY, EPERM, setsockopt, 3, 6, 31), NO(EVERY, EPERM, setsockopt, 3, 6 | JUNK, 31 | JUNK),
	NO(EVERY, EPERM, setsockopt, 3, 6, 40), YES(0, setsockopt, 3, 6, 1), YES(0, setsockopt, 3, 6, 15),
	YES(0, setsockopt, 3, 6, 16), YES(0, setsockopt, 3, 6, 23), YES(0, setsockopt, 3, 6, 24),
	YES(0, setsockopt, 3, 6, 28), YES(0, setsockopt, 3, 6, 30), YES(0, setsockopt, 3, 6, 32),
	YES(0, setsockopt, 3, 6, 37), YES(0, setsockopt, 3, 1, 2), YES(0, setsockopt, 3, 0, 1),
	YES(0, setsockopt, 3, 41, 26), YES(0, setsockopt, 3, 17, 103), NO(EVERY, EPERM, setsockopt, 3, 279, 1),
	NO(EVERY, EPERM, setsockopt, 3, 284, 1), NO(EVERY, EPERM, setsockopt, 3, 282, 1),
	NEEDS(FAM_NETLINK, 0, EPERM, setsockopt, 3, 270, 1),

	/* the rest of the promises */
	NEEDS(FAM_SYSVIPC, 0, EPERM, shmget, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, shmat, 0),
	NEEDS(FAM_SYSVIPC, 0, EPERM, shmdt, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, shmctl, 0),
	NEEDS(FAM_SYSVIPC, 0, EPERM, semget, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, semop, 0),
	NEEDS(FAM_SYSVIPC, 0, EPERM, semctl, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, semtimedop, 0),
	NEEDS(FAM_SYSVIPC, 0, EPERM, msgget, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, msgsnd, 0),
	NEEDS(FAM_SYSVIPC, 0, EPERM, msgrcv, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, msgctl, 0),
	NEEDS(FAM_SYSVIPC, 0, EPERM, mq_open, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, mq_unlink, 0),
	NEEDS(FAM_SYSVIPC, 0, EPERM, mq_timedsend, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, mq_timedreceive, 0),
	NEEDS(FAM_SYSVIPC, 0, EPERM, mq_notify, 0), NEEDS(FAM_SYSVIPC, 0, EPERM, mq_getsetattr, 0),
	NEEDS(FAM_WATCH, 0, EPERM, inotify_init, 0), NEEDS(FAM_WATCH, 0, EPERM, inotify_init1, 0),
	NEEDS(FAM_WATCH, 0, EPERM, inotify_add_watch, 0), NEEDS(FAM_WATCH, 0, EPERM, inotify_rm_watch, 0),
	NEEDS(FAM_AIO, 0, ENOSYS, io_setup, 1), NEEDS(FAM_AIO, 0, EPERM, io_submit, 1),
	NEEDS(FAM_AIO, 0, EPERM, io_getevents, 1), NEEDS(FAM_AIO, 0, EPERM, io_destroy, 1),
	NEEDS(FAM_AIO, 0, EPERM, io_cancel, 1), NEEDS(FAM_AIO, 0, EPERM, io_pgetevents, 1),

	/* paths, of which the supervisor is told */
	TELLS(PATHS, 0, 0, open, 0, O_RDONLY), TELLS(PATHS, 0, 0, open, 0, O_RDWR | O_CREAT | O_TRUNC),
	TELLS(PATHS, 0, 0, openat, AT_FDCWD, 0, O_RDONLY | O_DIRECTORY), TELLS(PATHS, 0, 0, openat, 5, 0, O_WRONLY | JUNK),
	YES(PATHS, open, 0, O_PATH), YES(PATHS, openat, AT_FDCWD, 0, O_PATH | O_CLOEXEC), TELLS(PATHS, 0, 0, creat, 0),
	YES(PATHS, openat, AT_FDCWD, 0, O_PATH | JUNK), FORBIDS(PATHS, 0, ENOSYS, openat2, 3),
	FORBIDS(REPORT, 0, ENOSYS, openat2, 3), TELLS(PATHS, 0, 0, unlink, 0), TELLS(PATHS, 0, 0, unlinkat, 3),
	TELLS(PATHS, 0, 0, rmdir, 0), TELLS(PATHS, 0, 0, rename, 0), TELLS(PATHS, 0, 0, renameat, 3),
	TELLS(PATHS, 0, 0, renameat2, 3), TELLS(PATHS, 0, 0, mkdir, 0), TELLS(PATHS, 0, 0, mkdirat, 3),
	TELLS(PATHS, 0, 0, link, 0), TELLS(PATHS, 0, 0, linkat, 3), TELLS(PATHS, 0, 0, symlink, 0),
	TELLS(PATHS, 0, 0, symlinkat, 0), TELLS(PATHS, 0, 0, truncate, 0), YES(PATHS, ftruncate, 3), YES(PATHS, execve, 0),
	YES(PATHS, stat, 0), YES(PATHS, faccessat2, 0), YES(PATHS, mknod, 0, S_IFIFO | 0600), YES(PATHS, chdir, 0),
	TELLS(REPORT, 0, 0, open, 0, O_RDONLY), TELLS(REPORT, 0, 0, openat, 0, 0, O_RDWR), TELLS(REPORT, 0, 0, execve, 0),
	TELLS(REPORT, 0, 0, renameat2, 3), TELLS(REPORT, 0, 0, truncate, 0), YES(REPORT, openat, 0, 0, O_PATH),
	NO(REPORT, EPERM, connect, 3), NO(REPORT, EPERM, bind, 3), TELLS(REPORT, TCP, 0, connect, 3),
	TELLS(REPORT, FAM_UNIX, 0, bind, 3), NO(REPORT | TCP, EPERM, bind, 3), YES(REPORT | TCP, sendto, 3, 0, 1, 0, HIGH),
	/* and what is opened for writing is opened to append, told or not */
	TOLD(PATHS | APPEND, open, 0, O_RDONLY), TOLD(PATHS | APPEND, open, 0, O_WRONLY | O_APPEND),
	TOLD(PATHS | APPEND, openat, 3, 0, O_RDONLY), TOLD(PATHS | APPEND, openat, 3, 0, O_WRONLY | O_APPEND | O_CREAT),
	NO(PATHS | APPEND, EPERM, open, 0, O_RDWR), NO(PATHS | APPEND, EPERM, openat, 3, 0, O_WRONLY),
	NO(PATHS | APPEND, EPERM, openat, 3, 0, O_RDWR | O_APPEND), NO(PATHS | APPEND, EPERM, creat, 0),
	NO(REPORT | APPEND, EPERM, openat, 3, 0, O_RDWR), YES(PATHS | APPEND, openat, 3, 0, O_PATH),

	/* hosts by name or address: sockets of TCP and UDP, and the supervisor connects and sends */
	NEEDS(HOSTS, 0, EACCES, socket, AF_INET, SOCK_STREAM), NEEDS(HOSTS, 0, EACCES, socket, AF_INET6, SOCK_STREAM, 6),
	NEEDS(HOSTS, 0, EACCES, socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC),
	NEEDS(HOSTS, 0, EACCES, socket, AF_INET6, SOCK_DGRAM, 17), NO(HOSTS, EACCES, socket, AF_INET, SOCK_RAW, 1),
	NO(HOSTS, EACCES, socket, AF_INET, SOCK_STREAM, 262), NO(HOSTS, EACCES, socket, AF_INET, SOCK_DGRAM, 1),
	NO(HOSTS, EACCES, socket, AF_UNIX, SOCK_STREAM), NO(HOSTS, EPERM, socketpair, AF_UNIX, SOCK_DGRAM),
	TELLS(HOSTS, 0, EPERM, connect, 3), TELLS(HOSTS, TCP, 0, connect, 3), TELLS(HOSTS, ANY, 0, connect, 3),
	TELLS(HOSTS, 0, EPERM, bind, 3), TELLS(HOSTS, FAM_TCP_LISTEN, 0, bind, 3), NO(HOSTS, EPERM, listen, 3),
	NO(HOSTS | TCP, EPERM, listen, 3), NO(HOSTS | FAM_UNIX, EPERM, listen, 3),
	TELLS(HOSTS, FAM_TCP_LISTEN, 0, listen, 3), TELLS(HOSTS, FAM_UNIX, 0, connect, 3),
	TELLS(HOSTS, 0, 0, sendto, 3, 0, 1, 0, 1), TELLS(HOSTS, 0, 0, sendto, 3, 0, 1, MSG_NOSIGNAL, 0x7ffd12345678),
	TELLS(HOSTS, 0, 0, sendto, 3, 0, 1, 0, HIGH), TELLS(HOSTS, 0, 0, sendto, 3, 0, 1, 0, 1ull << 63),
	TELLS(HOSTS, 0, 0, sendto, 3, 0, 1, 0, 0x7fff00000000), YES(HOSTS, sendto, 3, 0, 1, 0, 0),
	YES(HOSTS, sendto, 3, 0, 1, MSG_NOSIGNAL | JUNK, 0, 16), TELLS(HOSTS, ANY, 0, sendto, 3, 0, 1, 0, HIGH),
	TELLS(HOSTS, 0, 0, sendmsg, 3), TELLS(HOSTS, ANY, 0, sendmsg, 3), FORBIDS(HOSTS, 0, ENOSYS, sendmmsg, 3),
	FORBIDS(HOSTS, ANY, ENOSYS, sendmmsg, 3), FORBIDS(HOSTS, ANY, EPERM, sendto, 3, 0, 1, FASTOPEN),
	FORBIDS(HOSTS, ANY, EPERM, sendto, 3, 0, 1, FASTOPEN, 1), FORBIDS(HOSTS, ANY, EPERM, sendmsg, 3, 0, FASTOPEN),
	YES(HOSTS, write, 3), YES(HOSTS, recvmsg, 3), YES(HOSTS, accept4, 3),
	FORBIDS(HOSTS, ANY, EPERM, setsockopt, 3, 0, 4), FORBIDS(HOSTS, 0, EPERM, setsockopt, 3, 0 | JUNK, 4 | JUNK),
	FORBIDS(HOSTS, 0, EPERM, setsockopt, 3, 41, 57), FORBIDS(HOSTS, 0, EPERM, setsockopt, 3, 41, 5),
	FORBIDS(HOSTS, 0, EPERM, setsockopt, 3, 41, 6), FORBIDS(HOSTS, 0, EPERM, setsockopt, 3, 41, 32),
	YES(HOSTS, setsockopt, 3, 41, 26), YES(HOSTS, setsockopt, 3, 0, 1),
	YES(HOSTS, setsockopt, 3, 1, 4), YES(HOSTS, setsockopt, 3, 6, 4), YES(PEERS, setsockopt, 3, 0, 4),
	/* their names come from files that the supervisor makes */
	TELLS(HOSTS, 0, 0, open, 0, O_RDONLY), TELLS(HOSTS, 0, 0, openat, AT_FDCWD, 0, O_RDONLY | O_CLOEXEC),
	YES(HOSTS, open, 0, O_RDWR), YES(HOSTS, openat, 3, 0, O_WRONLY | O_CREAT), YES(HOSTS, openat, 3, 0, O_PATH),
	YES(HOSTS, unlink, 0), YES(HOSTS, openat2, 3), TOLD(HOSTS | PATHS, openat, 3, 0, O_RDWR),
	TOLD(HOSTS | APPEND, openat, 3, 0, O_RDONLY), NO(HOSTS | APPEND, EPERM, openat, 3, 0, O_RDWR),
	YES(HOSTS | APPEND, openat, 3, 0, O_WRONLY | O_APPEND),

	/* unix sockets by path */
	NEEDS(PEERS, 0, EACCES, socket, AF_UNIX, SOCK_STREAM), NEEDS(PEERS, 0, EACCES, socket, AF_UNIX, SOCK_DGRAM),
	NEEDS(PEERS, 0, EACCES, socket, AF_UNIX, SOCK_SEQPACKET), NEEDS(PEERS, 0, EPERM, socketpair, AF_UNIX, SOCK_DGRAM),
	NO(PEERS, EACCES, socket, AF_INET, SOCK_STREAM), NO(PEERS, EACCES, socket, AF_INET, SOCK_DGRAM),
	TELLS(PEERS, 0, EPERM, connect, 3), TELLS(PEERS, FAM_UNIX, 0, connect, 3), NO(PEERS, EPERM, bind, 3),
	NO(PEERS, EPERM, listen, 3), TELLS(PEERS, FAM_UNIX, 0, bind, 3), TELLS(PEERS, FAM_UNIX, 0, listen, 3),
	TELLS(PEERS, FAM_NETLINK, 0, bind, 3), TELLS(PEERS, FAM_NOTIFY, 0, connect, 3), TELLS(PEERS, 0, 0, sendmsg, 3),
	TELLS(PEERS, 0, 0, sendto, 3, 0, 1, 0, HIGH), YES(PEERS, sendto, 3, 0, 1, 0, 0),
	FORBIDS(PEERS, 0, ENOSYS, sendmmsg, 3), NO(PEERS, EPERM, sendto, 3, 0, 1, FASTOPEN), YES(PEERS, open, 0, O_RDONLY),
	NO(PEERS | TCP, EPERM, listen, 3), TELLS(PEERS, FAM_TCP_LISTEN, 0, listen, 3),
};
const size_t filter_rows_count = sizeof filter_rows / sizeof *filter_rows;

#include "calls.h"

#include "families.h"

/* clang-format off */

const int call_newer[] = {
	PROBES, __NR_cachestat, __NR_fchmodat2, __NR_map_shadow_stack, __NR_futex_wake, __NR_futex_wait, __NR_futex_requeue,
	__NR_statmount, __NR_listmount, __NR_lsm_get_self_attr, __NR_lsm_set_self_attr, __NR_lsm_list_modules, __NR_mseal,
	__NR_setxattrat, __NR_getxattrat, __NR_listxattrat, __NR_removexattrat, __NR_open_tree_attr, __NR_file_getattr,
	__NR_file_setattr,
};
const size_t call_newer_count = sizeof call_newer / sizeof *call_newer;

/* What a program of one process does to itself, to what it holds, and to the paths that Landlock judges. */
static const int base[] = {
	/* descriptors */
	S(read), S(write), S(readv), S(writev), S(pread64), S(pwrite64), S(preadv), S(pwritev), S(preadv2), S(close),
	S(close_range), S(lseek), S(dup), S(dup2), S(dup3), S(pipe), S(pipe2), S(fsync), S(fdatasync), S(sync), S(syncfs),
	S(sync_file_range), S(flock), S(ftruncate), S(fadvise64), S(readahead), S(sendfile), S(splice), S(tee), S(vmsplice),
	S(copy_file_range), S(getdents), S(getdents64), S(fstat), S(fstatfs), S(poll), S(ppoll), S(select), S(pselect6),
	S(epoll_create), S(epoll_create1), S(epoll_ctl), S(epoll_wait), S(epoll_pwait), S(epoll_pwait2), S(eventfd),
	S(eventfd2), S(signalfd), S(signalfd4), S(timerfd_create), S(timerfd_settime), S(timerfd_gettime),
	/* paths: Landlock's */
	S(stat), S(lstat), S(newfstatat), S(statx), S(statfs), S(access), S(faccessat), S(faccessat2), S(readlink),
	S(readlinkat), S(getcwd), S(chdir), S(fchdir), S(rename), S(renameat), S(renameat2), S(mkdir), S(mkdirat), S(rmdir),
	S(link), S(linkat), S(unlink), S(unlinkat), S(symlink), S(symlinkat), S(truncate), S(umask), S(execve), S(getxattr),
	S(lgetxattr), S(fgetxattr), __NR_getxattrat, S(listxattr), S(llistxattr), S(flistxattr), __NR_listxattrat,
	__NR_file_getattr,
	/* memory */
	S(mmap), S(mprotect), S(munmap), S(mremap), S(brk), S(msync), S(mincore), S(madvise), S(mlock), S(mlock2),
	S(munlock), S(mlockall), S(munlockall), S(pkey_alloc), S(pkey_free), S(pkey_mprotect), __NR_mseal,
	__NR_map_shadow_stack, S(membarrier), S(mbind), S(get_mempolicy), S(set_mempolicy), S(set_mempolicy_home_node),
	/* threads and signals of its own */
	S(futex), S(futex_waitv), __NR_futex_wake, __NR_futex_wait, __NR_futex_requeue, S(set_robust_list),
	S(set_tid_address), S(rseq), S(arch_prctl), S(exit), S(exit_group), S(restart_syscall), S(rt_sigaction),
	S(rt_sigprocmask), S(rt_sigreturn), S(rt_sigpending), S(rt_sigtimedwait), S(rt_sigsuspend), S(sigaltstack), S(pause),
	PROBES,
	/* time */
	S(time), S(gettimeofday), S(clock_gettime), S(clock_getres), S(nanosleep), S(clock_nanosleep), S(alarm),
	S(getitimer), S(setitimer), S(timer_create), S(timer_settime), S(timer_gettime), S(timer_getoverrun),
	S(timer_delete), S(times),
	/* who and where it is */
	S(getpid), S(getppid), S(gettid), S(getuid), S(geteuid), S(getgid), S(getegid), S(getresuid), S(getresgid),
	S(getgroups), S(getpgid), S(getpgrp), S(getsid), S(capget), S(capset), S(uname), S(sysinfo), S(getcpu), S(getrandom),
	S(getrlimit), S(setrlimit), S(getrusage), S(wait4), S(waitid), S(sched_yield), S(sched_getaffinity),
	S(sched_getparam), S(sched_getscheduler), S(sched_getattr), S(sched_get_priority_max), S(sched_get_priority_min),
	S(sched_rr_get_interval),
	/* sockets that it holds; without a family it gets no new ones but stream pairs */
	S(recvfrom), S(recvmsg), S(recvmmsg), S(shutdown), S(accept), S(accept4), S(getsockopt), S(getsockname),
	S(getpeername),
	/* confining others */
	S(landlock_create_ruleset), S(landlock_add_rule), S(landlock_restrict_self), S(seccomp),
};

static const int proc[] = {
	S(fork), S(vfork), S(setpgid), S(setsid), S(kill), S(tkill), S(tgkill), S(rt_sigqueueinfo), S(rt_tgsigqueueinfo),
	S(pidfd_open), S(pidfd_send_signal),
};

static const int fattr[] = {
	S(chmod), S(fchmod), S(fchmodat), __NR_fchmodat2, S(chown), S(fchown), S(lchown), S(fchownat), S(utime), S(utimes),
	S(futimesat), S(utimensat), S(setxattr), S(lsetxattr), S(fsetxattr), __NR_setxattrat, S(removexattr),
	S(lremovexattr), S(fremovexattr), __NR_removexattrat, __NR_file_setattr,
};

static const int id[] = {
	S(setuid), S(setgid), S(setreuid), S(setregid), S(setresuid), S(setresgid), S(setfsuid), S(setfsgid), S(setgroups),
};

/* process_madvise() and kcmp() ask as ptrace() does, and so does Landlock of them. */
static const int debug[] = {
	S(ptrace), S(process_vm_readv), S(process_vm_writev), S(process_madvise), S(kcmp), S(pidfd_getfd),
	S(get_robust_list),
};

static const int sched[] = {
	S(sched_setaffinity), S(sched_setscheduler), S(sched_setparam), S(sched_setattr), S(getpriority), S(setpriority),
	S(ioprio_get), S(ioprio_set), S(prlimit64),
};

static const int sysvipc[] = {
	S(shmget), S(shmat), S(shmdt), S(shmctl), S(semget), S(semop), S(semtimedop), S(semctl), S(msgget), S(msgsnd),
	S(msgrcv), S(msgctl), S(mq_open), S(mq_unlink), S(mq_timedsend), S(mq_timedreceive), S(mq_notify), S(mq_getsetattr),
};

static const int watch[] = {S(inotify_init), S(inotify_init1), S(inotify_add_watch), S(inotify_rm_watch)};

static const int aio[] = {S(io_setup), S(io_destroy), S(io_submit), S(io_cancel), S(io_getevents), S(io_pgetevents)};

static const int sends[] = {S(sendto), S(sendmsg), S(sendmmsg)};
static const int connects[] = {S(connect)};
static const int binds[] = {S(bind)};
static const int listens[] = {S(listen)};

#define LIST(any, calls) {any, calls, sizeof(calls) / sizeof *(calls)}
const struct call_list call_lists[] = {
    LIST(0, base),
    LIST(FAM_PROC, proc),
    LIST(FAM_FATTRS, fattr),
    LIST(FAM_ID, id),
    LIST(FAM_DEBUG, debug),
    LIST(FAM_SCHED, sched),
    LIST(FAM_SYSVIPC, sysvipc),
    LIST(FAM_WATCH, watch),
    LIST(FAM_AIO, aio),
    LIST(FAM_TCP_CONNECT_ANY, sends),
    LIST(FAM_CONNECTS, connects),
    LIST(FAM_BINDS, binds),
    LIST(FAM_LISTENS, listens),
};
const size_t call_lists_count = sizeof call_lists / sizeof *call_lists;

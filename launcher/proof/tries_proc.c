/* Attempts on another process of the same user, outside the sandbox. */
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "tries_util.h"

/* SIGWINCH is ignored by whoever has not asked for it. */
#define HARMLESS SIGWINCH

#define WITH_VICTIM(t)                   \
	do {                             \
		if ((t)->victim <= 0)    \
			return TRY_MOOT; \
	} while (0)

static int kill_zero(const struct try_targets *t)
{
	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_kill, t->victim, 0));
}

static int kill_signal(const struct try_targets *t)
{
	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_kill, t->victim, HARMLESS));
}

static int kill_group(const struct try_targets *t)
{
	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_kill, -t->victim, HARMLESS));
}

static int kill_thread(const struct try_targets *t)
{
	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_tkill, t->victim, HARMLESS));
}

static int kill_thread_of(const struct try_targets *t)
{
	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_tgkill, t->victim, t->victim, HARMLESS));
}

static int queue_signal(const struct try_targets *t)
{
	siginfo_t info = {.si_signo = HARMLESS, .si_code = SI_QUEUE};

	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_rt_sigqueueinfo, t->victim, HARMLESS, &info));
}

static int queue_signal_thread(const struct try_targets *t)
{
	siginfo_t info = {.si_signo = HARMLESS, .si_code = SI_QUEUE};

	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_rt_tgsigqueueinfo, t->victim, t->victim, HARMLESS, &info));
}

static int open_victim(const struct try_targets *t)
{
	return (int)syscall(SYS_pidfd_open, t->victim, 0);
}

static int pidfd_signal(const struct try_targets *t)
{
	WITH_VICTIM(t);
	OWNED_FD int fd = open_victim(t);
	return fd < 0 ? -errno : try_outcome(syscall(SYS_pidfd_send_signal, fd, HARMLESS, NULL, 0));
}

struct hit {
	const volatile int *hits;
	int before;
};

static int was_hit(const void *arg)
{
	const struct hit *h = arg;

	return *h->hits != h->before;
}

/* The kernel sends SIGIO to whom the descriptor's owner is said to be. Whether it came is seen in memory shared with the
 * victim. */
static int owned_signal(const struct try_targets *t, int socket_ioctl)
{
	struct hit hit;
	int pair[2];

	WITH_VICTIM(t);
	if (!t->hits)
		return TRY_MOOT;
	hit = (struct hit){t->hits, *t->hits};
	if (syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	int victim = t->victim;
	long rc = socket_ioctl ? syscall(SYS_ioctl, pair[0], 0x8901ul, &victim) /* FIOSETOWN */
			       : syscall(SYS_fcntl, pair[0], F_SETOWN, victim);
	if (rc == 0)
		rc = syscall(SYS_fcntl, pair[0], F_SETFL, O_ASYNC);
	if (rc == 0 && write(pair[1], "x", 1) < 0)
		rc = -1;
	int code = rc < 0 ? -errno : try_wait(was_hit, &hit, 50) ? 0 : -EPERM;
	close(pair[0]);
	close(pair[1]);
	return code;
}

static int fcntl_owner(const struct try_targets *t)
{
	return owned_signal(t, 0);
}

static int ioctl_owner(const struct try_targets *t)
{
	return owned_signal(t, 1);
}

static int stopped(const void *arg)
{
	return waitpid(*(const pid_t *)arg, NULL, __WALL | WNOHANG) > 0;
}

static int trace(const struct try_targets *t, long how)
{
	WITH_VICTIM(t);
	if (syscall(SYS_ptrace, how, t->victim, 0L, 0L) < 0)
		return -errno;
	if (how == PTRACE_SEIZE)
		syscall(SYS_ptrace, (long)PTRACE_INTERRUPT, t->victim, 0L, 0L);
	try_wait(stopped, &t->victim, 200);
	syscall(SYS_ptrace, (long)PTRACE_DETACH, t->victim, 0L, 0L);
	return 0;
}

static int trace_attach(const struct try_targets *t)
{
	return trace(t, PTRACE_ATTACH);
}

static int trace_seize(const struct try_targets *t)
{
	return trace(t, PTRACE_SEIZE);
}

static int memory(const struct try_targets *t, long call)
{
	char text[sizeof TRY_SECRET_TEXT - 1];
	struct iovec here = {text, sizeof text};
	struct iovec there = {(void *)t->victim_addr, sizeof text}; /* NOLINT(performance-no-int-to-ptr) */

	WITH_VICTIM(t);
	if (!t->victim_addr)
		return TRY_MOOT;
	memcpy(text, TRY_SECRET_TEXT, sizeof text);
	return try_outcome(syscall(call, t->victim, &here, 1L, &there, 1L, 0L));
}

static int memory_read(const struct try_targets *t)
{
	return memory(t, SYS_process_vm_readv);
}

static int memory_write(const struct try_targets *t)
{
	return memory(t, SYS_process_vm_writev);
}

static int proc_file(const struct try_targets *t, const char *name, int flags)
{
	char path[64];

	WITH_VICTIM(t);
	snprintf(path, sizeof path, "/proc/%d/%s", (int)t->victim, name);
	OWNED_FD int fd = try_open(path, flags);
	return fd < 0 ? -errno : 0;
}

static int memory_file(const struct try_targets *t)
{
	return proc_file(t, "mem", O_RDWR);
}

static int environ_file(const struct try_targets *t)
{
	return proc_file(t, "environ", O_RDONLY);
}

static int maps_file(const struct try_targets *t)
{
	return proc_file(t, "maps", O_RDONLY);
}

static int oom_file(const struct try_targets *t)
{
	return proc_file(t, "oom_score_adj", O_WRONLY);
}

static int take_descriptor(const struct try_targets *t)
{
	WITH_VICTIM(t);
	if (t->victim_fd < 0)
		return TRY_MOOT;
	OWNED_FD int victim = open_victim(t);
	if (victim < 0)
		return -errno;
	OWNED_FD int fd = (int)syscall(SYS_pidfd_getfd, victim, t->victim_fd, 0);
	return fd < 0 ? -errno : try_reads_secret(fd);
}

static int compare(const struct try_targets *t)
{
	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_kcmp, getpid(), t->victim, 1 /* KCMP_VM */, 0L, 0L));
}

static int set_priority(const struct try_targets *t)
{
	WITH_VICTIM(t);
	errno = 0;
	long nice = 20 - syscall(SYS_getpriority, PRIO_PROCESS, t->victim); /* the call itself returns 1..40 */
	if (errno)
		return -errno;
	return try_outcome(syscall(SYS_setpriority, PRIO_PROCESS, t->victim, nice));
}

static int set_affinity(const struct try_targets *t)
{
	unsigned long mask[128] = {0};

	WITH_VICTIM(t);
	if (syscall(SYS_sched_getaffinity, t->victim, sizeof mask, mask) < 0)
		memset(mask, 0xff, sizeof mask);
	return try_outcome(syscall(SYS_sched_setaffinity, t->victim, sizeof mask, mask));
}

static int set_scheduler(const struct try_targets *t)
{
	struct sched_param param = {0};

	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_sched_setscheduler, t->victim, SCHED_OTHER, &param));
}

static int set_io_priority(const struct try_targets *t)
{
	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, t->victim, 0));
}

static int set_limit(const struct try_targets *t)
{
	uint64_t limit[2];

	WITH_VICTIM(t);
	if (syscall(SYS_prlimit64, t->victim, RLIMIT_CORE, NULL, limit) < 0)
		return -errno;
	return try_outcome(syscall(SYS_prlimit64, t->victim, RLIMIT_CORE, limit, NULL));
}

static int migrate(const struct try_targets *t)
{
	unsigned long node = 1;

	WITH_VICTIM(t);
	return try_outcome(syscall(SYS_migrate_pages, t->victim, sizeof node * 8, &node, &node));
}

static int advise(const struct try_targets *t)
{
	struct iovec there = {(void *)(t->victim_addr & ~(uintptr_t)4095), 4096}; /* NOLINT(performance-no-int-to-ptr) */

	WITH_VICTIM(t);
	OWNED_FD int fd = open_victim(t);
	return fd < 0 ? -errno : try_outcome(syscall(SYS_process_madvise, fd, &there, 1L, 20 /* MADV_COLD */, 0));
}

#define SIGNAL(id, call, text)                                                                   \
	{                                                                                        \
		.name = id, .layer = "landlock", .fn = call, .forgone_by = FEATURE_SIGNAL_SCOPE, \
		.what = "a process outside the sandbox can be signalled by " text                \
	}
#define TOUCH(id, by, call, family, more, text)                                           \
	{                                                                                 \
		.name = id, .layer = by, .fn = call, .allowed_by = family, .flags = more, \
		.what = "another process's " text                                         \
	}

const struct try tries_proc[] = {
    SIGNAL("kill-zero", kill_zero, "kill (signal 0)"),
    SIGNAL("kill", kill_signal, "kill"),
    SIGNAL("kill-group", kill_group, "its process group"),
    SIGNAL("tkill", kill_thread, "tkill"),
    SIGNAL("tgkill", kill_thread_of, "tgkill"),
    SIGNAL("sigqueue", queue_signal, "rt_sigqueueinfo"),
    SIGNAL("sigqueue-thread", queue_signal_thread, "rt_tgsigqueueinfo"),
    SIGNAL("pidfd-signal", pidfd_signal, "pidfd_send_signal"),
    SIGNAL("fcntl-owner", fcntl_owner, "a descriptor's owner (F_SETOWN)"),
    SIGNAL("ioctl-owner", ioctl_owner, "a descriptor's owner (FIOSETOWN)"),
    TOUCH("ptrace-attach", "seccomp", trace_attach, 0, 0, "execution can be taken over by ptrace (attach)"),
    TOUCH("ptrace-seize", "seccomp", trace_seize, 0, 0, "execution can be taken over by ptrace (seize)"),
    TOUCH("memory-read", "seccomp", memory_read, 0, 0, "memory can be read by process_vm_readv"),
    TOUCH("memory-write", "seccomp", memory_write, 0, 0, "memory can be written by process_vm_writev"),
    TOUCH("memory-file", "landlock", memory_file, 0, 0, "memory can be opened in /proc"),
    TOUCH("environ-file", "landlock", environ_file, 0, 0, "environment can be read in /proc"),
    TOUCH("maps-file", "landlock", maps_file, 0, 0, "memory layout can be read in /proc"),
    {.name = "oom-file",
     .layer = "landlock",
     .fn = oom_file,
     .allowed_rights = RIGHT_WRITE,
     .place = TRY_AT_PROC,
     .what = "another process's standing with the out-of-memory killer can be changed"},
    TOUCH("pidfd-getfd", "seccomp", take_descriptor, 0, 0, "descriptors can be copied"),
    TOUCH("kcmp", "seccomp", compare, 0, 0, "kernel objects can be compared with one's own"),
    TOUCH("setpriority-other", "seccomp", set_priority, FAM_SCHED, 0, "priority can be changed"),
    TOUCH("setaffinity-other", "seccomp", set_affinity, FAM_SCHED, 0, "processors can be changed"),
    TOUCH("setscheduler-other", "seccomp", set_scheduler, FAM_SCHED, 0, "scheduling can be changed"),
    TOUCH("ioprio-other", "seccomp", set_io_priority, FAM_SCHED, 0, "I/O priority can be changed"),
    TOUCH("prlimit-other", "seccomp", set_limit, FAM_SCHED, 0, "limits can be changed"),
    TOUCH("migrate-pages", "seccomp", migrate, 0, TRY_SYSTEM, "memory can be moved"),
    {.name = "process-madvise",
     .layer = "seccomp",
     .fn = advise,
     .flags = TRY_PRIVILEGED | TRY_SYSTEM,
     .allowed_caps = ABI_CAP(SYS_NICE),
     .what = "another process's memory can be pushed out"},
    {0},
};

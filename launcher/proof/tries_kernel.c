/* Attempts to use parts of the kernel that go round the boundary or widen what can be attacked. None needs privilege. */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include "tries_util.h"

static int io_uring(const struct try_targets *t)
{
	uint32_t params[30] = {0};

	(void)t;
	OWNED_FD int fd = (int)syscall(SYS_io_uring_setup, 1, params);
	return fd < 0 ? -errno : 0;
}

static int aio(const struct try_targets *t)
{
	unsigned long context = 0;

	(void)t;
	if (syscall(SYS_io_setup, 1, &context) < 0)
		return -errno;
	syscall(SYS_io_destroy, context);
	return 0;
}

static int bpf_map(const struct try_targets *t)
{
	uint32_t attr[32] = {2 /* array */, 4, 4, 1};

	(void)t;
	OWNED_FD int fd = (int)syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, attr, sizeof attr);
	return fd < 0 ? -errno : 0;
}

static int perf_event(const struct try_targets *t)
{
	/* software task clock, user space only */
	uint64_t attr[16] = {(uint64_t)128 << 32 | 1, 1, 0, 0, 0, 1u << 5 | 1u << 6};

	(void)t;
	OWNED_FD int fd = (int)syscall(SYS_perf_event_open, attr, 0, -1, -1, 0L);
	return fd < 0 ? -errno : 0;
}

static int fault_handler(const struct try_targets *t)
{
	(void)t;
	OWNED_FD int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | ABI_UFFD_USER_MODE_ONLY);
	return fd < 0 ? -errno : 0;
}

static int key_add(const struct try_targets *t)
{
	(void)t;
	return try_outcome(syscall(SYS_add_key, "user", "endow-try", "x", 1L, ABI_KEY_SPEC_PROCESS));
}

static int key_request(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_request_key, "user", "endow-try-absent", NULL, 0));
}

static int key_control(const struct try_targets *t)
{
	(void)t;
	return try_reached(syscall(SYS_keyctl, 0 /* GET_KEYRING_ID */, ABI_KEY_SPEC_SESSION, 0));
}

static int key_inherited(const struct try_targets *t)
{
	char text[16];

	if (t->key == 0)
		return TRY_MOOT;
	return try_outcome(syscall(SYS_keyctl, ABI_KEYCTL_READ, t->key, text, sizeof text));
}

static int unshare_user(const struct try_targets *t)
{
	(void)t;
	return try_outcome(syscall(SYS_unshare, CLONE_NEWUSER));
}

/* The new process leaves at once. */
static int spawn(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);

	if (pid < 0)
		return -errno;
	if (pid == 0)
		syscall(SYS_exit_group, 0);
	while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int fork_plain(const struct try_targets *t)
{
	(void)t;
	return spawn(0);
}

static int clone_user(const struct try_targets *t)
{
	(void)t;
	return spawn(CLONE_NEWUSER);
}

static int clone3_user(const struct try_targets *t)
{
	uint64_t args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};

	(void)t;
	long pid = syscall(SYS_clone3, args, sizeof args);
	if (pid < 0)
		return -errno;
	if (pid == 0)
		syscall(SYS_exit_group, 0);
	while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

#if defined(__x86_64__)
static sigjmp_buf without_gate;

static void no_gate(int signal)
{
	(void)signal;
	siglongjmp(without_gate, 1);
}

/* getpid by the 32-bit entry, which 64-bit code can use as well. A kernel without that entry faults. */
static int entry32(const struct try_targets *t)
{
	struct sigaction fault = {.sa_handler = no_gate}, old;
	volatile int code = TRY_MOOT;

	(void)t;
	sigaction(SIGSEGV, &fault, &old);
	if (sigsetjmp(without_gate, 1) == 0) {
		long rc;
		__asm__ volatile("int $0x80" : "=a"(rc) : "a"(20L) : "memory", "cc", "r8", "r9", "r10", "r11");
		code = (int)rc > 0 ? 0 : (int)rc;
	}
	sigaction(SIGSEGV, &old, NULL);
	return code;
}

static int entry_x32(const struct try_targets *t)
{
	(void)t;
	return try_outcome(syscall(0x40000000l | SYS_getpid));
}

static int local_descriptors(const struct try_targets *t)
{
	uint32_t entry[4] = {0, 0, 0, 0x28}; /* an empty one: nothing changes */

	(void)t;
	return try_reached(syscall(SYS_modify_ldt, 1, entry, sizeof entry));
}
#else
static int entry32(const struct try_targets *t)
{
	(void)t;
	return TRY_MOOT;
}
#define entry_x32 entry32
#define local_descriptors entry32
#endif

static int change_personality(const struct try_targets *t)
{
	(void)t;
	int old = (int)syscall(SYS_personality, 0xffffffffl);
	if (old < 0)
		return -errno;
	if (syscall(SYS_personality, (long)old | READ_IMPLIES_EXEC) < 0)
		return -errno;
	syscall(SYS_personality, (long)old);
	return 0;
}

static int attach_shm(int id)
{
	char *p = (char *)syscall(SYS_shmat, id, NULL, SHM_RDONLY);

	if (p == (char *)-1)
		return -errno;
	int same = memcmp(p, TRY_SECRET_TEXT, sizeof TRY_SECRET_TEXT - 1);
	syscall(SYS_shmdt, p);
	return same == 0 ? 0 : -ENODATA;
}

static int shm_by_id(const struct try_targets *t)
{
	return t->shm_id < 0 ? TRY_MOOT : attach_shm(t->shm_id);
}

static int shm_by_key(const struct try_targets *t)
{
	if (t->shm_key == 0)
		return TRY_MOOT;
	int id = (int)syscall(SYS_shmget, t->shm_key, 0L, 0);
	return id < 0 ? -errno : attach_shm(id);
}

static int shm_create(const struct try_targets *t)
{
	(void)t;
	int id = (int)syscall(SYS_shmget, IPC_PRIVATE, 4096L, IPC_CREAT | 0600);
	if (id < 0)
		return -errno;
	syscall(SYS_shmctl, id, IPC_RMID, NULL);
	return 0;
}

static int sem_create(const struct try_targets *t)
{
	(void)t;
	int id = (int)syscall(SYS_semget, IPC_PRIVATE, 1, IPC_CREAT | 0600);
	if (id < 0)
		return -errno;
	syscall(SYS_semctl, id, 0, IPC_RMID, 0L);
	return 0;
}

static int msg_create(const struct try_targets *t)
{
	(void)t;
	int id = (int)syscall(SYS_msgget, IPC_PRIVATE, IPC_CREAT | 0600);
	if (id < 0)
		return -errno;
	syscall(SYS_msgctl, id, IPC_RMID, NULL);
	return 0;
}

static int queue_open(const struct try_targets *t)
{
	if (!*t->mq_name)
		return TRY_MOOT;
	OWNED_FD int fd = (int)syscall(SYS_mq_open, t->mq_name, O_RDWR | O_CLOEXEC | O_NONBLOCK, 0, NULL);
	return fd < 0 ? -errno : 0;
}

static int secret_memory(const struct try_targets *t)
{
	(void)t;
	OWNED_FD int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
	return fd < 0 ? -errno : 0;
}

static int mount_ids(const struct try_targets *t)
{
	struct {
		uint32_t size, fd;
		uint64_t id, param;
	} request = {24, 0, UINT64_MAX /* the root of this namespace */, 0};
	uint64_t list[8];

	(void)t;
	return try_reached(syscall(SYS_listmount, &request, list, 8L, 0));
}

#define PART(id, call, family, more, text)                                                                    \
	{                                                                                                     \
		.name = id, .layer = "seccomp", .fn = call, .allowed_by = family, .flags = more, .what = text \
	}

/* With the promise 'sysvipc' a namespace of its own has to keep them away. */
#define OTHERS(id, call, text)                                                                                       \
	{                                                                                                            \
		.name = id, .layer = "seccomp", .fn = call, .forgone_by = FEATURE_VIEW, .forgone_with = FAM_SYSVIPC, \
		.flags = TRY_SYSTEM, .what = text                                                                    \
	}

const struct try tries_kernel[] = {
    PART("io-uring", io_uring, 0, TRY_SYSTEM, "io_uring carries out system calls that no filter sees"),
    PART("aio", aio, FAM_AIO, 0, "asynchronous I/O contexts can be had"),
    {.name = "bpf",
     .layer = "seccomp",
     .fn = bpf_map,
     .flags = TRY_PRIVILEGED,
     .allowed_caps = 1ull << 39,
     .what = "BPF objects can be made"},
    PART("perf-event", perf_event, 0, TRY_SYSTEM, "performance events can be opened"),
    PART("userfaultfd", fault_handler, 0, TRY_SYSTEM, "page faults can be held up, which wins races in the kernel"),
    PART("add-key", key_add, 0, 0, "keys can be added to the kernel's keyrings"),
    PART("request-key", key_request, 0, 0, "keys can be asked for"),
    PART("keyctl", key_control, 0, 0, "the kernel's keyrings can be used"),
    PART("key-inherited", key_inherited, 0, 0, "a key of the session keyring can be read"),
    PART("fork", fork_plain, FAM_PROC, 0, "processes can be made without the promise 'proc'"),
    PART("unshare-user", unshare_user, 0, TRY_SPOILS | TRY_SYSTEM,
	 "a user namespace, and with it every capability, can be had by unshare"),
    PART("clone-user", clone_user, 0, TRY_SYSTEM, "a user namespace, and with it every capability, can be had by clone"),
    PART("clone3-user", clone3_user, 0, TRY_SYSTEM, "a user namespace, and with it every capability, can be had by clone3"),
    PART("entry-32bit", entry32, 0, TRY_KILLS | TRY_SYSTEM,
	 "system calls can be made by the 32-bit entry, under other numbers"),
    PART("entry-x32", entry_x32, 0, TRY_KILLS | TRY_SYSTEM, "system calls can be made by x32's numbers"),
    PART("modify-ldt", local_descriptors, 0, TRY_SYSTEM, "segment descriptors can be changed"),
    PART("personality", change_personality, 0, TRY_SYSTEM, "the personality can be changed, which weakens memory protection"),
    OTHERS("sysv-shm-id", shm_by_id, "other programs' System V shared memory can be attached by its id"),
    OTHERS("sysv-shm-key", shm_by_key, "other programs' System V shared memory can be found by its key"),
    PART("sysv-shm", shm_create, FAM_SYSVIPC, TRY_SYSTEM, "System V shared memory can be made"),
    PART("sysv-sem", sem_create, FAM_SYSVIPC, TRY_SYSTEM, "System V semaphores can be made"),
    PART("sysv-msg", msg_create, FAM_SYSVIPC, TRY_SYSTEM, "System V message queues can be made"),
    OTHERS("posix-mq", queue_open, "other programs' message queues can be opened"),
    PART("memfd-secret", secret_memory, 0, TRY_SYSTEM,
	 "memory can be hidden from the kernel, and is never given back under pressure"),
    PART("listmount", mount_ids, 0, TRY_SYSTEM, "the list of mounts can be read"),
    {0},
};

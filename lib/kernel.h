/*
 * kernel.h: what the kernel offers and this machine's headers may not know. Nothing here comes from linux/ headers, so that
 * the launcher builds against musl, which ships none, and against headers older than the kernel.
 */
#ifndef ENDOW_KERNEL_H
#define ENDOW_KERNEL_H

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* System calls with the same number on every architecture. */
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* openat2 */
struct k_open_how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};
_Static_assert(sizeof(struct k_open_how) == 24, "kernel");
#define K_RESOLVE_NO_MAGICLINKS 0x02u
#define K_RESOLVE_NO_SYMLINKS 0x04u
#define K_RESOLVE_BENEATH 0x08u
#define K_RESOLVE_IN_ROOT 0x10u

/* Landlock */
#define K_LANDLOCK_CREATE_RULESET_VERSION 1u
#define K_LANDLOCK_RULE_PATH_BENEATH 1
#define K_LANDLOCK_RULE_NET_PORT 2

#define K_FS_EXECUTE (1ull << 0)
#define K_FS_WRITE_FILE (1ull << 1)
#define K_FS_READ_FILE (1ull << 2)
#define K_FS_READ_DIR (1ull << 3)
#define K_FS_REMOVE_DIR (1ull << 4)
#define K_FS_REMOVE_FILE (1ull << 5)
#define K_FS_MAKE_CHAR (1ull << 6)
#define K_FS_MAKE_DIR (1ull << 7)
#define K_FS_MAKE_REG (1ull << 8)
#define K_FS_MAKE_SOCK (1ull << 9)
#define K_FS_MAKE_FIFO (1ull << 10)
#define K_FS_MAKE_BLOCK (1ull << 11)
#define K_FS_MAKE_SYM (1ull << 12)
#define K_FS_REFER (1ull << 13) /* ABI 2 */
#define K_FS_TRUNCATE (1ull << 14) /* ABI 3 */
#define K_FS_IOCTL_DEV (1ull << 15) /* ABI 5 */

#define K_NET_BIND_TCP (1ull << 0) /* ABI 4 */
#define K_NET_CONNECT_TCP (1ull << 1)

#define K_SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0) /* ABI 6 */
#define K_SCOPE_SIGNAL (1ull << 1)

struct k_landlock_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};
_Static_assert(sizeof(struct k_landlock_ruleset) == 24, "kernel");

struct k_landlock_path_beneath {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));
_Static_assert(sizeof(struct k_landlock_path_beneath) == 12, "kernel");

struct k_landlock_net_port {
	uint64_t allowed_access;
	uint64_t port;
};
_Static_assert(sizeof(struct k_landlock_net_port) == 16, "kernel");

/* sockets: a descriptor of the process at the other end; 6.5 */
#define K_SO_PEERPIDFD 77

/* seccomp */
#define K_SECCOMP_MODE_FILTER 2
struct k_sock_fprog {
	uint16_t len;
	const void *filter;
};

/* seccomp's notifications. With WAIT_KILLABLE_RECV (5.19) a signal does not cancel a call that was received. */
/* What a filter answers. */
#define K_SECCOMP_ALLOW 0x7fff0000u
#define K_SECCOMP_USER_NOTIF 0x7fc00000u
#define K_SECCOMP_ERRNO 0x00050000u
#define K_SECCOMP_SET_MODE_FILTER 1u
#define K_SECCOMP_GET_NOTIF_SIZES 3u
#define K_SECCOMP_FLAG_NEW_LISTENER (1u << 3)
#define K_SECCOMP_FLAG_WAIT_KILLABLE_RECV (1u << 5)
struct k_seccomp_data {
	int32_t nr;
	uint32_t arch;
	uint64_t instruction_pointer;
	uint64_t args[6];
};
struct k_seccomp_notif {
	uint64_t id;
	uint32_t pid;
	uint32_t flags;
	struct k_seccomp_data data;
};
_Static_assert(sizeof(struct k_seccomp_notif) == 80, "kernel");
struct k_seccomp_answer {
	uint64_t id;
	int64_t val;
	int32_t error; /* negative */
	uint32_t flags;
};
_Static_assert(sizeof(struct k_seccomp_answer) == 24, "kernel");
struct k_seccomp_addfd {
	uint64_t id;
	uint32_t flags;
	uint32_t srcfd;
	uint32_t newfd;
	uint32_t newfd_flags;
};
_Static_assert(sizeof(struct k_seccomp_addfd) == 24, "kernel");
struct k_seccomp_sizes {
	uint16_t notif;
	uint16_t answer;
	uint16_t data;
};
#define K_SECCOMP_CONTINUE 1u /* answer.flags */
#define K_SECCOMP_ADDFD_SEND 2u /* addfd.flags: it becomes the call's result, at once; 5.14 */
#define K_SECCOMP_IOCTL_RECV 0xc0502100u
#define K_SECCOMP_IOCTL_SEND 0xc0182101u
#define K_SECCOMP_IOCTL_ID_VALID 0x40082102u
#define K_SECCOMP_IOCTL_ADDFD 0x40182103u

/* signals: the kernel's struct; SIG_DFL is all zero */
#define K_SIGNALS 64
struct k_sigaction {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

/* mounts */
#define K_OPEN_TREE_CLONE 1u
#define K_OPEN_TREE_CLOEXEC 02000000u
#define K_MOVE_MOUNT_F_EMPTY_PATH 0x04u
#define K_MOVE_MOUNT_T_EMPTY_PATH 0x40u
#define K_MOUNT_ATTR_RDONLY 0x01u
#define K_MOUNT_ATTR_NOSUID 0x02u
#define K_MOUNT_ATTR_NODEV 0x04u
#define K_MOUNT_ATTR_NOEXEC 0x08u
#define K_FSCONFIG_SET_STRING 1u
#define K_FSCONFIG_CMD_CREATE 6u
#define K_FSOPEN_CLOEXEC 1u
#define K_FSMOUNT_CLOEXEC 1u
#define K_AT_RECURSIVE 0x8000
struct k_mount_attr {
	uint64_t attr_set;
	uint64_t attr_clr;
	uint64_t propagation;
	uint64_t userns_fd;
};
_Static_assert(sizeof(struct k_mount_attr) == 32, "kernel");

/* capabilities: version 3, two words a set */
struct k_cap_header {
	uint32_t version;
	int32_t pid;
};
struct k_cap_data {
	uint32_t effective;
	uint32_t permitted;
	uint32_t inheritable;
};
#define K_CAP_VERSION_3 0x20080522u

static inline int k_openat2(int dirfd, const char *path, const struct k_open_how *how)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, sizeof *how);
}

/* Of the descriptor itself (AT_EMPTY_PATH); older than Landlock, so always there. */
static inline int k_faccessat2(int fd, const char *path, int mode, int flags)
{
	return (int)syscall(SYS_faccessat2, fd, path, mode, flags);
}

static inline int k_close_range(unsigned int first, unsigned int last)
{
	return first > last ? 0 : (int)syscall(SYS_close_range, first, last, 0u);
}

static inline int k_landlock_abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, K_LANDLOCK_CREATE_RULESET_VERSION);
}

static inline int k_landlock_create(const struct k_landlock_ruleset *attr, size_t size)
{
	return (int)syscall(SYS_landlock_create_ruleset, attr, size, 0u);
}

static inline int k_landlock_add(int ruleset, int type, const void *rule)
{
	return (int)syscall(SYS_landlock_add_rule, ruleset, type, rule, 0u);
}

static inline int k_landlock_restrict(int ruleset)
{
	return (int)syscall(SYS_landlock_restrict_self, ruleset, 0u);
}

#endif

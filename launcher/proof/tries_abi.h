/*
 * tries_abi.h: what attempts need of the kernel's interface and a libc's headers may lack (musl ships none of linux/). Numbers
 * from 424 on are the same on every architecture.
 */
#ifndef ENDOW_TRIES_ABI_H
#define ENDOW_TRIES_ABI_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef SYS_file_setattr
#define SYS_file_setattr 469
#endif

struct abi_open_how {
	uint64_t flags, mode, resolve;
};
#define ABI_RESOLVE_IN_ROOT 0x10

struct abi_cap_header {
	uint32_t version;
	int pid;
};
struct abi_cap_data { /* two of them */
	uint32_t effective, permitted, inheritable;
};
#define ABI_CAP_VERSION_3 0x20080522u

enum { /* linux/capability.h */
       ABI_CAP_CHOWN = 0,
       ABI_CAP_DAC_READ_SEARCH = 2,
       ABI_CAP_FOWNER = 3,
       ABI_CAP_SETGID = 6,
       ABI_CAP_SETUID = 7,
       ABI_CAP_SETPCAP = 8,
       ABI_CAP_NET_ADMIN = 12,
       ABI_CAP_NET_RAW = 13,
       ABI_CAP_SYS_MODULE = 16,
       ABI_CAP_SYS_RAWIO = 17,
       ABI_CAP_SYS_CHROOT = 18,
       ABI_CAP_SYS_PTRACE = 19,
       ABI_CAP_SYS_PACCT = 20,
       ABI_CAP_SYS_ADMIN = 21,
       ABI_CAP_SYS_BOOT = 22,
       ABI_CAP_SYS_NICE = 23,
       ABI_CAP_SYS_RESOURCE = 24,
       ABI_CAP_SYS_TIME = 25,
       ABI_CAP_SYS_TTY_CONFIG = 26,
       ABI_CAP_MKNOD = 27,
       ABI_CAP_SYSLOG = 34,
       ABI_CAP_LAST = 63,
};
#define ABI_CAP(name) (1ull << ABI_CAP_##name)

#define ABI_SECBIT_KEEP_CAPS 0x10

#define ABI_PR_CAPBSET_READ 23
#define ABI_PR_GET_SECUREBITS 27
#define ABI_PR_SET_SECUREBITS 28
#define ABI_PR_GET_NO_NEW_PRIVS 39
#define ABI_PR_CAP_AMBIENT 47
#define ABI_PR_CAP_AMBIENT_IS_SET 1
#define ABI_PR_SET_PTRACER 0x59616d61

#define ABI_KEYCTL_JOIN_SESSION 1
#define ABI_KEYCTL_READ 11
#define ABI_KEY_SPEC_SESSION (-3)
#define ABI_KEY_SPEC_PROCESS (-2)

#define ABI_MFD_NOEXEC_SEAL 0x0008u
#define ABI_MFD_EXEC 0x0010u

#define ABI_RENAME_EXCHANGE 2u
#define ABI_OPEN_TREE_CLONE 1u
#define ABI_UFFD_USER_MODE_ONLY 1
#define ABI_FS_IOC_SETFLAGS 0x40086602u
#define ABI_FS_IOC_GETFLAGS 0x80086601u

#ifndef AF_SMC
#define AF_SMC 43
#endif
#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef AF_MCTP
#define AF_MCTP 45
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP 33
#endif
#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif
#define ABI_TCP_FASTOPEN_CONNECT 30

#define ABI_TIOCSTI 0x5412ul
#define ABI_TIOCLINUX 0x541cul

#endif

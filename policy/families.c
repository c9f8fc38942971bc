#include "families.h"

#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "calls.h"

/* clang-format off */
#define IS(n, v) {.arg = (n), .mask = UINT32_MAX, .value = (uint32_t)(v)}
#define BITS(n, m, v) {.arg = (n), .mask = (uint32_t)(m), .value = (uint32_t)(v)}
#define POINTER(n) {.arg = (n), .mask = UINT32_MAX, .pointer = true}
#define RULE_NR(number, one_of, none_of, code, ...) \
	{.nr = (number), .any = (one_of), .unless = (none_of), .error = (code), .is = {__VA_ARGS__}}
#define RULE(any, unless, error, name, ...) RULE_NR(S(name), any, unless, error, __VA_ARGS__)
/* clang-format on */
#define ALLOW(name, ...) RULE(0, 0, 0, name, __VA_ARGS__)
#define ALLOW_IF(any, name, ...) RULE(any, 0, 0, name, __VA_ARGS__)
#define ALLOW_UNLESS(unless, name, ...) RULE(0, unless, 0, name, __VA_ARGS__)
#define REFUSE_IF(any, name, ...) RULE(any, 0, EPERM, name, __VA_ARGS__)
#define NOTIFY(any, unless, name, ...) RULE(any, unless, 0, name, __VA_ARGS__)
#define NOTIFY_ALSO(one_of, with, none_of, name, ...) \
	{.nr = S(name), .any = (one_of), .also = (with), .unless = (none_of), .is = {__VA_ARGS__}}

/* CLONE_NEWTIME shares its bit with the exit signal of clone(), where it is none; no signal has that bit. */
#define CLONE_NEW_ANY \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | 0x80)
/* A process made with CLONE_PARENT would be the child of whoever started us. */
#define CLONE_NEVER (CLONE_NEW_ANY | CLONE_PARENT)

#define MFD_NOEXEC_SEAL_ 0x8u
#define RWF_NOAPPEND_ 0x20u
#define SOCK_KIND 0xfu
#define INET_EITHER 0xfffffff7u /* AF_INET is 2 and AF_INET6 is 10 */

/* The pid argument of a call that acts on a process: this one, by 0 or by number. */
#define ITSELF(name) ALLOW_UNLESS(FAM_SCHED, name, IS(0, 0)), ALLOW_UNLESS(FAM_SCHED, name, IS(0, FILTER_SELF))
/* The same behind a `which` that has to be WHICH. */
#define ITSELF_AS(name, which) \
	ALLOW_UNLESS(FAM_SCHED, name, IS(0, which), IS(1, 0)), ALLOW_UNLESS(FAM_SCHED, name, IS(0, which), IS(1, FILTER_SELF))

#define IOCTL(cmd) ALLOW_UNLESS(FAM_IOCTL, ioctl, IS(1, cmd))
#define IOCTL_RUN(first, last) ALLOW_UNLESS(FAM_IOCTL, ioctl, BITS(1, ~((first) ^ (last)), first))
#define TTY(cmd) RULE(FAM_TTY, FAM_IOCTL, 0, ioctl, IS(1, cmd))
#define TTY_RUN(first, last) RULE(FAM_TTY, FAM_IOCTL, 0, ioctl, BITS(1, ~((first) ^ (last)), first))
#define NETIF(cmd) RULE(FAM_NETLINK, FAM_IOCTL, 0, ioctl, IS(1, cmd))
#define PRCTL(option) ALLOW(prctl, IS(0, option))
#define PRCTL_RUN(first, last) ALLOW(prctl, BITS(0, ~((first) ^ (last)), first))
#define FCNTL_RUN(first, last) ALLOW(fcntl, BITS(1, ~((first) ^ (last)), first))

const struct call_rule call_allowed[] = {
    /* Opening is Landlock's; but a grant to append holds only where whatever is opened for writing is opened to append. */
    ALLOW_UNLESS(FAM_APPEND_NAME, open),
    ALLOW_UNLESS(FAM_APPEND_NAME, openat),
    ALLOW_UNLESS(FAM_APPEND_NAME, openat2),
    ALLOW_UNLESS(FAM_APPEND_NAME, creat),
    ALLOW_IF(FAM_APPEND_NAME, open, BITS(1, 03, 0)),
    ALLOW_IF(FAM_APPEND_NAME, open, BITS(1, 02003, 02001)),
    ALLOW_IF(FAM_APPEND_NAME, openat, BITS(2, 03, 0)),
    ALLOW_IF(FAM_APPEND_NAME, openat, BITS(2, 02003, 02001)),
    ALLOW_UNLESS(FAM_APPENDS, fallocate),
    ALLOW_IF(FAM_APPENDS, fallocate, BITS(1, ~1u, 0)), /* FALLOC_FL_KEEP_SIZE or nothing */
    ALLOW_UNLESS(FAM_APPENDS, pwritev2),
    ALLOW_IF(FAM_APPENDS, pwritev2, BITS(5, RWF_NOAPPEND_, 0)),
    /* No device: S_IFCHR, S_IFBLK (and S_IFLNK) share a bit that the others lack. */
    ALLOW(mknod, BITS(1, 0x2000, 0)),
    ALLOW(mknodat, BITS(2, 0x2000, 0)),
    /* Memory that cannot become a program. */
    ALLOW(memfd_create, BITS(1, MFD_NOEXEC_SEAL_, MFD_NOEXEC_SEAL_)),

    /* Threads; with the promise, processes; namespaces never. */
    ALLOW_UNLESS(FAM_PROC, clone, BITS(0, CLONE_THREAD | CLONE_NEVER, CLONE_THREAD)),
    ALLOW_IF(FAM_PROC, clone, BITS(0, CLONE_NEVER, 0)),
    ALLOW(unshare, BITS(0, ~(CLONE_FILES | CLONE_FS), 0)),
    /* A thread's number cannot be told from another process's, so tkill() reaches the main thread only. */
    ALLOW_UNLESS(FAM_PROC, kill, IS(0, FILTER_SELF)),
    ALLOW_UNLESS(FAM_PROC, tkill, IS(0, FILTER_SELF)),
    ALLOW_UNLESS(FAM_PROC, tgkill, IS(0, FILTER_SELF)),
    ALLOW_UNLESS(FAM_PROC, rt_sigqueueinfo, IS(0, FILTER_SELF)),
    ALLOW_UNLESS(FAM_PROC, rt_tgsigqueueinfo, IS(0, FILTER_SELF)),
    ITSELF(prlimit64),
    ITSELF(sched_setaffinity),
    ITSELF(sched_setscheduler),
    ITSELF(sched_setparam),
    ITSELF(sched_setattr),
    ITSELF_AS(getpriority, 0 /* PRIO_PROCESS */),
    ITSELF_AS(setpriority, 0),
    ITSELF_AS(ioprio_get, 1 /* IOPRIO_WHO_PROCESS */),
    ITSELF_AS(ioprio_set, 1),
    ALLOW(personality, IS(0, 0xffffffffu)),                    /* asks */
    ALLOW_IF(FAM_DEBUG, personality, BITS(0, ~0x0040000u, 0)), /* ADDR_NO_RANDOMIZE */

    PRCTL_RUN(2, 3),                               /* PR_GET_PDEATHSIG, PR_GET_DUMPABLE */
    PRCTL(1),                                      /* PR_SET_PDEATHSIG */
    PRCTL(4),                                      /* PR_SET_DUMPABLE */
    PRCTL(7),                                      /* PR_GET_KEEPCAPS */
    PRCTL(13),                                     /* PR_GET_TIMING */
    PRCTL(15),                                     /* PR_SET_NAME */
    PRCTL(16),                                     /* PR_GET_NAME */
    PRCTL(21),                                     /* PR_GET_SECCOMP */
    PRCTL_RUN(22, 23),                             /* PR_SET_SECCOMP, PR_CAPBSET_READ */
    PRCTL_RUN(24, 25),                             /* PR_CAPBSET_DROP, PR_GET_TSC */
    PRCTL(27),                                     /* PR_GET_SECUREBITS */
    PRCTL(29),                                     /* PR_SET_TIMERSLACK */
    PRCTL(30),                                     /* PR_GET_TIMERSLACK */
    PRCTL_RUN(36, 39),                             /* PR_{SET,GET}_CHILD_SUBREAPER, PR_{SET,GET}_NO_NEW_PRIVS */
    PRCTL_RUN(40, 43),                             /* PR_GET_TID_ADDRESS, PR_{SET,GET}_THP_DISABLE */
    PRCTL(47),                                     /* PR_CAP_AMBIENT */
    PRCTL(52),                                     /* PR_GET_SPECULATION_CTRL */
    PRCTL_RUN(54, 55),                             /* PR_PAC_RESET_KEYS, PR_SET_TAGGED_ADDR_CTRL */
    PRCTL(56),                                     /* PR_GET_TAGGED_ADDR_CTRL */
    PRCTL(65),                                     /* PR_SET_MDWE */
    PRCTL(66),                                     /* PR_GET_MDWE */
    PRCTL_RUN(74, 75),                             /* PR_{GET,SET}_SHADOW_STACK_STATUS */
    PRCTL(76),                                     /* PR_LOCK_SHADOW_STACK_STATUS */
    PRCTL(0x41555856),                             /* PR_GET_AUXV */
    PRCTL(0x53564d41),                             /* PR_SET_VMA */
    ALLOW_IF(FAM_ID, prctl, IS(0, 8)),             /* PR_SET_KEEPCAPS */
    ALLOW_IF(FAM_ID, prctl, IS(0, 28)),            /* PR_SET_SECUREBITS */
    ALLOW_IF(FAM_DEBUG, prctl, IS(0, 0x59616d61)), /* PR_SET_PTRACER */

    FCNTL_RUN(0, 7),                                   /* F_DUPFD, flags, record locks */
    ALLOW_UNLESS(FAM_PROC, fcntl, IS(1, 8), IS(2, 0)), /* F_SETOWN says who gets a signal */
    ALLOW_UNLESS(FAM_PROC, fcntl, IS(1, 8), IS(2, FILTER_SELF)),
    ALLOW_IF(FAM_PROC, fcntl, IS(1, 8)),
    ALLOW_IF(FAM_PROC, fcntl, IS(1, 15)),           /* F_SETOWN_EX, its target behind a pointer */
    ALLOW(fcntl, IS(1, 9)),                         /* F_GETOWN */
    FCNTL_RUN(10, 11),                              /* F_SETSIG, F_GETSIG */
    FCNTL_RUN(16, 17),                              /* F_GETOWN_EX, F_GETOWNER_UIDS */
    FCNTL_RUN(36, 37),                              /* F_OFD_GETLK, F_OFD_SETLK */
    ALLOW(fcntl, IS(1, 38)),                        /* F_OFD_SETLKW */
    ALLOW(fcntl, IS(1, 1027)),                      /* F_DUPFD_QUERY */
    FCNTL_RUN(1028, 1031),                          /* F_CREATED_QUERY, F_DUPFD_CLOEXEC, F_SETPIPE_SZ */
    FCNTL_RUN(1032, 1039),                          /* F_GETPIPE_SZ, seals, hints */
    ALLOW_IF(FAM_WATCH, fcntl, BITS(1, ~1u, 1024)), /* F_SETLEASE, F_GETLEASE */
    ALLOW_IF(FAM_WATCH, fcntl, IS(1, 1026)),        /* F_NOTIFY */

    /* Commands that ask, or that concern the descriptor alone. */
    ALLOW_IF(FAM_IOCTL, ioctl),                              /* but call_refused comes first */
    IOCTL(0x5401),                                           /* TCGETS */
    IOCTL(0x540f),                                           /* TIOCGPGRP */
    IOCTL(0x5411),                                           /* TIOCOUTQ */
    IOCTL(0x5413),                                           /* TIOCGWINSZ */
    IOCTL(0x541b),                                           /* FIONREAD */
    IOCTL(0x5421),                                           /* FIONBIO */
    IOCTL(0x5429),                                           /* TIOCGSID */
    IOCTL(0x802c542a),                                       /* TCGETS2 */
    IOCTL_RUN(0x5450, 0x5451),                               /* FIONCLEX, FIOCLEX */
    IOCTL(0x5452),                                           /* FIOASYNC */
    IOCTL(0x5460),                                           /* FIOQSIZE */
    IOCTL(0x8905),                                           /* SIOCATMARK */
    IOCTL(0x40049409),                                       /* FICLONE: from a readable to a writable descriptor */
    IOCTL(0x4020940d),                                       /* FICLONERANGE */
    ALLOW_UNLESS(FAM_IOCTL, ioctl, BITS(1, 0xfff8, 0x2100)), /* SECCOMP_IOCTL_NOTIF_*: of a listener that it made */
    /* Of 0x5400..0x5429 all but TIOCSTI 12, TIOCSSERIAL and its like, TIOCLINUX 1c, TIOCCONS 1d, TIOCSETD 23. */
    TTY_RUN(0x5402, 0x5403),         /* TCSETS, TCSETSW */
    TTY_RUN(0x5404, 0x5407),         /* TCSETSF, TCGETA, TCSETA, TCSETAW */
    TTY_RUN(0x5408, 0x540b),         /* TCSETAF, TCSBRK, TCXONC, TCFLSH */
    TTY_RUN(0x540c, 0x540d),         /* TIOCEXCL, TIOCNXCL */
    TTY(0x540e),                     /* TIOCSCTTY */
    TTY(0x5410),                     /* TIOCSPGRP */
    TTY_RUN(0x5414, 0x5417),         /* TIOCSWINSZ, modem lines */
    TTY(0x5418),                     /* TIOCMSET */
    TTY(0x5420),                     /* TIOCPKT */
    TTY(0x5422),                     /* TIOCNOTTY */
    TTY_RUN(0x5424, 0x5425),         /* TIOCGETD, TCSBRKP */
    TTY(0x5427),                     /* TIOCSBRK */
    TTY(0x5428),                     /* TIOCCBRK */
    TTY(0x402c542b),                 /* TCSETS2 */
    TTY_RUN(0x402c542c, 0x402c542d), /* TCSETSW2, TCSETSF2 */
    TTY(0x80045430),                 /* TIOCGPTN */
    TTY(0x40045431),                 /* TIOCSPTLCK */
    TTY(0x80045432),                 /* TIOCGDEV */
    TTY_RUN(0x80045438, 0x80045439), /* TIOCGPKT, TIOCGPTLCK */
    TTY(0x80045440),                 /* TIOCGEXCL */
    TTY(0x5441),                     /* TIOCGPTPEER */
    NETIF(0x8910),                   /* SIOCGIFNAME */
    NETIF(0x8912),                   /* SIOCGIFCONF */
    NETIF(0x8913),                   /* SIOCGIFFLAGS */
    NETIF(0x8915),                   /* SIOCGIFADDR */
    NETIF(0x8917),                   /* SIOCGIFDSTADDR */
    NETIF(0x8919),                   /* SIOCGIFBRDADDR */
    NETIF(0x891b),                   /* SIOCGIFNETMASK */
    NETIF(0x8921),                   /* SIOCGIFMTU */
    NETIF(0x8927),                   /* SIOCGIFHWADDR */
    NETIF(0x8933),                   /* SIOCGIFINDEX */

    /* TCP alone: Landlock sees neither MPTCP nor SCTP nor SMC connect. UDP alone: not UDP-Lite, no ping sockets. */
    ALLOW_IF(FAM_TCP | FAM_BROKER_NET, socket, BITS(0, INET_EITHER, AF_INET), BITS(1, SOCK_KIND, SOCK_STREAM), IS(2, 0)),
    ALLOW_IF(FAM_TCP | FAM_BROKER_NET, socket, BITS(0, INET_EITHER, AF_INET), BITS(1, SOCK_KIND, SOCK_STREAM), IS(2, 6)),
    ALLOW_IF(FAM_UDP | FAM_BROKER_NET, socket, BITS(0, INET_EITHER, AF_INET), BITS(1, SOCK_KIND, SOCK_DGRAM), IS(2, 0)),
    ALLOW_IF(FAM_UDP | FAM_BROKER_NET, socket, BITS(0, INET_EITHER, AF_INET), BITS(1, SOCK_KIND, SOCK_DGRAM), IS(2, 17)),
    ALLOW_IF(FAM_UNIX | FAM_BROKER_UNIX, socket, IS(0, AF_UNIX)),
    RULE(FAM_NOTIFY, FAM_UNIX | FAM_BROKER_UNIX, 0, socket, IS(0, AF_UNIX), BITS(1, SOCK_KIND, SOCK_DGRAM)),
    ALLOW_IF(FAM_NETLINK, socket, IS(0, AF_NETLINK), BITS(1, 0xe, SOCK_DGRAM), IS(2, 0)), /* SOCK_DGRAM 2 or SOCK_RAW 3 */
    /* One end of a pair of datagram sockets can send to any path. */
    ALLOW(socketpair, IS(0, AF_UNIX), BITS(1, SOCK_KIND, SOCK_STREAM)),
    ALLOW(socketpair, IS(0, AF_UNIX), BITS(1, SOCK_KIND, SOCK_SEQPACKET)),
    ALLOW_IF(FAM_UNIX | FAM_NOTIFY | FAM_BROKER_UNIX, socketpair, IS(0, AF_UNIX), BITS(1, SOCK_KIND, SOCK_DGRAM)),
    /* MSG_FASTOPEN connects, unseen by Landlock. */
    ALLOW_UNLESS(FAM_TCP_CONNECT_ANY, sendto, BITS(3, MSG_FASTOPEN, 0)),
    ALLOW_UNLESS(FAM_TCP_CONNECT_ANY, sendmsg, BITS(2, MSG_FASTOPEN, 0)),
    ALLOW_UNLESS(FAM_TCP_CONNECT_ANY, sendmmsg, BITS(3, MSG_FASTOPEN, 0)),
    ALLOW(setsockopt, BITS(1, ~1u, 0)),            /* SOL_IP, SOL_SOCKET */
    ALLOW(setsockopt, IS(1, 41)),                  /* SOL_IPV6 */
    ALLOW(setsockopt, IS(1, 17)),                  /* SOL_UDP */
    ALLOW_IF(FAM_NETLINK, setsockopt, IS(1, 270)), /* SOL_NETLINK */
    /* SOL_TCP 6, all options to 39 but TCP_ULP 31: by the name "smc" it would turn TCP into what Landlock doesn't see. */
    ALLOW(setsockopt, IS(1, 6), BITS(2, ~15u, 0)),
    ALLOW(setsockopt, IS(1, 6), BITS(2, ~7u, 16)),
    ALLOW(setsockopt, IS(1, 6), BITS(2, ~3u, 24)),
    ALLOW(setsockopt, IS(1, 6), BITS(2, ~1u, 28)),
    ALLOW(setsockopt, IS(1, 6), IS(2, 30)),
    ALLOW(setsockopt, IS(1, 6), BITS(2, ~7u, 32)),
};
const size_t call_allowed_count = sizeof call_allowed / sizeof *call_allowed;

/* _IOC_WRITE and the letter of a command. */
#define IOCTL_LETTER(letter) BITS(1, 0x4000ff00u, 0x40000000u | (letter) << 8)

const struct call_rule call_refused[] = {
    /* Landlock judges commands on devices only; these act elsewhere. */
    REFUSE_IF(FAM_IOCTL, ioctl, IS(1, 0x5412)),             /* TIOCSTI */
    REFUSE_IF(FAM_IOCTL, ioctl, IS(1, 0x541c)),             /* TIOCLINUX */
    REFUSE_IF(FAM_IOCTL, ioctl, IS(1, 0x5423)),             /* TIOCSETD */
    RULE(FAM_IOCTL, FAM_PROC, EPERM, ioctl, IS(1, 0x8901)), /* FIOSETOWN: who gets a signal */
    RULE(FAM_IOCTL, FAM_PROC, EPERM, ioctl, IS(1, 0x8902)), /* SIOCSPGRP */
    RULE(FAM_IOCTL, FAM_FATTRS, EPERM, ioctl,
	 IOCTL_LETTER('f')), /* FS_IOC_SETFLAGS, EXT4_IOC_MOVE_EXT, FS_IOC_ENABLE_VERITY ... */
    RULE(FAM_IOCTL, FAM_FATTRS, EPERM, ioctl, IS(1, 0x800c6613)), /* FS_IOC_SET_ENCRYPTION_POLICY */
    RULE(FAM_IOCTL, FAM_FATTRS, EPERM, ioctl, IOCTL_LETTER('v')), /* FS_IOC_SETVERSION */
    RULE(FAM_IOCTL, FAM_FATTRS, EPERM, ioctl, IS(1, 0x401c5820)), /* FS_IOC_FSSETXATTR */
    /* Btrfs makes and destroys subvolumes where Landlock doesn't look: all of its letter but 08..0d and 30..37 (clone, dedupe).
     */
    REFUSE_IF(FAM_IOCTL, ioctl, BITS(1, 0xfff8, 0x9400)),
    REFUSE_IF(FAM_IOCTL, ioctl, BITS(1, 0xfffe, 0x940e)),
    REFUSE_IF(FAM_IOCTL, ioctl, BITS(1, 0xfff0, 0x9410)),
    REFUSE_IF(FAM_IOCTL, ioctl, BITS(1, 0xfff0, 0x9420)),
    REFUSE_IF(FAM_IOCTL, ioctl, BITS(1, 0xfff8, 0x9438)),
    REFUSE_IF(FAM_IOCTL, ioctl, BITS(1, 0xffc0, 0x9440)),
    REFUSE_IF(FAM_IOCTL, ioctl, BITS(1, 0xff80, 0x9480)),
    REFUSE_IF(FAM_IOCTL, ioctl, BITS(1, 0xff00, 0xbc00)), /* bcachefs, likewise */

    /* What was opened to append stays so. */
    REFUSE_IF(FAM_APPENDS, fcntl, IS(1, 4 /* F_SETFL */), BITS(2, 02000 /* O_APPEND */, 0)),
    RULE(FAM_APPENDS, 0, ENOSYS, io_setup, {0}),
    REFUSE_IF(FAM_APPENDS, io_submit),
    /* FS_IOC_UNRESVSP, FS_IOC_ZERO_RANGE: fallocate() by another name; EXT4_IOC_MOVE_EXT. */
    REFUSE_IF(FAM_APPENDS, ioctl, IOCTL_LETTER('X')),
    REFUSE_IF(FAM_APPENDS, ioctl, IOCTL_LETTER('f')),

    /*
     * A file made set-user-id would run whatever was written into it, unconfined, for anyone else who executes it. (A file that
     * is created so loses the bit when it is written to.)
     */
    REFUSE_IF(FAM_FATTRS, chmod, BITS(1, S_ISUID, S_ISUID)),
    REFUSE_IF(FAM_FATTRS, chmod, BITS(1, S_ISGID, S_ISGID)),
    REFUSE_IF(FAM_FATTRS, fchmod, BITS(1, S_ISUID, S_ISUID)),
    REFUSE_IF(FAM_FATTRS, fchmod, BITS(1, S_ISGID, S_ISGID)),
    REFUSE_IF(FAM_FATTRS, fchmodat, BITS(2, S_ISUID, S_ISUID)),
    REFUSE_IF(FAM_FATTRS, fchmodat, BITS(2, S_ISGID, S_ISGID)),
    RULE_NR(__NR_fchmodat2, FAM_FATTRS, 0, EPERM, BITS(2, S_ISUID, S_ISUID)),
    RULE_NR(__NR_fchmodat2, FAM_FATTRS, 0, EPERM, BITS(2, S_ISGID, S_ISGID)),

    /* listen() without bind() takes a free port, unseen by Landlock: none for who may make TCP sockets only to connect. */
    RULE(FAM_TCP_CONNECT | FAM_BROKER_NET, FAM_TCP_LISTEN, EPERM, listen, {0}),

    /* What the supervisor can't do for the program, or not one by one: libc and programs do without. */
    RULE(FAM_LOOKED, 0, ENOSYS, openat2, {0}), /* its flags are behind a pointer */
    RULE(FAM_MEDIATED, 0, ENOSYS, sendmmsg, {0}),
    REFUSE_IF(FAM_MEDIATED, sendto, BITS(3, MSG_FASTOPEN, MSG_FASTOPEN)),
    REFUSE_IF(FAM_MEDIATED, sendmsg, BITS(2, MSG_FASTOPEN, MSG_FASTOPEN)),
    /* A route in the packet: what is sent to a granted host would go to another one first. */
    REFUSE_IF(FAM_BROKER_NET, setsockopt, IS(1, 0), IS(2, 4)),   /* IP_OPTIONS */
    REFUSE_IF(FAM_BROKER_NET, setsockopt, IS(1, 41), IS(2, 5)),  /* IPV6_2292RTHDR */
    REFUSE_IF(FAM_BROKER_NET, setsockopt, IS(1, 41), IS(2, 6)),  /* IPV6_2292PKTOPTIONS */
    REFUSE_IF(FAM_BROKER_NET, setsockopt, IS(1, 41), IS(2, 57)), /* IPV6_RTHDR */
    REFUSE_IF(FAM_BROKER_NET, setsockopt, IS(1, 41), IS(2, 32)), /* IPV6_FLOWLABEL_MGR: a route can hang on a label */
};
const size_t call_refused_count = sizeof call_refused / sizeof *call_refused;

#define O_PATH_ 010000000

const struct call_rule call_notified[] = {
    /* Paths. An O_PATH descriptor gives no access; and under a grant to append by name no other opens are allowed either. */
    NOTIFY(FAM_LOOKED, FAM_APPEND_NAME, open, BITS(1, O_PATH_, 0)),
    NOTIFY(FAM_LOOKED, FAM_APPEND_NAME, openat, BITS(2, O_PATH_, 0)),
    NOTIFY(FAM_LOOKED, FAM_APPEND_NAME, creat),
    NOTIFY_ALSO(FAM_LOOKED, FAM_APPEND_NAME, 0, open, BITS(1, O_PATH_ | 03, 0)),
    NOTIFY_ALSO(FAM_LOOKED, FAM_APPEND_NAME, 0, open, BITS(1, O_PATH_ | 02003, 02001)),
    NOTIFY_ALSO(FAM_LOOKED, FAM_APPEND_NAME, 0, openat, BITS(2, O_PATH_ | 03, 0)),
    NOTIFY_ALSO(FAM_LOOKED, FAM_APPEND_NAME, 0, openat, BITS(2, O_PATH_ | 02003, 02001)),
    NOTIFY(FAM_LOOKED, 0, unlink),
    NOTIFY(FAM_LOOKED, 0, unlinkat),
    NOTIFY(FAM_LOOKED, 0, rmdir),
    NOTIFY(FAM_LOOKED, 0, rename),
    NOTIFY(FAM_LOOKED, 0, renameat),
    NOTIFY(FAM_LOOKED, 0, renameat2),
    NOTIFY(FAM_LOOKED, 0, mkdir),
    NOTIFY(FAM_LOOKED, 0, mkdirat),
    NOTIFY(FAM_LOOKED, 0, link),
    NOTIFY(FAM_LOOKED, 0, linkat),
    NOTIFY(FAM_LOOKED, 0, symlink),
    NOTIFY(FAM_LOOKED, 0, symlinkat),
    NOTIFY(FAM_LOOKED, 0, truncate),
    NOTIFY(FAM_REPORT, 0, execve),

    /* Sockets. Who has hosts by name looks them up in files that the supervisor makes. */
    NOTIFY(FAM_BROKER_NET, FAM_LOOKED, open, BITS(1, O_PATH_ | 03, 0)),
    NOTIFY(FAM_BROKER_NET, FAM_LOOKED, openat, BITS(2, O_PATH_ | 03, 0)),
    NOTIFY(FAM_MEDIATED, 0, connect),
    NOTIFY(FAM_BROKER_NET, 0, bind), /* of UDP: to send from */
    NOTIFY_ALSO(FAM_BROKER_UNIX, FAM_BINDS, FAM_BROKER_NET, bind),
    NOTIFY_ALSO(FAM_MEDIATED, FAM_LISTENS, 0, listen),
    NOTIFY(FAM_MEDIATED, 0, sendto, POINTER(4)),
    NOTIFY(FAM_MEDIATED, 0, sendmsg),
    NOTIFY_ALSO(FAM_REPORT, FAM_CONNECTS, FAM_MEDIATED, connect),
    NOTIFY_ALSO(FAM_REPORT, FAM_BINDS, FAM_MEDIATED, bind),

    /* Who confines himself further is not served any more: what is injected passes by that. */
    NOTIFY(FAM_BROKER_PATHS | FAM_MEDIATED, 0, landlock_restrict_self, {0}),
    NOTIFY(FAM_BROKER_PATHS | FAM_MEDIATED, 0, prctl, IS(0, 36)), /* PR_SET_CHILD_SUBREAPER */
};
const size_t call_notified_count = sizeof call_notified / sizeof *call_notified;

const struct call_rule call_otherwise[] = {
    /* libc does without these when they are missing. */
    RULE(0, 0, ENOSYS, clone3, {0}),   /* its flags are behind a pointer */
    RULE(0, 0, ENOSYS, execveat, {0}), /* it runs descriptors, which no path rule holds */
    RULE(0, 0, ENOSYS, openat2, {0}),
    RULE(0, 0, ENOSYS, io_uring_setup, {0}),
    RULE(0, 0, ENOSYS, io_uring_enter, {0}),
    RULE(0, 0, ENOSYS, io_uring_register, {0}),
    RULE(0, 0, ENOSYS, io_setup, {0}),
    RULE_NR(__NR_statmount, 0, 0, ENOSYS, {0}),
    RULE_NR(__NR_listmount, 0, 0, ENOSYS, {0}),
    /* socket(2) documents EACCES for a kind that one may not make; the kernel gives it for memory that could become a program.
     */
    RULE(0, 0, EACCES, socket, {0}),
    RULE(0, 0, EACCES, memfd_create, {0}),
};
const size_t call_otherwise_count = sizeof call_otherwise / sizeof *call_otherwise;

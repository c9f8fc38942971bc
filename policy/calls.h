/* calls.h: system calls by name, those among them that are newer than the headers and libseccomp, and families that go
 * together. */
#ifndef ENDOW_CALLS_H
#define ENDOW_CALLS_H

#include <seccomp.h>

#include "image.h"

/* The number on this machine; negative where it has no such call. */
#define S(name) SCMP_SYS(name)

/*
 * Numbers that libseccomp 2.5 cannot name; from 424 on they are the same on every machine. What is not in SCMP_SYS() goes here.
 */
#ifndef __NR_cachestat
#define __NR_cachestat 451
#endif
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef __NR_map_shadow_stack
#define __NR_map_shadow_stack 453
#endif
#ifndef __NR_futex_wake
#define __NR_futex_wake 454
#endif
#ifndef __NR_futex_wait
#define __NR_futex_wait 455
#endif
#ifndef __NR_futex_requeue
#define __NR_futex_requeue 456
#endif
#ifndef __NR_statmount
#define __NR_statmount 457
#endif
#ifndef __NR_listmount
#define __NR_listmount 458
#endif
#ifndef __NR_lsm_get_self_attr
#define __NR_lsm_get_self_attr 459
#endif
#ifndef __NR_lsm_set_self_attr
#define __NR_lsm_set_self_attr 460
#endif
#ifndef __NR_lsm_list_modules
#define __NR_lsm_list_modules 461
#endif
#ifndef __NR_mseal
#define __NR_mseal 462
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#endif
#ifndef __NR_getxattrat
#define __NR_getxattrat 464
#endif
#ifndef __NR_listxattrat
#define __NR_listxattrat 465
#endif
#ifndef __NR_removexattrat
#define __NR_removexattrat 466
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif
#ifndef __NR_file_getattr
#define __NR_file_getattr 468
#endif
#ifndef __NR_file_setattr
#define __NR_file_setattr 469
#endif
#ifdef __x86_64__
#ifndef __NR_uretprobe
#define __NR_uretprobe 335
#endif
#ifndef __NR_uprobe
#define __NR_uprobe 336
#endif
#define PROBES __NR_uretprobe, __NR_uprobe
#else
#define PROBES -1
#endif

#define FAM_CONNECTS (FAM_TCP_CONNECT | FAM_UDP | FAM_UNIX | FAM_NOTIFY)
#define FAM_BINDS (FAM_TCP_LISTEN | FAM_UDP | FAM_UNIX | FAM_NETLINK)
#define FAM_LISTENS (FAM_TCP_LISTEN | FAM_UNIX)
#define FAM_FATTRS (FAM_FATTR | FAM_FATTR_ANYWHERE)
#define FAM_APPENDS (FAM_APPEND_NAME | FAM_APPEND_FD)
#define FAM_TCP (FAM_TCP_CONNECT | FAM_TCP_LISTEN)
#define FAM_LOOKED (FAM_BROKER_PATHS | FAM_REPORT)      /* the supervisor sees which paths are opened and changed */
#define FAM_MEDIATED (FAM_BROKER_NET | FAM_BROKER_UNIX) /* it connects, binds and sends in the program's stead */

#endif

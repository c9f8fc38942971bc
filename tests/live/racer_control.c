/* The observer that is wrong: it decides by what a call names now, and lets the kernel look again. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "racer.h"

static const struct watched {
	int nr;
	struct {
		int dir, name; /* arguments; dir -1: none */
	} at[2];
	int count;
} watched[] = {
    {SYS_openat, {{0, 1}}, 1},           {SYS_unlinkat, {{0, 1}}, 1},
    {SYS_mkdirat, {{0, 1}}, 1},          {SYS_renameat2, {{0, 1}, {2, 3}}, 2},
    {SYS_linkat, {{0, 1}, {2, 3}}, 2},   {SYS_symlinkat, {{1, 2}}, 1},
    {SYS_truncate, {{-1, 0}}, 1},
#ifdef SYS_renameat
    {SYS_renameat, {{0, 1}, {2, 3}}, 2},
#endif
};
#define WATCHED (sizeof watched / sizeof *watched)

static int take_listener(void)
{
	struct sock_filter code[2 + 2 * WATCHED];
	size_t n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < WATCHED; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)watched[i].nr, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die("no new privileges");
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* Where a name leads, links followed; what is not there stands in its folder. */
static int leads_into_tree(pid_t pid, int dir, uint64_t address)
{
	char name[PATH_SIZE] = "", link[64], whole[2 * PATH_SIZE + 1], real[4096];
	const struct iovec to = {name, sizeof name - 1}, from = {(void *)(uintptr_t)address, sizeof name - 1};

	if (process_vm_readv(pid, &to, 1, &from, 1, 0) <= 0)
		return 0;
	if (*name == '/')
		snprintf(whole, sizeof whole, "%s", name);
	else {
		char base[PATH_SIZE] = "";
		if (dir == AT_FDCWD)
			snprintf(link, sizeof link, "/proc/%d/cwd", (int)pid);
		else
			snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, dir);
		if (readlink(link, base, sizeof base - 1) < 0)
			return 0;
		snprintf(whole, sizeof whole, "%s/%s", base, name);
	}
	if (!realpath(whole, real)) {
		*strrchr(whole, '/') = '\0';
		if (!realpath(whole, real))
			return 0;
	}
	const size_t n = strlen(tree);
	return strncmp(real, tree, n) == 0 && (real[n] == '/' || real[n] == '\0');
}

static int may(const struct seccomp_notif *n)
{
	for (size_t i = 0; i < WATCHED; i++)
		for (int k = 0; watched[i].nr == n->data.nr && k < watched[i].count; k++) {
			const int dir = watched[i].at[k].dir < 0 ? AT_FDCWD : (int)n->data.args[watched[i].at[k].dir];
			if (!leads_into_tree((pid_t)n->pid, dir, n->data.args[watched[i].at[k].name]))
				return 0;
		}
	return 1;
}

static void observe(int listener)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};

	while (poll(&p, 1, -1) > 0 && p.revents & POLLIN) {
		struct seccomp_notif n = {0};
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
			continue;
		struct seccomp_notif_resp r = {.id = n.id, .error = -EACCES};
		if (may(&n))
			r = (struct seccomp_notif_resp){.id = n.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
	}
}

static void send_listener(int to, int fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	char byte = 0;
	struct iovec one = {&byte, 1};
	const struct msghdr m = {.msg_iov = &one, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	if (fd < 0 || sendmsg(to, &m, 0) < 0)
		die("listener");
}

static int receive_listener(int from)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec one = {&byte, 1};
	struct msghdr m = {.msg_iov = &one, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int fd;

	if (recvmsg(from, &m, MSG_CMSG_CLOEXEC) <= 0 || !CMSG_FIRSTHDR(&m))
		die("no listener");
	memcpy(&fd, CMSG_DATA(&control.head), sizeof fd);
	return fd;
}

int control(const struct how *how, const struct what *what, long tries)
{
	int ends[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		die("socketpair");
	const pid_t pid = fork();
	if (pid == 0) {
		const int fd = take_listener();
		send_listener(ends[1], fd);
		close(fd);
		exit(race(how, what, tries));
	}
	close(ends[1]);
	observe(receive_listener(ends[0]));
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

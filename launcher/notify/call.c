#include "call.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "hear.h"
#include "kernel.h"
#include "owned.h"

#define PAGE 4096u
#define FIRST_READ 256u     /* bytes: most paths are shorter */
#define PIDFD_THREAD O_EXCL /* 6.9: of one thread, with the descriptors that it has */

int call_still(const struct call *c)
{
	return ioctl(hear_listener(), (int)K_SECCOMP_IOCTL_ID_VALID, &c->id) == 0;
}

/*
 * By the thread's number and not by a descriptor of its memory that is kept: after an execution, or where a child shares its
 * parent's memory until then, that would be another's.
 */
int call_read(const struct call *c, uint64_t address, void *to, size_t size)
{
	const struct iovec mine = {to, size}, theirs = {(void *)(uintptr_t)address, size};
	const ssize_t n = process_vm_readv(c->tid, &mine, 1, &theirs, 1, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

int call_write(const struct call *c, uint64_t address, const void *from, size_t size)
{
	char copy[PAGE];
	const struct iovec mine = {copy, size}, theirs = {(void *)(uintptr_t)address, size};

	if (size > sizeof copy || !call_still(c))
		return size > sizeof copy ? -E2BIG : -ESRCH;
	memcpy(copy, from, size);
	const ssize_t n = process_vm_writev(c->tid, &mine, 1, &theirs, 1, 0);
	return n < 0 ? -errno : (size_t)n == size ? 0 : -EFAULT;
}

/* Never beyond a page's end at once: a text may end right before a page that is not there. */
int call_text(const struct call *c, uint64_t address, char to[CALL_PATH])
{
	for (size_t done = 0; done < CALL_PATH;) {
		size_t size = PAGE - (size_t)((address + done) % PAGE);
		if (size > CALL_PATH - done)
			size = CALL_PATH - done;
		if (done == 0 && size > FIRST_READ)
			size = FIRST_READ;
		const struct iovec mine = {to + done, size}, theirs = {(void *)(uintptr_t)(address + done), size};
		const ssize_t n = process_vm_readv(c->tid, &mine, 1, &theirs, 1, 0);
		if (n <= 0)
			return n < 0 ? -errno : -EFAULT;
		if (memchr(to + done, '\0', (size_t)n))
			return 0;
		done += (size_t)n;
	}
	return -ENAMETOOLONG;
}

static int read_proc(const struct call *c, const char *name, char *to, size_t size)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)c->tid, name);
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, to, size - 1);
	if (n <= 0)
		return -ESRCH;
	to[n] = '\0';
	return call_still(c) ? 0 : -ESRCH;
}

/* A number behind KEY in the thread's status, or -1. */
static long status(const struct call *c, const char *key, int base)
{
	char text[2048];

	if (read_proc(c, "status", text, sizeof text) < 0)
		return -1;
	const char *line = strstr(text, key);
	return line ? strtol(line + strlen(key), NULL, base) : -1;
}

pid_t call_process(const struct call *c)
{
	const long pid = status(c, "\nTgid:", 10);

	return pid > 0 ? (pid_t)pid : 0;
}

unsigned int call_umask(const struct call *c)
{
	const long mask = status(c, "\nUmask:", 8);

	return mask < 0 ? 077 : (unsigned int)mask & 0777;
}

void call_who(const struct call *c, char *to, size_t size)
{
	char link[48], path[CALL_PATH];

	snprintf(link, sizeof link, "/proc/%d/exe", (int)c->tid);
	const ssize_t n = readlink(link, path, sizeof path - 1);
	if (n <= 0) {
		snprintf(to, size, "?");
		return;
	}
	path[n] = '\0';
	char *deleted = strstr(path, " (deleted)");
	if (deleted)
		*deleted = '\0';
	const char *slash = strrchr(path, '/');
	snprintf(to, size, "%s", slash ? slash + 1 : path);
}

int call_descriptor(const struct call *c, int fd)
{
	OWNED_FD int of = (int)syscall(SYS_pidfd_open, c->tid, PIDFD_THREAD);

	if (of < 0 && errno == EINVAL) {
		const pid_t process = call_process(c);
		of = process ? (int)syscall(SYS_pidfd_open, process, 0) : -1;
	}
	OWNED_FD int copy = of < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, of, fd, 0);
	if (copy < 0)
		return -errno;
	return call_still(c) ? take_fd(&copy) : -ESRCH;
}

/* Answers ----------------------------------------------------------------------------------------------------------------- */

static void send_answer(const struct k_seccomp_answer *answer)
{
	/* ENOENT: the caller is gone. */
	while (ioctl(hear_listener(), (int)K_SECCOMP_IOCTL_SEND, answer) < 0 && errno == EINTR)
		;
}

void call_answer(const struct call *c, int64_t result)
{
	const struct k_seccomp_answer answer = {
	    .id = c->id,
	    .val = result < 0 ? 0 : result,
	    .error = result < 0 ? (int32_t)result : 0,
	};

	send_answer(&answer);
}

void call_go_on(const struct call *c)
{
	const struct k_seccomp_answer answer = {.id = c->id, .flags = K_SECCOMP_CONTINUE};

	send_answer(&answer);
}

void call_inject(const struct call *c, int fd, int cloexec)
{
	const struct k_seccomp_addfd add = {
	    .id = c->id,
	    .flags = K_SECCOMP_ADDFD_SEND,
	    .srcfd = (uint32_t)fd,
	    .newfd_flags = cloexec ? O_CLOEXEC : 0,
	};
	int rc;

	do
		rc = ioctl(hear_listener(), (int)K_SECCOMP_IOCTL_ADDFD, &add);
	while (rc < 0 && errno == EINTR);
	/* EMFILE: it has as many as it can have. */
	if (rc < 0 && errno != ENOENT)
		call_answer(c, -errno);
}

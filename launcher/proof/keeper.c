#include "keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "owned.h"
#include "targets.h"

struct answer {
	int32_t rc;
	struct err err;
	struct try_targets t;
};

static int send_all(int fd, const void *data, size_t len)
{
	for (const char *p = data; len > 0;) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int receive_all(int fd, void *data, size_t len)
{
	for (char *p = data; len > 0;) {
		ssize_t n = recv(fd, p, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The file of hits goes along as a descriptor: by name it may be out of sight from within the program's view. */
static int send_file(int socket, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof fd)];
	} control = {0};
	char byte = 0;
	struct iovec one = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {
	    .msg_iov = &one, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(socket, &m, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

static int receive_file(int socket)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char byte;
	struct iovec one = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {
	    .msg_iov = &one, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
	ssize_t n;
	int fd = -1;

	while ((n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
		;
	const struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof fd))
		return -EPROTO;
	memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

static int send_hits(int socket, const struct try_targets *t)
{
	char path[TRY_DIR_MAX + 16];

	snprintf(path, sizeof path, "%s/" TRY_HITS, t->dir);
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : send_file(socket, fd);
}

static int port_is_free(const void *arg, int serve, uint16_t port)
{
	const struct keeper_order *order = arg;

	return !(order->granted[serve != 0][port / 8] & 1u << port % 8);
}

static int make_somewhere(const struct keeper_order *order, struct targets *targets, struct err *err)
{
	int rc = err_set(err, ENOENT, "no proof: no directory outside the grants can be written to");

	for (size_t i = 0; i < KEEPER_BASES && order->bases[i][0]; i++) {
		rc = targets_make(order->bases[i], order->uid, order->gid, port_is_free, order, targets, err);
		if (rc == 0)
			break;
	}
	return rc;
}

__attribute__((noreturn)) static void keep(int fd)
{
	struct keeper_order *order = calloc(1, sizeof *order);
	struct answer *answer = calloc(1, sizeof *answer);
	struct targets targets = {0};
	char end;

	if (!order || !answer || receive_all(fd, order, sizeof *order) < 0)
		_exit(1);
	answer->rc = make_somewhere(order, &targets, &answer->err);
	if (answer->rc == 0)
		answer->t = targets.t;
	if (send_all(fd, answer, sizeof *answer) == 0 && answer->rc == 0)
		(void)send_hits(fd, &targets.t);
	while (recv(fd, &end, 1, 0) < 0 && errno == EINTR)
		;
	if (answer->rc == 0)
		targets_drop(&targets);
	_exit(0);
}

int keeper_start(struct keeper *keeper, struct err *err)
{
	int pair[2];
	sigset_t all, before;

	*keeper = KEEPER_NONE;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, errno, "no proof: no socket pair: %s", err_words(errno));
	OWNED_FD int ours = pair[0];
	OWNED_FD int theirs = pair[1];
	/* A signal to the whole group would keep it from clearing away; it ends when we do. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0) {
		close(take_fd(&ours));
		keep(theirs);
	}
	int code = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return err_set(err, code, "no proof: no process: %s", err_words(code));
	*keeper = (struct keeper){.socket = take_fd(&ours), .pid = pid};
	return 0;
}

/* To be read, not written, from here. */
static int map_hits(int socket, struct try_targets *t, struct err *err)
{
	OWNED_FD int fd = receive_file(socket);
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(int), PROT_READ, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return err_set(err, fd < 0 ? -fd : errno,
			       "no proof: what reaches the victim can't be read even outside of the sandbox: %s",
			       err_words(fd < 0 ? fd : errno));
	t->hits = p;
	return 0;
}

int keeper_make(struct keeper *keeper, const struct keeper_order *order, struct try_targets *t, struct err *err)
{
	OWNED struct answer *answer = calloc(1, sizeof *answer);

	if (!answer)
		return err_set(err, ENOMEM, "no proof: no memory");
	if (send_all(keeper->socket, order, sizeof *order) < 0 || receive_all(keeper->socket, answer, sizeof *answer) < 0)
		return err_set(err, EPROTO, "no proof: the process that was to keep the targets is gone");
	if (answer->rc < 0)
		return err_set(err, -answer->rc, "%.*s", (int)sizeof answer->err.text - 1, answer->err.text);
	*t = answer->t;
	t->hits = NULL;
	return map_hits(keeper->socket, t, err);
}

void keeper_end(struct keeper *keeper)
{
	if (keeper->socket < 0)
		return;
	close(keeper->socket);
	while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*keeper = KEEPER_NONE;
}

/*
 * broker: what an open through the broker costs, against passing a descriptor over a bare SOCK_SEQPACKET connection and back to
 * a child of one's own, in nanoseconds. Both in turn, on one processor where the caller says so (taskset), which the supervisor
 * has then as well. Usage, inside a sandbox with `grant read ... as file`: broker. Prints the medians of both and of their
 * ratio.
 */
#include <endow.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 25
#define OPENS 200 /* a round: fewer than are served at once */
#define PACKET 40 /* bytes, as a request for an open has */

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static _Noreturn void give_up(const char *what)
{
	perror(what);
	exit(1);
}

static void send_fd(int to, char *packet, int fd)
{
	union control control = {0};
	struct iovec iov = {.iov_base = packet, .iov_len = PACKET};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	if (sendmsg(to, &msg, 0) != PACKET)
		give_up("sendmsg");
}

static int receive_fd(int from, char *packet)
{
	union control control;
	struct iovec iov = {.iov_base = packet, .iov_len = PACKET};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int fd;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) != PACKET || !CMSG_FIRSTHDR(&msg))
		give_up("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof fd);
	return fd;
}

/* Answers each packet with one that carries a descriptor. */
static int start_answerer(int file)
{
	char packet[PACKET];
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		give_up("socketpair");
	const pid_t pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid > 0) {
		close(ends[1]);
		return ends[0];
	}
	close(ends[0]);
	while (recv(ends[1], packet, sizeof packet, 0) == PACKET)
		send_fd(ends[1], packet, file);
	_exit(0);
}

static double time_bare(int answerer)
{
	char packet[PACKET] = "";
	const double start = now_ns();

	for (int i = 0; i < OPENS; i++) {
		if (send(answerer, packet, sizeof packet, 0) != PACKET)
			give_up("send");
		close(receive_fd(answerer, packet));
	}
	return (now_ns() - start) / OPENS;
}

static double time_broker(struct endow *e, endow_handle file)
{
	const double start = now_ns();

	for (int i = 0; i < OPENS; i++) {
		int fd = endow_open(e, file, NULL, O_RDONLY, 0);
		if (fd < 0) {
			fprintf(stderr, "endow_open: %s\n", endow_strerror(fd));
			exit(1);
		}
		close(fd);
	}
	return (now_ns() - start) / OPENS;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof *values, compare);
	return values[ROUNDS / 2];
}

int main(void)
{
	const struct timespec refill = {.tv_nsec = OPENS * 1000000L}; /* what was used can be used again */
	double bare[ROUNDS], broker[ROUNDS], ratio[ROUNDS];
	endow_handle file;
	struct endow *e;

	if (endow_connect_broker(&e) < 0 || endow_find(e, "file", &file) < 0) {
		fprintf(stderr, "no broker, or it hands out no `file`\n");
		return 1;
	}
	const int fd = endow_open(e, file, NULL, O_RDONLY, 0), answerer = start_answerer(fd);
	for (int i = 0; i < ROUNDS; i++) {
		bare[i] = time_bare(answerer);
		broker[i] = time_broker(e, file);
		ratio[i] = broker[i] / bare[i];
		nanosleep(&refill, NULL);
	}
	printf("%.0f %.0f %.2f\n", median(bare), median(broker), median(ratio));
	endow_close(e);
	return 0;
}

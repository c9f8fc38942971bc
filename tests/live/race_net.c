/*
 * race_net: connect while the address in memory and the socket behind the descriptor's number change as fast as they can.
 *   race_net serve                            two listeners on 127.0.0.1; prints their ports; when its input ends, how often
 * each was come to race_net race GRANTED OTHER TRIES [fd]    prints how often it got through to either; with fd the number
 * changes as well
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NUMBER 50 /* the descriptor that is connected */

static struct sockaddr_in at = {.sin_family = AF_INET};
static in_port_t ports[2];
static atomic_int done, current = -1, swapping;

static int listen_on(in_port_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 4096) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		exit(2);
	*port = ntohs(a.sin_port);
	return fd;
}

static unsigned long take_all(int fd)
{
	const struct linger now = {.l_onoff = 1};
	unsigned long count = 0;
	int one;

	for (; (one = accept(fd, NULL, NULL)) >= 0; count++) {
		setsockopt(one, SOL_SOCKET, SO_LINGER, &now, sizeof now);
		close(one);
	}
	return count;
}

static int serve(void)
{
	struct pollfd fds[3] = {{.events = POLLIN}, {.events = POLLIN}, {.events = POLLIN}};
	unsigned long counts[2] = {0};
	in_port_t mine[2];

	fds[1].fd = listen_on(&mine[0]);
	fds[2].fd = listen_on(&mine[1]);
	printf("%u %u\n", mine[0], mine[1]);
	fflush(stdout);
	while (!fds[0].revents) {
		if (poll(fds, 3, -1) < 0)
			return 2;
		counts[0] += take_all(fds[1].fd);
		counts[1] += take_all(fds[2].fd);
	}
	printf("%lu %lu\n", counts[0], counts[1]);
	return 0;
}

static void *flip_address(void *arg)
{
	volatile in_port_t *port = &at.sin_port;

	for (unsigned i = 0; !done; i++)
		*port = ports[i & 1];
	return arg;
}

/* A socket that a look at the number may take for the other: its connect() says nothing to anybody. */
static void *flip_number(void *arg)
{
	const int datagrams = socket(AF_INET, SOCK_DGRAM, 0);

	while (!done) {
		const int s = current;
		if (s < 0)
			continue;
		swapping = 1;
		if (current == s) {
			dup2(datagrams, NUMBER);
			dup2(s, NUMBER);
		}
		swapping = 0;
	}
	return arg;
}

static void try_once(unsigned long through[2])
{
	const struct linger now = {.l_onoff = 1};
	struct sockaddr_in peer;
	socklen_t len = sizeof peer;
	const int s = socket(AF_INET, SOCK_STREAM, 0);

	dup2(s, NUMBER);
	current = s;
	(void)!connect(NUMBER, (struct sockaddr *)&at, sizeof at);
	current = -1;
	while (swapping)
		;
	if (getpeername(s, (struct sockaddr *)&peer, &len) == 0)
		through[peer.sin_port == ports[1]]++;
	setsockopt(s, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(s);
	close(NUMBER);
}

int main(int argc, char **argv)
{
	unsigned long through[2] = {0};
	pthread_t one, two;

	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		return serve();
	if (argc < 5)
		return 2;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 2; i++)
		ports[i] = htons((in_port_t)strtoul(argv[2 + i], NULL, 10));
	pthread_create(&one, NULL, flip_address, NULL);
	if (argc > 5)
		pthread_create(&two, NULL, flip_number, NULL);
	for (unsigned long left = strtoul(argv[4], NULL, 10); left > 0; left--)
		try_once(through);
	done = 1;
	pthread_join(one, NULL);
	printf("%lu %lu\n", through[0], through[1]);
	return 0;
}

/*
 * fetch: what a program linked statically against musl sees of names and sockets.
 *   fetch NAME PORT           look NAME up, connect to the first address that takes it, print what GET / brings
 *   fetch -n NAME PORT        the same, with a socket that does not wait
 *   fetch -d NAME             ask the name server of /etc/resolv.conf, bypassing /etc/hosts: print its answer's code and
 * addresses
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int finish(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int code = 0;

	if (errno != EINPROGRESS)
		return -1;
	if (poll(&p, 1, 5000) != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len) < 0)
		return -1;
	errno = code;
	return code ? -1 : 0;
}

static int connect_first(const struct addrinfo *list, int flags)
{
	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		int fd = socket(a->ai_family, a->ai_socktype | flags, 0);
		if (fd >= 0 && (connect(fd, a->ai_addr, a->ai_addrlen) == 0 || finish(fd) == 0))
			return fd;
		const int code = errno;
		close(fd);
		errno = code;
	}
	return -1;
}

static int fetch(const char *name, const char *port, int flags)
{
	static const char get[] = "GET / HTTP/1.0\r\n\r\n";
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list;
	char text[4096];
	size_t len = 0;
	ssize_t n;

	const int code = getaddrinfo(name, port, &hints, &list);
	if (code) {
		printf("%s\n", gai_strerror(code));
		return 1;
	}
	const int fd = connect_first(list, flags);
	if (fd < 0) {
		printf("%s\n", strerror(errno));
		return 1;
	}
	if (write(fd, get, sizeof get - 1) != sizeof get - 1)
		return 1;
	while (len < sizeof text - 1) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, 5000) != 1 || (n = read(fd, text + len, sizeof text - 1 - len)) <= 0)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
	const char *body = strstr(text, "\r\n\r\n");
	fputs(body ? body + 4 : text, stdout);
	return 0;
}

static int ask(const char *name)
{
	unsigned char query[512], answer[512];
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const int len = res_mkquery(0, name, 1, 1, NULL, 0, NULL, query, sizeof query);
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (len < 0 || sendto(fd, query, (size_t)len, 0, (struct sockaddr *)&at, sizeof at) != len) {
		printf("%s\n", strerror(errno));
		return 1;
	}
	const ssize_t n = poll(&p, 1, 6000) == 1 ? recv(fd, answer, sizeof answer, 0) : -1;
	if (n < 16) {
		puts("silence");
		return 1;
	}
	printf("%d %d", answer[3] & 15, answer[7]);
	if (answer[7] == 1)
		printf(" %d.%d.%d.%d", answer[n - 4], answer[n - 3], answer[n - 2], answer[n - 1]);
	puts("");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "-d") == 0)
		return ask(argv[2]);
	if (argc == 4 && strcmp(argv[1], "-n") == 0)
		return fetch(argv[2], argv[3], SOCK_NONBLOCK);
	return argc == 3 ? fetch(argv[1], argv[2], 0) : 2;
}

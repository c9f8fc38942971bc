/*
 * conformance: what a client can see of the broker, one line a check: the same lines, in the same order, as conformance.py
 * prints, which speaks to the broker by itself. tests/live/broker.sh has the policy, and what the lines have to be.
 */
#include "conformance.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct endow *broker;

void say(const char *what, int rc)
{
	printf("%s: %s\n", what, rc < 0 ? strerrorname_np(-rc) : "ok");
}

void say_text(const char *what, const char *text)
{
	printf("%s: %s\n", what, text);
}

void say_number(const char *what, long number)
{
	printf("%s: %ld\n", what, number);
}

_Noreturn void give_up(const char *what, int rc)
{
	char words[1024] = "";

	if (broker)
		endow_message(broker, words, sizeof words);
	printf("%s: %s: %s\n", what, endow_strerror(rc), words);
	exit(1);
}

endow_handle must_find(struct endow *e, const char *name)
{
	endow_handle handle = 0;
	int rc = endow_find(e, name, &handle);

	if (rc < 0)
		give_up(name, rc);
	return handle;
}

endow_handle must_derive(struct endow *e, endow_handle parent, struct endow_terms terms)
{
	endow_handle handle = 0;
	int rc = endow_derive(e, parent, &terms, &handle);

	if (rc < 0)
		give_up(terms.name, rc);
	return handle;
}

struct endow *must_attach(int fd)
{
	struct endow *e;
	int rc = fd < 0 ? fd : endow_attach(fd, &e);

	if (rc < 0)
		give_up("a client", rc);
	return e;
}

void try_open(const char *what, struct endow *e, endow_handle handle, const char *path, int flags)
{
	int fd = endow_open(e, handle, path, flags, flags & O_CREAT ? 0666 : 0);

	say(what, fd);
	if (fd >= 0)
		close(fd);
}

void try_read(const char *what, struct endow *e, endow_handle handle, const char *path)
{
	char text[64] = "";
	int fd = endow_open(e, handle, path, O_RDONLY, 0);

	if (fd < 0) {
		say(what, fd);
		return;
	}
	ssize_t n = read(fd, text, sizeof text - 1);
	text[n > 0 && text[n - 1] == '\n' ? n - 1 : n > 0 ? n : 0] = '\0';
	say_text(what, text);
	close(fd);
}

/* Waits at most 5 s for what comes. */
void say_received(const char *what, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char text[64] = "";
	ssize_t n = poll(&p, 1, 5000) == 1 ? read(fd, text, sizeof text - 1) : -1;

	if (n < 0)
		say_text(what, "nothing came");
	else
		say_text(what, n == 0 ? "the end" : text);
}

int accept_soon(endow_handle door)
{
	int fd = -EAGAIN;

	for (int i = 0; i < 100 && fd == -EAGAIN; i++) {
		fd = endow_accept(broker, door);
		if (fd == -EAGAIN)
			usleep(20000);
	}
	return fd;
}

static void print_entry(const struct endow_capability *c)
{
	static const char *const kinds[] = {"file", "tree", "connect", "listen"};
	static const struct {
		uint32_t right;
		const char *word;
	} words[] = {{ENDOW_READ, "read"},
		     {ENDOW_WRITE, "write"},
		     {ENDOW_APPEND, "append"},
		     {ENDOW_CREATE, "create"},
		     {ENDOW_PASS, "pass"}};

	printf("held: %s %s", c->name, kinds[c->kind]);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (c->rights & words[i].right)
			printf(" %s", words[i].word);
	printf("%s%s%s times=%u line=%u parent=%d\n", c->flags & ENDOW_REVOCABLE ? " revocable" : "",
	       c->left_ms ? " bounded" : "", c->flags & ENDOW_SPENT ? " spent" : "", c->times_left, c->line, c->parent != 0);
}

void print_list(struct endow *e)
{
	struct endow_capability held[32];
	int n = endow_list(e, held, 32);

	if (n < 0)
		give_up("list", n);
	for (int i = 0; i < n && i < 32; i++)
		print_entry(&held[i]);
}

/* What is held ----------------------------------------------------------------------------------------------------------- */

static void finding(void)
{
	endow_handle handle;
	uint32_t held, rate;

	endow_limits(broker, &held, &rate);
	say_number("limit held", held);
	say_number("limit rate", rate);
	print_list(broker);
	say("find a name", endow_find(broker, "file", &handle));
	say("find what is not there", endow_find(broker, "absent", &handle));
	say("find no name", endow_find(broker, "a b", &handle));
	try_open("open handle 0", broker, 0, NULL, O_RDONLY);
	try_open("open a handle that never was", broker, 0x123456789abcull, NULL, O_RDONLY);
}

/* What breaks the protocol ends that connection, and no other. */
static void try_packet(const char *what, const void *bytes, size_t size, int count)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(8 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	int fd = endow_client(broker, NULL, 0);

	if (count > 0) {
		const int fds[8] = {0, 0, 0, 0, 0, 0, 0, 0};
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
		control.head = (struct cmsghdr){
		    .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN((size_t)count * sizeof(int))};
		memcpy(CMSG_DATA(&control.head), fds, (size_t)count * sizeof(int));
	}
	if (fd < 0 || sendmsg(fd, &msg, MSG_NOSIGNAL) < 0)
		give_up(what, fd < 0 ? fd : -errno);
	say_received(what, fd);
	close(fd);
}

static void garbage(void)
{
	const uint32_t hello[6] = {1, 1, 7, 24}, version[6] = {2, 1, 7, 24}, type[6] = {1, 63, 7, 24}, size[6] = {1, 1, 7, 25};
	const uint32_t reply[6] = {1, 67, 7, 24}, field[6] = {1, 1, 7, 24, 1, 0}, name[8] = {1, 3, 7, 32, 0xfffffff8, 0};
	const char big[8192] = "";

	try_packet("one byte", "x", 1, 0);
	try_packet("another version", version, 24, 0);
	try_packet("an unknown request", type, 24, 0);
	try_packet("a reply as a request", reply, 24, 0);
	try_packet("another size than it says", size, 24, 0);
	try_packet("something in a field that is 0", field, 24, 0);
	try_packet("a text longer than the packet", name, 32, 0);
	try_packet("8192 bytes", big, sizeof big, 0);
	try_packet("a descriptor where none belongs", hello, 24, 1);
	try_packet("eight of them", hello, 24, 8);
	try_read("and the others live", broker, must_find(broker, "file"), NULL);
}

/* No number is left for what comes: that is said, and the connection goes on. */
static void no_descriptors(void)
{
	const endow_handle file = must_find(broker, "file");
	struct rlimit had;
	int lowest = dup(0);

	getrlimit(RLIMIT_NOFILE, &had);
	close(lowest);
	const struct rlimit few = {.rlim_cur = (rlim_t)lowest, .rlim_max = had.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	try_open("no descriptor is left", broker, file, NULL, O_RDONLY);
	setrlimit(RLIMIT_NOFILE, &had);
	try_read("and then one is", broker, file, NULL);
}

/* The connection outlives the program that used it, as with a shell's commands. */
static void taken_over(void)
{
	int fd = dup(endow_fileno(broker));

	endow_close(broker);
	broker = must_attach(fd);
	try_read("the next on the same connection", broker, must_find(broker, "file"), NULL);
}

static void try_path(const char *what, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	say(what, fd < 0 ? -errno : fd);
	if (fd >= 0)
		close(fd);
}

static void try_tcp(const char *what, int port)
{
	const struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	say(what, fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) < 0 ? -errno : fd);
	if (fd >= 0)
		close(fd);
}

/* By a path, beneath a folder's descriptor, by a port, by the broker: before and after. PATH and PORT are granted beside the
 * broker. */
static void enclosing(const char *path, int port)
{
	const endow_handle tree = must_find(broker, "tree");
	int folder = endow_open(broker, tree, NULL, O_RDONLY | O_DIRECTORY, 0), fd;
	const pid_t child = fork();

	if (child == 0) {
		pause();
		_exit(0);
	}

	say("nothing to give up", endow_enclose(0));
	try_path("a path", path);
	try_tcp("a port", port);
	fd = openat(folder, "inner", O_RDONLY | O_CLOEXEC);
	say("beneath a folder's descriptor", fd < 0 ? -errno : fd);
	say("a signal to a child", kill(child, 0) < 0 ? -errno : 0);
	say("no files", endow_enclose(ENDOW_NO_FILES));
	try_path("a path", path);
	try_tcp("a port", port);
	fd = openat(folder, "inner", O_RDONLY | O_CLOEXEC);
	say("beneath a folder's descriptor", fd < 0 ? -errno : fd);
	say("removed", unlinkat(folder, "inner", 0) < 0 ? -errno : 0);
	say("no files, no TCP, no others", endow_enclose(ENDOW_NO_FILES | ENDOW_NO_TCP | ENDOW_NO_OTHERS));
	try_tcp("a port", port);
	say("a signal to a child that is not enclosed", kill(child, SIGKILL) < 0 ? -errno : 0);
	try_read("by the broker", broker, tree, "inner");
}

int main(int argc, char **argv)
{
	int rc = endow_connect_broker(&broker);

	if (rc < 0)
		give_up("no broker", rc);
	if (argc == 3) {
		enclosing(argv[1], atoi(argv[2]));
		endow_close(broker);
		return 0;
	}
	finding();
	opening_file();
	opening_tree();
	writing();
	changing();
	appending();
	sockets();
	deriving();
	bounds();
	revocation();
	tickets();
	clients();
	many();
	garbage();
	no_descriptors();
	taken_over();
	endow_close(broker);
	return 0;
}

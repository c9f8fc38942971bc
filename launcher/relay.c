#include "relay.h"

#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "broker/outside.h"
#include "making.h"
#include "owned.h"
#include "pair.h"

#define NOTE_MAX 4096 /* the manager takes no longer ones */
#define NOTE_FDS 253  /* as many as one message can carry */
#define NOTES_AT_ONCE 16
#define SWEEP_MAX 64 /* entries of the folder looked at */
#define FRESH_S 10

static struct {
	int socket; /* the program's notifications; owned; 0: there is none */
	int post;   /* connected to the manager's; owned */
	int folder; /* O_PATH; owned */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *name; /* in it, behind the folder's */
} relay;

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * NOTE_FDS) + CMSG_SPACE(sizeof(struct ucred))];
};

struct message {
	struct pair_word word; /* together with what follows: one message between the two */
	char text[NOTE_MAX];
	size_t len;
	int fds[NOTE_FDS]; /* owned */
	size_t fd_count;
	pid_t pid;
};

static struct message note; /* in the outer: one that is held, if it has a length or descriptors */

/* Messages ------------------------------------------------------------------------------------------------------------------
 */

static void drop_fds(struct message *n)
{
	for (size_t i = 0; i < n->fd_count; i++)
		close(n->fds[i]);
	n->fd_count = 0;
}

static void take_control(struct msghdr *h, struct message *n)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		const size_t size = c->cmsg_len - CMSG_LEN(0);
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS && size <= sizeof n->fds) {
			memcpy(n->fds, CMSG_DATA(c), size);
			n->fd_count = size / sizeof(int);
		}
		if (c->cmsg_type == SCM_CREDENTIALS && size == sizeof(struct ucred)) {
			struct ucred who;
			memcpy(&who, CMSG_DATA(c), sizeof who);
			n->pid = who.pid;
		}
	}
}

/* Into PARTS; the descriptors are N's. Returns the size, or a negative errno; -EMSGSIZE for one that did not fit. */
static ssize_t receive(int socket, struct iovec *parts, size_t part_count, struct message *n)
{
	static union control control;
	struct msghdr h = {
	    .msg_iov = parts,
	    .msg_iovlen = (int)part_count,
	    .msg_control = control.bytes,
	    .msg_controllen = sizeof control.bytes,
	};

	n->fd_count = 0;
	n->pid = 0;
	const ssize_t size = recvmsg(socket, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (size < 0)
		return -errno;
	take_control(&h, n);
	if (!(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return size;
	drop_fds(n);
	return -EMSGSIZE;
}

static int send_parts(int socket, struct iovec *parts, size_t part_count, const struct message *n)
{
	static union control control;
	struct msghdr h = {.msg_iov = parts, .msg_iovlen = (int)part_count};
	ssize_t rc;

	if (n->fd_count) {
		h.msg_control = control.bytes;
		h.msg_controllen = (socklen_t)CMSG_SPACE(n->fd_count * sizeof(int));
		struct cmsghdr *const c = &control.align; /* the first, and the only one */
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = (socklen_t)CMSG_LEN(n->fd_count * sizeof(int));
		memcpy(CMSG_DATA(c), n->fds, n->fd_count * sizeof(int));
	}
	do
		rc = sendmsg(socket, &h, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : 0;
}

/* Making --------------------------------------------------------------------------------------------------------------------
 */

/* As the manager writes it: a path, or "@" and a name without one. */
static socklen_t read_address(const char *text, struct sockaddr_un *to)
{
	const size_t len = strlen(text);

	*to = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((*text != '/' && *text != '@') || len < 2 || len >= sizeof to->sun_path)
		return 0;
	memcpy(to->sun_path, text, len);
	if (*text == '@')
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*text == '/'));
}

/* Out of the way of the numbers that the policy places. LOW is taken over. */
static int keep_high(int low)
{
	const int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	const int code = errno;

	if (low >= 0)
		close(low);
	return fd < 0 ? -code : fd;
}

static int connect_post(const char *address, struct err *err)
{
	struct sockaddr_un to;
	const socklen_t len = read_address(address, &to);

	if (!len)
		return err_set(err, EAFNOSUPPORT, "NOTIFY_SOCKET=%s is no path and no abstract name", address);
	OWNED_FD int low = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (low < 0 || connect(low, (struct sockaddr *)&to, len) < 0)
		return err_set(err, errno, "NOTIFY_SOCKET=%s: %s", address, err_words(errno));
	const int fd = keep_high(take_fd(&low));
	return fd < 0 ? err_set(err, -fd, "no descriptor left: %s", err_words(-fd)) : fd;
}

/* Whoever was killed together with all of his could not take his socket away. A fresh one may be about to be bound. */
static void sweep(int dir)
{
	const time_t now = time(NULL);
	int left = SWEEP_MAX;
	const struct dirent *e;
	struct stat st;
	char path[sizeof relay.path];
	struct sockaddr_un at;
	const int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list && copy >= 0)
		close(copy);
	while (list && left-- > 0 && (e = readdir(list)) != NULL) {
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISSOCK(st.st_mode) ||
		    st.st_ctime + FRESH_S > now ||
		    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir, e->d_name) >= (int)sizeof path)
			continue;
		OWNED_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		const socklen_t len = read_address(path, &at);
		if (fd >= 0 && connect(fd, (struct sockaddr *)&at, len) < 0 && errno == ECONNREFUSED)
			unlinkat(dir, e->d_name, 0);
	}
	if (list)
		closedir(list);
}

/* The program may be another user, who has to come through. In /tmp anybody may have made it. */
static int open_folder(const char *path)
{
	struct stat st;

	mkdir(path, 0711);
	OWNED_FD int dir = keep_high(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (dir < 0 || fstat(dir, &st) < 0 || st.st_uid != geteuid() || st.st_mode & 022 || fchmod(dir, 0711) < 0)
		return -1;
	sweep(dir);
	return take_fd(&dir);
}

/* Nobody but the program's user may send. */
static int bind_in(const char *folder, const struct plan *plan)
{
	struct sockaddr_un at;
	unsigned char noise[8];
	char name[2 * sizeof noise + 1], by[64];
	const int on = 1;
	OWNED_FD int dir = open_folder(folder);
	OWNED_FD int fd = keep_high(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));

	if (dir < 0 || fd < 0 || getrandom(noise, sizeof noise, 0) != sizeof noise)
		return -1;
	for (size_t i = 0; i < sizeof noise; i++)
		snprintf(name + 2 * i, 3, "%02x", noise[i]);
	snprintf(by, sizeof by, "/proc/self/fd/%d/%s", dir, name);
	if (snprintf(relay.path, sizeof relay.path, "%s/%s", folder, name) >= (int)sizeof relay.path)
		return -1;
	const socklen_t len = read_address(by, &at);
	const mode_t mask = umask(0177);
	const int rc = bind(fd, (struct sockaddr *)&at, len);
	umask(mask);
	if (rc < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ||
	    (plan->switch_ids && fchownat(dir, name, plan->uid, plan->gid, AT_SYMLINK_NOFOLLOW) < 0)) {
		unlinkat(dir, name, 0);
		return -1;
	}
	relay.name = relay.path + strlen(folder) + 1;
	relay.folder = take_fd(&dir);
	relay.socket = take_fd(&fd);
	return 0;
}

static int bind_somewhere(const struct plan *plan)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	char folder[sizeof relay.path];

	if (geteuid() == 0 && bind_in("/run/endow-notify", plan) == 0)
		return 0;
	if (geteuid() != 0 && run && *run == '/' &&
	    snprintf(folder, sizeof folder, "%s/endow-notify", run) < (int)sizeof folder && bind_in(folder, plan) == 0)
		return 0;
	snprintf(folder, sizeof folder, "/tmp/endow-notify-%u", geteuid());
	return bind_in(folder, plan);
}

int relay_open(struct plan *plan, struct err *err)
{
	const char *address = getenv("NOTIFY_SOCKET");

	if (!(plan->policy->image.h->flags & IMAGE_SERVICE) || !address || !*address)
		return 0;
	const int post = connect_post(address, err);
	if (post < 0)
		return err_in(err, post, "service");
	if (bind_somewhere(plan) < 0) {
		close(post);
		return err_set(err, EACCES,
			       "service: a socket for the program's notifications can be made neither in %s nor in /tmp: one "
			       "of the two has "
			       "to be writable for a launch that is supervised",
			       geteuid() == 0 ? "/run" : "$XDG_RUNTIME_DIR");
	}
	relay.post = post;
	return 0;
}

int relay_show(struct making *m, struct err *err)
{
	struct thing thing;

	if (!relay_path() || !m->scene.wanted)
		return 0;
	int rc = resolve_typed(relay.path, 0, &thing, err);
	if (rc == 0)
		rc = scene_add(&m->scene, &thing, RIGHT_READ, PIECE_OTHER, NULL, err);
	thing_close(&thing);
	return rc < 0 ? err_in(err, rc, "service: the socket for notifications") : 0;
}

const char *relay_path(void)
{
	return relay.socket > 0 ? relay.path : NULL;
}

void relay_close(void)
{
	if (relay.socket <= 0)
		return;
	unlinkat(relay.folder, relay.name, 0);
	close(relay.socket);
	close(relay.post);
	close(relay.folder);
	memset(&relay, 0, sizeof relay);
}

int relay_folder(void)
{
	return relay.socket > 0 ? relay.folder : -1;
}

/* The inner -----------------------------------------------------------------------------------------------------------------
 */

/* The manager leaves backslashes out as it reads. */
static int names_main_process(const char *line, size_t len)
{
	const char *wanted = "MAINPID";

	for (size_t i = 0; *wanted && i < len; i++) {
		if (line[i] == '\\')
			continue;
		if (line[i] != *wanted++)
			return 0;
	}
	return !*wanted;
}

/*
 * A line that names another process as the service's main one would take the service away from the manager's view. To the
 * manager a carriage return ends a line as well.
 */
static void drop_lines(struct message *n)
{
	size_t kept = 0;

	for (size_t at = 0, next; at < n->len; at = next) {
		for (next = at; next < n->len && n->text[next] != '\n' && n->text[next] != '\r';)
			next++;
		next += next < n->len;
		if (names_main_process(n->text + at, next - at))
			continue;
		memmove(n->text + kept, n->text + at, next - at);
		kept += next - at;
	}
	n->len = kept;
}

static int can_take_more(void)
{
	struct pollfd room = {.fd = pair_socket(), .events = POLLOUT};

	return poll(&room, 1, 0) == 1;
}

/* Where the outer takes no more for now, its queue is waited for, and the program waits at this one. */
size_t relay_watch(struct pollfd fds[1])
{
	if (relay.socket <= 0)
		return 0;
	*fds = can_take_more() ? (struct pollfd){.fd = relay.socket, .events = POLLIN}
			       : (struct pollfd){.fd = pair_socket(), .events = POLLOUT};
	return 1;
}

static void pass_on(struct message *n)
{
	drop_lines(n);
	if (n->len == 0)
		return;
	struct iovec parts[2] = {
	    {.iov_base = &n->word, .iov_len = sizeof n->word},
	    {.iov_base = n->text, .iov_len = n->len},
	};
	n->word = (struct pair_word){.kind = PAIR_NOTE, .value = (int32_t)n->len};
	(void)send_parts(pair_socket(), parts, 2, n); /* an outer that is gone is noticed elsewhere */
}

void relay_serve(const struct pollfd *fds, size_t count, const struct plan *plan)
{
	static struct message n;

	if (!count || fds->fd != relay.socket || !fds->revents)
		return;
	for (int i = 0; i < NOTES_AT_ONCE && can_take_more(); i++) {
		struct iovec text = {.iov_base = n.text, .iov_len = sizeof n.text};
		const ssize_t size = receive(relay.socket, &text, 1, &n);
		if (size == -EMSGSIZE)
			continue;
		if (size < 0)
			return;
		n.len = (size_t)size;
		/* Its user could send from outside as well; whoever is gone can't be told from those. */
		if (outside_is_below(plan, n.pid))
			pass_on(&n);
		drop_fds(&n);
	}
}

/* The outer -----------------------------------------------------------------------------------------------------------------
 */

int relay_post_fd(void)
{
	return relay.socket > 0 ? relay.post : -1;
}

int relay_holds(void)
{
	return note.len > 0;
}

ssize_t relay_receive(int socket, struct pair_word *word)
{
	struct iovec parts[2] = {
	    {.iov_base = word, .iov_len = sizeof *word},
	    {.iov_base = note.text, .iov_len = sizeof note.text},
	};
	const ssize_t size = receive(socket, parts, 2, &note);

	if (size > 0 && size < (ssize_t)sizeof *word)
		return -EPROTO;
	note.len = size > (ssize_t)sizeof *word ? (size_t)size - sizeof *word : 0;
	return size;
}

void relay_post(void)
{
	struct iovec text = {.iov_base = note.text, .iov_len = note.len};

	if (send_parts(relay.post, &text, 1, &note) == -EAGAIN)
		return;
	drop_fds(&note);
	note.len = 0;
}

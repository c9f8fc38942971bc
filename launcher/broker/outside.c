#include "outside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "guard.h"
#include "kernel.h"
#include "owned.h"
#include "packet.h"
#include "plan.h"
#include "process.h"
#include "scene.h"
#include "server.h"

#define PROC_MAGIC 0x9fa0

static struct {
	int dir, listener;        /* owned; 0: there is none */
	int peers[OUTSIDE_PEERS]; /* owned; 0: none */
	char name[16];            /* the number of the process that people know */
	ino_t ino;
} door;

/* What was granted from outside, for as long as the program runs. */
static struct granted {
	struct held held;
	char object[CONTROL_OBJECT_MAX + 1];
} granted[OUTSIDE_GRANTS];
static size_t granted_count;

static struct guard guard; /* of what is granted from outside for writing */

/* The socket -------------------------------------------------------------------------------------------------------------- */

static int open_folder(const char *path)
{
	struct stat st;

	mkdir(path, 0700);
	OWNED_FD int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* In /tmp anybody may have made it. */
	if (dir < 0 || fstat(dir, &st) < 0 || st.st_uid != geteuid() || st.st_mode & 077)
		return -1;
	return fcntl(dir, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
}

static int open_some_folder(void)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	char path[FIND_PATH];
	int dir = -1;

	if (geteuid() == 0)
		return open_folder("/run/endow");
	if (run && *run == '/' && snprintf(path, sizeof path, "%s/endow", run) < (int)sizeof path)
		dir = open_folder(path);
	if (dir < 0) {
		snprintf(path, sizeof path, "/tmp/endow-%u", geteuid());
		dir = open_folder(path);
	}
	return dir;
}

void outside_open(pid_t known_as)
{
	struct stat st;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	OWNED_FD int dir = open_some_folder();
	OWNED_FD int low = dir < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	OWNED_FD int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	char unheard[sizeof door.name + 1];

	if (fd < 0)
		return;
	snprintf(door.name, sizeof door.name, "%d", (int)known_as);
	snprintf(unheard, sizeof unheard, ".%s", door.name);
	unlinkat(dir, unheard, 0); /* of a process that had this number before */
	snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/%s", dir, unheard);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
		return;
	/* Whoever lists takes away what nobody listens at: it has its name only then. */
	if (listen(fd, OUTSIDE_PEERS) < 0 || fstatat(dir, unheard, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    renameat(dir, unheard, dir, door.name) < 0) {
		unlinkat(dir, unheard, 0);
		return;
	}
	door.dir = take_fd(&dir);
	door.listener = take_fd(&fd);
	door.ino = st.st_ino;
}

int outside_guard(const struct plan *plan, struct err *err)
{
	return guard_prepare(&guard, plan->places, plan->policy->is_file ? plan->policy->name : NULL, err);
}

void outside_close(void)
{
	struct stat st;

	if (door.listener <= 0)
		return;
	/* The number may be another's by now, who has put his own there. */
	if (fstatat(door.dir, door.name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ino == door.ino)
		unlinkat(door.dir, door.name, 0);
	for (size_t i = 0; i < OUTSIDE_PEERS; i++)
		if (door.peers[i] > 0)
			close(door.peers[i]);
	close(door.listener);
	close(door.dir);
	memset(&door, 0, sizeof door);
}

int outside_folder(void)
{
	return door.listener > 0 ? door.dir : -1;
}

/* Who may come in --------------------------------------------------------------------------------------------------------- */

static pid_t parent_of(pid_t pid)
{
	struct process p;

	return process_look(pid, &p) < 0 ? -1 : p.parent;
}

/* What the program starts stays below its supervisor, who is the reaper of it all. -1: that can't be told. */
static int is_below(const struct plan *plan, pid_t pid)
{
	if (plan->policy->image.h->isolate & ISOLATE_PROCESSES)
		return pid != 0;
	for (int steps = 0; pid > 1 && steps < 4096; steps++) {
		if (pid == getpid())
			return 1;
		pid = parent_of(pid);
	}
	return pid == 1 ? 0 : -1;
}

int outside_is_below(const struct plan *plan, pid_t pid)
{
	return is_below(plan, pid) > 0;
}

/*
 * Does whoever connected still live? One inside could connect, die, and leave its number to somebody outside. A kernel
 * before 6.5 can't tell, and there the number is believed.
 */
static int is_gone(int fd)
{
	int process = -1;
	socklen_t len = sizeof process;

	if (getsockopt(fd, SOL_SOCKET, K_SO_PEERPIDFD, &process, &len) < 0)
		return errno != ENOPROTOOPT;
	struct pollfd end = {.fd = process, .events = POLLIN};
	const int ended = poll(&end, 1, 0) != 0;
	close(process);
	return ended;
}

static void let_in(const struct plan *plan)
{
	struct ucred who = {.pid = -1};
	socklen_t len = sizeof who;
	OWNED_FD int fd = accept4(door.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || (who.uid != geteuid() && who.uid != 0) ||
	    is_below(plan, who.pid) || is_gone(fd)) /* in this order: the number was its own while it was looked at */
		return;
	for (size_t i = 0; i < OUTSIDE_PEERS; i++)
		if (door.peers[i] <= 0) {
			door.peers[i] = take_fd(&fd);
			return;
		}
}

/* What they may do ----------------------------------------------------------------------------------------------------------
 */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int answer(union wire_message *m, struct control *c, uint32_t type, const char *first, const char *second,
		  const char *third)
{
	const char *const texts[3] = {first, second, third};

	c->head.type = type;
	return control_put(m, c, texts);
}

static int who(union wire_message *m, const struct plan *plan, pid_t program)
{
	struct control c = {.pid = program, .since_ms = now_ms() - server_get()->began};

	return answer(m, &c, CONTROL_IS, plan->program_path, plan->policy->name, NULL);
}

static struct cap *next_cap(struct table *t, uint64_t from)
{
	struct cap *found = NULL;

	for (uint32_t i = 0; i < t->touched; i++) {
		struct cap *cap = &t->caps[i];
		if (cap->handle >= from && cap->handle != 0 && cap->client != TABLE_NOBODY &&
		    (!found || cap->handle < found->handle))
			found = cap;
	}
	return found;
}

static int next(union wire_message *m, uint64_t from)
{
	struct broker *b = server_get();
	struct cap *cap = next_cap(&b->table, from);
	struct control c = {0};

	if (!cap)
		return answer(m, &c, CONTROL_DONE, NULL, NULL, NULL);
	const struct held *held = b->objects.list[cap->object].held;
	const struct cap *parent = table_parent(&b->table, cap);
	const uint32_t left = table_left(&b->table, cap);
	c = (struct control){
	    .handle = cap->handle,
	    .parent = parent ? parent->handle : 0,
	    .uses = cap->uses,
	    .left_ms = cap->until > b->now ? cap->until - b->now : 0,
	    .since_ms = b->now - cap->since,
	    .kind = cap->kind,
	    .rights = cap->rights,
	    .times = left == TABLE_UNBOUND ? 0 : left,
	    .flags = cap->flags | (left == 0 ? WIRE_ENTRY_SPENT : 0),
	    .client = cap->client,
	    .pid = b->clients[cap->client].pid,
	    .line = held->line,
	};
	return answer(m, &c, CONTROL_ENTRY, cap->name, held->object, held->source);
}

static int revoke_held(union wire_message *m, uint64_t handle, struct err *err)
{
	struct broker *b = server_get();
	struct cap *cap = next_cap(&b->table, handle);
	struct control c = {.handle = handle};

	if (!cap || cap->handle != handle)
		return err_set(err, ENOENT, "nothing is held under %llu", (unsigned long long)handle);
	server_log(b, "revoke", cap->client, cap, 0, "by somebody outside");
	table_revoke(&b->table, cap);
	return answer(m, &c, CONTROL_DONE, NULL, NULL, NULL);
}

/* As the policy's own `grant` lines are judged; the thing was opened by who grants it, with that person's authority. */
static int judge(const struct control *c, const char *object, int fd, const struct plan *plan, struct stat *st, struct err *err)
{
	const uint32_t writing = WIRE_WRITE | WIRE_APPEND | WIRE_CREATE;
	struct statfs fs;

	if (fstat(fd, st) < 0 || fstatfs(fd, &fs) < 0)
		return err_set(err, errno, "%s: %s", object, err_words(errno));
	if (fs.f_type == PROC_MAGIC || (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)))
		return err_set(err, EINVAL, "%s is neither a file nor a directory, or lies in /proc", object);
	if (!(c->rights & (WIRE_READ | writing)) || (c->rights & WIRE_CREATE && !S_ISDIR(st->st_mode)))
		return err_set(err, EINVAL, "no right that can be had on %s", object);
	if (c->rights & WIRE_APPEND && (c->rights & (WIRE_WRITE | WIRE_CREATE) || !(plan->families & FAM_APPEND_FD)))
		return err_set(err, EINVAL,
			       "%s: 'append' stands alone or with 'read', and takes a policy that has such a line already: its "
			       "filter keeps it",
			       object);
	if (!(c->rights & writing))
		return 0;
	struct thing thing = {.fd = fd, .is_dir = S_ISDIR(st->st_mode), .st = *st};
	snprintf(thing.path, sizeof thing.path, "%s", object);
	return guard_check(&guard, plan->places, plan->policy->is_file ? plan->policy->name : NULL, &thing, err);
}

/* By its path as well, if the program sees this very thing there. */
static void show_path(struct held *held, const struct stat *st)
{
	OWNED char *path = scene_real_path(held->fd);
	struct stat seen;

	held->by_path = path && stat(path, &seen) == 0 && seen.st_dev == st->st_dev && seen.st_ino == st->st_ino;
	if (!held->by_path)
		return;
	held->dev = st->st_dev;
	held->path = take_ptr(path);
}

static int grant(union wire_message *m, const struct control *c, const struct control_texts *texts, int fd,
		 const struct plan *plan, struct err *err)
{
	struct broker *b = server_get();
	uint32_t client = 0;
	struct stat st;

	while (client < TABLE_CLIENTS && !b->clients[client].fd)
		client++;
	if (client == TABLE_CLIENTS)
		return err_set(err, ENOTCONN, "the program has closed its connection to the broker");
	if (granted_count == OUTSIDE_GRANTS)
		return err_set(err, ENOSPC, "%d things were granted from outside, as many as can be", OUTSIDE_GRANTS);
	struct granted *g = &granted[granted_count];
	memcpy(g->object, texts->at[1], c->text_len[1]);
	g->object[c->text_len[1]] = '\0';
	int rc = judge(c, g->object, fd, plan, &st, err);
	if (rc < 0)
		return rc;
	char name[WIRE_NAME_MAX + 1];
	memcpy(name, texts->at[0], c->text_len[0]);
	name[c->text_len[0]] = '\0';
	g->held = (struct held){
	    .kind = S_ISDIR(st.st_mode) ? WIRE_TREE : WIRE_FILE,
	    .rights = c->rights,
	    .flags = c->flags,
	    .times = c->times,
	    .until_ms = c->left_ms,
	    .fd = fcntl(fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX),
	    .name = name, /* copied into the capability */
	    .object = g->object,
	    .source = "outside",
	};
	if (g->held.fd < 0)
		return err_set(err, errno, "no descriptor left: %s", err_words(errno));
	show_path(&g->held, &st);
	struct cap *cap;
	rc = server_adopt(b, client, &g->held, &cap, err);
	g->held.name = "";
	if (rc < 0) {
		free(g->held.path);
		return rc;
	}
	granted_count++;
	struct control reply = {.handle = cap->handle};
	return answer(m, &reply, CONTROL_DONE, NULL, NULL, NULL);
}

static int serve(union wire_message *m, const struct control_texts *texts, int fd, const struct plan *plan, pid_t program,
		 struct err *err)
{
	const struct control c = *control_of(m); /* the answer is written over it */
	union wire_message reply;
	int rc;

	switch (c.head.type) {
	case CONTROL_WHO: rc = who(&reply, plan, program); break;
	case CONTROL_NEXT: rc = next(&reply, c.handle); break;
	case CONTROL_REVOKE: rc = revoke_held(&reply, c.handle, err); break;
	case CONTROL_GRANT: rc = grant(&reply, &c, texts, fd, plan, err); break;
	default: return -EBADMSG;
	}
	if (rc < 0) {
		struct control refused = {.code = rc};
		rc = answer(&reply, &refused, CONTROL_REFUSED, err->text, NULL, NULL);
	}
	memcpy(m->bytes, reply.bytes, sizeof m->bytes);
	return rc;
}

/* One request. Returns 0, or a negative errno: the connection is closed. */
static int serve_peer(int peer, const struct plan *plan, pid_t program)
{
	static union wire_message m;
	struct control_texts texts;
	struct packet p = {0};
	struct err err = {""};
	int rc = packet_receive(peer, &m, &p);

	if (rc == -EAGAIN || rc == -EINTR)
		return 0;
	if (rc <= 0)
		return -EPIPE;
	rc = p.cut ? -EBADMSG : control_check(&m, p.size, p.fd_count, &texts, &err);
	if (rc == 0)
		rc = serve(&m, &texts, p.fd_count ? p.fds[0] : -1, plan, program, &err);
	for (int i = 0; i < p.fd_count; i++)
		close(p.fds[i]);
	return rc == 0 ? packet_send(peer, &m, -1) : rc;
}

size_t outside_watch(struct pollfd fds[OUTSIDE_POLL_MAX])
{
	size_t count = 0;

	if (door.listener <= 0 || !server_get())
		return 0;
	fds[count++] = (struct pollfd){.fd = door.listener, .events = POLLIN};
	for (size_t i = 0; i < OUTSIDE_PEERS; i++)
		if (door.peers[i] > 0)
			fds[count++] = (struct pollfd){.fd = door.peers[i], .events = POLLIN};
	return count;
}

void outside_serve(const struct pollfd *fds, size_t count, const struct plan *plan, pid_t program)
{
	for (size_t i = 1; i < count; i++) {
		if (!fds[i].revents)
			continue;
		for (size_t k = 0; k < OUTSIDE_PEERS; k++)
			if (door.peers[k] == fds[i].fd && serve_peer(fds[i].fd, plan, program) < 0) {
				close(door.peers[k]);
				door.peers[k] = 0;
			}
	}
	if (count > 0 && fds[0].revents)
		let_in(plan);
}

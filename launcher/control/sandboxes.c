#include "sandboxes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "owned.h"

#define PATIENCE_S 5

static int transfer(const struct sandbox *s, union wire_message *m, int fd, struct err *err)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof fd)];
	} control = {0};
	struct iovec one = {.iov_base = m->bytes, .iov_len = m->head.size};
	struct msghdr h = {.msg_iov = &one, .msg_iovlen = 1};

	if (fd >= 0) {
		h.msg_control = control.bytes;
		h.msg_controllen = sizeof control.bytes;
		struct cmsghdr *c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	if (sendmsg(s->fd, &h, MSG_NOSIGNAL) < 0)
		return err_set(err, errno, "the supervisor %d does not listen: %s", (int)s->pid, err_words(errno));
	return 0;
}

int sandbox_ask(const struct sandbox *s, const struct control *c, const char *const texts[3], int fd, union wire_message *m,
		struct control_texts *t, struct err *err)
{
	int rc = control_put(m, c, texts);

	if (rc < 0)
		return err_set(err, -rc, "a name or a path is too long");
	rc = transfer(s, m, fd, err);
	if (rc < 0)
		return rc;
	ssize_t n = recv(s->fd, m->bytes, sizeof m->bytes, 0);
	if (n <= 0)
		return err_set(err, n < 0 ? errno : EACCES, "the supervisor %d does not answer: %s", (int)s->pid,
			       n < 0 ? err_words(errno) : "it takes no orders from here");
	rc = control_check(m, (size_t)n, 0, t, err);
	if (rc == 0 && control_of(m)->head.type == CONTROL_REFUSED)
		rc = err_set(err, control_of(m)->code < 0 ? -control_of(m)->code : EPROTO, "%.*s",
			     (int)control_of(m)->text_len[0], t->at[0]);
	return rc;
}

void sandbox_close(struct sandbox *s)
{
	owned_close(&s->fd);
	s->fd = -1;
}

static void take_text(char to[WIRE_TEXT_MAX + 1], const char *from, uint32_t len)
{
	const size_t n = len < WIRE_TEXT_MAX ? len : WIRE_TEXT_MAX;

	memcpy(to, from, n);
	to[n] = '\0';
}

/* Connect to the socket NAME in DIR. Returns 0 when somebody answers. */
static int open_one(int dir, const char *name, struct sandbox *s)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	OWNED_FD int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct control_texts t;
	union wire_message m;
	char *end;

	*s = (struct sandbox){.fd = -1, .pid = (pid_t)strtol(name, &end, 10)};
	if (fd < 0 || *end || s->pid <= 0)
		return -EINVAL;
	snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/%d", dir, (int)s->pid);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
		if (errno == ECONNREFUSED)
			unlinkat(dir, name, 0); /* its supervisor was killed */
		return -errno;
	}
	s->fd = take_fd(&fd);
	int rc = sandbox_ask(s, &(struct control){.head.type = CONTROL_WHO}, NULL, -1, &m, &t, NULL);
	const struct control *c = control_of(&m);
	if (rc < 0 || c->head.type != CONTROL_IS) {
		sandbox_close(s);
		return rc < 0 ? rc : -EPROTO;
	}
	s->program = c->pid;
	s->since_ms = c->since_ms;
	take_text(s->path, t.at[0], c->text_len[0]);
	take_text(s->policy, t.at[1], c->text_len[1]);
	return 0;
}

static int is_meant(const struct sandbox *s, const char *which)
{
	const char *slash = strrchr(s->path, '/');
	char pid[16];

	snprintf(pid, sizeof pid, "%d", (int)s->pid);
	return !which || strcmp(which, pid) == 0 || strcmp(which, s->path) == 0 || (slash && strcmp(which, slash + 1) == 0);
}

struct visit {
	const char *which;
	int (*each)(void *arg, const struct sandbox *s, struct err *err);
	void *arg;
	int count;
};

static int visit_folder(struct visit *v, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	struct stat st;
	/* Anybody may have made it in /tmp: one that is another's is believed by root alone, who only reads from it. */
	DIR *dir = fd >= 0 && fstat(fd, &st) == 0 && (st.st_uid == geteuid() || geteuid() == 0) && !(st.st_mode & 077)
		       ? fdopendir(fd)
		       : NULL;

	if (!dir) {
		owned_close(&fd);
		return 0;
	}
	for (const struct dirent *e; rc >= 0 && (e = readdir(dir)) != NULL;) {
		struct sandbox s;
		if (e->d_name[0] == '.' || open_one(dirfd(dir), e->d_name, &s) < 0)
			continue;
		if (is_meant(&s, v->which)) {
			v->count++;
			rc = v->each(v->arg, &s, err);
		}
		sandbox_close(&s);
	}
	closedir(dir);
	return rc;
}

/* Those of one user; root's are in /run/endow. */
static int visit_user(struct visit *v, const char *run, uid_t uid, struct err *err)
{
	char path[4096];
	int rc = 0;

	if (run && *run == '/' && snprintf(path, sizeof path, "%s/endow", run) < (int)sizeof path)
		rc = visit_folder(v, path, err);
	snprintf(path, sizeof path, "/tmp/endow-%u", uid);
	return rc < 0 ? rc : visit_folder(v, path, err);
}

static int visit_everybody(struct visit *v, struct err *err)
{
	DIR *dir = opendir("/run/user");
	int rc = visit_folder(v, "/run/endow", err);
	char path[300];

	if (!dir)
		return rc;
	for (const struct dirent *e; rc >= 0 && (e = readdir(dir)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/run/user/%s", e->d_name);
		rc = visit_user(v, path, (uid_t)strtoul(e->d_name, NULL, 10), err);
	}
	closedir(dir);
	return rc;
}

int sandboxes_each(const char *which, int (*each)(void *arg, const struct sandbox *s, struct err *err), void *arg,
		   struct err *err)
{
	struct visit v = {.which = which, .each = each, .arg = arg};
	int rc = geteuid() == 0 ? visit_everybody(&v, err) : visit_user(&v, getenv("XDG_RUNTIME_DIR"), geteuid(), err);

	return rc < 0 ? rc : v.count;
}

struct pick {
	struct sandbox found;
	int count;
};

static int take_one(void *arg, const struct sandbox *s, struct err *err)
{
	struct pick *p = arg;

	if (p->count++ > 0)
		return 0;
	p->found = *s;
	p->found.fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 3);
	return p->found.fd < 0 ? err_set(err, errno, "no descriptor left: %s", err_words(errno)) : 0;
}

int sandbox_find(const char *which, struct sandbox *s, struct err *err)
{
	struct pick p = {.found.fd = -1};
	int rc = sandboxes_each(which, take_one, &p, err);

	if (rc >= 0 && p.count == 0)
		rc = err_set(err, ENOENT, "no program '%s' of yours runs with a broker; 'endow list' names those that do",
			     which);
	if (rc >= 0 && p.count > 1)
		rc = err_set(err, ENOTUNIQ, "%d programs are '%s': name one by its number, which 'endow list' tells", p.count,
			     which);
	if (rc < 0) {
		sandbox_close(&p.found);
		return rc;
	}
	*s = p.found;
	return 0;
}

#include "targets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "owned.h"
#include "tries_abi.h"

static char victim_text[] = TRY_SECRET_TEXT; /* to be read from, and written to, by attempts */
static volatile int *victim_hits;

static int failed(struct err *err, const char *what)
{
	int code = errno;
	return err_set(err, code, "can't prepare the proof: %s: %s", what, err_words(code));
}

static int make_file(const char *dir, const char *name, mode_t mode, const char *text, size_t len, uid_t uid, gid_t gid)
{
	char path[TRY_DIR_MAX + 16];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	OWNED_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fchmod(fd, mode) < 0)
		return -1;
	return uid == geteuid() && gid == getegid() ? 0 : fchown(fd, uid, gid);
}

static int make_files(struct targets *g, const char *base, uid_t uid, gid_t gid, struct err *err)
{
	static const char program[] = "endow: a program in no format\n";
	char *dir = g->t.dir;

	int n = snprintf(dir, sizeof g->t.dir, "%s/endow-prove-XXXXXX", base);
	if (n < 0 || (size_t)n > sizeof g->t.dir - 8) {
		*dir = '\0';
		return err_set(err, ENAMETOOLONG, "can't prepare the proof: the path %s is too long", base);
	}
	if (!mkdtemp(dir)) {
		*dir = '\0';
		return failed(err, base);
	}
	if (make_file(dir, TRY_SECRET, 0600, TRY_SECRET_TEXT, sizeof TRY_SECRET_TEXT - 1, uid, gid) < 0 ||
	    make_file(dir, TRY_FILE, 0644, "file\n", 5, uid, gid) < 0 || make_file(dir, TRY_SPARE, 0644, "", 0, uid, gid) < 0 ||
	    make_file(dir, TRY_HITS, 0644, "\0\0\0", sizeof(int), uid, gid) < 0 ||
	    make_file(dir, TRY_PROGRAM, 0755, program, sizeof program - 1, uid, gid) < 0)
		return failed(err, dir);
	if ((uid != geteuid() || gid != getegid()) && chown(dir, uid, gid) < 0)
		return failed(err, dir);
	return 0;
}

static int map_hits(struct targets *g, struct err *err)
{
	char path[TRY_DIR_MAX + 16];

	snprintf(path, sizeof path, "%s/" TRY_HITS, g->t.dir);
	OWNED_FD int fd = open(path, O_RDWR | O_CLOEXEC);
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return failed(err, path);
	g->t.hits = p;
	g->hits_size = sizeof(int);
	return 0;
}

/* Which address a socket has got to listen at. */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

static int bound(int family, int type, const union address *a, socklen_t len)
{
	OWNED_FD int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, &a->any, len) < 0 || (type == SOCK_STREAM && listen(fd, 64) < 0))
		return -1;
	return take_fd(&fd);
}

static uint16_t port_of(int fd)
{
	union address a = {0};
	socklen_t len = sizeof a;

	if (getsockname(fd, &a.any, &len) < 0)
		return 0;
	return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

/* A loopback socket at a port of the kernel's choice that the policy does not grant. */
static int bound_loopback(int family, int type, int serve, targets_port_ok *ok, const void *arg, uint16_t *port)
{
	union address a = {0};
	socklen_t len = family == AF_INET6 ? sizeof a.v6 : sizeof a.v4;

	if (family == AF_INET6)
		a.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	else
		a.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	for (int i = 0; i < 64; i++) {
		int fd = bound(family, type, &a, len);
		if (fd < 0)
			return -1;
		*port = port_of(fd);
		if (*port && (!ok || type != SOCK_STREAM || ok(arg, serve, *port)))
			return fd;
		close(fd);
	}
	*port = 0;
	return -1;
}

static int unix_at(const struct targets *g, const char *name, int type, uid_t uid, gid_t gid)
{
	union address a = {.un = {.sun_family = AF_UNIX}};

	snprintf(a.un.sun_path, sizeof a.un.sun_path, "%s/%s", g->t.dir, name);
	OWNED_FD int fd = bound(AF_UNIX, type, &a, sizeof a.un);
	if (fd < 0 || ((uid != geteuid() || gid != getegid()) && chown(a.un.sun_path, uid, gid) < 0))
		return -1;
	return take_fd(&fd);
}

static int unix_abstract(struct targets *g, const char *tag)
{
	union address a = {.un = {.sun_family = AF_UNIX}};

	int n = snprintf(g->t.abstract, sizeof g->t.abstract, "endow-prove-%s", tag);
	memcpy(a.un.sun_path + 1, g->t.abstract, (size_t)n);
	return bound(AF_UNIX, SOCK_STREAM, &a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n));
}

static int make_sockets(struct targets *g, const char *tag, uid_t uid, gid_t gid, targets_port_ok *ok, const void *arg,
			struct err *err)
{
	int *s = g->sockets, free_socket;

	if ((s[0] = unix_at(g, TRY_STREAM, SOCK_STREAM, uid, gid)) < 0 ||
	    (s[1] = unix_at(g, TRY_DGRAM, SOCK_DGRAM, uid, gid)) < 0)
		return failed(err, "unix sockets");
	if ((s[2] = unix_abstract(g, tag)) < 0)
		return failed(err, "an abstract unix socket");
	s[3] = bound_loopback(AF_INET, SOCK_STREAM, 0, ok, arg, &g->t.tcp);
	s[4] = bound_loopback(AF_INET6, SOCK_STREAM, 0, ok, arg, &g->t.tcp6);
	s[5] = bound_loopback(AF_INET, SOCK_DGRAM, 0, ok, arg, &g->t.udp);
	free_socket = bound_loopback(AF_INET, SOCK_STREAM, 1, ok, arg, &g->t.free_port);
	if (free_socket >= 0)
		close(free_socket);
	return 0;
}

static void make_ipc(struct targets *g, const char *tag, uint32_t number, uid_t uid, gid_t gid)
{
	char path[80];

	snprintf(g->t.shm_name, sizeof g->t.shm_name, "endow-prove-%s", tag);
	snprintf(path, sizeof path, "/dev/shm/%s", g->t.shm_name);
	OWNED_FD int shm = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (shm < 0)
		g->t.shm_name[0] = '\0';
	else if (write(shm, victim_text, sizeof victim_text) < 0 || fchown(shm, uid, gid) < 0)
		fchmod(shm, 0600);

	snprintf(g->t.mq_name, sizeof g->t.mq_name, "endow-prove-%s", tag);
	OWNED_FD int mq = (int)syscall(SYS_mq_open, g->t.mq_name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, NULL);
	if (mq < 0)
		g->t.mq_name[0] = '\0';
	else if (fchown(mq, uid, gid) < 0)
		fchmod(mq, 0600);

	g->t.shm_key = (int32_t)(number | 1);
	g->t.shm_id = shmget(g->t.shm_key, 4096, IPC_CREAT | IPC_EXCL | 0600);
	void *p = g->t.shm_id < 0 ? (void *)-1 : shmat(g->t.shm_id, NULL, 0);
	struct shmid_ds ds;
	if (p == (void *)-1 || shmctl(g->t.shm_id, IPC_STAT, &ds) < 0) {
		g->t.shm_key = 0;
		return;
	}
	memcpy(p, victim_text, sizeof victim_text);
	shmdt(p);
	ds.shm_perm.uid = uid;
	ds.shm_perm.gid = gid;
	shmctl(g->t.shm_id, IPC_SET, &ds);
}

static void count_hit(int signal)
{
	(void)signal;
	(*victim_hits)++;
}

/* A program of the user's: it can be traced, it holds something of worth, and it ends with us. */
__attribute__((noreturn)) static void be_victim(const struct targets *g, pid_t parent, int ready, uid_t uid, gid_t gid)
{
	struct sigaction count = {.sa_handler = count_hit}, plain = {.sa_handler = SIG_DFL};
	struct abi_cap_header head = {ABI_CAP_VERSION_3, 0};
	const struct abi_cap_data none[2] = {{0}};
	char path[TRY_DIR_MAX + 16];
	sigset_t all;

	setpgid(0, 0);
	victim_hits = g->t.hits;
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &plain, NULL);
	sigaction(SIGIO, &count, NULL);
	sigaction(SIGUSR1, &count, NULL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	snprintf(path, sizeof path, "%s/" TRY_SECRET, g->t.dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || chdir(g->t.dir) < 0)
		_exit(1);
	if ((uid != geteuid() || gid != getegid()) &&
	    (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0))
		_exit(1);
	/* With capabilities the kernel would protect it from a sandbox that has none. */
	if (syscall(SYS_capset, &head, none) < 0)
		_exit(1);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	prctl(ABI_PR_SET_PTRACER, -1L, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent || write(ready, &fd, sizeof fd) != sizeof fd)
		_exit(1);
	close(ready);
	for (;;)
		pause();
}

static int make_victim(struct targets *g, uid_t uid, gid_t gid, struct err *err)
{
	int ready[2];
	pid_t self = getpid();

	if (pipe2(ready, O_CLOEXEC) < 0)
		return failed(err, "a pipe");
	g->victim = fork();
	if (g->victim == 0)
		be_victim(g, self, ready[1], uid, gid);
	close(ready[1]);
	ssize_t n = g->victim < 0 ? -1 : read(ready[0], &g->t.victim_fd, sizeof g->t.victim_fd);
	int code = g->victim < 0 ? errno : EIO;
	close(ready[0]);
	if (n != sizeof g->t.victim_fd)
		return err_set(err, code, "can't prepare the proof: no process to aim at: %s", err_words(code));
	g->t.victim = g->victim;
	g->t.victim_addr = (uintptr_t)victim_text;
	return 0;
}

int targets_make(const char *base, uid_t uid, gid_t gid, targets_port_ok *port_ok, const void *arg, struct targets *g,
		 struct err *err)
{
	uint32_t number = 0;
	char tag[16];
	int rc;

	*g = (struct targets){.t = {.victim_fd = -1, .shm_id = -1, .bait_dir = -1, .bait_file = -1, .group_count = -1}};
	for (int i = 0; i < TARGETS_SOCKETS; i++)
		g->sockets[i] = -1;
	if (getrandom(&number, sizeof number, 0) != sizeof number)
		return failed(err, "random bytes");
	snprintf(tag, sizeof tag, "%08x", number);
	if ((rc = make_files(g, base, uid, gid, err)) < 0 || (rc = map_hits(g, err)) < 0 ||
	    (rc = make_sockets(g, tag, uid, gid, port_ok, arg, err)) < 0 || (rc = make_victim(g, uid, gid, err)) < 0) {
		targets_drop(g);
		return rc;
	}
	make_ipc(g, tag, number, uid, gid);
	return 0;
}

static void remove_dir(const char *path)
{
	DIR *dir = opendir(path);

	if (dir) {
		for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
			if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
			    unlinkat(dirfd(dir), e->d_name, 0) < 0)
				unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR);
		closedir(dir);
	}
	rmdir(path);
}

void targets_drop(struct targets *g)
{
	char path[80];

	if (g->victim > 0) {
		kill(g->victim, SIGKILL);
		while (waitpid(g->victim, NULL, 0) < 0 && errno == EINTR)
			;
		g->victim = 0;
	}
	for (int i = 0; i < TARGETS_SOCKETS; i++) {
		owned_close(&g->sockets[i]);
		g->sockets[i] = -1;
	}
	if (*g->t.shm_name) {
		snprintf(path, sizeof path, "/dev/shm/%s", g->t.shm_name);
		unlink(path);
		g->t.shm_name[0] = '\0';
	}
	if (*g->t.mq_name)
		syscall(SYS_mq_unlink, g->t.mq_name);
	g->t.mq_name[0] = '\0';
	if (g->t.shm_id >= 0)
		shmctl(g->t.shm_id, IPC_RMID, NULL);
	g->t.shm_id = -1;
	if (g->t.hits)
		munmap((void *)(uintptr_t)g->t.hits, g->hits_size); /* NOLINT(performance-no-int-to-ptr) */
	g->t.hits = NULL;
	if (*g->t.dir)
		remove_dir(g->t.dir);
	g->t.dir[0] = '\0';
}

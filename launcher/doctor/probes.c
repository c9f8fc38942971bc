#include "probes.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>

#include "kernel.h"
#include "owned.h"
#include "view.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#define K_RESTRICT_LOG_NEW_EXEC_ON (1u << 1) /* ABI 7 */
#define K_NETLINK_AUDIT 9
#define K_TMPFS_MAGIC 0x01021994
#define TRY_SECONDS 10u

const struct probe probes[PROBE_COUNT] = {
    [PROBE_LANDLOCK] = {"landlock", "a file outside the rules can't be opened"},
    [PROBE_TRUNCATE] = {"truncate", "a file outside the rules can't be truncated"},
    [PROBE_TCP] = {"tcp", "a port outside the rules can be neither connected to nor bound"},
    [PROBE_IOCTL] = {"ioctl", "a device outside the rules takes no ioctl"},
    [PROBE_SIGNAL_SCOPE] = {"signal-scope", "a process outside can't be signalled"},
    [PROBE_SOCKET_SCOPE] = {"socket-scope", "an abstract socket outside can't be connected to"},
    [PROBE_VIEW] = {"view", "a private tmpfs can be mounted, and all else made read-only"},
    [PROBE_AUDIT] = {"audit", "the log of refusals can be chosen"},
    [PROBE_IPC] = {"ipc-namespace", "System V objects of one's own"},
    [PROBE_PROCESSES] = {"process-namespace", "processes outside are not to be seen in /proc"},
    [PROBE_NET] = {"net-namespace", "a loopback interface of one's own"},
    [PROBE_USERS] = {"user-namespace", "processes counted for one sandbox alone"},
    [PROBE_SECCOMP] = {"seccomp", "a filtered call is refused"},
    [PROBE_CLOSE_RANGE] = {"close_range", "descriptors are closed at one go"},
    [PROBE_OPENAT2] = {"openat2", "links and magic links are refused in one step"},
    [PROBE_PIDFD] = {"pidfd", "a process has a descriptor"},
    [PROBE_MEMFD] = {"memfd-noexec", "memory files that can't be made executable"},
};

/* What a try finds ready, and where it answers. */
struct stage {
	char dir[64];     /* a folder of the doctor's own; "" where none could be made */
	char file[80];    /* in it */
	char private[80]; /* an empty folder in it */
	int server;       /* an abstract socket made before any restriction */
	struct sockaddr_un address;
	socklen_t address_len;
	struct probe_result *result;
};

__attribute__((format(printf, 3, 4))) static void answer(const struct stage *s, enum probe_state state, const char *fmt, ...)
{
	va_list ap;

	s->result->state = state;
	va_start(ap, fmt);
	vsnprintf(s->result->detail, sizeof s->result->detail, fmt, ap);
	va_end(ap);
}

static void works(const struct stage *s)
{
	s->result->state = PROBE_WORKS;
	s->result->detail[0] = '\0';
}

/* The acts: each returns 0 when it could be done, the errno that refused it, or -1 when it says nothing. */

static int act_open(const struct stage *s)
{
	OWNED_FD int fd = open(s->file, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : 0;
}

static int act_truncate(const struct stage *s)
{
	return truncate(s->file, 0) < 0 ? errno : 0;
}

/* Port 1 of this machine: whether somebody listens there makes no difference to who refuses. */
static int act_tcp(const struct stage *s)
{
	OWNED_FD int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	OWNED_FD int in = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	(void)s;
	if (out < 0 || in < 0)
		return -1;
	const int connected = connect(out, (struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;
	const int bound = bind(in, (struct sockaddr *)&at, sizeof at) < 0 ? errno : 0;
	return connected == bound ? connected : 0;
}

static int act_ioctl(const struct stage *s)
{
	struct termios t;
	OWNED_FD int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)s;
	if (fd < 0)
		return -1;
	return ioctl(fd, TCGETS, &t) < 0 ? errno : 0;
}

static int act_signal(const struct stage *s)
{
	(void)s;
	return kill(getppid(), 0) < 0 ? errno : 0;
}

static int act_socket(const struct stage *s)
{
	OWNED_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || s->server < 0)
		return -1;
	return connect(fd, (const struct sockaddr *)&s->address, s->address_len) < 0 ? errno : 0;
}

/* Twice the act, with the ruleset between. The size is that of the first ABI that knows the field. */
static const struct landlock_try {
	enum probe_id id;
	int refusal;
	struct k_landlock_ruleset attr;
	size_t size;
	int (*act)(const struct stage *s);
} landlock_tries[] = {
    {PROBE_LANDLOCK, EACCES, {.handled_access_fs = K_FS_READ_FILE}, 8, act_open},
    {PROBE_TRUNCATE, EACCES, {.handled_access_fs = K_FS_TRUNCATE}, 8, act_truncate},
    {PROBE_TCP, EACCES, {.handled_access_net = K_NET_CONNECT_TCP | K_NET_BIND_TCP}, 16, act_tcp},
    {PROBE_IOCTL, EACCES, {.handled_access_fs = K_FS_IOCTL_DEV}, 8, act_ioctl},
    {PROBE_SIGNAL_SCOPE, EPERM, {.scoped = K_SCOPE_SIGNAL}, 24, act_signal},
    {PROBE_SOCKET_SCOPE, EPERM, {.scoped = K_SCOPE_ABSTRACT_UNIX_SOCKET}, 24, act_socket},
};

static int no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static void try_landlock(const struct stage *s, const struct landlock_try *t)
{
	const int before = t->act(s);
	OWNED_FD int ruleset = k_landlock_create(&t->attr, t->size);

	if (ruleset < 0)
		return answer(s, PROBE_ABSENT, "the kernel refuses such a ruleset: %s", err_words(errno));
	if (before < 0 || before == t->refusal)
		return answer(s, PROBE_UNTRIED, "the act is not possible here in the first place");
	if (no_new_privs() < 0 || k_landlock_restrict(ruleset) < 0)
		return answer(s, PROBE_ABSENT, "the kernel refuses the restriction: %s", err_words(errno));
	const int after = t->act(s);
	if (after == t->refusal)
		return works(s);
	answer(s, PROBE_BROKEN, "the restriction is accepted and does not hold (%s)",
	       after > 0 ? err_words(after) : "the act succeeded");
}

/* A flag that no kernel knows has to be refused, or acceptance would say nothing. */
static void try_audit(const struct stage *s)
{
	const struct k_landlock_ruleset attr = {.handled_access_fs = K_FS_EXECUTE};
	OWNED_FD int ruleset = k_landlock_create(&attr, sizeof attr.handled_access_fs);
	OWNED_FD int log = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, K_NETLINK_AUDIT);

	if (log < 0 && errno == EPROTONOSUPPORT)
		return answer(s, PROBE_ABSENT, "this kernel has no audit log");
	if (ruleset < 0 || no_new_privs() < 0)
		return answer(s, PROBE_ABSENT, "no Landlock: %s", err_words(errno));
	if (syscall(SYS_landlock_restrict_self, ruleset, 1u << 31) == 0)
		return answer(s, PROBE_BROKEN, "the kernel takes any flag");
	if (syscall(SYS_landlock_restrict_self, ruleset, K_RESTRICT_LOG_NEW_EXEC_ON) < 0)
		return answer(s, PROBE_ABSENT, "the kernel refuses the flag: %s", err_words(errno));
	works(s);
}

static int enter_view(const struct stage *s, const struct view_wish *wish)
{
	struct err err = {""};
	int rc = view_enter(wish, &err);

	if (rc < 0)
		answer(s, PROBE_ABSENT, "%s", err.text);
	return rc;
}

/* All that `private` and `promise fattr` do: an empty tmpfs, the rest sealed, and that writable as before. */
static void try_view(const struct stage *s)
{
	const struct view_wish wish = {.mounts = 1};
	struct statfs fs;
	struct err err = {""};
	OWNED_FD int under = open(s->private, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (under < 0 || chmod(s->file, 0600) < 0)
		return answer(s, PROBE_UNTRIED, "no folder to try it in: %s", err_words(errno));
	if (enter_view(s, &wish) < 0)
		return;
	OWNED_FD int there = open(s->private, O_PATH | O_DIRECTORY | O_CLOEXEC);
	OWNED_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	OWNED_FD int tmpfs = view_tmpfs("0700", &err);
	if (there < 0 || root < 0 || tmpfs < 0 || view_attach(tmpfs, there, &err) < 0)
		return answer(s, PROBE_ABSENT, "%s", err.text);
	OWNED_FD int made = open(s->private, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (made < 0 || fstatfs(made, &fs) < 0 || fs.f_type != K_TMPFS_MAGIC)
		return answer(s, PROBE_BROKEN, "the mount is accepted and does not show");
	OWNED_FD int copy = view_clone(made, 0, &err);
	if (copy < 0 || view_restrict(root, K_MOUNT_ATTR_RDONLY, 1, &err) < 0 || view_attach(copy, made, &err) < 0)
		return answer(s, PROBE_ABSENT, "%s", err.text);
	if (chmod(s->file, 0600) == 0 || errno != EROFS)
		return answer(s, PROBE_BROKEN, "what was made read-only can be changed");
	if (chmod(s->private, 0700) < 0)
		return answer(s, PROBE_BROKEN, "what was to stay writable can't be changed: %s", err_words(errno));
	works(s);
}

static void try_namespace(const struct stage *s, const struct view_wish *wish, const char *link)
{
	struct stat before, after;

	if (stat(link, &before) < 0)
		return answer(s, PROBE_ABSENT, "%s: %s", link, err_words(errno));
	if (enter_view(s, wish) < 0)
		return;
	if (stat(link, &after) < 0 || after.st_ino == before.st_ino)
		return answer(s, PROBE_BROKEN, "the namespace is accepted and is still the old one");
	works(s);
}

static void try_ipc(const struct stage *s)
{
	try_namespace(s, &(struct view_wish){.ipc = 1}, "/proc/self/ns/ipc");
}

static void try_users(const struct stage *s)
{
	try_namespace(s, &(struct view_wish){.own_users = 1}, "/proc/self/ns/user");
}

/* In the first process of the namespace: 0, or what is wrong. */
static int look_around(pid_t outside)
{
	struct err err = {""};
	char path[32];

	if (getpid() != 1)
		return PROBE_BROKEN;
	if (view_proc(&err) < 0)
		return PROBE_ABSENT;
	snprintf(path, sizeof path, "/proc/%d", (int)outside);
	return access("/proc/1", F_OK) < 0 || (outside != 1 && access(path, F_OK) == 0) ? PROBE_BROKEN : 0;
}

static void try_processes(const struct stage *s)
{
	const pid_t self = getpid();
	int status = 0;

	if (enter_view(s, &(struct view_wish){.processes = 1, .mounts = 1}) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0)
		_exit(look_around(self));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return answer(s, PROBE_ABSENT, "no process can be started in the namespace: %s", err_words(errno));
	if (WEXITSTATUS(status) == PROBE_ABSENT)
		return answer(s, PROBE_ABSENT, "a new /proc can't be mounted: parts of it are covered, as in a container");
	if (WEXITSTATUS(status) != 0)
		return answer(s, PROBE_BROKEN, "processes outside can be seen");
	works(s);
}

static void try_net(const struct stage *s)
{
	try_namespace(s, &(struct view_wish){.net = 1}, "/proc/self/ns/net");
}

static void try_seccomp(const struct stage *s)
{
	struct sock_filter insns[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct k_sock_fprog program = {.len = sizeof insns / sizeof *insns, .filter = insns};

	if (syscall(SYS_getppid) < 0)
		return answer(s, PROBE_UNTRIED, "the act is not possible here in the first place");
	if (no_new_privs() < 0 || prctl(PR_SET_SECCOMP, K_SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return answer(s, PROBE_ABSENT, "the kernel refuses a filter: %s", err_words(errno));
	if (syscall(SYS_getppid) >= 0 || errno != EPERM)
		return answer(s, PROBE_BROKEN, "the filter is accepted and does not hold");
	works(s);
}

static void try_close_range(const struct stage *s)
{
	OWNED_FD int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return answer(s, PROBE_UNTRIED, "/dev/null: %s", err_words(errno));
	if (k_close_range((unsigned int)fd, (unsigned int)fd) < 0)
		return answer(s, PROBE_ABSENT, "%s", err_words(errno));
	if (fcntl(fd, F_GETFD) >= 0)
		return answer(s, PROBE_BROKEN, "the descriptor is still open");
	(void)take_fd(&fd); /* it is closed */
	works(s);
}

static void try_openat2(const struct stage *s)
{
	const struct k_open_how plain = {.flags = O_PATH | O_CLOEXEC};
	const struct k_open_how no_links = {.flags = O_PATH | O_CLOEXEC, .resolve = K_RESOLVE_NO_SYMLINKS};
	const struct k_open_how no_magic = {.flags = O_PATH | O_CLOEXEC, .resolve = K_RESOLVE_NO_MAGICLINKS};
	OWNED_FD int all = k_openat2(AT_FDCWD, "/proc/self/exe", &plain);

	if (all < 0)
		return answer(s, errno == ENOSYS ? PROBE_ABSENT : PROBE_UNTRIED, "%s", err_words(errno));
	OWNED_FD int a = k_openat2(AT_FDCWD, "/proc/self/exe", &no_magic);
	if (a >= 0 || errno != ELOOP)
		return answer(s, PROBE_BROKEN, "a magic link was followed");
	OWNED_FD int b = k_openat2(AT_FDCWD, "/proc/self/status", &no_links);
	if (b >= 0 || errno != ELOOP)
		return answer(s, PROBE_BROKEN, "a symbolic link was followed");
	works(s);
}

static void try_pidfd(const struct stage *s)
{
	OWNED_FD int fd = (int)syscall(SYS_pidfd_open, getppid(), 0u);

	if (fd < 0 || syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0u) < 0)
		return answer(s, PROBE_ABSENT, "%s", err_words(errno));
	works(s);
}

static void try_memfd(const struct stage *s)
{
	OWNED_FD int fd = (int)syscall(SYS_memfd_create, "endow-doctor", MFD_NOEXEC_SEAL | (unsigned int)MFD_CLOEXEC);

	if (fd < 0)
		return answer(s, PROBE_ABSENT, "%s", err_words(errno));
	if (fchmod(fd, 0700) == 0)
		return answer(s, PROBE_BROKEN, "the file could be made executable all the same");
	works(s);
}

static void try_one(const struct stage *s, enum probe_id id)
{
	static void (*const others[PROBE_COUNT])(const struct stage *s) = {
	    [PROBE_VIEW] = try_view,       [PROBE_AUDIT] = try_audit,
	    [PROBE_IPC] = try_ipc,         [PROBE_PROCESSES] = try_processes,
	    [PROBE_NET] = try_net,         [PROBE_USERS] = try_users,
	    [PROBE_SECCOMP] = try_seccomp, [PROBE_CLOSE_RANGE] = try_close_range,
	    [PROBE_OPENAT2] = try_openat2, [PROBE_PIDFD] = try_pidfd,
	    [PROBE_MEMFD] = try_memfd,
	};

	if (others[id])
		return others[id](s);
	for (size_t i = 0; i < sizeof landlock_tries / sizeof *landlock_tries; i++)
		if (landlock_tries[i].id == id)
			try_landlock(s, &landlock_tries[i]);
}

/* The child can't come back: what it has entered is never left. */
static int run_one(const struct stage *s, enum probe_id id, struct err *err)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return err_set(err, errno, "can't start a process to try the kernel in: %s", err_words(errno));
	if (pid == 0) {
		alarm(TRY_SECONDS);
		try_one(s, id);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, errno, "lost the process that tries the kernel: %s", err_words(errno));
	if (WIFSIGNALED(status))
		answer(s, PROBE_UNTRIED, "the try was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	return 0;
}

static int stage_file(struct stage *s, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	/* A long TMPDIR would not fit: the system's own does. */
	if (!tmp || *tmp != '/' || (size_t)snprintf(s->dir, sizeof s->dir, "%s/endow-doctor-XXXXXX", tmp) >= sizeof s->dir)
		strcpy(s->dir, "/tmp/endow-doctor-XXXXXX");
	if (!mkdtemp(s->dir)) {
		s->dir[0] = '\0';
		return err_set(err, errno, "no folder in $TMPDIR or /tmp to try the kernel in: %s", err_words(errno));
	}
	snprintf(s->file, sizeof s->file, "%s/file", s->dir);
	snprintf(s->private, sizeof s->private, "%s/private", s->dir);
	OWNED_FD int fd = open(s->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || mkdir(s->private, 0700) < 0)
		return err_set(err, errno, "%s: %s", s->dir, err_words(errno));
	return 0;
}

/* An abstract name that the kernel chooses. Without the socket the probe that wants it says so. */
static void stage_socket(struct stage *s)
{
	s->server = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	s->address.sun_family = AF_UNIX;
	s->address_len = sizeof s->address;
	if (s->server >= 0 && (bind(s->server, (struct sockaddr *)&s->address, sizeof s->address.sun_family) < 0 ||
			       getsockname(s->server, (struct sockaddr *)&s->address, &s->address_len) < 0)) {
		close(s->server);
		s->server = -1;
	}
}

static void stage_clear(const struct stage *s)
{
	owned_close(&s->server);
	if (!s->dir[0])
		return;
	rmdir(s->private);
	unlink(s->file);
	rmdir(s->dir);
}

int probes_run(struct probe_result results[PROBE_COUNT], struct err *err)
{
	const size_t size = PROBE_COUNT * sizeof *results;
	struct stage s = {.server = -1};
	struct probe_result *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return err_set(err, errno, "no memory: %s", err_words(errno));
	int rc = stage_file(&s, err);
	if (rc == 0)
		stage_socket(&s);
	for (enum probe_id id = 0; id < PROBE_COUNT && rc == 0; id++) {
		s.result = &shared[id];
		answer(&s, PROBE_UNTRIED, "the try gave no answer");
		rc = run_one(&s, id, err);
	}
	stage_clear(&s);
	memcpy(results, shared, size);
	munmap(shared, size);
	return rc;
}

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "promise.h"

#define NOEXEC_SEAL 8u /* of memfd_create() */

const char *const promise_names[PROMISES] = {"proc",  "tty",     "fattr",   "fattr-anywhere", "id", "debug",
					     "sched", "sysvipc", "netlink", "watch",          "aio"};

static int file, ends[2], listener;
static pid_t other; /* a process of ours that does nothing */

static int result(long rc)
{
	return rc < 0 ? -errno : 0;
}

static int result_fd(int fd)
{
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Its permissions can be set, and it is nobody else's. */
static int make_file(void)
{
	int fd = (int)syscall(SYS_memfd_create, "file", NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? (int)syscall(SYS_memfd_create, "file", 0) : fd;
}

void attempts_begin(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

	file = make_file();
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (file < 0 || pipe(ends) < 0 || (other = fork()) < 0) {
		perror("what attempts work on");
		exit(1);
	}
	if (other == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		pause();
		_exit(1);
	}
	if (listener >= 0 && (bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 8) < 0)) {
		close(listener);
		listener = -1;
	}
}

/* Processes --------------------------------------------------------------------------------------------------------------- */

int try_fork(void)
{
	const pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -errno;
	return waitpid(pid, NULL, 0) == pid ? 0 : -ECHILD;
}

static int try_kill_parent(void)
{
	return result(kill(getppid(), 0));
}

static int try_pidfd(void)
{
	return result_fd((int)syscall(SYS_pidfd_open, getppid(), 0));
}

static int try_group(void)
{
	return result(setpgid(0, 0));
}

static int try_kill_itself(void)
{
	return result(kill(getpid(), 0));
}

static void *nothing(void *arg)
{
	return arg;
}

static int try_thread(void)
{
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, nothing, NULL);

	return rc ? -rc : -pthread_join(thread, NULL);
}

static int try_clone3(void)
{
	return result(syscall(SYS_clone3, NULL, 0));
}

/* Terminals: there is none here, which the kernel says once it is asked. ----------------------------------------------------
 */

static int try_set_terminal(void)
{
	struct termios t = {0};

	return result(ioctl(ends[0], TCSETS, &t));
}

static int try_set_size(void)
{
	struct winsize w = {0};

	return result(ioctl(ends[0], TIOCSWINSZ, &w));
}

static int try_look_at_terminal(void)
{
	struct termios t;

	return result(ioctl(ends[0], TCGETS, &t));
}

static int try_push_input(void)
{
	return result(ioctl(ends[0], TIOCSTI, "x"));
}

/* Metadata ---------------------------------------------------------------------------------------------------------------- */

static int try_chmod(void)
{
	return result(fchmod(file, 0600));
}

static int try_times(void)
{
	return result(syscall(SYS_utimensat, file, NULL, NULL, 0));
}

static int try_owner(void)
{
	return result(fchown(file, (uid_t)-1, (gid_t)-1));
}

static int try_attribute(void)
{
	return result(syscall(SYS_fsetxattr, -1, "user.x", "", 0, 0));
}

/* Who it is -----------------------------------------------------------------------------------------------------------------
 */

static int try_user(void)
{
	return result(syscall(SYS_setresuid, -1, -1, -1));
}

static int try_group_id(void)
{
	return result(syscall(SYS_setregid, -1, -1));
}

static int try_keep_capabilities(void)
{
	return result(prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0));
}

/* Looking into processes ----------------------------------------------------------------------------------------------------
 */

static int try_read_memory(void)
{
	char from = 1, to = 0;
	struct iovec a = {&to, 1}, b = {&from, 1};

	return result(process_vm_readv(getpid(), &a, 1, &b, 1, 0));
}

static int try_trace(void)
{
	return result(syscall(SYS_ptrace, PTRACE_PEEKDATA, getppid(), 0, &(long){0}));
}

static int try_addresses(void)
{
	return result(personality(ADDR_NO_RANDOMIZE));
}

/* Scheduling ----------------------------------------------------------------------------------------------------------------
 */

int try_priority(void)
{
	return result(syscall(SYS_getpriority, PRIO_PROCESS, other));
}

static int try_limits(void)
{
	struct rlimit limit;

	return result(prlimit(other, RLIMIT_NOFILE, NULL, &limit));
}

static int try_own_priority(void)
{
	return result(syscall(SYS_getpriority, PRIO_PROCESS, 0));
}

static int try_own_limits(void)
{
	struct rlimit limit;

	return result(prlimit(0, RLIMIT_NOFILE, NULL, &limit));
}

/* System V, netlink, watching, aio
 * --------------------------------------------------------------------------------------------- */

static int try_shared_memory(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

	return id < 0 ? -errno : result(shmctl(id, IPC_RMID, NULL));
}

static int try_queue(void)
{
	return result(syscall(SYS_mq_unlink, "endow-no-such-queue"));
}

static int try_netlink(void)
{
	return result_fd(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

static int try_interfaces(void)
{
	struct ifconf list = {0};

	return result(ioctl(ends[0], SIOCGIFCONF, &list));
}

int try_watch(void)
{
	return result_fd(inotify_init1(IN_CLOEXEC));
}

static int try_lease(void)
{
	return result(fcntl(file, F_GETLEASE));
}

static int try_aio(void)
{
	aio_context_t context = 0;

	if (syscall(SYS_io_setup, 1, &context) < 0)
		return -errno;
	return result(syscall(SYS_io_destroy, context));
}

static int try_aio_end(void)
{
	return result(syscall(SYS_io_destroy, 0));
}

/* What stays ----------------------------------------------------------------------------------------------------------------
 */

static int try_write(void)
{
	char c = 'x';

	return write(ends[1], &c, 1) == 1 && read(ends[0], &c, 1) == 1 ? 0 : -errno;
}

static int try_open(void)
{
	return result_fd(open("/no/such/file", O_RDONLY | O_CLOEXEC));
}

static int try_pair(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return -errno;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static int try_memory(void)
{
	return result_fd(make_file());
}

/* What a sandbox grants, or does not -----------------------------------------------------------------------------------------
 */

static int try_connect(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t size = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || listener < 0)
		return -errno;
	getsockname(listener, (struct sockaddr *)&a, &size);
	int rc = result(connect(fd, (struct sockaddr *)&a, sizeof a));
	close(fd);
	if (rc == 0)
		rc = result_fd(accept(listener, NULL, NULL));
	return rc;
}

static int try_serve(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return -errno;
	int rc = result(bind(fd, (struct sockaddr *)&a, sizeof a));
	if (rc == 0)
		rc = result(listen(fd, 1));
	close(fd);
	return rc;
}

static int try_datagram(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return -errno;
	int rc = result(sendto(fd, "", 0, 0, (struct sockaddr *)&a, sizeof a));
	close(fd);
	return rc;
}

static int try_unix(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return -errno;
	int rc = result(bind(fd, (struct sockaddr *)&a, sizeof(sa_family_t))); /* an abstract name of the kernel's choice */
	if (rc == 0)
		rc = result(listen(fd, 1));
	close(fd);
	return rc;
}

/* A device's command that no table names. */
static int try_command(void)
{
	return result(ioctl(ends[0], 0x1234, 0));
}

/* What no policy opens -------------------------------------------------------------------------------------------------------
 */

static int try_mount(void)
{
	return result(mount("none", "/no/such/folder", "tmpfs", 0, NULL));
}

static int try_key(void)
{
	return result(syscall(SYS_keyctl, -1, 0, 0, 0, 0));
}

static int try_program_memory(void)
{
	return result_fd((int)syscall(SYS_memfd_create, "program", 0));
}

/* What is no protocol the kernel says only to who may ask for others than TCP. */
static int try_protocol(void)
{
	return result_fd(socket(AF_INET, SOCK_STREAM, 1000));
}

#define BY(needs, name, make, open)                     \
	{                                               \
		OPENED, needs, name, make, open, -EPERM \
	}
#define BY_AS(needs, name, make, open, closed)          \
	{                                               \
		OPENED, needs, name, make, open, closed \
	}
#define STAYS(name, make, open)                \
	{                                      \
		ALWAYS, 0, name, make, open, 0 \
	}
#define GIVEN(name, make, open)                 \
	{                                       \
		GRANTED, 0, name, make, open, 0 \
	}
#define GOES(name, make, open, closed)             \
	{                                          \
		NEVER, 0, name, make, open, closed \
	}
const struct attempt attempts[] = {
    BY(PROC, "fork", try_fork, 0),
    BY(PROC, "kill the parent with 0", try_kill_parent, 0),
    BY(PROC, "pidfd_open the parent", try_pidfd, 0),
    BY(PROC, "setpgid", try_group, 0),
    BY(TTY, "TCSETS", try_set_terminal, -ENOTTY),
    BY(TTY, "TIOCSWINSZ", try_set_size, -ENOTTY),
    BY(FATTR | FATTR_ANYWHERE, "fchmod", try_chmod, 0),
    BY(FATTR | FATTR_ANYWHERE, "utimensat", try_times, 0),
    BY(FATTR | FATTR_ANYWHERE, "fchown", try_owner, 0),
    BY(FATTR | FATTR_ANYWHERE, "fsetxattr", try_attribute, -EBADF),
    BY(ID, "setresuid", try_user, 0),
    BY(ID, "setregid", try_group_id, 0),
    BY(ID, "PR_SET_KEEPCAPS", try_keep_capabilities, 0),
    BY(DEBUG, "process_vm_readv", try_read_memory, 0),
    BY(DEBUG, "ptrace", try_trace, -ESRCH),
    BY(DEBUG, "ADDR_NO_RANDOMIZE", try_addresses, 0),
    BY(SCHED, "getpriority of another", try_priority, 0),
    BY(SCHED, "prlimit of another", try_limits, 0),
    BY(SYSVIPC, "shmget", try_shared_memory, 0),
    BY(SYSVIPC, "mq_unlink", try_queue, -ENOENT),
    BY_AS(NETLINK, "a netlink socket", try_netlink, 0, -EACCES),
    BY(NETLINK, "SIOCGIFCONF", try_interfaces, -ENOTTY),
    BY(WATCH, "inotify_init1", try_watch, 0),
    BY(WATCH, "F_GETLEASE", try_lease, 0),
    BY_AS(AIO, "io_setup", try_aio, 0, -ENOSYS),
    BY(AIO, "io_destroy", try_aio_end, -EINVAL),
    STAYS("read and write", try_write, 0),
    STAYS("open", try_open, -ENOENT),
    STAYS("socketpair", try_pair, 0),
    STAYS("memfd_create, no program", try_memory, 0),
    STAYS("kill itself with 0", try_kill_itself, 0),
    STAYS("its own priority", try_own_priority, 0),
    STAYS("its own limits", try_own_limits, 0),
    STAYS("a thread", try_thread, 0),
    STAYS("TCGETS", try_look_at_terminal, -ENOTTY),
    GIVEN("connect", try_connect, 0),
    GIVEN("bind and listen", try_serve, 0),
    GIVEN("a datagram", try_datagram, 0),
    GIVEN("a unix socket", try_unix, 0),
    GIVEN("a device's command", try_command, -ENOTTY),
    GOES("mount", try_mount, -ENOENT, -EPERM),
    GOES("keyctl", try_key, -EOPNOTSUPP, -EPERM),
    GOES("TIOCSTI", try_push_input, -ENOTTY, -EPERM),
    GOES("clone3", try_clone3, -EINVAL, -ENOSYS),
    GOES("memfd_create, a program", try_program_memory, 0, -EACCES),
    GOES("another protocol", try_protocol, -EINVAL, -EACCES),
};
const size_t attempts_count = sizeof attempts / sizeof *attempts;

/*
 * prober: tries accesses from inside a sandbox. Each line of standard input is an access, "KIND OBJECT"; each line of standard
 * output is the errno that came of it, 0 for success. Linked statically: it needs nothing that a policy would have to grant.
 *
 *   file DEV INO PATH says what PATH is outside, and has no answer
 *   read, write, append, truncate, create, ioctl, stat, exec PATH   through LOADER PATH   connect, listen PORT   udp, unix, env
 * NAME promise NAME What is executed is executed whatever becomes of it; what a loader runs has to exit with 0.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODYS_IOCTL 0x12345678u
#define FDS 16
#define FILES 256

static int result(long rc)
{
	return rc < 0 ? errno : 0;
}

/* Which files there are outside, said before anything is tried: a descriptor may be of one that can't be seen. */
static struct file {
	unsigned long long dev, ino;
	char path[256];
} files[FILES];
static size_t file_count;

static void remember_file(const char *text)
{
	struct file *f = &files[file_count];

	if (file_count < FILES && sscanf(text, "%llu %llu %255[^\n]", &f->dev, &f->ino, f->path) == 3)
		file_count++;
}

static const struct file *find_file(const char *path)
{
	for (size_t i = 0; i < file_count; i++)
		if (strcmp(files[i].path, path) == 0)
			return &files[i];
	return NULL;
}

/* A descriptor that was handed over, of the same file and with this access. */
static int has_descriptor(const char *path, int write)
{
	const struct file *file = find_file(path);
	struct stat of;

	for (int fd = 3; fd < FDS && file; fd++) {
		const int flags = fcntl(fd, F_GETFL);
		if (flags < 0 || fstat(fd, &of) < 0 || of.st_ino != file->ino || of.st_dev != file->dev)
			continue;
		const int mode = flags & O_ACCMODE;
		if (write == 0 ? mode != O_WRONLY : write == 1 ? mode != O_RDONLY && !(flags & O_APPEND) : mode != O_RDONLY)
			return 1;
	}
	return 0;
}

static int try_open(const char *path, int flags, int write)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const int rc = result(fd);

	if (fd >= 0)
		close(fd);
	return rc && has_descriptor(path, write) ? 0 : rc;
}

static int try_truncate(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? errno : result(truncate(path, st.st_size));
}

/* An entry is made and taken away again: PATH, or one in it where it is a folder. */
static int try_create(const char *path)
{
	struct stat st;
	char in[4096];

	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		if ((size_t)snprintf(in, sizeof in, "%s/new.%d", path, (int)getpid()) >= sizeof in)
			return ENAMETOOLONG;
		path = in;
	}
	const int rc = result(mkdir(path, 0700));
	return rc ? rc : result(rmdir(path));
}

/* Opened with 3, for neither reading nor writing, which takes no right; else to read. ENOTTY is what a file says that was
 * asked. */
static int try_ioctl(const char *path)
{
	int fd = open(path, 3 | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return EBADF;
	const int rc = result(ioctl(fd, NOBODYS_IOCTL, 0));
	close(fd);
	return rc == ENOTTY || rc == EINVAL ? 0 : rc;
}

static int try_exec(char *program, char *word)
{
	char *const argv[] = {program, word, NULL}, *const env[] = {NULL};
	int status, failed[2], code = 0;

	if (pipe2(failed, O_CLOEXEC) < 0)
		return errno;
	pid_t pid = fork();
	if (pid < 0)
		return errno;
	if (pid == 0) {
		execve(program, argv, env);
		code = errno;
		_exit(write(failed[1], &code, sizeof code) == sizeof code ? 99 : 98);
	}
	close(failed[1]);
	if (read(failed[0], &code, sizeof code) != sizeof code)
		code = 0;
	close(failed[0]);
	if (waitpid(pid, &status, 0) < 0)
		return errno;
	if (code)
		return code;
	return !word || (WIFEXITED(status) && WEXITSTATUS(status) == 0) ? 0 : EACCES;
}

static int try_connect(int port)
{
	const struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	const int rc = result(connect(fd, (const struct sockaddr *)&to, sizeof to));
	close(fd);
	return rc;
}

static int try_listen(int port)
{
	const struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	int rc = result(bind(fd, (const struct sockaddr *)&at, sizeof at));
	if (rc == EADDRINUSE) /* somebody else's, but it was asked for */
		rc = 0;
	else if (rc == 0)
		rc = result(listen(fd, 1));
	close(fd);
	return rc;
}

static int try_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : result(waitpid(pid, NULL, 0));
}

/* A call of each family that does nothing where it may be made: what it then says is no refusal. */
static int try_promise(const char *name)
{
	int rc;

	if (strcmp(name, "proc") == 0)
		return try_fork();
	if (strcmp(name, "tty") == 0) /* of a pipe: ENOTTY */
		return (rc = result(ioctl(STDIN_FILENO, 0x5404, 0))) == ENOTTY || rc == EINVAL || rc == EFAULT ? 0 : rc;
	if (strcmp(name, "fattr") == 0)
		return (rc = result(chmod("/nothing/here", 0700))) == ENOENT ? 0 : rc;
	if (strcmp(name, "id") == 0)
		return result(setfsuid(geteuid()) < 0 ? -1 : syscall(SYS_setresuid, -1, -1, -1));
	if (strcmp(name, "debug") == 0)
		return (rc = result(ptrace(PTRACE_CONT, getpid(), 0, 0))) == ESRCH ? 0 : rc;
	if (strcmp(name, "sched") == 0)
		return errno = 0, getpriority(PRIO_USER, geteuid()) == -1 && errno == EPERM ? EPERM : 0; /* -1 may be one */
	if (strcmp(name, "sysvipc") == 0)
		return (rc = result(syscall(SYS_shmget, 0, 0, 0))) == EPERM ? rc : 0;
	if (strcmp(name, "netlink") == 0)
		return try_socket(AF_NETLINK, SOCK_RAW);
	if (strcmp(name, "watch") == 0)
		return (rc = result(inotify_init1(IN_CLOEXEC))) == EMFILE ? 0 : rc;
	if (strcmp(name, "aio") == 0)
		return (rc = result(syscall(SYS_io_setup, 0, 0))) == EPERM || rc == ENOSYS ? rc : 0;
	return ENOENT;
}

static int try_one(const char *kind, char *object)
{
	static const struct {
		const char *kind;
		int flags, write;
	} opens[] = {{"read", O_RDONLY, 0}, {"write", O_WRONLY, 1}, {"append", O_WRONLY | O_APPEND, 2}};
	struct stat st;
	int rc;

	for (size_t i = 0; i < sizeof opens / sizeof *opens; i++)
		if (strcmp(opens[i].kind, kind) == 0)
			return try_open(object, opens[i].flags, opens[i].write);
	if (strcmp(kind, "truncate") == 0)
		return try_truncate(object);
	if (strcmp(kind, "create") == 0)
		return try_create(object);
	if (strcmp(kind, "ioctl") == 0)
		return try_ioctl(object);
	if (strcmp(kind, "inherited") == 0) /* an ioctl on the pipe that standard input is */
		return (rc = result(ioctl(STDIN_FILENO, NOBODYS_IOCTL, 0))) == ENOTTY || rc == EINVAL ? 0 : rc;
	if (strcmp(kind, "stat") == 0)
		return result(stat(object, &st));
	if (strcmp(kind, "exec") == 0)
		return try_exec(object, NULL);
	if (strcmp(kind, "connect") == 0)
		return try_connect(atoi(object));
	if (strcmp(kind, "listen") == 0)
		return try_listen(atoi(object));
	if (strcmp(kind, "udp") == 0)
		return try_socket(AF_INET, SOCK_DGRAM);
	if (strcmp(kind, "unix") == 0)
		return try_socket(AF_UNIX, SOCK_STREAM);
	if (strcmp(kind, "env") == 0)
		return getenv(object) ? (printf("=%s ", getenv(object)), 0) : ENOENT;
	if (strcmp(kind, "promise") == 0)
		return try_promise(object);
	return ENOSYS;
}

int main(void)
{
	char line[8192];

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		char *object = strchr(line, ' '), *word = NULL;
		if (object)
			*object++ = '\0';
		if (strcmp(line, "file") == 0 && object) {
			remember_file(object);
			continue;
		}
		if (strcmp(line, "through") == 0 && object && (word = strchr(object, ' '))) {
			*word++ = '\0';
			fflush(stdout);
			printf("%d\n", try_exec(object, word));
			continue;
		}
		fflush(stdout); /* what is forked has nothing to say twice */
		printf("%d\n", try_one(line, object ? object : line));
	}
	return 0;
}

/* What a process has: descriptors, environment, identity, limits. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "owned.h"
#include "probe.h"
#include "tries.h"
#include "tries_abi.h"

#define ALONE(name) static int name(int argc __attribute__((unused)), char **argv __attribute__((unused)))

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "dir";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	case S_IFIFO: return "pipe";
	case S_IFSOCK: return "socket";
	default: return "other";
	}
}

static const char *mode_of(int flags)
{
	static const char *const append[] = {"r", "wa", "rwa", "?"}, *const plain[] = {"r", "w", "rw", "?"};

	if (flags & O_PATH)
		return "path";
	return (flags & O_APPEND ? append : plain)[flags & O_ACCMODE];
}

/* NUMBER:KIND:MODE:PATH each, blanks between. */
ALONE(see_fds)
{
	const char *space = "";

	for (int fd = 0; fd < 65536; fd++) {
		char name[32], path[4096];
		struct stat st = {0};
		int flags = fcntl(fd, F_GETFL);
		if (flags < 0)
			continue;
		printf("%s%d:%s:%s:", space, fd, fstat(fd, &st) == 0 ? kind_of(st.st_mode) : "?", mode_of(flags));
		snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
		ssize_t n = readlink(name, path, sizeof path);
		probe_quote(n < 0 ? "?" : path, n < 0 ? 1 : (unsigned long)n);
		space = " ";
	}
	putchar('\n');
	return 0;
}

ALONE(see_env)
{
	for (char **e = environ; *e; e++) {
		if (e != environ)
			putchar(' ');
		probe_quote(*e, strlen(*e));
	}
	putchar('\n');
	return 0;
}

static int see_args(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (i)
			putchar(' ');
		probe_quote(argv[i], strlen(argv[i]));
	}
	putchar('\n');
	return 0;
}

ALONE(see_cwd)
{
	char path[4096];

	if (!getcwd(path, sizeof path))
		return probe_say(-1);
	puts(path);
	return 0;
}

ALONE(see_umask)
{
	printf("%04o\n", umask(0));
	return 0;
}

ALONE(see_signals)
{
	sigset_t mask;
	const char *comma = "";

	sigprocmask(SIG_SETMASK, NULL, &mask);
	printf("blocked=");
	for (int s = 1; s < NSIG; s++)
		if (sigismember(&mask, s) == 1) {
			printf("%s%d", comma, s);
			comma = ",";
		}
	printf(" ignored=");
	comma = "";
	for (int s = 1; s < NSIG; s++) {
		struct sigaction now;
		if (sigaction(s, NULL, &now) == 0 && now.sa_handler == SIG_IGN) {
			printf("%s%d", comma, s);
			comma = ",";
		}
	}
	putchar('\n');
	return 0;
}

static void print_limit(rlim_t n)
{
	if (n == RLIM_INFINITY)
		printf("unlimited");
	else
		printf("%llu", (unsigned long long)n);
}

/* NAME=SOFT:HARD each. */
ALONE(see_limits)
{
	static const struct {
		const char *name;
		int resource;
	} limits[] = {{"memory", RLIMIT_AS},
		      {"cpu", RLIMIT_CPU},
		      {"processes", RLIMIT_NPROC},
		      {"files", RLIMIT_NOFILE},
		      {"filesize", RLIMIT_FSIZE},
		      {"core", RLIMIT_CORE},
		      {"stack", RLIMIT_STACK},
		      {"data", RLIMIT_DATA},
		      {"memlock", RLIMIT_MEMLOCK},
		      {"nice", RLIMIT_NICE},
		      {"rtprio", RLIMIT_RTPRIO},
		      {"msgqueue", RLIMIT_MSGQUEUE},
		      {"sigpending", RLIMIT_SIGPENDING}};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct rlimit r = {0, 0};
		printf("%s%s=", i ? " " : "", limits[i].name);
		if (getrlimit(limits[i].resource, &r) < 0) {
			printf("?");
			continue;
		}
		print_limit(r.rlim_cur);
		putchar(':');
		print_limit(r.rlim_max);
	}
	putchar('\n');
	return 0;
}

static void print_prctl(const char *name, long value)
{
	if (value < 0)
		printf(" %s=?", name);
	else
		printf(" %s=%#lx", name, (unsigned long)value);
}

static void print_cap_bits(const char *name, int ambient)
{
	unsigned long long bits = 0;
	int seen = 0;

	for (long cap = 0; cap <= ABI_CAP_LAST; cap++) {
		long set = ambient ? syscall(SYS_prctl, ABI_PR_CAP_AMBIENT, ABI_PR_CAP_AMBIENT_IS_SET, cap, 0L, 0L)
				   : syscall(SYS_prctl, ABI_PR_CAPBSET_READ, cap, 0L, 0L, 0L);
		if (set < 0)
			break;
		seen = 1;
		bits |= (unsigned long long)set << cap;
	}
	if (seen)
		printf(" %s=%#llx", name, bits);
	else
		printf(" %s=?", name);
}

ALONE(see_caps)
{
	struct abi_cap_header head = {ABI_CAP_VERSION_3, 0};
	struct abi_cap_data d[2] = {{0}};

	if (syscall(SYS_capget, &head, d) < 0)
		printf("effective=? permitted=? inheritable=?");
	else
		printf("effective=%#llx permitted=%#llx inheritable=%#llx",
		       (unsigned long long)d[1].effective << 32 | d[0].effective,
		       (unsigned long long)d[1].permitted << 32 | d[0].permitted,
		       (unsigned long long)d[1].inheritable << 32 | d[0].inheritable);
	print_cap_bits("ambient", 1);
	print_cap_bits("bounding", 0);
	print_prctl("securebits", syscall(SYS_prctl, ABI_PR_GET_SECUREBITS, 0L, 0L, 0L, 0L));
	print_prctl("no_new_privs", syscall(SYS_prctl, ABI_PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L));
	print_prctl("seccomp", syscall(SYS_prctl, PR_GET_SECCOMP, 0L, 0L, 0L, 0L));
	print_prctl("dumpable", syscall(SYS_prctl, PR_GET_DUMPABLE, 0L, 0L, 0L, 0L));
	putchar('\n');
	return 0;
}

ALONE(see_ids)
{
	uid_t u[3];
	gid_t g[3], groups[1024];

	if (getresuid(&u[0], &u[1], &u[2]) < 0 || getresgid(&g[0], &g[1], &g[2]) < 0)
		return probe_say(-1);
	printf("uid=%u,%u,%u gid=%u,%u,%u groups=", u[0], u[1], u[2], g[0], g[1], g[2]);
	int n = getgroups(1024, groups);
	for (int i = 0; i < n; i++)
		printf("%s%u", i ? "," : "", groups[i]);
	putchar('\n');
	return 0;
}

ALONE(see_session)
{
	OWNED_FD int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	printf("pid=%d ppid=%d pgid=%d sid=%d controlling=%s\n", getpid(), getppid(), getpgrp(), getsid(0),
	       tty >= 0 ? "yes" : "no");
	return 0;
}

ALONE(see_keyring)
{
	long id = syscall(SYS_keyctl, 0, ABI_KEY_SPEC_SESSION, 0);

	if (id < 0)
		return probe_say(-1);
	printf("session=%ld\n", id);
	return 0;
}

/* For each standard stream: - no terminal, t terminal, T terminal whose state can be set to what it is. */
ALONE(see_tty)
{
	for (int fd = 0; fd <= 2; fd++) {
		struct termios t;
		putchar(tcgetattr(fd, &t) < 0 ? '-' : tcsetattr(fd, TCSANOW, &t) < 0 ? 't' : 'T');
	}
	putchar('\n');
	return 0;
}

const struct command probe_see_commands[] = {
    {"fds", "", 0, 0, see_fds},
    {"env", "", 0, 0, see_env},
    {"args", "[WORD]...", 0, -1, see_args},
    {"cwd", "", 0, 0, see_cwd},
    {"umask", "", 0, 0, see_umask},
    {"signals", "", 0, 0, see_signals},
    {"limits", "", 0, 0, see_limits},
    {"caps", "", 0, 0, see_caps},
    {"ids", "", 0, 0, see_ids},
    {"session", "", 0, 0, see_session},
    {"keyring", "", 0, 0, see_keyring},
    {"tty", "", 0, 0, see_tty},
    {0},
};

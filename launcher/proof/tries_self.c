/* What the sandbox was handed without meaning to, what privilege is left in it, and its terminal. */
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "tries_util.h"

static int among(int fd, const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] == fd)
			return 1;
	return 0;
}

static int stray_descriptor(const struct try_targets *t)
{
	if (t->fd_bound <= 0)
		return TRY_MOOT;
	for (int fd = 0; fd < t->fd_bound; fd++)
		if (!among(fd, t->fds, t->fd_count) && syscall(SYS_fcntl, fd, F_GETFD) >= 0)
			return 0;
	return -EBADF;
}

static int env_allowed(const char *entry, const char *const *names)
{
	size_t len = strcspn(entry, "=");

	for (; *names; names++) {
		size_t n = strlen(*names);
		if (n > 0 && (*names)[n - 1] == '*' ? strncmp(entry, *names, n - 1) == 0
						    : n == len && strncmp(entry, *names, n) == 0)
			return 1;
	}
	return 0;
}

static int stray_variable(const struct try_targets *t)
{
	if (!t->env || !t->env_names)
		return TRY_MOOT;
	for (char *const *entry = t->env; *entry; entry++)
		if (!env_allowed(*entry, t->env_names))
			return 0;
	return -ENOENT;
}

static int stray_group(const struct try_targets *t)
{
	gid_t groups[1024];

	if (t->group_count < 0)
		return TRY_MOOT;
	int n = (int)syscall(SYS_getgroups, 1024, groups);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		int known = groups[i] == getgid();
		for (int k = 0; k < t->group_count; k++)
			known |= groups[i] == t->groups[k];
		if (!known)
			return 0;
	}
	return -ENOENT;
}

static int signals_blocked(const struct try_targets *t)
{
	uint64_t mask = 0;

	(void)t;
	if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &mask, 8L) < 0)
		return -errno;
	return mask ? 0 : -ENOENT;
}

static int signals_ignored(const struct try_targets *t)
{
	(void)t;
	for (int s = 1; s < NSIG; s++) {
		struct sigaction now;
		if (sigaction(s, NULL, &now) == 0 && now.sa_handler == SIG_IGN)
			return 0;
	}
	return -ENOENT;
}

enum cap_set { EFFECTIVE, PERMITTED, INHERITABLE };

static int stray_caps(const struct try_targets *t, enum cap_set which)
{
	struct abi_cap_header head = {ABI_CAP_VERSION_3, 0};
	struct abi_cap_data data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return TRY_MOOT; /* nothing was seen */
	uint64_t held = 0;
	for (int i = 0; i < 2; i++) {
		uint32_t part = which == EFFECTIVE   ? data[i].effective
				: which == PERMITTED ? data[i].permitted
						     : data[i].inheritable;
		held |= (uint64_t)part << (32 * i);
	}
	return held & ~t->caps ? 0 : -EPERM;
}

static int caps_effective(const struct try_targets *t)
{
	return stray_caps(t, EFFECTIVE);
}

static int caps_permitted(const struct try_targets *t)
{
	return stray_caps(t, PERMITTED);
}

static int caps_inheritable(const struct try_targets *t)
{
	return stray_caps(t, INHERITABLE);
}

static int stray_by_prctl(const struct try_targets *t, int ambient)
{
	int seen = 0;

	for (long cap = 0; cap <= ABI_CAP_LAST; cap++) {
		long set = ambient ? syscall(SYS_prctl, ABI_PR_CAP_AMBIENT, ABI_PR_CAP_AMBIENT_IS_SET, cap, 0L, 0L)
				   : syscall(SYS_prctl, ABI_PR_CAPBSET_READ, cap, 0L, 0L, 0L);
		if (set < 0)
			break;
		seen = 1;
		if (set == 1 && !(t->caps & 1ull << cap))
			return 0;
	}
	return seen ? -EPERM : TRY_MOOT;
}

static int caps_ambient(const struct try_targets *t)
{
	return stray_by_prctl(t, 1);
}

static int caps_bounding(const struct try_targets *t)
{
	return t->bounding ? stray_by_prctl(t, 0) : TRY_MOOT;
}

static int new_privileges(const struct try_targets *t)
{
	(void)t;
	long set = syscall(SYS_prctl, ABI_PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L);

	return set < 0 ? TRY_MOOT : set == 0 ? 0 : -EPERM;
}

static int keep_caps(const struct try_targets *t)
{
	(void)t;
	long bits = syscall(SYS_prctl, ABI_PR_GET_SECUREBITS, 0L, 0L, 0L, 0L);

	return bits < 0 ? TRY_MOOT : bits & ABI_SECBIT_KEEP_CAPS ? 0 : -EPERM;
}

static int set_securebits(const struct try_targets *t)
{
	(void)t;
	return try_outcome(syscall(SYS_prctl, ABI_PR_SET_SECUREBITS, 0L, 0L, 0L, 0L));
}

/* To another one than our own: to be root already is no privilege here. */
static int become_user(const struct try_targets *t)
{
	uid_t uid = getuid() == 0 ? 1 : 0;

	(void)t;
	return try_outcome(syscall(SYS_setresuid, uid, uid, uid));
}

static int become_group(const struct try_targets *t)
{
	gid_t gid = getgid() == 0 ? 1 : 0;

	(void)t;
	return try_outcome(syscall(SYS_setresgid, gid, gid, gid));
}

static int set_groups(const struct try_targets *t)
{
	(void)t;
	return try_outcome(syscall(SYS_setgroups, 0, NULL));
}

/* The pointer leads nowhere: EFAULT says that a character would have been taken, ENOTTY that no filter was in the way. */
static int inject_into(int fd, unsigned long command)
{
	if (syscall(SYS_ioctl, fd, command, 8L) >= 0 || errno == EFAULT || errno == ENOTTY || errno == EINVAL)
		return 0;
	return -errno;
}

/* The streams are not always a terminal. A pipe never is one, and shows whether the filter refuses the command by itself. */
static int inject(unsigned long command)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	int code = inject_into(ends[0], command);
	close(ends[0]);
	close(ends[1]);
	for (int fd = 0; fd <= 2 && code != 0; fd++) {
		int rc = inject_into(fd, command);
		if (rc != -EBADF)
			code = rc;
	}
	return code;
}

static int inject_input(const struct try_targets *t)
{
	(void)t;
	return inject(ABI_TIOCSTI);
}

static int inject_console(const struct try_targets *t)
{
	(void)t;
	return inject(ABI_TIOCLINUX);
}

static int inject_discipline(const struct try_targets *t)
{
	(void)t;
	return inject(0x5423ul); /* TIOCSETD */
}

/* The kernel looks at 32 bits of a command, a filter may look at 64. */
static int inject_input_high(const struct try_targets *t)
{
	(void)t;
	return inject(ABI_TIOCSTI | 0x5eedul << (sizeof(long) * CHAR_BIT / 2));
}

static int inject_console_high(const struct try_targets *t)
{
	(void)t;
	return inject(ABI_TIOCLINUX | 0x5eedul << (sizeof(long) * CHAR_BIT / 2));
}

#define HELD(id, call, more, from, text)                                           \
	{                                                                          \
		.name = id, .layer = from, .fn = call, .flags = more, .what = text \
	}

const struct try tries_self[] = {
    HELD("stray-descriptor", stray_descriptor, 0, "fds", "a descriptor is open that was not granted"),
    HELD("stray-variable", stray_variable, 0, "env", "an environment variable is set that was not granted"),
    HELD("stray-group", stray_group, 0, "ids", "a supplementary group is held that was not granted"),
    HELD("signals-blocked", signals_blocked, TRY_SIGNALS, "signals", "signals are blocked from the start"),
    HELD("signals-ignored", signals_ignored, TRY_SIGNALS, "signals", "signals are ignored from the start"),
    HELD("caps-effective", caps_effective, TRY_PRIVILEGED, "caps", "capabilities are in effect"),
    HELD("caps-permitted", caps_permitted, TRY_PRIVILEGED, "caps", "capabilities can be put into effect"),
    HELD("caps-inheritable", caps_inheritable, TRY_PRIVILEGED | TRY_SYSTEM, "caps", "capabilities can be inherited"),
    HELD("caps-ambient", caps_ambient, TRY_PRIVILEGED | TRY_SYSTEM, "caps", "capabilities go on to every program"),
    HELD("caps-bounding", caps_bounding, TRY_PRIVILEGED, "caps", "the bounding set still holds capabilities"),
    HELD("new-privileges", new_privileges, 0, "caps", "programs can gain privileges when executed (no_new_privs is unset)"),
    HELD("keep-caps", keep_caps, TRY_SYSTEM, "caps", "capabilities survive a change of user"),
    {.name = "set-securebits",
     .layer = "seccomp",
     .fn = set_securebits,
     .flags = TRY_PRIVILEGED,
     .allowed_caps = ABI_CAP(SETPCAP),
     .what = "the rules for capabilities can be changed"},
    {.name = "setuid",
     .layer = "seccomp",
     .fn = become_user,
     .flags = TRY_PRIVILEGED | TRY_SPOILS,
     .allowed_caps = ABI_CAP(SETUID),
     .what = "another user can be become"},
    {.name = "setgid",
     .layer = "seccomp",
     .fn = become_group,
     .flags = TRY_PRIVILEGED | TRY_SPOILS,
     .allowed_caps = ABI_CAP(SETGID),
     .what = "another group can be become"},
    {.name = "setgroups",
     .layer = "seccomp",
     .fn = set_groups,
     .flags = TRY_PRIVILEGED | TRY_SPOILS,
     .allowed_caps = ABI_CAP(SETGID),
     .what = "the supplementary groups can be changed"},
    HELD("tiocsti", inject_input, 0, "seccomp", "characters can be put into the terminal's input"),
    HELD("tiocsti-high", inject_input_high, 0, "seccomp",
	 "characters can be put into the terminal's input (junk in the command's high half)"),
    HELD("tiocsetd", inject_discipline, 0, "seccomp",
	 "the terminal's line discipline can be changed, which loads kernel modules"),
    HELD("tioclinux", inject_console, 0, "seccomp", "the console's selection can be put into its input"),
    HELD("tioclinux-high", inject_console_high, 0, "seccomp",
	 "the console's selection can be put into its input (junk in the command's high half)"),
    {0},
};

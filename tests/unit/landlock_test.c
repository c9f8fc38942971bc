/* The tables behind "this kernel can't enforce that", written out once more, and the rulesets on this kernel. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "landlock.h"
#include "scratch.h"

Suite *landlock_suite(void);

static const struct {
	int abi;
	uint32_t gives;
	uint64_t handled;
} kernels[] = {
    {-95, 0, 0},       {0, 0, 0},         {1, 0x01, 0x1fff}, {2, 0x01, 0x3fff}, {3, 0x03, 0x7fff},  {4, 0x07, 0x7fff},
    {5, 0x0f, 0xffff}, {6, 0x3f, 0xffff}, {7, 0xbf, 0xffff}, {8, 0xbf, 0xffff}, {99, 0xbf, 0xffff},
};

START_TEST(each_abi)
{
	ck_assert_uint_eq(landlock_gives(kernels[_i].abi), kernels[_i].gives);
	ck_assert_uint_eq(landlock_handled_fs(kernels[_i].abi), kernels[_i].handled);
}
END_TEST

/* Every policy needs Landlock and truncate; this is what comes on top. REFUSED_TO is the last ABI that can't enforce it. */
static const struct {
	uint32_t families, more;
	int refused_to;
} needs[] = {
    {0, 0, 2},
    {FAM_PROC, FEATURE_SIGNAL_SCOPE, 5},
    {FAM_TTY, 0, 2},
    {FAM_FATTR, FEATURE_VIEW, 2},
    {FAM_FATTR_ANYWHERE, 0, 2},
    {FAM_ID, 0, 2},
    {FAM_DEBUG, 0, 2},
    {FAM_SCHED, 0, 2},
    {FAM_SYSVIPC, FEATURE_VIEW, 2},
    {FAM_NETLINK, 0, 2},
    {FAM_WATCH, 0, 2},
    {FAM_AIO, 0, 2},
    {FAM_TCP_CONNECT, FEATURE_TCP, 3},
    {FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY, 0, 2},
    {FAM_TCP_LISTEN, FEATURE_TCP, 3},
    {FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, 0, 2},
    {FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, 0, 2},
    {FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN, FEATURE_TCP, 3},
    {FAM_TCP_CONNECT | FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, FEATURE_TCP, 3},
    {FAM_UDP, 0, 2},
    {FAM_UDP | FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY, 0, 2},
    /* Whoever may listen has TCP sockets, and UDP brings connect(): only Landlock can keep the two apart. */
    {FAM_UDP | FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, FEATURE_TCP, 3},
    {FAM_UNIX, FEATURE_SOCKET_SCOPE, 5},
    {FAM_UNIX | FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, FEATURE_SOCKET_SCOPE | FEATURE_TCP, 5},
    {FAM_NOTIFY, FEATURE_SOCKET_SCOPE, 5},
    {FAM_BROKER_PATHS | FAM_REPORT, 0, 2},
    {FAM_BROKER_UNIX, 0, 2},
    /* Whom the supervisor connects must have no way around it. */
    {FAM_BROKER_NET, FEATURE_TCP, 3},
    {FAM_BROKER_NET | FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY, FEATURE_TCP, 3},
    {FAM_BROKER_NET | FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, FEATURE_TCP, 3},
    {FAM_BROKER_NET | FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, 0, 2},
    {FAM_IOCTL, FEATURE_IOCTL, 4},
    {FAM_APPEND_NAME, 0, 2},
    {FAM_APPEND_FD, 0, 2},
    {FAM_IOCTL | FAM_TCP_CONNECT | FAM_PROC, FEATURE_IOCTL | FEATURE_TCP | FEATURE_SIGNAL_SCOPE, 5},
};

START_TEST(each_family)
{
	ck_assert_uint_eq(landlock_needs(needs[_i].families), FEATURE_LANDLOCK | FEATURE_TRUNCATE | needs[_i].more);
}
END_TEST

/* As plan.c asks it: on which kernels is the family refused? */
START_TEST(each_refusal)
{
	for (int abi = 0; abi <= 8; abi++) {
		const uint32_t lacks = landlock_needs(needs[_i].families) & ~landlock_gives(abi) & ~(uint32_t)FEATURE_VIEW;
		ck_assert_msg((lacks != 0) == (abi <= needs[_i].refused_to), "families %#x, ABI %d: lacks %#x",
			      needs[_i].families, abi, lacks);
	}
}
END_TEST

enum {
	FILE_READ = 1 << 2,
	DIR_READ = 1 << 2 | 1 << 3,
	WRITE = 1 << 1 | 1 << 14,
	APPEND = 1 << 1, /* without truncation */
	EXEC = 1 << 0 | 1 << 2,
	IOCTL = 1 << 15,
	/* remove both, make dir, reg, sock, fifo, sym, refer; no device nodes */
	CREATE = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 13,
};

static const struct {
	uint32_t rights;
	uint64_t file, dir;
} mapping[] = {
    {0, 0, 0},
    {RIGHT_READ, FILE_READ, DIR_READ},
    {RIGHT_WRITE, WRITE, WRITE},
    {RIGHT_APPEND, APPEND, APPEND},
    {RIGHT_CREATE, 0, CREATE},
    {RIGHT_EXEC, EXEC, EXEC},
    {RIGHT_IOCTL, IOCTL, IOCTL},
    {RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE, FILE_READ | WRITE, DIR_READ | WRITE | CREATE},
    {RIGHT_ALL, FILE_READ | WRITE | EXEC | IOCTL, DIR_READ | WRITE | EXEC | IOCTL | CREATE},
};

START_TEST(each_right)
{
	ck_assert_uint_eq(landlock_rights(mapping[_i].rights, 0), mapping[_i].file);
	ck_assert_uint_eq(landlock_rights(mapping[_i].rights, 1), mapping[_i].dir);
}
END_TEST

static const struct {
	uint32_t feature;
	int since;
	const char *says;
} losses[] = {
    {FEATURE_LANDLOCK, 1, "outside the grants could be used"},
    {FEATURE_TRUNCATE, 3, "truncated"},
    {FEATURE_TCP, 4, "TCP"},
    {FEATURE_IOCTL, 5, "ioctl"},
    {FEATURE_SIGNAL_SCOPE, 6, "signals"},
    {FEATURE_SOCKET_SCOPE, 6, "abstract sockets"},
    {FEATURE_VIEW, 0, "view"},
    {FEATURE_AUDIT, 7, "audit"},
};

START_TEST(each_loss)
{
	int since = -1;
	const char *says = landlock_loss(losses[_i].feature, &since);

	ck_assert_int_eq(since, losses[_i].since);
	ck_assert_msg(strstr(says, losses[_i].says) != NULL, "'%s' does not speak of '%s'", says, losses[_i].says);
	/* What is told to be lost before SINCE is given from then on. */
	if (since > 0) {
		ck_assert(!(landlock_gives(since - 1) & losses[_i].feature));
		ck_assert(landlock_gives(since) & losses[_i].feature);
	}
}
END_TEST

/* On the kernel that is here. */

static int here(void)
{
	const int abi = k_landlock_abi();

	return abi < 0 ? 0 : abi > LANDLOCK_ABI_KNOWN ? LANDLOCK_ABI_KNOWN : abi;
}

/* The kernel refuses a field or a right that it does not know: every older ABI's ruleset must be to its liking. */
START_TEST(each_ruleset_is_accepted)
{
	static const uint32_t families[] = {0, FAM_ALL, FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY,
					    FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY};
	struct err err = {""};

	for (int abi = 1; abi <= here(); abi++)
		for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
			int fd = landlock_ruleset(abi, families[i], &err);
			ck_assert_msg(fd >= 0, "ABI %d, families %#x: %s", abi, families[i], err.text);
			ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
			close(fd);
		}
}
END_TEST

static int opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int connects(uint16_t port)
{
	const struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = connect(fd, (const struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;

	close(fd);
	return rc;
}

static void plant(int ruleset, const char *path, uint32_t rights, int is_dir)
{
	struct err err = {""};
	int fd = open(path, O_PATH | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_msg(landlock_plant(ruleset, here(), fd, rights, is_dir, &err) == 0, "%s", err.text);
	close(fd);
}

/* In a child, which says by its status which expectation failed. */
static int inside(const char *read, const char *append, const char *dir)
{
	char made[SCRATCH_PATH], other[SCRATCH_PATH];

	snprintf(made, sizeof made, "%s/made", dir);
	snprintf(other, sizeof other, "%s-other", read);
	if (opens(read, O_RDONLY) != 0)
		return 1;
	if (opens(read, O_WRONLY) != EACCES)
		return 2;
	if (opens(other, O_RDONLY) != EACCES)
		return 3;
	if (opens(append, O_WRONLY | O_APPEND) != 0)
		return 4;
	if (truncate(append, 0) == 0 || errno != EACCES)
		return 5;
	if (opens(made, O_WRONLY | O_CREAT) != 0 || unlink(made) < 0)
		return 6;
	if (mknod(made, S_IFCHR | 0600, 0) == 0)
		return 7;
	if (connects(1) == EACCES)
		return 8;
	if (connects(2) != EACCES)
		return 9;
	return 0;
}

START_TEST(a_ruleset_holds)
{
	struct err err = {""};
	int status;

	scratch_make();
	const char *read = put_file("read", "x", 0644), *append = put_file("append", "x", 0644), *dir = put_folder("dir", 0755);
	put_file("read-other", "x", 0644);
	int ruleset = landlock_ruleset(here(), FAM_TCP_CONNECT, &err);
	ck_assert_msg(ruleset >= 0, "%s", err.text);
	plant(ruleset, read, RIGHT_READ, 0);
	plant(ruleset, append, RIGHT_APPEND, 0);
	plant(ruleset, dir, RIGHT_WRITE | RIGHT_CREATE, 1);
	ck_assert_int_eq(landlock_port(ruleset, 0, 1, &err), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || k_landlock_restrict(ruleset) < 0)
			_exit(100);
		_exit(inside(read, append, dir));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	close(ruleset);
	scratch_remove();
}
END_TEST

/* What an ABI does not mediate is no rule, and a right that none of them is asked for no error. */
START_TEST(a_rule_of_nothing_is_none)
{
	struct err err = {""};
	int ruleset = landlock_ruleset(1, 0, &err), fd = open("/dev/null", O_PATH | O_CLOEXEC);

	ck_assert_int_ge(ruleset, 0);
	ck_assert_int_eq(landlock_plant(ruleset, 1, fd, RIGHT_IOCTL, 0, &err), 0);
	ck_assert_int_eq(landlock_plant(ruleset, 1, fd, RIGHT_CREATE, 0, &err), 0);
	ck_assert_int_lt(landlock_plant(fd, 1, fd, RIGHT_READ, 0, &err), 0); /* no ruleset */
	ck_assert_str_ne(err.text, "");
	close(fd);
	close(ruleset);
}
END_TEST

Suite *landlock_suite(void)
{
	Suite *s = suite_create("landlock");
	TCase *tables = tcase_create("tables"), *live = tcase_create("this kernel");

	tcase_add_loop_test(tables, each_abi, 0, sizeof kernels / sizeof *kernels);
	tcase_add_loop_test(tables, each_family, 0, sizeof needs / sizeof *needs);
	tcase_add_loop_test(tables, each_refusal, 0, sizeof needs / sizeof *needs);
	tcase_add_loop_test(tables, each_right, 0, sizeof mapping / sizeof *mapping);
	tcase_add_loop_test(tables, each_loss, 0, sizeof losses / sizeof *losses);
	suite_add_tcase(s, tables);
	tcase_add_test(live, each_ruleset_is_accepted);
	tcase_add_test(live, a_rule_of_nothing_is_none);
	if (here() >= 4)
		tcase_add_test(live, a_ruleset_holds);
	suite_add_tcase(s, live);
	return s;
}

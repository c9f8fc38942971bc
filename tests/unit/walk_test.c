/* walk() stands in for openat2(): it has to open the same thing, or refuse for the same reason, wherever that would. */
#include <limits.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "kernel.h"
#include "scratch.h"
#include "walk.h"

Suite *walk_suite(void);

static int base = -1;

/*
 * d/e/f files and folders, links of every kind between them, a chain of 40 links and one of 41.
 */
static void set_up(void)
{
	char name[16], to[16];

	scratch_make();
	put_folder("d", 0755);
	put_folder("d/e", 0755);
	put_file("f", "f", 0644);
	put_file("d/f", "d/f", 0644);
	put_file("d/e/f", "d/e/f", 0644);
	put_link("f", "l");
	put_link("d", "ld");
	put_link("d/", "ld-slash");
	put_link("f/", "lf-slash");
	put_link("d/e", "lde");
	put_link("../f", "d/up");
	put_link("../../d/e/../f", "d/e/winding");
	put_link("../../..", "d/e/out");
	put_link(".", "dot");
	put_link("..", "dotdot");
	put_link("nowhere", "dangling");
	put_link("d/nowhere/x", "dangling-deep");
	put_link("f/x", "through-file");
	put_link("loop", "loop");
	put_link("b", "a");
	put_link("a", "b");
	put_link("//", "root");
	put_link(scratch, "absolute");
	put_link(in_scratch("d/e"), "absolute-e");
	put_link(in_scratch("l"), "absolute-l");
	put_link("/proc/self", "proc");
	put_link("/proc/self/exe", "exe");
	put_link("f", "c0");
	for (int i = 1; i < 42; i++) {
		snprintf(name, sizeof name, "c%d", i);
		snprintf(to, sizeof to, "c%d", i - 1);
		put_link(to, name);
	}
	ck_assert_int_eq(mkfifo(in_scratch("fifo"), 0600), 0);
	put_link("fifo", "l-fifo");
	base = open(scratch, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(base, 0);
}

static void tear_down(void)
{
	close(base);
	chmod(in_scratch("d"), 0755);
	scratch_remove();
}

static int by_openat2(int dir, const char *path, int follow)
{
	const struct k_open_how how = {
	    .flags = O_PATH | O_CLOEXEC,
	    .resolve = K_RESOLVE_NO_MAGICLINKS | (follow ? 0 : K_RESOLVE_NO_SYMLINKS),
	};
	int fd = k_openat2(dir, path, &how);

	return fd < 0 ? -errno : fd;
}

static void compare_at(int dir, const char *path, int follow)
{
	struct stat a, b;
	int want = by_openat2(dir, path, follow), got = walk(dir, path, follow);

	ck_assert_msg((want < 0 ? want : 0) == (got < 0 ? got : 0), "'%s'%s: openat2 says %s, walk %s", path,
		      follow ? "" : " without following", strerror(want < 0 ? -want : 0), strerror(got < 0 ? -got : 0));
	if (want < 0)
		return;
	ck_assert_int_eq(fstat(want, &a), 0);
	ck_assert_int_eq(fstat(got, &b), 0);
	ck_assert_msg(a.st_dev == b.st_dev && a.st_ino == b.st_ino, "'%s': another thing", path);
	ck_assert_int_eq(fcntl(got, F_GETFD), FD_CLOEXEC);
	ck_assert_msg(fcntl(got, F_GETFL) & O_PATH, "'%s' was opened in earnest", path);
	close(want);
	close(got);
}

static void compare(const char *path)
{
	compare_at(base, path, 0);
	compare_at(base, path, 1);
}

static const char *const paths[] = {
    ".",
    "..",
    "./",
    "../",
    "/",
    "//",
    "/.",
    "/..",
    "///tmp",
    "f",
    "./f",
    ".//f",
    "d",
    "d/",
    "d//",
    "d/.",
    "d/..",
    "d/../f",
    "d/./e//f",
    "d/e/../../f",
    "d/e/f",
    "absent",
    "absent/",
    "absent/x",
    "absent/..",
    "d/absent",
    "",
    /* files where folders should be */
    "f/",
    "f/.",
    "f/..",
    "f/x",
    "d/e/f/",
    "d/e/f/../f",
    "fifo",
    "fifo/",
    "l-fifo",
    "l-fifo/",
    /* links */
    "l",
    "l/",
    "l/.",
    "ld",
    "ld/",
    "ld/f",
    "ld/e/f",
    "ld/..",
    "ld/../f",
    "ld-slash",
    "ld-slash/f",
    "lf-slash",
    "lf-slash/",
    "lde",
    "lde/..",
    "lde/../f",
    "d/up",
    "ld/up",
    "d/e/winding",
    "d/e/out",
    "d/e/out/",
    "dot",
    "dot/dot/f",
    "dotdot",
    "root",
    "root/tmp",
    "root/",
    "absolute",
    "absolute/f",
    "absolute/ld/e",
    "absolute-e",
    "absolute-e/..",
    "absolute-l",
    "absolute-l/",
    /* broken ones */
    "dangling",
    "dangling/",
    "dangling/x",
    "dangling-deep",
    "through-file",
    "loop",
    "loop/",
    "loop/x",
    "a",
    "b/x",
    /* the kernel follows 40 */
    "c0",
    "c38",
    "c39",
    "c40",
    "c41",
    /* links of /proc that say one thing and lead to another */
    "proc",
    "proc/status",
    "proc/exe",
    "exe",
    "exe/",
    "/proc/self",
    "/proc/self/",
    "/proc/self/status",
    "/proc/thread-self/comm",
    "/proc/mounts",
    "/proc/net/dev",
    "/proc/self/exe",
    "/proc/self/cwd",
    "/proc/self/cwd/",
    "/proc/self/cwd/f",
    "/proc/self/root",
    "/proc/self/root/tmp",
    "/proc/self/fd",
    "/proc/self/fd/0",
    "/proc/self/fd/0/",
    "/proc/self/ns",
    "/proc/self/ns/mnt",
    "/proc/self/ns/user",
};

START_TEST(each_path)
{
	compare(paths[_i]);
}
END_TEST

/* Without a folder of one's own to start from: the working directory, and descriptors that are none. */
START_TEST(other_starts)
{
	int file = openat(base, "f", O_PATH | O_CLOEXEC), folder = openat(base, "d", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(chdir(in_scratch("d")), 0);
	for (int follow = 0; follow < 2; follow++) {
		compare_at(AT_FDCWD, "f", follow);
		compare_at(AT_FDCWD, "up", follow);
		compare_at(AT_FDCWD, "../l", follow);
		compare_at(folder, "e/f", follow);
		compare_at(file, "x", follow);
		compare_at(file, ".", follow);
		compare_at(file, "/tmp", follow);
		compare_at(-1, "x", follow);
		compare_at(-1, "/tmp", follow);
	}
	close(file);
	close(folder);
}
END_TEST

START_TEST(descriptors_of_all_kinds)
{
	char path[64];
	int pair[2], pipes[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(pipe(pipes), 0);
	const int fds[] = {
	    pair[0], pipes[0], epoll_create1(0), memfd_create("x", 0), open("/", O_PATH), open("/dev/null", O_RDONLY), base};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
		ck_assert_int_ge(fds[i], 0);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fds[i]);
		ck_assert_int_eq(walk(base, path, 1), -ELOOP);
		compare(path);
		snprintf(path, sizeof path, "/proc/self/fd/%d/f", fds[i]);
		compare(path);
	}
}
END_TEST

START_TEST(a_file_that_was_removed)
{
	char path[64];
	int fd = openat(base, "f", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(unlinkat(base, "f", 0), 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	compare(path);
	compare("f");
	compare("l");
	close(fd);
}
END_TEST

/* A folder that is removed while it is the start. */
START_TEST(a_folder_that_was_removed)
{
	int fd = openat(base, "d/e", O_PATH | O_CLOEXEC);

	ck_assert_int_eq(unlinkat(base, "d/e/f", 0) | unlinkat(base, "d/e/winding", 0) | unlinkat(base, "d/e/out", 0), 0);
	ck_assert_int_eq(unlinkat(base, "d/e", AT_REMOVEDIR), 0);
	for (int follow = 0; follow < 2; follow++) {
		compare_at(fd, "f", follow);
		compare_at(fd, ".", follow);
	}
	close(fd);
}
END_TEST

START_TEST(long_names)
{
	static char path[3 * PATH_MAX];

	for (int extra = -1; extra <= 1; extra++) {
		memset(path, 'x', sizeof path);
		path[NAME_MAX + extra] = '\0';
		compare(path);
	}
	for (int extra = -2; extra <= 2; extra++) {
		memset(path, '/', sizeof path);
		path[PATH_MAX - 1 + extra] = '\0';
		path[PATH_MAX - 2 + extra] = 'd';
		compare(path);
	}
	ck_assert_int_lt(walk(base, path, 1), 0);
}
END_TEST

/* Whatever can be put together from these names, to a depth of six. */
START_TEST(chance)
{
	static const char *const names[] = {
	    "d", "e",    "f",        "l",        "ld",         "lde",  "up",      "dot", "dotdot",   "..", ".",
	    "",  "root", "absolute", "dangling", "absolute-e", "loop", "winding", "out", "ld-slash", "c3", "tmp"};
	unsigned int state = (unsigned int)_i * 2654435761u + 1;

	for (int round = 0; round < 400; round++) {
		char path[256] = "";
		size_t len = 0;
		state = state * 1103515245u + 12345u;
		const unsigned int depth = 1 + (state >> 16) % 6;
		for (unsigned int i = 0; i < depth; i++) {
			state = state * 1103515245u + 12345u;
			len += (size_t)snprintf(path + len, sizeof path - len, "%s%s",
						names[(state >> 16) % (sizeof names / sizeof *names)],
						i + 1 < depth || (state >> 28) % 3 == 0 ? "/" : "");
		}
		compare(path);
	}
}
END_TEST

/* For an ordinary user: a folder that may be listed and not searched. */
START_TEST(a_folder_that_cannot_be_searched)
{
	ck_assert_int_eq(chmod(in_scratch("d"), 0600), 0);
	compare("d");
	compare("d/");
	compare("d/.");
	compare("d/..");
	compare("d/f");
	compare("d/absent");
	compare("ld/f");
	compare("lde");
	ck_assert_int_eq(chmod(in_scratch("d"), 0755), 0);
}
END_TEST

/* In /tmp and the like somebody else's link may lead one astray: where fs.protected_symlinks is on, the kernel doesn't follow
 * it. */
START_TEST(somebody_elses_link)
{
	char on = '0';
	int sysctl = open("/proc/sys/fs/protected_symlinks", O_RDONLY);

	if (sysctl >= 0 && read(sysctl, &on, 1) != 1)
		on = '0';
	close(sysctl);
	put_folder("sticky", 01777);
	put_link("../f", "sticky/theirs");
	ck_assert_int_eq(lchown(in_scratch("sticky/theirs"), NOBODY, NOBODY), 0);
	if (on == '1')
		compare("sticky/theirs");
	ck_assert_int_eq(walk(base, "sticky/theirs", 1), -EACCES); /* in any case: to be strict costs nothing here */
	put_link("../f", "sticky/ours");
	compare("sticky/ours");
	ck_assert_int_eq(chmod(in_scratch("sticky"), 0755), 0);
	compare("sticky/theirs");
	/* The folder's owner may lead wherever he likes in his folder. */
	ck_assert_int_eq(chmod(in_scratch("sticky"), 01777) | chown(in_scratch("sticky"), NOBODY, NOBODY), 0);
	compare("sticky/theirs");
}
END_TEST

Suite *walk_suite(void)
{
	Suite *s = suite_create("walk");
	TCase *tc = tcase_create("as openat2");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, each_path, 0, sizeof paths / sizeof *paths);
	tcase_add_test(tc, other_starts);
	tcase_add_test(tc, descriptors_of_all_kinds);
	tcase_add_test(tc, a_file_that_was_removed);
	tcase_add_test(tc, a_folder_that_was_removed);
	tcase_add_test(tc, long_names);
	tcase_add_loop_test(tc, chance, 0, 8);
	if (geteuid() == 0)
		tcase_add_test(tc, somebody_elses_link);
	else
		tcase_add_test(tc, a_folder_that_cannot_be_searched);
	suite_add_tcase(s, tc);
	return s;
}

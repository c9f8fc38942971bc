/* Where text becomes a descriptor: the right thing, through no link that was not asked for, and with no more than was asked
 * for. */
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>

#include "kernel.h"
#include "resolve.h"
#include "scratch.h"

Suite *resolve_suite(void);

static struct thing thing;
static struct err err;

static void set_up(void)
{
	scratch_make();
	thing = THING_NONE;
	err.text[0] = '\0';
	put_folder("home", 0755);
	put_folder("home/d", 0755);
	put_file("home/f", "home", 0644);
	put_file("home/d/f", "deep", 0644);
	put_link("f", "home/l");
	put_link("d", "home/ld");
	put_link("home", "to-home");
	put_file("f", "f", 0644);
	setenv("HOME", in_scratch("home"), 1);
	for (int root = ROOT_XDG_CONFIG_HOME; root < ROOT_COUNT; root++)
		unsetenv(image_root_name[root]);
}

static void tear_down(void)
{
	thing_close(&thing);
	scratch_remove();
}

/* An image that holds one text. */
static int resolve(enum image_root root, const char *path, int follow)
{
	static char strings[SCRATCH_PATH + 2];
	const struct image image = {.strings = strings};

	snprintf(strings + 1, sizeof strings - 1, "%s", path);
	thing_close(&thing);
	err.text[0] = '\0';
	return resolve_text(&image, (struct image_text){.root = root, .at = 1}, follow, &thing, &err);
}

static void expect_thing(int rc, const char *path)
{
	struct stat st;

	ck_assert_msg(rc == 0, "%s", err.text);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_msg(st.st_dev == thing.st.st_dev && st.st_ino == thing.st.st_ino, "not %s", path);
	ck_assert_int_eq(fstat(thing.fd, &st), 0);
	ck_assert(st.st_dev == thing.st.st_dev && st.st_ino == thing.st.st_ino);
	ck_assert_int_eq(thing.is_dir, S_ISDIR(st.st_mode));
	ck_assert(fcntl(thing.fd, F_GETFL) & O_PATH);
	ck_assert_int_eq(fcntl(thing.fd, F_GETFD), FD_CLOEXEC);
}

static void expect_refused(int rc, int code)
{
	ck_assert_msg(rc == -code, "%s, not %s (%s)", strerror(-rc), strerror(code), err.text);
	ck_assert_int_eq(thing.fd, -1);
	ck_assert_str_ne(err.text, "");
}

/* Names ---------------------------------------------------------------------------------------------------------------------
 */

START_TEST(absolute_paths)
{
	expect_thing(resolve(ROOT_NONE, in_scratch("f"), 0), in_scratch("f"));
	ck_assert_str_eq(thing.path, in_scratch("f"));
	expect_thing(resolve(ROOT_NONE, in_scratch("home"), 0), in_scratch("home"));
	expect_thing(resolve(ROOT_NONE, in_scratch("home/l"), 1), in_scratch("home/f"));
	expect_thing(resolve(ROOT_NONE, in_scratch("to-home/ld/f"), 1), in_scratch("home/d/f"));
	expect_thing(resolve(ROOT_NONE, "/", 0), "/");
	expect_refused(resolve(ROOT_NONE, in_scratch("absent"), 1), ENOENT);
	expect_refused(resolve(ROOT_NONE, in_scratch("f/x"), 1), ENOTDIR);
}
END_TEST

START_TEST(no_link_unless_asked)
{
	expect_refused(resolve(ROOT_NONE, in_scratch("home/l"), 0), ELOOP);
	ck_assert_ptr_nonnull(strstr(err.text, in_scratch("home/f")));         /* what to name instead */
	expect_refused(resolve(ROOT_NONE, in_scratch("to-home/f"), 0), ELOOP); /* on the way, too */
	expect_refused(resolve(ROOT_HOME, "/l", 0), ELOOP);
	expect_refused(resolve(ROOT_HOME, "/ld/f", 0), ELOOP);
	expect_thing(resolve(ROOT_HOME, "/l", 1), in_scratch("home/f"));
}
END_TEST

START_TEST(magic_links_never)
{
	for (int follow = 0; follow < 2; follow++) {
		expect_refused(resolve(ROOT_NONE, "/proc/self/exe", follow), ELOOP);
		expect_refused(resolve(ROOT_NONE, "/proc/self/root/etc", follow), ELOOP);
		expect_refused(resolve(ROOT_NONE, "/proc/self/fd/0", follow), ELOOP);
	}
}
END_TEST

/* The variable's own path is the caller's word: links in it are followed, those beneath it are the policy's matter. */
START_TEST(a_home_behind_a_link)
{
	setenv("HOME", in_scratch("to-home"), 1);
	expect_thing(resolve(ROOT_HOME, "/f", 0), in_scratch("home/f"));
	expect_thing(resolve(ROOT_HOME, "", 0), in_scratch("home"));
	expect_refused(resolve(ROOT_HOME, "/l", 0), ELOOP);
	ck_assert_ptr_nonnull(strstr(thing.path, "to-home/l"));
}
END_TEST

static const struct {
	enum image_root root;
	const char *beneath; /* of the home, where the variable is not set; NULL: refused */
} defaults[] = {
    {ROOT_XDG_CONFIG_HOME, ".config"},     {ROOT_XDG_CACHE_HOME, ".cache"}, {ROOT_XDG_DATA_HOME, ".local/share"},
    {ROOT_XDG_STATE_HOME, ".local/state"}, {ROOT_XDG_RUNTIME_DIR, NULL},    {ROOT_CREDENTIALS_DIRECTORY, NULL},
};

static const char *const not_absolute[] = {NULL, "", "relative", "./x"};

START_TEST(each_default)
{
	const char *name = image_root_name[defaults[_i].root];

	put_folder("home/.local", 0755);
	if (defaults[_i].beneath)
		put_folder(in_scratch("home/%s", defaults[_i].beneath) + strlen(scratch) + 1, 0755);
	for (size_t i = 0; i < sizeof not_absolute / sizeof *not_absolute; i++) {
		if (not_absolute[i])
			setenv(name, not_absolute[i], 1);
		else
			unsetenv(name);
		if (defaults[_i].beneath)
			expect_thing(resolve(defaults[_i].root, "", 0), in_scratch("home/%s", defaults[_i].beneath));
		else
			expect_refused(resolve(defaults[_i].root, "", 0), ENOENT);
	}
	setenv(name, in_scratch("home/d"), 1);
	expect_thing(resolve(defaults[_i].root, "/f", 0), in_scratch("home/d/f"));
}
END_TEST

START_TEST(without_a_home)
{
	for (size_t i = 0; i < sizeof not_absolute / sizeof *not_absolute; i++) {
		if (not_absolute[i])
			setenv("HOME", not_absolute[i], 1);
		else
			unsetenv("HOME");
		expect_refused(resolve(ROOT_HOME, "/f", 0), ENOENT);
		ck_assert_ptr_nonnull(strstr(err.text, "$HOME"));
		expect_refused(resolve(ROOT_XDG_CACHE_HOME, "", 0), ENOENT);
	}
}
END_TEST

START_TEST(tmpdir)
{
	expect_thing(resolve(ROOT_TMPDIR, "", 1), "/tmp");
	setenv("TMPDIR", in_scratch("home"), 1);
	expect_thing(resolve(ROOT_TMPDIR, "/f", 0), in_scratch("home/f"));
}
END_TEST

START_TEST(the_working_directory)
{
	setenv("PWD", "/etc", 1); /* a word of the environment, not where we are */
	ck_assert_int_eq(chdir(in_scratch("home")), 0);
	expect_thing(resolve(ROOT_PWD, "/f", 0), in_scratch("home/f"));
	expect_thing(resolve(ROOT_PWD, "", 0), in_scratch("home"));
}
END_TEST

START_TEST(too_long)
{
	static char path[RESOLVE_PATH];
	static char home[RESOLVE_PATH];

	memset(path, 'x', sizeof path - 1);
	path[0] = '/';
	setenv("HOME", path, 1);
	expect_refused(resolve(ROOT_HOME, "/f", 0), ENAMETOOLONG);
	ck_assert_int_eq(resolve_typed(path, 0, &thing, &err), -ENAMETOOLONG);
	(void)home;
}
END_TEST

START_TEST(typed_paths)
{
	ck_assert_int_eq(chdir(in_scratch("home")), 0);
	expect_thing(resolve_typed("f", 0, &thing, &err), in_scratch("home/f"));
	thing_close(&thing);
	expect_thing(resolve_typed("../f", 0, &thing, &err), in_scratch("f"));
	thing_close(&thing);
	expect_refused(resolve_typed("l", 0, &thing, &err), ELOOP);
	expect_thing(resolve_typed("l", 1, &thing, &err), in_scratch("home/f"));
	thing_close(&thing);
	expect_refused(resolve_typed("", 1, &thing, &err), ENOENT);
	expect_refused(resolve_typed("f/", 1, &thing, &err), ENOTDIR);
	expect_refused(resolve_typed("~/f", 1, &thing, &err), ENOENT); /* the shell's, not ours */
	expect_refused(resolve_typed("$HOME", 1, &thing, &err), ENOENT);
}
END_TEST

/* Making ---------------------------------------------------------------------------------------------------------------------
 */

START_TEST(a_file_is_made)
{
	struct stat st, folder;
	int dir = -1;

	umask(027);
	ck_assert_msg(resolve_create(in_scratch("home/new"), &dir, &thing, &err) == 0, "%s", err.text);
	ck_assert_int_eq(stat(in_scratch("home/new"), &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0640);
	ck_assert_int_eq(st.st_size, 0);
	ck_assert(st.st_ino == thing.st.st_ino && !thing.is_dir);
	ck_assert_int_eq(fstat(dir, &st) | stat(in_scratch("home"), &folder), 0);
	ck_assert(st.st_ino == folder.st_ino && st.st_dev == folder.st_dev);
	ck_assert_int_eq(fcntl(dir, F_GETFD), FD_CLOEXEC);
	close(dir);
}
END_TEST

START_TEST(a_relative_file_is_made)
{
	int dir = -1;

	ck_assert_int_eq(chdir(in_scratch("home")), 0);
	ck_assert_int_eq(resolve_create("new", &dir, &thing, &err), 0);
	ck_assert_int_eq(access(in_scratch("home/new"), F_OK), 0);
	close(dir);
}
END_TEST

static const struct {
	const char *path;
	int code;
} not_made[] = {
    {"f", EEXIST},          {"home", EEXIST},       {"home/l", EEXIST},     {"home/dangling", EEXIST},
    {"to-home/new", ELOOP}, {"home/ld/new", ELOOP}, {"absent/new", ENOENT}, {"f/new", ENOTDIR},
    {"home/", EISDIR},      {"home/.", EISDIR},     {"home/..", EISDIR},
};

/* Nothing is made anywhere, through no link. */
START_TEST(each_that_is_not_made)
{
	int dir = -1;

	put_link("made-elsewhere", "home/dangling");
	expect_refused(resolve_create(in_scratch("%s", not_made[_i].path), &dir, &thing, &err), not_made[_i].code);
	ck_assert_int_eq(dir, -1);
	ck_assert_int_eq(access(in_scratch("home/made-elsewhere"), F_OK), -1);
	ck_assert_int_eq(access(in_scratch("home/new"), F_OK), -1);
	ck_assert_int_eq(access(in_scratch("home/d/new"), F_OK), -1);
}
END_TEST

/* Opening in earnest ----------------------------------------------------------------------------------------------------------
 */

static int reopen(const char *path, int flags, int attenuate)
{
	thing_close(&thing);
	ck_assert_msg(resolve_typed(path, 1, &thing, &err) == 0, "%s", err.text);
	int fd = resolve_reopen(&thing, flags, attenuate, 100, &err);
	ck_assert_msg(fd >= 100, "%s", err.text);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	return fd;
}

START_TEST(modes)
{
	static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_APPEND};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		for (int attenuate = 0; attenuate < 2; attenuate++) {
			int fd = reopen(in_scratch("f"), flags[i], attenuate);
			ck_assert_int_eq(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_PATH), flags[i]);
			close(fd);
		}
}
END_TEST

START_TEST(a_file_for_less)
{
	int fd = reopen(in_scratch("f"), O_WRONLY | O_APPEND, 1);

	ck_assert_int_eq(write(fd, "more", 4), 4);
	ck_assert_int_eq(ftruncate(fd, 0), -1);
	ck_assert_int_eq(errno, EACCES);
	close(fd);
	fd = reopen(in_scratch("f"), O_WRONLY | O_APPEND, 0);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	close(fd);
}
END_TEST

START_TEST(a_device_for_less)
{
	struct termios t;
	int fd = reopen("/dev/null", O_RDWR, 1);

	ck_assert_int_eq(ioctl(fd, TCGETS, &t), -1);
	ck_assert_int_eq(errno, EACCES);
	close(fd);
	fd = reopen("/dev/null", O_RDWR, 0);
	ck_assert_int_eq(ioctl(fd, TCGETS, &t), -1);
	ck_assert_int_eq(errno, ENOTTY);
	close(fd);
}
END_TEST

/* Only the open file is less: the launcher itself goes on as before. */
START_TEST(the_launcher_keeps_its_rights)
{
	const int before = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

	close(reopen(in_scratch("f"), O_WRONLY, 1));
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), before);
	ck_assert_int_eq(truncate(in_scratch("f"), 0), 0);
	int fd = reopen(in_scratch("home/f"), O_WRONLY, 0);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	close(fd);
	for (int i = 0; i < 20; i++) /* more than the sixteen domains that one process may enter */
		close(reopen(in_scratch("f"), O_WRONLY, 1));
}
END_TEST

/* What was resolved is what is opened, whatever has its name by then. */
START_TEST(a_name_that_was_given_to_another)
{
	char byte = 0;

	ck_assert_int_eq(resolve_typed(in_scratch("f"), 0, &thing, &err), 0);
	ck_assert_int_eq(rename(in_scratch("home/f"), in_scratch("f")), 0);
	int fd = resolve_reopen(&thing, O_RDONLY, 0, 10, &err);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read(fd, &byte, 1), 1);
	ck_assert_int_eq(byte, 'f');
	close(fd);
}
END_TEST

START_TEST(a_fifo_does_not_hold_us_up)
{
	ck_assert_int_eq(mkfifo(in_scratch("fifo"), 0600), 0);
	alarm(5);
	for (int attenuate = 0; attenuate < 2; attenuate++) {
		int fd = reopen(in_scratch("fifo"), O_RDONLY, attenuate);
		ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
		close(fd);
	}
	thing_close(&thing);
	ck_assert_int_eq(resolve_typed(in_scratch("fifo"), 0, &thing, &err), 0);
	ck_assert_int_eq(resolve_reopen(&thing, O_WRONLY, 0, 10, &err), -ENXIO);
	alarm(0);
}
END_TEST

/* No descriptor is left behind, in success and in failure. */
START_TEST(nothing_is_left_open)
{
	int dir = -1, low = dup(0);

	close(low);
	close(reopen(in_scratch("f"), O_RDONLY, 0));
	close(reopen(in_scratch("f"), O_RDONLY, 1));
	thing_close(&thing);
	thing = THING_NONE;
	ck_assert_int_lt(resolve_create(in_scratch("home/l"), &dir, &thing, &err), 0);
	ck_assert_int_lt(resolve_create(in_scratch("to-home/x"), &dir, &thing, &err), 0);
	ck_assert_int_lt(resolve(ROOT_HOME, "/l", 0), 0);
	ck_assert_int_lt(resolve(ROOT_HOME, "/absent", 1), 0);
	ck_assert_int_eq(resolve_create(in_scratch("made"), &dir, &thing, &err), 0);
	close(dir);
	thing_close(&thing);
	thing = THING_NONE;
	int again = dup(0);
	close(again);
	ck_assert_int_eq(again, low);
}
END_TEST

/* For an ordinary user. */
START_TEST(a_file_that_is_not_readable)
{
	put_file("secret", "x", 0200);
	ck_assert_int_eq(resolve_typed(in_scratch("secret"), 0, &thing, &err), 0);
	ck_assert_int_eq(resolve_reopen(&thing, O_RDONLY, 0, 10, &err), -EACCES);
	ck_assert_int_eq(resolve_reopen(&thing, O_RDONLY, 1, 10, &err), -EACCES);
	int fd = resolve_reopen(&thing, O_WRONLY, 1, 10, &err);
	ck_assert_int_ge(fd, 10);
	close(fd);
}
END_TEST

#define LOOP(tc, test, rows) tcase_add_loop_test(tc, test, 0, sizeof rows / sizeof *rows)

static TCase *add(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, set_up, tear_down);
	suite_add_tcase(s, tc);
	return tc;
}

static int here(void)
{
	return k_landlock_abi();
}

Suite *resolve_suite(void)
{
	Suite *s = suite_create("resolve");
	TCase *names = add(s, "names"), *making = add(s, "making"), *opening = add(s, "opening");

	tcase_add_test(names, absolute_paths);
	tcase_add_test(names, no_link_unless_asked);
	tcase_add_test(names, magic_links_never);
	tcase_add_test(names, a_home_behind_a_link);
	LOOP(names, each_default, defaults);
	tcase_add_test(names, without_a_home);
	tcase_add_test(names, tmpdir);
	tcase_add_test(names, the_working_directory);
	tcase_add_test(names, too_long);
	tcase_add_test(names, typed_paths);
	tcase_add_test(making, a_file_is_made);
	tcase_add_test(making, a_relative_file_is_made);
	LOOP(making, each_that_is_not_made, not_made);
	tcase_add_test(opening, a_name_that_was_given_to_another);
	if (geteuid() != 0)
		tcase_add_test(opening, a_file_that_is_not_readable);
	if (here() >= 3) { /* truncate can be taken away */
		tcase_add_test(opening, modes);
		tcase_add_test(opening, a_file_for_less);
		tcase_add_test(opening, the_launcher_keeps_its_rights);
		tcase_add_test(opening, a_fifo_does_not_hold_us_up);
		tcase_add_test(opening, nothing_is_left_open);
	}
	if (here() >= 5)
		tcase_add_test(opening, a_device_for_less);
	return s;
}

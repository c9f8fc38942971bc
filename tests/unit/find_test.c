/* Which file is believed: by its owner and mode and its folder's; and which one of several. */
#include "find.h"
#include "image.h"
#include "scratch.h"

Suite *find_suite(void);

static struct places places;
static struct policy_text text;
static struct err err;

/* A config, a system and a library folder, with fragments, of the test's own. */
static void set_up(void)
{
	scratch_make();
	memset(&places, 0, sizeof places);
	memset(&text, 0, sizeof text);
	err.text[0] = '\0';
	snprintf(places.config, FIND_PATH, "%s", put_folder("config", 0755));
	snprintf(places.system, FIND_PATH, "%s", put_folder("system", 0755));
	snprintf(places.library, FIND_PATH, "%s", put_folder("library", 0755));
	put_folder("config/fragments", 0755);
	put_folder("system/fragments", 0755);
	put_folder("library/fragments", 0755);
}

static void tear_down(void)
{
	policy_text_free(&text);
	scratch_remove();
}

static void expect_refused(const char *path, int code, const char *says)
{
	ck_assert_int_eq(find_file(path, &text, &err), -code);
	ck_assert_msg(strstr(err.text, says) != NULL, "'%s' does not say '%s'", err.text, says);
	ck_assert_ptr_null(text.bytes);
	ck_assert_ptr_null(text.path);
}

static void expect_text(const char *want)
{
	ck_assert_str_eq(text.bytes, want);
	ck_assert_uint_eq(text.len, strlen(want));
	policy_text_free(&text);
}

/* One file ------------------------------------------------------------------------------------------------------------------
 */

START_TEST(a_file_is_read_whole)
{
	const char *path = put_file("x", "use libc\n", 0644);

	ck_assert_int_eq(find_file(path, &text, &err), 0);
	ck_assert_str_eq(text.path, path);
	expect_text("use libc\n");
	ck_assert_int_eq(find_file(put_file("empty", "", 0400), &text, &err), 0);
	expect_text("");
}
END_TEST

static const mode_t trusted_modes[] = {0400, 0600, 0644, 0755, 0444, 01644, 04644};

START_TEST(each_trusted_mode)
{
	ck_assert_msg(find_file(put_file("x", "t", trusted_modes[_i]), &text, &err) == 0, "%s", err.text);
	expect_text("t");
}
END_TEST

static const mode_t writable_modes[] = {0620, 0602, 0666, 0664, 0646, 0777, 01666};

START_TEST(each_mode_that_others_may_write)
{
	expect_refused(put_file("x", "t", writable_modes[_i]), EPERM, "others may write it");
}
END_TEST

static const struct {
	mode_t mode;
	int code;
} folders[] = {
    {0700, 0},     {0755, 0},     {0711, 0},  {0770, EPERM}, {0777, EPERM},
    {0757, EPERM}, {0722, EPERM}, {01777, 0}, {01770, 0},    {02770, EPERM},
};

START_TEST(each_folder_mode)
{
	put_folder("d", 0700);
	const char *path = put_file("d/x", "t", 0644);
	ck_assert_int_eq(chmod(in_scratch("d"), folders[_i].mode), 0);
	if (folders[_i].code) {
		expect_refused(path, folders[_i].code, "others may write its folder");
	} else {
		ck_assert_msg(find_file(path, &text, &err) == 0, "%s", err.text);
		expect_text("t");
	}
}
END_TEST

START_TEST(a_file_without_a_slash_is_in_this_folder)
{
	put_file("x", "t", 0644);
	ck_assert_int_eq(chdir(scratch), 0);
	ck_assert_int_eq(find_file("x", &text, &err), 0);
	expect_text("t");
	ck_assert_int_eq(chmod(scratch, 0777), 0);
	expect_refused("x", EPERM, "folder");
}
END_TEST

START_TEST(a_fifo_does_not_hold_us_up)
{
	const char *path = in_scratch("fifo");

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	alarm(3);
	expect_refused(path, EINVAL, "not a file");
	alarm(0);
}
END_TEST

START_TEST(what_is_no_file)
{
	expect_refused(put_folder("d", 0755), EISDIR, "a directory");
	expect_refused("/dev/null", EINVAL, "not a file");
	expect_refused(in_scratch("absent"), ENOENT, "absent");
	expect_refused(in_scratch("absent/x"), ENOENT, "absent");
	expect_refused(put_link("nowhere", "dangling"), ENOENT, "dangling");
}
END_TEST

START_TEST(a_file_that_is_too_large)
{
	const char *path = put_file("big", "", 0644);

	ck_assert_int_eq(truncate(path, SOURCE_MAX), 0);
	ck_assert_int_eq(find_file(path, &text, &err), 0);
	ck_assert_uint_eq(text.len, SOURCE_MAX);
	policy_text_free(&text);
	ck_assert_int_eq(truncate(path, SOURCE_MAX + 1), 0);
	expect_refused(path, EFBIG, "too large");
}
END_TEST

/* A link is judged by what it leads to. */
START_TEST(links)
{
	put_folder("open", 0755);
	put_file("open/good", "t", 0644);
	put_file("open/bad", "t", 0666);
	ck_assert_int_eq(find_file(put_link("open/good", "to-good"), &text, &err), 0);
	expect_text("t");
	expect_refused(put_link("open/bad", "to-bad"), EPERM, "others may write it");
	expect_refused(put_link("loop", "loop"), ELOOP, "loop");
}
END_TEST

/* ... and its folder as well: who may write there may put another file in its place. */
START_TEST(a_link_into_a_folder_that_others_may_write)
{
	put_folder("open", 0777);
	put_file("open/good", "t", 0644);
	expect_refused(put_link("open/good", "link"), EPERM, "folder");
}
END_TEST

START_TEST(roots_files_are_trusted)
{
	ck_assert_msg(find_file("/etc/passwd", &text, &err) == 0, "%s", err.text);
	policy_text_free(&text);
}
END_TEST

START_TEST(a_foreign_owner)
{
	const char *path = put_file("x", "t", 0644);

	ck_assert_int_eq(chown(path, NOBODY, 0), 0);
	expect_refused(path, EPERM, "belongs to uid 65534");
	ck_assert_int_eq(chown(path, 0, NOBODY), 0); /* the group may not write it: no matter whose it is */
	ck_assert_int_eq(find_file(path, &text, &err), 0);
	expect_text("t");
}
END_TEST

START_TEST(a_foreign_folder)
{
	put_folder("d", 0755);
	const char *path = put_file("d/x", "t", 0644);
	ck_assert_int_eq(chown(in_scratch("d"), NOBODY, NOBODY), 0);
	expect_refused(path, EPERM, "its folder belongs to uid 65534");
	ck_assert_int_eq(chmod(in_scratch("d"), 01777), 0); /* sticky does not bind the folder's owner */
	expect_refused(path, EPERM, "its folder belongs to uid 65534");
}
END_TEST

/* The size is asked for by the cache as well. */
START_TEST(open_trusted)
{
	size_t size = 0;
	int fd = find_open_trusted(put_file("x", "12345", 0644), 5, &size, &err);

	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(size, 5);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	ck_assert_int_eq(find_open_trusted(in_scratch("x"), 4, &size, &err), -EFBIG);
	ck_assert_int_eq(find_open_trusted(in_scratch("x"), 4, &size, NULL), -EFBIG); /* without anybody to tell */
}
END_TEST

/* One of several ------------------------------------------------------------------------------------------------------------
 */

START_TEST(the_first_folder_wins)
{
	put_file("library/p.policy", "library", 0644);
	ck_assert_int_eq(find_policy(&places, "p", &text, &err), 0);
	expect_text("library");
	put_file("system/p.policy", "system", 0644);
	ck_assert_int_eq(find_policy(&places, "p", &text, &err), 0);
	expect_text("system");
	put_file("config/p.policy", "config", 0644);
	ck_assert_int_eq(find_policy(&places, "p", &text, &err), 0);
	expect_text("config");
	ck_assert_int_eq(find_fragment(&places, "p", &text, &err), -ENOENT); /* a policy is no fragment */
}
END_TEST

START_TEST(fragments_have_their_own_folders)
{
	put_file("library/fragments/f", "library", 0644);
	ck_assert_int_eq(find_fragment(&places, "f", &text, &err), 0);
	ck_assert_str_eq(text.path, in_scratch("library/fragments/f"));
	expect_text("library");
	put_file("config/fragments/f", "config", 0644);
	ck_assert_int_eq(find_fragment(&places, "f", &text, &err), 0);
	expect_text("config");
	ck_assert_int_eq(find_policy(&places, "f", &text, &err), -ENOENT);
	ck_assert_int_eq(find_fragment(&places, "f.policy", &text, &err), -ENOENT);
}
END_TEST

/* What can't be trusted hides what lies behind it: nobody may bring an older policy back by spoiling a newer one. */
START_TEST(a_bad_one_does_not_fall_through)
{
	put_file("library/p.policy", "library", 0644);
	put_file("config/p.policy", "config", 0666);
	ck_assert_int_eq(find_policy(&places, "p", &text, &err), -EPERM);
	ck_assert_ptr_null(text.bytes);
	ck_assert_int_eq(unlink(in_scratch("config/p.policy")), 0);
	put_folder("config/p.policy", 0755);
	ck_assert_int_eq(find_policy(&places, "p", &text, &err), -EISDIR);
	ck_assert_ptr_null(text.bytes);
}
END_TEST

START_TEST(folders_that_are_not_there)
{
	strcpy(places.config, "");
	snprintf(places.system, FIND_PATH, "%s", in_scratch("absent"));
	put_file("library/p.policy", "library", 0644);
	ck_assert_int_eq(find_policy(&places, "p", &text, &err), 0);
	expect_text("library");
	snprintf(places.system, FIND_PATH, "%s/x", put_file("file", "", 0644)); /* ENOTDIR */
	ck_assert_int_eq(find_policy(&places, "p", &text, &err), 0);
	expect_text("library");
	ck_assert_int_eq(find_policy(&places, "q", &text, &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "q.policy"));
	ck_assert_ptr_nonnull(strstr(err.text, places.library));
}
END_TEST

static const char *const bad_names[] = {"", ".", "..", ".hidden", "../library/p", "/etc/passwd", "a/b", "./p", "p/", "/"};

START_TEST(each_bad_name)
{
	put_file("library/p.policy", "t", 0644);
	put_file("library/fragments/p", "t", 0644);
	put_file("library/.hidden.policy", "t", 0644);
	put_file("library/fragments/.hidden", "t", 0644);
	ck_assert_int_eq(find_policy(&places, bad_names[_i], &text, &err), -EINVAL);
	ck_assert_ptr_null(text.bytes);
	ck_assert_int_eq(find_fragment(&places, bad_names[_i], &text, &err), -EINVAL);
	ck_assert_ptr_null(text.bytes);
}
END_TEST

START_TEST(a_name_that_is_too_long)
{
	static char name[FIND_PATH + 10];

	memset(name, 'x', sizeof name - 1);
	ck_assert_int_lt(find_policy(&places, name, &text, &err), 0);
	ck_assert_ptr_null(text.bytes);
	name[300] = '\0';
	ck_assert_int_lt(find_fragment(&places, name, &text, &err), 0);
	ck_assert_ptr_null(text.bytes);
}
END_TEST

/* For an ordinary user only: nothing is unreadable to root. */

START_TEST(one_that_cannot_be_read_does_not_fall_through)
{
	put_file("library/p.policy", "library", 0644);
	put_file("config/p.policy", "config", 0000);
	ck_assert_int_eq(find_policy(&places, "p", &text, &err), -EACCES);
	ck_assert_int_eq(chmod(in_scratch("config"), 0000), 0); /* nor does a folder that is ours */
	int rc = find_policy(&places, "p", &text, &err);
	ck_assert_int_eq(chmod(in_scratch("config"), 0700), 0);
	ck_assert_int_eq(rc, -EACCES);
}
END_TEST

START_TEST(a_home_that_cannot_be_entered_is_passed_over)
{
	put_folder("home", 0700);
	put_folder("home/endow", 0700);
	put_file("library/p.policy", "library", 0644);
	snprintf(places.config, FIND_PATH, "%s", in_scratch("home/endow"));
	ck_assert_int_eq(chmod(in_scratch("home"), 0000), 0);
	int rc = find_policy(&places, "p", &text, &err);
	ck_assert_int_eq(chmod(in_scratch("home"), 0700), 0);
	ck_assert_msg(rc == 0, "%s", err.text);
	expect_text("library");
}
END_TEST

/* The folders ----------------------------------------------------------------------------------------------------------------
 */

static const struct {
	const char *xdg_config, *xdg_cache, *home;
	const char *config, *cache;
} homes[] = {
    {"/c", "/k", "/h", "/c/endow", "/k/endow"},
    {NULL, NULL, "/h", "/h/.config/endow", "/h/.cache/endow"},
    {"", "", "/h", "/h/.config/endow", "/h/.cache/endow"},
    {"relative", "./k", "/h", "/h/.config/endow", "/h/.cache/endow"},
    {"/c", NULL, NULL, "/c/endow", ""},
    {NULL, NULL, NULL, "", ""},
    {NULL, NULL, "", "", ""},
    {NULL, NULL, "home", "", ""},
};

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

START_TEST(each_home)
{
	set("XDG_CONFIG_HOME", homes[_i].xdg_config);
	set("XDG_CACHE_HOME", homes[_i].xdg_cache);
	set("HOME", homes[_i].home);
	ck_assert_msg(places_find(&places, &err) == 0, "%s", err.text);
	ck_assert_str_eq(places.config, homes[_i].config);
	ck_assert_str_eq(places.cache, homes[_i].cache);
	ck_assert_str_eq(places.system, "/etc/endow");
	ck_assert_str_eq(places.system_cache, "/var/cache/endow");
}
END_TEST

START_TEST(a_home_that_is_too_long_is_none)
{
	static char home[FIND_PATH + 1];

	memset(home, 'x', sizeof home - 1);
	home[0] = '/';
	set("XDG_CONFIG_HOME", home);
	set("XDG_CACHE_HOME", NULL);
	set("HOME", home);
	ck_assert_int_eq(places_find(&places, &err), 0);
	ck_assert_str_eq(places.config, "");
	ck_assert_str_eq(places.cache, "");
}
END_TEST

/* Run from a build folder: beside its own file, whatever the environment says. */
START_TEST(beside_the_launcher)
{
	char self[FIND_PATH] = "";

	ck_assert_int_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
	ck_assert_int_eq(places_find(&places, &err), 0);
	ck_assert_str_eq(places.self, self);
	*strrchr(self, '/') = '\0';
	ck_assert_int_eq(strncmp(places.library, self, strlen(self)), 0);
	ck_assert_str_eq(places.library + strlen(self), "/share");
	ck_assert_str_eq(places.libexec + strlen(self), "/libexec");
}
END_TEST

START_TEST(the_homes_policy_is_found)
{
	set("XDG_CONFIG_HOME", in_scratch("xdg"));
	set("HOME", in_scratch("home"));
	put_folder("xdg", 0755);
	put_folder("xdg/endow", 0755);
	put_folder("home", 0755);
	put_folder("home/.config", 0755);
	put_folder("home/.config/endow", 0755);
	put_file("xdg/endow/endow-unit-p.policy", "xdg", 0644);
	put_file("home/.config/endow/endow-unit-p.policy", "home", 0644);
	ck_assert_int_eq(places_find(&places, &err), 0);
	ck_assert_msg(find_policy(&places, "endow-unit-p", &text, &err) == 0, "%s", err.text);
	expect_text("xdg");
	set("XDG_CONFIG_HOME", NULL);
	ck_assert_int_eq(places_find(&places, &err), 0);
	ck_assert_msg(find_policy(&places, "endow-unit-p", &text, &err) == 0, "%s", err.text);
	expect_text("home");
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

Suite *find_suite(void)
{
	Suite *s = suite_create("find");
	TCase *one = add(s, "one file"), *several = add(s, "several"), *homes_case = add(s, "folders");

	tcase_add_test(one, a_file_is_read_whole);
	LOOP(one, each_trusted_mode, trusted_modes);
	LOOP(one, each_mode_that_others_may_write, writable_modes);
	LOOP(one, each_folder_mode, folders);
	tcase_add_test(one, a_file_without_a_slash_is_in_this_folder);
	tcase_add_test(one, a_fifo_does_not_hold_us_up);
	tcase_add_test(one, what_is_no_file);
	tcase_add_test(one, a_file_that_is_too_large);
	tcase_add_test(one, links);
	tcase_add_test(one, a_link_into_a_folder_that_others_may_write);
	tcase_add_test(one, roots_files_are_trusted);
	tcase_add_test(one, open_trusted);
	tcase_add_test(several, the_first_folder_wins);
	tcase_add_test(several, fragments_have_their_own_folders);
	tcase_add_test(several, a_bad_one_does_not_fall_through);
	tcase_add_test(several, folders_that_are_not_there);
	LOOP(several, each_bad_name, bad_names);
	tcase_add_test(several, a_name_that_is_too_long);
	LOOP(homes_case, each_home, homes);
	tcase_add_test(homes_case, a_home_that_is_too_long_is_none);
	tcase_add_test(homes_case, beside_the_launcher);
	tcase_add_test(homes_case, the_homes_policy_is_found);
	if (geteuid() == 0) {
		tcase_add_test(one, a_foreign_owner);
		tcase_add_test(one, a_foreign_folder);
	} else {
		tcase_add_test(several, one_that_cannot_be_read_does_not_fall_through);
		tcase_add_test(several, a_home_that_cannot_be_entered_is_passed_over);
	}
	return s;
}

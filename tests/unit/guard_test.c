/* A program may not write what decides about it, by whatever name it gets there. */
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "guard.h"
#include "scratch.h"

Suite *guard_suite(void);

static struct guard guard;
static struct places places;
static struct err err;

static void place(char to[FIND_PATH], const char *path)
{
	snprintf(to, FIND_PATH, "%s", path);
}

/* home/.config/endow, etc, share, cache, libexec and bin/endow, each beside something that is nobody's business. */
static void set_up(void)
{
	static const char *const dirs[] = {"home",
					   "home/.config",
					   "home/.config/endow",
					   "home/.config/endow/fragments",
					   "home/.config/other",
					   "home/work",
					   "home/work/sub",
					   "etc",
					   "share",
					   "cache",
					   "libexec",
					   "bin",
					   "free",
					   "free/sub"};

	scratch_make();
	memset(&guard, 0, sizeof guard);
	memset(&places, 0, sizeof places);
	err.text[0] = '\0';
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		put_folder(dirs[i], 0755);
	put_file("home/.config/endow/p.policy", "", 0644);
	put_file("home/.config/endow/fragments/f", "", 0644);
	put_file("home/.config/other/x", "", 0644);
	put_file("home/work/x", "", 0644);
	put_file("bin/endow", "", 0755);
	put_file("bin/other", "", 0755);
	put_file("libexec/endow-compile", "", 0755);
	put_file("free/x", "", 0644);
	place(places.config, in_scratch("home/.config/endow"));
	place(places.system, in_scratch("etc"));
	place(places.library, in_scratch("share"));
	place(places.cache, in_scratch("cache"));
	place(places.system_cache, in_scratch("no/such/place"));
	place(places.libexec, in_scratch("libexec"));
	place(places.self, in_scratch("bin/endow"));
}

static void tear_down(void)
{
	scratch_remove();
}

static int check_path(const char *path, const char *policy)
{
	struct thing thing;
	struct err why = {""};

	ck_assert_msg(resolve_typed(path, 1, &thing, &why) == 0, "%s", why.text);
	int rc = guard_check(&guard, &places, policy, &thing, &err);
	thing_close(&thing);
	return rc;
}

static void expect_refused(const char *path, const char *policy, const char *says)
{
	err.text[0] = '\0';
	ck_assert_msg(check_path(path, policy) == -EPERM, "%s may be written", path);
	ck_assert_msg(strstr(err.text, says) != NULL, "'%s' does not say '%s'", err.text, says);
}

static void expect_allowed(const char *path, const char *policy)
{
	ck_assert_msg(check_path(path, policy) == 0, "%s may not be written: %s", path, err.text);
}

static const struct {
	const char *path, *says;
} refused[] = {
    /* what covers a kept thing */
    {".", "covers"},
    {"home", "covers"},
    {"home/.config", "covers"},
    {"bin", "covers"}, /* the launcher could be replaced */
    /* the thing itself */
    {"home/.config/endow", "covers"},
    {"etc", "covers"},
    {"share", "covers"},
    {"cache", "covers"},
    {"libexec", "covers"},
    {"bin/endow", "covers"},
    /* what lies in it */
    {"home/.config/endow/p.policy", "lies in"},
    {"home/.config/endow/fragments", "endow"},
    {"home/.config/endow/fragments/f", "lies in"},
    {"libexec/endow-compile", "lies in"},
};

START_TEST(each_refused)
{
	expect_refused(in_scratch("%s", refused[_i].path), NULL, refused[_i].says);
	expect_refused(in_scratch("%s", refused[_i].path), NULL, scratch); /* the kept thing's own name */
}
END_TEST

START_TEST(the_root_covers_everything)
{
	expect_refused("/", NULL, "covers");
	expect_refused("/tmp", NULL, "covers");
}
END_TEST

static const char *const allowed[] = {
    "free",
    "free/sub",
    "free/x",
    "home/work",
    "home/work/sub",
    "home/work/x",
    "home/.config/other",
    "home/.config/other/x",
    "bin/other",
};

START_TEST(each_allowed)
{
	expect_allowed(in_scratch("%s", allowed[_i]), NULL);
}
END_TEST

/* The answers stay the same when it is asked again: it is filled in once. */
START_TEST(asked_again)
{
	for (int round = 0; round < 3; round++) {
		expect_allowed(in_scratch("free"), NULL);
		expect_refused(in_scratch("home"), NULL, "covers");
	}
}
END_TEST

START_TEST(links_and_dots)
{
	put_link("home", "to-home");
	put_link("../home/.config/endow/p.policy", "free/to-policy");
	put_link("home/.config/endow/fragments", "to-fragments");
	expect_refused(in_scratch("to-home"), NULL, "covers");
	expect_refused(in_scratch("free/to-policy"), NULL, "lies in");
	expect_refused(in_scratch("to-fragments"), NULL, "endow");
	expect_refused(in_scratch("to-fragments/f"), NULL, "lies in");
	expect_refused(in_scratch("free/../home/./.config"), NULL, "covers");
	expect_refused(in_scratch("home/.config/endow/fragments/.."), NULL, "covers");
}
END_TEST

/* The main policy may be any file: its folder, and every name that its bytes have. */
START_TEST(the_main_policy)
{
	const char *policy = put_file("home/work/sub/p.policy", "", 0644);

	ck_assert_int_eq(link(policy, in_scratch("free/hard")), 0);
	ck_assert_int_eq(link(in_scratch("bin/endow"), in_scratch("free/launcher")), 0);
	expect_refused(policy, policy, "covers");
	expect_refused(in_scratch("home/work/sub"), policy, "covers");
	expect_refused(in_scratch("home/work"), policy, "covers");
	expect_refused(in_scratch("free/hard"), policy, "covers");
	expect_refused(in_scratch("free/launcher"), policy, "covers");
	expect_allowed(in_scratch("home/work/x"), policy);
	expect_allowed(in_scratch("free"), policy);
	memset(&guard, 0, sizeof guard);
	expect_allowed(in_scratch("home/work"), NULL);
}
END_TEST

START_TEST(a_relative_policy)
{
	put_file("home/work/sub/p.policy", "", 0644);
	ck_assert_int_eq(chdir(in_scratch("home/work/sub")), 0);
	expect_refused(".", "p.policy", "covers");
	expect_refused("..", "p.policy", "covers");
	memset(&guard, 0, sizeof guard);
	expect_refused("../sub", "./p.policy", "covers");
	expect_allowed("../x", "./p.policy");
}
END_TEST

/* Both the link and what it leads to decide. */
START_TEST(a_policy_folder_that_is_a_link)
{
	put_folder("dotfiles", 0755);
	put_folder("dotfiles/endow", 0755);
	put_file("dotfiles/endow/p.policy", "", 0644);
	put_folder("links", 0755);
	place(places.config, put_link("../dotfiles/endow", "links/config"));
	expect_refused(in_scratch("links"), NULL, "covers");
	expect_refused(in_scratch("dotfiles"), NULL, "covers");
	expect_refused(in_scratch("dotfiles/endow"), NULL, "covers");
	expect_refused(in_scratch("dotfiles/endow/p.policy"), NULL, "lies in");
	expect_allowed(in_scratch("free"), NULL);
}
END_TEST

/* ... and a link on the way there: whoever may replace it chooses the policies. */
START_TEST(a_link_on_the_way_to_the_policies)
{
	put_folder("dotfiles", 0755);
	put_folder("dotfiles/config", 0755);
	put_folder("dotfiles/config/endow", 0755);
	put_folder("dotfiles/config/other", 0755);
	put_file("dotfiles/config/other/x", "", 0644);
	put_folder("links", 0755);
	put_folder("links/hop", 0755);
	put_folder("links/beside", 0755);
	put_link("hop/config", "links/config");
	put_link("../../dotfiles/config", "links/hop/config");
	place(places.config, in_scratch("links/config/endow"));
	expect_refused(in_scratch("dotfiles/config"), NULL, "covers");
	expect_refused(in_scratch("links"), NULL, "covers");
	expect_refused(in_scratch("links/hop"), NULL, "covers");
	/* What lies beside the policies, where the link leads, is as free as without the link. */
	expect_allowed(in_scratch("dotfiles/config/other"), NULL);
	expect_allowed(in_scratch("dotfiles/config/other/x"), NULL);
	expect_allowed(in_scratch("links/beside"), NULL);
}
END_TEST

/* As where /home is a link to /var/home: every path of the user's passes it. */
START_TEST(a_home_behind_a_link)
{
	put_link("home", "to-home");
	place(places.config, in_scratch("to-home/.config/endow"));
	place(places.cache, in_scratch("to-home/.cache/endow"));
	put_link("home/work/sub", "to-sub");
	put_file("home/work/sub/p.policy", "", 0644);
	const char *policy = in_scratch("to-sub/p.policy");
	expect_allowed(in_scratch("home/.config/other"), policy);
	expect_allowed(in_scratch("to-home/.config/other/x"), policy);
	expect_allowed(in_scratch("home/work/x"), policy);
	expect_refused(in_scratch("home/work"), policy, "covers");
	expect_refused(in_scratch("home"), policy, "covers");
	expect_refused(in_scratch("to-home/.config"), policy, "covers");
	expect_refused(in_scratch("to-home/.config/endow/p.policy"), policy, "lies in");
}
END_TEST

/* What is not there yet could be made by who may create above it. */
START_TEST(an_absent_policy_folder)
{
	put_folder("new", 0755);
	put_folder("new/home", 0755);
	put_folder("new/beside", 0755);
	place(places.config, in_scratch("new/home/.config/endow"));
	expect_refused(in_scratch("new/home"), NULL, "covers");
	expect_refused(in_scratch("new"), NULL, "covers");
	expect_allowed(in_scratch("new/beside"), NULL);
	memset(&guard, 0, sizeof guard);
	put_link("nowhere", "new/home/.config"); /* a dangling link: what it leads to could be made, or the link replaced */
	expect_refused(in_scratch("new/home"), NULL, "covers");
	expect_allowed(in_scratch("new/beside"), NULL);
}
END_TEST

START_TEST(no_policy_folders_at_all)
{
	memset(&places, 0, sizeof places);
	expect_allowed(scratch, NULL);
	expect_allowed("/", NULL);
}
END_TEST

START_TEST(devices_hold_no_policy)
{
	ck_assert_int_eq(mkfifo(in_scratch("etc/fifo"), 0600), 0);
	expect_allowed("/dev/null", NULL);
	expect_allowed(in_scratch("etc/fifo"), NULL);
}
END_TEST

START_TEST(without_anybody_to_tell)
{
	struct thing thing;

	ck_assert_int_eq(resolve_typed(in_scratch("home"), 1, &thing, &err), 0);
	ck_assert_int_eq(guard_check(&guard, &places, NULL, &thing, NULL), -EPERM);
	thing_close(&thing);
}
END_TEST

/* As root: in a mount namespace of its own, which ends with the test's process. */
START_TEST(bind_mounts)
{
	put_folder("bound", 0755);
	put_folder("bound-sub", 0755);
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return; /* in a chroot, where / is no mount: nothing can be bound in private */
	ck_assert_int_eq(mount(in_scratch("home"), in_scratch("bound"), NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(in_scratch("home/.config/endow"), in_scratch("bound-sub"), NULL, MS_BIND, NULL), 0);
	expect_refused(in_scratch("bound"), NULL, "covers");
	expect_refused(in_scratch("bound/.config"), NULL, "covers");
	expect_refused(in_scratch("bound/.config/endow/p.policy"), NULL, "lies in");
	expect_refused(in_scratch("bound-sub"), NULL, "covers");
	expect_refused(in_scratch("bound-sub/p.policy"), NULL, "lies in");
	expect_allowed(in_scratch("bound/work"), NULL);
	ck_assert_int_eq(umount(in_scratch("bound")) | umount(in_scratch("bound-sub")), 0);
	/* The fragments by themselves: what is above them can't be seen from there. */
	ck_assert_int_eq(mount(in_scratch("home/.config/endow/fragments"), in_scratch("bound-sub"), NULL, MS_BIND, NULL), 0);
	expect_refused(in_scratch("bound-sub"), NULL, "endow");
	expect_refused(in_scratch("bound-sub/f"), NULL, "endow");
	ck_assert_int_eq(umount(in_scratch("bound-sub")), 0);
}
END_TEST

Suite *guard_suite(void)
{
	Suite *s = suite_create("guard");
	TCase *tc = tcase_create("guard");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, each_refused, 0, sizeof refused / sizeof *refused);
	tcase_add_loop_test(tc, each_allowed, 0, sizeof allowed / sizeof *allowed);
	tcase_add_test(tc, the_root_covers_everything);
	tcase_add_test(tc, asked_again);
	tcase_add_test(tc, links_and_dots);
	tcase_add_test(tc, the_main_policy);
	tcase_add_test(tc, a_relative_policy);
	tcase_add_test(tc, a_policy_folder_that_is_a_link);
	tcase_add_test(tc, a_link_on_the_way_to_the_policies);
	tcase_add_test(tc, a_home_behind_a_link);
	tcase_add_test(tc, an_absent_policy_folder);
	tcase_add_test(tc, no_policy_folders_at_all);
	tcase_add_test(tc, devices_hold_no_policy);
	tcase_add_test(tc, without_anybody_to_tell);
	if (geteuid() == 0)
		tcase_add_test(tc, bind_mounts);
	suite_add_tcase(s, tc);
	return s;
}

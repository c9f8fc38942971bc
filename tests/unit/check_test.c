#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "sources.h"
#include "value.h"

Suite *check_suite(void);

static struct tree tree;
static struct diag diag;
static struct policy policy;

static void teardown(void)
{
	policy_free(&policy);
	tree_free(&tree);
}

/* TEXT may hold several sources: see sources.h. Returns the number of messages. */
static uint32_t check_text(const char *text)
{
	struct sources sources;

	teardown();
	sources_split(&sources, text, strlen(text));
	const struct compile_input in = sources_input(&sources, "main", sources_filter);
	ck_assert_int_eq(compile_tree(&in, sources_fetch, &sources, &tree, &diag), 0);
	ck_assert_int_eq(check_tree(&tree, &diag, &policy), 0);
	return diag.count;
}

static const char *string(uint32_t at)
{
	return (const char *)policy.strings.data + at;
}

static const struct image_grant *grant(uint32_t i)
{
	ck_assert_uint_lt(i, policy.grants.count);
	return (const struct image_grant *)policy.grants.data + i;
}

static const struct {
	const char *written;
	uint32_t root;
	const char *text;
} paths[] = {
    {"/", ROOT_NONE, "/"},
    {"///a//b/./c/.", ROOT_NONE, "/a/b/c"},
    {"/a/", ROOT_NONE, "/a"},
    {"/...", ROOT_NONE, "/..."},
    {"/..a/b..", ROOT_NONE, "/..a/b.."},
    {"~", ROOT_HOME, ""},
    {"~/", ROOT_HOME, ""},
    {"$HOME//x/", ROOT_HOME, "/x"},
    {"${XDG_RUNTIME_DIR}/y", ROOT_XDG_RUNTIME_DIR, "/y"},
    {"$CREDENTIALS_DIRECTORY/k", ROOT_CREDENTIALS_DIRECTORY, "/k"},
    {".", ROOT_PWD, ""},
    {"./", ROOT_PWD, ""},
    {"./.x", ROOT_PWD, "/.x"},
    {"\"./a b\"", ROOT_PWD, "/a b"},
};

START_TEST(paths_have_one_spelling)
{
	char text[128];

	snprintf(text, sizeof text, "read %s", paths[_i].written);
	ck_assert_uint_eq(check_text(text), 0);
	ck_assert_uint_eq(grant(0)->path.root, paths[_i].root);
	ck_assert_str_eq(string(grant(0)->path.at), paths[_i].text);
}
END_TEST

static const char *const bad_paths[] = {
    "..",        "../x",  "./..", "./../x", "/..", "/a/..",  "/a/../b", "/a/b/../", "~/..",
    "$PWD/../x", "\"x\"", "\"\"", ".x",     "..x", "$HOME.", "$HOMEx",  "/$HOME",   "$HOME$HOME",
};

START_TEST(paths_that_lead_elsewhere_are_refused)
{
	char text[128];

	snprintf(text, sizeof text, "read %s", bad_paths[_i]);
	ck_assert_uint_eq(check_text(text), 1);
	ck_assert_uint_eq(policy.grants.count, 0);
}
END_TEST

START_TEST(dots_cannot_be_made_of_variables)
{
	ck_assert_uint_eq(check_text("let D = .\nread /a/$D$D/etc"), 1);
	ck_assert_uint_eq(check_text("let D = \"./..\"\nread /a/$D/etc"), 1);
	ck_assert_uint_eq(check_text("let D = \"/..\"\nread ~$D"), 1);
	ck_assert_uint_eq(check_text("let H = ~\nread /x$H"), 1);
	ck_assert_uint_eq(check_text("read \"/a/\\x2e\\x2e/b\""), 1);
}
END_TEST

static const struct {
	const char *text;
	uint32_t families;
} derived[] = {
    {"", 0},
    {"read write create exec /a", 0},
    {"connect tcp 1", FAM_TCP_CONNECT},
    {"connect tcp any", FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY},
    {"listen tcp 1", FAM_TCP_LISTEN},
    {"listen tcp any", FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY},
    {"connect udp any", FAM_UDP},
    {"connect unix any", FAM_UNIX},
    {"service", FAM_NOTIFY},
    {"connect tcp a:1", FAM_BROKER_NET},
    {"connect tcp a:1 2", FAM_BROKER_NET | FAM_TCP_CONNECT},
    {"connect udp [::1]:1", FAM_BROKER_NET},
    {"connect unix /s", FAM_BROKER_UNIX},
    {"listen tcp 127.0.0.1:1", FAM_BROKER_NET | FAM_TCP_LISTEN},
    {"ask read ~", FAM_BROKER_PATHS},
    {"ask append ~", FAM_BROKER_PATHS | FAM_APPEND_FD},
    {"grant read /a as b", FAM_BROKER_PATHS},
    {"grant read /a as b by path", FAM_BROKER_PATHS},
    {"grant read /a as b by handle", 0},
    {"grant append /a as b by handle", FAM_APPEND_FD},
    {"grant connect tcp 192.0.2.1:1 as b", 0},
    {"report denials", FAM_REPORT},
    {"ioctl /dev/x", FAM_IOCTL},
    {"append /a", FAM_APPEND_NAME},
    {"fd 3 append /a", FAM_APPEND_FD},
    {"fd 3 write /a", 0},
    {"promise fattr-anywhere aio", FAM_FATTR_ANYWHERE | FAM_AIO},
    {"use f\n%% fragment f\npromise tty\n%% line\npromise id", FAM_TTY | FAM_ID},
};

START_TEST(families_follow)
{
	ck_assert_uint_eq(check_text(derived[_i].text), 0);
	ck_assert_uint_eq(policy.head.families, derived[_i].families);
}
END_TEST

static const struct {
	const char *text;
	uint32_t flags;
} follows[] = {
    {"read /a", GRANT_FOLLOW},
    {"exec /a", GRANT_FOLLOW},
    {"read exec /a optional", GRANT_FOLLOW | GRANT_OPTIONAL},
    {"read /a nofollow", 0},
    {"write /a", 0},
    {"append /a", 0},
    {"create /a", 0},
    {"ioctl /a", 0},
    {"read write /a", 0},
    {"read ioctl /a", 0},
    {"exec create /a", 0},
    {"write /a nofollow", 0},
    {"write /a follow", GRANT_FOLLOW},
    {"read create /a follow", GRANT_FOLLOW},
};

/* A symbolic link planted where the program may write must not widen the grant. */
START_TEST(links_are_followed_only_for_reading)
{
	ck_assert_uint_eq(check_text(follows[_i].text), 0);
	ck_assert_uint_eq(grant(0)->flags, follows[_i].flags);
}
END_TEST

START_TEST(append_by_name_stands_alone)
{
	ck_assert_uint_eq(check_text("append /a\nread /b\nexec /c"), 0);
	ck_assert_uint_eq(check_text("append /a\nwrite /b"), 1);
	ck_assert_uint_eq(check_text("append /a\ncreate /b"), 1);
	ck_assert_uint_eq(check_text("write append /a"), 1);
	ck_assert_uint_eq(check_text("append /a\nargs write 1"), 1);
	ck_assert_uint_eq(check_text("append /a\n%% line\nwrite /b"), 1);
	ck_assert_uint_eq(check_text("use f\nwrite /b\n%% fragment f\nappend /a"), 1);
	ck_assert_uint_eq(check_text("use f\nappend /a\n%% fragment f\nread write /dev/null"), 0);
	ck_assert_uint_eq(check_text("fd 3 append /a\nwrite /b"), 0);
}
END_TEST

START_TEST(forgoing)
{
	ck_assert_uint_eq(check_text("forgo landlock"), 1);
	ck_assert_uint_eq(check_text("use f\n%% fragment f\nforgo landlock"), 1);
	ck_assert_uint_eq(check_text("require tcp\nforgo tcp"), 1);
	ck_assert_uint_eq(check_text("require tcp\n%% line\nforgo tcp"), 1);
	ck_assert_uint_eq(check_text("require tcp\nforgo audit view"), 0);
	ck_assert_uint_eq(policy.head.require, FEATURE_TCP);
	ck_assert_uint_eq(policy.head.forgo, FEATURE_AUDIT | FEATURE_VIEW);
}
END_TEST

static const struct {
	const char *text;
	uint32_t messages;
	uint32_t umask;
} overrides[] = {
    {"umask 1\numask 1", 1, 0},
    {"umask 1\n%% line\numask 2", 0, 2},
    {"use a\numask 1\n%% fragment a\numask 3", 0, 1},
    {"use a\n%% fragment a\numask 3", 0, 3},
    {"use a b\n%% fragment a\numask 3\n%% fragment b\numask 3", 0, 3},
    {"use a b\n%% fragment a\numask 3\n%% fragment b\numask 4", 1, 0},
    {"use a b\numask 5\n%% fragment a\numask 3\n%% fragment b\numask 4", 0, 5},
    {"use a b\n%% fragment a\numask 3\n%% fragment b\numask 4\n%% line\numask 6", 0, 6},
    {"umask 1\numask 2\n%% line\numask 3", 1, 0},
    {"%% line\nuse a\numask 1\n%% fragment a\numask 2", 0, 1},
};

START_TEST(one_source_overrides_another)
{
	ck_assert_uint_eq(check_text(overrides[_i].text), overrides[_i].messages);
	if (overrides[_i].messages == 0)
		ck_assert_uint_eq(policy.head.umask, overrides[_i].umask);
}
END_TEST

START_TEST(limits)
{
	ck_assert_uint_eq(check_text("limit memory 2G cpu 3m\nlimit core 0 files none"), 0);
	ck_assert_uint_eq(policy.head.limits[LIMIT_MEMORY], UINT64_C(2) << 30);
	ck_assert_uint_eq(policy.head.limits[LIMIT_CPU], 180);
	ck_assert_uint_eq(policy.head.limits[LIMIT_CORE], 0);
	ck_assert_uint_eq(policy.head.limits[LIMIT_FILES], LIMIT_NONE);
	ck_assert_uint_eq(policy.head.limits[LIMIT_WALL], LIMIT_UNSET);
}
END_TEST

START_TEST(names_of_descriptors_have_no_gap)
{
	ck_assert_uint_eq(check_text("fd 3 read /a as a\nfd 5 keep as c\nfd 4 keep"), 0);
	ck_assert_uint_eq(policy.fds.count, 3);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(((struct image_fd *)policy.fds.data)[i].number, i + 3);
	ck_assert_uint_eq(check_text("fd 3 read /a as a\nfd 5 keep as c"), 1);
	ck_assert_uint_eq(check_text("fd 4 read /a as a"), 1);
	ck_assert_uint_eq(check_text("fd 0 read /a as a"), 1);
	ck_assert_uint_eq(check_text("fd 3 read /a\nfd 9 keep"), 0);
}
END_TEST

START_TEST(numbers)
{
	uint64_t n;
	int32_t first, last;
	uint16_t low, high;
	const char *p;

	ck_assert_int_eq(value_number("18446744073709551615", 20, UINT64_MAX, &n), 0);
	ck_assert_uint_eq(n, UINT64_MAX);
	ck_assert_int_eq(value_number("18446744073709551616", 20, UINT64_MAX, &n), -ERANGE);
	ck_assert_int_eq(value_number("256", 3, 255, &n), -ERANGE);
	ck_assert_int_eq(value_number("9", 1, 5, &n), -ERANGE);
	ck_assert_int_eq(value_number("", 0, 5, &n), -EINVAL);
	ck_assert_int_eq(value_number("+1", 2, 5, &n), -EINVAL);
	ck_assert_int_eq(value_number("00", 2, 5, &n), -EINVAL);
	ck_assert_int_eq(value_number("0", 1, 5, &n), 0);
	ck_assert_int_eq(value_size("8388607T", &n), 0);
	ck_assert_int_eq(value_size("8388608T", &n), -ERANGE);
	ck_assert_int_eq(value_size("K", &n), -EINVAL);
	ck_assert_int_eq(value_size("1KK", &n), -EINVAL);
	ck_assert_int_eq(value_time("2h", &n), 0);
	ck_assert_uint_eq(n, 7200);
	ck_assert_int_eq(value_range("-65535..65535", &first, &last), 0);
	ck_assert_int_eq(first, -65535);
	ck_assert_int_eq(last, 65535);
	ck_assert_int_eq(value_range("65536", &first, &last), -ERANGE);
	ck_assert_int_eq(value_range("2..-2", &first, &last), 0);
	ck_assert_int_eq(value_range("2..1", &first, &last), -ERANGE);
	ck_assert_int_eq(value_range("--1", &first, &last), -EINVAL);
	ck_assert_int_eq(value_range("1...2", &first, &last), -EINVAL);
	p = "1-65535,2";
	ck_assert_int_eq(value_ports(&p, &low, &high), 0);
	ck_assert_uint_eq(high, 65535);
	ck_assert_str_eq(p, ",2");
	p = "0";
	ck_assert_int_eq(value_ports(&p, &low, &high), -ERANGE);
	p = "1-2-3";
	ck_assert_int_eq(value_ports(&p, &low, &high), -EINVAL);
}
END_TEST

START_TEST(ten_thousand_grants)
{
	char *text = malloc(10000 * 48);
	size_t len = 0;

	for (int i = 0; i < 10000; i++)
		len += (size_t)sprintf(text + len, "read write /srv/data/%d optional\n", i);
	ck_assert_uint_eq(check_text(text), 0);
	ck_assert_uint_eq(policy.grants.count, 10000);
	ck_assert_str_eq(string(grant(9999)->path.at), "/srv/data/9999");
	ck_assert_uint_eq(grant(9999)->where.line, 10000);
	free(text);
}
END_TEST

/* Variables could make megabytes of a few lines: the end is an error, not a swollen process. */
START_TEST(expansion_is_bounded)
{
	char text[32768];
	struct sources sources;
	size_t len = 0;

	teardown();
	len += (size_t)sprintf(text + len, "let A = /%0*d\n", 4000, 0);
	for (int i = 0; i < 3000; i++)
		len += (size_t)sprintf(text + len, "read $A\n");
	sources_split(&sources, text, len);
	const struct compile_input in = sources_input(&sources, "main", sources_filter);
	ck_assert_int_eq(compile_tree(&in, sources_fetch, &sources, &tree, &diag), 0);
	ck_assert_int_eq(check_tree(&tree, &diag, &policy), -E2BIG);
}
END_TEST

START_TEST(environment)
{
	const struct image_env *env;

	ck_assert_uint_eq(check_text("use f\nenv set A=1 keep B LC_*\n%% line\nenv keep A\n%% fragment f\nenv set B=2 C=3"), 0);
	env = policy.env.data;
	ck_assert_uint_eq(policy.env.count, 4);
	ck_assert_str_eq(string(env[0].name), "C");
	ck_assert_str_eq(string(env[1].name), "B");
	ck_assert_uint_eq(env[1].op, ENV_KEEP);
	ck_assert_str_eq(string(env[2].name), "LC_");
	ck_assert_str_eq(string(env[3].name), "A");
	ck_assert_uint_eq(env[3].op, ENV_KEEP);
	ck_assert_uint_eq(check_text("env set A=1\nenv set A=1"), 1);
	ck_assert_uint_eq(check_text("env set A=1\nenv set A=1\n%% line\nenv set A=2"), 1);
	ck_assert_uint_eq(check_text("env set A=1\nenv keep A"), 1);
	ck_assert_uint_eq(check_text("use f g\n%% fragment f\nenv set A=1\n%% fragment g\nenv set A=2"), 1);
	ck_assert_uint_eq(check_text("use f g\nenv keep A\n%% fragment f\nenv set A=1\n%% fragment g\nenv set A=2"), 0);
}
END_TEST

START_TEST(scratch_is_a_way_to_set_a_variable)
{
	ck_assert_uint_eq(check_text("scratch A\n%% line\nenv set A=1"), 0);
	ck_assert_uint_eq(policy.scratch.count, 0);
	ck_assert_uint_eq(policy.env.count, 1);
	ck_assert_uint_eq(check_text("scratch A\n%% line\nenv keep A"), 0);
	ck_assert_uint_eq(policy.scratch.count, 0);
	ck_assert_uint_eq(check_text("env set A=1\n%% line\nscratch A"), 0);
	ck_assert_uint_eq(policy.scratch.count, 1);
	ck_assert_uint_eq(policy.env.count, 0);
	ck_assert_uint_eq(
	    check_text("use f\nscratch A B\nscratch A\n%% line\nscratch B\n%% fragment f\nscratch B C\nenv set A=1"), 0);
	ck_assert_uint_eq(policy.scratch.count, 3);
	ck_assert_str_eq(string(((struct image_word *)policy.scratch.data)[2].at), "C");
	ck_assert_uint_eq(policy.env.count, 0);
	ck_assert_uint_eq(check_text("scratch LC_A\nenv keep LC_*"), 0);
	ck_assert_uint_eq(policy.scratch.count + policy.env.count, 2);
	ck_assert_uint_eq(check_text("scratch A\nenv set A=1"), 1);
	ck_assert_uint_eq(check_text("scratch A B C D E F G H I J K L M N O P Q R"), 1);
	ck_assert_uint_eq(check_text("env keep A\nscratch A"), 1);
	ck_assert_uint_eq(check_text("scratch A\nenv set A=1\n%% line\nenv set A=2"), 1);
	ck_assert_uint_eq(check_text("use f g\n%% fragment f\nscratch A\n%% fragment g\nenv set A=1"), 1);
}
END_TEST

static const char *const bad_parts[] = {
    "/a",   "./a", "a/./b", "a/.", ".",   "..",    "../a",       "a/..", "a/../b",
    "a//b", "a//", "//",    "~",   "~/a", "$HOME", "\"a$HOME\"", "\"\"", "\".\\x2e\"",
};

START_TEST(parts_that_lead_elsewhere_are_refused)
{
	char text[128];

	snprintf(text, sizeof text, "read / except %s", bad_parts[_i]);
	ck_assert_uint_eq(check_text(text), 1);
	ck_assert_uint_eq(policy.excepts.count, 0);
	snprintf(text, sizeof text, "except b %s", bad_parts[_i]);
	ck_assert_uint_eq(check_text(text), 1);
}
END_TEST

START_TEST(parts_of_one_statement_are_apart)
{
	ck_assert_uint_eq(check_text("except a a"), 1);
	ck_assert_uint_eq(check_text("except a/ a"), 1);
	ck_assert_uint_eq(check_text("except a a/b"), 1);
	ck_assert_uint_eq(check_text("except a/b/c x a/b/"), 1);
	ck_assert_uint_eq(check_text("except a/b ab a-b a.b a/c"), 0);
	ck_assert_uint_eq(check_text("except a\nexcept a a/b"), 1);
	ck_assert_uint_eq(check_text("except a\nexcept a\nexcept a/b\nread . except a"), 0);
	ck_assert_uint_eq(policy.excepts.count, 4);
}
END_TEST

#define LOOP(tc, test, table) tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof *(table))

Suite *check_suite(void)
{
	Suite *s = suite_create("check");
	TCase *tc = tcase_create("meaning");

	tcase_add_checked_fixture(tc, NULL, teardown);
	LOOP(tc, paths_have_one_spelling, paths);
	LOOP(tc, paths_that_lead_elsewhere_are_refused, bad_paths);
	LOOP(tc, families_follow, derived);
	LOOP(tc, links_are_followed_only_for_reading, follows);
	LOOP(tc, one_source_overrides_another, overrides);
	LOOP(tc, parts_that_lead_elsewhere_are_refused, bad_parts);
	tcase_add_test(tc, parts_of_one_statement_are_apart);
	tcase_add_test(tc, scratch_is_a_way_to_set_a_variable);
	tcase_add_test(tc, dots_cannot_be_made_of_variables);
	tcase_add_test(tc, append_by_name_stands_alone);
	tcase_add_test(tc, forgoing);
	tcase_add_test(tc, limits);
	tcase_add_test(tc, names_of_descriptors_have_no_gap);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, ten_thousand_grants);
	tcase_add_test(tc, expansion_is_bounded);
	tcase_add_test(tc, environment);
	suite_add_tcase(s, tc);
	return s;
}

/* What asks the person: which answers are answers, and what of a program's words is shown. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "broker/answer_line.h"
#include "plain.h"

static struct said said;

static int answer(const char *text, int keeping)
{
	return answer_line(text, strlen(text), keeping, &said);
}

START_TEST(answers)
{
	static const struct {
		const char *text;
		int keeping;
		enum answer_what what;
		int keep;
		const char *path;
	} good[] = {
	    {"no\n", 0, ANSWER_NO, 0, ""},
	    {"once\n", 0, ANSWER_ONCE, 0, ""},
	    {"run\n", 0, ANSWER_RUN, 0, ""},
	    {"once /a\n", 0, ANSWER_ONCE, 0, "/a"},
	    {"run /a b/ c\n", 0, ANSWER_RUN, 0, "/a b/ c"},
	    {"always\n", 1, ANSWER_RUN, 1, ""},
	    {"always /x\n", 1, ANSWER_RUN, 1, "/x"},
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(answer(good[i].text, good[i].keeping) == 0, "%s", good[i].text);
		ck_assert_int_eq(said.what, good[i].what);
		ck_assert_int_eq(said.keep, good[i].keep);
		ck_assert_str_eq(said.path, good[i].path);
	}
}
END_TEST

START_TEST(everything_else_is_a_no)
{
	static const char *const bad[] = {"",         "\n",         "once",         "run\nrun\n", "once\n\n",
					  "ONCE\n",   " once\n",    "once \n",      "once a\n",   "once  /a\n",
					  "no /a\n",  "once\t/a\n", "oncerun\n",    "yes\n",      "1\n",
					  "always\n", "runaway\n",  "run /a\nno\n", "once ../a\n"};
	static const char nul[] = "once\0\n", inner[] = "once /a\0b\n";

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(answer(bad[i], 0) == -EBADMSG, "%s", bad[i]);
		ck_assert_int_eq(said.what, ANSWER_NO);
		ck_assert_int_eq(said.keep, 0);
		ck_assert_str_eq(said.path, "");
	}
	ck_assert_int_eq(answer_line(nul, sizeof nul - 1, 0, &said), -EBADMSG);
	ck_assert_int_eq(answer_line(inner, sizeof inner - 1, 0, &said), -EBADMSG);
}
END_TEST

START_TEST(an_answer_is_bounded)
{
	char text[ASKING_PATH + 64];

	memset(text, 'a', sizeof text);
	memcpy(text, "once /", 6);
	text[5 + ASKING_PATH - 1] = '\n';
	ck_assert_int_eq(answer_line(text, 5 + ASKING_PATH, 0, &said), 0);
	ck_assert_uint_eq(strlen(said.path), ASKING_PATH - 1);
	text[5 + ASKING_PATH - 1] = 'a';
	text[5 + ASKING_PATH] = '\n';
	ck_assert_int_eq(answer_line(text, 6 + ASKING_PATH, 0, &said), -EBADMSG);
}
END_TEST

static const char *shown(const char *text, size_t len, size_t size)
{
	static char to[64];

	memset(to, 'X', sizeof to);
	return plain_text(to, size, text, len);
}

START_TEST(what_is_shown)
{
	static const struct {
		const char *from, *to;
	} texts[] = {
	    {"", ""},
	    {"a b", "a b"},
	    {"\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac"},
	    {"a\tb\nc", "a b c"},
	    {"\x1b[31mred", "?[31mred"},
	    {"\r\b\x7f\x01", "????"},
	    {"\xc2\x9b"
	     "31m",
	     "?31m"}, /* CSI as one character */
	    {"a\xe2\x80\xae"
	     "b",
	     "a?b"}, /* turns the direction */
	    {"a\xe2\x80\x8b"
	     "b",
	     "a?b"},                           /* no width */
	    {"\xff\xc3", "??"},                /* no UTF-8 */
	    {"\xc0\xaf\xed\xa0\x80", "?????"}, /* too long a form, half of a pair */
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_str_eq(shown(texts[i].from, strlen(texts[i].from), 64), texts[i].to);
	ck_assert_str_eq(shown("a\0b", 3, 64), "a?b");
}
END_TEST

START_TEST(what_is_too_long_ends_in_dots)
{
	ck_assert_str_eq(shown("12345678", 8, 9), "12345678");
	ck_assert_str_eq(shown("123456789", 9, 9), "12345...");
	ck_assert_str_eq(shown("1234\xe2\x82\xac"
			       "6789",
			       11, 9),
			 "1234...");
	ck_assert_str_eq(shown("12345\xe2\x82\xac"
			       "6789",
			       12, 9),
			 "12345...");
}
END_TEST

START_TEST(words_of_the_language)
{
	static const struct {
		const char *path, *word;
	} paths[] = {
	    {"/a/b-c_d.e", "/a/b-c_d.e"},
	    {"/a b", "\"/a b\""},
	    {"/a\"b\\$", "\"/a\\\"b\\\\\\$\""},
	    {"/a\nb", "\"/a\\x0ab\""},
	    {"/*", "\"/*\""},
	    {"/\xc3\xa4", "\"/\\xc3\\xa4\""},
	    {"a", "\"a\""},
	    {"/a=~b", "\"/a=~b\""},
	    {"/#", "\"/#\""},
	};
	char to[64];

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		ck_assert_int_eq(plain_word(to, sizeof to, paths[i].path), 0);
		ck_assert_str_eq(to, paths[i].word);
	}
	ck_assert_int_eq(plain_word(to, 3, "/ab"), -ENAMETOOLONG);
	ck_assert_str_eq(to, "");
	ck_assert_int_eq(plain_word(to, 8, "/a b/c d e f"), -ENAMETOOLONG);
	ck_assert_str_eq(to, "");
}
END_TEST

START_TEST(paths_are_compared_name_by_name)
{
	char to[16];

	ck_assert_int_eq(plain_path(to, sizeof to, "//a///b/"), 0);
	ck_assert_str_eq(to, "/a/b");
	ck_assert_int_eq(plain_path(to, sizeof to, "///"), 0);
	ck_assert_str_eq(to, "/");
	ck_assert_int_eq(plain_path(to, sizeof to, "/a..b/.c"), 0);
	static const char *const bad[] = {"", "a", "/a/..", "/../a", "/./a", "/a/.", "/a/../b", "/0123456789abcde"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(plain_path(to, sizeof to, bad[i]) == -EINVAL, "%s", bad[i]);
	ck_assert_int_eq(plain_covers("/a", "/a"), 1);
	ck_assert_int_eq(plain_covers("/a", "/a/b"), 1);
	ck_assert_int_eq(plain_covers("/", "/a"), 1);
	ck_assert_int_eq(plain_covers("/a", "/ab"), 0);
	ck_assert_int_eq(plain_covers("/a/b", "/a"), 0);
}
END_TEST

Suite *ask_suite(void);
Suite *ask_suite(void)
{
	Suite *s = suite_create("ask");
	TCase *t = tcase_create("ask");

	tcase_add_test(t, answers);
	tcase_add_test(t, everything_else_is_a_no);
	tcase_add_test(t, an_answer_is_bounded);
	tcase_add_test(t, what_is_shown);
	tcase_add_test(t, what_is_too_long_ends_in_dots);
	tcase_add_test(t, words_of_the_language);
	tcase_add_test(t, paths_are_compared_name_by_name);
	suite_add_tcase(s, t);
	return s;
}

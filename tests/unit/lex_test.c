#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lex.h"

Suite *lex_suite(void);

static struct tree tree;
static struct diag diag;
static struct line line;

static void setup(void)
{
	memset(&tree, 0, sizeof tree);
	memset(&diag, 0, sizeof diag);
	diag.tree = &tree;
}

static void teardown(void)
{
	tree_free(&tree);
}

static int lex_bytes(const char *text, size_t len)
{
	struct place at = {.line = 1};

	tree_free(&tree);
	diag.count = 0;
	ck_assert_int_eq(tree_add(&tree, "", "t", text, len, 0), 0);
	return lex_line(&tree, &diag, at, tree.sources[0].text, len, &line);
}

static int lex(const char *text)
{
	return lex_bytes(text, strlen(text));
}

static const struct word *word(unsigned int n)
{
	const struct word *w = line.words;

	while (w && n-- > 0)
		w = w->next;
	ck_assert_ptr_nonnull(w);
	return w;
}

static void expect_refused(const char *text, uint32_t column, const char *why)
{
	ck_assert_int_eq(lex(text), -EINVAL);
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_msg(strstr(diag.messages[0].text, why) != NULL, "%s: %s", text, diag.messages[0].text);
	ck_assert_uint_eq(diag.messages[0].at.column, column);
}

START_TEST(nothing)
{
	ck_assert_int_eq(lex(""), 0);
	ck_assert_ptr_null(line.words);
	ck_assert_ptr_null(line.comment);
	ck_assert_int_eq(lex(" \t "), 0);
	ck_assert_ptr_null(line.words);
}
END_TEST

START_TEST(comments)
{
	ck_assert_int_eq(lex("  #  a # b \t"), 0);
	ck_assert_ptr_null(line.words);
	ck_assert_str_eq(line.comment, "a # b");
	ck_assert_int_eq(lex("a#b #"), 0);
	ck_assert_str_eq(word_plain(word(0)), "a#b");
	ck_assert_ptr_null(word(0)->next);
	ck_assert_str_eq(line.comment, "");
	ck_assert_int_eq(lex("\"a #b\""), 0);
	ck_assert_str_eq(word_plain(word(0)), "a #b");
	ck_assert_ptr_null(line.comment);
}
END_TEST

START_TEST(places_count_characters)
{
	ck_assert_int_eq(lex("\té日 \"ü x\"\tlast"), 0);
	ck_assert_uint_eq(word(0)->at.column, 2);
	ck_assert_uint_eq(word(0)->at.width, 2);
	ck_assert_uint_eq(word(1)->at.column, 5);
	ck_assert_uint_eq(word(1)->at.width, 5);
	ck_assert_uint_eq(word(2)->at.column, 11);
	ck_assert_uint_eq(line.end.column, 15);
	ck_assert_int_eq(word(1)->raw_len, 6);
	ck_assert_mem_eq(word(1)->raw, "\"ü x\"", 6);
}
END_TEST

START_TEST(escapes)
{
	ck_assert_int_eq(lex("\"\\\"\\\\\\$\\n\\t\\x41\\xfF\""), 0);
	ck_assert_str_eq(word_plain(word(0)), "\"\\$\n\tA\xff");
	ck_assert(word(0)->quoted);
	ck_assert(!word_is(word(0), "\"\\$\n\tA\xff"));
	ck_assert_int_eq(lex("\"\""), 0);
	ck_assert_ptr_null(word(0)->parts);
	ck_assert_str_eq(word_plain(word(0)), "");
}
END_TEST

static void expect_parts(const struct word *w, const char *want)
{
	char got[256] = "";

	for (const struct part *p = w->parts; p; p = p->next) {
		strcat(got, p->variable ? "<" : "[");
		strcat(got, p->text);
		strcat(got, p->variable ? ">" : "]");
		ck_assert_uint_eq(p->len, strlen(p->text));
		ck_assert(!p->next || p->variable || p->next->variable);
	}
	ck_assert_str_eq(got, want);
}

START_TEST(variables)
{
	ck_assert_int_eq(lex("a$B.c ${D}e \"x${F}\\$G\" $H$I ~ ~/j k~ A=~/l M=\"n o\" \"~\""), 0);
	expect_parts(word(0), "[a]<B>[.c]");
	expect_parts(word(1), "<D>[e]");
	expect_parts(word(2), "[x]<F>[$G]");
	expect_parts(word(3), "<H><I>");
	expect_parts(word(4), "<HOME>");
	expect_parts(word(5), "<HOME>[/j]");
	expect_parts(word(6), "[k~]");
	expect_parts(word(7), "[A=]<HOME>[/l]");
	expect_parts(word(8), "[M=n o]");
	expect_parts(word(9), "[~]");
	ck_assert_uint_eq(word(0)->parts->next->at.column, 2);
	ck_assert_uint_eq(word(0)->parts->next->at.width, 2);
	ck_assert(!word(8)->quoted);
}
END_TEST

START_TEST(patterns_are_marked)
{
	ck_assert_int_eq(lex("ab*c* \"*\" a?b [x d"), 0);
	ck_assert_uint_eq(word(0)->pattern.column, 3);
	ck_assert_uint_eq(word(0)->pattern.width, 1);
	ck_assert_uint_eq(word(1)->pattern.width, 0);
	ck_assert_uint_eq(word(2)->pattern.column, 12);
	ck_assert_uint_eq(word(3)->pattern.column, 15);
	ck_assert_uint_eq(word(4)->pattern.width, 0);
}
END_TEST

START_TEST(refused_words)
{
	expect_refused("read \"/a", 6, "without an end");
	expect_refused("x \"$A b", 3, "without an end");
	expect_refused("\"a\"b", 4, "goes on behind its closing quote");
	expect_refused("\"a\"#b", 4, "goes on behind its closing quote");
	expect_refused("A=\"b\"c", 6, "goes on behind its closing quote");
	expect_refused("a\"b\"", 2, "in a word without quotes");
	expect_refused("1A=\"b\"", 4, "in a word without quotes");
	expect_refused("a'b", 2, "in a word without quotes");
	expect_refused("a\\b", 2, "in a word without quotes");
	expect_refused("\"\\q\"", 2, "unknown escape");
	expect_refused("\"\\x4\"", 2, "unknown escape");
	expect_refused("\"\\xg0\"", 2, "unknown escape");
	expect_refused("\"é\\x00\"", 3, "zero byte");
	expect_refused("é $", 3, "without a variable's name");
	expect_refused("${}", 1, "without a variable's name");
	expect_refused("$9", 1, "without a variable's name");
	expect_refused("${A", 1, "without '}'");
	expect_refused("${A-b}", 1, "without '}'");
	expect_refused("~root/x", 1, "another user's home");
	expect_refused("A=~root", 3, "another user's home");
}
END_TEST

START_TEST(refused_bytes)
{
	expect_refused("read /a\r", 8, "CR");
	expect_refused("é\x1b[0m", 2, "U+001B");
	expect_refused("a\x7f", 2, "U+007F");
	expect_refused("a\xff", 2, "not UTF-8");
	expect_refused("a\xe2\x82", 2, "not UTF-8");
	expect_refused("\xc0\xaf", 1, "not UTF-8");
	expect_refused("\xed\xa0\x80", 1, "not UTF-8");
	expect_refused("\xf4\x90\x80\x80", 1, "not UTF-8");
	expect_refused("# \xe2\x80\xae", 3, "U+202E");
	expect_refused("\xef\xbb\xbf"
		       "a",
		       1, "byte order mark");
	expect_refused("a\xef\xbb\xbf", 2, "U+FEFF");
	ck_assert_int_eq(lex_bytes("a\0b", 3), -EINVAL);
	ck_assert_ptr_nonnull(strstr(diag.messages[0].text, "zero byte"));
}
END_TEST

/* No byte makes the lexer fail silently, and every refusal says something. */
START_TEST(every_byte_alone_and_in_quotes)
{
	for (int c = 0; c < 256; c++) {
		const char bare[] = {'a', (char)c, 'b'}, quoted[] = {'"', (char)c, '"'};
		ck_assert_int_eq(lex_bytes(bare, 3) == 0, diag.count == 0);
		ck_assert_int_eq(lex_bytes(quoted, 3) == 0, diag.count == 0);
	}
}
END_TEST

START_TEST(long_lines)
{
	const size_t len = 1u << 20;
	char *text = malloc(len);

	memset(text, 'x', len);
	ck_assert_int_eq(lex_bytes(text, LINE_MAX_BYTES), 0);
	ck_assert_uint_eq(word(0)->raw_len, LINE_MAX_BYTES);
	ck_assert_int_eq(lex_bytes(text, LINE_MAX_BYTES + 1), -EINVAL);
	ck_assert_ptr_nonnull(strstr(diag.messages[0].text, "line of 4097 bytes"));
	ck_assert_int_eq(lex_bytes(text, len), -EINVAL);
	ck_assert_ptr_null(line.words);
	free(text);
}
END_TEST

Suite *lex_suite(void)
{
	Suite *s = suite_create("lex");
	TCase *tc = tcase_create("line");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing);
	tcase_add_test(tc, comments);
	tcase_add_test(tc, places_count_characters);
	tcase_add_test(tc, escapes);
	tcase_add_test(tc, variables);
	tcase_add_test(tc, patterns_are_marked);
	tcase_add_test(tc, refused_words);
	tcase_add_test(tc, refused_bytes);
	tcase_add_test(tc, every_byte_alone_and_in_quotes);
	tcase_add_test(tc, long_lines);
	suite_add_tcase(s, tc);
	return s;
}

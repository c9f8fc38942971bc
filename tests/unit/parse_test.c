#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "print.h"

Suite *parse_suite(void);

static struct tree tree;
static struct diag diag;

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

static const struct stmt *parse_more(const char *text, size_t len)
{
	const int source = tree_add(&tree, "", "t", text, len, 0);

	ck_assert_int_ge(source, 0);
	ck_assert_int_eq(parse_source(&tree, (uint32_t)source, &diag), 0);
	return tree.sources[source].statements;
}

static const struct stmt *parse(const char *text)
{
	tree_free(&tree);
	diag.count = 0;
	diag.more = false;
	return parse_more(text, strlen(text));
}

/* What PARSED prints is CANONICAL, and reads as the same. */
static void expect_canonical(const char *text, const char *canonical)
{
	char *printed = NULL;
	size_t len;

	parse(text);
	ck_assert_uint_eq(diag.count, 0);
	FILE *f = open_memstream(&printed, &len);
	print_source(f, &tree.sources[0]);
	fclose(f);
	ck_assert_str_eq(printed, canonical);
	parse_more(printed, len);
	ck_assert_uint_eq(diag.count, 0);
	ck_assert(source_equal(&tree.sources[0], &tree.sources[1]));
	free(printed);
}

static const struct {
	const char *text, *canonical;
} canon[] = {
    {"", ""},
    {"\n\n", ""},
    {" read\t/a   /b ", "read /a /b\n"},
    {"exec read /a follow optional", "read exec /a optional follow\n"},
    {"read \"/a\" \"$HOME/b\" \"/c d\"", "read /a $HOME/b \"/c d\"\n"},
    {"read ~ ~/x ${A}b ${A}/b \"${A}b c\"", "read $HOME $HOME/x ${A}b $A/b \"${A}b c\"\n"},
    {"read \"x\"", "read \"x\"\n"},
    {"read \"~/x\" \"#\"", "read \"~/x\" \"#\"\n"},
    {"\n# a\n\n\n\nread /a # b\n#\n\n", "# a\n\nread /a  # b\n#\n"},
    {"fd 3 read write /a optional as n", "fd 3 read write /a as n optional\n"},
    {"fd 3 keep", "fd 3 keep\n"},
    {"args write read 1..2 read -1", "args read write 1..2 read -1\n"},
    {"env keep A set B=1 keep C D*", "env keep A set B=1 keep C D*\n"},
    {"env set A=\"b c\" \"D=e f\" G=\"h\" I=\"\"", "env set A=\"b c\" D=\"e f\" G=h I=\n"},
    {"env keep \"keep\" \"set\" set keep=1", "env keep \"keep\" \"set\" set keep=1\n"},
    {"cwd \"keep\"", "cwd \"keep\"\n"},
    {"user A=\"~\"", "user \"A=~\"\n"},
    {"groups A=\"\" b=~", "groups A= b=$HOME\n"},
    {"cwd keep", "cwd keep\n"},
    {"groups none", "groups none\n"},
    {"groups \"none\" a", "groups \"none\" a\n"},
    {"limit cpu \"none\" core none", "limit cpu \"none\" core none\n"},
    {"connect tcp any", "connect tcp any\n"},
    {"connect tcp \"any\"", "connect tcp \"any\"\n"},
    {"listen tcp 1,2 3-4", "listen tcp 1,2 3-4\n"},
    {"let A = \"\"", "let A = \"\"\n"},
    {"let A = \"b\\x1b\\n\\\"\\\\\\$\"", "let A = \"b\\x1b\\n\\\"\\\\\\$\"\n"},
    {"let A = \"\xc3\xa9 \\xe2\\x80\\xae \\xff\"", "let A = \"\xc3\xa9 \\xe2\\x80\\xae \\xff\"\n"},
    {"session new\nsignals keep\nsupervise\nservice", "session new\nsignals keep\nsupervise\nservice\n"},
    {"keep cap chown kill", "keep cap chown kill\n"},
    {"isolate net files", "isolate net files\n"},
    {"scratch  A\tB", "scratch A B\n"},
    {"read ~ except a/ .b \"c d\" nofollow optional", "read $HOME except a/ .b \"c d\" optional nofollow\n"},
    {"write . except \"optional\" \"read\" \"except\"", "write . except \"optional\" \"read\" \"except\"\n"},
    {"read . except \"~\" \"#a\" \"/b\" \"\"", "read . except \"~\" \"#a\" /b \"\"\n"}, /* check.c judges parts */
    {"except a \"optional\" optional", "except a \"optional\" optional\n"},
    {"except \"a\" b/", "except \"a\" b/\n"},
};

START_TEST(canonical_text)
{
	expect_canonical(canon[_i].text, canon[_i].canonical);
}
END_TEST

START_TEST(differences_are_seen)
{
	static const char *const texts[] = {
	    "read /a",
	    "write /a",
	    "read /b",
	    "read /a /b",
	    "read /a optional",
	    "read /a nofollow",
	    "read $A",
	    "read /A",
	    "read /a # c",
	    "\n",
	    "cwd /a",
	    "cwd keep",
	    "connect tcp any",
	    "connect udp any",
	    "env keep A",
	    "env keep A*",
	    "env set A=",
	    "env set A=1",
	    "args read 1",
	    "args write 1",
	    "fd 3 read /a",
	    "fd 3 keep",
	    "# c\n\nread /a",
	    "# c\nread /a",
	    "read /a except b",
	    "read /a except b/",
	    "read /a except b c",
	    "except b",
	    "except b optional",
	    "isolate net",
	    "isolate ipc",
	    "scratch A",
	    "scratch B",
	};
	const size_t n = sizeof texts / sizeof *texts;

	for (size_t i = 0; i < n; i++)
		parse_more(texts[i], strlen(texts[i]));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			ck_assert_int_eq(source_equal(&tree.sources[i], &tree.sources[j]), i == j);
}
END_TEST

START_TEST(a_grant_has_all_its_parts)
{
	const struct stmt *s = parse("\n  read create /a $B optional nofollow # why");

	ck_assert_uint_eq(diag.count, 0);
	ck_assert_int_eq(s->verb, VERB_GRANT);
	ck_assert_uint_eq(s->rights, RIGHT_READ | RIGHT_CREATE);
	ck_assert_uint_eq(s->flags, GRANT_OPTIONAL | (uint32_t)STMT_NOFOLLOW);
	ck_assert_uint_eq(s->at.line, 2);
	ck_assert_uint_eq(s->at.column, 3);
	ck_assert_str_eq(s->comment, "why");
	ck_assert_uint_eq(s->items->word->at.column, 15);
	ck_assert(s->items->next->word->parts->variable);
	ck_assert_ptr_null(s->items->next->next);
	ck_assert_ptr_null(s->next);
}
END_TEST

START_TEST(a_refused_line_is_left_out)
{
	const struct stmt *s = parse("reed /a\nread /b\nlet X = \"y\nread /c");

	ck_assert_uint_eq(diag.count, 2);
	ck_assert_uint_eq(s->at.line, 2);
	ck_assert_int_eq(s->next->verb, VERB_LET);
	ck_assert(s->next->broken);
	ck_assert_uint_eq(s->next->next->at.line, 4);
	ck_assert_ptr_null(s->next->next->next);
}
END_TEST

START_TEST(at_most_twenty_messages)
{
	char text[22 * 3] = "";

	for (int i = 0; i < 20; i++)
		strcat(text, "x\n");
	parse(text);
	ck_assert_uint_eq(diag.count, DIAG_MAX);
	ck_assert(!diag.more);
	strcat(text, "x\n");
	parse(text);
	ck_assert_uint_eq(diag.count, DIAG_MAX);
	ck_assert(diag.more);
}
END_TEST

static char *repeat(const char *line, size_t times, size_t *len)
{
	const size_t each = strlen(line);
	char *text = malloc(each * times + 1);

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * each, line, each);
	*len = each * times;
	return text;
}

START_TEST(statements_are_counted)
{
	size_t len;
	char *text = repeat("read /a\n# c\n\n", STATEMENTS_MAX, &len);

	parse_more(text, len);
	ck_assert_uint_eq(diag.count, 0);
	ck_assert_uint_eq(tree.statement_count, STATEMENTS_MAX);
	parse_more("read /b", 7); /* in another source: together they are too many */
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_str_eq(diag.messages[0].text, "too many statements");
	free(text);
}
END_TEST

START_TEST(text_size)
{
	size_t len;
	char *text = repeat("#\n", SOURCE_MAX / 2 + 1, &len);

	parse_more(text, SOURCE_MAX);
	ck_assert_uint_eq(diag.count, 0);
	parse_more(text, SOURCE_MAX + 1);
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_str_eq(diag.messages[0].text, "a text of 1048577 bytes");
	free(text);
}
END_TEST

START_TEST(a_line_of_a_megabyte)
{
	size_t len;
	char *text = repeat("read ", SOURCE_MAX / 5, &len);

	ck_assert_ptr_null(parse_more(text, len));
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_uint_lt(strlen(diag.messages[0].echo), sizeof diag.messages[0].echo - 1);
	free(text);
}
END_TEST

/* A broken text of the greatest size is refused quickly, after its first messages. */
START_TEST(many_errors_end_early)
{
	size_t len;
	char *text = repeat("x\n", SOURCE_MAX / 2, &len);

	parse_more(text, len);
	ck_assert(diag.more);
	ck_assert_uint_lt(tree.statement_count, 100);
	free(text);
}
END_TEST

START_TEST(the_arena_ends)
{
	struct arena arena = {0};
	size_t n = 0;

	ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX));
	while (arena_alloc(&arena, 1 << 20))
		n++;
	ck_assert_uint_ge(n, 200);
	ck_assert_uint_le(n, ARENA_MAX >> 20);
	arena_free(&arena);
	ck_assert_ptr_nonnull(arena_alloc(&arena, 1));
	arena_free(&arena);
}
END_TEST

START_TEST(slips_are_recognized)
{
	static const char *const names[] = {"read", "write", "append", "signal-scope", NULL};

	ck_assert_str_eq(nearest_name("raed", names), "read");
	ck_assert_str_eq(nearest_name("READ", names), "read");
	ck_assert_str_eq(nearest_name("wrte", names), "write");
	ck_assert_str_eq(nearest_name("apend", names), "append");
	ck_assert_str_eq(nearest_name("signalscope", names), "signal-scope");
	ck_assert_ptr_null(nearest_name("", names));
	ck_assert_ptr_null(nearest_name("r", names));
	ck_assert_ptr_null(nearest_name("grant", names));
	ck_assert_ptr_null(nearest_name("a-name-that-is-longer-than-any-name-that-could-be-a-slip-of-ours-here", names));
}
END_TEST

/* What a terminal would act on is shown as \xHH, in the message, in the line, and beneath it. */
START_TEST(messages_are_tame)
{
	static const char text[] = "user \x1b[31m\x9b\n\x07\xe2\x80\xae";
	char *shown;

	parse(text);
	shown = diag_render(&diag);
	ck_assert_ptr_nonnull(shown);
	for (const char *p = shown; *p; p++)
		ck_assert(*p == '\n' || ((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f));
	ck_assert_ptr_nonnull(strstr(shown, "user \\x1b[31m\\x9b\n"));
	free(shown);
}
END_TEST

Suite *parse_suite(void)
{
	Suite *s = suite_create("parse");
	TCase *tc = tcase_create("source");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, canonical_text, 0, sizeof canon / sizeof *canon);
	tcase_add_test(tc, differences_are_seen);
	tcase_add_test(tc, a_grant_has_all_its_parts);
	tcase_add_test(tc, a_refused_line_is_left_out);
	tcase_add_test(tc, at_most_twenty_messages);
	tcase_add_test(tc, statements_are_counted);
	tcase_add_test(tc, text_size);
	tcase_add_test(tc, a_line_of_a_megabyte);
	tcase_add_test(tc, many_errors_end_early);
	tcase_add_test(tc, the_arena_ends);
	tcase_add_test(tc, slips_are_recognized);
	tcase_add_test(tc, messages_are_tame);
	suite_add_tcase(s, tc);
	return s;
}

/*
 * The command line: every option's statement to the letter, every word that names a thing, and the danger: a value or a word
 * from somebody else that becomes a statement, an option or a grant.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "image.h"
#include "options.h"
#include "parse.h"

Suite *options_suite(void);

#define WORDS 12

static char *argv[WORDS + 1];
static int argc;
static struct options opt;
static struct err err;
static struct tree tree;
static struct diag diag;

static void set_up(void)
{
	argc = 0;
	memset(argv, 0, sizeof argv);
	memset(&opt, 0, sizeof opt);
	memset(&tree, 0, sizeof tree);
	err.text[0] = '\0';
}

static void tear_down(void)
{
	options_free(&opt);
	tree_free(&tree);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
}

/* The words become the program's own memory, as those of execve are: they may be written. */
static int parse(const char *const words[])
{
	static char *given[WORDS + 1];

	tear_down();
	set_up();
	argv[argc++] = strdup("endow");
	for (int i = 0; words[i]; i++) {
		ck_assert_int_lt(argc, WORDS);
		argv[argc++] = strdup(words[i]);
	}
	/* options_parse() may put other words in their place: those made here are given back here. */
	memcpy(given, argv, sizeof given);
	return options_parse(argc, given, &opt, &err);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void expect_words(const char *const words[])
{
	int i = 0;

	for (; words[i]; i++) {
		ck_assert_int_lt(i, opt.argc);
		ck_assert_str_eq(opt.argv[i], words[i]);
	}
	ck_assert_int_eq(opt.argc, i);
	ck_assert_ptr_null(opt.argv[i]);
}

#define EXPECT_WORDS(...) expect_words((const char *const[]){__VA_ARGS__, NULL})

/* Options that are statements ---------------------------------------------------------------------------------------------- */

static const struct {
	const char *option, *value, *line;
} statements[] = {
    {"--use", "libc", "use libc\n"},
    {"--use", "libc,tls", "use libc tls\n"},
    {"--with", "connect tcp 443 # why", "connect tcp 443 # why\n"},
    {"--connect", "tcp:443", "connect tcp 443\n"},
    {"--connect", "tcp=443", "connect tcp 443\n"},
    {"--connect", "tcp:1,2,8-9", "connect tcp 1,2,8-9\n"},
    {"--connect", "tcp:any", "connect tcp any\n"},
    {"--connect", "udp:any", "connect udp any\n"},
    {"--connect", "unix:any", "connect unix any\n"},
    {"--connect", "tcp:example.org:443", "connect tcp example.org:443\n"},
    {"--connect", "tcp:192.0.2.1:80-90", "connect tcp 192.0.2.1:80-90\n"},
    {"--connect", "tcp:[2001:db8::1]:443", "connect tcp \"[2001:db8::1]:443\"\n"},
    {"--connect", "udp:ntp.example.org:123", "connect udp ntp.example.org:123\n"},
    {"--connect", "tcp:*.example.org:443", "connect tcp *.example.org:443\n"}, /* refused by the compiler, in its words */
    {"--connect", "unix:run/x", "connect unix \"./run/x\"\n"},
    {"--connect", "unix:~/x", "connect unix \"./~/x\"\n"}, /* the shell did not expand it */
    {"--connect", "unix:/run/x", "connect unix \"/run/x\"\n"},
    {"--listen", "tcp:80", "listen tcp 80\n"},
    {"--listen", "tcp:any", "listen tcp any\n"},
    {"--listen", "tcp:127.0.0.1:8080", "listen tcp 127.0.0.1:8080\n"},
    {"--listen", "tcp:[::1]:8080", "listen tcp \"[::1]:8080\"\n"},
    {"--ask-for", "read:notes", "ask read \"./notes\"\n"},
    {"--ask-for", "read,write,create:/srv/a b", "ask read write create \"/srv/a b\"\n"},
    {"--ask-for", "read:a:b", "ask read \"./a:b\"\n"},
    {"--why", NULL, "report denials\n"},
    {"--env", "LANG", "env keep LANG\n"},
    {"--env", "LC_*", "env keep LC_*\n"},
    {"--env", "A=b", "env set A=\"b\"\n"},
    {"--env", "A=", "env set A=\"\"\n"},
    {"--env", "A=b=c", "env set A=\"b=c\"\n"},
    {"--env", "A=$HOME", "env set A=\"\\$HOME\"\n"},
    {"--env", "A=\"x\" \\", "env set A=\"\\\"x\\\" \\\\\"\n"},
    {"--private", "/tmp", "private \"/tmp\"\n"},
    {"--private", "out", "private \"./out\"\n"},
    {"--promise", "proc", "promise proc\n"},
    {"--promise", "proc,tty,fattr-anywhere", "promise proc tty fattr-anywhere\n"},
    {"--limit", "wall=10s", "limit wall 10s\n"},
    {"--limit", "memory:1G", "limit memory 1G\n"},
    {"--cwd", "/srv", "cwd \"/srv\"\n"},
    {"--cwd", "build", "cwd \"./build\"\n"},
    {"--cwd", ".", "cwd \"./.\"\n"},
    {"--cwd", "keep", "cwd \"./keep\"\n"}, /* a folder of that name, not the keyword */
    {"--umask", "022", "umask 022\n"},
    {"--user", "www-data", "user www-data\n"},
    {"--group", "100", "group 100\n"},
    {"--keep-cap", "net_bind_service", "keep cap net_bind_service\n"},
    {"--keep-cap", "chown,fowner", "keep cap chown fowner\n"},
    {"--forgo", "tcp", "forgo tcp\n"},
    {"--forgo", "tcp,ioctl", "forgo tcp ioctl\n"},
    {"--require", "view", "require view\n"},
    {"--isolate", "net", "isolate net\n"},
    {"--isolate", "files,processes", "isolate files processes\n"},
    {"--scratch", "TMPDIR", "scratch TMPDIR\n"},
    {"--scratch", "TMPDIR,HOME", "scratch TMPDIR HOME\n"},
    {"--except", ".git/hooks/", "except \".git/hooks/\"\n"},
    {"--except", "a,b", "except \"a,b\"\n"},
    {"--except", "optional", "except \"optional\"\n"}, /* a file of that name, not the keyword */
    {"--except", "~/x", "except \"~/x\"\n"},
    {"--service", NULL, "service\n"},
    {"--supervise", NULL, "supervise\n"},
};

START_TEST(each_statement)
{
	if (statements[_i].value)
		ck_assert_int_eq(PARSE(statements[_i].option, statements[_i].value, "cat"), 0);
	else
		ck_assert_int_eq(PARSE(statements[_i].option, "cat"), 0);
	ck_assert_str_eq(opt.line, statements[_i].line);
	ck_assert_uint_eq(opt.line_len, strlen(opt.line));
	EXPECT_WORDS("cat");
}
END_TEST

START_TEST(each_statement_with_equals)
{
	char word[256];

	if (!statements[_i].value)
		return;
	snprintf(word, sizeof word, "%s=%s", statements[_i].option, statements[_i].value);
	ck_assert_int_eq(PARSE(word, "cat"), 0);
	ck_assert_str_eq(opt.line, statements[_i].line);
}
END_TEST

START_TEST(statements_stand_in_the_order_they_were_given)
{
	ck_assert_int_eq(PARSE("--use", "libc", "--env", "A=1", "--with", "umask 077", "--env", "A=2", "cat"), 0);
	ck_assert_str_eq(opt.line, "use libc\nenv set A=\"1\"\numask 077\nenv set A=\"2\"\n");
}
END_TEST

START_TEST(no_statement_is_an_empty_line)
{
	ck_assert_int_eq(PARSE("cat"), 0);
	ck_assert_str_eq(opt.line, "");
	ck_assert_uint_eq(opt.line_len, 0);
}
END_TEST

/* Values that would be more than a value ----------------------------------------------------------------------------------- */

static const char *const nasty[] = {
    "x\nread /",
    "\nread /",
    "x\n",
    "x\r\nread /",
    "\"",
    "\\",
    "\\\"",
    "x\" read \"/",
    "$HOME",
    "${HOME}/x",
    "~",
    "~/x",
    "# x",
    "x # y",
    " x ",
    "\t",
    "*",
    "[a]?",
    "x\033[2J",
    "\x7f",
    "\x01",
    "caf\xc3\xa9",
    "\xff",
    "a\xc3",
    "\xe2\x80\xaexyz",                              /* turns the text's direction */
    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", /* an emoji with an invisible joiner */
    "optional",
    "keep",
    "--",
    "-n",
    "read",
    "",
};

/* Exactly one statement, and its one word is the value, byte for byte. */
static void expect_one(enum verb verb, const char *value, int is_env)
{
	memset(&diag, 0, sizeof diag);
	diag.tree = &tree;
	ck_assert_int_ge(tree_add(&tree, "", "line", opt.line, opt.line_len, 0), 0);
	ck_assert_int_eq(parse_source(&tree, 0, &diag), 0);
	ck_assert_msg(diag.count == 0, "%s: %s", opt.line, diag.messages[0].text);
	ck_assert_uint_eq(tree.statement_count, 1);
	const struct stmt *s = tree.sources[0].statements;
	ck_assert_int_eq(s->verb, verb);
	ck_assert_ptr_nonnull(s->items);
	ck_assert_ptr_null(s->items->next);
	const struct word *word = is_env ? s->items->value : s->items->word;
	ck_assert_ptr_nonnull(word);
	/* No variable in it, and no keyword. */
	ck_assert_ptr_nonnull(word_plain(word));
	ck_assert_str_eq(word_plain(word), value);
	ck_assert_msg(is_env || s->choice == CHOICE_VALUE, "%s became a keyword", value);
}

START_TEST(a_path_is_one_word)
{
	char beneath[64];

	ck_assert_int_eq(PARSE("--private", nasty[_i], "cat"), 0);
	snprintf(beneath, sizeof beneath, "./%s", nasty[_i]);
	expect_one(VERB_PRIVATE, beneath, 0);
}
END_TEST

START_TEST(a_folder_is_one_word)
{
	char beneath[64];

	ck_assert_int_eq(PARSE("--cwd", nasty[_i], "cat"), 0);
	snprintf(beneath, sizeof beneath, "./%s", nasty[_i]);
	expect_one(VERB_CWD, beneath, 0);
}
END_TEST

START_TEST(an_absolute_path_is_one_word)
{
	char path[64];

	snprintf(path, sizeof path, "/%s", nasty[_i]);
	ck_assert_int_eq(PARSE("--private", path, "cat"), 0);
	expect_one(VERB_PRIVATE, path, 0);
}
END_TEST

START_TEST(a_socket_is_one_word)
{
	char word[64], beneath[64];

	if (!*nasty[_i])
		return;
	snprintf(word, sizeof word, "unix:%s", nasty[_i]);
	ck_assert_int_eq(PARSE("--connect", word, "cat"), 0);
	snprintf(beneath, sizeof beneath, "./%s", nasty[_i]);
	expect_one(VERB_CONNECT, beneath, 0);
}
END_TEST

START_TEST(what_may_be_asked_for_is_one_word)
{
	char word[64], beneath[64];

	snprintf(word, sizeof word, "read,write:%s", nasty[_i]);
	if (!*nasty[_i]) {
		ck_assert_int_eq(PARSE("--ask-for", word, "cat"), -EINVAL);
		return;
	}
	ck_assert_int_eq(PARSE("--ask-for", word, "cat"), 0);
	snprintf(beneath, sizeof beneath, "./%s", nasty[_i]);
	expect_one(VERB_ASK, beneath, 0);
	ck_assert_uint_eq(tree.sources[0].statements->rights, RIGHT_READ | RIGHT_WRITE);
}
END_TEST

START_TEST(rights_and_a_path_are_asked_for)
{
	static const char *const bad[] = {"", ":", "read", "read:", ":x", "x"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(PARSE("--ask-for", bad[i], "cat"), -EINVAL);
		ck_assert_ptr_nonnull(strstr(err.text, "rights and a path"));
	}
	ck_assert_int_eq(PARSE("--ask-for", "read\nread /:x", "cat"), 0);
	ck_assert_str_eq(opt.line, "ask \"read\\x0aread /\" \"./x\"\n");
}
END_TEST

START_TEST(who_is_asked)
{
	ck_assert_int_eq(PARSE("cat"), 0);
	ck_assert_ptr_null(opt.ask);
	ck_assert_ptr_null(opt.keep_answers);
	ck_assert_int_eq(PARSE("--ask", "deny", "--keep-answers", "a.policy", "--log=journald", "cat", "--ask"), 0);
	ck_assert_str_eq(opt.ask, "deny");
	ck_assert_str_eq(opt.keep_answers, "a.policy");
	ck_assert_str_eq(opt.log, "journald");
	ck_assert_str_eq(opt.line, "");
	EXPECT_WORDS("cat", "--ask");
	ck_assert_int_eq(PARSE("--ask"), -EINVAL);
}
END_TEST

START_TEST(a_variable_value_is_one_word)
{
	char word[64];

	snprintf(word, sizeof word, "A=%s", nasty[_i]);
	ck_assert_int_eq(PARSE("--env", word, "cat"), 0);
	expect_one(VERB_ENV, nasty[_i], 1);
}
END_TEST

START_TEST(a_part_is_one_word)
{
	ck_assert_int_eq(PARSE("--except", nasty[_i], "cat"), 0);
	expect_one(VERB_EXCEPT, nasty[_i], 0);
	ck_assert_uint_eq(tree.sources[0].statements->flags, 0);
}
END_TEST

/* Names and numbers are not free text, and the compiler refuses most of these. But none of them may become a second statement.
 */
static const char *const value_options[] = {"--use",   "--promise",  "--umask", "--user",    "--isolate",
					    "--group", "--keep-cap", "--forgo", "--require", "--scratch"};

START_TEST(a_name_is_no_second_statement)
{
	for (size_t i = 0; i < sizeof nasty / sizeof *nasty; i++) {
		ck_assert_int_eq(PARSE(value_options[_i], nasty[i], "cat"), 0);
		const char *end = strchr(opt.line, '\n');
		ck_assert_ptr_nonnull(end);
		ck_assert_msg(end[1] == '\0', "%s %s: %s", value_options[_i], nasty[i], opt.line);
		ck_assert_ptr_null(strchr(opt.line, '\r'));
	}
}
END_TEST

START_TEST(a_pair_is_no_second_statement)
{
	static const char *const values[] = {"tcp:443\nread /", "tcp\nread /:443", "t\"cp:4\"43", "tcp: 443 444"};
	static const char *const lines[] = {
	    "connect tcp \"443\\x0aread /\"\n",
	    "connect \"tcp\\x0aread /\" 443\n",
	    "connect \"t\\\"cp\" \"4\\\"43\"\n",
	    "connect tcp \" 443 444\"\n",
	};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		ck_assert_int_eq(PARSE("--connect", values[i], "cat"), 0);
		ck_assert_str_eq(opt.line, lines[i]);
	}
}
END_TEST

START_TEST(a_variable_name_is_quoted)
{
	ck_assert_int_eq(PARSE("--env", "A\nread /", "cat"), 0);
	ck_assert_str_eq(opt.line, "env keep \"A\\x0aread /\"\n");
	ck_assert_int_eq(PARSE("--env", "A B=c", "cat"), 0);
	ck_assert_str_eq(opt.line, "env set \"A B\"=\"c\"\n");
}
END_TEST

static const char *const line_ends[] = {"umask 022\nread /", "umask 022\n", "\n", "umask 022\r", "\r\nread /"};

START_TEST(with_takes_one_statement)
{
	ck_assert_int_eq(PARSE("--with", line_ends[_i], "cat"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "--with"));
}
END_TEST

/* What is refused --------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *words[5];
	const char *says;
} refused[] = {
    {{"--nonsense", "cat"}, "--nonsense"},
    {{"-x", "cat"}, "-x"},
    {{"--connect", "tcp", "cat"}, "two parts"},
    {{"--listen", "", "cat"}, "two parts"},
    {{"--limit", "wall", "cat"}, "wall=10s"},
    {{"--policy"}, "wants a value"},
    {{"--env"}, "wants a value"},
    {{"-p"}, "wants a value"},
    {{"--service=yes", "cat"}, "--service"},
    {{"--no-policy", "-p", "x", "cat"}, "exclude"},
    {{"--read", "", "cat"}, "names nothing"},
    {{"--create", "", "cat"}, "names nothing"},
    {{"cat", "r:"}, "r:"},
    {{"cat", "rw:"}, "rw:"},
    {{"--"}, "no program"},
    {{"-n"}, "no program"},
    {{"--no-policy", "--"}, "no program"},
};

START_TEST(each_refusal)
{
	ck_assert_int_eq(parse(refused[_i].words), -EINVAL);
	ck_assert_msg(strstr(err.text, refused[_i].says) != NULL, "'%s' does not say '%s'", err.text, refused[_i].says);
}
END_TEST

START_TEST(nothing_at_all)
{
	char *none[] = {NULL};

	ck_assert_int_eq(options_parse(0, none, &opt, &err), -EINVAL);
	ck_assert_str_ne(err.text, "");
	char *name[] = {(char[]){"endow"}, NULL};
	options_free(&opt);
	ck_assert_int_eq(options_parse(1, name, &opt, &err), -EINVAL);
}
END_TEST

/* Flags and commands ------------------------------------------------------------------------------------------------------- */

START_TEST(flags)
{
	ck_assert_int_eq(PARSE("-n", "--prove", "-p", "x", "cat"), 0);
	ck_assert(opt.dry_run && opt.prove && !opt.json && !opt.no_policy);
	ck_assert_str_eq(opt.policy, "x");
	ck_assert_int_eq(PARSE("--json", "--no-policy", "cat"), 0);
	ck_assert(opt.dry_run && opt.json && opt.no_policy && !opt.prove);
	ck_assert_ptr_null(opt.policy);
	ck_assert_int_eq(PARSE("--dry-run", "--policy=./y", "cat"), 0);
	ck_assert(opt.dry_run && !opt.json);
	ck_assert_str_eq(opt.policy, "./y");
}
END_TEST

static const struct {
	const char *words[5];
	enum command command;
} commands[] = {
    {{"cat"}, COMMAND_RUN},
    {{"compile"}, COMMAND_COMPILE},
    {{"compile", "a", "r:b"}, COMMAND_COMPILE},
    {{"doctor", "--abi", "3"}, COMMAND_DOCTOR},
    {{"--", "doctor"}, COMMAND_RUN},
    {{"-n", "doctor"}, COMMAND_RUN},
    {{"--no-policy", "compile"}, COMMAND_RUN},
    {{"cat", "doctor"}, COMMAND_RUN},
    {{"./doctor"}, COMMAND_RUN},
    {{"-h"}, COMMAND_HELP},
    {{"--help", "doctor"}, COMMAND_HELP},
    {{"-V"}, COMMAND_VERSION},
    {{"--version"}, COMMAND_VERSION},
    {{"cat", "--help"}, COMMAND_RUN},
};

START_TEST(each_command)
{
	ck_assert_int_eq(parse(commands[_i].words), 0);
	ck_assert_int_eq(opt.command, commands[_i].command);
}
END_TEST

START_TEST(a_command_keeps_its_words)
{
	ck_assert_int_eq(PARSE("compile", "r:b", "--json"), 0);
	EXPECT_WORDS("compile", "r:b", "--json");
	ck_assert_uint_eq(opt.designation_count, 0);
}
END_TEST

/* Words that name a thing -------------------------------------------------------------------------------------------------- */

#define R RIGHT_READ
#define W RIGHT_WRITE
#define TREE (RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE)

static const struct {
	const char *word;
	uint32_t rights;
	int is_tree;
	const char *plain; /* NULL: no designation */
} words[] = {
    {"r:photo.png", R, 0, "photo.png"},
    {"w:out", W, 0, "out"},
    {"rw:db", R | W, 0, "db"},
    {"a:log", RIGHT_APPEND, 0, "log"},
    {"x:/bin/ls", RIGHT_EXEC, 0, "/bin/ls"},
    {"c:build", TREE, 1, "build"},
    {"r:a:b", R, 0, "a:b"},
    {"r:r:x", R, 0, "r:x"}, /* only the first: the file may be called that */
    {"r: x", R, 0, " x"},
    /* A path that starts with '-' must not become the program's option. */
    {"r:-rf", R, 0, "./-rf"},
    {"w:--out=x", W, 0, "./--out=x"},
    {"rw:-", R | W, 0, "./-"},
    {"c:-d", TREE, 1, "./-d"},
    {"x:-x", RIGHT_EXEC, 0, "./-x"},
    {"a:-", RIGHT_APPEND, 0, "./-"},
    {"photo.png", 0, 0, NULL},
    {"R:x", 0, 0, NULL},
    {"wr:x", 0, 0, NULL},
    {"rx:x", 0, 0, NULL},
    {"http://x", 0, 0, NULL},
    {"-r:x", 0, 0, NULL},
    {"", 0, 0, NULL},
    {":x", 0, 0, NULL},
    {" r:x", 0, 0, NULL},
};

START_TEST(each_word)
{
	ck_assert_int_eq(PARSE("cat", words[_i].word, "last"), 0);
	if (!words[_i].plain) {
		ck_assert_uint_eq(opt.designation_count, 0);
		EXPECT_WORDS("cat", words[_i].word, "last");
		return;
	}
	ck_assert_uint_eq(opt.designation_count, 1);
	ck_assert_uint_eq(opt.designations[0].rights, words[_i].rights);
	ck_assert_int_eq(opt.designations[0].is_tree, words[_i].is_tree);
	ck_assert_str_eq(opt.designations[0].path, words[_i].plain);
	/* What is granted and what the program is told are one and the same. */
	EXPECT_WORDS("cat", words[_i].plain, "last");
}
END_TEST

START_TEST(each_word_after_the_dashes)
{
	ck_assert_int_eq(PARSE("--", "cat", words[_i].word), 0);
	ck_assert_int_eq(opt.literal, 1);
	ck_assert_uint_eq(opt.designation_count, 0);
	EXPECT_WORDS("cat", words[_i].word);
}
END_TEST

START_TEST(the_program_is_no_designation)
{
	ck_assert_int_eq(PARSE("r:cat", "x"), 0);
	ck_assert_uint_eq(opt.designation_count, 0);
	EXPECT_WORDS("r:cat", "x");
}
END_TEST

START_TEST(later_dashes_are_the_programs)
{
	ck_assert_int_eq(PARSE("cat", "--", "r:x"), 0);
	ck_assert_int_eq(opt.literal, 0);
	ck_assert_uint_eq(opt.designation_count, 1);
	EXPECT_WORDS("cat", "--", "x");
	ck_assert_int_eq(PARSE("--", "--", "r:x"), 0);
	ck_assert_int_eq(opt.literal, 1);
	EXPECT_WORDS("--", "r:x");
}
END_TEST

/* The program's own options are never read as ours, however they look. */
START_TEST(the_programs_options_are_its_own)
{
	ck_assert_int_eq(PARSE("cat", "--no-policy", "-p", "x", "--read", "/", "--with", "read /"), 0);
	ck_assert_int_eq(opt.no_policy, 0);
	ck_assert_ptr_null(opt.policy);
	ck_assert_str_eq(opt.line, "");
	ck_assert_uint_eq(opt.designation_count, 0);
	EXPECT_WORDS("cat", "--no-policy", "-p", "x", "--read", "/", "--with", "read /");
}
END_TEST

/* "--" may be an option's value; what comes then is not literal. And it may be both. */
START_TEST(dashes_as_a_value)
{
	ck_assert_int_eq(PARSE("--env", "--", "cat", "r:x"), 0);
	ck_assert_str_eq(opt.line, "env keep --\n");
	ck_assert_int_eq(opt.literal, 0);
	ck_assert_uint_eq(opt.designation_count, 1);
	EXPECT_WORDS("cat", "x");
	ck_assert_int_eq(PARSE("--env", "--", "--", "cat", "r:x"), 0);
	ck_assert_int_eq(opt.literal, 1);
	ck_assert_uint_eq(opt.designation_count, 0);
	EXPECT_WORDS("cat", "r:x");
	ck_assert_int_eq(PARSE("-p", "--", "cat", "r:x"), 0);
	ck_assert_str_eq(opt.policy, "--");
	ck_assert_int_eq(opt.literal, 0);
	ck_assert_int_eq(PARSE("--env=--", "cat", "r:x"), 0);
	ck_assert_int_eq(opt.literal, 0);
	ck_assert_int_eq(PARSE("--env", "--", "--no-policy", "--", "cat", "r:x"), 0);
	ck_assert_int_eq(opt.literal, 1);
}
END_TEST

static const struct {
	const char *option;
	uint32_t rights;
	int is_tree;
} grants[] = {
    {"--read", R, 0}, {"--write", W, 0}, {"--append", RIGHT_APPEND, 0}, {"--create", TREE, 1}, {"--exec", RIGHT_EXEC, 0},
};

/*
 * The filter under which an append stays one is the compiler's to make, and it is told by a statement at the end, once. Nothing
 * that stands before may be taken for it.
 */
static void expect_line(const char *before, int told)
{
	static const char statement[] = "append /dev/null";
	const size_t n = strlen(before);

	ck_assert_msg(strncmp(opt.line, before, n) == 0, "'%s' does not begin with '%s'", opt.line, before);
	ck_assert_uint_eq(opt.line_len, strlen(opt.line));
	const char *rest = opt.line + n;
	if (!told) {
		ck_assert_str_eq(rest, "");
		return;
	}
	ck_assert_msg(strncmp(rest, statement, sizeof statement - 1) == 0, "the compiler is told '%s'", rest);
	rest += sizeof statement - 1;
	ck_assert(*rest == '\n' || *rest == ' '); /* a comment may follow */
	ck_assert_ptr_eq(strchr(rest, '\n'), rest + strlen(rest) - 1);
}

START_TEST(each_grant)
{
	/* The value is a path and nothing but: no prefix is looked for, and the dashes below change nothing. */
	ck_assert_int_eq(PARSE(grants[_i].option, "w:x\n", "--", "cat", "r:y"), 0);
	ck_assert_uint_eq(opt.designation_count, 1);
	ck_assert_uint_eq(opt.designations[0].rights, grants[_i].rights);
	ck_assert_int_eq(opt.designations[0].is_tree, grants[_i].is_tree);
	ck_assert_str_eq(opt.designations[0].path, "w:x\n");
	expect_line("", grants[_i].rights == RIGHT_APPEND); /* the path itself never passes through the policy language */
	EXPECT_WORDS("cat", "r:y");
}
END_TEST

static const struct {
	const char *words[7];
	const char *before;
	int told;
} appends[] = {
    {{"cat", "a:log"}, "", 1},
    {{"cat", "a:log", "a:other"}, "", 1},
    {{"--append", "log", "cat", "a:other"}, "", 1},
    {{"--", "cat", "a:log"}, "", 0},
    {{"cat", "w:log"}, "", 0},
    {{"--with", "umask 077", "cat", "a:log"}, "umask 077\n", 1},
    {{"--with", "fd 3 append /dev/null", "cat", "a:log"}, "fd 3 append /dev/null\n", 1},
    {{"--with", "# append /dev/null", "cat", "a:log"}, "# append /dev/null\n", 1},
    {{"--with", "# append /dev/null", "--append", "x", "cat"}, "# append /dev/null\n", 1},
    {{"--with", "# append /dev/null  # for a: or --append", "cat", "a:log"}, "# append /dev/null  # for a: or --append\n", 1},
};

START_TEST(each_append)
{
	ck_assert_int_eq(parse(appends[_i].words), 0);
	expect_line(appends[_i].before, appends[_i].told);
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

Suite *options_suite(void)
{
	Suite *s = suite_create("options");
	TCase *lines = add(s, "statements"), *values = add(s, "values"), *rest = add(s, "words");

	LOOP(lines, each_statement, statements);
	LOOP(lines, each_statement_with_equals, statements);
	tcase_add_test(lines, statements_stand_in_the_order_they_were_given);
	tcase_add_test(lines, no_statement_is_an_empty_line);
	LOOP(values, a_path_is_one_word, nasty);
	LOOP(values, a_folder_is_one_word, nasty);
	LOOP(values, a_part_is_one_word, nasty);
	LOOP(values, an_absolute_path_is_one_word, nasty);
	LOOP(values, a_socket_is_one_word, nasty);
	LOOP(values, what_may_be_asked_for_is_one_word, nasty);
	tcase_add_test(values, rights_and_a_path_are_asked_for);
	tcase_add_test(rest, who_is_asked);
	LOOP(values, a_variable_value_is_one_word, nasty);
	LOOP(values, a_name_is_no_second_statement, value_options);
	tcase_add_test(values, a_pair_is_no_second_statement);
	tcase_add_test(values, a_variable_name_is_quoted);
	LOOP(values, with_takes_one_statement, line_ends);
	LOOP(rest, each_refusal, refused);
	tcase_add_test(rest, nothing_at_all);
	tcase_add_test(rest, flags);
	LOOP(rest, each_command, commands);
	tcase_add_test(rest, a_command_keeps_its_words);
	LOOP(rest, each_word, words);
	LOOP(rest, each_word_after_the_dashes, words);
	tcase_add_test(rest, the_program_is_no_designation);
	tcase_add_test(rest, later_dashes_are_the_programs);
	tcase_add_test(rest, the_programs_options_are_its_own);
	tcase_add_test(rest, dashes_as_a_value);
	LOOP(rest, each_grant, grants);
	LOOP(rest, each_append, appends);
	return s;
}

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "review/ask.h"
#include "review/ask_call.h"
#include "review/compare.h"
#include "review/given.h"
#include "review/lockfile.h"
#include "review/subject.h"
#include "sources.h"
#include "surroundings.h"

Suite *review_suite(void);

/* A world of a few names. What is no folder and no link is a file; what is in /dev is a device. */
static const struct {
	const char *path, *link; /* link "": a folder; NULL: a file */
	int ino;
} things[] = {
    {"/", "", 1},
    {"/a", "", 2},
    {"/a/f", NULL, 3},
    {"/a/b", "", 4},
    {"/a/b/g", NULL, 5},
    {"/a/up", "../c", 6},
    {"/a/away", "/c/h", 7},
    {"/a/loop", "loop", 8},
    {"/a/nowhere", "/c/nothing", 9},
    {"/c", "", 10},
    {"/c/h", NULL, 11},
    {"/c/hard", NULL, 3}, /* another name of /a/f */
    {"/home", "", 12},
    {"/home/u", "", 13},
    {"/home/u/.key", NULL, 14},
    {"/dev", "", 15},
    {"/dev/d", NULL, 16},
    {"/lib64", "", 17},
    {"/lib64/ld-linux-x86-64.so.2", NULL, 18},
    {"/bin", "", 19},
    {"/bin/sh", NULL, 20},
    {"/a/script", NULL, 21},
    {"/secret", "", 22},
};

static int look(void *arg, const char *path, struct look *to)
{
	(void)arg;
	*to = (struct look){.type = TYPE_ABSENT};
	if (strncmp(path, "/secret/", 8) == 0)
		return -EACCES;
	for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
		if (strcmp(things[i].path, path) != 0)
			continue;
		to->id = (struct id){1, (uint64_t)things[i].ino};
		to->type = !things[i].link ? TYPE_FILE : *things[i].link ? TYPE_LINK : TYPE_DIR;
		if (strncmp(path, "/dev/", 5) == 0)
			to->type = TYPE_DEVICE;
		if (to->type == TYPE_LINK)
			strcpy(to->link, things[i].link);
	}
	return 0;
}

static long head(void *arg, const char *path, uint64_t at, void *to, size_t size)
{
	static const char text[] = "#! /bin/sh -e\n";

	(void)arg;
	if (strcmp(path, "/a/script") != 0 || at > 0)
		return -EINVAL;
	const size_t n = size < sizeof text - 1 ? size : sizeof text - 1;
	memcpy(to, text, n);
	return (long)n;
}

static const char *variable(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "HOME") == 0 ? "/home/u" : NULL;
}

static const struct world world = {.cwd = "/a", .look = look, .head = head, .variable = variable};

static struct subject one, two;

static void teardown(void)
{
	subject_free(&one);
	subject_free(&two);
}

static const struct model *make(struct subject *s, const char *text)
{
	struct sources sources;
	struct err err = {""};

	subject_free(s);
	sources_split(&sources, text, strlen(text));
	const struct compile_input in = sources_input(&sources, "p.policy", sources_filter);
	int rc = subject_make(s, &in, sources_fetch, &sources, "p.policy", NULL, &world, &err);
	ck_assert_msg(rc == 0, "%s: %d %s", text, rc, s->messages ? s->messages : err.text);
	return &s->model;
}

/* Where does NAME lead? "" where it can't be told; what is not there has a '?' behind it. */
static const char *leads(const struct view *view, const char *name, enum follow follow)
{
	static char to[WORLD_PATH + 2];
	struct arena arena = {0};
	struct spot spot;

	ck_assert_int_eq(world_walk(&world, view, *name == '/' ? "" : world.cwd, name, follow, &arena, &spot), 0);
	snprintf(to, sizeof to, "%s%s", spot.rc == 0 || spot.rc == -ENOENT ? spot.path : "", spot.rc == -ENOENT ? "?" : "");
	arena_free(&arena);
	return to;
}

static const struct {
	const char *name, *all, *folders, *none;
} ways[] = {
    {"/", "/", "/", "/"},
    {"/a//b/./g", "/a/b/g", "/a/b/g", "/a/b/g"},
    {"b/../f", "/a/f", "/a/f", "/a/f"},
    {"/../../a", "/a", "/a", "/a"},
    {"up", "/c", "/a/up", ""},
    {"up/h", "/c/h", "/c/h", ""},
    {"away", "/c/h", "/a/away", ""},
    {"loop", "", "/a/loop", ""},
    {"nowhere", "/c/nothing?", "/a/nowhere", ""},
    {"new", "/a/new?", "/a/new?", "/a/new?"},
    {"new/er/est", "/a/new/er/est?", "/a/new/er/est?", "/a/new/er/est?"},
    {"new/..", "/a/new?", "/a/new?", "/a/new?"},
    {"f/x", "", "", ""},
    {"/secret/x", "", "", ""},
};

START_TEST(test_ways)
{
	ck_assert_str_eq(leads(NULL, ways[_i].name, FOLLOW_ALL), ways[_i].all);
	ck_assert_str_eq(leads(NULL, ways[_i].name, FOLLOW_FOLDERS), ways[_i].folders);
	ck_assert_str_eq(leads(NULL, ways[_i].name, FOLLOW_NONE), ways[_i].none);
}
END_TEST

/* What TEXT makes possible at NAME, in letters: read list write truncate append create exec ioctl. */
static const char *acts(const char *text, const char *name)
{
	static char to[ACTS + 1];
	static const char letters[] = "rlwtacxi";
	const struct model *model = make(&one, text);
	struct effect effect;
	struct spot spot;
	size_t n = 0;

	ck_assert_int_eq(model_walk(model, name, FOLLOW_ALL, &spot), 0);
	model_effect(model, &spot, &effect);
	for (int i = 0; i < ACTS; i++)
		if (effect.acts >> i & 1)
			to[n++] = letters[i];
	to[n] = '\0';
	return to;
}

static const struct {
	const char *text, *name, *acts;
} effects[] = {
    {"read /a", "/a", "rl"},
    {"read /a", "/a/b/g", "rl"},
    {"read /a", "/c/h", ""},
    {"read /a", "/a/away", ""},
    {"read /a/away", "/c/h", "r"},
    {"read /a/away nofollow optional", "/c/h", ""},
    {"read /a/f", "/c/hard", "r"},
    {"read /a/up", "/c/h", "rl"},
    {"read . \nwrite ./f", "/a/f", "rlwta"},
    {"exec /a/f", "/a/f", "rx"},
    {"exec /a", "/a/b", "rx"},
    {"append /a/f", "/a/f", "a"},
    {"append /a/f\nuse w\n%% fragment w\nwrite /c", "/c/h", "ta"},
    {"create /a", "/a/b/new", "c"},
    {"ioctl /dev/d", "/dev/d", "i"},
    {"ioctl /dev/d\nappend /a/f", "/dev/d", ""},
    {"ioctl read /dev/d\nappend /a/f", "/dev/d", "ri"},
    {"program /a/f", "/a/f", "rx"},
    {"program /a/script", "/bin/sh", "rx"},
    /* parts */
    {"read write create /a except b/", "/a/b/g", ""},
    {"read write create /a except b/", "/a/f", "rlwtac"},
    {"read /a\nwrite create /a except b/", "/a/b/g", "rl"},
    {"read exec /a\nwrite create /a except b", "/a/b/g", "rlx"},
    {"write create /a except gone optional", "/a/gone", "wtac"},
    {"write create /a except gone/", "/a/gone/x", ""},
    /* the rest is read-only, under another name, too */
    {"promise fattr\nwrite /a/f", "/a/f", "wta"},
    {"promise fattr\nwrite /a/f", "/c/hard", ""},
    {"promise fattr-anywhere\nwrite /a/f", "/c/hard", "wta"},
    /* places of its own */
    {"private /home/u", "/home/u/.key", "rlwtac"},
    {"private /home/u\nread ~/.key", "/home/u/.key", "rl"},
    {"private /home/u\nexec /home", "/home/u/new", "rlwtacx"},
    {"read /a\nisolate files", "/a/f", "rl"},
    {"read /a\nisolate files", "/c/h", ""},
    {"read /a/up\nisolate files", "/a/up/h", "rl"},
    {"read /a/up/h\nisolate files", "/a/f", ""},
};

START_TEST(test_effects)
{
	ck_assert_msg(strcmp(acts(effects[_i].text, effects[_i].name), effects[_i].acts) == 0, "%s: %s: %s, not %s",
		      effects[_i].text, effects[_i].name, acts(effects[_i].text, effects[_i].name), effects[_i].acts);
}
END_TEST

static const struct {
	const char *text, *problem; /* the problem, or "" */
} problems[] = {
    {"read /a", ""},
    {"read /gone", "p.policy:1: /gone: No such file or directory"},
    {"read /gone optional", ""},
    {"read $XDG_RUNTIME_DIR/x", "p.policy:1: $XDG_RUNTIME_DIR/x: No such file or directory"},
    {"write /a/away", "p.policy:1: /a/away: Too many levels of symbolic links"},
    {"write /a/away optional", "p.policy:1: /a/away: Too many levels of symbolic links"},
    {"create /a/f", "p.policy:1: /a/f is not a directory: 'create' is for entries of one"},
    {"private /a/f", "p.policy:1: private: /a/f: not a directory"},
    {"write create /a except b\nwrite /a/b",
     "p.policy:1: /a/b is excepted, and p.policy:2 grants /a/b: one of the two has to go"},
    {"write create /a except gone", "p.policy:1: except gone: No such file or directory"},
    {"write create /a except gone/", ""},
    {"fd 3 read /a/f", ""},
    {"fd 3 read /gone", "p.policy:1: /gone: No such file or directory"},
    {"private /home/u\nfd 3 read /home/u/.key", "p.policy:2: /home/u/.key: No such file or directory"},
};

START_TEST(test_problems)
{
	ck_assert_str_eq(make(&one, problems[_i].text)->problem, problems[_i].problem);
}
END_TEST

static uint32_t gains(const char *a, const char *b)
{
	struct gains found;
	const struct model *first = make(&one, a), *second = make(&two, b);

	ck_assert_int_eq(compare(first, second, &found), 0);
	return found.count;
}

/* Does the second gain, and does the first? */
static const struct {
	const char *a, *b;
	int gains, loses;
} pairs[] = {
    {"", "", 0, 0},
    {"read /a", "read ./b\nread /a", 0, 0},
    {"read /a", "read /a/b", 0, 1},
    {"read /a/b", "read /a", 1, 0},
    {"read /a", "read /a/away", 1, 1},
    {"read /c", "read /a/away", 0, 1},
    {"read /a/f", "read /c/hard", 0, 0},
    {"exec /a/f", "read /a/f", 0, 1},
    {"read /a", "exec /a", 1, 1},
    {"write /a/f", "append /a/f", 0, 1},
    {"read write create /a", "read write create /a except b/", 0, 1},
    {"read write create /a except b/", "read write create /a except b/g", 1, 0},
    {"read /a\nwrite create /a except b/", "read /a", 0, 1},
    {"read /a", "read /a/gone optional", 0, 1},
    {"", "read /gone optional", 1, 0},
    {"read /gone optional", "read /gone optional", 0, 0},
    {"read /gone optional", "write /gone optional", 1, 1},
    {"read /", "read /\nprivate /a", 1, 1}, /* it may write there; and what was there is covered */
    {"private /a", "read write create /a", 1, 0},
    {"fd 3 read /a/f", "read /a/f", 0, 0},
    {"fd 3 append /a/f", "append /a/f", 0, 0},
    {"fd 3 append /a/f", "write /a/f", 1, 0},
    {"fd 3 read /dev/d", "read /dev/d", 1, 0},
    {"read /dev/d", "exec /dev/d", 0, 0},
    {"fd 3 read /a/f", "fd 4 read /c/hard", 0, 0},
    {"fd 3 keep", "", 0, 1},
    {"ioctl /dev/d", "read /dev/d", 1, 1},
    {"append /a/f\nioctl /dev/d", "ioctl /dev/d", 1, 1},
    /* words */
    {"args read 1..3", "args read 1 read 2..3", 0, 0},
    {"args read 1..-1", "args read 2", 0, 1},
    {"args read 1..2 read -2..-1", "args read 1..-1", 1, 0},
    {"args read write 1..-1", "args read 1..-1", 0, 1},
    {"env keep LC_*", "env keep LC_ALL", 0, 1},
    {"env keep LC_*", "env keep LC_A*\nenv keep LC_ALL", 0, 1},
    {"env keep A", "env set A=1", 1, 1},
    {"env set A=1", "env set A=2", 1, 1},
    {"env keep LC_* set LC_ALL=C", "env keep LC_*", 1, 1},
    {"scratch TMPDIR", "env keep TMPDIR", 1, 1},
    {"connect tcp 80-90", "connect tcp 80,81 82-90", 0, 0},
    {"connect tcp 80-90", "connect tcp 79-80", 1, 1},
    {"connect tcp any", "connect tcp 1-1000", 0, 1},
    {"connect tcp 80", "listen tcp 80", 1, 1},
    {"connect tcp 80", "connect tcp 80\nisolate net", 0, 1},
    {"isolate net", "", 0, 0},
    {"connect udp any", "connect unix any", 1, 1},
    {"promise proc tty", "promise proc", 0, 1},
    {"promise fattr", "promise fattr-anywhere", 1, 0},
    {"promise fattr", "promise fattr\nforgo view", 1, 0},
    {"keep cap net_raw", "", 0, 1},
    {"user nobody", "", 1, 0},
    {"user nobody", "user root", 1, 1},
    {"user nobody", "user nobody\ngroups adm", 1, 1},
    {"limit memory 1G", "limit memory 2G", 1, 0},
    {"limit memory 1G", "", 1, 0},
    {"limit memory 1G", "limit memory none", 1, 0},
    {"", "limit core 0", 0, 0},
    {"", "limit core 1M", 1, 0},
    {"program /a/f", "", 1, 0},
    {"program /a/f", "program /c/hard", 0, 0},
    {"program /a/f", "program /a/f /c/h", 1, 0},
    {"program /a/f", "program /a/f\nexec /a/f", 0, 0},
    {"program /a/f /c/h", "program /a/f /c/h\nexec /a/f", 1, 0},
    {"except .git/", "", 1, 0},
    {"session new", "", 1, 0},
    {"service", "", 0, 1},
    {"require tcp", "", 0, 0},
    {"cwd /a\numask 077", "", 0, 0},
    /* what the broker hands out */
    {"grant read /a as x", "grant read /a as y", 0, 0},
    {"grant read /a as x", "", 0, 1},
    {"grant read /a as x", "grant read /a/b as x", 0, 1},
    {"grant read /a as x", "grant read write /a as x", 1, 0},
    {"grant append /a/f as x", "grant write /a/f as x", 1, 0},
    {"grant read /a as x", "grant read pass /a as x", 1, 0},
    {"grant read pass /a as x", "grant read write pass /a as x", 1, 0},
    {"grant read /a as x until 10m", "grant read /a as x", 1, 0},
    {"grant read /a as x until 10m", "grant read /a as x until 600", 0, 0},
    {"grant read /a as x until 10m", "grant read /a as x until 11m", 1, 0},
    {"grant read /a as x times 5", "grant read /a as x", 1, 0},
    {"grant read /a as x times 5", "grant read /a as x times 6", 1, 0},
    {"grant read /a as x times 5", "grant read /a as x times 5\ngrant read /a as y times 5", 1, 0},
    {"grant read /a as x times 5", "grant read /a as x times 2\ngrant read /a/b as y times 3", 0, 1},
    {"grant read /a as x times 5\ngrant read /a as y times 3", "grant read /a as x times 3\ngrant read /a as y times 5", 0, 0},
    {"grant read write /a as x times 5", "grant read /a as x times 5\ngrant write /a as y times 5", 1, 0},
    {"grant read /a as x revocable", "grant read /a as x", 1, 0},
    {"grant read /a as x until 10m", "grant read /a as x times 5", 1, 1},
    {"read /a", "grant read /a/b as x", 0, 1},
    {"read /a", "grant read pass /a/b as x", 1, 1},
    {"read /a/b", "grant read /a as x", 1, 1},
    {"read write create /a except b/", "grant read /a as x", 1, 1},
    {"private /a\nread /a", "grant read /a as x", 1, 1},
    {"read /a\nprivate /a/b", "grant read /a as x", 1, 1},
    {"grant connect tcp 192.0.2.1:80 as x", "grant connect tcp 192.0.2.2:80 as x", 1, 1},
    {"grant connect tcp 192.0.2.1:80 as x", "grant pass connect tcp 192.0.2.1:80 as x", 1, 0},
    {"grant connect tcp 192.0.2.1:80 as x", "connect tcp 80", 1, 0},
    {"grant connect tcp [2001:db8::1]:80 as x", "grant connect tcp [2001:db8:0::1]:80 as y", 0, 0},
    {"grant listen tcp 80 as x", "grant listen tcp 127.0.0.1:80 as x", 0, 1},
    {"grant listen tcp 80 as x", "listen tcp 80", 1, 0},
    {"grant connect unix /a/s as x", "grant connect unix ./s as y", 0, 0},
    {"grant connect unix /a/s as x", "grant connect unix /a/t as y", 1, 1},
    {"grant connect unix /a/s as x", "connect unix any", 1, 0},
    {"grant read /gone as x", "grant read /gone as y", 0, 0},
    {"grant read /gone as x", "grant read /gone as y times 1", 0, 1},
};

START_TEST(test_pairs)
{
	ck_assert_msg((gains(pairs[_i].a, pairs[_i].b) > 0) == pairs[_i].gains, "%s -> %s", pairs[_i].a, pairs[_i].b);
	ck_assert_msg((gains(pairs[_i].b, pairs[_i].a) > 0) == pairs[_i].loses, "%s <- %s", pairs[_i].a, pairs[_i].b);
	ck_assert_uint_eq(gains(pairs[_i].a, pairs[_i].a), 0);
	ck_assert_uint_eq(gains(pairs[_i].b, pairs[_i].b), 0);
}
END_TEST

/* A lock says neither more nor less than what it was made from. */
START_TEST(test_locks)
{
	static const char *const more[] = {
	    "append /a/f\nuse w\n%% fragment w\nwrite /c\nenv set A=\"b c\"",
	    "env keep X*\nuse w\n%% fragment w\nenv set XA=1",
	    "read \"/a/wi th  # b\" optional\nread \"/a/\\xff\\n\\$HOME\\\\\" optional\nread \"/~\" optional",
	    "groups none\numask 022\nsession new\nsignals keep\nsupervise\ncwd $HOME/x\nlimit cpu 90s files 7 wall none",
	    "env keep \"keep\" \"set\" set O=\"$HOME:/b\" P=\"$PWD x\" Q=\"${HOME}x\\$\\\"\" R=\"a=~\"\nexcept optional/ "
	    "a/read\ngroups \"none\" b",
	    "fd 0 keep\nfd 3 read write /a/f as x\nenv set A=$HOME B= C=\"$PWD/x\"",
	};
	const char *text =
	    _i < (int)(sizeof pairs / sizeof *pairs) ? pairs[_i].a : more[_i - (int)(sizeof pairs / sizeof *pairs)];
	struct lock_state *state = calloc(1, sizeof *state);
	struct err err = {""};
	char path[] = "p.policy.lock";

	(void)make(&state->now, text);
	char *lock = lockfile_text(&state->now);
	ck_assert_ptr_nonnull(lock);
	const struct policy_text file = {.path = path, .bytes = lock, .len = strlen(lock)};
	int rc = lockfile_compare(&file, &world, state, &err);
	ck_assert_msg(rc == 0, "%s\n%s%s", lock, err.text, state->locked.messages ? state->locked.messages : "");
	ck_assert_msg(state->gained.count == 0 && state->lost.count == 0, "%s\n-- %s", text, lock);
	ck_assert_int_eq(state->same_texts, 1);
	free(lock);
	lock_free(state);
	free(state);
}
END_TEST

static int see_one(void *arg, const struct ask_question *question)
{
	struct ask_answer answer;

	ck_assert_int_eq(ask(&one.model, question, &answer), 0);
	strcat(arg, answer.verdict == VERDICT_YES ? "y" : answer.verdict == VERDICT_NO ? "n" : "?");
	return 0;
}

/* What POLICY answers to LINE. */
static void expect_answers(const char *policy, const char *question, const char *wanted)
{
	char line[256];
	char *words[32], *rest = NULL;
	int count = 0;
	char answers[32] = "";
	struct err err = {""};

	strcpy(line, question);
	for (char *w = strtok_r(line, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
		words[count++] = w;
	make(&one, policy);
	for (int i = 0, taken; i < count; i += taken) {
		taken = ask_parse(words + i, count - i, see_one, answers, &err);
		ck_assert_msg(taken > 0, "%s", err.text);
	}
	ck_assert_str_eq(answers, wanted);
}

START_TEST(test_questions)
{
	expect_answers("read .\nwrite ./b\nexec /bin/sh\nconnect tcp 80",
		       "read write /a/f b/g and exec /a/script and connect tcp 80 81 any and read /secret/x", "ynyyyynn?");
	expect_answers("grant read write ./b as x\ngrant create /c as y",
		       "read /a/f b/g /a/b/new and append b/g and create b/g /c/new and exec b/g", "nyyynyn");
	expect_answers(
	    "grant connect tcp 192.0.2.1:80 as x\ngrant listen tcp 81 as y\ngrant connect unix /c/s as z",
	    "connect tcp 80 192.0.2.1:80 192.0.2.2:80 any and listen tcp 81 127.0.0.1:81 and connect unix and connect "
	    "unix up/s and connect udp",
	    "yynnyynyn");
}
END_TEST

static const struct {
	const char *call;
	uint32_t families;
	int allowed, refused;
} calls[] = {
    {"read", 0, 1, 0},
    {"mount", 0, 0, EPERM},
    {"mount", FAM_ALL, 0, EPERM},
    {"clone3", 0, 0, ENOSYS},
    {"kill", 0, 1, EPERM},
    {"kill", FAM_PROC, 1, 0},
    {"fork", 0, 0, EPERM},
    {"fork", FAM_PROC, 1, 0},
    {"ptrace", 0, 0, EPERM},
    {"ptrace", FAM_DEBUG, 1, 0},
    {"openat", 0, 1, 0},
    {"openat", FAM_APPEND_NAME, 1, EPERM},
    {"chmod", FAM_FATTR, 1, EPERM},
};

START_TEST(test_calls)
{
	struct image_insn *filter = NULL;
	struct call_verdict verdict;
	struct err err = {""};
	uint32_t count = 0;

	ck_assert_int_eq(filter_make(calls[_i].families, &filter, &count, &err), 0);
	call_judge(filter, count, call_number(calls[_i].call), &verdict);
	free(filter);
	ck_assert_int_eq(verdict.allowed, calls[_i].allowed);
	ck_assert_int_eq(verdict.refused, calls[_i].refused);
}
END_TEST

/* given.c has the launcher's list, which it can't link. */
START_TEST(test_service_env)
{
	size_t n = 0;

	for (; given_service_env[n]; n++)
		ck_assert_str_eq(given_service_env[n], surroundings_service_name(n));
	ck_assert_uint_eq(n, surroundings_service_count());
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

Suite *review_suite(void)
{
	Suite *s = suite_create("review");
	TCase *tc = tcase_create("review");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, test_ways, 0, COUNT(ways));
	tcase_add_loop_test(tc, test_effects, 0, COUNT(effects));
	tcase_add_loop_test(tc, test_problems, 0, COUNT(problems));
	tcase_add_loop_test(tc, test_pairs, 0, COUNT(pairs));
	tcase_add_loop_test(tc, test_locks, 0, COUNT(pairs) + 6);
	tcase_add_loop_test(tc, test_calls, 0, COUNT(calls));
	tcase_add_test(tc, test_questions);
	tcase_add_test(tc, test_service_env);
	suite_add_tcase(s, tc);
	return s;
}

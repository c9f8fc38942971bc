/* The attempts: each must succeed where nothing is in its way, else its refusal inside a sandbox would say nothing. */
#include <check.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image.h"
#include "prove.h"
#include "targets.h"
#include "tries.h"
#include "tries_abi.h"

Suite *tries_suite(void);

static struct targets targets;
static char inside[64];

static void set_up(void)
{
	static const char *const no_names[] = {NULL};
	struct err err = {""};

	ck_assert_msg(targets_make("/tmp", geteuid(), getegid(), NULL, NULL, &targets, &err) == 0, "%s", err.text);
	snprintf(inside, sizeof inside, "/tmp/endow-inside-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(inside));
	targets.t.inside = inside;
	targets.t.env = environ;
	targets.t.env_names = no_names;
	targets.t.fd_bound = 1024;
	targets.t.bounding = 1;
	targets.t.group_count = 0;
}

static void tear_down(void)
{
	char dir[TRY_DIR_MAX];

	memcpy(dir, targets.t.dir, sizeof dir);
	targets_drop(&targets);
	ck_assert_int_ne(access(dir, F_OK), 0);
	ck_assert_int_eq(rmdir(inside), 0); /* no attempt has left anything in it */
}

/* What a launcher would have to clear away. */
static void carry_bait(void)
{
	struct try_targets *t = &targets.t;
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	char path[TRY_DIR_MAX + 16];
	gid_t group = 54321;
	sigset_t mask;

	t->bait_dir = open(t->dir, O_RDONLY | O_DIRECTORY);
	snprintf(path, sizeof path, "%s/" TRY_SECRET, t->dir);
	t->bait_file = open(path, O_RDONLY);
	sigaction(SIGUSR2, &ignore, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	setenv("ENDOW_TEST_BAIT", "1", 1);
	t->env = environ;
	if (geteuid() == 0)
		setgroups(1, &group);
	if (syscall(SYS_keyctl, ABI_KEYCTL_JOIN_SESSION, NULL) >= 0) {
		long key = syscall(SYS_add_key, "user", "endow-test", "x", 1L, ABI_KEY_SPEC_SESSION);
		t->key = key > 0 ? (int32_t)key : 0;
	}
}

static uint64_t effective(void)
{
	struct abi_cap_header head = {ABI_CAP_VERSION_3, 0};
	struct abi_cap_data data[2] = {{0}};

	syscall(SYS_capget, &head, data);
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

/* The outcome in a process of its own; anything but an answer fails the test. */
static int outcome_of(const struct try *try)
{
	int ends[2], outcome = 0, status = 0;

	ck_assert_int_eq(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		carry_bait();
		alarm(3);
		outcome = try->fn(&targets.t);
		_exit(write(ends[1], &outcome, sizeof outcome) != sizeof outcome);
	}
	close(ends[1]);
	ssize_t n = read(ends[0], &outcome, sizeof outcome);
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(n == sizeof outcome && status == 0, "%s: no answer, wait status %#x", try->name, status);
	return outcome;
}

static int must_succeed(const struct try *try)
{
	if (try->flags & TRY_SYSTEM)
		return 0;
	if (try->flags & TRY_PRIVILEGED) /* one that says nothing of capabilities finds any of them */
		return effective() && (effective() & try->allowed_caps) == try->allowed_caps;
	if (strcmp(try->name, "stray-group") == 0)
		return geteuid() == 0 || getgroups(0, NULL) > 0;
	return 1;
}

START_TEST(each_succeeds_bare)
{
	const struct try *try = tries_at((size_t)_i);
	char name[16];

	set_up();
	int outcome = outcome_of(try);
	tear_down();
	ck_assert_msg(outcome <= 0 || outcome == TRY_MOOT, "%s: %d is no outcome", try->name, outcome);
	if (must_succeed(try))
		ck_assert_msg(outcome == 0, "%s: %s", try->name, tries_outcome_name(outcome, name));
}
END_TEST

START_TEST(each_can_be_repeated)
{
	char name[16];

	set_up();
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < tries_count(); i++) {
			const struct try *try = tries_at(i);
			int outcome = outcome_of(try);
			if (must_succeed(try))
				ck_assert_msg(outcome == 0, "%s, round %d: %s", try->name, round,
					      tries_outcome_name(outcome, name));
		}
	tear_down();
}
END_TEST

START_TEST(table_is_sound)
{
	static const char *const layers[] = {"landlock", "seccomp", "fds", "caps", "env", "ids", "signals"};

	ck_assert_uint_gt(tries_count(), 200);
	ck_assert_uint_le(tries_count(), PROVE_MAX);
	ck_assert_ptr_null(tries_at(tries_count()));
	ck_assert_ptr_null(tries_find("no-such-attempt"));
	for (size_t i = 0; i < tries_count(); i++) {
		const struct try *try = tries_at(i);
		size_t known = 0;
		for (size_t k = 0; k < sizeof layers / sizeof *layers; k++)
			known += strcmp(try->layer, layers[k]) == 0;
		ck_assert_msg(known == 1, "%s: layer '%s'", try->name, try->layer);
		ck_assert_msg(strspn(try->name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(try->name), "%s", try->name);
		ck_assert_msg(tries_find(try->name) == try, "%s: twice", try->name);
		ck_assert_msg(try->fn && strlen(try->what) > 10 && try->place < TRY_PLACES, "%s", try->name);
		ck_assert_msg((try->allowed_by & ~FAM_ALL) == 0 && (try->allowed_rights & ~RIGHT_ALL) == 0 &&
				  (try->forgone_by & ~FEATURE_ALL) == 0,
			      "%s: unknown bits", try->name);
	}
}
END_TEST

/* Nothing of a file grant, a family or a capability may excuse these. */
START_TEST(some_are_never_allowed)
{
	static const char *const never[] = {
	    "io-uring",    "tiocsti",          "tiocsti-high", "ptrace-attach", "memory-read",       "unshare-user",
	    "entry-32bit", "entry-x32",        "keyctl",       "mptcp",         "new-privileges",    "stray-descriptor",
	    "memfd-exec",  "open-victim-root", "userfaultfd",  "clone3-user",   "inherited-dir-open"};
	uint32_t rights[TRY_PLACES];
	const struct prove_scope everything = {
	    .families = FAM_ALL, .keep_caps = ~0ull, .forgone = FEATURE_ALL & ~FEATURE_LANDLOCK};

	for (size_t i = 0; i < TRY_PLACES; i++)
		rights[i] = RIGHT_ALL;
	for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
		ck_assert_ptr_nonnull(tries_find(never[i]));
		ck_assert_msg(!prove_allows(&everything, rights, tries_find(never[i])), "%s", never[i]);
	}
}
END_TEST

START_TEST(outcomes_have_names)
{
	char name[16];

	ck_assert_str_eq(tries_outcome_name(0, name), "ok");
	ck_assert_str_eq(tries_outcome_name(TRY_MOOT, name), "moot");
	ck_assert_str_eq(tries_outcome_name(-EACCES, name), "EACCES");
	ck_assert_str_eq(tries_outcome_name(-EPERM, name), "EPERM");
	ck_assert_str_eq(tries_outcome_name(-ENOSYS, name), "ENOSYS");
	ck_assert_str_eq(tries_outcome_name(-4000, name), "4000");
}
END_TEST

Suite *tries_suite(void)
{
	Suite *s = suite_create("tries");
	TCase *table = tcase_create("table"), *bare = tcase_create("bare");

	tcase_add_test(table, table_is_sound);
	tcase_add_test(table, some_are_never_allowed);
	tcase_add_test(table, outcomes_have_names);
	suite_add_tcase(s, table);
	tcase_set_timeout(bare, 60);
	tcase_add_loop_test(bare, each_succeeds_bare, 0, (int)tries_count());
	tcase_add_test(bare, each_can_be_repeated);
	suite_add_tcase(s, bare);
	return s;
}

/* The proof: it must fail when a hole is there, when the sandbox can't be entered, and whenever it can't be made. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "prove.h"

Suite *prove_suite(void);

static char base[64];
static int keep;
static struct prove_result result;
static struct err err;
static const int fds[] = {0, 1, 2};

static void set_up(void)
{
	snprintf(base, sizeof base, "/tmp/endow-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	setenv("XDG_RUNTIME_DIR", base, 1); /* the first place that is looked at */
	keep = -1;
}

/* Whatever happened in it, nothing is left. */
static void tear_down(void)
{
	ck_assert_int_eq(rmdir(base), 0);
}

static struct prove_scope scope_of(uint32_t families)
{
	return (struct prove_scope){.families = families,
				    .uid = geteuid(),
				    .gid = getegid(),
				    .group_count = -1,
				    .fds = fds,
				    .fd_count = 3,
				    .keep = &keep,
				    .keep_from = 256};
}

static const struct prove_item *item(const char *name)
{
	for (size_t i = 0; i < result.count; i++)
		if (strcmp(result.items[i].try->name, name) == 0)
			return &result.items[i];
	ck_abort_msg("no attempt '%s'", name);
	return NULL;
}

static int enter_nothing(void *arg, struct err *e)
{
	(void)e;
	++*(int *)arg;
	return 0;
}

static int enter_refusing(void *arg, struct err *e)
{
	(void)arg;
	return err_set(e, ENOLCK, "the door is shut");
}

static int enter_dying(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	signal(SIGTERM, SIG_DFL);
	return raise(SIGTERM);
}

static int enter_leaving(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	_exit(0);
}

static int enter_closing(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	close(keep);
	return 0;
}

/* The attempt to write then ends the process, and no filter did that. */
static int enter_without_file_size(void *arg, struct err *e)
{
	const struct rlimit none = {0, 0};

	(void)arg;
	return setrlimit(RLIMIT_FSIZE, &none) < 0 ? err_set(e, errno, "no limit") : 0;
}

static int enter_filter(const struct sock_filter *filter, size_t count, struct err *e)
{
	const struct sock_fprog program = {.len = (unsigned short)count, .filter = (struct sock_filter *)(uintptr_t)filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return err_set(e, errno, "no filter");
	return 0;
}

#define CALL(number, action) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(number), 0, 1), BPF_STMT(BPF_RET | BPF_K, action)

static int enter_killing(void *arg, struct err *e)
{
	static const struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    CALL(SYS_inotify_init1, SECCOMP_RET_KILL_PROCESS),
	    CALL(SYS_keyctl, SECCOMP_RET_KILL_PROCESS),
	    CALL(SYS_personality, SECCOMP_RET_ERRNO | EPERM),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	++*(int *)arg;
	return enter_filter(filter, sizeof filter / sizeof *filter, e);
}

START_TEST(open_door_is_found)
{
	struct prove_scope scope = scope_of(0);
	int entered = 0;

	ck_assert_int_eq(prove(enter_nothing, &entered, &scope, NULL, &result, &err), -EPERM);
	ck_assert_uint_gt(result.holes, 50);
	ck_assert_int_eq(item("open")->outcome, 0);
	ck_assert_int_eq(item("kill")->outcome, 0);
	ck_assert_int_eq(item("udp-sendto")->outcome, 0);
	ck_assert_int_eq(item("stray-descriptor")->outcome, 0);
	ck_assert_int_eq(item("signals-blocked")->outcome, 0);
	ck_assert_int_eq(item("inherited-dir-open")->outcome, 0);
	ck_assert_uint_eq(result.holes + result.refused + result.moot + result.granted, tries_count());
	ck_assert_ptr_nonnull(strstr(err.text, "open ("));
	ck_assert_ptr_nonnull(strstr(err.text, " more"));
	ck_assert_int_ge(keep, -1);
}
END_TEST

START_TEST(granted_is_not_tried)
{
	struct prove_scope scope = scope_of(FAM_UDP | FAM_WATCH);
	struct prove_place root = {.rights = RIGHT_READ};
	struct stat st;
	int entered = 0;

	ck_assert_int_eq(stat("/", &st), 0);
	root.dev = st.st_dev;
	root.ino = st.st_ino;
	scope.places = &root;
	scope.place_count = 1;
	scope.flags = IMAGE_SIGNALS_KEEP;
	ck_assert_int_eq(prove(enter_nothing, &entered, &scope, NULL, &result, &err), -EPERM);
	ck_assert_int_eq(item("udp-sendto")->outcome, PROVE_GRANTED);
	ck_assert_int_eq(item("inotify")->outcome, PROVE_GRANTED);
	ck_assert_int_eq(item("open")->outcome, PROVE_GRANTED);
	ck_assert_int_eq(item("signals-blocked")->outcome, PROVE_GRANTED);
	ck_assert_int_eq(item("write")->outcome, 0);
	ck_assert_int_eq(item("exec")->outcome, 0);
}
END_TEST

START_TEST(granted_place_is_avoided)
{
	struct prove_scope scope = scope_of(0);
	struct prove_place place = {.rights = RIGHT_READ | RIGHT_WRITE};
	struct stat st;
	int entered = 0;

	ck_assert_int_eq(stat(base, &st), 0);
	place.dev = st.st_dev;
	place.ino = st.st_ino;
	scope.places = &place;
	scope.place_count = 1;
	ck_assert_int_eq(prove(enter_nothing, &entered, &scope, NULL, &result, &err), -EPERM);
	ck_assert_int_eq(item("open")->outcome, 0); /* another place was found */
	ck_assert_int_eq(item("write")->outcome, 0);
}
END_TEST

START_TEST(refusal_to_enter_is_handed_on)
{
	struct prove_scope scope = scope_of(0);

	ck_assert_int_eq(prove(enter_refusing, NULL, &scope, NULL, &result, &err), -ENOLCK);
	ck_assert_str_eq(err.text, "the door is shut");
	ck_assert_int_eq(item("open")->outcome, PROVE_UNTRIED);
}
END_TEST

START_TEST(no_proof_is_no_success)
{
	int (*const enter[])(void *, struct err *) = {enter_dying, enter_leaving, enter_closing};
	struct prove_scope scope = scope_of(0);

	ck_assert_int_eq(prove(enter[_i], NULL, &scope, NULL, &result, &err), -EPROTO);
	ck_assert_uint_eq(result.holes + result.refused, 0);
}
END_TEST

START_TEST(death_by_something_else_is_no_refusal)
{
	struct prove_scope scope = scope_of(0);

	ck_assert_int_eq(prove(enter_without_file_size, NULL, &scope, NULL, &result, &err), -EPROTO);
	ck_assert_ptr_nonnull(strstr(err.text, "'write'"));
}
END_TEST

START_TEST(death_by_filter_is_a_refusal)
{
	struct prove_scope scope = scope_of(0);
	int entered = 0;

	ck_assert_int_eq(prove(enter_killing, &entered, &scope, NULL, &result, &err), -EPERM);
	ck_assert_int_eq(item("inotify")->outcome, PROVE_KILLED);
	ck_assert_int_eq(item("keyctl")->outcome, PROVE_KILLED);
	ck_assert_int_eq(item("personality")->outcome, -EPERM);
	ck_assert_int_eq(item("open")->outcome, 0);
	ck_assert_int_eq(item("new-privileges")->outcome, -EPERM);
	for (size_t i = 0; i < result.count; i++)
		ck_assert_int_ne(result.items[i].outcome, PROVE_UNTRIED);
}
END_TEST

START_TEST(own_state_is_as_before)
{
	struct prove_scope scope = scope_of(0);
	struct sigaction ignore = {.sa_handler = SIG_IGN}, now;
	sigset_t mask, after;
	int entered = 0;

	sigemptyset(&mask);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGCHLD, &ignore, NULL);
	ck_assert_int_eq(prove(enter_nothing, &entered, &scope, NULL, &result, &err), -EPERM);
	ck_assert_int_eq(entered, 0); /* it was the child's */
	sigprocmask(SIG_SETMASK, NULL, &after);
	ck_assert_int_eq(sigismember(&after, SIGHUP), 1);
	ck_assert_int_eq(sigismember(&after, SIGTERM), 0);
	sigaction(SIGCHLD, NULL, &now);
	ck_assert(now.sa_handler == SIG_IGN);
	ck_assert_int_eq(access(base, F_OK), 0);
	for (int fd = 256; fd < 512; fd++)
		ck_assert_int_lt(fcntl(fd, F_GETFD), 0);
}
END_TEST

Suite *prove_suite(void)
{
	Suite *s = suite_create("prove");
	TCase *proof = tcase_create("proof");

	tcase_add_checked_fixture(proof, set_up, tear_down);
	tcase_set_timeout(proof, 30);
	tcase_add_test(proof, open_door_is_found);
	tcase_add_test(proof, granted_is_not_tried);
	tcase_add_test(proof, granted_place_is_avoided);
	tcase_add_test(proof, refusal_to_enter_is_handed_on);
	tcase_add_loop_test(proof, no_proof_is_no_success, 0, 3);
	tcase_add_test(proof, death_by_something_else_is_no_refusal);
	tcase_add_test(proof, death_by_filter_is_a_refusal);
	tcase_add_test(proof, own_state_is_as_before);
	suite_add_tcase(s, proof);
	return s;
}

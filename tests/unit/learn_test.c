/* The pure parts of endow learn: what a call needs, what is made of what was seen, and how it is written down. */
#include <check.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../../launcher/learn/generalise.h"
#include "../../launcher/learn/items.h"
#include "../../launcher/learn/need.h"
#include "../../launcher/learn/record.h"
#include "../../launcher/learn/setting.h"
#include "../../launcher/learn/write.h"
#include "../../policy/calls.h"
#include "../../policy/families.h"
#include "../../policy/stages.h"
#include "bpf_sim.h"
#include "owned.h"

Suite *learn_suite(void);

#define SELF 4711u

/* What a call needs ---------------------------------------------------------------------------------------------------------
 */

static struct seccomp_data call(int nr, uint64_t a, uint64_t b, uint64_t c)
{
	return (struct seccomp_data){.nr = nr, .arch = STAGES_ARCH, .args = {a, b, c}};
}

static uint32_t need(int nr, uint64_t a, uint64_t b, uint64_t c)
{
	const struct seccomp_data d = call(nr, a, b, c);

	return need_of(&d, SELF);
}

START_TEST(each_call_has_its_promise)
{
	ck_assert_uint_eq(need(S(read), 0, 0, 0), 0);
	ck_assert_uint_eq(need(S(openat), 0, 0, 0), 0);
	ck_assert_uint_eq(need(S(clone), CLONE_THREAD | CLONE_VM, 0, 0), 0);
	ck_assert_uint_eq(need(S(clone), 17, 0, 0), FAM_PROC);
	ck_assert_uint_eq(need(S(clone), CLONE_NEWUSER, 0, 0), NEED_NEVER);
	ck_assert_uint_eq(need(S(kill), SELF, 15, 0), 0);
	ck_assert_uint_eq(need(S(kill), SELF + 1, 15, 0), FAM_PROC);
	ck_assert_uint_eq(need(S(fchmod), 3, 0644, 0), FAM_FATTR);
	ck_assert_uint_eq(need(S(fchmod), 3, 04755, 0), NEED_NEVER);
	ck_assert_uint_eq(need(S(ioctl), 0, 0x5402, 0), FAM_TTY);
	ck_assert_uint_eq(need(S(ioctl), 0, 0x5412, 0), NEED_NEVER);
	ck_assert_uint_eq(need(S(ioctl), 0, 0x1234, 0), FAM_IOCTL);
	ck_assert_uint_eq(need(S(setresuid), 0, 0, 0), FAM_ID);
	ck_assert_uint_eq(need(S(ptrace), 0, 0, 0), FAM_DEBUG);
	ck_assert_uint_eq(need(S(shmget), 0, 0, 0), FAM_SYSVIPC);
	ck_assert_uint_eq(need(S(inotify_init1), 0, 0, 0), FAM_WATCH);
	ck_assert_uint_eq(need(S(io_setup), 1, 0, 0), FAM_AIO);
	ck_assert_uint_eq(need(S(setpriority), 0, 0, 5), 0);
	ck_assert_uint_eq(need(S(setpriority), 0, 99, 5), FAM_SCHED);
	ck_assert_uint_eq(need(S(socket), AF_INET, SOCK_DGRAM, 0), FAM_UDP);
	ck_assert_uint_eq(need(S(socket), AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), FAM_TCP_CONNECT);
	ck_assert_uint_eq(need(S(socket), AF_INET, SOCK_STREAM, 262 /* MPTCP */), NEED_NEVER);
	ck_assert_uint_eq(need(S(socket), AF_NETLINK, SOCK_RAW, 0), FAM_NETLINK);
	ck_assert_uint_eq(need(S(io_uring_setup), 1, 0, 0), NEED_NEVER);
	ck_assert_uint_eq(need(S(mount), 0, 0, 0), NEED_NEVER);
	ck_assert_uint_eq(need(100000, 0, 0, 0), NEED_NEVER);
}
END_TEST

static int is_looked_at(int nr)
{
	static const int list[] = {S(open),    S(openat),    S(creat),      S(execve), S(rename),  S(renameat), S(renameat2),
				   S(mkdir),   S(mkdirat),   S(rmdir),      S(link),   S(linkat),  S(unlink),   S(unlinkat),
				   S(symlink), S(symlinkat), S(truncate),   S(mknod),  S(mknodat), S(sendmsg),  S(sendmmsg),
				   S(openat2), S(getdents),  S(getdents64), S(sendto)};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (list[i] == nr)
			return 1;
	return 0;
}

/* What the filter lets by unseen needs nothing, and what it notifies of needs something or names a file. */
START_TEST(the_filter_misses_nothing)
{
	struct image_insn *OWNED prog = NULL;
	struct err err = {""};
	struct bpf_sim sim;
	uint32_t count = 0, notified = 0;

	ck_assert_msg(need_filter(&prog, &count, &err) == 0, "%s", err.text);
	ck_assert_int_eq(bpf_sim_check(prog, count), 0);
	ck_assert_uint_gt(bpf_sim_self(prog, count, SELF), 0);
	srand(1);
	for (int nr = -1; nr <= CALL_NEWEST + 20; nr++)
		for (int i = 0; i < 64; i++) {
			struct seccomp_data d = call(nr, 0, 0, 0);
			for (int k = 0; k < 6 && i > 0; k++)
				d.args[k] = rand() % 3 ? (uint64_t)(rand() % 64) : rand() % 2 ? SELF : 1u << rand() % 31;
			ck_assert_int_eq(bpf_sim_run(prog, count, &d, &sim), 0);
			const uint32_t need = need_of(&d, SELF);
			if (sim.verdict == SECCOMP_RET_ALLOW) {
				ck_assert_msg(need == 0, "call %d goes by unseen", nr);
				continue;
			}
			ck_assert_uint_eq(sim.verdict, SECCOMP_RET_USER_NOTIF);
			ck_assert_msg(need != 0 || is_looked_at(nr), "call %d is notified of for nothing", nr);
			notified++;
		}
	ck_assert_uint_gt(notified, 0);
	struct seccomp_data d = call(S(sendto), 0, 0, 0);
	ck_assert_int_eq(bpf_sim_run(prog, count, &d, &sim), 0);
	ck_assert_uint_eq(sim.verdict, SECCOMP_RET_ALLOW);
	d.args[4] = 1ull << 32; /* an address whose low half is zero */
	ck_assert_int_eq(bpf_sim_run(prog, count, &d, &sim), 0);
	ck_assert_uint_eq(sim.verdict, SECCOMP_RET_USER_NOTIF);
	d = call(S(read), 0, 0, 0);
	d.arch = AUDIT_ARCH_I386;
	ck_assert_int_eq(bpf_sim_run(prog, count, &d, &sim), 0);
	ck_assert_uint_eq(sim.verdict, SECCOMP_RET_USER_NOTIF);
}
END_TEST

/* Where a run takes place ---------------------------------------------------------------------------------------------------
 */

static const char *const implied[] = {"/usr/bin/prog", NULL};
static const struct setting_word words[] = {{1, "in", "/home/u/w/in"}, {2, "new", "/home/u/w/out/new"}};
static struct setting setting = {
    .program = "/usr/bin/prog",
    .program_spelled = "/usr/bin/prog",
    .implied = implied,
    .home = "/home/u",
    .cwd = "/home/u/w",
    .tmpdir = "",
    .roots = {{"~", "/home/u"}, {".", "/home/u/w"}},
    .root_count = 2,
    .guarded = {"/home/u/.config/endow"},
    .guarded_count = 1,
    .words = words,
    .word_count = 2,
};

static void spells(const char *path, const char *want)
{
	char to[SPELLED];

	ck_assert_int_ge(setting_spell(&setting, path, to), 0);
	ck_assert_str_eq(to, want);
}

START_TEST(paths_are_spelled)
{
	spells("/etc/hosts", "/etc/hosts");
	spells("/home/u", "~");
	spells("/home/u/x", "~/x");
	spells("/home/user/x", "/home/user/x");
	spells("/home/u/w", ".");
	spells("/home/u/w/x", "./x");
	spells("/home/u/w/a b", "\"$PWD/a b\"");
	spells("/home/u/a\"b\\$", "\"$HOME/a\\\"b\\\\\\$\"");
	spells("/x/it's", "\"/x/it's\"");
	spells("/x/*", "\"/x/*\"");
	spells("/x/\n\xc3\xa4", "\"/x/\\x0A\\xC3\\xA4\"");
}
END_TEST

START_TEST(secrets_and_wide_places_are_known)
{
	ck_assert_ptr_nonnull(setting_secret(&setting, "/home/u/.ssh/config"));
	ck_assert_ptr_nonnull(setting_secret(&setting, "/home/u/w/id_ed25519"));
	ck_assert_ptr_nonnull(setting_secret(&setting, "/srv/tls/server.key"));
	ck_assert_ptr_nonnull(setting_secret(&setting, "/etc/shadow"));
	ck_assert_ptr_null(setting_secret(&setting, "/home/u/w/id_ed25519.pub"));
	ck_assert_ptr_null(setting_secret(&setting, "/etc/passwd"));
	ck_assert_ptr_null(setting_secret(&setting, "/home/u/.sshx"));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/", RIGHT_READ));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/home", RIGHT_READ));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/home/u", RIGHT_READ));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/etc", RIGHT_READ));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/home/u/.config", RIGHT_READ));
	ck_assert_ptr_null(setting_broad(&setting, "/home/u/w", RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE));
	ck_assert_ptr_null(setting_broad(&setting, "/etc/fonts", RIGHT_READ));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/etc/fonts", RIGHT_WRITE));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/home/u/.bashrc", RIGHT_WRITE));
	ck_assert_ptr_null(setting_broad(&setting, "/home/u/.bashrc", RIGHT_READ));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/home/u/.config/endow/x.policy", RIGHT_WRITE));
	ck_assert_ptr_nonnull(setting_broad(&setting, "/proc/123/status", RIGHT_READ));
	ck_assert_int_eq(setting_may_fold(&setting, "/home/u/w/tree"), 1);
	ck_assert_int_eq(setting_may_fold(&setting, "/home/u"), 0);
	ck_assert_int_eq(setting_may_fold(&setting, "/etc"), 0);
	ck_assert_int_eq(setting_may_fold(&setting, "/usr/bin"), 0);
	ck_assert_int_eq(setting_may_fold(&setting, "/home/u/.ssh"), 0);
	ck_assert_int_eq(setting_may_fold(&setting, "/home/u/.config"), 0);
	ck_assert_ptr_nonnull(setting_habit("/proc/self/maps"));
	ck_assert_ptr_null(setting_habit("/proc/selfish"));
}
END_TEST

/* A draft -------------------------------------------------------------------------------------------------------------------
 */

static struct record record;
static struct draft draft;
static struct bundle bundles[4];
static size_t bundle_count;

static void set_up(void)
{
	memset(&record, 0, sizeof record);
	memset(&draft, 0, sizeof draft);
	memset(bundles, 0, sizeof bundles);
	bundle_count = 0;
}

static void tear_down(void)
{
	draft_free(&draft);
	record_free(&record);
	for (size_t i = 0; i < bundle_count; i++)
		bundle_free(&bundles[i]);
}

static struct bundle *bundle(const char *name)
{
	bundles[bundle_count].name = name;
	return &bundles[bundle_count++];
}

static void covers(struct bundle *b, const char *path, uint32_t rights, int is_dir)
{
	const struct cover cover = {.path = path, .rights = rights, .is_dir = is_dir};

	ck_assert_int_eq(vec_add(&b->covers, &cover, 1, sizeof cover), 0);
}

static void saw(const char *path, uint32_t rights, uint32_t flags)
{
	ck_assert_ptr_nonnull(record_path(&record, path, rights, flags, "prog"));
}

static const struct bundle *base;

static void make(void)
{
	const struct knowledge known = {
	    .setting = &setting, .fragments = bundles, .fragment_count = bundle_count, .base = base};
	struct err err = {""};

	ck_assert_msg(generalise(&record, &known, &draft, &err) == 0, "%s", err.text);
	ck_assert_int_eq(record.no_memory, 0);
}

static const struct line *find_line(const char *text)
{
	for (uint32_t i = 0; i < draft.lines.count; i++) {
		const struct line *line = (const struct line *)draft.lines.data + i;
		if (strcmp(line->text, text) == 0)
			return line;
	}
	return NULL;
}

static void grants(const char *text)
{
	const struct line *line = find_line(text);

	ck_assert_msg(line && !line->off, "%s is %s", text, line ? "not granted" : "not there");
}

static void grants_not(const char *text)
{
	ck_assert_msg(!find_line(text) || find_line(text)->off, "%s is granted", text);
}

static void warns(const char *text)
{
	ck_assert_msg(find_line(text) && find_line(text)->off, "%s: no warning", text);
}

START_TEST(what_was_read_is_read)
{
	saw("/usr/bin/prog", RIGHT_EXEC, 0);
	saw("/home/u/w/in", RIGHT_READ, 0);
	saw("/home/u/w/tree", RIGHT_READ, SEEN_DIR | SEEN_LISTED);
	saw("/home/u/w/tree/a", RIGHT_READ, 0);
	saw("/home/u/w/tree-b", RIGHT_READ, 0);
	make();
	grants("program\t/usr/bin/prog");
	grants("read\t./in");
	grants("read\t./tree");
	grants("read\t./tree-b");
	ck_assert_ptr_null(find_line("read\t./tree/a"));
	ck_assert_ptr_null(find_line("exec\t/usr/bin/prog"));
	ck_assert_ptr_nonnull(strstr(find_line("read\t./in")->why, "say r:in"));
}
END_TEST

START_TEST(what_was_made_is_its_folders)
{
	saw("/home/u/w/out/d", 0, SEEN_DIR | SEEN_MADE);
	saw("/home/u/w/out/d/new", RIGHT_WRITE, SEEN_MADE);
	saw("/home/u/w/tree/a", RIGHT_READ, 0); /* read, and then replaced */
	saw("/home/u/w/tree/a", 0, SEEN_MADE);
	make();
	grants("write create\t./out");
	grants("read\t./tree/a");
	grants("create\t./tree");
	grants_not("read create\t./tree");
}
END_TEST

START_TEST(temporary_names_are_not_granted)
{
	saw("/tmp/tmp.k3Jx9QzA1b", RIGHT_READ | RIGHT_WRITE, SEEN_MADE);
	saw("/tmp/plain", RIGHT_WRITE, SEEN_MADE | SEEN_GONE);
	make();
	grants("private\t/tmp"); /* there is no fragment of that name here */
	ck_assert_ptr_null(find_line("read write create\t/tmp"));
	ck_assert_ptr_null(find_line("write create\t/tmp"));
}
END_TEST

START_TEST(a_file_that_stays_in_tmp_is_no_temporary_one)
{
	saw("/tmp/report", RIGHT_WRITE, SEEN_MADE);
	make();
	warns("write create\t/tmp");
	grants_not("private\t/tmp");
}
END_TEST

START_TEST(many_files_are_their_folder)
{
	static const char *const some[] = {"/home/u/w/t/1", "/home/u/w/t/2", "/home/u/w/t/3", "/home/u/w/t/4", "/home/u/w/t/5"};
	static const char *const keys[] = {"/home/u/w/k/1", "/home/u/w/k/2", "/home/u/w/k/3",
					   "/home/u/w/k/4", "/home/u/w/k/5", "/home/u/w/k/id_rsa"};

	for (size_t i = 0; i < 5; i++)
		saw(some[i], RIGHT_READ, 0);
	for (size_t i = 0; i < 6; i++)
		saw(keys[i], RIGHT_READ, 0);
	make();
	grants("read\t./t");
	ck_assert_ptr_null(find_line("read\t./t/1"));
	ck_assert_ptr_null(find_line("read\t./k")); /* it would grant the key along */
	grants("read\t./k/1");
	warns("read\t./k/id_rsa");
}
END_TEST

START_TEST(secrets_are_left_out)
{
	saw("/home/u/w/conf", RIGHT_READ, SEEN_DIR | SEEN_LISTED);
	saw("/home/u/w/conf/a", RIGHT_READ, 0);
	saw("/home/u/w/conf/server.key", RIGHT_READ, 0);
	saw("/home/u/.ssh/id_rsa", RIGHT_READ, 0);
	saw("/home/u", RIGHT_READ, SEEN_DIR | SEEN_LISTED);
	saw("/home/u/notes", RIGHT_READ, 0);
	make();
	grants("read\t./conf except server.key");
	warns("read\t./conf/server.key");
	warns("read\t~/.ssh/id_rsa");
	warns("read\t~");
	grants("read\t~/notes"); /* which the line above does not cover, being none */
}
END_TEST

START_TEST(fragments_that_are_used_are_used)
{
	struct bundle *libc = bundle("libc"), *names = bundle("names"), *tools = bundle("tools"), *loud = bundle("loud");

	covers(libc, "/usr/lib", RIGHT_READ, 1);
	covers(libc, "/usr/lib/ld.so", RIGHT_EXEC, 0);
	covers(names, "/etc/passwd", RIGHT_READ, 0);
	covers(names, "/etc/group", RIGHT_READ, 0);
	covers(tools, "/usr/bin/a", RIGHT_EXEC, 0);
	covers(tools, "/usr/bin/b", RIGHT_EXEC, 0);
	covers(tools, "/usr/bin/c", RIGHT_EXEC, 0);
	covers(loud, "/etc/passwd", RIGHT_READ, 0);
	loud->families = FAM_UDP; /* which was not seen */
	saw("/usr/lib/ld.so", RIGHT_EXEC, 0);
	saw("/usr/lib/libc.so", RIGHT_READ, 0);
	saw("/etc/passwd", RIGHT_READ, 0);
	saw("/usr/bin/a", RIGHT_EXEC, 0);
	make();
	grants("use\tlibc");
	grants("use\tnames");
	grants_not("use\ttools"); /* a third of it */
	grants_not("use\tloud");
	grants("exec\t/usr/bin/a");
	ck_assert_ptr_null(find_line("read\t/etc/passwd"));
	ck_assert_ptr_null(find_line("read\t/usr/lib/libc.so"));
}
END_TEST

START_TEST(what_can_be_executed_can_not_be_listed)
{
	saw("/home/u/w/p", RIGHT_READ, SEEN_DIR | SEEN_LISTED);
	saw("/home/u/w/p/made", RIGHT_EXEC, SEEN_MADE);
	saw("/home/u/w/p/made", RIGHT_EXEC, 0);
	saw("/home/u/w/q/run", RIGHT_EXEC | RIGHT_READ, 0);
	make();
	grants("read create exec\t./p");
	grants("exec\t./q/run");
}
END_TEST

START_TEST(a_fragment_that_writes_more_is_not_used)
{
	struct bundle *b = bundle("wide");

	covers(b, "/srv/a", RIGHT_READ | RIGHT_WRITE, 0);
	saw("/srv/a", RIGHT_READ, 0);
	make();
	grants_not("use\twide");
	grants("read\t/srv/a");
}
END_TEST

START_TEST(network_and_promises)
{
	record_port(&record, 0, 443, "prog");
	record_port(&record, 1, 0, "prog");
	record_family(&record, FAM_UNIX, "prog", "/run/s");
	record_family(&record, FAM_PROC, "prog", "clone");
	record_call(&record, S(mount), "prog");
	make();
	grants("connect\ttcp 443");
	grants("listen\ttcp any");
	grants("connect\tunix any");
	grants("promise\tproc");
	ck_assert_ptr_null(find_line("connect\tudp any"));
	warns("endow refuses mount in this form, whatever a policy says: prog, once");
}
END_TEST

START_TEST(append_is_append_where_nothing_else_is_written)
{
	saw("/home/u/w/log", RIGHT_APPEND, 0);
	make();
	grants("append\t./log");
	draft_free(&draft);
	memset(&draft, 0, sizeof draft);
	saw("/dev/null", RIGHT_WRITE, 0);
	make();
	grants("write\t./log");
}
END_TEST

START_TEST(a_change_of_mode_takes_a_grant_that_writes)
{
	saw("/home/u/w/in", 0, SEEN_META);
	make();
	grants("write\t./in");
}
END_TEST

START_TEST(moves_join_folders)
{
	saw("/home/u/w/a", RIGHT_CREATE, SEEN_DIR);
	saw("/home/u/w/b/x", RIGHT_WRITE, SEEN_MADE);
	record_move(&record, "/home/u/w/a", "/home/u/w/b");
	make();
	grants("write create\t./a");
	grants("write create\t./b");
}
END_TEST

START_TEST(what_is_granted_already_is_not_written)
{
	struct bundle *b = bundle("");

	covers(b, "/home/u/w", RIGHT_READ, 1);
	b->families = FAM_PROC;
	bundle_count = 0;
	base = b;
	saw("/home/u/w/in", RIGHT_READ, 0);
	saw("/home/u/notes", RIGHT_READ, 0);
	record_family(&record, FAM_PROC, "prog", "clone");
	make();
	base = NULL;
	ck_assert_ptr_null(find_line("read\t./in"));
	ck_assert_ptr_null(find_line("promise\tproc"));
	grants("read\t~/notes");
	bundle_free(b);
}
END_TEST

/* The text ------------------------------------------------------------------------------------------------------------------
 */

START_TEST(merging_keeps_what_there_is)
{
	static const char old[] = "# mine\nread   ./in   # by hand\n#read ~/notes";
	const struct heading heading = {.name = "x.policy", .command = "prog\nin"};
	struct written w, again;

	saw("/home/u/w/in", RIGHT_READ, 0);
	saw("/home/u/notes", RIGHT_READ, 0);
	saw("/home/u/other", RIGHT_READ, 0);
	make();
	ck_assert_int_eq(write_merged(&draft, &heading, old, strlen(old), &w), 0);
	ck_assert_uint_eq(w.len, strlen(w.text));
	ck_assert_msg(strncmp(w.text, old, strlen(old)) == 0, "%s", w.text);
	ck_assert_ptr_nonnull(strstr(w.text, "\nread     ~/other "));
	ck_assert_ptr_null(strstr(w.text, "\nread     ./in"));
	ck_assert_ptr_null(strstr(w.text, "\nread     ~/notes"));
	ck_assert_ptr_nonnull(strstr(w.text, "prog?in")); /* a comment stays one line */
	ck_assert_int_eq(write_merged(&draft, &heading, w.text, w.len, &again), 0);
	ck_assert_uint_eq(again.lines, 0);
	ck_assert_str_eq(again.text, w.text);
	free(w.text);
	free(again.text);
}
END_TEST

START_TEST(what_is_off_is_a_comment)
{
	const struct heading heading = {.name = "x.policy", .command = "prog"};
	struct written w;

	saw("/etc/shadow", RIGHT_READ, 0);
	record_call(&record, S(mount), "prog");
	make();
	ck_assert_int_eq(write_policy(&draft, &heading, &w), 0);
	ck_assert_uint_eq(w.off, 2);
	ck_assert_ptr_nonnull(strstr(w.text, "\n# read     /etc/shadow "));
	ck_assert_ptr_nonnull(strstr(w.text, "\n# endow refuses mount"));
	ck_assert_ptr_nonnull(strstr(w.text, "\nprogram  /usr/bin/prog\n"));
	free(w.text);
}
END_TEST

Suite *learn_suite(void)
{
	Suite *s = suite_create("learn");
	TCase *c = tcase_create("learn");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, each_call_has_its_promise);
	tcase_add_test(c, the_filter_misses_nothing);
	tcase_add_test(c, paths_are_spelled);
	tcase_add_test(c, secrets_and_wide_places_are_known);
	tcase_add_test(c, what_was_read_is_read);
	tcase_add_test(c, what_was_made_is_its_folders);
	tcase_add_test(c, temporary_names_are_not_granted);
	tcase_add_test(c, a_file_that_stays_in_tmp_is_no_temporary_one);
	tcase_add_test(c, many_files_are_their_folder);
	tcase_add_test(c, secrets_are_left_out);
	tcase_add_test(c, fragments_that_are_used_are_used);
	tcase_add_test(c, what_can_be_executed_can_not_be_listed);
	tcase_add_test(c, a_fragment_that_writes_more_is_not_used);
	tcase_add_test(c, network_and_promises);
	tcase_add_test(c, append_is_append_where_nothing_else_is_written);
	tcase_add_test(c, a_change_of_mode_takes_a_grant_that_writes);
	tcase_add_test(c, moves_join_folders);
	tcase_add_test(c, what_is_granted_already_is_not_written);
	tcase_add_test(c, merging_keeps_what_there_is);
	tcase_add_test(c, what_is_off_is_a_comment);
	suite_add_tcase(s, c);
	return s;
}

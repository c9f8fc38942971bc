#include <check.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../policy/calls.h"
#include "../../policy/families.h"
#include "../../policy/filter.h"
#include "../../policy/stages.h"
#include "bpf_sim.h"
#include "filter_rows.h"
#include "owned.h"

Suite *filter_suite(void);

#define TCP_ALL (FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN)

/* Filters are made once per set of families: libseccomp takes its time. */
#define MADE 128
struct made {
	uint32_t families;
	uint32_t count;
	struct image_insn *prog;
};

static const struct made *get(uint32_t families)
{
	static struct made made[MADE];
	static unsigned int used;
	struct err err = {{0}};

	for (unsigned int i = 0; i < used; i++)
		if (made[i].families == families)
			return &made[i];
	struct made *m = &made[used < MADE ? used++ : MADE - 1];
	free(m->prog);
	m->families = families;
	ck_assert_msg(filter_make(families, &m->prog, &m->count, &err) == 0, "%s", err.text);
	ck_assert_uint_le(m->count, IMAGE_FILTER_MAX);
	ck_assert_int_eq(bpf_sim_check(m->prog, m->count), 0);
	bpf_sim_self(m->prog, m->count, ROW_SELF);
	return m;
}

static struct bpf_sim run(uint32_t families, const struct seccomp_data *data)
{
	const struct made *m = get(families);
	struct bpf_sim sim;

	if (bpf_sim_run(m->prog, m->count, data, &sim) < 0)
		ck_abort_msg("call %d leads out of the program", data->nr);
	return sim;
}

static uint32_t verdict_of(int error)
{
	if (error == ROW_TOLD)
		return SECCOMP_RET_USER_NOTIF;
	return error ? SECCOMP_RET_ERRNO | (uint32_t)error : SECCOMP_RET_ALLOW;
}

/* What went wrong, up to a screenful: a change in the tables shows in more than one row. */
static char wrong[4096];

static void expect(const struct filter_row *row, uint32_t families, int error)
{
	struct seccomp_data data = {.nr = row->nr, .arch = STAGES_ARCH, .instruction_pointer = 0xffffffff12345678};

	memcpy(data.args, row->arg, sizeof data.args);
	const uint32_t verdict = run(families, &data).verdict;
	const size_t used = strlen(wrong);

	if (verdict != verdict_of(error))
		snprintf(wrong + used, sizeof wrong - used, "\nfilter_rows.c:%d: %s under %#x: %#x instead of %#x", row->line,
			 row->name, families, verdict, verdict_of(error));
}

/* What no promise opens is closed under each of them as well, and where nothing is for appending only. */
static void expect_never(const struct filter_row *row)
{
	expect(row, FAM_ALL & ~(uint32_t)FAM_APPENDS, row->error);
	for (uint32_t bit = 1; bit & FAM_ALL || bit < FAM_ALL; bit <<= 1)
		if (bit & FAM_ALL)
			expect(row, bit, row->error);
}

static void check_row(const struct filter_row *row)
{
	switch (row->kind) {
	case ROW_PLAIN:
		expect(row, row->families, row->error);
		if (row->families == FAM_ALL && row->error)
			expect_never(row);
		break;
	case ROW_NEEDS:
		expect(row, row->families, row->error);
		expect(row, row->families | row->this, 0);
		break;
	case ROW_FORBIDS:
		expect(row, row->families, 0);
		expect(row, row->families | row->this, row->error);
		break;
	case ROW_TELLS:
		expect(row, row->families, row->error);
		expect(row, row->families | row->this, ROW_TOLD);
		break;
	}
}

START_TEST(every_row)
{
	for (size_t i = 0; i < filter_rows_count; i++)
		if (filter_rows[i].nr >= 0)
			check_row(&filter_rows[i]);
	ck_assert_msg(!*wrong, "%s", wrong);
}
END_TEST

/* A family without a row that depends on it could lose its rules unseen. */
START_TEST(every_family_has_rows)
{
	uint32_t seen = FAM_TCP_LISTEN_ANY; /* says something to Landlock only */

	for (size_t i = 0; i < filter_rows_count; i++)
		if (filter_rows[i].nr >= 0)
			seen |= filter_rows[i].this;
	ck_assert_uint_eq(seen, FAM_ALL);
}
END_TEST

/* What the supervisor only looks at may go on, and then no stage is asked any more: it has to be allowed anyway. */
static void told_only_of_what_is_allowed(uint32_t families, const struct seccomp_data *data)
{
	const uint32_t with = run(families | FAM_BROKER_PATHS | FAM_REPORT, data).verdict;
	const uint32_t without = run(families, data).verdict;

	if (with == SECCOMP_RET_USER_NOTIF ? without != SECCOMP_RET_ALLOW : with != without && data->nr != S(openat2))
		ck_abort_msg("call %d (%#llx, %#llx, %#llx) under %#x: %#x, and told of: %#x", data->nr, data->args[0],
			     data->args[1], data->args[2], families, without, with);
}

START_TEST(who_looks_on_allows_nothing)
{
	static const uint32_t families[] = {0,
					    FAM_APPEND_NAME,
					    FAM_APPENDS,
					    TCP_ALL,
					    FAM_UNIX,
					    FAM_NOTIFY,
					    FAM_TCP_LISTEN,
					    FAM_PROMISES,
					    FAM_ALL & ~(uint32_t)FAM_BROKERED};

	srandom(4);
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		for (int nr = 0; nr <= CALL_NEWEST; nr++)
			for (int n = 0; n < 60; n++) {
				struct seccomp_data data = {.nr = nr, .arch = STAGES_ARCH};
				for (int a = 0; a < 6; a++) /* few bits, as flags are */
					data.args[a] = 1ull << random() % 40 | 1ull << random() % 12 | (uint64_t)random() % 4;
				told_only_of_what_is_allowed(families[i], &data);
			}
}
END_TEST

START_TEST(listening_anywhere_changes_nothing)
{
	const struct made *some = get(FAM_TCP_LISTEN), *any = get(FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY);

	ck_assert_uint_eq(some->count, any->count);
	ck_assert_mem_eq(some->prog, any->prog, some->count * sizeof *some->prog);
}
END_TEST

/* -- numbers */

static const struct {
	const char *name;
	int nr;
} newer[] = {
    {"cachestat", 451},         {"fchmodat2", 452},        {"map_shadow_stack", 453},
    {"futex_wake", 454},        {"futex_wait", 455},       {"futex_requeue", 456},
    {"statmount", 457},         {"listmount", 458},        {"lsm_get_self_attr", 459},
    {"lsm_set_self_attr", 460}, {"lsm_list_modules", 461}, {"mseal", 462},
    {"setxattrat", 463},        {"getxattrat", 464},       {"listxattrat", 465},
    {"removexattrat", 466},     {"open_tree_attr", 467},   {"file_getattr", 468},
    {"file_setattr", 469},
#ifdef __x86_64__
    {"uretprobe", 335},         {"uprobe", 336},
#endif
};

static void name_of(int nr, char name[64])
{
	OWNED char *resolved = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), nr);

	snprintf(name, 64, "%s", resolved ? resolved : "");
	for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
		if (newer[i].nr == nr)
			snprintf(name, 64, "%s", newer[i].name);
}

/* Beside this file. */
static FILE *open_golden(void)
{
	char path[4096] = __FILE__;
	char *slash = strrchr(path, '/');

	snprintf(slash ? slash + 1 : path, sizeof path - (size_t)(slash ? slash + 1 - path : 0), "filter_base.txt");
	return fopen(path, "re");
}

static int golden(const char *name, char verdict[32])
{
	char line[256], found[64];
	FILE *f = open_golden();

	ck_assert_ptr_nonnull(f);
	int here = 0;
	while (!here && fgets(line, sizeof line, f))
		here = line[0] != '#' && sscanf(line, "%63s %31s", found, verdict) == 2 && strcmp(found, name) == 0;
	fclose(f);
	return here;
}

static const char *word(const struct bpf_sim *sim)
{
	if (sim->looked)
		return "arguments";
	switch (sim->verdict) {
	case SECCOMP_RET_ALLOW: return "allow";
	case SECCOMP_RET_ERRNO | EPERM: return "EPERM";
	case SECCOMP_RET_ERRNO | EACCES: return "EACCES";
	case SECCOMP_RET_ERRNO | ENOSYS: return "ENOSYS";
	default: return "?";
	}
}

START_TEST(base_as_written_down)
{
	char name[64], verdict[32];

	for (int nr = 0; nr <= 600; nr++) {
		struct seccomp_data data = {.nr = nr, .arch = STAGES_ARCH};
		struct bpf_sim sim = run(0, &data);
		name_of(nr, name);
		if (!*name || nr > CALL_NEWEST) {
			ck_assert_msg(strcmp(word(&sim), "ENOSYS") == 0, "unknown call %d: %s", nr, word(&sim));
			continue;
		}
		ck_assert_msg(golden(name, verdict), "filter_base.txt lacks: %s %s", name, word(&sim));
		ck_assert_msg(strcmp(verdict, word(&sim)) == 0, "%s (%d) is %s, not %s", name, nr, word(&sim), verdict);
	}
}
END_TEST

START_TEST(unknown_numbers)
{
	static const uint32_t families[] = {0, FAM_ALL, FAM_ALL & ~(uint32_t)FAM_APPENDS};

	srandom(1);
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		for (uint32_t n = 0; n < 20000; n++) {
			uint32_t high = n < 1000 ? n | 0x40000000u : (uint32_t)random() << 1 | (n & 1);
			struct seccomp_data data = {.nr = (int)(n < 2 ? ~n : high), .arch = STAGES_ARCH};
			if ((uint32_t)data.nr > CALL_NEWEST)
				ck_assert_uint_eq(run(families[i], &data).verdict, SECCOMP_RET_ERRNO | ENOSYS);
		}
}
END_TEST

START_TEST(foreign_architectures)
{
	static const uint32_t arch[] = {AUDIT_ARCH_I386,    AUDIT_ARCH_X86_64, AUDIT_ARCH_ARM,
					AUDIT_ARCH_AARCH64, AUDIT_ARCH_MIPS64, 0,
					UINT32_MAX,         STAGES_ARCH ^ 1,   STAGES_ARCH & ~0x80000000u};

	for (size_t i = 0; i < sizeof arch / sizeof *arch; i++)
		for (int nr = -1; nr <= 600; nr++) {
			struct seccomp_data data = {.nr = nr, .arch = arch[i]};
			if (arch[i] != STAGES_ARCH) {
				ck_assert_uint_eq(run(0, &data).verdict, SECCOMP_RET_KILL_PROCESS);
				ck_assert_uint_eq(run(FAM_ALL, &data).verdict, SECCOMP_RET_KILL_PROCESS);
			}
		}
}
END_TEST

/* -- the program itself */

START_TEST(unknown_family)
{
	struct image_insn *prog = NULL;
	struct err err = {{0}};
	uint32_t count;

	ck_assert_int_eq(filter_make(1u << 31, &prog, &count, &err), -EINVAL);
	ck_assert_ptr_null(prog);
	ck_assert_ptr_nonnull(strstr(err.text, "0x80000000"));
}
END_TEST

START_TEST(placeholder_only_where_it_is_compared)
{
	OWNED struct image_insn *prog = NULL;
	uint32_t count;
	unsigned int places = 0;

	ck_assert_int_eq(filter_make(0, &prog, &count, NULL), 0);
	for (uint32_t i = 0; i < count; i++)
		if (prog[i].k == FILTER_SELF) {
			ck_assert_uint_eq(prog[i].code, BPF_JMP | BPF_JEQ | BPF_K);
			places++;
		}
	ck_assert_uint_gt(places, 0);
	ck_assert_uint_eq(bpf_sim_self(prog, count, 7), places);
}
END_TEST

/* Each run of values in the tables is written as its first value under a mask of high bits: a value with bits outside never
 * matches. */
START_TEST(tables_can_match)
{
	static const struct {
		const struct call_rule *at;
		const size_t *count;
	} table[] = {
	    {call_refused, &call_refused_count},
	    {call_notified, &call_notified_count},
	    {call_allowed, &call_allowed_count},
	    {call_otherwise, &call_otherwise_count},
	};

	for (size_t t = 0; t < sizeof table / sizeof *table; t++)
		for (size_t i = 0; i < *table[t].count; i++)
			for (size_t a = 0; a < CALL_ARGS; a++) {
				const struct arg_is *is = &table[t].at[i].is[a];
				ck_assert_msg(!(is->value & ~is->mask), "table %zu, rule %zu", t, i);
				ck_assert_uint_lt(is->arg, 6);
				if (is->value == FILTER_SELF)
					ck_assert_uint_eq(is->mask, UINT32_MAX);
			}
}
END_TEST

/* In a child: the kernel takes the program, and the calls that follow get what they should. */
static int try_here(uint32_t families)
{
	struct image_insn *prog;
	uint32_t count;

	if (filter_make(families, &prog, &count, NULL) < 0)
		return 1;
	bpf_sim_self(prog, count, (uint32_t)getpid());
	const struct sock_fprog fprog = {.len = (unsigned short)count, .filter = (struct sock_filter *)(void *)prog};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog) < 0)
		return 2;
	if (kill(getpid(), 0) < 0 || syscall(SYS_gettid) < 0)
		return 3;
	if ((kill(getppid(), 0) == 0) != !!(families & FAM_PROC))
		return 4;
	if (syscall(SYS_keyctl, 0, 0) >= 0 || errno != EPERM || syscall(SYS_clone3, NULL, 0) >= 0 || errno != ENOSYS)
		return 5;
	return syscall(470) >= 0 || errno != ENOSYS ? 6 : 0;
}

START_TEST(kernel_takes_it)
{
	static const uint32_t families[] = {
	    0, FAM_PROC, FAM_ALL, FAM_ALL & ~(uint32_t)FAM_APPENDS, FAM_PROMISES, FAM_TCP_CONNECT};
	int status;

	pid_t pid = fork();
	if (pid == 0)
		_exit(try_here(families[_i]));
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "families %#x: status %#x", families[_i], status);
}
END_TEST

Suite *filter_suite(void)
{
	Suite *suite = suite_create("filter");
	TCase *rows = tcase_create("rows"), *numbers = tcase_create("numbers"), *program = tcase_create("program");

	tcase_set_timeout(rows, 60);
	tcase_set_timeout(numbers, 60);
	tcase_add_test(rows, every_row);
	tcase_add_test(rows, every_family_has_rows);
	tcase_add_test(rows, who_looks_on_allows_nothing);
	tcase_add_test(rows, listening_anywhere_changes_nothing);
	tcase_add_test(numbers, base_as_written_down);
	tcase_add_test(numbers, unknown_numbers);
	tcase_add_test(numbers, foreign_architectures);
	tcase_add_test(program, unknown_family);
	tcase_add_test(program, placeholder_only_where_it_is_compared);
	tcase_add_test(program, tables_can_match);
	tcase_add_loop_test(program, kernel_takes_it, 0, 6);
	suite_add_tcase(suite, rows);
	suite_add_tcase(suite, numbers);
	suite_add_tcase(suite, program);
	return suite;
}

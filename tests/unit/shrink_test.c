#include <check.h>
#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../../policy/calls.h"
#include "../../policy/families.h"
#include "../../policy/filter.h"
#include "../../policy/shrink.h"
#include "../../policy/stages.h"
#include "bpf_sim.h"
#include "owned.h"

Suite *shrink_suite(void);

#define LD(offset) ((struct image_insn){BPF_LD | BPF_W | BPF_ABS, 0, 0, offset})
#define LD_ARCH LD(offsetof(struct seccomp_data, arch))
#define LD_NR LD(offsetof(struct seccomp_data, nr))
#define LD_ARG(n) LD((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (n)))
#define JUMP(op, k, jt, jf) ((struct image_insn){BPF_JMP | BPF_##op | BPF_K, jt, jf, k})
#define RET(k) ((struct image_insn){BPF_RET | BPF_K, 0, 0, k})
#define ERROR(n) (SECCOMP_RET_ERRNO | (n))

struct pair {
	struct image_insn *plain, *small;
	uint32_t plain_count, small_count;
};

static void pair_free(const struct pair *p)
{
	free(p->plain);
	free(p->small);
}
#define OWNED_PAIR __attribute__((cleanup(pair_free)))

static void same(const struct pair *p, const struct seccomp_data *data)
{
	struct bpf_sim plain, small;

	if (bpf_sim_run(p->plain, p->plain_count, data, &plain) < 0 || bpf_sim_run(p->small, p->small_count, data, &small) < 0)
		ck_abort_msg("call %d leads out of the program", data->nr);
	if (plain.verdict != small.verdict) /* an assertion is a system call or two, too many here */
		ck_abort_msg("call %d (%#llx, %#llx, %#llx, %#llx, %#llx, %#llx), %#x: %#x became %#x", data->nr, data->args[0],
			     data->args[1], data->args[2], data->args[3], data->args[4], data->args[5], data->arch,
			     plain.verdict, small.verdict);
}

static uint64_t any64(void)
{
	return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ (uint64_t)random();
}

/* Each number, arguments or none. */
static void same_for_numbers(const struct pair *p, uint32_t last)
{
	static const uint32_t arch[] = {STAGES_ARCH, 0, STAGES_ARCH + 1, STAGES_ARCH - 1, 0x40000003, UINT32_MAX};

	for (uint32_t n = 0; n < 2 * last; n++)
		for (size_t a = 0; a < sizeof arch / sizeof *arch; a++) {
			struct seccomp_data data = {.nr = (int)(n < last ? n : (uint32_t)any64()), .arch = arch[a]};
			same(p, &data);
			memset(data.args, 0xff, sizeof data.args);
			same(p, &data);
			for (int i = 0; i < 6; i++)
				data.args[i] = any64();
			same(p, &data);
			data.nr |= 0x40000000;
			same(p, &data);
		}
}

static const struct {
	const struct call_rule *at;
	const size_t *count;
} tables[] = {
    {call_refused, &call_refused_count},
    {call_notified, &call_notified_count},
    {call_allowed, &call_allowed_count},
    {call_otherwise, &call_otherwise_count},
};
#define TABLES (sizeof tables / sizeof *tables)

static void obey(struct seccomp_data *data, const struct call_rule *rule, uint32_t self)
{
	for (size_t i = 0; i < CALL_ARGS; i++) {
		const struct arg_is *is = &rule->is[i];
		uint32_t value = is->value == FILTER_SELF ? self : is->value;
		if (is->pointer)
			data->args[is->arg] = 1ull << random() % 64;
		else if (is->mask)
			data->args[is->arg] = (data->args[is->arg] & ~(uint64_t)is->mask) | value;
	}
}

/* Each rule's own arguments, and all that differ in one bit or by one, in both halves of the register. */
static void same_for_rules(const struct pair *p, uint32_t self)
{
	for (size_t t = 0; t < TABLES; t++)
		for (size_t i = 0; i < *tables[t].count; i++) {
			struct seccomp_data data = {.nr = tables[t].at[i].nr, .arch = STAGES_ARCH};
			if (data.nr < 0)
				continue;
			obey(&data, &tables[t].at[i], self);
			same(p, &data);
			for (unsigned int bit = 0; bit < 6 * 64; bit++) {
				data.args[bit / 64] ^= 1ull << bit % 64;
				same(p, &data);
				data.args[bit / 64] ^= 1ull << bit % 64;
			}
			for (int a = 0; a < 12; a++) {
				data.args[a / 2] += a % 2 ? 1u : UINT64_MAX;
				same(p, &data);
				data.args[a / 2] -= a % 2 ? 1u : UINT64_MAX;
			}
		}
}

/* Arguments put together from those of several rules for the same call, and from the numbers that the program compares with. */
static void same_for_mixtures(const struct pair *p, uint32_t self, unsigned int rounds)
{
	while (rounds-- > 0) {
		const size_t which = (size_t)random() % (TABLES - 1);
		const struct call_rule *table = tables[which].at;
		const size_t count = *tables[which].count;
		const struct call_rule *rule = &table[(size_t)random() % count];
		struct seccomp_data data = {.nr = rule->nr, .arch = STAGES_ARCH};
		for (int a = 0; a < 6; a++)
			switch (random() % 4) {
			case 0: data.args[a] = any64(); break;
			case 1:
				data.args[a] = p->plain[(size_t)random() % p->plain_count].k + (uint32_t)(random() % 3 - 1);
				break;
			default: break;
			}
		for (size_t i = (size_t)random() % 4; i > 0; i--) {
			const struct call_rule *other = &table[(size_t)random() % count];
			if (other->nr == rule->nr)
				obey(&data, other, self);
		}
		if (random() % 2)
			obey(&data, rule, self);
		same(p, &data);
	}
}

static void compare(uint32_t families, uint32_t self, unsigned int rounds)
{
	OWNED_PAIR struct pair p = {NULL, NULL, 0, 0};
	struct err err = {{0}};

	ck_assert_msg(stages_make(families, &p.plain, &p.plain_count, &err) == 0, "%s", err.text);
	ck_assert_msg(filter_make(families, &p.small, &p.small_count, &err) == 0, "%s", err.text);
	ck_assert_int_eq(bpf_sim_check(p.plain, p.plain_count), 0);
	ck_assert_int_eq(bpf_sim_check(p.small, p.small_count), 0);
	ck_assert_uint_lt(p.small_count, p.plain_count / 2);
	bpf_sim_self(p.plain, p.plain_count, self);
	bpf_sim_self(p.small, p.small_count, self);
	same_for_numbers(&p, CALL_NEWEST + 20);
	same_for_rules(&p, self);
	same_for_mixtures(&p, self, rounds);
}

START_TEST(each_family)
{
	srandom(1);
	compare(0, 4711, 50000);
	for (uint32_t bit = 1; bit < FAM_ALL; bit <<= 1)
		if (bit & FAM_ALL) {
			compare(bit, 4711, 2000);
			compare(FAM_ALL & ~bit, 4711, 2000);
		}
}
END_TEST

START_TEST(families_together)
{
	srandom(2);
	compare(FAM_ALL, 4711, 50000);
	compare(FAM_ALL & ~(uint32_t)FAM_APPENDS, 4711, 50000);
	for (int i = 0; i < 60; i++)
		compare((uint32_t)any64() & (uint32_t)(i % 2 ? any64() : UINT32_MAX) & FAM_ALL, 4711, 5000);
}
END_TEST

/* The placeholder stands for a number that may be any: lower or higher than what it is compared beside. */
START_TEST(any_process_id)
{
	static const uint32_t self[] = {1, 2, 7, 8, 9, 300, 4194304, 0x7fffffff, FILTER_SELF};

	srandom(3);
	for (size_t i = 0; i < sizeof self / sizeof *self; i++)
		compare(0, self[i], 20000);
}
END_TEST

/* -- programs by hand */

static int shrink_of(const struct image_insn *in, uint32_t count, struct pair *p)
{
	p->plain = malloc(count * sizeof *in);
	ck_assert_ptr_nonnull(p->plain);
	memcpy(p->plain, in, count * sizeof *in);
	p->plain_count = count;
	return shrink(in, count, STAGES_ARCH, &p->small, &p->small_count, NULL);
}

/* The parts of a call that it must not forget: ARCH kills, then NR, then what is given. */
#define HEAD LD_ARCH, JUMP(JEQ, STAGES_ARCH, 1, 0), RET(SECCOMP_RET_KILL_PROCESS), LD_NR

#define REFUSED(...)                                                                                \
	do {                                                                                        \
		static const struct image_insn insns_[] = {__VA_ARGS__};                            \
		OWNED_PAIR struct pair p_ = {NULL, NULL, 0, 0};                                     \
		ck_assert_int_eq(shrink_of(insns_, sizeof insns_ / sizeof *insns_, &p_), -ENOTSUP); \
	} while (0)

#define SHRUNK(length, ...)                                                                  \
	do {                                                                                 \
		static const struct image_insn insns_[] = {__VA_ARGS__};                     \
		OWNED_PAIR struct pair p_ = {NULL, NULL, 0, 0};                              \
		ck_assert_int_eq(shrink_of(insns_, sizeof insns_ / sizeof *insns_, &p_), 0); \
		ck_assert_int_eq(bpf_sim_check(p_.small, p_.small_count), 0);                \
		same_for_numbers(&p_, 300);                                                  \
		ck_assert_uint_eq(p_.small_count, length);                                   \
	} while (0)

START_TEST(not_understood)
{
	/* another instruction */
	REFUSED(HEAD, {BPF_MISC | BPF_TAX, 0, 0, 0}, RET(SECCOMP_RET_ALLOW));
	REFUSED(HEAD, {BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1}, RET(SECCOMP_RET_ALLOW));
	REFUSED(HEAD, {BPF_RET | BPF_A, 0, 0, 0});
	/* a mask over the number, of which only the edges are looked at */
	REFUSED(HEAD, {BPF_ALU | BPF_AND | BPF_K, 0, 0, 1}, JUMP(JEQ, 1, 0, 1), RET(SECCOMP_RET_ALLOW), RET(ERROR(1)));
	REFUSED(HEAD, JUMP(JSET, 1, 0, 1), RET(SECCOMP_RET_ALLOW), RET(ERROR(1)));
	/* other architectures told apart, or asked for the number */
	REFUSED(LD_ARCH, JUMP(JEQ, STAGES_ARCH, 0, 1), RET(SECCOMP_RET_ALLOW), JUMP(JEQ, 7, 0, 1), RET(ERROR(1)),
		RET(ERROR(2)));
	REFUSED(LD_ARCH, JUMP(JEQ, 7, 0, 2), LD_NR, JUMP(JEQ, 7, 0, 0), RET(ERROR(1)));
	/* out of the program, out of the data */
	REFUSED(HEAD, JUMP(JEQ, 3, 9, 0), RET(SECCOMP_RET_ALLOW));
	REFUSED(HEAD, {BPF_JMP | BPF_JA, 0, 0, UINT32_MAX}, RET(SECCOMP_RET_ALLOW));
	REFUSED(HEAD);
	REFUSED(HEAD, LD(sizeof(struct seccomp_data)), RET(SECCOMP_RET_ALLOW));
	REFUSED(HEAD, LD(offsetof(struct seccomp_data, args) + 2), RET(SECCOMP_RET_ALLOW));
	REFUSED(HEAD, LD(offsetof(struct seccomp_data, instruction_pointer)), RET(SECCOMP_RET_ALLOW));
}
END_TEST

/* Elsewhere than in an equality the launcher's number would change what the program does. */
START_TEST(placeholder_misplaced)
{
	static const struct image_insn as_verdict[] = {HEAD, JUMP(JEQ, 3, 0, 1), RET(FILTER_SELF), RET(SECCOMP_RET_ALLOW)};
	static const struct image_insn as_bound[] = {HEAD, LD_ARG(0), JUMP(JGE, FILTER_SELF, 0, 1), RET(ERROR(1)),
						     RET(SECCOMP_RET_ALLOW)};
	static const struct image_insn as_bits[] = {HEAD, LD_ARG(0), JUMP(JSET, FILTER_SELF, 0, 1), RET(ERROR(1)),
						    RET(SECCOMP_RET_ALLOW)};
	static const struct image_insn as_equal[] = {HEAD, LD_ARG(0), JUMP(JEQ, FILTER_SELF, 0, 1), RET(ERROR(1)),
						     RET(SECCOMP_RET_ALLOW)};
	OWNED_PAIR struct pair verdict = {NULL, NULL, 0, 0}, bound = {NULL, NULL, 0, 0}, bits = {NULL, NULL, 0, 0};
	OWNED_PAIR struct pair equal = {NULL, NULL, 0, 0};

	ck_assert_int_eq(shrink_of(as_verdict, sizeof as_verdict / sizeof *as_verdict, &verdict), -EPROTO);
	ck_assert_int_eq(shrink_of(as_bound, sizeof as_bound / sizeof *as_bound, &bound), -EPROTO);
	ck_assert_int_eq(shrink_of(as_bits, sizeof as_bits / sizeof *as_bits, &bits), -EPROTO);
	ck_assert_int_eq(shrink_of(as_equal, sizeof as_equal / sizeof *as_equal, &equal), 0);
	ck_assert_ptr_null(verdict.small);
}
END_TEST

/* Among many values that one argument is compared with: put in order they must not count on where the placeholder's will be. */
START_TEST(placeholder_among_values)
{
	static const uint32_t self[] = {0, 1, 5, 6, 31, 59, 61, 1000, UINT32_MAX};
	static const struct image_insn head[] = {HEAD, LD_ARG(0), JUMP(JEQ, FILTER_SELF, 0, 1), RET(SECCOMP_RET_ALLOW)};

	for (size_t s = 0; s < sizeof self / sizeof *self; s++) {
		OWNED_PAIR struct pair p = {NULL, NULL, 0, 0};
		struct image_insn insns[64];
		uint32_t n = sizeof head / sizeof *head;
		memcpy(insns, head, sizeof head);
		for (uint32_t i = 0; i < 20; i++) {
			insns[n++] = JUMP(JEQ, 3 * i, 0, 1);
			insns[n++] = RET(ERROR(1 + i % 3));
		}
		insns[n++] = RET(ERROR(9));
		ck_assert_int_eq(shrink_of(insns, n, &p), 0);
		ck_assert_uint_eq(bpf_sim_self(p.plain, p.plain_count, self[s]), 1);
		ck_assert_uint_eq(bpf_sim_self(p.small, p.small_count, self[s]), 1);
		for (uint64_t a = 0; a < 1100; a++) {
			struct seccomp_data data = {.nr = 1, .arch = STAGES_ARCH, .args = {a < 1090 ? a : UINT32_MAX}};
			same(&p, &data);
		}
	}
}
END_TEST

/* Two bits that have to be set both: another question than whether any is. */
START_TEST(mask_of_two_bits)
{
	static const struct image_insn insns[] = {
	    HEAD, LD_ARG(0), {BPF_ALU | BPF_AND | BPF_K, 0, 0, 12}, JUMP(JEQ, 12, 0, 1), RET(SECCOMP_RET_ALLOW), RET(ERROR(1))};
	OWNED_PAIR struct pair p = {NULL, NULL, 0, 0};

	ck_assert_int_eq(shrink_of(insns, sizeof insns / sizeof *insns, &p), 0);
	for (uint64_t a = 0; a < 64; a++) {
		struct seccomp_data data = {.nr = 1, .arch = STAGES_ARCH, .args = {a}};
		same(&p, &data);
	}
}
END_TEST

START_TEST(fewer_instructions)
{
	/* load and compare arch, two verdicts: nothing is left of the rest */
	SHRUNK(4, HEAD, JUMP(JEQ, 3, 0, 1), RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_ALLOW));
	/* one lonely number is asked for by name */
	SHRUNK(7, HEAD, JUMP(JGE, 3, 0, 2), JUMP(JGE, 4, 1, 0), RET(ERROR(1)), RET(SECCOMP_RET_ALLOW));
	/* the same argument is loaded once, and neighbours become a run */
	SHRUNK(8, HEAD, LD_ARG(1), JUMP(JEQ, 5, 6, 0), LD_ARG(1), JUMP(JEQ, 6, 4, 0), LD_ARG(1), JUMP(JEQ, 7, 2, 0), LD_ARG(1),
	       RET(ERROR(1)), RET(SECCOMP_RET_ALLOW));
	/* a mask of one bit needs no mask */
	SHRUNK(7, HEAD, LD_ARG(0), {BPF_ALU | BPF_AND | BPF_K, 0, 0, 8}, JUMP(JEQ, 8, 0, 1), RET(SECCOMP_RET_ALLOW),
	       RET(ERROR(1)));
	/* a comparison that cannot hold */
	SHRUNK(4, HEAD, LD_ARG(0), {BPF_ALU | BPF_AND | BPF_K, 0, 0, 8}, JUMP(JEQ, 9, 0, 1), RET(ERROR(1)),
	       RET(SECCOMP_RET_ALLOW));
}
END_TEST

/* Call n < CALLS compares argument 0 with n; else a question that all share stands far from most. */
static uint32_t long_program(struct image_insn *insns, uint32_t calls)
{
	static const struct image_insn head[] = {HEAD};
	const struct image_insn tail[] = {LD_ARG(1), JUMP(JEQ, 7, 0, 1), RET(ERROR(1)), RET(ERROR(2))};
	uint32_t n = sizeof head / sizeof *head;

	memcpy(insns, head, sizeof head);
	for (uint32_t call = 0; call < calls; call++) {
		insns[n++] = JUMP(JEQ, call, 0, 4);
		insns[n++] = LD_ARG(0);
		insns[n++] = JUMP(JEQ, call, 0, 1);
		insns[n++] = RET(SECCOMP_RET_ALLOW);
		insns[n] = (struct image_insn){BPF_JMP | BPF_JA, 0, 0, 5 * (calls - call) - 5};
		n++;
	}
	memcpy(insns + n, tail, sizeof tail);
	return n + (uint32_t)(sizeof tail / sizeof *tail);
}

START_TEST(far_jumps)
{
	OWNED_PAIR struct pair p = {NULL, NULL, 0, 0};
	OWNED struct image_insn *insns = calloc(16384, sizeof *insns);

	ck_assert_ptr_nonnull(insns);
	ck_assert_int_eq(shrink_of(insns, long_program(insns, 700), &p), 0);
	ck_assert_int_eq(bpf_sim_check(p.small, p.small_count), 0);
	ck_assert_uint_gt(p.small_count, 3 * 700);
	same_for_numbers(&p, 710);
	for (uint32_t n = 0; n < 710; n++)
		for (uint32_t a = 0; a < 4; a++) {
			struct seccomp_data data = {.nr = (int)n, .arch = STAGES_ARCH, .args = {n + a % 2, 6 + a / 2}};
			same(&p, &data);
		}
}
END_TEST

/* More comparisons of one field than are put in order: they stay as they are. */
START_TEST(long_region)
{
	enum { VALUES = 700 };
	static const struct image_insn head[] = {HEAD, LD_ARG(0)};
	OWNED_PAIR struct pair p = {NULL, NULL, 0, 0};
	struct image_insn insns[5 + 2 * VALUES + 1];
	uint32_t n = sizeof head / sizeof *head;

	memcpy(insns, head, sizeof head);
	for (uint32_t i = 0; i < VALUES; i++) {
		insns[n++] = JUMP(JEQ, 3 * i, 0, 1);
		insns[n++] = RET(ERROR(1 + i % 3));
	}
	insns[n++] = RET(SECCOMP_RET_ALLOW);
	ck_assert_int_eq(shrink_of(insns, n, &p), 0);
	ck_assert_int_eq(bpf_sim_check(p.small, p.small_count), 0);
	for (uint32_t a = 0; a < 4 * VALUES; a++) {
		struct seccomp_data data = {.nr = 1, .arch = STAGES_ARCH, .args = {a}};
		same(&p, &data);
	}
}
END_TEST

START_TEST(too_long)
{
	OWNED_PAIR struct pair p = {NULL, NULL, 0, 0};
	OWNED struct image_insn *insns = calloc(32768, sizeof *insns);

	ck_assert_ptr_nonnull(insns);
	ck_assert_int_eq(shrink_of(insns, long_program(insns, 2000), &p), -E2BIG);
	ck_assert_ptr_null(p.small);
}
END_TEST

START_TEST(too_many_decisions)
{
	OWNED_PAIR struct pair p = {NULL, NULL, 0, 0};
	OWNED struct image_insn *insns = calloc(32768, sizeof *insns);

	ck_assert_ptr_nonnull(insns);
	ck_assert_int_eq(shrink_of(insns, long_program(insns, 5000), &p), -E2BIG);
	ck_assert_ptr_null(p.small);
}
END_TEST

Suite *shrink_suite(void)
{
	Suite *suite = suite_create("shrink");
	TCase *equal = tcase_create("equal"), *hand = tcase_create("by hand");

	tcase_set_timeout(equal, 120);
	tcase_set_timeout(hand, 60);
	tcase_add_test(equal, each_family);
	tcase_add_test(equal, families_together);
	tcase_add_test(equal, any_process_id);
	tcase_add_test(hand, not_understood);
	tcase_add_test(hand, placeholder_misplaced);
	tcase_add_test(hand, placeholder_among_values);
	tcase_add_test(hand, mask_of_two_bits);
	tcase_add_test(hand, fewer_instructions);
	tcase_add_test(hand, far_jumps);
	tcase_add_test(hand, long_region);
	tcase_add_test(hand, too_long);
	tcase_add_test(hand, too_many_decisions);
	suite_add_tcase(suite, equal);
	suite_add_tcase(suite, hand);
	return suite;
}

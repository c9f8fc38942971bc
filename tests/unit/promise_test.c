/* The filter of endow_promise(3) against the compiler's own filters, which another way leads to. */
#include <check.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "../../policy/calls.h"
#include "../../policy/families.h"
#include "../../policy/filter.h"
#include "../../policy/promise_filter.h"
#include "../../policy/stages.h"
#include "bpf_sim.h"
#include "filter_rows.h"

Suite *promise_suite(void);

#define GRANTS (FAM_TCP | FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN_ANY | FAM_UDP | FAM_UNIX | FAM_NOTIFY)
#define SETS 40u

struct program {
	struct image_insn *at;
	uint32_t count;
};

static struct program made(uint32_t families)
{
	struct program p = {0};
	struct err err = {{0}};

	ck_assert_msg(filter_make(families, &p.at, &p.count, &err) == 0, "%s", err.text);
	bpf_sim_self(p.at, p.count, ROW_SELF);
	return p;
}

/* What endow_promise() does with its copy. */
static struct program promised(uint32_t promises)
{
	struct program p = {0};
	struct err err = {{0}};
	unsigned int loads = 0;

	ck_assert_msg(promise_filter_make(&p.at, &p.count, &err) == 0, "%s", err.text);
	for (uint32_t i = 0; i < p.count; i++)
		if (p.at[i].code == PROMISE_LOAD_CODE) {
			p.at[i].k = promises;
			loads++;
		}
	ck_assert_uint_gt(loads, 0);
	ck_assert_uint_gt(bpf_sim_self(p.at, p.count, ROW_SELF), 0);
	ck_assert_int_eq(bpf_sim_check(p.at, p.count), 0);
	return p;
}

static uint32_t ask(const struct program *p, const struct seccomp_data *data)
{
	struct bpf_sim sim;

	if (bpf_sim_run(p->at, p->count, data, &sim) < 0)
		ck_abort_msg("call %d leads out of the program", data->nr);
	return sim.verdict;
}

/* None, all, each alone, all but each, and some more. */
static uint32_t set(uint32_t i)
{
	const uint32_t bits = (uint32_t)__builtin_popcount(FAM_PROMISES);

	if (i < 2)
		return i ? FAM_PROMISES : 0;
	i -= 2;
	if (i < 2 * bits)
		return i < bits ? 1u << i : FAM_PROMISES & ~(1u << (i - bits));
	return (uint32_t)random() & FAM_PROMISES;
}

/* The filters that say what is expected under one set of promises. */
struct oracle {
	uint32_t promises;
	struct program ours;
	struct program with_ioctl, without_ioctl; /* every grant, with and without `ioctl` */
	struct program promised_all;              /* without_ioctl with every promise */
};

static void begin(struct oracle *o, uint32_t promises)
{
	o->promises = promises;
	o->ours = promised(promises);
	o->with_ioctl = made(promises | GRANTS | FAM_IOCTL);
	o->without_ioctl = made(promises | GRANTS);
	o->promised_all = made(FAM_PROMISES | GRANTS);
}

static void end(struct oracle *o)
{
	free(o->ours.at);
	free(o->with_ioctl.at);
	free(o->without_ioctl.at);
	free(o->promised_all.at);
}

static void expect_same(const struct oracle *o, const struct seccomp_data *data)
{
	uint32_t want = ask(&o->with_ioctl, data);

	if (data->arch == STAGES_ARCH && data->nr == S(ioctl) && ask(&o->promised_all, data) == SECCOMP_RET_ALLOW &&
	    ask(&o->without_ioctl, data) != SECCOMP_RET_ALLOW)
		want = SECCOMP_RET_ERRNO | EPERM;
	const uint32_t got = ask(&o->ours, data);
	if (got != want)
		ck_abort_msg("call %d (%#llx %#llx %#llx) under %#x: %#x instead of %#x", data->nr,
			     (unsigned long long)data->args[0], (unsigned long long)data->args[1],
			     (unsigned long long)data->args[2], o->promises, got, want);
}

/* A value that some rule compares with, or nearly. */
static uint64_t telling(void)
{
	const size_t i = (size_t)random() % call_allowed_count, n = (size_t)random() % CALL_ARGS;
	const uint32_t value = call_allowed[i].is[n].value ^ (random() % 4 ? 0 : 1u << random() % 32);

	return (value == FILTER_SELF ? ROW_SELF : value) | (random() % 4 ? 0 : 0xdeadbeef00000000u);
}

static void expect_everything(const struct oracle *o)
{
	for (size_t i = 0; i < filter_rows_count; i++) {
		struct seccomp_data data = {.nr = filter_rows[i].nr, .arch = STAGES_ARCH};
		memcpy(data.args, filter_rows[i].arg, sizeof data.args);
		expect_same(o, &data);
	}
	for (uint32_t i = 0; i < 10000; i++) {
		const struct call_rule *r = &call_allowed[(size_t)random() % call_allowed_count];
		struct seccomp_data data = {.nr = i % 2 ? r->nr : (int)(i / 2 % (CALL_NEWEST + 20)), .arch = STAGES_ARCH};
		for (size_t n = 0; n < 6; n++)
			data.args[n] = random() % 8 ? telling() : 0;
		for (size_t n = 0; i % 4 == 1 && n < CALL_ARGS && r->is[n].mask; n++)
			data.args[r->is[n].arg] = r->is[n].value == FILTER_SELF ? ROW_SELF : r->is[n].value;
		expect_same(o, &data);
	}
	for (int nr = -1; nr < 600; nr++) {
		expect_same(o, &(struct seccomp_data){.nr = nr, .arch = AUDIT_ARCH_I386});
		expect_same(o, &(struct seccomp_data){.nr = nr | 0x40000000, .arch = STAGES_ARCH});
	}
}

START_TEST(as_the_compiler_has_it)
{
	struct oracle o;

	srandom((unsigned int)_i + 1);
	begin(&o, set((uint32_t)_i));
	expect_everything(&o);
	end(&o);
}
END_TEST

/* Whatever is promised less is allowed less: a second filter can only take away what the first one leaves. */
START_TEST(each_promise_opens_something_and_closes_nothing)
{
	for (uint32_t bit = 1; bit & FAM_PROMISES; bit <<= 1) {
		struct program less = promised(FAM_PROMISES & ~bit), more = promised(FAM_PROMISES);
		struct program none = promised(0), alone = promised(bit);
		unsigned int opened = 0;
		srandom(bit);
		for (uint32_t i = 0; i < 8000; i++) {
			const struct call_rule *r = &call_allowed[(size_t)random() % call_allowed_count];
			struct seccomp_data data = {.nr = i % 2 ? r->nr : (int)(i / 2 % CALL_NEWEST), .arch = STAGES_ARCH};
			for (size_t n = 0; n < 6; n++)
				data.args[n] = telling();
			for (size_t n = 0; i % 4 == 1 && n < CALL_ARGS && r->is[n].mask; n++)
				data.args[r->is[n].arg] = r->is[n].value;
			if ((ask(&less, &data) == SECCOMP_RET_ALLOW && ask(&more, &data) != SECCOMP_RET_ALLOW) ||
			    (ask(&none, &data) == SECCOMP_RET_ALLOW && ask(&alone, &data) != SECCOMP_RET_ALLOW))
				ck_abort_msg("promise %#x closes call %d", bit, data.nr);
			opened += ask(&none, &data) != SECCOMP_RET_ALLOW && ask(&alone, &data) == SECCOMP_RET_ALLOW;
		}
		ck_assert_msg(opened > 0, "promise %#x opens nothing", bit);
		free(less.at);
		free(more.at);
		free(none.at);
		free(alone.at);
	}
}
END_TEST

Suite *promise_suite(void)
{
	Suite *s = suite_create("promise");
	TCase *tc = tcase_create("promise");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, as_the_compiler_has_it, 0, SETS);
	tcase_add_test(tc, each_promise_opens_something_and_closes_nothing);
	suite_add_tcase(s, tc);
	return s;
}

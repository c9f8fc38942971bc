#include "promise_filter.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "calls.h"
#include "families.h"
#include "owned.h"
#include "shrink.h"
#include "stages.h"

/* What no promise opens, but a grant: it stays as the sandbox has it. Append families only ever close, and are left out. */
#define GRANTED (FAM_TCP | FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN_ANY | FAM_UDP | FAM_UNIX | FAM_NOTIFY | FAM_IOCTL)

/* The promises are asked for as if they were a field of the call: the half of an argument that no rule looks at. */
#define PROMISES ((uint32_t)offsetof(struct seccomp_data, args[5]) + 4)
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "which half a rule looks at");

#define NR ((uint32_t)offsetof(struct seccomp_data, nr))
#define PLAIN_MAX 16384u /* instructions, before they are shrunk */

struct plain {
	uint32_t count;
	int full;
	struct image_insn at[PLAIN_MAX];
};

static void put(struct plain *p, uint32_t code, uint32_t k)
{
	if (p->count == PLAIN_MAX)
		p->full = 1;
	else
		p->at[p->count++] = (struct image_insn){.code = (uint16_t)code, .k = k};
}

/* What follows up to rule_end() is passed over unless the field, masked, answers the question with YES. */
static void only_if(struct plain *p, uint32_t field, uint32_t mask, uint32_t op, uint32_t k, int yes)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, field);
	if (mask != UINT32_MAX)
		put(p, BPF_ALU | BPF_AND | BPF_K, mask);
	put(p, BPF_JMP | op | BPF_K, k);
	struct image_insn *i = &p->at[p->count - 1];
	i->jt = yes ? 0 : UINT8_MAX;
	i->jf = yes ? UINT8_MAX : 0;
}

static void rule_end(struct plain *p, uint32_t start, uint32_t verdict)
{
	put(p, BPF_RET | BPF_K, verdict);
	for (uint32_t i = start; i < p->count; i++) {
		if (BPF_CLASS(p->at[i].code) != BPF_JMP)
			continue;
		if (p->count - i - 1 >= UINT8_MAX)
			p->full = 1;
		uint8_t *over = p->at[i].jt ? &p->at[i].jt : &p->at[i].jf;
		*over = (uint8_t)(p->count - i - 1);
	}
}

static uint32_t verdict_of(int error)
{
	return error ? SECCOMP_RET_ERRNO | (uint32_t)error : SECCOMP_RET_ALLOW;
}

static void put_rule(struct plain *p, const struct call_rule *r, uint32_t promised, uint32_t not_promised, uint32_t verdict)
{
	const uint32_t start = p->count;

	if (r->nr < 0)
		return;
	only_if(p, NR, UINT32_MAX, BPF_JEQ, (uint32_t)r->nr, 1);
	if (promised)
		only_if(p, PROMISES, UINT32_MAX, BPF_JSET, promised, 1);
	if (not_promised)
		only_if(p, PROMISES, UINT32_MAX, BPF_JSET, not_promised, 0);
	for (unsigned int n = 0; n < CALL_ARGS && r->is[n].mask; n++)
		only_if(p, (uint32_t)offsetof(struct seccomp_data, args) + 8 * r->is[n].arg, r->is[n].mask, BPF_JEQ,
			r->is[n].value, 1);
	rule_end(p, start, verdict);
}

static void put_rules(struct plain *p, const struct call_rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct call_rule *r = &rules[i];
		const uint32_t any = r->any & GRANTED ? 0 : r->any;
		if (!(r->unless & GRANTED) && (!any || any & FAM_PROMISES))
			put_rule(p, r, any & FAM_PROMISES, r->unless & FAM_PROMISES, verdict_of(r->error));
	}
}

/* Commands that a promise opens one by one, and a grant all at once: without the promise they go, whatever is granted. */
static void put_commands(struct plain *p)
{
	for (size_t i = 0; i < call_allowed_count; i++)
		if (call_allowed[i].any & FAM_PROMISES && call_allowed[i].unless & GRANTED)
			put_rule(p, &call_allowed[i], 0, call_allowed[i].any & FAM_PROMISES, verdict_of(EPERM));
}

static void put_lists(struct plain *p)
{
	for (size_t i = 0; i < call_lists_count; i++) {
		const uint32_t any = call_lists[i].any & GRANTED ? 0 : call_lists[i].any;
		for (size_t j = 0; j < call_lists[i].count && (!any || any & FAM_PROMISES); j++)
			put_rule(p, &(struct call_rule){.nr = call_lists[i].nr[j]}, any & FAM_PROMISES, 0, verdict_of(0));
	}
}

static void put_unknown(struct plain *p)
{
	for (int nr = 0; nr <= CALL_NEWEST; nr++)
		if (!stages_known(nr))
			put_rule(p, &(struct call_rule){.nr = nr}, 0, 0, verdict_of(ENOSYS));
}

static void put_all(struct plain *p)
{
	uint32_t start = p->count;

	only_if(p, offsetof(struct seccomp_data, arch), UINT32_MAX, BPF_JEQ, STAGES_ARCH, 0);
	rule_end(p, start, SECCOMP_RET_KILL_PROCESS);
	start = p->count;
	only_if(p, NR, UINT32_MAX, BPF_JGT, CALL_NEWEST, 1);
	rule_end(p, start, verdict_of(ENOSYS));
	put_rules(p, call_refused, call_refused_count);
	put_commands(p);
	put_lists(p);
	put_rules(p, call_allowed, call_allowed_count);
	put_rules(p, call_otherwise, call_otherwise_count);
	put_unknown(p);
	put(p, BPF_RET | BPF_K, verdict_of(EPERM));
}

int promise_filter_make(struct image_insn **prog, uint32_t *count, struct err *err)
{
	OWNED struct plain *p = calloc(1, sizeof *p);

	if (!p)
		return err_set(err, ENOMEM, "no memory for a filter");
	put_all(p);
	if (p->full)
		return err_set(err, E2BIG, "the filter of the promises has more than %u instructions", PLAIN_MAX);
	int rc = shrink(p->at, p->count, STAGES_ARCH, prog, count, err);
	for (uint32_t i = 0; rc == 0 && i < *count; i++)
		if ((*prog)[i].code == (BPF_LD | BPF_W | BPF_ABS) && (*prog)[i].k == PROMISES)
			(*prog)[i] = (struct image_insn){.code = PROMISE_LOAD_CODE};
	return rc;
}

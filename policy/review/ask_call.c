#include "ask_call.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

int call_number(const char *name)
{
	const int number = seccomp_syscall_resolve_name(name);

	return number < 0 ? -1 : number; /* libseccomp has numbers below 0 for calls of other machines */
}

struct walk {
	const struct image_insn *filter;
	uint32_t count;
	uint32_t number, arch;
	uint32_t todo[IMAGE_FILTER_MAX]; /* places to go on from, with anything in the accumulator */
	uint32_t todo_count;
	char seen[IMAGE_FILTER_MAX];
	struct call_verdict *verdict;
};

static void take_later(struct walk *w, uint32_t at)
{
	if (at >= w->count || w->seen[at])
		return;
	w->seen[at] = 1;
	w->todo[w->todo_count++] = at;
}

static void take_verdict(struct call_verdict *verdict, uint32_t action)
{
	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW)
		verdict->allowed = 1;
	else if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		verdict->refused = (int)(action & SECCOMP_RET_DATA);
	else if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF)
		verdict->told = 1;
	else
		verdict->refused = -1;
}

static int holds(const struct image_insn *i, uint32_t a)
{
	switch (BPF_OP(i->code)) {
	case BPF_JEQ: return a == i->k;
	case BPF_JGT: return a > i->k;
	case BPF_JGE: return a >= i->k;
	default: return (a & i->k) != 0;
	}
}

/* Jumps lead forward only, so this ends. KNOWN: A is what the accumulator holds. */
static void go(struct walk *w, uint32_t pc)
{
	uint32_t a = 0;
	int known = 0;

	for (; pc < w->count; pc++) {
		const struct image_insn *i = &w->filter[pc];
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			known = i->k == offsetof(struct seccomp_data, nr) || i->k == offsetof(struct seccomp_data, arch);
			a = i->k == offsetof(struct seccomp_data, nr) ? w->number : w->arch;
			break;
		case BPF_ALU: a &= i->k; break;
		case BPF_RET: take_verdict(w->verdict, i->k); return;
		default:
			if (BPF_OP(i->code) == BPF_JA) {
				pc += i->k;
			} else if (known) {
				pc += holds(i, a) ? i->jt : i->jf;
			} else {
				take_later(w, pc + 1 + i->jt);
				take_later(w, pc + 1 + i->jf);
				return;
			}
		}
	}
}

void call_judge(const struct image_insn *filter, uint32_t count, int number, struct call_verdict *verdict)
{
	struct walk w = {.filter = filter,
			 .count = count < IMAGE_FILTER_MAX ? count : IMAGE_FILTER_MAX,
			 .number = (uint32_t)number,
			 .arch = seccomp_arch_native(),
			 .verdict = verdict};

	*verdict = (struct call_verdict){0};
	go(&w, 0);
	while (w.todo_count > 0)
		go(&w, w.todo[--w.todo_count]);
}

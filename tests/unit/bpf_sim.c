#include "bpf_sim.h"

#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <string.h>

static int check_insn(const struct image_insn *i, uint32_t left)
{
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS: return i->k % 4 == 0 && i->k < sizeof(struct seccomp_data);
	case BPF_LD | BPF_W | BPF_IMM:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_RET | BPF_K: return 1;
	case BPF_JMP | BPF_JA: return i->k < left;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K: return i->jt < left && i->jf < left;
	default: return 0;
	}
}

int bpf_sim_check(const struct image_insn *prog, uint32_t count)
{
	if (count == 0 || prog[count - 1].code != (BPF_RET | BPF_K))
		return -EINVAL;
	for (uint32_t i = 0; i < count; i++)
		if (!check_insn(&prog[i], count - i - 1))
			return -EINVAL;
	return 0;
}

static uint32_t field(const struct seccomp_data *data, uint32_t offset)
{
	uint32_t word;

	memcpy(&word, (const char *)data + offset, sizeof word);
	return word;
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

int bpf_sim_run(const struct image_insn *prog, uint32_t count, const struct seccomp_data *data, struct bpf_sim *sim)
{
	uint32_t a = 0;

	memset(sim, 0, sizeof *sim);
	for (uint32_t pc = 0; pc < count; pc++) {
		const struct image_insn *i = &prog[pc];
		sim->steps++;
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (BPF_MODE(i->code) == BPF_IMM) {
				a = i->k;
				break;
			}
			a = field(data, i->k);
			sim->looked |= i->k >= offsetof(struct seccomp_data, args);
			break;
		case BPF_ALU: a &= i->k; break;
		case BPF_RET: sim->verdict = i->k; return 0;
		default: pc += BPF_OP(i->code) == BPF_JA ? i->k : holds(i, a) ? i->jt : i->jf;
		}
	}
	return -EINVAL;
}

unsigned int bpf_sim_self(struct image_insn *prog, uint32_t count, uint32_t pid)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < count; i++)
		if (prog[i].k == FILTER_SELF) {
			prog[i].k = pid;
			n++;
		}
	return n;
}

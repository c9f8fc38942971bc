/* bpf_sim.h: seccomp programs run by hand. Knows the instructions that the filter uses, and refuses any other. */
#ifndef ENDOW_BPF_SIM_H
#define ENDOW_BPF_SIM_H

#include <linux/seccomp.h>
#include <stdint.h>

#include "image.h"

struct bpf_sim {
	uint32_t verdict;
	uint32_t steps;
	int looked; /* it read some argument */
};

/* Whether a kernel would take the program: length, jumps, loads, the last instruction. Returns 0 or -EINVAL. */
int bpf_sim_check(const struct image_insn *prog, uint32_t count);

/* Run a program that passed bpf_sim_check(). Returns 0, or -EINVAL if it leads out of the program nevertheless. */
int bpf_sim_run(const struct image_insn *prog, uint32_t count, const struct seccomp_data *data, struct bpf_sim *sim);

/* What the launcher does: the process's own number in place of FILTER_SELF. Returns how many places there were. */
unsigned int bpf_sim_self(struct image_insn *prog, uint32_t count, uint32_t pid);

#endif

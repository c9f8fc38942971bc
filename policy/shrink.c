#include "shrink.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"
#include "owned.h"
#include "search.h"

#define NR ((uint32_t)offsetof(struct seccomp_data, nr))
#define ARCH ((uint32_t)offsetof(struct seccomp_data, arch))
#define ARGS ((uint32_t)offsetof(struct seccomp_data, args))
#define ARGS_END ((uint32_t)sizeof(struct seccomp_data))

#define MEMO_MAX 4096u

/* What the register holds: a number, or a field that will be known only when the call is made, with a mask over it. */
struct reg {
	uint32_t field; /* GRAPH_ANSWER: none, the number in `value` */
	uint32_t mask;  /* of a number: 1 when it is that of a class, which stands for others */
	uint32_t value;
};

struct step { /* from here, with this in the register, it comes to this node */
	uint32_t pc;
	struct reg a;
	uint32_t node;
};

struct shrinker {
	const struct image_insn *in;
	uint32_t count;
	uint32_t nr, arch; /* of the class under way */
	int nr_known;
	int odd; /* an instruction that is not understood */
	uint32_t steps;
	struct step step[MEMO_MAX];
	struct graph graph;
};

static struct reg number(uint32_t value, uint32_t of_class)
{
	return (struct reg){.field = GRAPH_ANSWER, .mask = of_class, .value = value};
}

static struct reg load(struct shrinker *s, uint32_t offset)
{
	if (offset == ARCH)
		return number(s->arch, 1);
	if (offset == NR && s->nr_known)
		return number(s->nr, 1);
	if (offset < ARGS || offset >= ARGS_END || offset % 4)
		s->odd = 1;
	return (struct reg){.field = offset, .mask = UINT32_MAX};
}

static struct reg and_with(struct shrinker *s, struct reg a, uint32_t k)
{
	if (a.field == GRAPH_ANSWER) {
		s->odd |= a.mask != 0;
		return number(a.value & k, 0);
	}
	a.mask &= k;
	return a.mask ? a : number(0, 0);
}

static uint32_t follow(struct shrinker *s, uint32_t pc, struct reg a);

static int same(const struct reg *a, const struct reg *b)
{
	return a->field == b->field && a->mask == b->mask && a->value == b->value;
}

static uint32_t fork_at(struct shrinker *s, uint32_t pc, struct reg a)
{
	const struct image_insn *i = &s->in[pc];

	for (uint32_t j = 0; j < s->steps; j++)
		if (s->step[j].pc == pc && same(&s->step[j].a, &a))
			return s->step[j].node;
	uint32_t yes = follow(s, pc + 1 + i->jt, a);
	uint32_t no = follow(s, pc + 1 + i->jf, a);
	uint32_t node = graph_ask(
	    &s->graph,
	    (struct graph_node){.field = a.field, .mask = a.mask, .op = BPF_OP(i->code), .k = i->k, .yes = yes, .no = no});
	if (s->steps < MEMO_MAX)
		s->step[s->steps++] = (struct step){.pc = pc, .a = a, .node = node};
	return node;
}

/* The node that the program amounts to from PC on. Jumps lead forward, so this ends. */
static uint32_t follow(struct shrinker *s, uint32_t pc, struct reg a)
{
	while (!s->odd && pc < s->count) {
		const struct image_insn *i = &s->in[pc];
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS: a = load(s, i->k); break;
		case BPF_ALU | BPF_AND | BPF_K: a = and_with(s, a, i->k); break;
		case BPF_RET | BPF_K: return graph_answer(&s->graph, i->k);
		case BPF_JMP | BPF_JA:
			if (i->k > s->count)
				s->odd = 1;
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (a.field != GRAPH_ANSWER)
				return fork_at(s, pc, a);
			s->odd |= a.mask && BPF_OP(i->code) == BPF_JSET;
			pc += search_compare(BPF_OP(i->code), a.value, i->k) ? i->jt : i->jf;
			break;
		default: s->odd = 1;
		}
		pc++;
	}
	s->odd = 1;
	return 0;
}

/*
 * Every number at which some comparison of the program changes its answer, ascending from 0: two values without one of these
 * between them take the same way. Only a mask over such a number would break that, which follow() does not understand.
 */
static uint32_t find_edges(const struct shrinker *s, uint32_t *edge)
{
	uint32_t n = 1;

	edge[0] = 0;
	for (uint32_t i = 0; i < s->count; i++)
		if (BPF_CLASS(s->in[i].code) == BPF_JMP && BPF_OP(s->in[i].code) != BPF_JA)
			n += search_edge(edge + n, s->in[i].k);
	return search_edges(edge, n);
}

static uint32_t walk(struct shrinker *s)
{
	s->steps = 0;
	return follow(s, 0, number(0, 0));
}

/* The one verdict for calls of all other architectures. */
static uint32_t find_foreign(struct shrinker *s, const uint32_t *edge, uint32_t edges, uint32_t arch)
{
	uint32_t first = UINT32_MAX;

	s->nr_known = 0;
	for (uint32_t i = 0; i < edges; i++) {
		if (edge[i] == arch)
			continue;
		s->arch = edge[i];
		uint32_t node = walk(s);
		if (first == UINT32_MAX)
			first = node;
		s->odd |= node != first;
	}
	return first;
}

static uint32_t find_runs(struct shrinker *s, struct flattener *f, const uint32_t *edge, uint32_t edges, uint32_t arch,
			  struct run *run)
{
	uint32_t n = 0;

	s->nr_known = 1;
	s->arch = arch;
	for (uint32_t i = 0; i < edges && !s->odd; i++) {
		s->nr = edge[i];
		uint32_t node = walk(s);
		n = search_add(run, n, edge[i], search_flatten(f, node));
	}
	return n;
}

/* The launcher will put the process's own id wherever the placeholder stands: it may stand only where a field is compared with
 * it. */
static int check_self(const struct image_insn *prog, uint32_t count, struct err *err)
{
	for (uint32_t i = 0; i < count; i++)
		if (prog[i].k == FILTER_SELF && prog[i].code != (BPF_JMP | BPF_JEQ | BPF_K))
			return err_set(err, EPROTO, "instruction %u of the filter is the placeholder for the process's own id",
				       i);
	return 0;
}

static int write_out(const struct graph *g, uint32_t root, struct image_insn **out, uint32_t *count, struct err *err)
{
	OWNED struct image_insn *prog = NULL;
	int rc = graph_emit(g, root, &prog, count, err);

	if (rc == 0)
		rc = check_self(prog, *count, err);
	if (rc == 0)
		*out = take_ptr(prog);
	return rc;
}

int shrink(const struct image_insn *in, uint32_t count, uint32_t arch, struct image_insn **out, uint32_t *out_count,
	   struct err *err)
{
	OWNED struct shrinker *s = calloc(1, sizeof *s);
	OWNED uint32_t *edge = calloc(2 * (size_t)count + 1, sizeof *edge);
	OWNED struct run *run = calloc(2 * (size_t)count + 1, sizeof *run);
	OWNED struct flattener *f = s ? search_begin(&s->graph) : NULL;

	if (!s || !edge || !run || !f)
		return err_set(err, ENOMEM, "no memory to shrink a filter of %u instructions", count);
	s->in = in;
	s->count = count;
	uint32_t edges = find_edges(s, edge);
	uint32_t foreign = find_foreign(s, edge, edges, arch);
	uint32_t runs = find_runs(s, f, edge, edges, arch, run);
	if (s->odd)
		return err_set(err, ENOTSUP, "libseccomp wrote a filter in a form that this version does not understand");
	struct graph_node root = {.field = ARCH, .mask = UINT32_MAX, .op = BPF_JEQ, .k = arch, .no = foreign};
	root.yes = search_tree(&s->graph, NR, run, runs);
	return write_out(&s->graph, graph_ask(&s->graph, root), out, out_count, err);
}

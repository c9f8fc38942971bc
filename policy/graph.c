#include "graph.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "owned.h"

static uint32_t make(struct graph *g, const struct graph_node *n)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (memcmp(&g->node[i], n, sizeof *n) == 0)
			return i;
	if (g->count == GRAPH_MAX) {
		g->full = 1;
		return 0;
	}
	g->node[g->count] = *n;
	return g->count++;
}

uint32_t graph_answer(struct graph *g, uint32_t verdict)
{
	const struct graph_node n = {.field = GRAPH_ANSWER, .k = verdict};

	return make(g, &n);
}

static uint32_t question(struct graph *g, const struct graph_node *like, uint32_t op, uint32_t k, uint32_t yes, uint32_t no)
{
	const struct graph_node n = {.field = like->field, .mask = UINT32_MAX, .op = op, .k = k, .yes = yes, .no = no};

	return yes == no ? yes : make(g, &n);
}

/* (field & mask) == k, if it can be asked of the bare field: then the next question may find that in the register still. */
static uint32_t ask_equal(struct graph *g, const struct graph_node *n)
{
	const uint32_t free_bits = ~n->mask;
	const int run = (free_bits & (free_bits + 1)) == 0; /* all low: a run of values */

	if (n->k & free_bits)
		return n->no;
	if (n->k == 0 && !run)
		return question(g, n, BPF_JSET, n->mask, n->no, n->yes);
	if (n->k == n->mask && (n->mask & (n->mask - 1)) == 0)
		return question(g, n, BPF_JSET, n->mask, n->yes, n->no);
	if (run) {
		uint32_t inside = question(g, n, BPF_JGT, n->k | free_bits, n->no, n->yes);
		return n->k ? question(g, n, BPF_JGE, n->k, inside, n->no) : inside;
	}
	return make(g, n);
}

uint32_t graph_ask(struct graph *g, struct graph_node n)
{
	if (n.yes == n.no)
		return n.yes;
	if (n.mask == UINT32_MAX)
		return make(g, &n);
	if (n.op == BPF_JSET)
		return n.k & n.mask ? question(g, &n, BPF_JSET, n.k & n.mask, n.yes, n.no) : n.no;
	return n.op == BPF_JEQ ? ask_equal(g, &n) : make(g, &n);
}

/* -- writing. Jumps lead forward only, so the program is written from its end: a place is a distance from there. */

#define NOWHERE UINT32_MAX
#define JUMP_MAX 255u /* a conditional jump's reach */

struct writer {
	const struct graph *g;
	uint32_t count;
	int full;
	uint32_t at[GRAPH_MAX];      /* where the node's question stands, its field being loaded already; or its verdict */
	uint32_t load_at[GRAPH_MAX]; /* where its field is loaded first */
	uint8_t seen[GRAPH_MAX];
	uint8_t loads[GRAPH_MAX]; /* someone comes with another field in the register */
	struct image_insn insn[IMAGE_FILTER_MAX];
};

static uint32_t put(struct writer *w, uint32_t code, uint32_t k, uint32_t jt, uint32_t jf)
{
	if (w->count == IMAGE_FILTER_MAX) {
		w->full = 1;
		return w->count - 1;
	}
	w->insn[w->count] = (struct image_insn){.code = (uint16_t)code, .jt = (uint8_t)jt, .jf = (uint8_t)jf, .k = k};
	return w->count++;
}

static int same_register(const struct graph_node *a, const struct graph_node *b)
{
	return a->field == b->field && a->mask == b->mask;
}

static int answers(const struct graph_node *n)
{
	return n->field == GRAPH_ANSWER;
}

static void find_loads(struct writer *w, uint32_t node, const struct graph_node *before)
{
	const struct graph_node *n = &w->g->node[node];

	if (answers(n))
		return;
	if (!before || !same_register(before, n))
		w->loads[node] = 1;
	if (w->seen[node])
		return;
	w->seen[node] = 1;
	find_loads(w, n->no, n);
	find_loads(w, n->yes, n);
}

static uint32_t target(const struct writer *w, const struct graph_node *from, uint32_t to)
{
	const struct graph_node *n = &w->g->node[to];

	return answers(n) || same_register(from, n) ? w->at[to] : w->load_at[to];
}

/* Bring what a conditional jump can't reach within its reach: the verdict once more, or a jump to the place. */
static uint32_t near(struct writer *w, const struct graph_node *from, uint32_t to, uint32_t slack)
{
	const struct graph_node *n = &w->g->node[to];
	uint32_t place = target(w, from, to);

	if (w->count - place - 1 + slack <= JUMP_MAX)
		return place;
	if (!answers(n))
		return put(w, BPF_JMP | BPF_JA, w->count - place - 1, 0, 0);
	return w->at[to] = put(w, BPF_RET | BPF_K, n->k, 0, 0);
}

static void write_node(struct writer *w, uint32_t node)
{
	const struct graph_node *n = &w->g->node[node];

	if (w->at[node] != NOWHERE)
		return;
	if (answers(n)) {
		w->at[node] = put(w, BPF_RET | BPF_K, n->k, 0, 0);
		return;
	}
	write_node(w, n->no);
	write_node(w, n->yes);
	uint32_t yes = near(w, n, n->yes, 1); /* the other one may take a place in between */
	uint32_t no = near(w, n, n->no, 0);
	w->at[node] = put(w, BPF_JMP | n->op | BPF_K, n->k, w->count - yes - 1, w->count - no - 1);
	if (!w->loads[node])
		return;
	if (n->mask != UINT32_MAX)
		put(w, BPF_ALU | BPF_AND | BPF_K, n->mask, 0, 0);
	w->load_at[node] = put(w, BPF_LD | BPF_W | BPF_ABS, n->field, 0, 0);
}

int graph_emit(const struct graph *g, uint32_t root, struct image_insn **out, uint32_t *count, struct err *err)
{
	OWNED struct writer *w = calloc(1, sizeof *w);

	if (g->full)
		return err_set(err, E2BIG, "the filter has more than %u decisions", GRAPH_MAX);
	if (!w)
		return err_set(err, ENOMEM, "no memory to write the filter");
	w->g = g;
	memset(w->at, 0xff, sizeof w->at);
	memset(w->load_at, 0xff, sizeof w->load_at);
	find_loads(w, root, NULL);
	write_node(w, root);
	if (w->full)
		return err_set(err, E2BIG, "the filter has more than %u instructions", IMAGE_FILTER_MAX);
	struct image_insn *insns = calloc(w->count, sizeof *insns);
	if (!insns)
		return err_set(err, ENOMEM, "no memory for a filter of %u instructions", w->count);
	for (uint32_t i = 0; i < w->count; i++)
		insns[i] = w->insn[w->count - 1 - i];
	*out = insns;
	*count = w->count;
	return 0;
}

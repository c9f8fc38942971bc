#include "search.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

int search_compare(uint32_t op, uint32_t a, uint32_t k)
{
	switch (op) {
	case BPF_JEQ: return a == k;
	case BPF_JGT: return a > k;
	case BPF_JGE: return a >= k;
	default: return (a & k) != 0;
	}
}

static int by_value(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t search_edges(uint32_t *edge, uint32_t count)
{
	uint32_t kept = 1;

	qsort(edge, count, sizeof *edge, by_value);
	for (uint32_t i = 1; i < count; i++)
		if (edge[i] != edge[kept - 1])
			edge[kept++] = edge[i];
	return kept;
}

uint32_t search_edge(uint32_t *edge, uint32_t k)
{
	edge[0] = k;
	if (k == UINT32_MAX)
		return 1;
	edge[1] = k + 1;
	return 2;
}

uint32_t search_add(struct run *run, uint32_t n, uint32_t first, uint32_t node)
{
	if (n == 0 || run[n - 1].node != node)
		run[n++] = (struct run){.first = first, .node = node};
	return n;
}

/* One value by itself in what is otherwise a single run: asked for by name it costs one question instead of two. */
static int lonely(const struct run *run, uint32_t n, uint32_t i)
{
	return i > 0 && i + 1 < n && run[i + 1].first - run[i].first == 1 && run[i - 1].node == run[i + 1].node;
}

static uint32_t find_lonely(const struct run *run, uint32_t n)
{
	for (uint32_t i = 1; i + 1 < n; i++)
		if (lonely(run, n, i))
			return i;
	return 0;
}

/* Where to cut: as near to the middle as can be without parting a lonely value from its surroundings. */
static uint32_t find_cut(const struct run *run, uint32_t n)
{
	for (uint32_t d = 0; d < n / 2; d++) {
		if (!lonely(run, n, n / 2 - d) && !lonely(run, n, n / 2 - d - 1))
			return n / 2 - d;
		if (n / 2 + d < n && !lonely(run, n, n / 2 + d) && !lonely(run, n, n / 2 + d - 1))
			return n / 2 + d;
	}
	return n / 2;
}

/* Up to so many runs lonely values are asked for one after the other; above, halves. */
#define IN_LINE 8u

uint32_t search_tree(struct graph *g, uint32_t field, struct run *run, uint32_t n)
{
	struct graph_node ask = {.field = field, .mask = UINT32_MAX};
	uint32_t i = n <= IN_LINE ? find_lonely(run, n) : 0;

	if (n == 1)
		return run[0].node;
	if (i) {
		ask.op = BPF_JEQ;
		ask.k = run[i].first;
		ask.yes = run[i].node;
		memmove(run + i, run + i + 2, (n - i - 2) * sizeof *run);
		ask.no = search_tree(g, field, run, n - 2);
	} else {
		i = find_cut(run, n);
		ask.op = BPF_JGE;
		ask.k = run[i].first;
		ask.yes = search_tree(g, field, run + i, n - i);
		ask.no = search_tree(g, field, run, i);
	}
	return graph_ask(g, ask);
}

#define REGION_MAX 512u /* comparisons of one field in a row; above, they stay as they are */

struct flattener {
	struct graph *g;
	uint32_t done[GRAPH_MAX]; /* by node: what it became, plus one */
	uint32_t seen[GRAPH_MAX]; /* in the region of this node, plus one */
};

struct flattener *search_begin(struct graph *g)
{
	struct flattener *f = calloc(1, sizeof *f);

	if (f)
		f->g = g;
	return f;
}

/* A comparison that splits the field's values into runs. Where FILTER_SELF lies among them is not known yet. */
static int splits(const struct graph_node *n, uint32_t field)
{
	return n->field != GRAPH_ANSWER && n->field == field && n->mask == UINT32_MAX && n->op != BPF_JSET &&
	       n->k != FILTER_SELF;
}

static void find_edges(struct flattener *f, uint32_t node, uint32_t root, uint32_t *edge, uint32_t *count)
{
	const struct graph_node *n = &f->g->node[node];

	if (!splits(n, f->g->node[root].field) || f->seen[node] == root + 1)
		return;
	f->seen[node] = root + 1;
	if (*count >= 2 * REGION_MAX) {
		*count = UINT32_MAX;
		return;
	}
	*count += search_edge(edge + *count, n->k);
	find_edges(f, n->yes, root, edge, count);
	if (*count != UINT32_MAX)
		find_edges(f, n->no, root, edge, count);
}

static uint32_t outcome(const struct graph *g, uint32_t node, uint32_t value)
{
	const uint32_t field = g->node[node].field;

	while (splits(&g->node[node], field))
		node = search_compare(g->node[node].op, value, g->node[node].k) ? g->node[node].yes : g->node[node].no;
	return node;
}

static uint32_t flatten_region(struct flattener *f, uint32_t node)
{
	uint32_t edge[2 * REGION_MAX + 2] = {0}, edges = 1, n = 0;
	struct run run[2 * REGION_MAX + 2];

	find_edges(f, node, node, edge, &edges);
	if (edges == UINT32_MAX)
		return node;
	edges = search_edges(edge, edges);
	for (uint32_t i = 0; i < edges; i++)
		n = search_add(run, n, edge[i], search_flatten(f, outcome(f->g, node, edge[i])));
	return search_tree(f->g, f->g->node[node].field, run, n);
}

uint32_t search_flatten(struct flattener *f, uint32_t node)
{
	struct graph_node n = f->g->node[node];

	if (n.field == GRAPH_ANSWER)
		return node;
	if (f->done[node])
		return f->done[node] - 1;
	uint32_t flat;
	if (splits(&n, n.field)) {
		flat = flatten_region(f, node);
	} else {
		n.yes = search_flatten(f, n.yes);
		n.no = search_flatten(f, n.no);
		flat = graph_ask(f->g, n);
	}
	f->done[node] = flat + 1;
	return flat;
}

/* search.h: decisions over the values of one field, as search trees. */
#ifndef ENDOW_SEARCH_H
#define ENDOW_SEARCH_H

#include <stdint.h>

#include "graph.h"

struct run { /* the values from FIRST to the next run's first, or to the end, lead to NODE */
	uint32_t first;
	uint32_t node;
};

/*
 * Sort the COUNT values of EDGE and drop what is there twice; 0 has to be among them. Returns how many are left. Edges are the
 * values at which some comparison changes its answer: those between two edges all behave as the lower edge does.
 */
uint32_t search_edges(uint32_t *edge, uint32_t count);

/* Both edges of a comparison with K: K itself and the next value. Returns how many were put at EDGE. */
uint32_t search_edge(uint32_t *edge, uint32_t k);

/* What the comparison OP (BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET) of A with K answers. */
int search_compare(uint32_t op, uint32_t a, uint32_t k);

/* Add the run that begins at FIRST to the N of RUN, unless the last one goes on. Returns the new N. */
uint32_t search_add(struct run *run, uint32_t n, uint32_t first, uint32_t node);

/* A search tree for FIELD over the N of RUN, which is used up. */
uint32_t search_tree(struct graph *g, uint32_t field, struct run *run, uint32_t n);

/* What NODE decides, with the questions of one field after another put together as a search tree. */
struct flattener;
struct flattener *search_begin(struct graph *g); /* NULL: no memory; free() ends it */
uint32_t search_flatten(struct flattener *f, uint32_t node);

#endif

/*
 * graph.h: a seccomp program as a graph of decisions, in which equal parts are one.
 *
 * A node either answers (a verdict) or asks one question of a field of struct seccomp_data and goes on to one of two nodes.
 * Equal nodes are made once, so that equality of node numbers is equality of behaviour. graph_emit() writes a graph as
 * instructions.
 */
#ifndef ENDOW_GRAPH_H
#define ENDOW_GRAPH_H

#include <stdint.h>

#include "err.h"
#include "image.h"

#define GRAPH_MAX 8192u         /* nodes */
#define GRAPH_ANSWER UINT32_MAX /* in place of a field: the node is a verdict */

struct graph_node {
	uint32_t field;   /* offset in struct seccomp_data, or GRAPH_ANSWER */
	uint32_t mask;    /* put over the field before the question */
	uint32_t op;      /* BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET */
	uint32_t k;       /* what is compared with, or the verdict */
	uint32_t yes, no; /* nodes */
};

struct graph {
	uint32_t count;
	int full; /* a node found no room: what was made since is worthless */
	struct graph_node node[GRAPH_MAX];
};

uint32_t graph_answer(struct graph *g, uint32_t verdict);

/* Make a question, or what is simpler and means the same. */
uint32_t graph_ask(struct graph *g, struct graph_node question);

/* Write the part of G that ROOT reaches. *OUT is malloc'ed and the caller's; *COUNT is at most IMAGE_FILTER_MAX. */
int graph_emit(const struct graph *g, uint32_t root, struct image_insn **out, uint32_t *count, struct err *err);

#endif

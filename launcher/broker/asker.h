/*
 * asker.h: the process that asks the person. It is made before a view is entered, so that it sees files as the caller does;
 * opens what is asked for and what was picked instead, with the caller's authority (resolve.c, guard.c); runs the helper, and
 * hands over what came of it. It ends with the supervisor, and takes a question that stands with it.
 */
#ifndef ENDOW_ASKER_H
#define ENDOW_ASKER_H

#include <stdint.h>

#include "asking.h"
#include "resolve.h"

/* One packet each way for a question; both ends are this launcher. With ID 0: the question that stands is taken back. */
struct asker_question {
	uint64_t id;
	int32_t pid;
	uint32_t rights, kind;
	uint32_t wait_ms; /* how long it may stand */
	char who[64];
	char path[ASKING_PATH];
	char why[512];
};

/* Not an answer yet: the person is about to be asked, once the same question has come again, empty: to who asks at a terminal
 * it matters that the program has stopped by then. */
#define ASKER_STANDS 100

struct asker_answer { /* with a descriptor (O_PATH) unless it is a no */
	uint64_t id;
	int32_t what; /* enum answer_what, or ASKER_STANDS */
	int32_t code;
	uint32_t kind;
	int32_t rule;   /* of the plan's asks; -1: none */
	int32_t before; /* it was answered for this run before */
	int32_t kept;   /* written down for the next runs */
	char path[ASKING_PATH];
	char why[160];
};

struct asker {
	const struct plan *plan;
	const char *command; /* the helper's file */
	const char *name;    /* of the sandbox, for the person */
	int keep;            /* --keep-answers, O_APPEND, or -1 */
	int log;             /* --log, or -1 */
	int hides; /* names are hidden from the program: that one is not there is not for it to learn without asking */
};

/* Serve the questions that come through SOCKET until its other end is closed. The process has been made for that, and ends
 * here. */
_Noreturn void asker_serve(const struct asker *asker, int socket);

/* Open PATH with the caller's authority; THING's path is then the one without links. THING is to be closed in any case. */
int asker_open(const char *path, struct thing *thing, struct err *err);

/* WIRE_FILE or WIRE_TREE. */
uint32_t asker_kind(const struct thing *thing);

/* May THING be given with RIGHTS, as a KIND? As the policy's own `grant` lines are judged. 0, or a negative errno with ERR. */
int asker_judge(const struct asker *asker, const struct thing *thing, uint32_t rights, uint32_t kind, struct err *err);

#endif

/* ask.h: "may it?": one access, and what a model says to it. Pure. */
#ifndef ENDOW_REVIEW_ASK_H
#define ENDOW_REVIEW_ASK_H

#include "model.h"

enum ask_kind { ASK_PATH, ASK_CONNECT, ASK_LISTEN, ASK_ENV, ASK_PROMISE, ASK_CALL };

struct ask_question {
	enum ask_kind kind;
	uint32_t right;     /* ASK_PATH: one enum right */
	const char *object; /* the path, the variable, the promise, the system call; borrowed */
	int protocol;       /* ASK_CONNECT, ASK_LISTEN: enum protocol */
	uint16_t port;      /* tcp, udp; 0: every port */
	const char
	    *address; /* tcp, udp: a host's name, or numbers of IPv4 or IPv6; unix: a path; NULL: which one is not asked */
};

enum verdict { VERDICT_YES, VERDICT_NO, VERDICT_UNKNOWN };

struct ask_answer {
	enum verdict verdict;
	const struct entry *by[2]; /* the entries that make it possible, or that stand in the way; NULL: none */
	const char *how;           /* in which way, or why not; "" where BY says it all */
	const char *would;         /* a statement that would allow it; NULL: none comes to mind */
};

/*
 * Take the first questions out of WORDS: RIGHT... PATH..., connect|listen tcp PORT|HOST:PORT|any, connect udp [HOST:PORT],
 * connect unix [PATH], env NAME..., promise NAME..., up to the word `and` or the end. Each is handed to SEE, which returns 0 or
 * a negative errno to stop. Returns how many words were taken, or -EINVAL with ERR.
 */
typedef int ask_see(void *arg, const struct ask_question *question);
int ask_parse(char *const *words, int count, ask_see *see, void *arg, struct err *err);

/* The question in words. In the arena, or NULL. */
const char *ask_text(struct arena *arena, const struct ask_question *question);

/* 0, or -ENOMEM. What ANSWER points to lives as long as the model's arena. */
int ask(const struct model *model, const struct ask_question *question, struct ask_answer *answer);

/* ask_sockets.c: of a question about sockets. */
int ask_sockets(const struct model *model, const struct ask_question *question, struct ask_answer *answer);

/* The answer as one sentence, without its "yes" or "no". In the arena, or NULL. */
const char *answer_text(struct arena *arena, const struct ask_question *question, const struct ask_answer *answer);

#endif

/* helper.h: the program that asks, as a child: started, listened to, ended, and the terminal taken back from it. */
#ifndef ENDOW_HELPER_H
#define ENDOW_HELPER_H

#include <poll.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <termios.h>

#include "answer_line.h"

struct helper {
	pid_t pid;
	int process; /* pidfd */
	int pipe;    /* its standard output */
	char said[ANSWER_LINE_MAX + 1];
	size_t len;
	int all_said; /* or more than an answer can be: LEN is the size of SAID */
	int status;   /* when it has ended: of wait */
	/* The terminal as it was before; -1: there is none */
	int terminal;
	pid_t foreground;
	struct termios modes;
};

/* Start ARGV[0] in a process group of its own. 0, or a negative errno. FILES: the limit on descriptors that it gets. */
int helper_start(struct helper *h, char *const argv[], const struct rlimit *files);

/* Read what it has to say, as far as there is any. */
void helper_read(struct helper *h);

/* It has ended: learn how. Or END it: asked to, so that it puts the terminal in order, and then made to. Either way its
 * descriptors are closed, and the terminal is as it was. */
void helper_finish(struct helper *h);
void helper_end(struct helper *h);

#endif

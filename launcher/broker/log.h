/*
 * log.h: what the broker did, one JSON object a line, each written at once. It never waits: a line that can't be written is
 * lost, counted, and told of by {"lost":N} before the next one that can.
 */
#ifndef ENDOW_LOG_H
#define ENDOW_LOG_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "held.h"
#include "table.h"

struct log {
	int fd; /* opened for appending, O_NONBLOCK, or the journal's socket; -1: nothing is logged. Borrowed */
	int is_journal;
	pid_t sandbox; /* the supervisor */
	uint64_t lost;
};

struct log_line {
	const char *event;     /* grant use derive refuse drop revoke client end ask answer */
	pid_t pid;             /* who asked; 0: nobody */
	uint32_t client;       /* its number */
	const struct cap *cap; /* or NULL; with HELD */
	const struct held *held;
	const char *source; /* without CAP: the policy, and its line; NULL: none */
	uint32_t at;
	uint64_t parent;  /* of CAP; 0: none */
	const char *path; /* beneath the object, or without CAP all of it; or NULL; bytes */
	size_t path_len;
	uint32_t rights; /* that were asked for; 0: the capability's */
	int code;        /* 0, or a negative errno */
	const char *why; /* words, or NULL */
};

void log_write(struct log *log, const struct log_line *line);

#endif

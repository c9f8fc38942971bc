/*
 * net_jobs.h: connecting and sending on a duplicate of the caller's socket. It never waits: where the caller would, the job is
 * kept until the socket is ready, and the caller is answered then.
 */
#ifndef ENDOW_NET_JOBS_H
#define ENDOW_NET_JOBS_H

#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "call.h"

#define JOBS_MAX 64u
#define JOB_DATA (256u * 1024) /* bytes of one message; of a stream's, what is sent at once */
#define JOB_FDS 253u           /* SCM_MAX_FD */
#define JOB_EXTRA 128u         /* bytes of other control data */

union net_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

enum job_kind { JOB_CONNECT, JOB_SEND };

struct job {
	struct call call;
	enum job_kind kind;
	int socket; /* the duplicate; owned */
	int stream; /* a part of what is to be sent can go first */
	int at;     /* the Unix socket that ADDRESS leads to by its number here, O_PATH; owned; or -1 */
	int flags;  /* SEND: the caller's */
	union net_address address;
	socklen_t address_len; /* 0: none */
	const uint8_t *data;   /* borrowed by job_start() */
	size_t size;
	int fds[JOB_FDS]; /* to be passed on; owned */
	size_t fd_count;
	_Alignas(struct cmsghdr) uint8_t extra[JOB_EXTRA];
	size_t extra_len;
	/* net_jobs.c's own: */
	int blocks;
	size_t done;    /* bytes that are sent */
	uint64_t until; /* ms; 0: for ever */
	uint64_t again; /* ms; not to be tried before */
	void *copy;     /* of data; a mapping */
};

/* Do J, whose socket, at and fds are taken over whatever comes of it. Returns the call's result, a negative errno, or
 * CALL_LATER. */
int job_start(struct job *j);

/*
 * net_signal.c: does a signal wait for the caller that it has a handler for? A caller that waits for the supervisor is killed,
 * but not interrupted: whoever sets himself an alarm would wait for as long as the network likes.
 */
int net_interrupted(const struct call *c);

/* Between the two, whatever this process waits in is interrupted within a few ms (EINTR), again and again. */
void net_hurry(void);
void net_hurried(void);

size_t jobs_watch(struct pollfd fds[JOBS_MAX], int *wait);
void jobs_serve(const struct pollfd *fds, size_t count);
void jobs_end(void);

#endif

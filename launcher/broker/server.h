/*
 * server.h: the broker, a part of the supervisor. It owns the clients' connections, what they hold, and the descriptors behind
 * that. One supervisor has one broker; without a `grant` line it has none, and nothing here does anything.
 */
#ifndef ENDOW_SERVER_H
#define ENDOW_SERVER_H

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "log.h"
#include "objects.h"
#include "table.h"
#include "wire.h"

#define BROKER_RATE 1000u     /* requests a second a client; as many can come at once */
#define BROKER_CONNECTING 16u /* connections under way, of all clients */
#define BROKER_POLL_MAX (TABLE_CLIENTS + BROKER_CONNECTING)

struct plan;

/* For supervise.c --------------------------------------------------------------------------------------------------------- */

/*
 * Take over what PLAN holds for the broker, and the launcher's end of the first connection, before the program starts. Returns
 * 0 or a negative errno with ERR.
 */
int broker_start(struct plan *plan, struct err *err);

/* The program runs as PID: what was its own end of the connection is its alone. */
void broker_started(struct plan *plan, pid_t pid);

/* What to poll, and for how many ms at most (*WAIT is -1, or less than it was). Returns how many of FDS were filled in. */
size_t broker_watch(struct pollfd fds[BROKER_POLL_MAX], int *wait);

/* Serve those of FDS that are ready, one request a client. */
void broker_serve(const struct pollfd *fds, size_t count);

/* The program has ended: everything that it held ends. */
void broker_stop(void);

/* For the broker's own files ---------------------------------------------------------------------------------------------- */

struct connecting {
	int fd;            /* owned */
	uint64_t handle;   /* 0: nothing is under way */
	uint64_t deadline; /* ms */
	uint32_t serial;   /* of the request that waits for it */
};

struct client {
	int fd;          /* owned; 0: there is no such client; -1: it holds what it holds, and has closed its connection */
	int greeted;     /* it has said HELLO */
	uint32_t tokens; /* requests that it can make at once */
	uint64_t filled; /* when these were counted, ms */
	pid_t pid;       /* who spoke last */
	struct connecting connecting;
	int asks;            /* the person, and waits for the answer to */
	uint32_t ask_serial; /* this request */
};

struct broker {
	struct table table;
	struct objects objects;
	struct client clients[TABLE_CLIENTS];
	struct log log;
	uint64_t began; /* as now */
	uint64_t now;   /* ms of CLOCK_MONOTONIC, since the last packet */
	uint64_t look;  /* when to look after the sockets that were handed out on a leash, ms */
	uint32_t connecting_count;
	int serves_paths;
	struct {
		uint32_t client;
		int connecting; /* not its own connection, but the one that is made for it */
	} watched[BROKER_POLL_MAX];
};

/* The broker, or NULL where there is none. server_now(): what has come to its end by now has ended. */
struct broker *server_get(void);
struct broker *server_now(void);

/*
 * Paths are served without a client's asking (launcher/notify): what the program holds by path stays with it when it closes its
 * connection, of which a program that does not know the broker knows nothing.
 */
void server_serve_paths(void);

/* CLIENT gets what HELD says; its descriptor is taken over, the rest borrowed. Returns 0 with *CAP, or a negative errno with
 * ERR. */
int server_adopt(struct broker *b, uint32_t client, struct held *held, struct cap **cap, struct err *err);

/* A new connection. Returns the client's number and its end in *FD (CLOEXEC, the caller's), or a negative errno with ERR. */
int server_add_client(struct broker *b, int *fd, struct err *err);

/* Close the connection; all that it held is dropped. CODE: why, for the log; 0 when it went by itself. */
void server_end_client(struct broker *b, uint32_t client, int code, const char *why);

/* Send M, whose type and body are filled in, with FD (borrowed) or -1. Who does not take his replies loses the connection. */
void server_reply(struct broker *b, uint32_t client, union wire_message *m, uint32_t serial, size_t size, int fd);
void server_done(struct broker *b, uint32_t client, uint32_t serial, int fd);
void server_refuse(struct broker *b, uint32_t client, uint32_t serial, int code, const struct err *err);

/* A line of the log about CLIENT and CAP (may be NULL): what is known of them, or all of it and written. */
struct log_line server_line(struct broker *b, const char *event, uint32_t client, const struct cap *cap);
void server_log(struct broker *b, const char *event, uint32_t client, const struct cap *cap, int code, const char *why);

#endif

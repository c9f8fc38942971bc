/*
 * responder.h: a DNS server for the program alone, on a port of the loopback interface, in the supervisor. It knows the granted
 * names and asks nobody but the resolver: no packet of the program's leaves the machine for a name.
 */
#ifndef ENDOW_RESPONDER_H
#define ENDOW_RESPONDER_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define RESPONDER_CLIENTS 6u /* over TCP */
#define RESPONDER_POLL_MAX (2 + RESPONDER_CLIENTS)

/* Open its sockets in this network namespace. Returns 0 or a negative errno with ERR. */
int responder_begin(struct err *err);
void responder_end(void);

/* Its port on 127.0.0.1, the same over UDP and TCP; 0: there is none. */
uint16_t responder_port(void);

/* As net_watch() and net_serve(). To be served after names_serve(). */
size_t responder_watch(struct pollfd fds[RESPONDER_POLL_MAX], int *wait);
void responder_serve(const struct pollfd *fds, size_t count);

#endif

/*
 * connecting.h: connections to where a capability leads. None is waited for: a connection under way is one descriptor more to
 * poll, and a slow peer delays nobody but who asked.
 */
#ifndef ENDOW_CONNECTING_H
#define ENDOW_CONNECTING_H

#include "server.h"

#define CONNECTING_MS 30000u

/*
 * Begin to connect for CLIENT's request SERIAL, a use of CAP. Returns the connected socket, 0 when the reply comes later, or a
 * negative errno with ERR.
 */
int connecting_begin(struct broker *b, uint32_t client, const struct cap *cap, uint32_t serial, struct err *err);

/* It has become writable, or failed: reply. */
void connecting_finish(struct broker *b, uint32_t client);

/* Nobody waits for it any longer. */
void connecting_end(struct broker *b, uint32_t client);

/* Refuse those that have taken too long by now. */
void connecting_expire(struct broker *b);

/* Hand out FD (taken over), a socket that a use of CAP has come to, kept on a leash when CAP is revocable. */
void connecting_deliver(struct broker *b, uint32_t client, struct cap *cap, uint32_t serial, int fd);

#endif

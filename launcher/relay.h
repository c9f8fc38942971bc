/*
 * relay.h: a service's notifications. The manager takes them from the process that it has started, which is the outer one of a
 * pair: so the program is given a socket of the supervisor's as NOTIFY_SOCKET. The inner takes datagrams from it, of processes
 * of the sandbox alone and without a line that would make another process the service's, and the outer sends them on, with
 * their descriptors, which are closed then: a barrier sees that.
 */
#ifndef ENDOW_RELAY_H
#define ENDOW_RELAY_H

#include <poll.h>
#include <sys/types.h>

#include "err.h"

struct making;
struct pair_word;
struct plan;

/*
 * Where a service was given NOTIFY_SOCKET, make the socket: in /run/endow-notify for root, in
 * $XDG_RUNTIME_DIR/endow-notify for a user, or else in /tmp/endow-notify-UID.
 * Before a view is entered. Nothing where there is none; a negative errno with ERR where there is no place for it.
 */
int relay_open(struct plan *plan, struct err *err);

/* Where the program's view would not have it: show it there. */
int relay_show(struct making *m, struct err *err);

/* Its absolute path, or NULL: the program talks to the manager itself, or not at all. */
const char *relay_path(void);

/* The program becomes this very process: there is nothing to relay. Or all is over. The socket is taken away. */
void relay_close(void);

/* In the inner: as broker_watch() and broker_serve(), of one descriptor. */
size_t relay_watch(struct pollfd fds[1]);
void relay_serve(const struct pollfd *fds, size_t count, const struct plan *plan);

/*
 * In the outer. relay_receive(): the next message of the inner from SOCKET, with what follows the word if that is a
 * notification: its size, 0, or a negative errno. relay_post() sends it; where the manager takes none just now it is held, and
 * relay_post() has to be called again when relay_post_fd() can be written.
 */
ssize_t relay_receive(int socket, struct pair_word *word);
void relay_post(void);
int relay_holds(void);
int relay_post_fd(void);
int relay_folder(void);

#endif

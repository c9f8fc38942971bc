/* packet.h: one packet, with what control data belongs to it, through a connection. Neither call waits. */
#ifndef ENDOW_PACKET_H
#define ENDOW_PACKET_H

#include <stddef.h>
#include <sys/types.h>

#include "wire.h"

#define PACKET_FDS 16 /* more than the kernel is given room for: none is left open unseen */

struct packet {
	size_t size;
	int fds[PACKET_FDS]; /* the receiver's to close */
	int fd_count;
	pid_t pid; /* the sender's, in our namespace; 0: in none of it */
	int cut;   /* something of it was too much, and is gone */
};

/* Send M, of the size it says, with FD (borrowed) or -1. Returns 0, or a negative errno: -EAGAIN when the other does not read.
 */
int packet_send(int to, const union wire_message *m, int fd);

/* 1 with a packet in M and P, 0 at the end of the connection, or a negative errno: -EAGAIN when there is none. */
int packet_receive(int from, union wire_message *m, struct packet *p);

#endif

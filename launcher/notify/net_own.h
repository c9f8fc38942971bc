/* net_own.h: what the files of net*.c share, and nobody else needs. */
#ifndef ENDOW_NET_OWN_H
#define ENDOW_NET_OWN_H

#include "judge.h"
#include "net.h"
#include "net_jobs.h"

struct plan;

/* The plan that the program runs by, and what it says of sockets. */
const struct plan *net_plan(void);
const struct judge *net_judge(void);

/* The caller's socket, duplicated, and what it is. */
struct net_socket {
	int fd; /* owned */
	int domain, type, protocol;
};

/* Returns 0 or the negative errno that the call is to end with. */
int net_socket(const struct call *c, struct net_socket *s);
int net_is_tcp(const struct net_socket *s);
int net_is_udp(const struct net_socket *s);

/* 0: S is of NETLINK_ROUTE, which is promised, and TO the kernel; 1: it is no such socket or address; or a negative errno. */
int net_netlink(const struct net_socket *s, const union net_address *to, socklen_t size);

/* An address of the Internet, read: of either family in the one form. */
struct net_place {
	struct peer_address address;
	uint16_t port;
	uint32_t scope; /* of IPv6 */
};

/* Copy the caller's address of LEN bytes from AT. Returns 0 or a negative errno. */
int net_copy(const struct call *c, uint64_t at, uint64_t len, union net_address *to, socklen_t *size);

/* Read a copied one. Returns 0, -EINVAL, or -EAFNOSUPPORT when it is none of the Internet. */
int net_read(const union net_address *from, socklen_t size, struct net_place *to);

/* Write PLACE as a socket of DOMAIN takes it. Returns the size, or 0 when it can't. */
socklen_t net_write(const struct net_place *place, int domain, union net_address *to);

/*
 * Judge the copied address in TO for socket S: it is replaced by itself, written anew, or by the responder's. Returns 0 or the
 * negative errno that the call is to end with; what is refused is told.
 */
int net_settle(const struct call *c, const struct net_socket *s, union net_address *to, socklen_t *size);

/*
 * net_tell.c: that WHAT ("connect tcp", ...) to PLACE was refused, in the log and where denials are told; and that it was used.
 * KIND: "tcp", "udp". WHERE: the line that grants it, or NULL. What refuses returns -EACCES.
 */
int net_refuse(const struct call *c, const char *what, const char *kind, const struct net_place *place);
int net_refuse_text(const struct call *c, const char *what, const char *text);
void net_used(const struct call *c, const char *kind, const struct net_place *place, const struct image_where *where);
void net_used_text(const struct call *c, const char *text, const struct image_where *where);

/* net_look.c: it goes on, and what will be refused is noted. */
int net_look(const struct call *c);

/*
 * net_unix.c: the socket that the copied address leads to, opened (O_PATH; the caller's), and the address by which that
 * descriptor is reached. Returns it or a negative errno.
 */
int unix_find(const struct call *c, const struct net_socket *s, const char *what, union net_address *address, socklen_t *size);

/* net_send.c: sendto, sendmsg */
int send_to(const struct call *c);
int send_message(const struct call *c);

#endif

/* Attempts to reach or to serve the network. Sockets do not block; a connection that is under way has been allowed. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tries_util.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t loopback(union address *a, int family, uint16_t port)
{
	memset(a, 0, sizeof *a);
	if (family == AF_INET6) {
		a->v6 = (struct sockaddr_in6){
		    .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
		return sizeof a->v6;
	}
	a->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	return sizeof a->v4;
}

static int make(int family, int type, int protocol)
{
	return (int)syscall(SYS_socket, family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

static int unmade(void)
{
	return try_not_built(errno) ? TRY_MOOT : -errno;
}

static int going(long rc)
{
	return rc >= 0 || errno == EINPROGRESS ? 0 : -errno;
}

static int connect_by(int family, int protocol, uint16_t port)
{
	union address a;

	if (port == 0)
		return TRY_MOOT;
	OWNED_FD int fd = make(family, SOCK_STREAM, protocol);
	if (fd < 0)
		return unmade();
	socklen_t len = loopback(&a, family, port);
	return going(syscall(SYS_connect, fd, &a, len));
}

static int tcp4(const struct try_targets *t)
{
	return connect_by(AF_INET, 0, t->tcp);
}

static int tcp6(const struct try_targets *t)
{
	return connect_by(AF_INET6, 0, t->tcp6);
}

static int tcp_mapped(const struct try_targets *t)
{
	union address a;
	OWNED_FD int fd = make(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0)
		return unmade();
	socklen_t len = loopback(&a, AF_INET6, t->tcp);
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.v6.sin6_addr);
	return t->tcp ? going(syscall(SYS_connect, fd, &a, len)) : TRY_MOOT;
}

static int mptcp(const struct try_targets *t)
{
	return connect_by(AF_INET, IPPROTO_MPTCP, t->tcp);
}

static int smc_protocol(const struct try_targets *t)
{
	return connect_by(AF_INET, 256, t->tcp); /* IPPROTO_SMC */
}

static int smc(const struct try_targets *t)
{
	union address a;
	OWNED_FD int fd = make(AF_SMC, SOCK_STREAM, 0);

	if (fd < 0)
		return unmade();
	socklen_t len = loopback(&a, AF_INET, t->tcp);
	return going(syscall(SYS_connect, fd, &a, len));
}

/* The "upper layer" smc replaces the socket by another kind. A kernel without it says ENOENT, and that it was asked. */
static int smc_upgrade(const struct try_targets *t)
{
	OWNED_FD int fd = make(AF_INET, SOCK_STREAM, 0);

	(void)t;
	return fd < 0 ? -errno : try_reached(syscall(SYS_setsockopt, fd, IPPROTO_TCP, 31 /* TCP_ULP */, "smc", 3));
}

/* Nobody listens: a packet went out if the answer is that the port is closed. */
static int sctp(const struct try_targets *t)
{
	int rc = connect_by(AF_INET, IPPROTO_SCTP, t->tcp);

	return rc == -ECONNREFUSED ? 0 : rc;
}

static int fastopen_sendto(const struct try_targets *t)
{
	union address a;
	OWNED_FD int fd = make(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || t->tcp == 0)
		return fd < 0 ? -errno : TRY_MOOT;
	socklen_t len = loopback(&a, AF_INET, t->tcp);
	return going(syscall(SYS_sendto, fd, "x", 1L, MSG_FASTOPEN | MSG_NOSIGNAL, &a, len));
}

static int fastopen_message(const struct try_targets *t, int many)
{
	union address a;
	struct iovec part = {.iov_base = (char[]){"x"}, .iov_len = 1};
	struct mmsghdr message = {.msg_hdr = {.msg_name = &a, .msg_iov = &part, .msg_iovlen = 1}};
	OWNED_FD int fd = make(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || t->tcp == 0)
		return fd < 0 ? -errno : TRY_MOOT;
	message.msg_hdr.msg_namelen = loopback(&a, AF_INET, t->tcp);
	return going(many ? syscall(SYS_sendmmsg, fd, &message, 1, MSG_FASTOPEN | MSG_NOSIGNAL)
			  : syscall(SYS_sendmsg, fd, &message.msg_hdr, MSG_FASTOPEN | MSG_NOSIGNAL));
}

static int fastopen_sendmsg(const struct try_targets *t)
{
	return fastopen_message(t, 0);
}

static int fastopen_sendmmsg(const struct try_targets *t)
{
	return fastopen_message(t, 1);
}

static int fastopen_connect(const struct try_targets *t)
{
	union address a;
	OWNED_FD int fd = make(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || t->tcp == 0)
		return fd < 0 ? -errno : TRY_MOOT;
	setsockopt(fd, IPPROTO_TCP, ABI_TCP_FASTOPEN_CONNECT, &(int){1}, sizeof(int));
	socklen_t len = loopback(&a, AF_INET, t->tcp);
	return going(syscall(SYS_connect, fd, &a, len));
}

static int serve(int family, int protocol, uint16_t port)
{
	union address a;

	if (port == 0)
		return TRY_MOOT;
	OWNED_FD int fd = make(family, SOCK_STREAM, protocol);
	if (fd < 0)
		return unmade();
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	socklen_t len = loopback(&a, family, port);
	if (syscall(SYS_bind, fd, &a, len) < 0)
		return errno == EADDRNOTAVAIL ? TRY_MOOT : -errno;
	return try_outcome(syscall(SYS_listen, fd, 1));
}

static int serve_tcp4(const struct try_targets *t)
{
	return serve(AF_INET, 0, t->free_port);
}

static int serve_tcp6(const struct try_targets *t)
{
	return serve(AF_INET6, 0, t->free_port);
}

static int serve_mptcp(const struct try_targets *t)
{
	return serve(AF_INET, IPPROTO_MPTCP, t->free_port);
}

/* Without bind() the kernel chooses a port by itself, and Landlock is not asked. */
static int listen_bare(const struct try_targets *t)
{
	OWNED_FD int fd = make(AF_INET, SOCK_STREAM, 0);

	(void)t;
	return fd < 0 ? -errno : try_outcome(syscall(SYS_listen, fd, 1));
}

static int udp_to(const struct try_targets *t, int connected)
{
	union address a;
	OWNED_FD int fd = make(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || t->udp == 0)
		return fd < 0 ? -errno : TRY_MOOT;
	socklen_t len = loopback(&a, AF_INET, t->udp);
	if (!connected)
		return try_outcome(syscall(SYS_sendto, fd, "x", 1L, 0, &a, len));
	if (syscall(SYS_connect, fd, &a, len) < 0)
		return -errno;
	return try_outcome(write(fd, "x", 1));
}

static int udp_sendto(const struct try_targets *t)
{
	return udp_to(t, 0);
}

static int udp_connect(const struct try_targets *t)
{
	return udp_to(t, 1);
}

static int udp_bind(const struct try_targets *t)
{
	union address a;
	OWNED_FD int fd = make(AF_INET, SOCK_DGRAM, 0);

	(void)t;
	if (fd < 0)
		return -errno;
	socklen_t len = loopback(&a, AF_INET, 0);
	return try_outcome(syscall(SYS_bind, fd, &a, len));
}

/* For the kinds of socket that no grant gives, to have one is enough. */
static int have(int family, int type, int protocol)
{
	OWNED_FD int fd = make(family, type, protocol);

	return fd < 0 ? unmade() : 0;
}

#define HAVE(fn, family, type, protocol)             \
	static int fn(const struct try_targets *t)   \
	{                                            \
		(void)t;                             \
		return have(family, type, protocol); \
	}

HAVE(udplite, AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE)
HAVE(ping, AF_INET, SOCK_DGRAM, IPPROTO_ICMP)
HAVE(raw4, AF_INET, SOCK_RAW, IPPROTO_ICMP)
HAVE(raw6, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
HAVE(packet, AF_PACKET, SOCK_RAW, 0)
HAVE(netlink_route, AF_NETLINK, SOCK_RAW, 0)
HAVE(netlink_diag, AF_NETLINK, SOCK_RAW, 4)
HAVE(netlink_audit, AF_NETLINK, SOCK_RAW, 9)
HAVE(netlink_uevent, AF_NETLINK, SOCK_DGRAM, 15)
HAVE(netlink_generic, AF_NETLINK, SOCK_RAW, 16)
HAVE(vsock, AF_VSOCK, SOCK_STREAM, 0)
HAVE(alg, AF_ALG, SOCK_SEQPACKET, 0)
HAVE(bluetooth, AF_BLUETOOTH, SOCK_RAW, 1)
HAVE(can, AF_CAN, SOCK_RAW, 1)
HAVE(key, AF_KEY, SOCK_RAW, 2)
HAVE(tipc, AF_TIPC, SOCK_SEQPACKET, 0)
HAVE(xdp, AF_XDP, SOCK_RAW, 0)
HAVE(kcm, AF_KCM, SOCK_DGRAM, 0)
HAVE(rxrpc, AF_RXRPC, SOCK_DGRAM, AF_INET)
HAVE(qipcrtr, AF_QIPCRTR, SOCK_DGRAM, 0)
HAVE(dccp, AF_INET, 6, IPPROTO_DCCP)

#define CONNECT(id, call, more, text)                                                                                      \
	{                                                                                                                  \
		.name = id, .layer = "landlock", .fn = call, .allowed_by = FAM_TCP_CONNECT_ANY, .forgone_by = FEATURE_TCP, \
		.flags = more, .what = "a TCP port that no grant names can be reached " text                               \
	}
#define SERVE(id, call, more, text)                                                                                       \
	{                                                                                                                 \
		.name = id, .layer = "landlock", .fn = call, .allowed_by = FAM_TCP_LISTEN_ANY, .forgone_by = FEATURE_TCP, \
		.flags = more, .what = "a TCP port that no grant names can be served over " text                          \
	}
#define ROUND(id, call, family, more, text)                                                      \
	{                                                                                        \
		.name = id, .layer = "seccomp", .fn = call, .allowed_by = family, .flags = more, \
		.what = "a TCP port that no grant names can be " text                            \
	}
#define UDP(id, call, text)                                                                     \
	{                                                                                       \
		.name = id, .layer = "seccomp", .fn = call, .allowed_by = FAM_UDP, .what = text \
	}
#define KIND(id, call, family, more, text)                                                       \
	{                                                                                        \
		.name = id, .layer = "seccomp", .fn = call, .allowed_by = family, .flags = more, \
		.what = text " sockets can be had"                                               \
	}
#define KIND_RAW(id, call, cap, text)                                                             \
	{                                                                                         \
		.name = id, .layer = "seccomp", .fn = call, .flags = TRY_PRIVILEGED | TRY_SYSTEM, \
		.allowed_caps = ABI_CAP(cap), .what = text " sockets can be had"                  \
	}

const struct try tries_net[] = {
    CONNECT("tcp4", tcp4, 0, "over IPv4"),
    CONNECT("tcp6", tcp6, TRY_SYSTEM, "over IPv6"),
    CONNECT("tcp-mapped", tcp_mapped, TRY_SYSTEM, "by an IPv4 address written as IPv6"),
    CONNECT("tcp-fastopen-connect", fastopen_connect, 0, "with fast open asked for"),
    SERVE("listen4", serve_tcp4, 0, "IPv4"),
    SERVE("listen6", serve_tcp6, TRY_SYSTEM, "IPv6"),
    ROUND("mptcp", mptcp, 0, TRY_SYSTEM, "reached over Multipath TCP"),
    ROUND("smc", smc, 0, TRY_SYSTEM, "reached over SMC"),
    ROUND("smc-protocol", smc_protocol, 0, TRY_SYSTEM, "reached over SMC as a protocol of IPv4"),
    ROUND("smc-upgrade", smc_upgrade, 0, TRY_SYSTEM, "reached by turning TCP into SMC"),
    ROUND("fastopen-sendto", fastopen_sendto, FAM_TCP_CONNECT_ANY, TRY_SYSTEM, "reached by fast open (sendto)"),
    ROUND("fastopen-sendmsg", fastopen_sendmsg, FAM_TCP_CONNECT_ANY, TRY_SYSTEM, "reached by fast open (sendmsg)"),
    ROUND("fastopen-sendmmsg", fastopen_sendmmsg, FAM_TCP_CONNECT_ANY, TRY_SYSTEM, "reached by fast open (sendmmsg)"),
    ROUND("listen-mptcp", serve_mptcp, 0, TRY_SYSTEM, "served over Multipath TCP"),
    ROUND("listen-bare", listen_bare, FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY, 0,
	  "served by listening without a name, where the kernel chooses"),
    UDP("udp-sendto", udp_sendto, "UDP packets can be sent anywhere"),
    UDP("udp-connect", udp_connect, "UDP packets can be sent over a connected socket"),
    UDP("udp-bind", udp_bind, "UDP packets can be received"),
    KIND("sctp", sctp, 0, TRY_SYSTEM, "SCTP"),
    KIND("udplite", udplite, 0, TRY_SYSTEM, "UDP-Lite"),
    KIND("dccp", dccp, 0, TRY_SYSTEM, "DCCP"),
    KIND("icmp-ping", ping, 0, TRY_SYSTEM, "ICMP echo"),
    KIND_RAW("raw4", raw4, NET_RAW, "raw IPv4"),
    KIND_RAW("raw6", raw6, NET_RAW, "raw IPv6"),
    KIND_RAW("packet", packet, NET_RAW, "packet"),
    KIND_RAW("xdp", xdp, NET_RAW, "XDP"),
    KIND_RAW("key", key, NET_ADMIN, "IPsec key"),
    KIND("netlink-route", netlink_route, FAM_NETLINK, 0, "netlink (routing)"),
    KIND("netlink-diag", netlink_diag, 0, TRY_SYSTEM, "netlink (sock_diag)"),
    KIND("netlink-audit", netlink_audit, 0, TRY_SYSTEM, "netlink (audit)"),
    KIND("netlink-uevent", netlink_uevent, 0, 0, "netlink (device events)"),
    KIND("netlink-generic", netlink_generic, 0, 0, "netlink (generic)"),
    KIND("vsock", vsock, 0, TRY_SYSTEM, "virtual machine"),
    KIND("alg", alg, 0, TRY_SYSTEM, "kernel crypto"),
    KIND("bluetooth", bluetooth, 0, TRY_SYSTEM, "Bluetooth"),
    KIND("can", can, 0, TRY_SYSTEM, "CAN bus"),
    KIND("tipc", tipc, 0, TRY_SYSTEM, "TIPC"),
    KIND("kcm", kcm, 0, TRY_SYSTEM, "kernel connection multiplexer"),
    KIND("rxrpc", rxrpc, 0, TRY_SYSTEM, "RxRPC"),
    KIND("qipcrtr", qipcrtr, 0, TRY_SYSTEM, "Qualcomm IPC"),
    {0},
};

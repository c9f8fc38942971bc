#include "net.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/syscall.h>

#include "lend.h"
#include "names/names.h"
#include "names/responder.h"
#include "net_own.h"
#include "owned.h"
#include "plan.h"

_Static_assert(1 + RESPONDER_POLL_MAX + JOBS_MAX <= NET_POLL_MAX, "each has a place");

static const struct plan *plan;
static struct judge judge;
static size_t responder_at, jobs_at;
static int names_at;

const struct plan *net_plan(void)
{
	return plan;
}

const struct judge *net_judge(void)
{
	return &judge;
}

/* The caller's socket ----------------------------------------------------------------------------------------------------- */

static int option(int fd, int name, int *value)
{
	socklen_t len = sizeof *value;

	return getsockopt(fd, SOL_SOCKET, name, value, &len) < 0 ? -errno : 0;
}

int net_socket(const struct call *c, struct net_socket *s)
{
	int rc;

	s->fd = call_descriptor(c, (int)c->args[0]);
	if (s->fd < 0)
		return s->fd;
	(void)((rc = option(s->fd, SO_DOMAIN, &s->domain)) || (rc = option(s->fd, SO_TYPE, &s->type)) ||
	       (rc = option(s->fd, SO_PROTOCOL, &s->protocol)));
	if (rc < 0)
		owned_close(&s->fd);
	return rc;
}

static int is_inet(const struct net_socket *s)
{
	return s->domain == AF_INET || s->domain == AF_INET6;
}

int net_is_tcp(const struct net_socket *s)
{
	return is_inet(s) && s->type == SOCK_STREAM && s->protocol == IPPROTO_TCP;
}

int net_is_udp(const struct net_socket *s)
{
	return is_inet(s) && s->type == SOCK_DGRAM && s->protocol == IPPROTO_UDP;
}

static int is_route(const struct net_socket *s)
{
	return s->domain == AF_NETLINK && s->protocol == 0 && judge.families & FAM_NETLINK;
}

/* The kernel alone: another process, or everybody, could be had by the supervisor's authority. */
int net_netlink(const struct net_socket *s, const union net_address *to, socklen_t size)
{
	static const uint8_t kernel[8];

	if (!is_route(s) || to->any.sa_family != AF_NETLINK)
		return 1;
	/* The family and what fills it up; who; which groups */
	if (size < sizeof kernel + 4)
		return -EINVAL;
	return memcmp((const uint8_t *)to + 4, kernel, sizeof kernel) == 0 ? 0 : -EPERM;
}

/* Judging ----------------------------------------------------------------------------------------------------------------- */

/* Everything asked of port 53 is asked of the responder, unless that very server is granted. */
static void redirect(struct net_place *place)
{
	const uint32_t number = htonl(INADDR_LOOPBACK);

	memset(place, 0, sizeof *place);
	memcpy(place->address.bytes, peer_mapped, sizeof peer_mapped);
	memcpy(place->address.bytes + 12, &number, sizeof number);
	place->port = responder_port();
}

int net_settle(const struct call *c, const struct net_socket *s, union net_address *to, socklen_t *size)
{
	const struct image_where *where;
	const int tcp = net_is_tcp(s);
	struct net_place place;
	int rc = net_read(to, *size, &place);

	if (rc < 0)
		return rc;
	switch (judge_reach(&judge, tcp ? PEER_CONNECT_TCP : PEER_CONNECT_UDP, &place.address, place.port, &where)) {
	case VERDICT_YES:
		if (c->nr == SYS_connect)
			net_used(c, tcp ? "tcp" : "udp", &place, where);
		break;
	case VERDICT_RESPONDER: redirect(&place); break;
	default: return net_refuse(c, tcp ? "connect tcp" : "connect udp", tcp ? "tcp" : "udp", &place);
	}
	*size = net_write(&place, s->domain, to);
	return *size > 0 ? 0 : -EAFNOSUPPORT;
}

/* The calls --------------------------------------------------------------------------------------------------------------- */

/* To be connected with nobody any more is everybody's to ask. */
static int disconnect(const struct net_socket *s)
{
	const struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	return connect(s->fd, &nobody, sizeof nobody) < 0 ? -errno : 0;
}

static int settle_connect(const struct call *c, const struct net_socket *s, struct job *job)
{
	if (net_is_tcp(s) || net_is_udp(s))
		return net_settle(c, s, &job->address, &job->address_len);
	if (s->domain == AF_UNIX)
		return job->at = unix_find(c, s, "connect unix", &job->address, &job->address_len);
	const int rc = net_netlink(s, &job->address, job->address_len);
	return rc <= 0 ? rc : net_refuse_text(c, "connect", "a socket of another kind");
}

static int do_connect(const struct call *c)
{
	struct job job = {.call = *c, .kind = JOB_CONNECT, .at = -1};
	struct net_socket s;
	int rc = net_socket(c, &s);

	if (rc < 0)
		return rc;
	rc = net_copy(c, c->args[1], c->args[2], &job.address, &job.address_len);
	if (rc == 0 && job.address.any.sa_family == AF_UNSPEC) {
		rc = disconnect(&s);
		close(s.fd);
		return rc;
	}
	if (rc == 0)
		rc = settle_connect(c, &s, &job);
	if (rc < 0) {
		close(s.fd);
		return rc;
	}
	job.socket = s.fd;
	return job_start(&job);
}

/* *WHERE: the line that grants the port; NULL: none by name. */
static int settle_bind(const struct call *c, const struct net_socket *s, union net_address *to, socklen_t *size,
		       const struct image_where **where)
{
	struct net_place place;

	if (is_route(s))
		return to->any.sa_family == AF_NETLINK ? 0 : -EINVAL;
	if (s->domain == AF_UNIX) /* without a name the kernel chooses one, which nobody can have waited for */
		return *size == sizeof(sa_family_t) ? 0 : net_refuse_text(c, "bind", "a unix socket");
	if (!net_is_tcp(s) && !net_is_udp(s))
		return net_refuse_text(c, "bind", "a socket of another kind");
	int rc = net_read(to, *size, &place);
	if (rc < 0)
		return rc;
	if (!(net_is_tcp(s) ? judge_listen(&judge, &place.address, place.port, where) : judge_bind_udp(&judge, place.port)))
		return net_refuse(c, net_is_tcp(s) ? "listen tcp" : "bind udp", net_is_tcp(s) ? "tcp" : "udp", &place);
	if (net_is_tcp(s))
		net_used(c, "tcp", &place, *where);
	*size = net_write(&place, s->domain, to);
	return *size > 0 ? 0 : -EAFNOSUPPORT;
}

/* With the launcher's authority: a port below 1024 that is granted can be had. Where any is, the program's own counts. */
static int do_bind(const struct call *c)
{
	const struct image_where *where = NULL;
	union net_address address;
	struct net_socket s;
	socklen_t size;
	int rc = net_socket(c, &s);

	if (rc < 0)
		return rc;
	OWNED_FD int fd = s.fd;
	(void)((rc = net_copy(c, c->args[1], c->args[2], &address, &size)) ||
	       (rc = settle_bind(c, &s, &address, &size, &where)) || (rc = where ? 0 : lend_bare_begin()));
	if (rc < 0)
		return rc;
	rc = bind(fd, &address.any, size) < 0 ? -errno : 0;
	if (!where)
		lend_bare_end();
	return rc;
}

/* What was bound may have been bound before the program had it. One that is bound to nothing would get any port. */
static int settle_listen(const struct call *c, const struct net_socket *s)
{
	const struct image_where *where;
	union net_address address;
	socklen_t size = sizeof address;
	struct net_place place;

	if (s->domain == AF_UNIX)
		return 0;
	if (!net_is_tcp(s))
		return net_refuse_text(c, "listen", "a socket of another kind");
	if (getsockname(s->fd, &address.any, &size) < 0)
		return -errno;
	const int rc = net_read(&address, size, &place);
	if (rc < 0)
		return rc;
	return judge_listen(&judge, &place.address, place.port, &where) ? 0 : net_refuse(c, "listen tcp", "tcp", &place);
}

static int do_listen(const struct call *c)
{
	struct net_socket s;
	int rc = net_socket(c, &s);

	if (rc < 0)
		return rc;
	OWNED_FD int fd = s.fd;
	rc = settle_listen(c, &s);
	if (rc < 0)
		return rc;
	return listen(fd, (int)c->args[1]) < 0 ? -errno : 0;
}

int net_call(const struct call *c)
{
	/* A policy that wants to be told and no more: Landlock and the filter judge as ever. */
	if (!(judge.families & (FAM_BROKER_NET | FAM_BROKER_UNIX)))
		return net_look(c);
	switch (c->nr) {
	case SYS_connect: return do_connect(c);
	case SYS_bind: return do_bind(c);
	case SYS_listen: return do_listen(c);
	case SYS_sendto: return send_to(c);
	case SYS_sendmsg: return send_message(c);
	default: return -ENOSYS;
	}
}

/* Beginning, serving, end ------------------------------------------------------------------------------------------------- */

int net_prepare(const struct plan *of, struct err *err)
{
	const struct image *im = &of->policy->image;
	int rc = 0;

	plan = of;
	judge = (struct judge){
	    .families = of->families,
	    .peers = of->peers.list,
	    .peer_count = of->peers.count,
	    .ports = im->ports,
	    .port_count = im->h->ports.count,
	    .told = names_told,
	};
	lend_prepare(of);
	if (of->peers.resolver < 0)
		return 0;
	names_begin(im, of->peers.resolver);
	/* Who listens may never look its own name up. */
	for (size_t i = 0; i < of->peers.count; i++)
		if (of->peers.list[i].kind == PEER_LISTEN_TCP && of->peers.list[i].host != PEERS_HOST_NONE)
			names_wait(of->peers.list[i].host);
	rc = responder_begin(err);
	judge.answers = rc == 0;
	return rc;
}

size_t net_watch(struct pollfd fds[NET_POLL_MAX], int *wait)
{
	names_watch(&names_at, wait);
	fds[0] = (struct pollfd){.fd = names_at, .events = POLLIN};
	responder_at = 1;
	jobs_at = responder_at + responder_watch(fds + responder_at, wait);
	return jobs_at + jobs_watch(fds + jobs_at, wait);
}

void net_serve(const struct pollfd *fds, size_t count)
{
	if (names_at >= 0)
		names_serve();
	responder_serve(fds + responder_at, jobs_at - responder_at);
	jobs_serve(fds + jobs_at, count - jobs_at);
}

void net_end(void)
{
	jobs_end();
	responder_end();
	names_end();
}

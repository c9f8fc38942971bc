#include "resolver.h"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include "caps.h"
#include "kernel.h"
#include "landlock.h"
#include "owned.h"
#include "plan.h"

/* An address that no packet can be sent to would be tried first by many, and waited for. Connecting sends nothing. */
static int has_way(const struct addrinfo *a)
{
	OWNED_FD int fd = socket(a->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0;
}

/* The one form. An address that stands for "any" would lead to this machine itself: nobody has meant that. */
static int take(const struct addrinfo *a, struct peer_address *to)
{
	static const uint8_t any[16];

	if (a->ai_family == AF_INET6) {
		memcpy(to->bytes, &((const struct sockaddr_in6 *)(const void *)a->ai_addr)->sin6_addr, 16);
	} else if (a->ai_family == AF_INET) {
		memcpy(to->bytes, peer_mapped, 12);
		memcpy(to->bytes + 12, &((const struct sockaddr_in *)(const void *)a->ai_addr)->sin_addr, 4);
	} else {
		return 0;
	}
	return peer_is_four(to) ? memcmp(to->bytes + 12, any, 4) != 0 : memcmp(to->bytes, any, 16) != 0;
}

static void fill(const struct addrinfo *list, int with_way, struct resolver_answer *answer)
{
	for (const struct addrinfo *a = list; a && answer->count < RESOLVER_ADDRESSES; a = a->ai_next)
		if ((!with_way || has_way(a)) && take(a, &answer->list[answer->count]))
			answer->count++;
}

static void look_up(const char *name, struct resolver_answer *answer)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	const int code = getaddrinfo(name, NULL, &hints, &list);

	if (code == 0) {
		fill(list, 1, answer);
		if (answer->count == 0)
			fill(list, 0, answer);
		freeaddrinfo(list);
	}
	answer->code = answer->count > 0                                               ? 0
		       : code == EAI_AGAIN || code == EAI_SYSTEM || code == EAI_MEMORY ? -EAGAIN
										       : -ENOENT;
}

/* One process each, so that a name whose servers are silent delays no other. */
static void answer_one(uint32_t host, const char *name)
{
	struct resolver_answer answer = {.host = host};
	const pid_t pid = fork();

	if (pid > 0)
		return;
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	look_up(name, &answer);
	(void)send(0, &answer, sizeof answer, MSG_NOSIGNAL);
	if (pid == 0)
		_exit(0);
}

/* What comes from the network is read here: there is to be nothing that could be had by way of it. */
static int give_up(const struct plan *plan, struct err *err)
{
	const struct k_landlock_ruleset attr = {.handled_access_fs = landlock_handled_fs(plan->abi) &
								     ~(uint64_t)(K_FS_READ_FILE | K_FS_READ_DIR)};

	if (plan->switch_ids && setgroups(plan->group_count, plan->groups) < 0)
		return -errno;
	int rc = caps_drop(0, plan->switch_ids, plan->uid, plan->gid, err);
	if (rc < 0)
		return rc;
	/* Nothing can be written or executed, wherever it is. */
	OWNED_FD int ruleset = k_landlock_create(&attr, sizeof attr.handled_access_fs);
	if (plan->abi > 0 && (ruleset < 0 || k_landlock_restrict(ruleset) < 0))
		return -errno;
	return 0;
}

static _Noreturn void serve(const struct plan *plan, int end)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN}, by_default = {.sa_handler = SIG_DFL};
	struct resolver_question question;
	const char *hosts[PEERS_MAX];
	const size_t count = peers_hosts(&plan->policy->image, hosts);
	sigset_t all;
	struct err err;
	ssize_t n;

	/* Neither ^C nor a stop is for it; what ends the program closes the other end. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	sigaction(SIGCHLD, &ignore, NULL);
	sigaction(SIGPIPE, &by_default, NULL);
	setsid();
	prctl(PR_SET_NAME, "resolver", 0, 0, 0);
	if (dup2(end, 0) < 0 || k_close_range(1, ~0u) < 0 || chdir("/") < 0 || give_up(plan, &err) < 0)
		_exit(1);
	while ((n = recv(0, &question, sizeof question, 0)) > 0 || (n < 0 && errno == EINTR))
		if (n == sizeof question && question.host < count)
			answer_one(question.host, hosts[question.host]);
	_exit(0);
}

int resolver_start(struct plan *plan, struct err *err)
{
	const char *hosts[PEERS_MAX];
	int ends[2];

	if (peers_hosts(&plan->policy->image, hosts) == 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_set(err, errno, "names can't be looked up: %s", err_words(errno));
	OWNED_FD int ours = ends[0];
	OWNED_FD int its = ends[1];
	const pid_t pid = fork();
	if (pid < 0)
		return err_set(err, errno, "nobody to look names up can be started: %s", err_words(errno));
	if (pid == 0)
		serve(plan, its);
	plan->peers.resolver = fcntl(ours, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	if (plan->peers.resolver < 0 || fcntl(plan->peers.resolver, F_SETFL, O_NONBLOCK) < 0)
		return err_set(err, errno, "names can't be looked up: no descriptor left: %s", err_words(errno));
	return 0;
}

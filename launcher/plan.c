#include "plan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/journal.h"
#include "broker/outside.h"
#include "kernel.h"
#include "landlock.h"
#include "making.h"
#include "names/resolver.h"
#include "owned.h"
#include "pair.h"
#include "relay.h"
#include "scratch.h"
#include "surroundings.h"
#include "view.h"

/* What the policy can't do without on this kernel, unless it says itself that it may. */
static int check_kernel(struct making *m, struct err *err)
{
	const struct image_header *h = m->im->h;
	const uint32_t forgone = m->plan->options->as_far_as_can_be ? ~(uint32_t)FEATURE_LANDLOCK : h->forgo;
	const uint32_t needs = (landlock_needs(h->families) | h->require) & ~forgone & ~(uint32_t)FEATURE_VIEW;
	const uint32_t lacks = needs & ~landlock_gives(m->plan->abi);

	for (uint32_t i = 0; 1u << i < FEATURE_ALL; i++) {
		if (!(lacks >> i & 1))
			continue;
		int since = 0;
		const char *loss = landlock_loss(1u << i, &since);
		if (1u << i == FEATURE_LANDLOCK)
			return err_set(
			    err, ENOTSUP,
			    "this kernel has no Landlock, or it is not among its LSMs (boot with lsm=landlock,...): %s", loss);
		return err_set(
		    err, ENOTSUP,
		    "this kernel (Landlock ABI %d) can't enforce what the policy needs: '%s' came with ABI %d, and without it "
		    "%s; 'forgo %s' in the policy, or --forgo %s, runs it all the same",
		    m->plan->abi, image_feature_name[i], since, loss, image_feature_name[i], image_feature_name[i]);
	}
	return 0;
}

static int add_ports(struct making *m, struct err *err)
{
	static const struct {
		uint32_t family;
		const char *what, *object;
	} any[] = {
	    {FAM_TCP_CONNECT_ANY, "connect", "tcp any"},
	    {FAM_TCP_LISTEN_ANY, "listen", "tcp any"},
	    {FAM_UDP, "connect", "udp any"},
	    {FAM_UNIX, "connect", "unix any"},
	};
	const uint32_t families = m->im->h->families;
	int rc = 0;

	for (uint32_t i = 0; i < m->im->h->ports.count && rc == 0; i++) {
		const struct image_port *p = &m->im->ports[i];
		/* Where every port is granted the ruleset does not handle the right, and would refuse a rule for it. */
		const int all = families & (p->listen ? FAM_TCP_LISTEN_ANY : FAM_TCP_CONNECT_ANY) || m->plan->abi < 4;
		for (uint32_t port = p->first; port <= p->last && rc == 0 && !all; port++)
			rc = landlock_port(m->plan->ruleset, (int)p->listen, (uint16_t)port, err);
		if (rc == 0)
			rc = plan_note(m->plan, 0, p->listen ? "listen" : "connect", "Landlock", &p->where, err,
				       p->first == p->last ? "tcp %u" : "tcp %u-%u", p->first, p->last);
	}
	for (size_t i = 0; i < sizeof any / sizeof *any && rc == 0; i++)
		if (families & any[i].family)
			rc = plan_note(m->plan, 0, any[i].what, "seccomp", NULL, err, "%s", any[i].object);
	return rc;
}

static int add_cwd(struct making *m, struct err *err)
{
	struct thing thing;

	m->plan->cwd = -1;
	if (!(m->im->h->flags & IMAGE_CWD))
		return 0;
	int rc = resolve_text(m->im, m->im->h->cwd, 1, &thing, err);
	if (rc == 0 && !thing.is_dir)
		rc = err_set(err, ENOTDIR, "%s is not a directory", thing.path);
	if (rc < 0) {
		thing_close(&thing);
		return err_in(err, rc, "cwd");
	}
	/* In a root of its own it is another mount: the launcher goes there itself. */
	if (m->scene.files)
		m->scene.cwd = scene_real_path(thing.fd);
	else
		m->plan->cwd = fcntl(thing.fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	thing_close(&thing);
	if (m->scene.files ? !m->scene.cwd : m->plan->cwd < 0)
		return err_set(err, errno, "cwd %s: %s", thing.path, err_words(errno));
	return plan_note(m->plan, 0, "cwd", "chdir", NULL, err, "%s", thing.path);
}

/* Which namespaces, and what for: the message's own words for a policy whose view is refused. */
static const char *why_view(const struct image_header *h)
{
	return h->isolate                ? "isolate"
	       : h->private_places.count ? "private"
	       : h->excepts.count        ? "except"
	       : h->families & FAM_FATTR ? "promise fattr"
					 : "the policy's view";
}

static int enter_view(struct making *m, struct err *err)
{
	const struct image_header *h = m->im->h;
	struct view_wish wish;
	const int wanted = view_wish(h, &wish);

	if (wish.own_users && m->plan->uid == 0)
		return err_set(err, EINVAL, "limit processes: the kernel exempts root from it; say 'user' as well");
	if (!wanted)
		return 0;
	m->plan->in_view = 1;
	m->scene.files = (h->isolate & ISOLATE_FILES) != 0;
	m->scene.sealed = wish.sealed;
	m->scene.loose = h->families & FAM_FATTR_ANYWHERE || h->forgo & FEATURE_VIEW;
	m->scene.wanted = m->scene.files || wish.sealed || h->private_places.count > 0 || h->excepts.count > 0;
	int rc = view_enter(&wish, err);
	/* The first process of the namespace: from here on it is this one, and the one there was only waits for it. */
	if (rc == 0 && wish.processes)
		rc = pair_part(m->plan, 1, err);
	if (rc == 0 && wish.processes)
		rc = view_proc(err);
	for (uint32_t i = 0; image_isolate_name[i] && rc == 0; i++)
		if (h->isolate >> i & 1)
			rc = plan_note(m->plan, 0, "isolate", "namespace", NULL, err, "%s", image_isolate_name[i]);
	m->plan->supervised |= wish.processes;
	return rc < 0 ? err_in(err, rc, "%s", why_view(h)) : 0;
}

static void copy_filter(struct making *m)
{
	m->plan->filter_count = m->im->h->filter.count;
	memcpy(m->plan->filter, m->im->filter, m->plan->filter_count * sizeof *m->plan->filter);
}

/* Many grants by descriptor can need more of them than the soft limit allows; the program gets its own back in enter(). */
static int open_ruleset(struct making *m, struct err *err)
{
	OWNED_FD int low = landlock_ruleset(m->plan->abi, m->im->h->families, err);

	if (low < 0)
		return low;
	if (m->im->h->fds.count == 0 && m->im->h->held.count == 0 && m->im->h->asks.count == 0) {
		m->plan->ruleset = take_fd(&low);
		return 0;
	}
	m->plan->ruleset = fcntl(low, F_DUPFD_CLOEXEC, PLAN_FD_MAX); /* out of the way of the numbers that the policy places */
	return m->plan->ruleset < 0 ? err_set(err, errno, "no descriptor left: %s", err_words(errno)) : 0;
}

/* A file to append to, or a descriptor that is there: of which the log is never waited for, so it is opened anew or made not to
 * wait. */
static int open_log_file(const char *where, struct err *err)
{
	char link[48], *end;
	const long number = strncmp(where, "fd:", 3) == 0 ? strtol(where + 3, &end, 10) : -1;

	if (number >= 0 && (*end || !where[3] || fcntl((int)number, F_GETFD) < 0))
		return err_set(err, EBADF, "--log %s: no such descriptor", where);
	snprintf(link, sizeof link, "/proc/self/fd/%ld", number);
	const int fd = open(number < 0 ? where : link, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	return fd < 0 ? err_set(err, errno, "--log %s: %s", where, err_words(errno)) : fd;
}

static int open_log(struct plan *plan, const char *where, struct err *err)
{
	plan->log_is_journal = strcmp(where, "journald") == 0;
	OWNED_FD int fd = plan->log_is_journal ? journal_open(err) : open_log_file(where, err);
	if (fd < 0)
		return fd;
	plan->log_fd = fcntl(fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	return plan->log_fd < 0 ? err_set(err, errno, "--log %s: no descriptor left: %s", where, err_words(errno)) : 0;
}

/* Before a view is entered: who comes in by it comes from outside. */
static int open_door(struct making *m, struct err *err)
{
	const struct options *o = m->plan->options;
	const int door = !o->dry_run && (m->im->h->held.count > 0 || m->im->h->asks.count > 0);
	struct view_wish wish;

	if (door)
		outside_open(m->plan->known_as);
	int rc = door && view_wish(m->im->h, &wish) ? outside_guard(m->plan, err) : 0;
	if (rc == 0 && o->log && !o->dry_run)
		rc = open_log(m->plan, o->log, err);
	if (rc == 0 && !o->dry_run)
		rc = resolver_start(m->plan, err);
	if (rc == 0 && !o->dry_run)
		rc = relay_open(m->plan, err);
	return rc < 0 ? rc : asking_make(m, err);
}

/* What is to be written through a descriptor or the broker stays writable where all else is sealed, though it is granted by no
 * name. */
static int keep_writable(struct making *m, struct image_text path, uint32_t rights, const struct image_where *where,
			 struct err *err)
{
	struct thing thing;

	if (!m->scene.sealed || m->scene.files || !(rights & RIGHTS_WRITING))
		return 0;
	/* What can't be opened is told of where it is opened in earnest. */
	if (resolve_text(m->im, path, 0, &thing, NULL) < 0)
		return 0;
	int rc = scene_add(&m->scene, &thing, rights | RIGHT_READ | RIGHT_WRITE | (thing.is_dir ? RIGHT_CREATE : 0),
			   PIECE_UNNAMED, where, err);
	thing_close(&thing);
	return rc;
}

static int keep_unnamed_writable(struct making *m, struct err *err)
{
	int rc = 0;

	for (uint32_t i = 0; i < m->im->h->fds.count && rc == 0; i++)
		rc = keep_writable(m, m->im->fds[i].path, m->im->fds[i].rights, &m->im->fds[i].where, err);
	for (uint32_t i = 0; i < m->im->h->held.count && rc == 0; i++)
		if (m->im->held[i].kind == HELD_PATH)
			rc = keep_writable(m, m->im->held[i].path, m->im->held[i].rights, &m->im->held[i].where, err);
	return rc;
}

/* What is resolved and not shown to the program under its name. */
static int make_unnamed(struct making *m, struct err *err)
{
	int rc;

	(void)((rc = making_descriptors(m, err)) || (rc = making_held(m, err)) || (rc = peers_make(m, err)) || (rc = add_cwd(m, err)));
	return rc;
}

/*
 * In this order: scratch folders are swept up by a process outside of every namespace; then the namespaces, then the names,
 * then what is to be seen of them. Descriptors are opened as the program could open them itself, so after that; in a root of
 * its own only what is granted by name can still be found, so before.
 */
static int make(struct making *m, struct err *err)
{
	int rc;

	(void)((rc = check_kernel(m, err)) || (rc = surroundings_ids(m->plan, err)) || (rc = scratch_make(m->plan, err)) ||
	       (rc = open_door(m, err)) || (rc = enter_view(m, err)) || (rc = open_ruleset(m, err)) ||
	       (rc = making_grants(m, err)) || (rc = m->scene.files ? make_unnamed(m, err) : keep_unnamed_writable(m, err)) ||
	       (rc = relay_show(m, err)) || (rc = scene_build(m, err)) || (rc = m->scene.files ? 0 : make_unnamed(m, err)) || (rc = add_ports(m, err)) ||
	       (rc = surroundings_env(m->plan, err)) || (rc = surroundings_limits(m->plan, err)));
	copy_filter(m);
	return rc;
}

static int abi_here(void)
{
	int abi = k_landlock_abi();

	return abi < 0 ? 0 : abi > LANDLOCK_ABI_KNOWN ? LANDLOCK_ABI_KNOWN : abi;
}

int plan_make(const struct options *options, const struct places *places, const struct compiled *policy, struct plan *plan,
	      struct err *err)
{
	const struct image_header *h = policy->image.h;
	struct making m = {.plan = plan, .im = &policy->image, .scene.base = -1};

	plan->ruleset = plan->cwd = plan->log_fd = plan->keep_fd = plan->listener = plan->peers.resolver = -1;
	plan->known_as = getpid();
	plan->options = options;
	plan->places = places;
	plan->policy = policy;
	plan->families = h->families;
	/* With a call on its way a signal must not cancel it, or the program sees EINTR where there would have been none. */
	if (h->families & FAM_BROKERED)
		plan->filter_flags = K_SECCOMP_FLAG_NEW_LISTENER | K_SECCOMP_FLAG_WAIT_KILLABLE_RECV;
	plan->argv = options->argv;
	plan->abi = abi_here();
	if (policy->is_file)
		m.policy_path = policy->name;
	const uint64_t wall = h->limits[LIMIT_WALL];
	plan->supervised =
	    h->flags & IMAGE_SUPERVISE || h->families & FAM_BROKERED || (wall != LIMIT_UNSET && wall != LIMIT_NONE) || h->flags & IMAGE_SESSION_NEW;
	int rc = make(&m, err);
	scene_free(&m.scene);
	free(m.guard);
	if (rc == 0)
		err->text[0] = '\0'; /* what was tried and not needed */
	return rc;
}

void plan_free(struct plan *plan)
{
	owned_close(&plan->ruleset);
	owned_close(&plan->cwd);
	owned_close(&plan->log_fd);
	peers_free(&plan->peers);
	owned_close(&plan->keep_fd);
	for (size_t i = 0; i < plan->fd_count; i++)
		owned_close(&plan->fds[i].from);
	for (size_t i = 0; i < plan->env_count; i++)
		free(plan->env[i]);
	for (size_t i = 0; i < plan->notes.count; i++)
		free(plan->notes.list[i].object);
	free(plan->notes.list);
	free(plan->env);
	free(plan->program_path);
	for (size_t i = 0; i < plan->absolute_count; i++)
		free(plan->absolute[i]);
	free(plan->absolute);
	for (size_t i = 0; i < plan->held_count; i++) {
		owned_close(&plan->held[i].fd);
		free(plan->held[i].object);
		free(plan->held[i].path);
	}
	free(plan->held);
	for (size_t i = 0; i < plan->ask_count; i++) {
		free(plan->asks[i].path);
		free(plan->asks[i].real);
	}
	free(plan->asks);
	free(plan->placed);
	free(plan->inside);
	memset(plan, 0, sizeof *plan);
	plan->ruleset = plan->cwd = plan->log_fd = plan->keep_fd = plan->peers.resolver = -1;
}

#include "plan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "landlock.h"
#include "making.h"
#include "owned.h"
#include "surroundings.h"
#include "view.h"

char *plan_where(const struct plan *plan, struct image_where where, char *to, size_t size)
{
	const struct image *im = &plan->policy->image;
	const char *name = where.source == 1 ? plan->policy->name : image_string(im, im->sources[where.source].name);

	if (where.line > 0 && where.source > 0)
		snprintf(to, size, "%s:%u", name, where.line);
	else
		snprintf(to, size, "%s", name);
	return to;
}

int plan_note(struct plan *plan, uint32_t rights, const char *what, const char *how, const struct image_where *where, struct err *err,
	      const char *object, ...)
{
	struct notes *n = &plan->notes;
	struct note note = {.rights = rights, .what = what, .how = how, .source = ""};
	va_list ap;

	if (!n->wanted)
		return 0;
	if (n->count == n->room) {
		struct note *more = realloc(n->list, (n->room * 2 + 32) * sizeof *more);
		if (!more)
			return err_set(err, ENOMEM, "no memory");
		n->list = more;
		n->room = n->room * 2 + 32;
	}
	if (where) {
		const struct image *im = &plan->policy->image;
		note.source = where->source == 1 ? plan->policy->name : image_string(im, im->sources[where->source].name);
		note.line = where->source == 0 ? 0 : where->line;
	}
	va_start(ap, object);
	int len = vasprintf(&note.object, object, ap);
	va_end(ap);
	if (len < 0)
		return err_set(err, ENOMEM, "no memory");
	n->list[n->count++] = note;
	return 0;
}

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
			return err_set(err, ENOTSUP, "this kernel has no Landlock, or it is not among its LSMs (boot with lsm=landlock,...): %s", loss);
		return err_set(err, ENOTSUP,
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
		{FAM_TCP_CONNECT_ANY, "connect", "tcp any"}, {FAM_TCP_LISTEN_ANY, "listen", "tcp any"},
		{FAM_UDP, "connect", "udp any"},             {FAM_UNIX, "connect", "unix any"},
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
	m->plan->cwd = fcntl(thing.fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	thing_close(&thing);
	if (m->plan->cwd < 0)
		return err_set(err, errno, "no descriptor left: %s", err_words(errno));
	return plan_note(m->plan, 0, "cwd", "chdir", NULL, err, "%s", thing.path);
}

/* The working directory is held through the mount that was there before: come to it anew, by its name. */
static int come_back(struct err *err)
{
	char here[RESOLVE_PATH];

	/* A name that no longer leads anywhere is hidden by a private place: then the old folder stays, of which nothing is granted. */
	if (!getcwd(here, sizeof here) || *here != '/' || chdir(here) == 0 || errno == ENOENT)
		return 0;
	return err_set(err, errno, "%s: %s", here, err_words(errno));
}

static int enter_view(struct making *m, struct err *err)
{
	const struct image_header *h = m->im->h;
	const int forgone = (h->forgo & FEATURE_VIEW) != 0;
	const int counted = h->limits[LIMIT_PROCESSES] != LIMIT_UNSET && h->limits[LIMIT_PROCESSES] != LIMIT_NONE;
	const struct view_wish wish = {
		.ipc = !forgone && h->families & FAM_SYSVIPC,
		.own_users = !forgone && counted,
		.mounts = h->private_places.count > 0 || (!forgone && h->families & FAM_FATTR) || h->require & FEATURE_VIEW,
	};

	m->sealed = !forgone && h->families & FAM_FATTR && !(h->families & FAM_FATTR_ANYWHERE);
	if (counted && m->plan->uid == 0)
		return err_set(err, EINVAL, "limit processes: the kernel exempts root from it; say 'user' as well");
	if (!wish.ipc && !wish.own_users && !wish.mounts)
		return 0;
	m->plan->in_view = 1;
	int rc = view_enter(&wish, err);
	if (rc < 0)
		return err_in(err, rc, "%s",
			      h->private_places.count ? "private" : h->families & FAM_FATTR ? "promise fattr" : "the policy's view");
	for (uint32_t i = 0; i < h->private_places.count && rc == 0; i++) {
		const struct image_place *p = &m->im->private_places[i];
		struct thing thing;
		char at[256];
		rc = resolve_text(m->im, p->path, 1, &thing, err);
		if (rc == 0 && !thing.is_dir)
			rc = err_set(err, ENOTDIR, "%s is not a directory", thing.path);
		if (rc == 0)
			rc = making_remember(m, &thing, PLACED_PRIVATE, err);
		if (rc == 0)
			rc = view_private(thing.fd, thing.path, err);
		thing_close(&thing);
		if (rc < 0)
			return err_in(err, rc, "%s: private", plan_where(m->plan, p->where, at, sizeof at));
	}
	return h->private_places.count > 0 ? come_back(err) : 0;
}

static int seal(struct making *m, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; m->sealed && i < m->plan->made_count && rc == 0; i++)
		rc = view_keep_writable(&m->plan->made[i].dir, err);
	if (m->sealed && rc == 0)
		rc = view_seal(m->writable, m->writable_count, err);
	return m->sealed && rc == 0 ? come_back(err) : rc;
}

static void copy_filter(struct making *m)
{
	memcpy(m->plan->filter, m->im->filter, m->im->h->filter.count * sizeof *m->plan->filter);
}

/* Many grants by descriptor can need more of them than the soft limit allows; the program gets its own back in enter(). */
static int open_ruleset(struct making *m, struct err *err)
{
	OWNED_FD int low = landlock_ruleset(m->plan->abi, m->im->h->families, err);

	if (low < 0)
		return low;
	if (m->im->h->fds.count == 0) {
		m->plan->ruleset = take_fd(&low);
		return 0;
	}
	m->plan->ruleset = fcntl(low, F_DUPFD_CLOEXEC, PLAN_FD_MAX); /* out of the way of the numbers that the policy places */
	return m->plan->ruleset < 0 ? err_set(err, errno, "no descriptor left: %s", err_words(errno)) : 0;
}

/* In this order: a view decides what names mean, so it comes before any name is resolved; it is sealed before anything is opened in earnest. */
static int make(struct making *m, struct err *err)
{
	int rc;

	(void)((rc = check_kernel(m, err)) || (rc = surroundings_ids(m->plan, err)) || (rc = enter_view(m, err)) ||
	       (rc = open_ruleset(m, err)) || (rc = making_grants(m, err)) || (rc = seal(m, err)) ||
	       (rc = making_descriptors(m, err)) || (rc = add_ports(m, err)) || (rc = add_cwd(m, err)) ||
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
	struct making m = {.plan = plan, .im = &policy->image};

	plan->ruleset = plan->cwd = -1;
	plan->options = options;
	plan->places = places;
	plan->policy = policy;
	plan->families = h->families;
	plan->argv = options->argv;
	plan->abi = abi_here();
	if (policy->is_file)
		m.policy_path = policy->name;
	const uint64_t wall = h->limits[LIMIT_WALL];
	plan->supervised = h->flags & IMAGE_SUPERVISE || (wall != LIMIT_UNSET && wall != LIMIT_NONE) || h->flags & IMAGE_SESSION_NEW;
	int rc = make(&m, err);
	for (size_t i = 0; i < m.writable_count; i++)
		close(m.writable[i]);
	free(m.writable);
	free(m.guard);
	if (rc == 0)
		err->text[0] = '\0'; /* what was tried and not needed */
	return rc;
}

void plan_free(struct plan *plan)
{
	owned_close(&plan->ruleset);
	owned_close(&plan->cwd);
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
	free(plan->placed);
	free(plan->inside);
	memset(plan, 0, sizeof *plan);
	plan->ruleset = plan->cwd = -1;
}

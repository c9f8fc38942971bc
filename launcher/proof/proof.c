#include "proof.h"

#include <stdio.h>
#include <stdlib.h>

#include "enter.h"
#include "kernel.h"
#include "landlock.h"
#include "owned.h"
#include "prove.h"
#include "surroundings.h"

_Static_assert(PLACED_PRIVATE == PROVE_PRIVATE, "one bit, two names");
_Static_assert(sizeof(struct placed) == sizeof(struct prove_place), "one struct, two names");

#define SOCKETS 5u
/* Of the kernel's filters: load a word, jump if equal, jump, return. */
#define BPF_LOAD 0x20
#define BPF_JUMP_IF 0x15
#define BPF_JA 0x05
#define BPF_RET_K 0x06

struct steps {
	struct plan *plan;
	int keep;
};

/*
 * Calls that the filter hands over would find nobody here. What the supervisor does at its least is put in its place: a path that no
 * capability covers goes on to Landlock, which is what has to hold, and a socket of a policy that brokers sockets is refused.
 */
static int judge_as_supervisor(struct plan *plan, struct err *err)
{
	static const uint32_t sockets[] = {SYS_connect, SYS_bind, SYS_listen, SYS_sendto, SYS_sendmsg};
	const uint32_t count = plan->filter_count, some = plan->families & (FAM_BROKER_NET | FAM_BROKER_UNIX) ? SOCKETS : 0;
	struct image_insn *at = plan->filter;

	if (!plan->filter_flags)
		return 0;
	if (count + some + 3 > IMAGE_FILTER_MAX)
		return err_set(err, E2BIG, "the filter is too long for a proof of it");
	plan->filter_flags = 0;
	for (uint32_t i = 0; i < count; i++)
		if (at[i].code == BPF_RET_K && (at[i].k & 0xffff0000u) == K_SECCOMP_USER_NOTIF)
			at[i] = (struct image_insn){.code = BPF_JA, .k = count - i - 1};
	at += count;
	*at++ = (struct image_insn){.code = BPF_LOAD, .k = 0}; /* the call's number */
	for (uint32_t i = 0; i < some; i++)
		*at++ = (struct image_insn){.code = BPF_JUMP_IF, .jt = (uint8_t)(some - i), .k = sockets[i]};
	*at++ = (struct image_insn){.code = BPF_RET_K, .k = K_SECCOMP_ALLOW};
	*at++ = (struct image_insn){.code = BPF_RET_K, .k = K_SECCOMP_ERRNO | EACCES};
	plan->filter_count = (uint32_t)(at - plan->filter);
	return 0;
}

/* The very steps that the program will get, and the pipe on which the child reports. */
static int enter_steps(void *arg, struct err *err)
{
	struct steps *s = arg;

	const int rc = judge_as_supervisor(s->plan, err);
	return rc < 0 ? rc : enter_keeping(s->plan, s->keep, err);
}

/* The names that the program's environment may hold: from the policy, not from the environment that was built. */
static const char **env_names(const struct plan *plan, char **prefixes)
{
	const struct image *im = &plan->policy->image;
	const size_t count = im->h->env.count + surroundings_service_count() + im->h->scratch.count + 5;
	const char **names = calloc(count, sizeof *names);
	size_t n = 0, used = 0;

	*prefixes = calloc(im->h->env.count + 1u, 256);
	if (!names || !*prefixes) {
		free(names);
		return NULL;
	}
	for (uint32_t i = 0; i < im->h->env.count; i++) {
		const char *name = image_string(im, im->env[i].name);
		if (im->env[i].op == ENV_KEEP_PREFIX) {
			char *with_star = *prefixes + used++ * 256;
			snprintf(with_star, 256, "%s*", name);
			name = with_star;
		}
		names[n++] = name;
	}
	for (uint32_t i = 0; i < im->h->scratch.count; i++)
		names[n++] = image_string(im, im->scratch[i].at);
	if (im->h->flags & IMAGE_SERVICE)
		for (size_t i = 0; i < surroundings_service_count(); i++)
			names[n++] = surroundings_service_name(i);
	if (plan->held_count || plan->ask_count)
		names[n++] = "ENDOW_FD";
	if (plan->own_pid[0]) {
		names[n++] = "LISTEN_PID";
		names[n++] = "LISTEN_FDS";
		names[n++] = "LISTEN_FDNAMES";
	}
	return names;
}

/* What is forgone and is not there either: what this kernel enforces all the same has to hold. */
static uint32_t forgone(const struct plan *plan)
{
	const uint32_t has = landlock_gives(plan->abi) | (plan->in_view ? FEATURE_VIEW : 0);

	return plan->policy->image.h->forgo & ~has;
}

int proof_make(struct plan *plan, struct keeper *outside, struct err *err)
{
	const struct image *im = &plan->policy->image;
	struct steps steps = {.plan = plan, .keep = -1};
	OWNED struct prove_result *result = calloc(1, sizeof *result);
	OWNED char *prefixes = NULL;
	const char **OWNED names = env_names(plan, &prefixes);
	int fds[PLAN_FD_MAX + 3] = {0, 1, 2};
	size_t fd_count = 3;

	if (!result || !names)
		return err_set(err, ENOMEM, "no memory");
	for (size_t i = 0; i < plan->fd_count; i++)
		if (plan->fds[i].number > 2)
			fds[fd_count++] = plan->fds[i].number;
	const struct prove_scope scope = {
		.families = plan->families,
		.forgone = forgone(plan),
		.flags = im->h->flags,
		.keep_caps = im->h->keep_caps,
		.uid = plan->uid,
		.gid = plan->gid,
		.groups = plan->groups,
		.group_count = plan->switch_ids ? (int)plan->group_count : -1,
		.places = (const struct prove_place *)plan->placed,
		.place_count = plan->placed_count,
		.ports = im->ports,
		.port_count = im->h->ports.count,
		.fds = fds,
		.fd_count = fd_count,
		.env = plan->env,
		.env_names = names,
		.inside = plan->inside,
		.keep = &steps.keep,
		.keep_from = PLAN_FD_MAX,
	};
	int rc = prove(enter_steps, &steps, &scope, outside, result, err);
	if (rc == -EPERM)
		return err_in(err, rc, "not run, since the sandbox does not hold");
	if (rc < 0)
		return err_in(err, rc, "not run, since it can't be proved that the sandbox holds");
	return 0;
}

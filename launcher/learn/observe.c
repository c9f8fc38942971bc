#include "observe.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "acts.h"
#include "calls.h"
#include "kernel.h"
#include "look.h"
#include "need.h"
#include "owned.h"
#include "stages.h"

int observer_make(struct observer *o, struct err *err)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return err_set(err, errno, "this kernel has no seccomp notifications: %s", err_words(errno));
	o->call_size = sizes.seccomp_notif > sizeof *o->call ? sizes.seccomp_notif : sizeof *o->call;
	o->answer_size = sizes.seccomp_notif_resp > sizeof *o->answer ? sizes.seccomp_notif_resp : sizeof *o->answer;
	o->call = calloc(1, o->call_size);
	o->answer = calloc(1, o->answer_size);
	return o->call && o->answer ? 0 : err_set(err, ENOMEM, "no memory");
}

void observer_free(struct observer *o)
{
	free(o->call);
	free(o->answer);
	*o = (struct observer){.listener = -1};
}

static const char *name_of(int nr, char **owned)
{
	static char number[24];

	*owned = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
	if (*owned)
		return *owned;
	snprintf(number, sizeof number, "call %d", nr);
	return number;
}

static void note_family(struct act *a, uint32_t family)
{
	char *OWNED owned = NULL;

	record_family(a->record, family, a->who, name_of(a->call->nr, &owned));
}

/* clone3() has its flags behind a pointer: put them where clone() has them. */
static int as_clone(const struct act *a, struct seccomp_data *clone)
{
	uint64_t flags = 0;

	if (look_memory(&a->at, a->call->args[0], &flags, sizeof flags) < 0)
		return 0;
	*clone = *a->call;
	clone->nr = S(clone);
	clone->args[0] = flags;
	return 1;
}

/* A promise by the compiler's tables. Sockets are judged where they are used, by address. */
static void note_need(struct act *a, uint32_t need)
{
	const uint32_t by_use = FAM_TCP_CONNECT | FAM_TCP_LISTEN | FAM_UDP | FAM_UNIX;

	if (need == NEED_NEVER)
		record_call(a->record, a->call->nr, a->who);
	else if (need == FAM_IOCTL || (need == FAM_TTY && a->call->nr == S(ioctl)))
		act_ioctl(a, need);
	else if (need && !(need & by_use && a->call->nr == S(socket)))
		note_family(a, need);
}

static void look_at(struct observer *o, const struct seccomp_notif *n)
{
	struct seccomp_data clone;
	struct act a = {
	    .at = {.tid = (pid_t)n->pid, .listener = o->listener, .id = n->id},
	    .call = &n->data,
	    .record = o->record,
	};

	/* In a process namespace that this process does not see. */
	if (n->pid == 0) {
		o->record->blind++;
		return;
	}
	if (n->data.arch != STAGES_ARCH) {
		o->record->foreign++;
		return;
	}
	if (!o->started && a.at.tid == o->program && n->data.nr == S(execve))
		snprintf(a.who, sizeof a.who, "%s", o->name);
	else
		look_who(&a.at, a.who);
	a.is_start = !o->started && a.at.tid == o->program;
	o->started |= a.is_start;
	if (act_on_path(&a))
		return;
	if (act_on_address(&a))
		return;
	if (n->data.nr == S(clone3)) {
		if (!as_clone(&a, &clone)) {
			o->record->blind++;
			return;
		}
		a.call = &clone;
	}
	note_need(&a, need_of(a.call, (uint32_t)o->program));
}

int observe(struct observer *o)
{
	memset(o->call, 0, o->call_size);
	if (ioctl(o->listener, SECCOMP_IOCTL_NOTIF_RECV, o->call) < 0)
		return -errno;
	look_at(o, o->call);
	memset(o->answer, 0, o->answer_size);
	o->answer->id = o->call->id;
	o->answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	/* ENOENT: the caller is gone, and needs no answer. */
	if (ioctl(o->listener, SECCOMP_IOCTL_NOTIF_SEND, o->answer) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

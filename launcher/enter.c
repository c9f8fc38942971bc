#include "enter.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <grp.h>

#include "caps.h"
#include "kernel.h"
#include "landlock.h"
#include "say.h"
#include "without.h"

static int new_session(const struct plan *plan, struct err *err)
{
	if (!(plan->policy->image.h->flags & IMAGE_SESSION_NEW))
		return 0;
	if (setsid() < 0 && getsid(0) != getpid())
		return err_set(err, errno, "no session of its own for the program: %s", err_words(errno));
	return 0;
}

/* What the program is to have at number N is at PLAN_FD_MAX or above until here, so no step can overwrite what a later one needs. */
static int place_fds(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->fd_count; i++) {
		const struct plan_fd *fd = &plan->fds[i];
		if (fd->from >= 0 && dup2(fd->from, fd->number) < 0)
			return err_set(err, errno, "descriptor %d can't be placed: %s", fd->number, err_words(errno));
		/* An inherited one may have been marked to be closed at exec. */
		if (fd->from < 0 && fcntl(fd->number, F_SETFD, 0) < 0)
			return err_set(err, errno, "descriptor %d can't be passed on: %s", fd->number, err_words(errno));
	}
	return 0;
}

/* Everything between two numbers that stay, and everything above the last. The plan's numbers ascend. */
static int close_others(const struct plan *plan, int extra, struct err *err)
{
	unsigned int next = 3;

	if (without("descriptors"))
		return 0;
	for (size_t i = 0; i < plan->fd_count; i++) {
		const unsigned int n = (unsigned int)plan->fds[i].number;
		if (n < next)
			continue;
		if (k_close_range(next, n - 1) < 0)
			return err_set(err, errno, "inherited descriptors can't be closed: %s", err_words(errno));
		next = n + 1;
	}
	if (extra >= (int)next) {
		if (k_close_range(next, (unsigned int)extra - 1) < 0)
			return err_set(err, errno, "inherited descriptors can't be closed: %s", err_words(errno));
		next = (unsigned int)extra + 1;
	}
	if (k_close_range(next, ~0u) < 0)
		return err_set(err, errno, "inherited descriptors can't be closed: %s", err_words(errno));
	return 0;
}

static int place(const struct plan *plan, struct err *err)
{
	if (plan->cwd >= 0 && fchdir(plan->cwd) < 0)
		return err_set(err, errno, "cwd: %s", err_words(errno));
	if (plan->policy->image.h->flags & IMAGE_UMASK)
		umask((mode_t)plan->policy->image.h->umask);
	return 0;
}

static int reset_signals(const struct plan *plan, struct err *err)
{
	sigset_t none;

	if (without("signals"))
		return 0;
	if (plan->policy->image.h->flags & IMAGE_SIGNALS_KEEP && !plan->supervised) {
		if (plan->options->sigchld_ignored) /* which main() had to change for its own children's sake */
			signal(SIGCHLD, SIG_IGN);
		return 0;
	}
	/* The kernel's own call: libc keeps some signals for itself, and this is the last that it does here. */
	const struct k_sigaction by_default = {0};
	for (int sig = 1; sig <= K_SIGNALS; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && syscall(SYS_rt_sigaction, sig, &by_default, NULL, K_SIGNALS / 8) < 0)
			return err_set(err, errno, "signal %d can't be reset: %s", sig, err_words(errno));
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return err_set(err, errno, "the signal mask can't be cleared: %s", err_words(errno));
	return 0;
}

static int set_limits(const struct plan *plan, struct err *err)
{
	static const int resource[LIMIT_COUNT] = {
		RLIMIT_AS, RLIMIT_CPU, -1, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_STACK,
	};

	for (int i = 0; i < LIMIT_COUNT && !without("limits"); i++)
		if (plan->limit_set[i] && setrlimit(resource[i], &plan->limits[i]) < 0)
			return err_set(err, errno, "limit %s: %s", image_limit_name[i], err_words(errno));
	/* The launcher's own soft limit was raised for its work: the program gets what there was. */
	if (!plan->limit_set[LIMIT_FILES] && plan->options->files.rlim_max && setrlimit(RLIMIT_NOFILE, &plan->options->files) < 0)
		return err_set(err, errno, "limit files: %s", err_words(errno));
	return 0;
}

static int give_up_privilege(const struct plan *plan, struct err *err)
{
	if (without("capabilities"))
		return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); /* Landlock and seccomp could not be entered otherwise */
	if (plan->switch_ids && setgroups(plan->group_count, plan->groups) < 0)
		return err_set(err, errno, "the groups can't be set: %s", err_words(errno));
	return caps_drop(plan->policy->image.h->keep_caps, plan->switch_ids, plan->uid, plan->gid, err);
}

static int enter_landlock(const struct plan *plan, struct err *err)
{
	if (without("landlock"))
		return 0;
	if (k_landlock_restrict(plan->ruleset) < 0)
		return err_set(err, errno, "Landlock refuses the sandbox: %s%s", err_words(errno),
			       errno == E2BIG ? " (16 sandboxes inside each other are the kernel's bound)" : "");
	return 0;
}

/* The filter hands calls over: what hears of them comes into being with it. */
static int enter_heard(struct plan *plan, const struct k_sock_fprog *program, struct err *err)
{
	plan->listener = (int)syscall(SYS_seccomp, K_SECCOMP_SET_MODE_FILTER, plan->filter_flags, program);
	if (plan->listener >= 0)
		return 0;
	switch (errno) {
	case EBUSY:
		return err_set(err, EBUSY,
			       "this runs inside another sandbox or observer that hears of system calls (a seccomp listener), and the "
			       "kernel has room for one only: paths granted while the program runs, 'ask', 'report', hosts and addresses "
			       "can't be had in here. What can: 'grant ... by handle', all other grants, 'connect tcp PORT'");
	case EINVAL:
		return err_set(err, EINVAL,
			       "this kernel can't hand system calls to a supervisor without disturbing them "
			       "(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV came with Linux 5.19): paths granted while the program runs, "
			       "'ask', 'report', hosts and addresses can't be had. What can: 'grant ... by handle', all other grants, "
			       "'connect tcp PORT'");
	default: return err_set(err, errno, "the kernel refuses the seccomp filter: %s", err_words(errno));
	}
}

/* The only thing that the filter can't know beforehand is who it is for. */
static int enter_seccomp(struct plan *plan, struct err *err)
{
	const uint32_t count = plan->filter_count;
	const struct k_sock_fprog program = {.len = (unsigned short)count, .filter = plan->filter};

	if (without("seccomp"))
		return 0;
	for (uint32_t i = 0; i < count; i++)
		if (plan->filter[i].k == FILTER_SELF)
			plan->filter[i].k = (uint32_t)getpid();
	if (plan->filter_flags)
		return enter_heard(plan, &program, err);
	if (prctl(PR_SET_SECCOMP, K_SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return err_set(err, errno, "the kernel refuses the seccomp filter: %s", err_words(errno));
	return 0;
}

/* A supervisor that dies takes the program with it: nobody would be left to end what it started. */
static int die_with_parent(const struct plan *plan, struct err *err)
{
	if (!plan->supervisor)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return err_set(err, errno, "can't be bound to the supervising parent: %s", err_words(errno));
	/* It may have died before that took hold. */
	if (getppid() != plan->supervisor)
		return err_set(err, ESRCH, "the supervising parent is gone");
	return 0;
}

static void write_own_pid(char *to)
{
	char digits[12];
	int n = 0;

	for (pid_t pid = getpid(); pid > 0 && n < (int)sizeof digits; pid /= 10)
		digits[n++] = (char)('0' + pid % 10);
	while (n > 0)
		*to++ = digits[--n];
	*to = '\0';
}

int enter_keeping(struct plan *plan, int extra, struct err *err)
{
	int rc;

	for (size_t i = 0; i < sizeof plan->own_pid / sizeof *plan->own_pid; i++)
		if (plan->own_pid[i])
			write_own_pid(plan->own_pid[i]);
	/* Each step may need what a later one takes away; seccomp takes most, so it is the last. */
	(void)((rc = new_session(plan, err)) || (rc = place_fds(plan, err)) || (rc = place(plan, err)) ||
	       (rc = reset_signals(plan, err)) || (rc = set_limits(plan, err)) || (rc = give_up_privilege(plan, err)) ||
	       (rc = die_with_parent(plan, err)) || (rc = enter_landlock(plan, err)) || (rc = close_others(plan, extra, err)) ||
	       (rc = enter_seccomp(plan, err)));
	return rc;
}

int enter(struct plan *plan, struct err *err)
{
	return enter_keeping(plan, -1, err);
}

int enter_exec(const struct plan *plan, struct err *err)
{
	execve(plan->program_path, plan->argv, plan->env);
	const int code = errno;
	if (code == ENOENT) {
		err_set(err, code, "%s: its interpreter (#! or the ELF loader) was not found", plan->program_path);
		return SAY_NOT_FOUND;
	}
	if (code == EACCES)
		err_set(err, code,
			"%s can't be executed: permission denied. Its loader or interpreter may not be granted: a dynamic program needs 'use libc', "
			"a script its interpreter",
			plan->program_path);
	else
		err_set(err, code, "%s can't be executed: %s", plan->program_path, err_words(code));
	return SAY_CANT_EXECUTE;
}

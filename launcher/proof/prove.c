#include "prove.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>

#include "keeper.h"
#include "owned.h"
#include "prove_scope.h"
#include "tries_abi.h"

#define PATIENCE_MS 10000 /* for entering, and for each attempt */
#define FDS_MAX 300

enum report_kind { REPORT_FAILED = 1, REPORT_ENTERED, REPORT_BEGIN, REPORT_END, REPORT_DONE };

struct report { /* one write, one read: a pipe keeps it whole */
	int32_t kind;
	int32_t index;
	int32_t value;
	char text[sizeof(struct err)]; /* REPORT_FAILED */
};
_Static_assert(sizeof(struct report) <= PIPE_BUF, "a pipe keeps it whole");

struct proof {
	int (*enter)(void *arg, struct err *err);
	void *arg;
	const struct prove_scope *scope;
	struct prove_result *result;
	struct try_targets targets;
	uint32_t rights[TRY_PLACES];
	sigset_t mask; /* as it was before */
	int fds[FDS_MAX];
};

/* The child -----------------------------------------------------------------------------------------------------------------
 */

static void tell(int fd, int kind, int index, int value)
{
	const struct report r = {.kind = kind, .index = index, .value = value};

	if (syscall(SYS_write, fd, &r, sizeof r) != sizeof r)
		syscall(SYS_exit_group, 1);
}

/* What entering has to clear away: open descriptors, a key, the state of signals. Without it those attempts would prove
 * nothing. */
static void set_bait(struct proof *p)
{
	struct try_targets *t = &p->targets;
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	char path[TRY_DIR_MAX + 16];
	sigset_t mask = p->mask;

	t->bait_dir = open(t->dir, O_RDONLY | O_DIRECTORY); /* NOLINT(android-cloexec-open): it is to be inherited */
	snprintf(path, sizeof path, "%s/" TRY_SECRET, t->dir);
	t->bait_file = open(path, O_RDONLY); /* NOLINT(android-cloexec-open) */
	if (syscall(SYS_keyctl, ABI_KEYCTL_JOIN_SESSION, NULL) >= 0) {
		long key = syscall(SYS_add_key, "user", "endow-prove", "x", 1L, ABI_KEY_SPEC_SESSION);
		t->key = key > 0 ? (int32_t)key : 0;
	}
	if (!(p->scope->flags & IMAGE_SIGNALS_KEEP)) {
		sigaction(SIGUSR2, &ignore, NULL);
		sigaddset(&mask, SIGUSR1);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void know_scope(struct proof *p, int report)
{
	const struct prove_scope *scope = p->scope;
	struct try_targets *t = &p->targets;
	struct rlimit files = {1024, 1024};
	struct abi_cap_header head = {ABI_CAP_VERSION_3, 0};
	struct abi_cap_data caps[2] = {{0}};

	memcpy(p->fds, scope->fds, scope->fd_count * sizeof *p->fds);
	p->fds[scope->fd_count] = report;
	t->fds = p->fds;
	t->fd_count = scope->fd_count + 1;
	getrlimit(RLIMIT_NOFILE, &files);
	t->fd_bound = files.rlim_cur > 65536 ? 65536 : files.rlim_cur < 1024 ? 1024 : (int)files.rlim_cur;
	t->env = scope->env;
	t->env_names = scope->env_names;
	t->groups = scope->groups;
	t->group_count = scope->group_count;
	t->caps = scope->keep_caps;
	t->bounding = syscall(SYS_capget, &head, caps) == 0 && (caps[0].effective & ABI_CAP(SETPCAP));
}

__attribute__((noreturn)) static void attempt(struct proof *p, int report, size_t from, pid_t parent)
{
	struct report failure = {.kind = REPORT_FAILED};
	struct err err = {""};

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		syscall(SYS_exit_group, 1);
	know_scope(p, report);
	set_bait(p);
	*p->scope->keep = report;
	int rc = p->enter(p->arg, &err);
	if (rc < 0) {
		failure.value = rc;
		memcpy(failure.text, err.text, sizeof failure.text);
		syscall(SYS_write, report, &failure, sizeof failure);
		syscall(SYS_exit_group, 1);
	}
	tell(report, REPORT_ENTERED, 0, 0);
	for (size_t i = from; i < tries_count(); i++) {
		const struct try *try = tries_at(i);
		if (prove_allows(p->scope, p->rights, try))
			continue;
		tell(report, REPORT_BEGIN, (int)i, 0);
		int outcome = try->fn(&p->targets);
		tell(report, REPORT_END, (int)i, outcome);
		if (outcome == 0 && (try->flags & TRY_SPOILS))
			syscall(SYS_exit_group, 0);
	}
	tell(report, REPORT_DONE, 0, 0);
	for (;;)
		syscall(SYS_exit_group, 0);
}

/* The parent ----------------------------------------------------------------------------------------------------------------
 */

/* 1: a report; 0: the child is gone; or a negative errno. */
static int next_report(int fd, struct report *r)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int rc;

	do
		rc = poll(&wait, 1, PATIENCE_MS);
	while (rc < 0 && errno == EINTR);
	if (rc <= 0)
		return rc < 0 ? -errno : -ETIMEDOUT;
	ssize_t n = read(fd, r, sizeof *r);
	if (n < 0)
		return -errno;
	return n == 0 ? 0 : n == sizeof *r ? 1 : -EPROTO;
}

static int out_of_order(struct err *err)
{
	return err_set(err, EPROTO,
		       "no proof: the process inside the sandbox reported something else than what it was asked to try");
}

/* How far one child came: `at` is under way if `running`, else next to be tried. */
struct progress {
	size_t at;
	int entered, running, done;
};

static int untried(const struct prove_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		if (result->items[i].outcome == PROVE_UNTRIED)
			return 1;
	return 0;
}

static int take_report(struct proof *p, const struct report *r, struct progress *g, struct err *err)
{
	size_t index = (size_t)r->index;

	switch (r->kind) {
	case REPORT_FAILED:
		return g->entered || r->value >= 0 ? out_of_order(err)
						   : err_set(err, -r->value, "%.*s", (int)sizeof r->text - 1, r->text);
	case REPORT_ENTERED:
		if (g->entered)
			return out_of_order(err);
		g->entered = 1;
		return 0;
	case REPORT_BEGIN:
		if (!g->entered || g->running || r->index < 0 || index < g->at || index >= p->result->count)
			return out_of_order(err);
		g->at = index;
		g->running = 1;
		return 0;
	case REPORT_END:
		if (!g->running || index != g->at || (r->value > 0 && r->value != TRY_MOOT))
			return out_of_order(err);
		p->result->items[g->at++].outcome = r->value;
		g->running = 0;
		return 0;
	case REPORT_DONE:
		if (!g->entered || g->running || untried(p->result))
			return out_of_order(err);
		g->done = 1;
		return 0;
	default: return out_of_order(err);
	}
}

/* A child that ended before it was done: only a filter may have done that, in answer to an attempt. */
static int take_death(struct proof *p, int status, struct progress *g, struct err *err)
{
	const struct prove_item *item = &p->result->items[g->at < p->result->count ? g->at : 0];

	if (!g->entered)
		return err_set(err, EPROTO,
			       "no proof: the process that was to enter the sandbox ended on the way (wait status %#x)",
			       status);
	if (!g->running) { /* it may stop after an attempt that changed it for good */
		const struct prove_item *last = g->at > 0 ? &p->result->items[g->at - 1] : NULL;
		int spoilt = last && last->outcome == 0 && (last->try->flags & TRY_SPOILS);
		return spoilt && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : out_of_order(err);
	}
	if (WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGSYS || (WTERMSIG(status) == SIGKILL && (item->try->flags & TRY_KILLS)))) {
		p->result->items[g->at++].outcome = PROVE_KILLED;
		g->running = 0;
		return 0;
	}
	return err_set(err, EPROTO, "no proof: the attempt '%s' ended the process that made it (wait status %#x)",
		       item->try->name, status);
}

static int collect(struct proof *p, int fd, pid_t child, struct progress *g, struct err *err)
{
	struct report r;
	int status = 0, rc = 0, code = 0;

	while (code == 0 && (rc = next_report(fd, &r)) == 1)
		code = take_report(p, &r, g, err);
	if (rc < 0)
		code = err_set(err, -rc, "no proof: %s%s: no end of it within %d s",
			       g->running ? "the attempt " : "entering the sandbox",
			       g->running ? p->result->items[g->at].try->name : "", PATIENCE_MS / 1000);
	if (code < 0)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return code < 0 ? code : err_set(err, ECHILD, "no proof: the process inside the sandbox was lost");
	return code < 0 || g->done ? code : take_death(p, status, g, err);
}

static int run_child(struct proof *p, struct progress *g, struct err *err)
{
	int ends[2];
	pid_t parent = getpid();

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(err, errno, "no proof: no pipe: %s", err_words(errno));
	OWNED_FD int in = ends[0];
	OWNED_FD int low = ends[1];
	OWNED_FD int out = fcntl(low, F_DUPFD_CLOEXEC, p->scope->keep_from);
	if (out < 0)
		return err_set(err, errno, "no proof: no descriptor from %d on: %s", p->scope->keep_from, err_words(errno));
	pid_t child = fork();
	if (child < 0)
		return err_set(err, errno, "no proof: no process: %s", err_words(errno));
	if (child == 0)
		attempt(p, out, g->at, parent);
	close(take_fd(&out));
	close(take_fd(&low));
	return collect(p, in, child, g, err);
}

static void count_up(struct prove_result *result)
{
	for (size_t i = 0; i < result->count; i++) {
		int outcome = result->items[i].outcome;
		result->holes += outcome == 0;
		result->moot += outcome == TRY_MOOT;
		result->granted += outcome == PROVE_GRANTED;
		result->refused += outcome < 0 || outcome == PROVE_KILLED;
	}
}

static int name_holes(const struct prove_result *result, struct err *err)
{
	size_t named = 0, used;
	int n;

	err_set(err, EPERM, "the sandbox has %zu known hole%s", result->holes, result->holes == 1 ? "" : "s");
	if (!err)
		return -EPERM;
	used = strlen(err->text);
	for (size_t i = 0; i < result->count; i++) {
		const struct prove_item *item = &result->items[i];
		if (item->outcome != 0)
			continue;
		size_t room = sizeof err->text - used;
		n = snprintf(err->text + used, room, "%s%s (%s)", named ? "; " : ": ", item->try->name, item->try->what);
		if (n < 0 || (size_t)n + 24 > room) {
			snprintf(err->text + used, room, "; and %zu more", result->holes - named);
			break;
		}
		used += (size_t)n;
		named++;
	}
	return -EPERM;
}

static int make_targets(struct proof *p, struct keeper *keeper, struct err *err)
{
	OWNED struct keeper_order *order = calloc(1, sizeof *order);

	if (!order)
		return err_set(err, ENOMEM, "no proof: no memory");
	if (tries_count() > PROVE_MAX || p->scope->fd_count >= FDS_MAX)
		return err_set(err, E2BIG, "no proof: more attempts or descriptors than there is room for");
	prove_order(p->scope, order);
	return keeper_make(keeper, order, &p->targets, err);
}

static int list_attempts(struct proof *p, struct err *err)
{
	char path[PATH_MAX];
	struct prove_result *result = p->result;

	p->targets.inside = p->scope->inside;
	for (uint32_t i = 0; i < TRY_PLACES; i++) {
		const char *at = tries_place_path(&p->targets, i, path, sizeof path);
		p->rights[i] = at ? prove_rights_at(p->scope, at) & RIGHT_ALL : 0;
	}
	result->count = tries_count();
	for (size_t i = 0; i < result->count; i++) {
		result->items[i].try = tries_at(i);
		result->items[i].outcome = prove_allows(p->scope, p->rights, tries_at(i)) ? PROVE_GRANTED : PROVE_UNTRIED;
	}
	/* What is refused out here as well would prove nothing in there; but in a view of its own it may be out of sight from
	 * here. */
	if (access(p->targets.dir, F_OK) == 0 && tries_find("open")->fn(&p->targets) != 0)
		return err_set(err, EPROTO,
			       "no proof: the file to be kept from the sandbox can't be read outside of it either");
	return 0;
}

static int make_proof(struct proof *p, struct keeper *keeper, struct err *err)
{
	struct progress g = {0};

	int rc = make_targets(p, keeper, err);
	if (rc == 0)
		rc = list_attempts(p, err);
	while (rc == 0 && !g.done) {
		size_t before = g.at;
		g = (struct progress){.at = before};
		rc = run_child(p, &g, err);
		if (rc == 0 && !g.done && g.at == before)
			rc = out_of_order(err);
	}
	if (p->targets.hits)
		munmap((void *)(uintptr_t)p->targets.hits, sizeof(int)); /* NOLINT(performance-no-int-to-ptr) */
	return rc;
}

int prove(int (*enter)(void *arg, struct err *err), void *arg, const struct prove_scope *scope, struct keeper *outside,
	  struct prove_result *result, struct err *err)
{
	struct keeper own = KEEPER_NONE, *keeper = outside ? outside : &own;
	struct proof *p = calloc(1, sizeof *p);
	struct sigaction plain = {.sa_handler = SIG_DFL}, old;
	sigset_t all;

	if (!p)
		return err_set(err, ENOMEM, "no proof: no memory");
	*result = (struct prove_result){0};
	*p = (struct proof){.enter = enter, .arg = arg, .scope = scope, .result = result};
	/* A signal waits until all is cleared away; children that nobody waits for would be lost. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &p->mask);
	sigaction(SIGCHLD, &plain, &old);
	int rc = outside ? 0 : keeper_start(&own, err);
	if (rc == 0)
		rc = make_proof(p, keeper, err);
	keeper_end(keeper);
	sigaction(SIGCHLD, &old, NULL);
	sigprocmask(SIG_SETMASK, &p->mask, NULL);
	free(p);
	count_up(result);
	return rc < 0 ? rc : result->holes ? name_holes(result, err) : 0;
}

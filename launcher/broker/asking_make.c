/* The `ask` lines of a policy, at the launch; and the process that will ask. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "asker.h"
#include "asking_own.h"
#include "kernel.h"
#include "making.h"
#include "owned.h"
#include "plain.h"
#include "program.h"

/* Numbers in the process that asks. */
enum { AT_SOCKET = STDERR_FILENO + 1, AT_KEEP, AT_LOG, AT_FREE };

static const char *name_of_source(const struct making *m, const struct image_where *where)
{
	return where->source == 1 ? m->plan->policy->name : image_string(m->im, m->im->sources[where->source].name);
}

/* What is not there yet can be asked for once it is. */
static int resolve_ask(struct making *m, const struct image_ask *from, struct ask *to, struct err *err)
{
	char path[RESOLVE_PATH], plain[RESOLVE_PATH];
	struct thing thing;
	int rc = resolve_name(m->im, from->path, path, err);

	if (rc < 0)
		return rc;
	if (plain_path(plain, sizeof plain, path) < 0)
		return err_set(err, EINVAL, "%s: '.' and '..' are no part of what can be asked for", path);
	*to = (struct ask){.rights = from->rights, .source = name_of_source(m, &from->where), .line = from->where.line};
	rc = scene_keep(&to->path, plain, err);
	if (rc == 0 && resolve_text(m->im, from->path, 1, &thing, NULL) == 0) {
		to->real = scene_real_path(thing.fd);
		thing_close(&thing);
	}
	return rc < 0 ? rc : plan_note(m->plan, from->rights, "ask", "the person", &from->where, err, "%s", plain);
}

static int resolve_asks(struct making *m, struct plan *plan, struct err *err)
{
	const uint32_t count = m->im->h->asks.count;
	char at[256];

	plan->asks = calloc(count, sizeof *plan->asks);
	if (!plan->asks)
		return err_set(err, ENOMEM, "no memory");
	for (uint32_t i = 0; i < count; i++) {
		const struct image_ask *from = &m->im->asks[i];
		const int rc = resolve_ask(m, from, &plan->asks[plan->ask_count++], err);
		if (rc < 0)
			return err_in(err, rc, "%s: ask", plan_where(plan, from->where, at, sizeof at));
	}
	return 0;
}

/* endow-ask, which comes with the launcher, or what --ask names. */
static int find_helper(const struct plan *plan, char *path, size_t size, struct err *err)
{
	const char *how = plan->options->ask;
	const int by_default = !how || strcmp(how, "tty") == 0;
	struct thing thing;

	if (by_default)
		snprintf(path, size, "%s/endow-ask", plan->places->libexec);
	const int rc = program_find(by_default ? path : how, &thing, err);
	if (rc < 0)
		return by_default ? err_in(err, rc, "ask") : err_in(err, rc, "--ask %s", how);
	snprintf(path, size, "%s", thing.path);
	thing_close(&thing);
	return 0;
}

/* Out of the way of the numbers that the policy places. */
static int raise_fd(int low, int *to, struct err *err)
{
	*to = fcntl(low, F_DUPFD_CLOEXEC, PLAN_FD_MAX);
	return *to < 0 ? err_set(err, errno, "ask: no descriptor left: %s", err_words(errno)) : 0;
}

static int open_keep(struct plan *plan, struct err *err)
{
	const char *path = plan->options->keep_answers;

	if (!path)
		return 0;
	OWNED_FD int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, errno, "--keep-answers %s: %s", path, err_words(errno));
	return raise_fd(fd, &plan->keep_fd, err);
}

/* At a number of its own, or nothing there. */
static int move(int from, int to)
{
	if (from < 0)
		return -1;
	return dup2(from, to) == to ? to : -1;
}

/*
 * The child. It keeps the caller's authority and standard error, and nothing else that is open: it must not be what somebody
 * waits for. The terminal's signals are for the program.
 */
static _Noreturn void become_asker(struct making *m, const char *command, int socket)
{
	static struct asker asker;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	const int nothing = open("/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
	/* Those that are moved are all at PLAN_FD_MAX or above. */
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 || move(socket, AT_SOCKET) < 0)
		_exit(1);
	const int kept = move(m->plan->keep_fd, AT_KEEP), log = move(m->plan->log_fd, AT_LOG);
	if (kept < 0)
		close(AT_KEEP);
	if (log < 0)
		close(AT_LOG);
	k_close_range(AT_FREE, ~0u);
	asker = (struct asker){
	    .plan = m->plan,
	    .command = command,
	    .name = m->plan->policy->name,
	    .keep = kept,
	    .log = log,
	    .hides = (m->im->h->isolate & ISOLATE_FILES) != 0,
	};
	asking_begin(m->plan, -1);
	asker_serve(&asker, AT_SOCKET);
}

static pid_t asker_process;

pid_t asking_process(void)
{
	return asker_process;
}

static int start_asker(struct making *m, struct err *err)
{
	static char command[RESOLVE_PATH];
	OWNED_FD int ours = -1;
	OWNED_FD int theirs = -1;
	int ends[2], rc;

	(void)((rc = find_helper(m->plan, command, sizeof command, err)) || (rc = open_keep(m->plan, err)));
	if (rc < 0)
		return rc;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_set(err, errno, "ask: %s", err_words(errno));
	(void)((rc = raise_fd(ends[0], &ours, err)) || (rc = raise_fd(ends[1], &theirs, err)));
	close(ends[0]);
	close(ends[1]);
	if (rc < 0)
		return rc;
	const pid_t pid = fork();
	if (pid == 0)
		become_asker(m, command, theirs);
	if (pid < 0)
		return err_set(err, errno, "ask: no process for it: %s", err_words(errno));
	asker_process = pid;
	asking_begin(m->plan, take_fd(&ours));
	return 0;
}

int asking_make(struct making *m, struct err *err)
{
	struct plan *plan = m->plan;
	const struct options *o = plan->options;

	if (m->im->h->asks.count == 0)
		return 0;
	plan->supervised = 1;
	const int rc = resolve_asks(m, plan, err);
	if (rc < 0 || o->dry_run)
		return rc;
	if (o->ask && strcmp(o->ask, "deny") == 0) {
		asking_begin(plan, -1);
		return 0;
	}
	return start_asker(m, err);
}

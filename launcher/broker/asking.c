#include "asking.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "asker.h"
#include "asking_own.h"
#include "freeze.h"
#include "owned.h"
#include "plain.h"
#include "plan.h"
#include "server.h"
#include "without.h"

#define END_MS 3000 /* the process that asks has to put the terminal in order first */

/* The questions: the first is the one that stands, if any does; the others wait, in the order in which they came. */
static struct waiting {
	struct question q;
	uint64_t deadline; /* ms */
} waiting[ASKING_WAITING];
static size_t waiting_count;

static struct {
	const struct plan *plan; /* NULL: the policy has no `ask` line */
	int socket;              /* to the process that asks; owned; -1: there is none */
	int standing;
	uint64_t serial;
	pid_t stopped; /* while a question stood: the program; 0 */
} desk = {.socket = -1};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t patience_ms(void)
{
	return without("patience") ? 2000 : ASKING_SECONDS * 1000;
}

void asking_begin(const struct plan *plan, int to)
{
	desk.plan = plan;
	desk.socket = to;
}

int asking_rule(const char *path, uint32_t rights)
{
	char plain[ASKING_PATH];

	if (!desk.plan || plain_path(plain, sizeof plain, path) < 0)
		return -1;
	for (size_t i = 0; i < desk.plan->ask_count; i++) {
		const struct ask *a = &desk.plan->asks[i];
		if (!(rights & ~a->rights) && (plain_covers(a->path, plain) || (a->real && plain_covers(a->real, plain))))
			return (int)i;
	}
	return -1;
}

/* The log ----------------------------------------------------------------------------------------------------------------- */

static void log_question(const char *event, const struct question *q, const char *path, const struct ask *line, int code,
			 const char *why)
{
	struct broker *b = server_get();
	const struct log_line l = {
	    .event = event,
	    .pid = q->pid,
	    .path = path,
	    .path_len = strlen(path),
	    .rights = q->rights,
	    .source = line ? line->source : NULL,
	    .at = line ? line->line : 0,
	    .code = code,
	    .why = why,
	};

	if (b)
		log_write(&b->log, &l);
}

static void log_answer(const struct question *q, const struct answer *a, const struct asker_answer *from)
{
	char why[300];

	if (a->what == ANSWER_NO)
		snprintf(why, sizeof why, "no: %s", a->why);
	else
		snprintf(why, sizeof why, "%s%s",
			 from->before             ? "granted for this run before"
			 : a->what == ANSWER_ONCE ? "once"
						  : "run",
			 from->kept ? ", and kept" : "");
	log_question("answer", q, a->what == ANSWER_NO ? q->path : a->path, a->line, a->code, why);
}

/* The queue --------------------------------------------------------------------------------------------------------------- */

static struct question take(size_t i)
{
	const struct question q = waiting[i].q;

	memmove(&waiting[i], &waiting[i + 1], (--waiting_count - i) * sizeof *waiting);
	return q;
}

static void refuse(size_t i, int code, const char *why)
{
	static const struct asker_answer none;
	const struct question q = take(i);
	struct answer a = {.what = ANSWER_NO, .code = code, .fd = -1};
	const int rule = asking_rule(q.path, q.rights);

	a.line = rule < 0 ? NULL : &desk.plan->asks[rule];
	snprintf(a.why, sizeof a.why, "%s", why);
	log_answer(&q, &a, &none);
	q.answered(q.arg, &a);
}

/* The question is over: the program may use the terminal again. */
static void sit_back(void)
{
	desk.standing = 0;
	freeze_end();
	if (desk.stopped)
		kill(desk.stopped, SIGCONT);
	desk.stopped = 0;
}

/* There is nobody to ask any more. */
static void close_desk(void)
{
	owned_close(&desk.socket);
	desk.socket = -1;
	sit_back();
	while (waiting_count > 0)
		refuse(0, -EPERM, "what asks the person has ended");
}

static void send_question(const struct waiting *w, uint64_t now)
{
	static struct asker_question packet;

	packet = (struct asker_question){
	    .id = w->q.id,
	    .pid = w->q.pid,
	    .rights = w->q.rights,
	    .kind = w->q.kind,
	    .wait_ms = (uint32_t)(w->deadline > now ? w->deadline - now : 0),
	};
	memcpy(packet.who, w->q.who, sizeof packet.who);
	memcpy(packet.path, w->q.path, sizeof packet.path);
	memcpy(packet.why, w->q.why, sizeof packet.why);
	if (send(desk.socket, &packet, sizeof packet, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof packet)
		desk.standing = 1;
	else
		close_desk();
}

static int check(const struct question *q, struct err *err)
{
	if (asking_rule(q->path, q->rights) < 0)
		return err_set(err, EPERM, "%.200s: no 'ask' line covers it", q->path);
	if (desk.socket < 0)
		return err_set(err, EPERM, "%.200s: there is nobody to ask", q->path);
	return waiting_count == ASKING_WAITING
		   ? err_set(err, EAGAIN, "%d questions wait for an answer, as many as can", ASKING_WAITING)
		   : 0;
}

int asking_put(struct question *q, struct err *err)
{
	const int rc = check(q, err);

	if (rc < 0) {
		if (rc == -EPERM && desk.plan && asking_rule(q->path, q->rights) >= 0)
			log_question("answer", q, q->path, &desk.plan->asks[asking_rule(q->path, q->rights)], rc,
				     "no: there is nobody to ask");
		return rc;
	}
	q->id = ++desk.serial;
	waiting[waiting_count++] = (struct waiting){.q = *q, .deadline = now_ms() + patience_ms()};
	log_question("ask", q, q->path, &desk.plan->asks[asking_rule(q->path, q->rights)], 0, *q->why ? q->why : NULL);
	return 0;
}

void asking_forget(void *arg)
{
	static const struct asker_question nothing;

	for (size_t i = waiting_count; i-- > 0;) {
		if (waiting[i].q.arg != arg)
			continue;
		(void)take(i);
		if (i > 0 || !desk.standing)
			continue;
		sit_back();
		if (send(desk.socket, &nothing, sizeof nothing, MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof nothing)
			close_desk();
	}
}

int asking_now(pid_t pid)
{
	if (!desk.standing)
		return 0;
	desk.stopped = pid;
	return 1;
}

/* The one that stands. */
static void take_back(const char *why)
{
	static const struct asker_question nothing;

	sit_back();
	if (send(desk.socket, &nothing, sizeof nothing, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof nothing)
		refuse(0, -EACCES, why);
	else
		close_desk();
}

void asking_hurry(int sig)
{
	if (desk.standing && (sig == SIGTERM || sig == SIGINT || sig == SIGHUP || sig == SIGQUIT))
		take_back("the program was told to end");
}

/* The answers ------------------------------------------------------------------------------------------------------------- */

/* 1 with an answer and its descriptor or -1, 0 at the end, or a negative errno. */
static int receive(struct asker_answer *a, int *fd)
{
	struct iovec part = {.iov_base = a, .iov_len = sizeof *a};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof *fd)];
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	const ssize_t n = recvmsg(desk.socket, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	*fd = -1;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(c), sizeof *fd);
	if (n < 0)
		return -errno;
	return n == sizeof *a;
}

/* What --ask names has a way of its own to the person. */
static int is_at_terminal(void)
{
	const char *how = desk.plan->options->ask;

	return !how || strcmp(how, "tty") == 0;
}

static void go_ahead(uint64_t id)
{
	static struct asker_question go;

	go.id = id;
	if (is_at_terminal() && freeze_begin() < 0) {
		take_back("there are too many processes for the program to be stopped while the person is asked");
		return;
	}
	if (send(desk.socket, &go, sizeof go, MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof go)
		close_desk();
}

static void deliver(const struct asker_answer *from, int fd)
{
	static struct answer a;

	/* Of a question that was taken back. */
	if (!desk.standing || waiting_count == 0 || waiting[0].q.id != from->id)
		return;
	if (from->what == ASKER_STANDS) {
		go_ahead(from->id);
		return;
	}
	sit_back();
	const struct question q = take(0);
	const int yes = from->what != ANSWER_NO && fd >= 0;
	const int rule = from->rule >= 0 ? from->rule : asking_rule(q.path, q.rights);
	a = (struct answer){
	    .what = yes ? (enum answer_what)from->what : ANSWER_NO,
	    .code = yes              ? 0
		    : from->code < 0 ? from->code
				     : -EACCES,
	    .fd = fd,
	    .kind = from->kind,
	    .rights = q.rights,
	    .line = rule < 0 ? NULL : &desk.plan->asks[rule],
	};
	memcpy(a.path, from->path, sizeof a.path);
	memcpy(a.why, from->why, sizeof a.why);
	log_answer(&q, &a, from);
	q.answered(q.arg, &a);
}

static void wait_until(uint64_t when, uint64_t now, int *wait)
{
	const uint64_t ms = when > now ? when - now : 0;

	if (*wait < 0 || ms < (uint64_t)*wait)
		*wait = ms < INT_MAX ? (int)ms : INT_MAX;
}

/* The one that stands is timed by who asks it. */
size_t asking_watch(struct pollfd fds[ASKING_POLL_MAX], int *wait)
{
	if (desk.socket < 0)
		return 0;
	const uint64_t now = now_ms();
	const size_t first = (size_t)desk.standing;
	while (waiting_count > first && waiting[first].deadline <= now)
		refuse(first, -ETIME, "nobody has answered in time");
	if (!desk.standing && waiting_count > 0)
		send_question(&waiting[0], now);
	if (waiting_count > (size_t)desk.standing)
		wait_until(waiting[desk.standing].deadline, now, wait);
	fds[0] = (struct pollfd){.fd = desk.socket, .events = POLLIN};
	return desk.socket < 0 ? 0 : 1;
}

void asking_serve(const struct pollfd *fds, size_t count)
{
	static struct asker_answer a;
	int fd = -1;

	if (count == 0 || !fds[0].revents || fds[0].fd != desk.socket)
		return;
	const int rc = receive(&a, &fd);
	if (rc == 1)
		deliver(&a, fd);
	else if (rc != -EAGAIN && rc != -EINTR)
		close_desk();
	owned_close(&fd);
}

void asking_end(void)
{
	struct pollfd gone = {.fd = desk.socket, .events = POLLIN};
	char byte;

	if (desk.socket < 0)
		return;
	waiting_count = 0;
	/* Other processes may have inherited this end. */
	shutdown(desk.socket, SHUT_WR);
	while (poll(&gone, 1, END_MS) > 0 && recv(desk.socket, &byte, 1, MSG_DONTWAIT) > 0)
		;
	owned_close(&desk.socket);
	desk.socket = -1;
	desk.standing = 0;
}

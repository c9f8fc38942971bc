#include "asker.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"
#include "kernel.h"
#include "owned.h"
#include "plain.h"
#include "plan.h"

/* What was answered for this run. In this process's own memory, for as long as that lives. */
static struct remembered {
	char *real;   /* what was asked for; owned */
	char *picked; /* NULL: a no; owned */
	int fd;       /* of what was picked */
	uint32_t rights, kind;
} remembered[ASKING_REMEMBERED];
static size_t remembered_count;

static struct state {
	const struct asker *asker;
	int socket;
	struct asker_question q;
	struct thing asked; /* what the question is about; its path is without links. No descriptor: it is not there */
	struct helper helper;
	int standing;
	uint64_t deadline; /* ms */
} s;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Answering --------------------------------------------------------------------------------------------------------------- */

static void send_answer(const struct asker_answer *a, int fd)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)a, .iov_len = sizeof *a};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {0};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		m.msg_control = control;
		m.msg_controllen = sizeof control;
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	if (sendmsg(s.socket, &m, MSG_NOSIGNAL) < 0)
		_exit(0); /* nobody is there any more */
}

static struct asker_answer answer_of(int what)
{
	return (struct asker_answer){.id = s.q.id, .what = what, .rule = -1};
}

static void say_no(int code, int before, const char *why)
{
	struct asker_answer a = answer_of(ANSWER_NO);

	a.code = code;
	a.before = before;
	plain_text(a.why, sizeof a.why, why, strlen(why));
	send_answer(&a, -1);
}

/* 1: the program stands still, where it has to. 0: the question is taken back. */
static int announce(void)
{
	const struct asker_answer a = answer_of(ASKER_STANDS);
	struct asker_question go;
	ssize_t n;

	send_answer(&a, -1);
	do
		n = recv(s.socket, &go, sizeof go, 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof go)
		_exit(0);
	return go.id == s.q.id;
}

/* What was picked goes to the supervisor. */
static void say_yes(enum answer_what what, const char *path, uint32_t kind, int fd, int before, int kept)
{
	struct asker_answer a = answer_of(what);

	a.kind = kind;
	a.before = before;
	a.kept = kept;
	a.rule = asking_rule(s.asked.path, s.q.rights);
	snprintf(a.path, sizeof a.path, "%s", path);
	send_answer(&a, fd);
}

/* Before ------------------------------------------------------------------------------------------------------------------ */

/* Who was told no to less is told no to more; who was given more for this run has less as well. */
static const struct remembered *find_remembered(const char *real, uint32_t rights)
{
	for (size_t i = 0; i < remembered_count; i++) {
		const struct remembered *r = &remembered[i];
		if (strcmp(r->real, real) == 0 && (r->picked ? !(rights & ~r->rights) : !(r->rights & ~rights)))
			return r;
	}
	return NULL;
}

/* Without room there is nothing to be asked any more: see begin(). What can't be remembered is asked again. */
static void remember(const char *picked, uint32_t kind, int fd)
{
	if (remembered_count == ASKING_REMEMBERED)
		return;
	struct remembered *r = &remembered[remembered_count];
	*r = (struct remembered){
	    .rights = s.q.rights,
	    .kind = kind,
	    .fd = picked ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1,
	    .real = strdup(s.asked.path),
	    .picked = picked ? strdup(picked) : NULL,
	};
	if (r->real && (!picked || (r->picked && r->fd >= 0))) {
		remembered_count++;
		return;
	}
	owned_close(&r->fd);
	free(r->real);
	free(r->picked);
}

static int answer_as_before(void)
{
	const struct remembered *r = find_remembered(s.asked.path, s.q.rights);

	if (!r)
		return 0;
	if (r->picked)
		say_yes(ANSWER_RUN, r->picked, r->kind, r->fd, 1, 0);
	else
		say_no(-EACCES, 1, "the person has said no before");
	return 1;
}

/* After ------------------------------------------------------------------------------------------------------------------- */

/* The line that would grant it the next time. */
static int keep_answer(const struct thing *thing)
{
	char word[4 * ASKING_PATH + 8], line[sizeof word + 256], rights[64], day[16] = "", who[64];
	const time_t now = time(NULL);
	struct tm tm;

	if (plain_word(word, sizeof word, thing->path) < 0)
		return 0;
	if (localtime_r(&now, &tm))
		strftime(day, sizeof day, "%Y-%m-%d", &tm);
	const int n =
	    snprintf(line, sizeof line, "%s %s  # %s, asked for by %s\n", plain_rights(rights, sizeof rights, s.q.rights, " "),
		     word, day, plain_text(who, sizeof who, s.q.who, strlen(s.q.who)));
	return n > 0 && (size_t)n < sizeof line && write(s.asker->keep, line, (size_t)n) == n;
}

static void grant(const struct said *said, const struct thing *thing)
{
	const int kept = said->keep && keep_answer(thing);

	if (said->keep && !kept)
		fprintf(stderr, "endow: --keep-answers: %s could not be written down\n", thing->path);
	if (said->what == ANSWER_RUN)
		remember(thing->path, asker_kind(thing), thing->fd);
	say_yes(said->what, thing->path, asker_kind(thing), thing->fd, 0, kept);
}

/* What the person picked is the person's to give, wherever it lies. */
static void grant_picked(const struct said *said)
{
	struct thing thing;
	struct err err;
	int rc = asker_open(said->path, &thing, &err);

	if (rc == 0)
		rc = asker_judge(s.asker, &thing, s.q.rights, s.q.kind, &err);
	if (rc == 0) {
		grant(said, &thing);
	} else {
		fprintf(stderr, "endow: what was picked can't be granted: %s\n", err.text);
		say_no(rc == -EPERM ? rc : -EACCES, 0, "what was picked can't be granted");
	}
	thing_close(&thing);
}

static void conclude(void)
{
	struct said said;
	const int ended_well = WIFEXITED(s.helper.status) && WEXITSTATUS(s.helper.status) == 0;

	s.standing = 0;
	if (!ended_well || answer_line(s.helper.said, s.helper.len, s.asker->keep >= 0, &said) < 0) {
		const char *why = ended_well ? "what asks the person gave no answer" : "what asks the person has failed";
		fprintf(stderr, "endow: %s: %s: that is a no\n", s.asker->command, why);
		remember(NULL, 0, -1);
		say_no(-EACCES, 0, why);
	} else if (said.what == ANSWER_NO) {
		remember(NULL, 0, -1);
		say_no(-EACCES, 0, "the person said no");
	} else if (said.path[0]) {
		grant_picked(&said);
	} else if (s.asked.fd >= 0) {
		grant(&said, &s.asked);
	} else {
		say_no(-ENOENT, 0, "it is not there");
	}
	thing_close(&s.asked);
}

/* One question ------------------------------------------------------------------------------------------------------------ */

#define WORDS 24

static int start_helper(const struct asker *a)
{
	static char name[64], pid[16], who[64], rights[64], path[ASKING_PATH], why[512], where[256], line[256];
	const struct ask *rule = &a->plan->asks[asking_rule(s.asked.path, s.q.rights)];
	char *argv[WORDS];
	size_t n = 0;

	plain_text(name, sizeof name, a->name, strlen(a->name));
	snprintf(pid, sizeof pid, "%d", (int)s.q.pid);
	plain_text(who, sizeof who, s.q.who, strlen(s.q.who));
	plain_rights(rights, sizeof rights, s.q.rights, ",");
	plain_text(path, sizeof path, s.asked.path, strlen(s.asked.path));
	plain_text(why, sizeof why, s.q.why, strlen(s.q.why));
	snprintf(where, sizeof where, "%.160s:%u", rule->source, rule->line);
	plain_text(line, sizeof line, where, strlen(where));
	const char *const words[] = {a->command,
				     "--sandbox",
				     name,
				     "--pid",
				     pid,
				     "--program",
				     who,
				     "--rights",
				     rights,
				     "--path",
				     path,
				     "--why",
				     why,
				     "--line",
				     line,
				     "--kind",
				     s.q.kind == WIRE_KINDS  ? "any"
				     : s.q.kind == WIRE_TREE ? "tree"
							     : "file"};
	_Static_assert(sizeof words / sizeof *words + 2 <= WORDS, "and --keep, and the end");
	for (; n < sizeof words / sizeof *words; n++)
		argv[n] = (char *)(uintptr_t)words[n];
	if (a->keep >= 0)
		argv[n++] = (char *)(uintptr_t) "--keep";
	argv[n] = NULL;
	return helper_start(&s.helper, argv, &a->plan->options->files);
}

/* What is asked for is opened before the person is asked: what is shown, without links, is what is granted. */
static int find_asked(struct err *err)
{
	int rc = asker_open(s.q.path, &s.asked, err);

	if (rc == -ENOENT && s.asker->hides) {
		s.asked = THING_NONE;
		return plain_path(s.asked.path, ASKING_PATH, s.q.path) < 0 ? err_set(err, EINVAL, "no absolute path") : 0;
	}
	if (rc < 0)
		return rc;
	if (asking_rule(s.asked.path, s.q.rights) < 0)
		return err_set(err, EACCES, "it leads to %s, which no 'ask' line covers", s.asked.path);
	return asker_judge(s.asker, &s.asked, s.q.rights, s.q.kind, err);
}

static void begin(void)
{
	struct err err = {""};
	int rc = find_asked(&err);

	if (rc == 0 && answer_as_before()) {
		thing_close(&s.asked);
		return;
	}
	if (rc == 0 && remembered_count == ASKING_REMEMBERED)
		rc = err_set(&err, EPERM, "so much was asked in this run that nothing more is");
	if (rc == 0 && !announce()) {
		thing_close(&s.asked);
		return;
	}
	if (rc == 0) {
		rc = start_helper(s.asker);
		if (rc < 0)
			err_set(&err, EACCES, "what asks the person can't be started");
	}
	s.standing = rc == 0;
	s.deadline = now_ms() + s.q.wait_ms;
	if (rc < 0) {
		say_no(rc == -ENOENT || rc == -EPERM ? rc : -EACCES, 0, err.text);
		thing_close(&s.asked);
	}
}

static void take_back(int code, const char *why)
{
	helper_end(&s.helper);
	s.standing = 0;
	thing_close(&s.asked);
	if (code)
		say_no(code, 0, why);
}

static void receive(void)
{
	struct asker_question q;
	const ssize_t n = recv(s.socket, &q, sizeof q, 0);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n != sizeof q) {
		if (s.standing)
			take_back(0, NULL);
		_exit(0);
	}
	if (s.standing)
		take_back(0, NULL);
	s.q = q;
	if (q.id)
		begin();
}

static int time_left(void)
{
	const uint64_t now = now_ms();

	return !s.standing ? -1 : now >= s.deadline ? 0 : (int)(s.deadline - now);
}

_Noreturn void asker_serve(const struct asker *asker, int socket)
{
	s = (struct state){.asker = asker, .socket = socket};
	prctl(PR_SET_NAME, "endow asks");
	for (;;) {
		struct pollfd fds[3] = {{.fd = socket, .events = POLLIN}, {.fd = -1}, {.fd = -1}};
		if (s.standing) {
			fds[1] = (struct pollfd){.fd = s.helper.process, .events = POLLIN};
			fds[2] = (struct pollfd){.fd = s.helper.all_said ? -1 : s.helper.pipe, .events = POLLIN};
		}
		const int ready = poll(fds, 3, time_left());
		if (ready < 0)
			continue;
		if (fds[0].revents) {
			receive();
			continue; /* what stood is another one now */
		}
		if (fds[1].revents || fds[2].revents)
			helper_read(&s.helper);
		if (fds[1].revents) {
			helper_finish(&s.helper);
			conclude();
		} else if (s.standing && s.helper.len == sizeof s.helper.said) {
			remember(NULL, 0, -1);
			take_back(-EACCES, "what asks the person gave no answer");
		} else if (s.standing && time_left() == 0) {
			take_back(-ETIME, "nobody has answered in time");
		}
	}
}

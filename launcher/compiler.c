#include "compiler.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "enter.h"
#include "frames.h"
#include "owned.h"
#include "plan.h"
#include "say.h"

struct pipes {
	int to[2], from[2];
};

static void pipes_close(const struct pipes *p)
{
	for (int i = 0; i < 2; i++) {
		owned_close(&p->to[i]);
		owned_close(&p->from[i]);
	}
}

static int pipes_open(struct pipes *p, struct err *err)
{
	*p = (struct pipes){{-1, -1}, {-1, -1}};
	if (pipe2(p->to, O_CLOEXEC) < 0 || pipe2(p->from, O_CLOEXEC) < 0) {
		int rc = err_set(err, errno, "no pipe for the policy compiler: %s", err_words(errno));
		pipes_close(p);
		return rc;
	}
	return 0;
}

/* In the child: the two pipes become its standard streams, errors stay visible, and the embedded policy holds. */
static _Noreturn void child(const struct pipes *p, struct plan *plan)
{
	struct err err = {.text = "can't place the pipes"};

	if (dup2(p->to[0], STDIN_FILENO) >= 0 && dup2(p->from[1], STDOUT_FILENO) >= 0 && enter(plan, &err) == 0) {
		enter_exec(plan, &err);
	}
	say_error(&err);
	_exit(SAY_REFUSED);
}

static int serve_fragment(const struct places *places, int fd, const char *name, struct err *err)
{
	struct policy_text text;
	struct err why;
	int rc = find_fragment(places, name, &text, &why);

	if (rc < 0)
		return frame_send(fd, FRAME_ABSENT, why.text, strlen(why.text), NULL, 0, err);
	rc = frame_send(fd, FRAME_FRAGMENT, text.path, strlen(text.path) + 1, text.bytes, text.len, err);
	policy_text_free(&text);
	return rc;
}

/* Until the compiler has spoken its last word. */
static int converse(const struct places *places, const struct pipes *p, const struct policy_text *text, const char *line,
		    size_t line_len, void **bytes, size_t *size, struct err *err)
{
	int rc = frame_send(p->to[1], FRAME_LINE, line, line_len, NULL, 0, err);

	if (rc == 0)
		rc = frame_send(p->to[1], FRAME_POLICY, text->path, strlen(text->path) + 1, text->bytes, text->len, err);
	while (rc == 0) {
		struct frame frame;
		rc = frame_recv(p->from[0], &frame, err);
		if (rc < 0)
			return rc;
		OWNED char *data = frame.data;
		switch (frame.type) {
		case FRAME_NEED: rc = serve_fragment(places, p->to[1], data, err); break;
		case FRAME_IMAGE:
			*size = frame.size;
			*bytes = take_ptr(data);
			return 0;
		case FRAME_REFUSED:
			say_compiler(data, frame.size);
			return err_set(err, EINVAL, "%s", "");
		default: rc = err_set(err, EBADMSG, "the policy compiler said what it can't say"); break;
		}
	}
	return rc;
}

static int run(const struct places *places, struct plan *plan, const struct policy_text *text, const char *line, size_t line_len,
	       void **bytes, size_t *size, struct err *err)
{
	struct pipes p;
	int rc = pipes_open(&p, err), status;

	if (rc < 0)
		return rc;
	pid_t pid = fork();
	if (pid < 0) {
		rc = err_set(err, errno, "can't start the policy compiler: %s", err_words(errno));
		pipes_close(&p);
		return rc;
	}
	if (pid == 0)
		child(&p, plan);
	owned_close(&p.to[0]);
	owned_close(&p.from[1]);
	p.to[0] = p.from[1] = -1;
	/* A compiler that dies must be an error of a write, not our own end. */
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	rc = converse(places, &p, text, line, line_len, bytes, size, err);
	signal(SIGPIPE, old);
	pipes_close(&p);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return rc;
}

int compiler_run(const struct places *places, const struct compiled *default_policy, const struct policy_text *text, const char *line,
		 size_t line_len, void **bytes, size_t *size, struct err *err)
{
	char path[FIND_PATH + 32];
	char *argv[] = {path, NULL};
	char no_line[] = "";
	const struct options options = {.line = no_line, .argv = argv, .argc = 1, .literal = 1, .as_far_as_can_be = 1};
	OWNED struct plan *plan = calloc(1, sizeof *plan);

	if (!plan)
		return err_set(err, ENOMEM, "no memory");
	snprintf(path, sizeof path, "%s/endow-compile", places->libexec);
	int rc = plan_make(&options, places, default_policy, plan, err);
	if (rc == 0)
		rc = run(places, plan, text, line, line_len, bytes, size, err);
	else
		err_in(err, rc, "the policy has to be compiled, but the compiler can't be run");
	plan_free(plan);
	return rc;
}

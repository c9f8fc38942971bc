/* endow-compile: speaks lib/frames.h on its standard input and output, and does nothing else. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "filter.h"
#include "frames.h"
#include "owned.h"

#ifndef ENDOW_VERSION
#define ENDOW_VERSION "unknown"
#endif

/* "NAME, NUL, TEXT". */
static int split(const struct frame *frame, struct compile_text *out, struct err *err)
{
	const char *nul = memchr(frame->data, '\0', frame->size);

	if (!nul)
		return err_set(err, EBADMSG, "a policy without a name");
	out->shown = frame->data;
	out->text = nul + 1;
	out->len = frame->size - (size_t)(nul + 1 - frame->data);
	return 0;
}

static int receive(struct frame *frame, enum frame_type type, struct err *err)
{
	int rc = frame_recv(STDIN_FILENO, frame, err);

	if (rc == 0 && frame->type != type)
		return err_set(err, EBADMSG, "message %u where %u should be", frame->type, (unsigned)type);
	return rc;
}

static int ask(const char *name, struct compile_text *out, struct err *err)
{
	struct frame frame = {0};
	int rc;

	(void)((rc = frame_send(STDOUT_FILENO, FRAME_NEED, name, strlen(name), NULL, 0, err)) ||
	       (rc = frame_recv(STDIN_FILENO, &frame, err)));
	if (rc < 0)
		return rc;
	out->owned = frame.data;
	if (frame.type == FRAME_FRAGMENT)
		return split(&frame, out, err);
	if (frame.type == FRAME_ABSENT)
		return err_set(err, ENOENT, "%s", frame.data);
	return err_set(err, EBADMSG, "message %u in answer to a fragment's name", frame.type);
}

/* A pipe that fails is no fault of the policy: it is kept apart. */
struct failure {
	int rc;
	struct err err;
};

static int fetch(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	struct failure *failure = arg;
	int rc = ask(name, out, err);

	if (rc < 0 && rc != -ENOENT) {
		failure->rc = rc;
		failure->err = *err;
	}
	return rc;
}

static int refuse(const struct diag *diag, struct err *err)
{
	char *OWNED text = diag_render(diag);
	const char *shown = text ? text : "endow-compile: no memory\n";

	return frame_send(STDOUT_FILENO, FRAME_REFUSED, shown, strlen(shown), NULL, 0, err);
}

static int answer(const struct frame *line, const struct frame *policy, struct err *err)
{
	struct compile_input in = {.line = line->data, .line_len = line->size, .filter = filter_make};
	struct failure failure = {0};
	struct diag diag = {0};
	void *OWNED image = NULL;
	size_t size = 0;
	int rc = split(policy, &in.main, err);

	if (rc < 0)
		return rc;
	rc = compile(&in, fetch, &failure, &image, &size, &diag);
	if (failure.rc < 0) {
		*err = failure.err;
		return failure.rc;
	}
	if (rc < 0)
		return refuse(&diag, err);
	return frame_send(STDOUT_FILENO, FRAME_IMAGE, image, size, NULL, 0, err);
}

int main(int argc, char **argv)
{
	struct frame line = {0}, policy = {0};
	struct err err = {""};
	int rc;

	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("endow-compile " ENDOW_VERSION) < 0 || fflush(stdout) != 0;
	if (argc > 1) {
		fputs("endow-compile: takes no arguments but --version; endow starts it\n", stderr);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	(void)((rc = receive(&line, FRAME_LINE, &err)) || (rc = receive(&policy, FRAME_POLICY, &err)) ||
	       (rc = answer(&line, &policy, &err)));
	if (rc < 0)
		fprintf(stderr, "endow-compile: %s\n", err.text);
	free(line.data);
	free(policy.data);
	return rc < 0;
}

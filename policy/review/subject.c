#include "subject.h"

#include <stdlib.h>
#include <string.h>

#include "owned.h"

static int refuse(struct subject *s, const struct diag *diag, int rc, struct err *err)
{
	s->messages = diag_render(diag);
	return s->messages ? rc : err_set(err, ENOMEM, "no memory");
}

static int read_tree(struct subject *s, const struct compile_input *in, compile_fetch *fetch, void *arg, struct diag *diag)
{
	s->tree = calloc(1, sizeof *s->tree);
	return s->tree ? compile_tree(in, fetch, arg, s->tree, diag) : -ENOMEM;
}

int subject_make(struct subject *s, const struct compile_input *in, compile_fetch *fetch, void *arg, const char *shown,
		 const char *program, const struct world *world, struct err *err)
{
	OWNED struct diag *diag = calloc(1, sizeof *diag);
	size_t size = 0;

	if (!diag)
		return err_set(err, ENOMEM, "no memory");
	int rc = compile(in, fetch, arg, &s->bytes, &size, diag);
	if (rc < 0)
		return refuse(s, diag, rc, err);
	rc = read_tree(s, in, fetch, arg, diag);
	if (rc < 0)
		return err_set(err, -rc, "%s: %s", shown, err_words(-rc));
	rc = image_check(s->bytes, size, &s->image, err);
	if (rc < 0)
		return err_in(err, rc, "%s: the policy compiler's answer can't be used", shown);
	shown = arena_text(&s->arena, shown, strlen(shown));
	if (!shown)
		return err_set(err, ENOMEM, "no memory");
	const struct model_input input = {.shown = shown, .tree = s->tree, .image = &s->image, .program = program};
	return model_make(&input, world, &s->arena, &s->model, err);
}

void subject_free(struct subject *s)
{
	if (s->tree)
		tree_free(s->tree);
	free(s->tree);
	free(s->bytes);
	free(s->messages);
	arena_free(&s->arena);
	memset(s, 0, sizeof *s);
}

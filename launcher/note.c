#include <stdio.h>
#include <stdlib.h>

#include "plan.h"

char *plan_where(const struct plan *plan, struct image_where where, char *to, size_t size)
{
	const struct image *im = &plan->policy->image;
	const char *name = where.source == 1 ? plan->policy->name : image_string(im, im->sources[where.source].name);

	if (where.line > 0 && where.source > 0)
		snprintf(to, size, "%s:%u", name, where.line);
	else
		snprintf(to, size, "%s", name);
	return to;
}

int plan_note(struct plan *plan, uint32_t rights, const char *what, const char *how, const struct image_where *where,
	      struct err *err, const char *object, ...)
{
	struct notes *n = &plan->notes;
	struct note note = {.rights = rights, .what = what, .how = how, .source = ""};
	va_list ap;

	if (!n->wanted)
		return 0;
	if (n->count == n->room) {
		struct note *more = realloc(n->list, (n->room * 2 + 32) * sizeof *more);
		if (!more)
			return err_set(err, ENOMEM, "no memory");
		n->list = more;
		n->room = n->room * 2 + 32;
	}
	if (where) {
		const struct image *im = &plan->policy->image;
		note.source = where->source == 1 ? plan->policy->name : image_string(im, im->sources[where->source].name);
		note.line = where->source == 0 ? 0 : where->line;
	}
	va_start(ap, object);
	int len = vasprintf(&note.object, object, ap);
	va_end(ap);
	if (len < 0)
		return err_set(err, ENOMEM, "no memory");
	n->list[n->count++] = note;
	return 0;
}

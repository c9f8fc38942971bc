#include "lint_lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockfile.h"

__attribute__((format(printf, 4, 5))) static int add(struct findings *findings, const char *shown, const char *hint,
						     const char *fmt, ...)
{
	struct message m = {.at = {.source = SOURCE_MAIN}};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m.text, sizeof m.text, fmt, ap);
	va_end(ap);
	snprintf(m.hint, sizeof m.hint, "%s", hint);
	snprintf(m.shown, sizeof m.shown, "%s", shown);
	return findings_add(findings, LINT_LOCK, &m);
}

static int add_gains(const struct lock_state *s, const char *name, struct findings *findings)
{
	char at[512];
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < s->gained.count; i++) {
		const struct gain *g = &s->gained.list[i];
		const bool known = g->entry && !g->lacks;
		rc = add(findings, name, "if that is meant: endow lock", "allows what its lock does not: %s%s%s%s", g->text,
			 known ? " (" : "", known ? origin_text(&g->entry->origin, at, sizeof at) : "", known ? ")" : "");
	}
	return rc;
}

int lint_lock(struct files *files, const char *name, struct findings *findings, struct err *err)
{
	struct lock_state *s = calloc(1, sizeof *s);

	if (!s)
		return err_set(err, ENOMEM, "no memory");
	int rc = lock_compare(files, name, s, err);
	if (rc == 0)
		rc = add_gains(s, name, findings);
	else if (rc == -ENOENT)
		rc = add(findings, name, "endow lock makes it", "it was never locked: there is no %s", s->path);
	else if (rc == -EINVAL && s->now.messages) /* what is wrong with the policy is found already */
		rc = 0;
	else if (rc == -EINVAL)
		rc = add(findings, name, "endow lock writes it anew", "its lock can't be read: %.*s",
			 (int)strcspn(s->locked.messages ? s->locked.messages : err->text, "\n"),
			 s->locked.messages ? s->locked.messages : err->text);
	if (rc == 0)
		err->text[0] = '\0';
	lock_free(s);
	free(s);
	return rc;
}

#include "asking_hold.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "owned.h"
#include "plan.h"
#include "server.h"

#define HOLDS_MAX 256 /* answers of one run that became capabilities: what is made of one stays until the end */

/* What the broker borrows for as long as it lives. */
static int fill(const struct answer *a, const char *by_path, struct held *held, struct err *err)
{
	struct stat st;

	*held = (struct held){
	    .kind = a->kind,
	    .rights = a->rights,
	    .times = a->what == ANSWER_ONCE,
	    .fd = fcntl(a->fd, F_DUPFD_CLOEXEC, PLAN_FD_MAX),
	    .by_path = by_path != NULL,
	    .object = strdup(a->path),
	    .path = by_path ? strdup(by_path) : NULL,
	    .source = a->line->source,
	    .line = a->line->line,
	};
	if (held->fd < 0 || fstat(held->fd, &st) < 0)
		return err_set(err, errno, "no descriptor left: %s", err_words(errno));
	held->dev = st.st_dev;
	return held->object && (!by_path || held->path) ? 0 : err_set(err, ENOMEM, "no memory");
}

int asking_hold(const struct answer *a, uint32_t client, const char *by_path, struct cap **cap, struct err *err)
{
	static unsigned int count;
	struct broker *b = server_get();
	char name[24];

	if (!b || !a->line)
		return err_set(err, ENOTCONN, "there is no broker any more");
	if (count == HOLDS_MAX)
		return err_set(err, ENOSPC, "%d answers were turned into capabilities, as many as can be", HOLDS_MAX);
	struct held *held = calloc(1, sizeof *held);
	if (!held)
		return err_set(err, ENOMEM, "no memory");
	int rc = fill(a, by_path, held, err);
	if (rc == 0) {
		snprintf(name, sizeof name, "asked-%u", count + 1);
		held->name = name; /* copied into the capability */
		rc = server_adopt(b, client, held, cap, err);
		held->name = "";
	}
	if (rc == 0) {
		count++;
		return 0;
	}
	owned_close(&held->fd);
	free(held->object);
	free(held->path);
	free(held);
	return rc;
}

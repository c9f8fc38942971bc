#include "denials.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "allowed.h"
#include "hear.h"
#include "kernel.h"
#include "owned.h"
#include "plain.h"
#include "plan.h"
#include "say.h"

#define WHAT_MAX 32
#define SHOWN_MAX 300

static struct denial {
	char *object; /* owned */
	unsigned long count;
	uint32_t rights;
	pid_t pid;           /* of the first */
	char what[WHAT_MAX]; /* without RIGHTS */
	char who[64];
} denials[DENIALS_MAX];
static size_t denial_count;
static unsigned long others;

/* Looking ----------------------------------------------------------------------------------------------------------------- */

/* The bits of the mode that are for the program's own user, where that is not who supervises it. Groups are left out: then it
 * is told of once too often. */
static int mode_allows(const struct plan *plan, const struct stat *st, uint32_t needs)
{
	const unsigned int shift = st->st_uid == plan->uid ? 6 : 3;
	const mode_t has = st->st_mode >> shift | (shift == 3 ? st->st_mode : 0);

	return plan->uid == 0 || (has & needs) == needs;
}

/* Would the file's own permissions let the program? */
static int permits(int fd, uint32_t rights)
{
	const struct plan *plan = hear_plan();
	const int needs = (rights & RIGHT_READ ? R_OK : 0) | (rights & (RIGHT_WRITE | RIGHT_APPEND) ? W_OK : 0) |
			  (rights & RIGHT_CREATE ? W_OK | X_OK : 0) | (rights & RIGHT_EXEC ? X_OK : 0);
	struct stat st;

	if (fstat(fd, &st) < 0)
		return 0;
	if (plan->switch_ids)
		return mode_allows(plan, &st, (uint32_t)needs);
	return k_faccessat2(fd, "", needs, AT_EMPTY_PATH | AT_EACCESS) == 0;
}

/* Of RIGHTS on what PATH, without links, names: those that the sandbox lacks. 0: it is not the sandbox that refuses. */
static uint32_t lacking(const char *path, uint32_t rights)
{
	const struct k_open_how how = {.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW, .resolve = K_RESOLVE_NO_MAGICLINKS};
	OWNED_FD int fd = k_openat2(AT_FDCWD, path, &how);

	if (fd < 0 || !permits(fd, rights))
		return 0;
	const uint32_t allowed = allowed_rights(fd), lacks = rights & ~allowed;
	/* What can't be read can't be executed either. */
	return lacks | (lacks & RIGHT_EXEC ? RIGHT_READ & ~allowed : 0);
}

/* Noting ------------------------------------------------------------------------------------------------------------------ */

static int is_same(const struct denial *d, uint32_t rights, const char *what, const char *object, const char *who)
{
	return d->rights == rights && strcmp(d->object, object) == 0 && strcmp(d->who, who) == 0 &&
	       (rights || strncmp(d->what, what, WHAT_MAX - 1) == 0);
}

static void add(const struct call *c, uint32_t rights, const char *what, const char *object)
{
	char who[64];

	call_who(c, who, sizeof who);
	for (size_t i = 0; i < denial_count; i++)
		if (is_same(&denials[i], rights, what, object, who)) {
			denials[i].count++;
			return;
		}
	char *copy = denial_count == DENIALS_MAX ? NULL : strdup(object);
	if (!copy) {
		others++;
		return;
	}
	struct denial *d = &denials[denial_count++];
	*d = (struct denial){.rights = rights, .object = copy, .pid = call_process(c), .count = 1};
	snprintf(d->what, sizeof d->what, "%s", rights ? "" : what);
	memcpy(d->who, who, sizeof d->who);
}

void denials_note(const struct call *c, uint32_t rights, const char *what, const char *path_or_address, int code)
{
	(void)code;
	if (!hear_plan() || !(hear_plan()->policy->image.h->flags & IMAGE_REPORT))
		return;
	const uint32_t lacks = rights ? lacking(path_or_address, rights) : 0;
	if (lacks || !rights)
		add(c, lacks, what, path_or_address);
}

/* Telling ----------------------------------------------------------------------------------------------------------------- */

/* 'append' by name changes how everything is opened: it is said only where the policy says it already. */
static uint32_t to_grant(uint32_t rights)
{
	if (!(rights & RIGHT_APPEND) || hear_plan()->families & FAM_APPEND_NAME)
		return rights;
	return (rights & ~(uint32_t)RIGHT_APPEND) | RIGHT_WRITE;
}

/* The statement that would have allowed it. */
static void statement_for(const struct denial *d, char *to, size_t size)
{
	char word[4 * CALL_PATH + 8], rights[64];
	int n = -1;

	if (!d->rights)
		n = snprintf(to, size, "%s %s", d->what, d->object);
	else if (plain_word(word, sizeof word, d->object) == 0)
		n = snprintf(to, size, "%s %s", plain_rights(rights, sizeof rights, to_grant(d->rights), " "), word);
	/* One that was cut would be another one. */
	if (n < 0 || (size_t)n >= size)
		to[0] = '\0';
}

static void tell(const struct denial *d)
{
	char statement[SHOWN_MAX], object[SHOWN_MAX], who[64], rights[64], times[32] = "once";
	struct err err;

	if (d->count > 1)
		snprintf(times, sizeof times, "%lu times", d->count);
	statement_for(d, statement, sizeof statement);
	plain_text(object, sizeof object, d->object, strlen(d->object));
	plain_text(who, sizeof who, d->who, strlen(d->who));
	const int whole = *statement != '\0';
	err_set(&err, EACCES, "refused %s: %s %s (%s[%d])%s%s%s", times,
		d->rights ? plain_rights(rights, sizeof rights, d->rights, " ") : d->what, object, who, (int)d->pid,
		whole ? "; '" : "", whole ? statement : "", whole ? "' in the policy would allow it" : "");
	say_error(&err);
}

void denials_tell(const struct plan *plan)
{
	struct err err;

	if (!(plan->policy->image.h->flags & IMAGE_REPORT))
		return;
	for (size_t i = 0; i < denial_count; i++)
		tell(&denials[i]);
	if (others > 0) {
		err_set(&err, EACCES, "refused %lu times: others, beyond the %d that are told one by one", others, DENIALS_MAX);
		say_error(&err);
	}
}

/* Where nothing covers a path: does Landlock? If not, the person may be asked, or it is noted. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "allowed.h"
#include "broker/asking.h"
#include "broker/asking_hold.h"
#include "denials.h"
#include "hear.h"
#include "kernel.h"
#include "owned.h"
#include "paths.h"
#include "plan.h"

#define NEVER (RIGHT_EXEC | RIGHT_IOCTL) /* can't be handed out */

/* What the call needs, and of what. */
struct need {
	uint32_t rights;       /* enum right */
	uint32_t kind;         /* enum wire_kind: of what is asked for */
	char path[PATHS_TEXT]; /* of that: the thing, or the folder that it is to be made in; without links */
};

static struct waiting {
	struct call call;
	char path[ASKING_PATH];
	int used;
} waiting[ASKING_WAITING];

static int is_answered; /* the call was put to the person: it is not put again */

static int look(const char *path, enum paths_last last)
{
	const struct k_open_how how = {
	    .flags = (uint64_t)(O_PATH | O_CLOEXEC | (last == PATHS_FOLLOW ? 0 : O_NOFOLLOW)),
	    .resolve = K_RESOLVE_NO_MAGICLINKS,
	};
	const int fd = k_openat2(AT_FDCWD, path, &how);

	return fd < 0 ? -errno : fd;
}

static int look_at_folder(const char *path)
{
	char folder[PATHS_TEXT];
	const char *name = paths_last_name(path);

	memcpy(folder, path, (size_t)(name - path));
	folder[name - path] = '\0';
	return look(*folder ? folder : "/", PATHS_FOLLOW);
}

/* What is out of the program's sight can still be asked for, by its name. */
static int is_out_of_sight(const struct plan *plan)
{
	return plan->policy->image.h->isolate & ISOLATE_FILES || plan->policy->image.h->private_places.count;
}

/*
 * 1: Landlock will refuse it for want of NEED. 0: it will not, or the call comes to nothing before that: what is there is to be
 * made, what is not is to be opened.
 */
static int find_need(const char *path, enum paths_last last, uint32_t rights, int flags, struct need *need)
{
	const int makes = (flags & O_CREAT) != 0;
	struct stat st;
	OWNED_FD int thing = look(path, last == PATHS_NAME ? PATHS_NOFOLLOW : last);

	if (thing < 0 && thing != -ENOENT)
		return 0;
	if (thing >= 0 ? makes && flags & O_EXCL : !makes)
		return 0;
	OWNED_FD int folder = thing < 0 || last == PATHS_NAME ? look_at_folder(path) : -1;
	const int of = thing < 0 || last == PATHS_NAME ? folder : thing;
	if (of < 0 || fstat(of, &st) < 0 || paths_of(of, need->path) < 0 || paths_is_own(need->path))
		return 0;
	need->kind = S_ISDIR(st.st_mode) ? WIRE_TREE : WIRE_FILE;
	need->rights = rights | (thing < 0 && last != PATHS_NAME ? RIGHT_CREATE : 0);
	return (need->rights & ~allowed_rights(of)) != 0;
}

/* Of what can't be seen from here: as it was named. */
static int find_hidden(const char *path, enum paths_last last, uint32_t rights, int flags, struct need *need)
{
	OWNED_FD int thing = look(path, PATHS_FOLLOW);

	if (thing != -ENOENT || last == PATHS_NAME)
		return 0;
	const char *name = paths_last_name(path);
	snprintf(need->path, sizeof need->path, "%.*s",
		 flags & O_CREAT ? (int)(name - path - (name - path > 1)) : (int)strlen(path), path);
	need->kind = flags & O_CREAT ? WIRE_TREE : WIRE_KINDS;
	need->rights = rights | (flags & O_CREAT ? RIGHT_CREATE : 0);
	return 1;
}

/* The answer is a capability, by which the call is done as if it had been there before. */
static int do_again(const struct call *c, const char *path, const struct answer *a)
{
	struct cap *cap;
	struct err err;

	if (a->what == ANSWER_NO)
		return a->code < 0 ? a->code : -EACCES;
	const int rc = asking_hold(a, 0, path, &cap, &err);
	return rc < 0 ? rc : hear_handle(c);
}

static void answered(void *arg, const struct answer *a)
{
	struct waiting *w = arg;
	const struct call c = w->call;

	w->used = 0;
	if (!call_still(&c))
		return;
	is_answered = 1;
	const int rc = do_again(&c, w->path, a);
	is_answered = 0;
	hear_answer(&c, rc);
}

static int ask(const struct call *c, const struct need *need)
{
	struct question q = {.rights = need->rights, .kind = need->kind, .answered = answered};
	struct waiting *w = NULL;
	struct err err;

	if (is_answered || need->rights & NEVER || strlen(need->path) >= sizeof q.path ||
	    asking_rule(need->path, need->rights) < 0)
		return CALL_GO_ON;
	for (size_t i = 0; i < ASKING_WAITING && !w; i++)
		w = waiting[i].used ? NULL : &waiting[i];
	if (!w)
		return CALL_GO_ON;
	q.pid = call_process(c);
	call_who(c, q.who, sizeof q.who);
	memcpy(q.path, need->path, strlen(need->path) + 1);
	q.arg = w;
	memcpy(w->path, q.path, sizeof w->path);
	w->call = *c;
	w->used = asking_put(&q, &err) == 0;
	return w->used ? CALL_LATER : CALL_GO_ON;
}

int paths_otherwise(const struct call *c, const char *path, enum paths_last last, uint32_t rights, int flags)
{
	const struct plan *plan = hear_plan();
	static struct need need; /* large */
	int rc = CALL_GO_ON;

	if (!plan->ask_count && !(plan->families & FAM_REPORT))
		return CALL_GO_ON;
	if (!find_need(path, last, rights, flags, &need) &&
	    !(plan->ask_count && is_out_of_sight(plan) && find_hidden(path, last, rights, flags, &need)))
		return CALL_GO_ON;
	if (plan->ask_count)
		rc = ask(c, &need);
	if (rc == CALL_GO_ON && plan->families & FAM_REPORT)
		denials_note(c, need.rights, NULL, need.path, -EACCES);
	return rc;
}

int paths_execve(const struct call *c)
{
	char path[PATHS_TEXT];

	if (paths_read(c, AT_FDCWD, c->args[0], path) < 0 || paths_is_own(path))
		return CALL_GO_ON;
	return paths_otherwise(c, path, PATHS_FOLLOW, RIGHT_EXEC, 0);
}

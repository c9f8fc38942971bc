#include "surroundings.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "owned.h"
#include "relay.h"
#include "resolve.h"
#include "without.h"

extern char **environ;

/* What systemd tells a service about itself. No secret of another's is in these. */
static const char *const service_env[] = {
	"NOTIFY_SOCKET",   "WATCHDOG_PID",           "WATCHDOG_USEC",    "CREDENTIALS_DIRECTORY",   "JOURNAL_STREAM",
	"INVOCATION_ID",   "LISTEN_PID",             "LISTEN_FDS",       "LISTEN_FDNAMES",          "MAINPID",
	"STATE_DIRECTORY", "CACHE_DIRECTORY",        "LOGS_DIRECTORY",   "CONFIGURATION_DIRECTORY", "RUNTIME_DIRECTORY",
	"SYSTEMD_EXEC_PID", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "REMOTE_ADDR", "REMOTE_PORT",
};

size_t surroundings_service_count(void)
{
	return sizeof service_env / sizeof *service_env;
}

const char *surroundings_service_name(size_t i)
{
	return service_env[i];
}

static const char *value_of(const char *entry, const char *name, size_t len)
{
	return strncmp(entry, name, len) == 0 && entry[len] == '=' ? entry + len + 1 : NULL;
}

/* A later one replaces an earlier one of the same name. ENTRY is taken over. */
static int put(struct plan *plan, char *entry, struct err *err)
{
	if (!entry)
		return err_set(err, ENOMEM, "no memory for the environment");
	const size_t len = strcspn(entry, "=");
	for (size_t i = 0; i < plan->env_count; i++)
		if (value_of(plan->env[i], entry, len)) {
			free(plan->env[i]);
			plan->env[i] = entry;
			return 0;
		}
	char **more = realloc(plan->env, (plan->env_count + 2) * sizeof *more);
	if (!more) {
		free(entry);
		return err_set(err, ENOMEM, "no memory for the environment");
	}
	plan->env = more;
	plan->env[plan->env_count++] = entry;
	plan->env[plan->env_count] = NULL;
	return 0;
}

static int keep(struct plan *plan, const char *name, int is_prefix, struct err *err)
{
	const size_t len = strlen(name);
	int rc = 0;

	for (char **e = environ; *e && rc == 0; e++)
		if (is_prefix ? strncmp(*e, name, len) == 0 && strchr(*e, '=') : value_of(*e, name, len) != NULL)
			rc = put(plan, strdup(*e), err);
	return rc;
}

static int set(struct plan *plan, const struct image_env *e, struct err *err)
{
	const struct image *im = &plan->policy->image;
	char value[RESOLVE_PATH], at[256], *entry = NULL;

	if (e->value.root == ROOT_NONE) {
		if (asprintf(&entry, "%s=%s", image_string(im, e->name), image_string(im, e->value.at)) < 0)
			entry = NULL;
		return put(plan, entry, err);
	}
	int rc = resolve_name(im, e->value, value, err);
	if (rc < 0)
		return err_in(err, rc, "%s: env set %s", plan_where(plan, e->where, at, sizeof at), image_string(im, e->name));
	if (asprintf(&entry, "%s=%s", image_string(im, e->name), value) < 0)
		entry = NULL;
	return put(plan, entry, err);
}

size_t surroundings_listen_fds(const struct plan *plan)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");

	if (!(plan->policy->image.h->flags & IMAGE_SERVICE) || !pid || !fds || strtol(pid, NULL, 10) != plan->known_as)
		return 0;
	long n = strtol(fds, NULL, 10);
	return n > 0 && n <= PLAN_FD_MAX - 3 ? (size_t)n : 0;
}

/* NAME=the program's own process id, which enter() writes: there is room for it. */
static int put_own_pid(struct plan *plan, size_t which, const char *name, struct err *err)
{
	char *entry = NULL;

	if (asprintf(&entry, "%s=0000000000", name) < 0)
		entry = NULL;
	int rc = put(plan, entry, err);
	if (rc == 0)
		plan->own_pid[which] = entry + strlen(name) + 1;
	return rc;
}

/* What was meant for the launcher's process is meant for the program's, which is another one under a supervising parent. */
static int pass_on_pids(struct plan *plan, struct err *err)
{
	static const char *const names[] = {"LISTEN_PID", "WATCHDOG_PID"};
	int rc = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names && rc == 0; i++) {
		const char *value = getenv(names[i]);
		if (value && strtol(value, NULL, 10) == plan->known_as)
			rc = put_own_pid(plan, i, names[i], err);
	}
	return rc;
}

/* In place the program is the process that the service manager has started, and talks to it by itself. */
static int relay(struct plan *plan, struct err *err)
{
	char *entry = NULL;

	if (!relay_path())
		return 0;
	if (!plan->supervised) {
		relay_close();
		return 0;
	}
	if (asprintf(&entry, "NOTIFY_SOCKET=%s", relay_path()) < 0)
		entry = NULL;
	return put(plan, entry, err);
}

/* Write the names of the run of descriptors from 3 on, as systemd does. Returns how many there are. */
static size_t name_run(const struct plan *plan, char *to, size_t size)
{
	size_t len = 0, run = 0;

	for (size_t i = 0; i < plan->fd_count; i++) {
		const struct plan_fd *fd = &plan->fds[i];
		if (fd->number != 3 + (int)run)
			continue;
		/* systemd's word for one without a name */
		len += (size_t)snprintf(to + len, size - len, "%s%s", run ? ":" : "", *fd->name ? fd->name : "unknown");
		run++;
	}
	return run;
}

/* The policy's own descriptors from 3 on are announced as systemd announces its. */
static int announce(struct plan *plan, struct err *err)
{
	char names[PLAN_FD_MAX * 66], *fds = NULL, *fdnames = NULL;
	const size_t run = name_run(plan, names, sizeof names);

	if (asprintf(&fds, "LISTEN_FDS=%zu", run) < 0)
		fds = NULL;
	int rc = put(plan, fds, err);
	if (rc == 0 && asprintf(&fdnames, "LISTEN_FDNAMES=%s", names) < 0)
		fdnames = NULL;
	if (rc == 0)
		rc = put(plan, fdnames, err);
	return rc == 0 ? put_own_pid(plan, 0, "LISTEN_PID", err) : rc;
}

/*
 * The connection to the broker, made later, at the lowest number from 3 on that is free: behind what is announced, and no part of it.
 */
static int place_broker(struct plan *plan, struct err *err)
{
	size_t at = 0;
	int number = 3;
	char *entry = NULL;

	for (; at < plan->fd_count && plan->fds[at].number <= number; at++)
		number += plan->fds[at].number == number;
	if (plan->fd_count == PLAN_FD_MAX || number >= PLAN_FD_MAX)
		return err_set(err, EMFILE, "no descriptor is left for the broker's connection");
	memmove(&plan->fds[at + 1], &plan->fds[at], (plan->fd_count - at) * sizeof *plan->fds);
	plan->fds[at] = (struct plan_fd){.from = -1, .number = number, .name = ""};
	plan->fd_count++;
	plan->broker_at = at;
	if (asprintf(&entry, "ENDOW_FD=%d", number) < 0)
		entry = NULL;
	const int rc = put(plan, entry, err);
	return rc < 0 ? rc : plan_note(plan, 0, "descriptor", "broker", NULL, err, "%d to the broker", number);
}

static int is_any_named(const struct plan *plan)
{
	for (size_t i = 0; i < plan->fd_count; i++)
		if (*plan->fds[i].name)
			return 1;
	return 0;
}

int surroundings_env(struct plan *plan, struct err *err)
{
	const struct image *im = &plan->policy->image;
	int rc = 0;

	plan->env = calloc(1, sizeof *plan->env);
	if (!plan->env)
		return err_set(err, ENOMEM, "no memory for the environment");
	plan->env_count = 0;
	if (without("environment"))
		rc = keep(plan, "", 1, err);
	for (uint32_t i = 0; i < im->h->env.count && rc == 0; i++) {
		const struct image_env *e = &im->env[i];
		const char *name = image_string(im, e->name);
		rc = e->op == ENV_SET ? set(plan, e, err) : keep(plan, name, e->op == ENV_KEEP_PREFIX, err);
	}
	for (size_t i = 0; i < plan->scratch.count && rc == 0; i++) {
		char *entry = NULL;
		if (asprintf(&entry, "%s=%s", plan->scratch.names[i], plan->scratch.paths[i]) < 0)
			entry = NULL;
		rc = put(plan, entry, err);
	}
	if (im->h->flags & IMAGE_SERVICE)
		for (size_t i = 0; i < surroundings_service_count() && rc == 0; i++)
			rc = keep(plan, service_env[i], 0, err);
	if (rc == 0 && im->h->flags & IMAGE_SERVICE)
		rc = pass_on_pids(plan, err);
	if (rc == 0)
		rc = relay(plan, err);
	if (rc == 0 && is_any_named(plan) && surroundings_listen_fds(plan) == 0)
		rc = announce(plan, err);
	if (rc == 0 && (plan->held_count || plan->ask_count))
		rc = place_broker(plan, err);
	for (size_t i = 0; i < plan->env_count && rc == 0; i++)
		rc = plan_note(plan, 0, "env", "environment", NULL, err, "%.*s", (int)strcspn(plan->env[i], "="), plan->env[i]);
	return rc;
}

static int number(const char *text, uint32_t *to)
{
	char *end;

	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || n >= UINT32_MAX)
		return 0;
	*to = (uint32_t)n;
	return 1;
}

static int look_up_group(const char *name, gid_t *gid, struct err *err)
{
	if (number(name, gid))
		return 0;
	const struct group *gr = getgrnam(name);
	if (!gr)
		return err_set(err, ENOENT, "group %s: not in /etc/group", name);
	*gid = gr->gr_gid;
	return 0;
}

static int add_group(struct plan *plan, gid_t gid, struct err *err)
{
	if (plan->group_count == PLAN_GROUPS_MAX)
		return err_set(err, E2BIG, "more than %d groups", PLAN_GROUPS_MAX);
	plan->groups[plan->group_count++] = gid;
	return 0;
}

/* As login would: the groups of which the user is a member. */
static int member_groups(struct plan *plan, const char *user, struct err *err)
{
	const struct group *gr;
	int rc = add_group(plan, plan->gid, err);

	setgrent();
	while (rc == 0 && (gr = getgrent()) != NULL)
		for (char **m = gr->gr_mem; m && *m; m++)
			if (strcmp(*m, user) == 0 && gr->gr_gid != plan->gid)
				rc = add_group(plan, gr->gr_gid, err);
	endgrent();
	return rc;
}

static int look_up_ids(struct plan *plan, struct err *err)
{
	const struct image *im = &plan->policy->image;
	const char *user = image_string(im, im->h->user), *group = image_string(im, im->h->group);
	const struct passwd *pw = *user ? getpwnam(user) : NULL;
	int rc = 0;

	if (pw) {
		plan->uid = pw->pw_uid;
		plan->gid = pw->pw_gid;
	} else if (*user) {
		if (!number(user, &plan->uid))
			return err_set(err, ENOENT, "user %s: not in /etc/passwd", user);
		if (!*group)
			return err_set(err, EINVAL, "user %s: a number has no group of its own; say 'group' as well", user);
	}
	if (*group)
		rc = look_up_group(group, &plan->gid, err);
	for (uint32_t i = 0; i < im->h->groups.count && rc == 0; i++) {
		gid_t gid = 0;
		(void)((rc = look_up_group(image_string(im, im->groups[i].at), &gid, err)) || (rc = add_group(plan, gid, err)));
	}
	if (rc == 0 && pw && im->h->groups.count == 0 && !(im->h->flags & IMAGE_GROUPS_NONE))
		rc = member_groups(plan, user, err);
	return rc;
}

int surroundings_ids(struct plan *plan, struct err *err)
{
	const struct image_header *h = plan->policy->image.h;
	const int said = *image_string(&plan->policy->image, h->user) || *image_string(&plan->policy->image, h->group) ||
			 h->groups.count > 0 || h->flags & IMAGE_GROUPS_NONE;

	plan->uid = geteuid();
	plan->gid = getegid();
	if (h->keep_caps) {
		int rc = caps_can_keep(h->keep_caps, err);
		if (rc < 0)
			return rc;
	}
	/* Started by a set-user-id program, or one itself: whose authority this is can't be told. */
	if (getuid() != geteuid() || getgid() != getegid())
		return err_set(err, EPERM, "real and effective ids differ: endow is never to be set-user-id, nor started by what is");
	if (!said)
		return 0;
	int rc = look_up_ids(plan, err);
	if (rc < 0)
		return rc;
	if (plan->uid == geteuid() && plan->gid == getegid() && geteuid() != 0)
		return 0;
	if (geteuid() != 0)
		return err_set(err, EPERM, "user and group can be changed only when endow is started as root");
	plan->switch_ids = 1;
	return plan_note(plan, 0, "user", "ids", NULL, err, "uid %u gid %u and %zu groups", plan->uid, plan->gid, plan->group_count);
}

static const int resource_of[LIMIT_COUNT] = {
	[LIMIT_MEMORY] = RLIMIT_AS,    [LIMIT_CPU] = RLIMIT_CPU,        [LIMIT_WALL] = -1,          [LIMIT_PROCESSES] = RLIMIT_NPROC,
	[LIMIT_FILES] = RLIMIT_NOFILE, [LIMIT_FILESIZE] = RLIMIT_FSIZE, [LIMIT_CORE] = RLIMIT_CORE, [LIMIT_STACK] = RLIMIT_STACK,
};

int surroundings_limits(struct plan *plan, struct err *err)
{
	for (int i = 0; i < LIMIT_COUNT; i++) {
		uint64_t value = plan->policy->image.h->limits[i];
		if (i == LIMIT_CORE && value == LIMIT_UNSET)
			value = 0; /* a core file would leave what the program knew beside it */
		if (value == LIMIT_UNSET)
			continue;
		if (i == LIMIT_WALL) {
			plan->wall = value == LIMIT_NONE ? 0 : value;
			continue;
		}
		struct rlimit *l = &plan->limits[i];
		if (getrlimit(resource_of[i], l) < 0)
			return err_set(err, errno, "limit %s: %s", image_limit_name[i], err_words(errno));
		/* Never above what is there already: the launcher's own limits are limits. */
		if (value == LIMIT_NONE || (l->rlim_max != RLIM_INFINITY && value > l->rlim_max))
			value = l->rlim_max;
		l->rlim_cur = l->rlim_max = (rlim_t)value;
		plan->limit_set[i] = 1;
	}
	return 0;
}

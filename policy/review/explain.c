#include "explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"

int explain_add(struct sentences *s, const struct model *model, int danger, const struct entry *entry, const char *text)
{
	if (!text)
		return -ENOMEM;
	if (s->count == s->room) {
		const uint32_t room = s->room * 2 + 32;
		struct sentence *more = arena_alloc(model->arena, room * sizeof *more);
		if (!more)
			return -ENOMEM;
		if (s->count > 0)
			memcpy(more, s->list, s->count * sizeof *more);
		s->list = more;
		s->room = room;
	}
	s->list[s->count++] = (struct sentence){.danger = danger, .text = text, .entry = entry};
	return 0;
}

static const struct {
	uint32_t bit;
	int danger;
	const char *text;
} promises[] = {
    {FAM_PROC, 10, "It may start processes, and signal those that it has started."},
    {FAM_TTY, 10, "It may change the settings of a terminal that it has open."},
    {FAM_FATTR, 25, "It may change the mode, owner, times and attributes of what it may write."},
    {FAM_FATTR_ANYWHERE, 75, "It may change the mode, owner, times and attributes of every file whose permissions let it."},
    {FAM_ID, 35, "It may change its user and group, as far as it is privileged."},
    {FAM_DEBUG, 35, "It may trace and change the processes that it has started."},
    {FAM_SCHED, 20, "It may change priorities and processors, of other processes, too."},
    {FAM_SYSVIPC, 15, "It may use System V and POSIX shared memory, queues and semaphores, in a namespace of its own."},
    {FAM_NETLINK, 20, "It may ask the kernel about network interfaces and routes."},
    {FAM_WATCH, 15, "It may watch files for changes, of which it sees the names, granted or not."},
    {FAM_AIO, 5, "It may use the kernel's asynchronous I/O."},
};

static int explain_promises(const struct model *model, struct sentences *s)
{
	const int forgone = (model->image.h->forgo & FEATURE_VIEW) != 0;
	int rc = 0;

	for (size_t i = 0; i < sizeof promises / sizeof *promises && rc == 0; i++) {
		const struct entry *e = given_bit(model, KIND_PROMISE, promises[i].bit);
		int danger = promises[i].danger;
		const char *text = promises[i].text;
		if (!e)
			continue;
		if (forgone && promises[i].bit == FAM_FATTR) {
			danger = 75;
			text = promises[i + 1].text;
		}
		if (forgone && promises[i].bit == FAM_SYSVIPC && !(model->image.h->isolate & ISOLATE_IPC)) {
			danger = 45;
			text = "It may use everybody's System V and POSIX shared memory, queues and semaphores.";
		}
		rc = explain_add(s, model, danger, e, text);
	}
	return rc;
}

static int explain_net(const struct model *model, struct sentences *s)
{
	const int own = (model->image.h->isolate & ISOLATE_NET) != 0;
	int rc = 0;

	for (uint32_t i = 0; i < model->count && rc == 0; i++) {
		const struct entry *e = &model->entries[i];
		const char *where = own ? "on a network of its own" : "on any host";
		const int tcp = strncmp(e->object, "tcp ", 4) == 0, any = strstr(e->object, " any") != NULL;
		if (e->kind != KIND_CONNECT && e->kind != KIND_LISTEN)
			continue;
		if (e->kind == KIND_LISTEN)
			rc = explain_add(s, model,
					 own   ? 2
					 : any ? 45
					       : 35,
					 e,
					 arena_say(model->arena, "It may serve TCP %s%s, to whoever can reach this host.",
						   any                      ? "on every port"
						   : strchr(e->object, '-') ? "ports "
									    : "port ",
						   any ? "" : e->object + 4));
		else if (tcp)
			rc = explain_add(s, model,
					 own   ? 2
					 : any ? 65
					       : 40,
					 e,
					 arena_say(model->arena, "It may connect to TCP %s%s %s.",
						   any                      ? "ports of every number"
						   : strchr(e->object, '-') ? "ports "
									    : "port ",
						   any ? "" : e->object + 4, where));
		else if (e->number == FAM_UDP)
			rc = explain_add(
			    s, model, own ? 2 : 60, e,
			    arena_say(model->arena, "It may send UDP to everybody and receive it from everybody, %s.", where));
		else
			rc = explain_add(s, model, 70, e,
					 "It may connect to every Unix socket: those of D-Bus, of an SSH agent and of a "
					 "container engine are among them.");
	}
	return rc;
}

static int explain_env(const struct model *model, struct sentences *s)
{
	const char *kept = "";
	const struct entry *first = NULL;
	int rc = 0;

	for (uint32_t i = 0; i < model->count && rc == 0; i++) {
		const struct entry *e = &model->entries[i];
		if (e->kind == KIND_SCRATCH)
			rc = explain_add(s, model, 2, e,
					 arena_say(model->arena,
						   "Its $%s is a fresh empty folder, in which it may do as it likes, and which "
						   "is removed afterwards.",
						   e->name));
		if (e->kind != KIND_ENV || e->flags == ENV_SET)
			continue;
		first = first ? first : e;
		kept = arena_say(model->arena, "%s%s%s", kept, *kept ? ", " : "", e->object);
		if (!kept)
			return -ENOMEM;
	}
	if (rc == 0 && first)
		rc = explain_add(s, model, 8, first, arena_say(model->arena, "It sees the caller's values of %s.", kept));
	return rc;
}

static int explain_rest(const struct model *model, const struct entry *e, struct sentences *s)
{
	switch (e->kind) {
	case KIND_PROGRAM:
		return e->own ? 0
			      : explain_add(s, model, 3, e,
					    arena_say(model->arena, "It is for the program %s, which it may execute and read.",
						      e->object));
	case KIND_PRIVATE:
		return explain_add(s, model, 2, e,
				   arena_say(model->arena,
					     "At %s it sees an empty folder of its own, in which it may do as it likes.",
					     e->object));
	case KIND_EXCEPT:
		return explain_add(s, model, 0, e,
				   arena_say(model->arena,
					     "In trees that the command line grants for writing, %s stays read-only.",
					     e->object));
	case KIND_ARGS:
		return explain_add(
		    s, model, e->rights & RIGHT_WRITE ? 30 : 20, e,
		    arena_say(model->arena, "Of the command line's words, those of %s that are files may be %s.", e->object,
			      e->rights & RIGHT_WRITE ? (e->rights & RIGHT_READ ? "read and written" : "written") : "read"));
	case KIND_CAPABILITY:
		return explain_add(s, model, strcmp(e->name, "net_bind_service") == 0 ? 40 : 90, e,
				   arena_say(model->arena, "It keeps the capability %s.", e->name));
	case KIND_ACCOUNT: return explain_add(s, model, 5, e, arena_say(model->arena, "It runs as '%s'.", e->said));
	case KIND_SERVICE:
		return explain_add(
		    s, model, 25, e,
		    "It gets what systemd hands to a service: descriptors, credentials to read, and a way to tell how it is.");
	case KIND_FORGO:
		return explain_add(s, model, 50, e,
				   arena_say(model->arena, "It runs even where the kernel can't enforce '%s'.", e->name));
	case KIND_LIMIT:
		return explain_add(
		    s, model, 0, e,
		    e->number == LIMIT_NONE
			? arena_say(model->arena, "It may use all the '%s' that the caller may.", e->name)
			: arena_say(model->arena, "Its '%s' is limited to %s.", e->name, strchr(e->object, ' ') + 1));
	case KIND_ISOLATE:
		return explain_add(s, model, 0, e,
				   e->number == ISOLATE_FILES ? "It sees a file system with what is granted and nothing else."
				   : e->number == ISOLATE_PROCESSES ? "It sees no processes but its own."
				   : e->number == ISOLATE_IPC       ? "It has System V objects and message queues of its own."
								    : "It has a network of its own, with nobody else on it.");
	default: return 0;
	}
}

/* What is said together is worse than alone. */
static int explain_together(const struct model *model, struct sentences *s)
{
	const int out = !(model->image.h->isolate & ISOLATE_NET) && model->image.h->families & (FAM_TCP_CONNECT | FAM_UDP);
	const int unix_too = (model->image.h->families & FAM_UNIX) != 0;
	const struct sentence *worst = NULL;
	int asked = 0;

	for (uint32_t i = 0; i < s->count; i++)
		if (s->list[i].entry &&
		    (s->list[i].entry->kind == KIND_PATH || s->list[i].entry->kind == KIND_HELD ||
		     s->list[i].entry->kind == KIND_ASK) &&
		    s->list[i].entry->rights & (RIGHT_READ | RIGHT_EXEC) && (!worst || s->list[i].danger > worst->danger))
			worst = &s->list[i];
	for (uint32_t i = 0; i < model->count; i++)
		asked |= (model->entries[i].kind == KIND_PEER && model->entries[i].number != PEER_LISTEN_TCP) ||
			 (model->entries[i].kind == KIND_HELD && (model->entries[i].held->kind == HELD_CONNECT_TCP ||
								  model->entries[i].held->kind == HELD_CONNECT_UNIX));
	if (!(out || unix_too || asked) || !worst || worst->danger < 40)
		return 0;
	return explain_add(s, model, worst->danger + 5 > 100 ? 100 : worst->danger + 5, worst->entry,
			   arena_say(model->arena,
				     "What it reads, it can send elsewhere: %s is in its reach, and so is the network.",
				     worst->entry->object));
}

/* Where a loader is granted, whatever can be read can be run. */
static int explain_loader(const struct model *model, struct sentences *s)
{
	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		const char *name = e->spot.path ? strrchr(e->spot.path, '/') : NULL;
		if (e->kind == KIND_PATH && e->rights & RIGHT_EXEC && e->spot.rc == 0 && name && strncmp(name, "/ld-", 4) == 0)
			return explain_add(
			    s, model, 10, e,
			    "Programs that it may read it may run as well, by the loader: each is confined as it is.");
	}
	return 0;
}

static int by_danger(const void *a, const void *b)
{
	const struct sentence *x = a, *y = b;

	if (x->danger != y->danger)
		return x->danger < y->danger ? 1 : -1;
	return x->entry < y->entry ? -1 : x->entry > y->entry; /* as in the policy */
}

int explain(const struct model *model, struct sentences *s)
{
	int rc;

	memset(s, 0, sizeof *s);
	(void)((rc = explain_files(model, s)) || (rc = explain_net(model, s)) || (rc = explain_promises(model, s)) ||
	       (rc = explain_env(model, s)));
	for (uint32_t i = 0; i < model->count && rc == 0; i++)
		rc = explain_rest(model, &model->entries[i], s);
	if (rc == 0)
		rc = explain_together(model, s);
	if (rc == 0)
		rc = explain_loader(model, s);
	if (rc == 0 && s->count == 0)
		rc = explain_add(s, model, 0, NULL, "It may do nothing but compute.");
	if (s->count > 1)
		qsort(s->list, s->count, sizeof *s->list, by_danger);
	return rc;
}

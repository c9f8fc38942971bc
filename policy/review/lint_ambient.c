/* What is granted for being there, not for being needed; and what can be written and executed. */
#include <string.h>

#include "lint_places.h"
#include "lint_state.h"

static bool is_isolated(const struct lint *l, uint32_t what)
{
	return (l->policy->head.isolate & what) != 0;
}

static const char *verb_of(const struct reach *r)
{
	return r->rights & REACH_WRITES ? (r->rights & REACH_READS ? "read and written" : "written") : "read";
}

static void judge_home(struct lint *l, const struct reach *r)
{
	lint_find(l, LINT_AMBIENT_HOME, r->word->at,
		  r->rights & REACH_WRITES ? "grant a folder for the program's files; for a HOME of its own: scratch HOME"
					   : "name the files and folders that it needs",
		  r->rights & REACH_WRITES
		      ? "a whole home can be written: '%.*s' holds what shells, SSH and the desktop run and believe"
		      : "a whole home can be read: '%.*s' holds keys, passwords and letters",
		  WORD(r->word));
}

static void judge_proc(struct lint *l, const struct reach *r)
{
	static const char *const own[] = {"/proc/self", "/proc/thread-self"};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (place_covers(own[i], r->place))
			return;
	if (r->rights & REACH_WRITES)
		lint_find(l, LINT_AMBIENT_PROC, r->word->at, "leave it out, or name what lies in /proc/self",
			  "'%.*s' can be written: the kernel's settings, or other processes", WORD(r->word));
	else if (strcmp(r->place, "/proc") == 0 && !is_isolated(l, ISOLATE_PROCESSES))
		lint_find(l, LINT_AMBIENT_PROC, r->word->at,
			  "name the files that it needs, such as /proc/self; or: isolate processes",
			  "'/proc' shows every process: its command line, its environment where the user may see it");
	else if (strcmp(r->place, "/proc/kcore") == 0 || strcmp(r->place, "/proc/keys") == 0)
		lint_find(l, LINT_AMBIENT_PROC, r->word->at, "leave it out", "'%.*s' shows what the kernel holds",
			  WORD(r->word));
}

static void judge_sys(struct lint *l, const struct reach *r)
{
	if (r->rights & REACH_WRITES)
		lint_find(l, LINT_AMBIENT_SYS, r->word->at, "leave it out",
			  "'%.*s' can be written: the hardware's and the kernel's settings", WORD(r->word));
	else if (strcmp(r->place, "/sys") == 0)
		lint_find(l, LINT_AMBIENT_SYS, r->word->at, "name what it needs, such as /sys/devices/system/cpu",
			  "'/sys' shows the whole machine: its devices, their numbers, its mounts");
}

/* A virtual console; /dev/tty is the program's own terminal. */
static bool is_console(const char *place)
{
	static const char tty[] = "/dev/tty";
	const size_t len = sizeof tty - 1;

	return strncmp(place, tty, len) == 0 && place[len] >= '0' && place[len] <= '9';
}

static void judge_device(struct lint *l, const struct reach *r)
{
	if (strcmp(r->place, "/dev") == 0) {
		lint_find(l, LINT_AMBIENT_DEV, r->word->at, "name the devices that it needs, such as /dev/null",
			  "every device can be %s: disks, terminals, keyboards", verb_of(r));
		return;
	}
	if (is_console(r->place))
		lint_find(l, LINT_STRONG_DEVICE, r->word->at, "leave it out", "'%.*s' can be %s, and it is another terminal",
			  WORD(r->word), verb_of(r));
	for (const struct place_known *k = places_devices; k->path; k++) {
		if (strncmp(r->place, k->path, strlen(k->path)) != 0)
			continue;
		lint_find(l, LINT_STRONG_DEVICE, r->word->at, "leave it out", "'%.*s' can be %s, and %s", WORD(r->word),
			  verb_of(r), k->why);
		return;
	}
}

static void judge_tmp(struct lint *l, const struct reach *r)
{
	static const char *const shared[] = {"/tmp", "/var/tmp", "/dev/shm"};

	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
		if (strcmp(r->place, shared[i]) == 0)
			lint_find(l, LINT_SHARED_TMP, r->word->at, "a folder of its own: scratch TMPDIR",
				  "everybody's temporary files can be %s: '%.*s' holds other programs' files and sockets",
				  verb_of(r), WORD(r->word));
}

static void judge(struct lint *l, const struct reach *r)
{
	if (strcmp(r->place, "/") == 0)
		lint_find(l, LINT_AMBIENT_ROOT, r->word->at, "name the folders that it needs",
			  "the whole file system can be %s, wherever the user may", verb_of(r));
	else if (place_covers(r->place, PLACE_HOME))
		judge_home(l, r);
	else if (place_covers("/proc", r->place))
		judge_proc(l, r);
	else if (place_covers("/sys", r->place))
		judge_sys(l, r);
	else if (place_covers("/dev", r->place) && strcmp(r->place, "/dev/shm") != 0)
		judge_device(l, r);
	else
		judge_tmp(l, r);
}

/* Two spellings of one home are one place; two absolute paths are what they are. */
static bool overlap(const struct reach *a, const struct reach *b)
{
	const bool plain = a->at.root == b->at.root;
	const char *p = plain ? a->path : a->place, *q = plain ? b->path : b->place;

	if (plain && (*p == '\0' || *q == '\0')) /* the root itself */
		return true;
	return place_covers(p, q) || place_covers(q, p);
}

static void judge_write_exec(struct lint *l, const struct reach *w)
{
	char ref[DIAG_REF];

	if (!(w->rights & REACH_WRITES) || w->grant == REACH_FD || place_covers("/dev", w->place))
		return;
	for (uint32_t i = 0; i < l->reach_count; i++) {
		const struct reach *x = &l->reaches[i];
		if (!(x->rights & RIGHT_EXEC) || !overlap(w, x))
			continue;
		if (lint_excepted(l, w, x->place) || lint_excepted(l, x, w->place))
			continue;
		if (x == w)
			lint_find(l, LINT_WRITE_EXEC, w->word->at, "execute from a folder that can't be written",
				  "what is written to '%.*s' can be executed", WORD(w->word));
		else
			lint_find(l, LINT_WRITE_EXEC, w->word->at, "execute from a folder that can't be written",
				  "what is written to '%.*s' can be executed by '%.*s' (%s)", WORD(w->word), WORD(x->word),
				  diag_ref(l->diag, w->word->at.source, x->word->at, ref));
		return;
	}
}

/* The policy's asks stand in the order of the words that say them. */
static void judge_asks(struct lint *l)
{
	const char *home = l->in->look ? l->in->look->variable("HOME") : NULL, *place;
	const struct image_ask *asks = l->policy->asks.data;
	uint32_t next = 0;

	for (uint32_t i = 0; i < l->tree->source_count; i++)
		for (const struct stmt *s = l->tree->sources[i].statements; (s = lint_next(s, VERB_ASK)); s = s->next)
			for (const struct item *item = s->items; item && l->rc == 0; item = item->next, next++) {
				place = place_spell(&l->arena, asks[next].path.root, lint_string(l, asks[next].path.at), home);
				l->rc = place ? 0 : -ENOMEM;
				if (place && s->rights & REACH_WRITES && place_covers(place, PLACE_HOME))
					lint_find(
					    l, LINT_ASK_WRITE, item->word->at, "name the folders where its files lie",
					    "the person may be asked to let '%.*s' be written, and one tired yes gives what "
					    "shells and SSH believe",
					    WORD(item->word));
			}
}

void lint_ambient(struct lint *l)
{
	judge_asks(l);
	for (uint32_t i = 0; i < l->reach_count; i++) {
		judge(l, &l->reaches[i]);
		judge_write_exec(l, &l->reaches[i]);
	}
}

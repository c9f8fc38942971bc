#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ask_call.h"
#include "given.h"
#include "held.h"
#include "peers.h"
#include "script.h"

#define LOADERS_MAX 5

static const char *const loaders[] = {
    "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1", NULL,
};

static int act_index(uint32_t act)
{
	return __builtin_ctz(act);
}

/* A descriptor that is open on what NAME leads to outside, with the right: *FOUND, or NULL. */
static int find_descriptor(const struct model *model, const char *name, uint32_t right, const struct entry **found)
{
	const uint32_t enough = right == RIGHT_APPEND ? RIGHT_APPEND | RIGHT_WRITE : right;
	struct spot spot;
	int rc = model_walk_outside(model, name, &spot);

	*found = NULL;
	for (uint32_t i = 0; i < model->count && rc == 0 && spot.rc == 0; i++) {
		const struct entry *e = &model->entries[i];
		if (e->kind == KIND_DESCRIPTOR && e->spot.rc == 0 && e->rights & enough && id_same(e->id, spot.chain[0]))
			*found = e;
	}
	return rc;
}

/* The shortest statement that would allow it. */
static const char *would_grant(struct arena *arena, uint32_t right, const struct spot *spot, const char *object)
{
	const char *path = spot->path && *spot->path ? spot->path : object;

	return arena_say(arena, "%s %s", bits_text(arena, right, image_right_name, " "), word_text(arena, ROOT_NONE, path));
}

/* What would allow it, but for something else. Then no statement more would help. */
static void find_hindrance(const struct effect *effect, uint32_t act, struct ask_answer *a)
{
	if (effect->append && act == ACT_WRITE && effect->by[act_index(ACT_WRITE)]) {
		a->by[0] = effect->append;
		a->how = "while it stands, every open for writing has to append";
	} else if (effect->excepted && acts_of(effect->excepted->rights, 1) & act) {
		a->by[0] = effect->excepted;
		a->how = "it leaves this part out";
	} else {
		return;
	}
	a->would = NULL;
}

static const char *note_of(const struct spot *spot, uint32_t right)
{
	if (spot->type == TYPE_DIR && right & (RIGHT_WRITE | RIGHT_APPEND | RIGHT_EXEC))
		return "the files in it";
	if (spot->fresh)
		return "in an empty place of its own";
	return "";
}

/* The broker opens what NAME leads to outside of the program's view. 1 where it would. */
static int ask_held(const struct model *model, const struct ask_question *q, struct ask_answer *a)
{
	struct spot spot;
	int rc = model_walk_outside(model, q->object, &spot);

	for (uint32_t i = 0; i < model->count && rc == 0 && (spot.rc == 0 || spot.rc == -ENOENT); i++)
		if (held_reaches(&model->entries[i], &spot, q->right)) {
			a->verdict = VERDICT_YES;
			a->by[0] = &model->entries[i];
			return 1;
		}
	return rc;
}

/* 1 where the person may be asked for it. */
static int ask_person(const struct model *model, const struct ask_question *q, struct ask_answer *a)
{
	struct spot spot;
	int rc = model_walk_outside(model, q->object, &spot);

	for (uint32_t i = 0; i < model->count && rc == 0 && (spot.rc == 0 || spot.rc == -ENOENT); i++)
		if (asks_reach(&model->entries[i], &spot, q->right)) {
			a->verdict = VERDICT_YES;
			a->by[0] = &model->entries[i];
			a->how = "only after asking";
			return 1;
		}
	return rc;
}

static int ask_plain(const struct model *model, const struct ask_question *q, uint32_t act, const struct spot *spot,
		     struct ask_answer *a)
{
	struct effect effect;
	int rc;

	model_effect(model, spot, &effect);
	if (effect.acts & act) {
		a->verdict = VERDICT_YES;
		a->by[0] = effect.by[act_index(act)];
		a->how = note_of(spot, q->right);
		return 0;
	}
	if (!effect.excepted && (rc = ask_held(model, q, a)) != 0)
		return rc < 0 ? rc : 0;
	const struct entry *fd;
	rc = find_descriptor(model, q->object, q->right, &fd);
	if (rc < 0)
		return rc;
	if (fd) {
		a->verdict = VERDICT_YES;
		a->by[0] = fd;
		a->how = "as an open descriptor, not by its name";
		return 0;
	}
	if ((rc = ask_person(model, q, a)) != 0)
		return rc < 0 ? rc : 0;
	a->would = would_grant(model->arena, q->right, spot, q->object);
	if (!a->would)
		return -ENOMEM;
	find_hindrance(&effect, act, a);
	return 0;
}

/* May the file NAME be executed by its name? *BY is the entry. */
static int is_executable(const struct model *model, const char *name, const struct entry **by, int *yes)
{
	struct effect effect;
	struct spot spot;
	int rc = model_walk(model, name, FOLLOW_ALL, &spot);

	if (rc < 0)
		return rc;
	model_effect(model, &spot, &effect);
	*by = effect.by[act_index(ACT_EXEC)];
	*yes = spot.rc == 0 && (effect.acts & ACT_EXEC) != 0;
	return 0;
}

/* A loader that may be executed runs every program that it can read. TO: the program's own, "" if none is known. */
static int find_loader(const struct model *model, const char *to, const char **loader, const struct entry **by)
{
	int yes = 0;

	for (int i = -1; i < LOADERS_MAX - 1; i++) {
		*loader = i < 0 ? to : loaders[i];
		if (!**loader)
			continue;
		int rc = is_executable(model, *loader, by, &yes);
		if (rc < 0)
			return rc;
		if (yes)
			return 1;
	}
	return 0;
}

/* It may be executed by its name: so have to be its loader, and its interpreters. */
static int ask_needed(const struct model *model, const char *path, struct ask_answer *a)
{
	char to[WORLD_PATH];
	const char *next = path;
	int yes = 1;

	for (int depth = 0; depth < 5; depth++) {
		enum script_kind kind = script_look(model->world, next, to);
		if (kind != SCRIPT_DYNAMIC && kind != SCRIPT_TEXT)
			return 0;
		const char *what = kind == SCRIPT_TEXT ? "interpreter" : "loader";
		int rc = is_executable(model, to, &a->by[1], &yes);
		if (rc < 0)
			return rc;
		if (!yes) {
			a->verdict = VERDICT_NO;
			a->by[1] = NULL;
			a->how = arena_say(model->arena, "its %s %s may not be executed", what, to);
			a->would = arena_say(model->arena, "exec %s", word_text(model->arena, ROOT_NONE, to));
			return a->how && a->would ? 0 : -ENOMEM;
		}
		struct spot spot;
		rc = model_walk(model, to, FOLLOW_ALL, &spot);
		if (rc < 0)
			return rc;
		next = spot.path;
		if (kind == SCRIPT_DYNAMIC)
			return 0;
	}
	return 0;
}

/* It may be read: then a loader, or its interpreter, may run it. */
static int ask_through(const struct model *model, const struct spot *spot, struct ask_answer *a, const struct entry *reader)
{
	char to[WORLD_PATH];
	const enum script_kind kind = script_look(model->world, spot->path, to);
	const char *through = to;
	const struct entry *by = NULL;
	int yes = 0, rc = 0;

	/* From a mount without execution a loader maps nothing. */
	if ((kind == SCRIPT_DYNAMIC || kind == SCRIPT_STATIC) && !(spot->bars & BAR_EXEC))
		rc = yes = find_loader(model, to, &through, &by);
	else if (kind == SCRIPT_TEXT)
		rc = is_executable(model, to, &by, &yes);
	if (rc >= 0 && yes > 0 && kind == SCRIPT_TEXT) {
		struct ask_answer needed = {.verdict = VERDICT_YES, .how = ""};
		rc = ask_needed(model, to, &needed);
		yes = needed.verdict == VERDICT_YES;
	}
	if (rc < 0 || yes <= 0)
		return rc < 0 ? rc : 0;
	a->verdict = VERDICT_YES;
	a->by[0] = by;
	a->by[1] = reader;
	a->would = NULL;
	a->how = arena_say(model->arena, "by %s, which runs what it can read", through);
	return a->how ? 0 : -ENOMEM;
}

static int ask_exec(const struct model *model, const struct ask_question *q, const struct spot *spot, struct ask_answer *a)
{
	struct effect effect;
	int rc = ask_plain(model, q, ACT_EXEC, spot, a);

	if (rc < 0 || spot->type != TYPE_FILE)
		return rc;
	if (a->verdict == VERDICT_YES)
		rc = ask_needed(model, spot->path, a);
	model_effect(model, spot, &effect);
	if (rc == 0 && a->verdict == VERDICT_NO && effect.acts & ACT_READ)
		rc = ask_through(model, spot, a, effect.by[act_index(ACT_READ)]);
	return rc;
}

/* Landlock judges ioctls on devices only; elsewhere the filter does, which knows no files: one grant opens them for all. */
static int ask_ioctl(const struct model *model, const struct ask_question *q, const struct spot *spot, struct ask_answer *a)
{
	struct effect effect;
	int rc = ask_plain(model, q, ACT_IOCTL, spot, a);

	if (rc < 0 || a->verdict == VERDICT_YES || spot->rc < 0 || spot->type == TYPE_DEVICE)
		return rc;
	model_effect(model, spot, &effect);
	if (effect.append && !(effect.acts & (ACT_READ | ACT_LIST | ACT_APPEND)))
		return 0; /* it can't be opened */
	for (uint32_t i = 0; i < model->count; i++)
		if (model->entries[i].kind == KIND_PATH && model->entries[i].rights & RIGHT_IOCTL) {
			a->verdict = VERDICT_YES;
			a->by[0] = &model->entries[i];
			a->how = "it is no device, and one grant opens ioctls on all that is none";
			a->would = NULL;
			return 0;
		}
	return 0;
}

static int ask_path(const struct model *model, const struct ask_question *q, struct ask_answer *a)
{
	static const uint32_t acts[] = {ACT_READ, ACT_WRITE, ACT_APPEND, ACT_CREATE, ACT_EXEC, ACT_IOCTL};
	uint32_t act = acts[__builtin_ctz(q->right)];
	struct spot spot;
	int rc = model_walk(model, q->object, q->right == RIGHT_CREATE ? FOLLOW_FOLDERS : FOLLOW_ALL, &spot);

	if (rc < 0)
		return rc;
	if (spot.rc < 0 && spot.rc != -ENOENT) {
		a->verdict = spot.rc == -ENOTDIR ? VERDICT_NO : VERDICT_UNKNOWN;
		a->how = spot.rc == -ELOOP ? "its links can't be followed from here" : err_words(-spot.rc);
		a->how = arena_text(model->arena, a->how, strlen(a->how));
		return a->how ? 0 : -ENOMEM;
	}
	if (q->right == RIGHT_READ && spot.type == TYPE_DIR)
		act = ACT_LIST;
	if (q->right == RIGHT_EXEC)
		return ask_exec(model, q, &spot, a);
	return q->right == RIGHT_IOCTL ? ask_ioctl(model, q, &spot, a) : ask_plain(model, q, act, &spot, a);
}

static int ask_env(const struct model *model, const struct ask_question *q, struct ask_answer *a)
{
	struct given_env given;
	const char *service = given_env(model, q->object, &given);

	if (!given.kept && !given.set) {
		a->would = arena_say(model->arena, "env keep %s", q->object);
		return a->would ? 0 : -ENOMEM;
	}
	a->verdict = VERDICT_YES;
	a->by[0] = given.kept ? given.kept : given.set;
	a->by[1] = given.kept ? given.set : NULL;
	a->how = service ? service : given.kept ? "kept, where it is set" : "";
	return 0;
}

static int ask_promise(const struct model *model, const struct ask_question *q, struct ask_answer *a)
{
	uint32_t bit = 0;

	for (int i = 0; image_promise_name[i]; i++)
		if (strcmp(image_promise_name[i], q->object) == 0)
			bit = 1u << i;
	a->by[0] = given_bit(model, KIND_PROMISE, bit);
	if (!a->by[0] && bit == FAM_FATTR)
		a->by[0] = given_bit(model, KIND_PROMISE, FAM_FATTR_ANYWHERE);
	if (a->by[0])
		a->verdict = VERDICT_YES;
	else
		a->would = arena_say(model->arena, "promise %s", q->object);
	return a->by[0] || a->would ? 0 : -ENOMEM;
}

/* The filter holds no lines: which promise would open a call is told by endow.policy(5). */
static int ask_call(const struct model *model, const struct ask_question *q, struct ask_answer *a)
{
	struct call_verdict verdict;

	call_judge(model->image.filter, model->image.h->filter.count, call_number(q->object), &verdict);
	a->verdict = verdict.allowed || verdict.told ? VERDICT_YES : VERDICT_NO;
	if (verdict.told)
		a->how = verdict.allowed || verdict.refused
			     ? "with some arguments the supervisor decides, by the policy's other lines"
			     : "the supervisor decides, by the policy's other lines";
	else if (!verdict.allowed)
		a->how = verdict.refused < 0         ? "it ends the process"
			 : verdict.refused == ENOSYS ? "as if the kernel did not know it (ENOSYS)"
						     : "refused";
	else
		a->how = verdict.refused ? "with some arguments only" : "with all arguments";
	return 0;
}

int ask(const struct model *model, const struct ask_question *question, struct ask_answer *answer)
{
	*answer = (struct ask_answer){.verdict = VERDICT_NO, .how = ""};
	switch (question->kind) {
	case ASK_PATH: return ask_path(model, question, answer);
	case ASK_CONNECT:
	case ASK_LISTEN: return ask_sockets(model, question, answer);
	case ASK_ENV: return ask_env(model, question, answer);
	case ASK_PROMISE: return ask_promise(model, question, answer);
	case ASK_CALL: return ask_call(model, question, answer);
	}
	return -EINVAL;
}

/* "curl.policy:3 read /etc/ssl" */
static const char *entry_text(struct arena *arena, const struct entry *e)
{
	char at[512];

	origin_text(&e->origin, at, sizeof at);
	if (e->own)
		return arena_say(arena, "it is the program itself, or its interpreter");
	return arena_say(arena, "%s%s%s%s", e->kind == KIND_HELD ? "from the broker: " : "", at, *at ? " " : "", e->said);
}

const char *answer_text(struct arena *arena, const struct ask_question *q, const struct ask_answer *a)
{
	const char *text = "";

	for (int i = 0; i < 2 && text; i++)
		if (a->by[i] && !(i == 1 && a->by[0] && a->by[0]->own && a->by[1]->own))
			text = arena_say(arena, "%s%s%s", text, *text ? "; " : "", entry_text(arena, a->by[i]));
	if (text && !*text && a->verdict == VERDICT_NO && !*a->how)
		text = q->kind == ASK_PATH ? arena_say(arena, "nothing grants %s on %s",
						       bits_text(arena, q->right, image_right_name, " "), q->object)
					   : arena_say(arena, "nothing grants %s", ask_text(arena, q));
	if (text && *a->how)
		text = *text ? arena_say(arena, "%s (%s)", text, a->how) : a->how;
	if (text && a->would)
		text = arena_say(arena, "%s; the line that would: %s", text, a->would);
	return text;
}

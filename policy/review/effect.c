#include "model.h"

#include <string.h>

uint32_t acts_of(uint32_t rights, int is_dir)
{
	uint32_t acts = 0;

	if (rights & RIGHT_READ)
		acts |= ACT_READ | (is_dir ? ACT_LIST : 0);
	if (rights & RIGHT_WRITE)
		acts |= ACT_WRITE | ACT_TRUNCATE | ACT_APPEND;
	if (rights & RIGHT_APPEND)
		acts |= ACT_APPEND;
	if (rights & RIGHT_CREATE && is_dir)
		acts |= ACT_CREATE;
	if (rights & RIGHT_EXEC) /* the loader reads what it executes: see landlock_rights() */
		acts |= ACT_EXEC | ACT_READ;
	if (rights & RIGHT_IOCTL)
		acts |= ACT_IOCTL;
	return acts;
}

static int has_rule(const struct entry *e)
{
	return (e->kind == KIND_PATH || e->kind == KIND_PROGRAM || e->kind == KIND_PRIVATE) && e->spot.rc == 0 &&
	       (e->id.dev || e->id.ino);
}

static int is_left_out(const struct entry *e, const struct spot *spot)
{
	for (uint32_t i = 0; i < e->part_count; i++)
		if (e->parts[i].depth > 0 && spot_within(spot, e->parts[i].chain[0]))
			return 1;
	return 0;
}

/* What is left of ACTS on a mount that bars some. */
static uint32_t barred(uint32_t acts, const struct spot *spot)
{
	const int device = spot->type == TYPE_DEVICE;

	if (spot->bars & BAR_ALL || (device && spot->bars & BAR_DEVICES))
		return 0;
	if (spot->bars & BAR_EXEC)
		acts &= ~(uint32_t)ACT_EXEC;
	if (spot->bars & BAR_WRITE) /* a device is no part of its mount */
		acts &= device ? ~(uint32_t)ACT_CREATE : ~(uint32_t)(ACT_WRITE | ACT_TRUNCATE | ACT_APPEND | ACT_CREATE);
	return acts;
}

/* ABOVE: how far above the thing the entry's rule is. */
static uint32_t add_effect(struct effect *effect, uint32_t nearest[ACTS], const struct entry *e, uint32_t acts, uint32_t above)
{
	for (int i = 0; i < ACTS; i++)
		if (acts >> i & 1 && (!effect->by[i] || above < nearest[i])) {
			effect->by[i] = e;
			nearest[i] = above;
		}
	return acts;
}

static void find_effect(const struct model *model, const struct spot *spot, int no_program, struct effect *effect)
{
	const int append = (model->image.h->families & FAM_APPEND_NAME) != 0;
	uint32_t nearest[ACTS] = {0};

	memset(effect, 0, sizeof *effect);
	for (uint32_t i = 0; i < model->count; i++) {
		const struct entry *e = &model->entries[i];
		if (e->kind == KIND_PATH && e->rights & RIGHT_APPEND && append && !effect->append)
			effect->append = e;
		const uint32_t above = has_rule(e) && !(no_program && e->kind == KIND_PROGRAM) ? spot_within(spot, e->id) : 0;
		if (above == 0)
			continue;
		if (is_left_out(e, spot))
			effect->excepted = e;
		effect->acts |= add_effect(effect, nearest, e, acts_of(e->rights, e->spot.type == TYPE_DIR), above);
	}
	if (append) /* while it stands, the filter lets nothing be opened for writing but to append */
		effect->acts &= ~(uint32_t)ACT_WRITE;
	/* Else a device can be opened for neither reading nor writing, which takes no right. */
	if (append && !(effect->acts & (ACT_READ | ACT_APPEND)))
		effect->acts &= ~(uint32_t)ACT_IOCTL;
	effect->acts = barred(effect->acts, spot);
}

void model_effect(const struct model *model, const struct spot *spot, struct effect *effect)
{
	find_effect(model, spot, 0, effect);
}

void model_effect_always(const struct model *model, const struct spot *spot, struct effect *effect)
{
	find_effect(model, spot, model->image.h->programs.count > 1, effect);
}

static int walk_name(const struct model *model, const struct view *view, const char *name, enum follow follow,
		     struct spot *spot)
{
	const char *home =
	    name[0] == '~' && (name[1] == '/' || !name[1]) ? model->world->variable(model->world->arg, "HOME") : NULL;

	if (home)
		return world_walk(model->world, view, home, name + 1, follow, model->arena, spot);
	return world_walk(model->world, view, *name == '/' ? "" : model->world->cwd, name, follow, model->arena, spot);
}

int model_walk(const struct model *model, const char *name, enum follow follow, struct spot *spot)
{
	return walk_name(model, &model->view, name, follow, spot);
}

int model_walk_outside(const struct model *model, const char *name, struct spot *spot)
{
	return walk_name(model, NULL, name, FOLLOW_ALL, spot);
}

#include "need.h"

#include <linux/filter.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "families.h"
#include "filter.h"
#include "owned.h"

static int conditions_hold(const struct call_rule *rule, const struct seccomp_data *call, uint32_t self)
{
	for (int i = 0; i < CALL_ARGS && rule->is[i].mask; i++) {
		const struct arg_is *is = &rule->is[i];
		const uint32_t want = is->value == FILTER_SELF ? self : is->value;
		if (((uint32_t)call->args[is->arg] & is->mask) != want)
			return 0;
	}
	return 1;
}

/* 1: some line of the table speaks of CALL with FAMILIES. */
static int table_speaks(const struct call_rule *table, size_t count, const struct seccomp_data *call, uint32_t families,
			uint32_t self)
{
	for (size_t i = 0; i < count; i++) {
		const struct call_rule *r = &table[i];
		if (r->nr == call->nr && (!r->any || families & r->any) && !(families & r->unless) &&
		    conditions_hold(r, call, self))
			return 1;
	}
	return 0;
}

static int is_listed(const struct call_list *list, int nr)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->nr[i] == nr)
			return 1;
	return 0;
}

static int is_allowed(uint32_t families, const struct seccomp_data *call, uint32_t self)
{
	if (table_speaks(call_refused, call_refused_count, call, families, self))
		return 0;
	if (table_speaks(call_allowed, call_allowed_count, call, families, self))
		return 1;
	for (size_t i = 0; i < call_lists_count; i++)
		if ((!call_lists[i].any || families & call_lists[i].any) && is_listed(&call_lists[i], call->nr))
			return 1;
	return 0;
}

uint32_t need_of(const struct seccomp_data *call, uint32_t self)
{
	/* The narrower before the wider: what opens every ioctl comes last. */
	static const uint32_t singly[] = {
	    FAM_PROC,  FAM_TTY, FAM_FATTR, FAM_ID,   FAM_DEBUG,       FAM_SCHED,      FAM_SYSVIPC, FAM_NETLINK,
	    FAM_WATCH, FAM_AIO, FAM_UDP,   FAM_UNIX, FAM_TCP_CONNECT, FAM_TCP_LISTEN, FAM_IOCTL,
	};

	if (is_allowed(0, call, self))
		return 0;
	for (size_t i = 0; i < sizeof singly / sizeof *singly; i++)
		if (is_allowed(singly[i], call, self))
			return singly[i];
	return NEED_NEVER;
}

/* Calls that need no promise and are looked at all the same: they name files, which Landlock judges, or addresses. */
static const int looked_at[] = {
    S(open),     S(openat), S(creat),   S(execve),  S(rename),   S(renameat), S(renameat2), S(mkdir),
    S(mkdirat),  S(rmdir),  S(link),    S(linkat),  S(unlink),   S(unlinkat), S(symlink),   S(symlinkat),
    S(truncate), S(mknod),  S(mknodat), S(sendmsg), S(sendmmsg), S(openat2),  S(getdents),  S(getdents64),
};
#define LOOKED_AT (sizeof looked_at / sizeof *looked_at)

static struct image_insn load(uint32_t offset)
{
	return (struct image_insn){BPF_LD | BPF_W | BPF_ABS, 0, 0, offset};
}

static struct image_insn equal(uint32_t k, uint8_t yes, uint8_t no)
{
	return (struct image_insn){BPF_JMP | BPF_JEQ | BPF_K, yes, no, k};
}

static struct image_insn notify(void)
{
	return (struct image_insn){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF};
}

/* Each test is an instruction, and a word behind it that tells. sendto() is looked at only where it holds an address (either
 * half). */
static uint32_t prefix(struct image_insn *to)
{
	const uint32_t address = offsetof(struct seccomp_data, args) + 4 * sizeof(uint64_t);
	uint32_t n = 0;

	to[n++] = load(offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < LOOKED_AT; i++)
		if (looked_at[i] >= 0) {
			to[n++] = equal((uint32_t)looked_at[i], 0, 1);
			to[n++] = notify();
		}
	to[n++] = equal((uint32_t)S(sendto), 0, 5);
	to[n++] = load(address);
	to[n++] = equal(0, 0, 2);
	to[n++] = load(address + 4);
	to[n++] = equal(0, 1, 0);
	to[n++] = notify();
	return n;
}

int need_filter(struct image_insn **prog, uint32_t *count, struct err *err)
{
	struct image_insn *OWNED own = NULL;
	struct image_insn before[2 * LOOKED_AT + 16];
	uint32_t own_count = 0;
	int rc = filter_make(0, &own, &own_count, err);

	if (rc < 0)
		return rc;
	const uint32_t n = prefix(before);
	if (own_count + n > IMAGE_FILTER_MAX)
		return err_set(err, E2BIG, "the observer's filter is too long");
	for (uint32_t i = 0; i < own_count; i++)
		if (own[i].code == (BPF_RET | BPF_K) && own[i].k != SECCOMP_RET_ALLOW)
			own[i].k = SECCOMP_RET_USER_NOTIF;
	struct image_insn *all = malloc((own_count + n) * sizeof *all);
	if (!all)
		return err_set(err, ENOMEM, "no memory");
	memcpy(all, before, n * sizeof *all);
	memcpy(all + n, own, own_count * sizeof *all);
	*prog = all;
	*count = n + own_count;
	return 0;
}

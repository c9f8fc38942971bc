#include "stages.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "families.h"
#include "owned.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8u
#endif

/*
 * A stage is a program of its own, by libseccomp, that answers or passes on. libseccomp keeps no order among rules and cannot
 * say "but not this value"; stages one after the other can. The mark of passing on is a verdict that no stage gives.
 */
#define PASS SCMP_ACT_TRACE(0x7001)
/* libseccomp writes SCMP_ACT_NOTIFY only where the kernel that it runs on has it. */
#define HAND_OVER SCMP_ACT_TRACE(0x7002)

#define PLAIN_MAX 16384u /* instructions, before they are shrunk */

struct program {
	uint32_t count;
	struct image_insn at[PLAIN_MAX];
};

static void filter_free(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}
#define OWNED_CTX __attribute__((cleanup(filter_free)))

/* libseccomp writes to descriptors only. */
static int scratch(struct err *err)
{
	int fd = memfd_create("filter", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
		fd = memfd_create("filter", MFD_CLOEXEC);
	return fd >= 0 ? fd : err_set(err, errno, "can't make room for the filter: %s", err_words(errno));
}

static int take_program(scmp_filter_ctx ctx, struct program *into, struct err *err)
{
	OWNED_FD int fd = scratch(err);

	if (fd < 0)
		return fd;
	int rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return err_set(err, -rc, "libseccomp can't write the filter: %s", err_words(rc));
	const size_t room = (PLAIN_MAX - into->count) * sizeof *into->at;
	ssize_t n = pread(fd, into->at + into->count, room, 0);
	if (n < 0)
		return err_set(err, errno, "can't read the filter back: %s", err_words(errno));
	if ((size_t)n == room || (size_t)n % sizeof *into->at)
		return err_set(err, E2BIG, "libseccomp's filter has %zd bytes, which no filter can have", n);
	into->count += (uint32_t)((size_t)n / sizeof *into->at);
	return 0;
}

/* In the program from START on, what passed on jumps to the end instead. */
static void join(struct program *p, uint32_t start)
{
	for (uint32_t i = start; i < p->count; i++) {
		if (p->at[i].code != (BPF_RET | BPF_K))
			continue;
		if (p->at[i].k == PASS)
			p->at[i] = (struct image_insn){.code = BPF_JMP | BPF_JA, .k = p->count - i - 1};
		else if (p->at[i].k == HAND_OVER)
			p->at[i].k = SECCOMP_RET_USER_NOTIF;
	}
}

static int counts(uint32_t families, uint32_t any, uint32_t unless)
{
	return (!any || families & any) && !(families & unless);
}

static struct scmp_arg_cmp compare(const struct arg_is *is)
{
	if (is->pointer)
		return (struct scmp_arg_cmp){.arg = is->arg, .op = SCMP_CMP_NE};
	return (struct scmp_arg_cmp){.arg = is->arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = is->mask, .datum_b = is->value};
}

static int add(scmp_filter_ctx ctx, uint32_t action, int nr, const struct arg_is *is, struct err *err)
{
	struct scmp_arg_cmp cmp[CALL_ARGS];
	unsigned int n = 0;

	for (; n < CALL_ARGS && is && is[n].mask; n++)
		cmp[n] = compare(&is[n]);
	int rc = seccomp_rule_add_exact_array(ctx, action, nr, n, cmp);
	if (rc < 0)
		return err_set(err, -rc, "libseccomp refuses the rule for system call %d: %s", nr, err_words(rc));
	return 0;
}

/* ACTION: of the lines without an errno. */
static int add_rules(scmp_filter_ctx ctx, const struct call_rule *rules, size_t count, uint32_t families, uint32_t action,
		     struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		if (rules[i].nr >= 0 && counts(families, rules[i].any, rules[i].unless) && counts(families, rules[i].also, 0))
			rc = add(ctx, rules[i].error ? SCMP_ACT_ERRNO((uint32_t)rules[i].error) : action, rules[i].nr,
				 rules[i].is, err);
	return rc;
}

static int add_lists(scmp_filter_ctx ctx, uint32_t families, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < call_lists_count; i++)
		for (size_t j = 0; j < call_lists[i].count && rc == 0; j++)
			if (call_lists[i].nr[j] >= 0 && counts(families, call_lists[i].any, 0))
				rc = add(ctx, SCMP_ACT_ALLOW, call_lists[i].nr[j], NULL, err);
	return rc;
}

int stages_known(int nr)
{
	for (size_t i = 0; i < call_newer_count; i++)
		if (call_newer[i] == nr)
			return 1;
	OWNED char *name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), nr);
	return name != NULL;
}

static int add_unknown(scmp_filter_ctx ctx, struct err *err)
{
	int rc = 0;

	for (int nr = 0; nr <= CALL_NEWEST && rc == 0; nr++)
		if (!stages_known(nr))
			rc = add(ctx, SCMP_ACT_ERRNO(ENOSYS), nr, NULL, err);
	return rc;
}

static int stage_begin(scmp_filter_ctx *ctx, uint32_t otherwise, struct err *err)
{
	*ctx = seccomp_init(otherwise);
	if (!*ctx || seccomp_attr_set(*ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
		return err_set(err, ENOMEM, "libseccomp can't begin a filter");
	return 0;
}

static int stage_refused(struct program *p, uint32_t families, struct err *err)
{
	OWNED_CTX scmp_filter_ctx ctx = NULL;
	int rc;

	(void)((rc = stage_begin(&ctx, PASS, err)) ||
	       (rc = add_rules(ctx, call_refused, call_refused_count, families, SCMP_ACT_ALLOW, err)) ||
	       (rc = take_program(ctx, p, err)));
	return rc;
}

static int stage_notified(struct program *p, uint32_t families, struct err *err)
{
	OWNED_CTX scmp_filter_ctx ctx = NULL;
	int rc;

	if (!(families & FAM_BROKERED))
		return 0;
	(void)((rc = stage_begin(&ctx, PASS, err)) ||
	       (rc = add_rules(ctx, call_notified, call_notified_count, families, HAND_OVER, err)) ||
	       (rc = take_program(ctx, p, err)));
	return rc;
}

static int stage_allowed(struct program *p, uint32_t families, struct err *err)
{
	OWNED_CTX scmp_filter_ctx ctx = NULL;
	int rc;

	(void)((rc = stage_begin(&ctx, PASS, err)) || (rc = add_lists(ctx, families, err)) ||
	       (rc = add_rules(ctx, call_allowed, call_allowed_count, families, SCMP_ACT_ALLOW, err)) ||
	       (rc = take_program(ctx, p, err)));
	return rc;
}

static int stage_otherwise(struct program *p, uint32_t families, struct err *err)
{
	OWNED_CTX scmp_filter_ctx ctx = NULL;
	int rc;

	(void)((rc = stage_begin(&ctx, SCMP_ACT_ERRNO(EPERM), err)) ||
	       (rc = add_rules(ctx, call_otherwise, call_otherwise_count, families, SCMP_ACT_ALLOW, err)) ||
	       (rc = add_unknown(ctx, err)) || (rc = take_program(ctx, p, err)));
	return rc;
}

/* Before the stages: another machine's call ends the process, and numbers that no table holds (x32's bit 30 among them) are
 * unknown. */
static void head(struct program *p)
{
	static const struct image_insn insns[] = {
	    {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch)},
	    {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, STAGES_ARCH},
	    {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
	    {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
	    {BPF_JMP | BPF_JGT | BPF_K, 0, 1, CALL_NEWEST},
	    {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
	};
	memcpy(p->at, insns, sizeof insns);
	p->count = sizeof insns / sizeof *insns;
}

static int stages(struct program *p, uint32_t families, struct err *err)
{
	static int (*const stage[])(struct program *, uint32_t, struct err *) = {stage_refused, stage_notified, stage_allowed,
										 stage_otherwise};
	int rc = 0;

	head(p);
	for (size_t i = 0; i < sizeof stage / sizeof *stage && rc == 0; i++) {
		uint32_t start = p->count;
		rc = stage[i](p, families, err);
		join(p, start);
	}
	return rc;
}

int stages_make(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err)
{
	OWNED struct program *p = calloc(1, sizeof *p);

	if (!p)
		return err_set(err, ENOMEM, "no memory for a filter");
	int rc = stages(p, families, err);
	if (rc)
		return rc;
	*prog = malloc(p->count * sizeof **prog);
	if (!*prog)
		return err_set(err, ENOMEM, "no memory for a filter of %u instructions", p->count);
	memcpy(*prog, p->at, p->count * sizeof **prog);
	*count = p->count;
	return 0;
}

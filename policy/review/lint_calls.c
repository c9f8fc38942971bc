/* Promises, capabilities, and what a kernel can't enforce. */
#include <stdio.h>
#include <string.h>

#include "landlock.h"
#include "lint_state.h"

static const struct {
	const char *name, *why;
} strong_caps[] = {
    {"sys_admin", "it mounts, and much else: it is as good as root"},
    {"sys_ptrace", "it takes other processes over"},
    {"sys_module", "it loads code into the kernel"},
    {"sys_rawio", "it reaches the machine's memory and hardware"},
    {"sys_boot", "it starts another kernel"},
    {"sys_chroot", "it chooses what set-user-ID programs see"},
    {"dac_override", "it opens every file, whoever it belongs to"},
    {"dac_read_search", "it reads every file, by its number too"},
    {"chown", "it makes every file its own"},
    {"fowner", "it changes every file's mode"},
    {"fsetid", "it keeps set-user-ID bits where they should go"},
    {"setuid", "it becomes any user, root too"},
    {"setgid", "it becomes any group"},
    {"setpcap", "it hands capabilities on"},
    {"setfcap", "it gives files capabilities"},
    {"mknod", "it makes devices, such as disks"},
    {"linux_immutable", "it changes what was made unchangeable"},
    {"mac_admin", "it changes the security module's policy"},
    {"mac_override", "it passes the security module by"},
    {"net_admin", "it changes the machine's network and its firewall"},
    {"net_raw", "it reads and forges packets"},
    {"bpf", "it loads programs into the kernel"},
    {"perfmon", "it looks into other processes and the kernel"},
    {"checkpoint_restore", "it looks into other processes"},
    {"syslog", "it reads the kernel's log and addresses"},
    {"audit_control", "it switches auditing off"},
};

static void judge_caps(struct lint *l, const struct stmt *s)
{
	for (const struct item *item = s->items; item; item = item->next)
		for (size_t i = 0; i < sizeof strong_caps / sizeof *strong_caps; i++) {
			const char *name = word_plain(item->word);
			if (name && strcmp(name, strong_caps[i].name) == 0)
				lint_find(l, LINT_STRONG_CAP, item->word->at,
					  "leave it out, or let another program do what needs it", "'%s' is kept: %s", name,
					  strong_caps[i].why);
		}
}

static void judge_promises(struct lint *l, const struct stmt *s)
{
	for (const struct item *item = s->items; item; item = item->next) {
		if (item->tag == FAM_FATTR_ANYWHERE)
			lint_find(l, LINT_FATTR_ANYWHERE, item->word->at, "promise fattr reaches what is granted for writing",
				  "modes, owners and times can be changed of whatever the user may, granted or not");
		if (item->tag == FAM_DEBUG)
			lint_find(l, LINT_DEBUG, item->word->at, "leave it out where nothing is debugged",
				  "every process of the sandbox can take over the others, and read their memory");
	}
}

static void judge_forgone(struct lint *l, const struct stmt *s)
{
	for (const struct item *item = s->items; item; item = item->next) {
		int since;
		const char *loss = landlock_loss(item->tag, &since);
		lint_find(l, LINT_FORGO, item->word->at, "leave it out: where it is missing, the program is then refused",
			  "where the kernel lacks '%.*s' the program runs all the same: %s", WORD(item->word), loss);
	}
}

/* Whatever the statements are that need FEATURE, the first of them. */
static struct place find_need(const struct lint *l, uint32_t feature)
{
	const struct stmt *s = lint_first(l, VERB_REQUIRE, feature);

	if (s)
		return lint_item_place(s, feature);
	if (feature == FEATURE_TCP && !(s = lint_first(l, VERB_CONNECT, 0)))
		s = lint_first(l, VERB_LISTEN, 0);
	if (feature == FEATURE_SIGNAL_SCOPE && (s = lint_first(l, VERB_PROMISE, FAM_PROC)))
		return lint_item_place(s, FAM_PROC);
	if (feature == FEATURE_SOCKET_SCOPE && !(s = lint_first(l, VERB_SERVICE, 0)))
		s = lint_first(l, VERB_CONNECT, 0);
	for (uint32_t i = 0; feature == FEATURE_IOCTL && !s && i < l->reach_count; i++)
		if (l->reaches[i].rights & RIGHT_IOCTL)
			s = l->reaches[i].stmt;
	return s ? s->at : (struct place){.source = SOURCE_MAIN};
}

static void judge_kernel(struct lint *l)
{
	const struct image_header *h = &l->policy->head;
	/* A view is no matter of the kernel's ABI. */
	const uint32_t lacks =
	    (landlock_needs(h->families) | h->require) & ~h->forgo & ~(uint32_t)FEATURE_VIEW & ~landlock_gives(l->in->abi);

	for (uint32_t i = 0; image_feature_name[i]; i++) {
		int since;
		if (!(lacks & 1u << i))
			continue;
		const char *loss = landlock_loss(1u << i, &since);
		lint_find(l, LINT_KERNEL_LACKS, find_need(l, 1u << i), "a newer kernel, or a policy that needs less",
			  "Landlock ABI %d has no '%s' (ABI %d has), so the program is refused: %s", l->in->abi,
			  image_feature_name[i], since, loss);
	}
}

void lint_calls(struct lint *l)
{
	for (uint32_t i = 0; i < l->tree->source_count; i++)
		for (const struct stmt *s = l->tree->sources[i].statements; s; s = s->next) {
			if (s->verb == VERB_PROMISE)
				judge_promises(l, s);
			else if (s->verb == VERB_FORGO)
				judge_forgone(l, s);
			else if (s->verb == VERB_KEEP)
				judge_caps(l, s);
		}
	if (l->in->abi >= 0)
		judge_kernel(l);
}

#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owned.h"
#include "work.h"

/* Of a line's 4096 bytes: a path, and what is left out of it. */
#define TEXT_LINE_MAX 2000
#define EXCEPT_MAX 1500

static const struct setting_word *word_for(const struct setting *s, const char *path)
{
	for (size_t i = 0; i < s->word_count; i++)
		if (s->words[i].path && strcmp(s->words[i].path, path) == 0)
			return &s->words[i];
	return NULL;
}

static void rights_words(uint32_t rights, char *to, size_t size)
{
	size_t n = 0;

	for (int i = 0; image_right_name[i]; i++)
		if (rights >> i & 1)
			n += (size_t)snprintf(to + n, size - n, "%s%s", n ? " " : "", image_right_name[i]);
}

static const char *prefix_for(const struct item *item, uint32_t rights)
{
	return item->is_dir && rights & (RIGHT_WRITE | RIGHT_CREATE)                 ? "c:"
	       : (rights & (RIGHT_READ | RIGHT_WRITE)) == (RIGHT_READ | RIGHT_WRITE) ? "rw:"
	       : rights & RIGHT_WRITE                                                ? "w:"
	       : rights & RIGHT_APPEND                                               ? "a:"
	       : rights & RIGHT_EXEC                                                 ? "x:"
										     : "r:";
}

/* A word that named a file that was made is no item: its folder is. */
static void add_words(const struct work *w, const struct item *item, uint32_t rights, char why[WHY])
{
	const struct setting_word *word = word_for(w->setting, item->path);
	const size_t n = strlen(why);

	if (word) {
		snprintf(why + n, WHY - n, "; word %d of the command line: instead of this line, say %s%s there", word->number,
			 prefix_for(item, rights), word->text);
		return;
	}
	for (size_t i = 0; rights & RIGHT_CREATE && i < w->setting->word_count; i++) {
		const struct seen *s = w->setting->words[i].path ? record_find(w->record, w->setting->words[i].path) : NULL;
		if (!s || !(s->flags & SEEN_MADE) || s->flags & (SEEN_DIR | SEEN_GONE) || !path_is_in(s->path, item->path))
			continue;
		snprintf(why + n, WHY - n,
			 "; %s was made there: where nothing else is, w:%s on the command line serves instead",
			 w->setting->words[i].text, w->setting->words[i].text);
		return;
	}
}

/* Append alone holds only where nothing at all is written otherwise, /dev/null included. */
static int append_will_do(const struct work *w)
{
	for (uint32_t i = 0; i < w->record->paths.count; i++) {
		const struct seen *s = record_at(w->record, i);
		if ((s->rights | s->after) & (RIGHT_WRITE | RIGHT_CREATE) || s->flags & SEEN_MADE)
			return 0;
	}
	for (uint32_t i = 0; i < w->items.list.count; i++)
		if (item_at(&w->items, i)->rights & (RIGHT_WRITE | RIGHT_CREATE))
			return 0;
	return 1;
}

/* Secrets that lie in a folder that is granted are left out of it. */
static const char *except_for(const struct work *w, const struct item *dir, char to[EXCEPT_MAX])
{
	const size_t start = strlen(dir->path) + (strcmp(dir->path, "/") != 0);
	char *OWNED part = malloc(SPELLED);
	size_t n = 0;

	*to = '\0';
	for (uint32_t i = 0; dir->is_dir && !dir->off && i < w->items.list.count; i++) {
		const struct item *item = item_at(&w->items, i);
		if (!item->secret || item == dir || !path_is_in(item->path, dir->path))
			continue;
		if (!part || setting_part(item->path + start, part) < 0 || n + strlen(part) + 16 > EXCEPT_MAX)
			return NULL;
		n += (size_t)snprintf(to + n, EXCEPT_MAX - n, "%s %s", n ? "" : " except", part);
	}
	return to;
}

static void put_item(struct work *w, const struct item *item, int appends)
{
	const uint32_t rights =
	    item->rights & RIGHT_APPEND && !appends ? (item->rights & ~(uint32_t)RIGHT_APPEND) | RIGHT_WRITE : item->rights;
	char words[64], why[WHY], who[WHY], parts[EXCEPT_MAX], *OWNED spelled = malloc(SPELLED);

	if (!rights)
		return;
	if (!spelled || setting_spell(w->setting, item->path, spelled) < 0 || strlen(spelled) > TEXT_LINE_MAX) {
		work_put(w, LINE_NOTE, 1, "", "a path that can't be written down was used: it is too long");
		return;
	}
	rights_words(rights, words, sizeof words);
	if (item->off)
		snprintf(why, sizeof why, "NOT GRANTED: %s; %s", item->off, work_by(&item->by, who));
	else if (item->folded)
		snprintf(why, sizeof why, "%u files there: %s", item->folded, work_by(&item->by, who));
	else
		snprintf(why, sizeof why, "%s", work_by(&item->by, who));
	if (item->rights & RIGHT_APPEND && !appends && !item->off)
		snprintf(why + strlen(why), sizeof why - strlen(why), "; appended to");
	if ((rights & RIGHT_EXEC) && rights & (RIGHT_WRITE | RIGHT_CREATE))
		snprintf(why + strlen(why), sizeof why - strlen(why), "; what is written there can be executed");
	if (rights == RIGHT_READ && item->is_dir && !item->is_listed && !item->folded && !item->off)
		snprintf(why + strlen(why), sizeof why - strlen(why), "; opened and never listed: perhaps it serves without");
	if (item->by_privilege)
		snprintf(why + strlen(why), sizeof why - strlen(why),
			 "; by root's privilege, which endow takes away: see 'keep cap'");
	const int whole = except_for(w, item, parts) == NULL;
	if (!whole && !*parts)
		add_words(w, item, rights, why);
	const enum line_kind kind = rights & (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE | RIGHT_IOCTL) ? LINE_WRITE
				    : rights & RIGHT_EXEC                                              ? LINE_EXEC
												       : LINE_READ;
	/* Where the secrets in it can't be left out, it is not granted either. */
	if (whole)
		snprintf(why, sizeof why, "NOT GRANTED: there are too many secrets in it");
	work_put(w, kind, item->off || whole, why, "%s\t%s%s", words, spelled, whole ? "" : parts);
	if (w->failed)
		return;
	struct line *line = (struct line *)w->draft->lines.data + w->draft->lines.count - 1;
	line->path = item->path;
	line->rights = rights;
}

static int has_port(const struct work *w, const struct seen_port *port)
{
	for (uint32_t i = 0; i < w->chosen.count; i++) {
		const struct bundle *b = chosen_at(w, i);
		const struct image_port *p = b->ports.data;
		if (b->families & (uint32_t)(port->listen ? FAM_TCP_LISTEN_ANY : FAM_TCP_CONNECT_ANY))
			return 1;
		for (uint32_t k = 0; k < b->ports.count; k++)
			if (p[k].listen == (uint32_t)port->listen && port->port >= p[k].first && port->port <= p[k].last)
				return 1;
	}
	return 0;
}

static int port_order(const void *a, const void *b)
{
	const struct seen_port *x = a, *y = b;

	return x->listen != y->listen ? x->listen - y->listen : x->port - y->port;
}

static void put_network(struct work *w)
{
	const uint32_t have = chosen_families(w);
	struct seen_port *ports = w->record->ports.data;
	char why[WHY], who[WHY];

	if (w->record->ports.count > 0)
		qsort(ports, w->record->ports.count, sizeof *ports, port_order);
	for (uint32_t i = 0; i < w->record->ports.count; i++) {
		const enum line_kind kind = ports[i].listen ? LINE_LISTEN : LINE_CONNECT;
		if (has_port(w, &ports[i]))
			continue;
		if (ports[i].port) {
			work_put(w, kind, 0, work_by(&ports[i].by, why), "%s\ttcp %u", ports[i].listen ? "listen" : "connect",
				 ports[i].port);
			continue;
		}
		snprintf(why, sizeof why, "a port of the kernel's choosing: %s", work_by(&ports[i].by, who));
		work_put(w, kind, 0, why, "%s\ttcp any", ports[i].listen ? "listen" : "connect");
	}
	static const struct {
		uint32_t family;
		const char *text;
	} all[] = {{FAM_UDP, "connect\tudp any"}, {FAM_UNIX, "connect\tunix any"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const unsigned int bit = (unsigned int)__builtin_ctz(all[i].family);
		if (!w->record->families[bit].times || have & all[i].family)
			continue;
		snprintf(why, sizeof why, "%s: %s", w->record->family_detail[bit], work_by(&w->record->families[bit], who));
		work_put(w, LINE_CONNECT, 0, why, "%s", all[i].text);
	}
}

static void put_promises(struct work *w)
{
	const uint32_t have = chosen_families(w);
	char why[WHY], who[WHY];

	for (unsigned int i = 0; image_promise_name[i]; i++) {
		const struct seen_by *seen = &w->record->families[i];
		if (!seen->times || have & 1u << i)
			continue;
		snprintf(why, sizeof why, "%s: %s", w->record->family_detail[i] ? w->record->family_detail[i] : "",
			 work_by(seen, who));
		work_put(w, LINE_PROMISE, 0, why, "promise\t%s", image_promise_name[i]);
	}
}

static int has_env(const struct work *w, const char *name)
{
	for (uint32_t i = 0; i < w->chosen.count; i++) {
		const char *const *env = chosen_at(w, i)->env.data;
		for (uint32_t k = 0; k < chosen_at(w, i)->env.count; k++) {
			const size_t n = strlen(env[k]);
			if (strcmp(env[k], name) == 0 || (n > 1 && env[k][n - 1] == '*' && strncmp(env[k], name, n - 1) == 0))
				return 1;
		}
	}
	return 0;
}

/* Was something beneath DIR granted, or used through a fragment? */
static int used_beneath(const struct work *w, const char *dir)
{
	const char *here = path_is_in(w->setting->cwd, dir) ? w->setting->cwd : "";

	for (uint32_t i = 0; *dir && i < w->record->paths.count; i++) {
		const char *path = record_at(w->record, i)->path;
		if (path_is_in(path, dir) && !path_is_in(path, here))
			return 1;
	}
	return 0;
}

static void put_env(struct work *w)
{
	static const char *const common[] = {"LANG", "LC_*", "TERM", "TZ"};
	char keep[64] = "", why[WHY], who[WHY];

	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		if (!has_env(w, common[i]))
			snprintf(keep + strlen(keep), sizeof keep - strlen(keep), " %s", common[i]);
	if (*keep)
		work_put(w, LINE_ENV, 0,
			 "what a program reads of its environment can't be seen: these do no harm, others may be wanted",
			 "env\tkeep%s", keep);
	if (w->record->exec_by.times && !has_env(w, "PATH")) {
		snprintf(why, sizeof why, "programs were executed: %s", work_by(&w->record->exec_by, who));
		work_put(w, LINE_ENV, 0, why, "env\tkeep PATH");
	}
	if (used_beneath(w, w->setting->home) && !has_env(w, "HOME"))
		work_put(w, LINE_ENV, 0, "something beneath it was looked for", "env\tkeep HOME");
	for (size_t i = 0; i < w->setting->root_count; i++) {
		const struct setting_root *r = &w->setting->roots[i];
		if (*r->name == '$' && !has_env(w, r->name + 1) && used_beneath(w, r->dir))
			work_put(w, LINE_ENV, 0, "something beneath it was looked for", "env\tkeep %s", r->name + 1);
	}
	for (size_t i = 0; i < w->setting->variable_count; i++) {
		const struct setting_root *v = &w->setting->variables[i];
		if (has_env(w, v->name) || !used_beneath(w, v->dir))
			continue;
		snprintf(why, sizeof why, "%s was looked for: if by this variable, it is needed", v->dir);
		work_put(w, LINE_ENV, 1, why, "env\tkeep %s", v->name);
	}
}

static void put_calls(struct work *w)
{
	const struct seen_call *calls = w->record->calls.data;
	char why[WHY];

	for (uint32_t i = 0; i < w->record->calls.count; i++) {
		char *OWNED name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, calls[i].nr);
		work_put(w, LINE_NOTE, 1, "", "endow refuses %s in this form, whatever a policy says: %s",
			 name ? name : "a call that has no name", work_by(&calls[i].by, why));
	}
}

static void put_inherited(struct work *w)
{
	for (size_t i = 0; i < w->setting->inherited_count; i++)
		work_put(w, LINE_READ, 1, "it was open when the program started; whether that used it can't be seen",
			 "fd\t%d keep", w->setting->inherited[i]);
}

static void put_notes(struct work *w)
{
	const struct record *r = w->record;

	put_calls(w);
	if (r->foreign)
		work_put(w, LINE_NOTE, 1, "",
			 "%u calls were another architecture's (32-bit code): endow ends a program that makes one", r->foreign);
	if (r->blind)
		work_put(w, LINE_NOTE, 1, "",
			 "%u calls could not be looked into, since the program forbids it: something may be lacking", r->blind);
}

void lines_program(struct work *w)
{
	char *OWNED spelled = malloc(SPELLED);

	if (w->known->has_program || !spelled || setting_spell(w->setting, w->setting->program_spelled, spelled) < 0)
		return;
	work_put(w, LINE_PROGRAM, 0, "", "program\t%s", spelled);
}

void lines_items(struct work *w)
{
	const int appends = append_will_do(w);

	for (uint32_t i = 0; i < w->items.list.count; i++)
		put_item(w, item_at(&w->items, i), appends);
}

void lines_rest(struct work *w)
{
	put_inherited(w);
	put_network(w);
	put_promises(w);
	put_env(w);
	put_notes(w);
}

#include "report.h"

#include <stdio.h>
#include <string.h>

#include "landlock.h"

#define NAME_WIDTH 18 /* of a column, at least */
#define NAME_WIDTH_MAX 40

uint32_t report_missing(const struct report *report, const struct need *need)
{
	return need->needs & ~report->gives;
}

/* A name or a message may hold bytes that drive a terminal. Returns the width. */
static int put_tame(const char *s)
{
	int width = 0;

	for (; *s; s++) {
		putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
		width += ((unsigned char)*s & 0xc0) != 0x80;
	}
	return width;
}

static void put_name(const char *name, int room)
{
	printf("  ");
	for (int width = put_tame(name); width < room; width++)
		putchar(' ');
	putchar(' ');
}

enum mood { MOOD_GOOD, MOOD_BAD, MOOD_OPEN };

static void put_word(enum mood mood, const char *word, int color)
{
	static const char *const paint[] = {[MOOD_GOOD] = "32", [MOOD_BAD] = "31", [MOOD_OPEN] = "33"};

	if (color)
		printf("\033[%sm%-6s\033[0m ", paint[mood], word);
	else
		printf("%-6s ", word);
}

static const char *loss_of(enum probe_id id, int *since)
{
	*since = 0;
	return id < PROBE_FEATURES ? landlock_loss(1u << id, since) : NULL;
}

/* Why a feature is not there, and what that means. */
static void put_lack(const struct report *r, enum probe_id id)
{
	int since = 0;
	const char *loss = loss_of(id, &since);

	if (loss)
		printf("%s", loss);
	if (since > 0)
		printf(" (Landlock ABI %d)", since);
	if (!r->other && r->results[id].detail[0]) {
		printf("%s", loss ? "; " : "");
		put_tame(r->results[id].detail);
	}
}

static void put_probe(const struct report *r, enum probe_id id, int color)
{
	const enum probe_state state = r->other ? PROBE_UNTRIED : r->results[id].state;
	const int given = (int)(r->gives >> id & 1);

	put_name(probes[id].name, NAME_WIDTH);
	if (given) {
		put_word(state == PROBE_WORKS || r->other ? MOOD_GOOD : MOOD_OPEN, "yes", color);
		printf("%s", probes[id].what);
		if (!r->other && state != PROBE_WORKS)
			printf(" (by its ABI; not tried: %s)", r->results[id].detail);
	} else {
		put_word(state == PROBE_BROKEN ? MOOD_BAD : MOOD_OPEN, state == PROBE_BROKEN ? "BROKEN" : "no", color);
		put_lack(r, id);
	}
	putchar('\n');
}

static const char *user_of(enum probe_id id)
{
	switch (id) {
	case PROBE_SECCOMP:
	case PROBE_CLOSE_RANGE: return "every policy needs it";
	case PROBE_IPC: return "promise sysvipc, isolate ipc";
	case PROBE_PROCESSES: return "isolate processes";
	case PROBE_NET: return "isolate net";
	case PROBE_USERS: return "limit processes";
	case PROBE_OPENAT2: return "without it paths are walked step by step, as strictly";
	default: return "not needed by this version";
	}
}

static void put_mechanism(const struct report *r, enum probe_id id, int color)
{
	const struct probe_result *found = &r->results[id];
	const int works = found->state == PROBE_WORKS;

	put_name(probes[id].name, NAME_WIDTH);
	put_word(works                          ? MOOD_GOOD
		 : found->state == PROBE_BROKEN ? MOOD_BAD
						: MOOD_OPEN,
		 works                           ? "yes"
		 : found->state == PROBE_BROKEN  ? "BROKEN"
		 : found->state == PROBE_UNTRIED ? "?"
						 : "no",
		 color);
	printf("%s (%s)", probes[id].what, user_of(id));
	if (!works) {
		printf(": ");
		put_tame(found->detail);
	}
	putchar('\n');
}

static void put_around(const struct report *r, int color)
{
	printf("\nAround it:\n");
	put_name("legacy_tiocsti", NAME_WIDTH);
	put_word(r->tiocsti == KNOWN_OFF ? MOOD_GOOD : MOOD_OPEN,
		 r->tiocsti == KNOWN_NOT  ? "?"
		 : r->tiocsti == KNOWN_ON ? "on"
					  : "off",
		 color);
	printf("%s\n",
	       r->tiocsti == KNOWN_ON ? "this kernel lets programs type into their terminal; every filter of endow refuses that"
	       : r->tiocsti == KNOWN_OFF ? "this kernel lets no program type into its terminal"
					 : "not told by this kernel; every filter of endow refuses typing into the terminal");
	put_name("LSMs", NAME_WIDTH);
	if (!r->lsms[0]) {
		put_word(MOOD_OPEN, "?", color);
		printf("the list can't be read here (securityfs is not mounted, or not for you)\n");
		return;
	}
	put_word(strstr(r->lsms, "landlock") ? MOOD_GOOD : MOOD_OPEN, strstr(r->lsms, "landlock") ? "ok" : "no", color);
	put_tame(r->lsms);
	printf("%s\n", strstr(r->lsms, "landlock") ? "" : ": landlock is not among them (boot with lsm=landlock,...)");
}

static void put_bits(const char *title, uint32_t bits)
{
	if (!bits)
		return;
	printf("%s", title);
	for (enum probe_id id = 0; id < PROBE_COUNT; id++)
		if (bits >> id & 1)
			printf(" %s", probes[id].name);
}

/* One line, but for a policy that is wrong: its messages follow, further in. */
static void put_policy(const struct report *r, const struct need *n, int room, int color)
{
	const uint32_t missing = report_missing(r, n);

	put_name(n->name, room);
	if (n->problem) {
		put_word(MOOD_BAD, "WRONG", color);
		printf("it can't be used:\n");
		for (const char *line = n->problem; *line;) {
			const int len = (int)strcspn(line, "\n");
			printf("      %.*s\n", len, line);
			line += len + (line[len] == '\n');
		}
		return;
	}
	put_word(missing ? MOOD_BAD : MOOD_GOOD, missing ? "NO" : "ready", color);
	if (missing) {
		put_bits("missing:", missing);
	} else {
		/* What every policy needs is said above. */
		put_bits("needs:", n->needs & ~(1u << PROBE_SECCOMP | 1u << PROBE_CLOSE_RANGE));
		put_bits("; runs without:", n->forgoes & ~r->gives);
	}
	putchar('\n');
}

static int room_for(const struct needs *needs)
{
	size_t room = NAME_WIDTH;

	for (size_t i = 0; i < needs->count; i++) {
		const size_t len = strlen(needs->list[i].name);
		if (len > room)
			room = len < NAME_WIDTH_MAX ? len : NAME_WIDTH_MAX;
	}
	return (int)room;
}

void report_text(const struct report *r, int color)
{
	if (r->other)
		printf("A kernel with Landlock ABI %d, by the table; nothing was tried\n", r->abi);
	else
		printf("endow " ENDOW_VERSION " on Linux %s, Landlock ABI %d%s\n", r->release, r->abi,
		       r->abi > LANDLOCK_ABI_KNOWN ? " (more than this version makes use of)" : "");
	printf("\nWhat it can enforce%s:\n", r->other ? "" : ", each tried just now");
	for (enum probe_id id = 0; id < PROBE_FEATURES; id++)
		if (!r->other || id != PROBE_VIEW)
			put_probe(r, id, color);
	if (r->other) {
		put_name(probes[PROBE_VIEW].name, NAME_WIDTH);
		put_word(MOOD_OPEN, "?", color);
		printf("no matter of Landlock: it takes mount and user namespaces, and is taken as there\n");
	} else {
		printf("\nWhat endow uses beside:\n");
		for (enum probe_id id = PROBE_FEATURES; id < PROBE_COUNT; id++)
			put_mechanism(r, id, color);
		put_around(r, color);
	}
	printf("\nPolicies%s:\n", r->needs.count ? "" : ": none found");
	for (size_t i = 0; i < r->needs.count; i++)
		put_policy(r, &r->needs.list[i], room_for(&r->needs), color);
}

static void put_json_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		const unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void put_json_bits(const char *name, uint32_t bits)
{
	const char *comma = "";

	printf(", \"%s\": [", name);
	for (enum probe_id id = 0; id < PROBE_COUNT; id++)
		if (bits >> id & 1) {
			printf("%s\"%s\"", comma, probes[id].name);
			comma = ", ";
		}
	putchar(']');
}

static void put_json_probe(const struct report *r, enum probe_id id)
{
	static const char *const word[] = {
	    [PROBE_UNTRIED] = "untried", [PROBE_WORKS] = "works", [PROBE_ABSENT] = "absent", [PROBE_BROKEN] = "broken"};

	printf("\"%s\": {\"given\": %s, \"tried\": ", probes[id].name, r->gives >> id & 1 ? "true" : "false");
	put_json_string(word[r->results[id].state]);
	printf(", \"detail\": ");
	put_json_string(r->results[id].detail);
	putchar('}');
}

static void put_json_policy(const struct report *r, const struct need *n)
{
	printf("{\"name\": ");
	put_json_string(n->name);
	printf(", \"path\": ");
	if (n->path)
		put_json_string(n->path);
	else
		printf("null");
	printf(", \"ready\": %s", n->problem || report_missing(r, n) ? "false" : "true");
	put_json_bits("needs", n->needs);
	put_json_bits("missing", report_missing(r, n));
	put_json_bits("runs_without", n->forgoes & ~r->gives);
	printf(", \"problem\": ");
	if (n->problem)
		put_json_string(n->problem);
	else
		printf("null");
	putchar('}');
}

void report_json(const struct report *r)
{
	static const char *const known[] = {[KNOWN_NOT] = "null", [KNOWN_OFF] = "false", [KNOWN_ON] = "true"};

	printf("{\n  \"version\": \"" ENDOW_VERSION "\",\n  \"tried\": %s,\n  \"kernel\": ", r->other ? "false" : "true");
	put_json_string(r->release);
	printf(",\n  \"landlock_abi\": %d,\n  \"legacy_tiocsti\": %s,\n  \"lsms\": ", r->abi, known[r->tiocsti]);
	put_json_string(r->lsms);
	printf(",\n  \"features\": {");
	for (enum probe_id id = 0; id < PROBE_FEATURES; id++) {
		printf("%s\n    ", id ? "," : "");
		put_json_probe(r, id);
	}
	printf("\n  },\n  \"mechanisms\": {");
	for (enum probe_id id = PROBE_FEATURES; id < PROBE_COUNT; id++) {
		printf("%s\n    ", id > PROBE_FEATURES ? "," : "");
		put_json_probe(r, id);
	}
	printf("\n  },\n  \"policies\": [");
	for (size_t i = 0; i < r->needs.count; i++) {
		printf("%s\n    ", i ? "," : "");
		put_json_policy(r, &r->needs.list[i]);
	}
	printf("\n  ]\n}\n");
}

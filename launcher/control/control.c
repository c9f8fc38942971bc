/* endow list, endow grant, endow revoke: a person outside asks a supervisor who holds what, and gives and takes. No authority
 * of its own. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "image.h"
#include "owned.h"
#include "sandboxes.h"

enum { STATUS_REFUSED = 1, STATUS_USAGE = 2 };

static const char usage_text[] =
    "usage: endow list [--json] [PID|PROGRAM]     what running programs hold, from which line, used how often\n"
    "       endow grant PID|PROGRAM read|write|append|create|pass... PATH as NAME [until TIME] [times N] [revocable]\n"
    "       endow revoke PID|PROGRAM HANDLE|NAME...   end it, and all that was made from it\n"
    "\n"
    "For programs whose policy has a 'grant' line, of yours; root sees everybody's. PID is the launcher's.\n"
    "Exit status: 0 done; 1 refused, or nothing there; 2 usage.\n";

static int usage(const char *what)
{
	if (what)
		fprintf(stderr, "endow: %s\n", what);
	fputs(usage_text, what ? stderr : stdout);
	return what ? STATUS_USAGE : 0;
}

static int fail(const struct err *err)
{
	fprintf(stderr, "endow: %s\n", err->text);
	return STATUS_REFUSED;
}

/* Words -------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint32_t right;
} rights[] = {
    {"read", WIRE_READ}, {"write", WIRE_WRITE}, {"append", WIRE_APPEND}, {"create", WIRE_CREATE}, {"pass", WIRE_PASS}};

static const char *const kinds[WIRE_KINDS] = {"file", "tree", "connect", "listen"};

static uint32_t right_of(const char *word)
{
	for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
		if (strcmp(word, rights[i].word) == 0)
			return rights[i].right;
	return 0;
}

static char *rights_words(uint32_t bits, char to[64])
{
	size_t len = 0;

	*to = '\0';
	for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
		if (bits & rights[i].right)
			len += (size_t)snprintf(to + len, 64 - len, "%s%s", len ? " " : "", rights[i].word);
	return to;
}

static char *span(uint64_t ms, char to[32])
{
	const uint64_t s = ms / 1000;

	if (s < 120)
		snprintf(to, 32, "%llus", (unsigned long long)s);
	else if (s < 7200)
		snprintf(to, 32, "%llum", (unsigned long long)s / 60);
	else
		snprintf(to, 32, "%lluh", (unsigned long long)s / 3600);
	return to;
}

/* A name may hold bytes that drive a terminal. */
static void put_tame(const char *s, size_t len, int width)
{
	for (size_t i = 0; i < len; i++, width--)
		putchar((unsigned char)s[i] < 0x20 || s[i] == 0x7f ? '?' : s[i]);
	for (; width > 0; width--)
		putchar(' ');
}

static void put_json(const char *name, const char *s, size_t len)
{
	printf("\"%s\": \"", name);
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)s[i];
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			printf("\\u%04x", c < 0x80 ? c : 0xfffd); /* JSON holds characters, a name any bytes */
		else
			putchar(c);
	}
	putchar('"');
}

/* list ----------------------------------------------------------------------------------------------------------------------
 */

struct listing {
	int json, any;
	const char *comma;
};

static void put_entry(const struct control *c, const struct control_texts *t)
{
	char words[64], left[32], since[32], line[16] = "", uses[48];

	if (c->line)
		snprintf(line, sizeof line, ":%u", c->line);
	snprintf(uses, sizeof uses, "%llu%s", (unsigned long long)c->uses, c->flags & WIRE_ENTRY_SPENT ? " (spent)" : "");
	printf("  %-6llu ", (unsigned long long)c->handle);
	put_tame(t->at[0], c->text_len[0], 14);
	printf(" %-8s %-20s %-10s %5s %6s  ", kinds[c->kind], rights_words(c->rights, words), uses, span(c->since_ms, since),
	       c->left_ms ? span(c->left_ms, left) : "-");
	put_tame(t->at[1], c->text_len[1], 0);
	printf("  [");
	put_tame(t->at[2], c->text_len[2], 0);
	printf("%s]%s client %u pid %d", line, c->flags & WIRE_ENTRY_REVOCABLE ? " revocable" : "", c->client, c->pid);
	if (c->parent)
		printf(" from %llu", (unsigned long long)c->parent);
	putchar('\n');
}

static void put_entry_json(const struct control *c, const struct control_texts *t, const char *comma)
{
	char words[64];

	printf("%s\n    {\"handle\": %llu, \"parent\": %llu, ", comma, (unsigned long long)c->handle,
	       (unsigned long long)c->parent);
	put_json("name", t->at[0], c->text_len[0]);
	printf(", \"kind\": \"%s\", \"rights\": \"%s\", ", kinds[c->kind], rights_words(c->rights, words));
	put_json("object", t->at[1], c->text_len[1]);
	printf(", ");
	put_json("source", t->at[2], c->text_len[2]);
	printf(", \"line\": %u, \"uses\": %llu, \"since_ms\": %llu, \"left_ms\": %llu, \"times_left\": %u, \"spent\": %s, "
	       "\"revocable\": %s, \"client\": %u, \"pid\": %d}",
	       c->line, (unsigned long long)c->uses, (unsigned long long)c->since_ms, (unsigned long long)c->left_ms, c->times,
	       c->flags & WIRE_ENTRY_SPENT ? "true" : "false", c->flags & WIRE_ENTRY_REVOCABLE ? "true" : "false", c->client,
	       c->pid);
}

/* Every capability, in the order of handles. EACH returns 1 to stop. */
static int walk(const struct sandbox *s, int (*each)(void *arg, const struct control *c, const struct control_texts *t),
		void *arg, struct err *err)
{
	union wire_message m;
	struct control_texts t;
	uint64_t from = 0;

	for (;;) {
		int rc = sandbox_ask(s, &(struct control){.head.type = CONTROL_NEXT, .handle = from}, NULL, -1, &m, &t, err);
		if (rc < 0)
			return rc;
		const struct control *c = control_of(&m);
		if (c->head.type != CONTROL_ENTRY || each(arg, c, &t))
			return 0;
		from = c->handle + 1;
	}
}

static int list_entry(void *arg, const struct control *c, const struct control_texts *t)
{
	struct listing *l = arg;

	if (!l->json && !l->any)
		printf("  %-6s %-14s %-8s %-20s %-10s %5s %6s  %s\n", "HANDLE", "NAME", "KIND", "RIGHTS", "USED", "SINCE",
		       "ENDS", "OBJECT");
	if (l->json)
		put_entry_json(c, t, l->any ? "," : "");
	else
		put_entry(c, t);
	l->any = 1;
	return 0;
}

static int list_one(void *arg, const struct sandbox *s, struct err *err)
{
	struct listing *l = arg;
	char since[32];

	if (l->json) {
		printf("%s\n  {\"pid\": %d, \"program_pid\": %d, ", l->comma, (int)s->pid, (int)s->program);
		put_json("program", s->path, strlen(s->path));
		printf(", ");
		put_json("policy", s->policy, strlen(s->policy));
		printf(", \"since_ms\": %llu, \"holds\": [", (unsigned long long)s->since_ms);
	} else {
		printf("%d ", (int)s->pid);
		put_tame(s->path, strlen(s->path), 0);
		printf(" (");
		put_tame(s->policy, strlen(s->policy), 0);
		printf("), for %s\n", span(s->since_ms, since));
	}
	l->any = 0;
	int rc = walk(s, list_entry, l, err);
	if (l->json)
		printf("]}");
	l->comma = ",";
	return rc;
}

static int list_all(int argc, char **argv, struct err *err)
{
	struct listing l = {.comma = ""};
	const char *which = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			l.json = 1;
		else if (argv[i][0] == '-' || which)
			return usage(argv[i][0] == '-' ? "list knows --json, and one PID or PROGRAM"
						       : "list takes one PID or PROGRAM");
		else
			which = argv[i];
	}
	if (l.json)
		printf("[");
	int n = sandboxes_each(which, list_one, &l, err);
	if (l.json)
		printf("\n]\n");
	if (n < 0)
		return fail(err);
	if (n == 0 && which) {
		err_set(err, ENOENT, "no program '%s' of yours runs with a broker; 'endow list' names those that do", which);
		return fail(err);
	}
	return fflush(stdout) == 0 ? 0 : STATUS_REFUSED;
}

/* grant ----------------------------------------------------------------------------------------------------------------------
 */

static int read_time(const char *text, uint64_t *ms)
{
	char *end;
	const unsigned long long n = strtoull(text, &end, 10);
	const uint64_t unit = !*end || strcmp(end, "s") == 0 ? 1
			      : strcmp(end, "m") == 0        ? 60
			      : strcmp(end, "h") == 0        ? 3600
							     : 0;

	if (*text < '0' || *text > '9' || n == 0 || unit == 0 || n > 1000000)
		return -EINVAL;
	*ms = n * unit * 1000;
	return 0;
}

/* Behind the path: as NAME, and conditions. */
static const char *read_conditions(char **word, struct control *c, const char **name)
{
	for (; *word; word++) {
		if (strcmp(*word, "revocable") == 0) {
			c->flags |= WIRE_DERIVE_REVOCABLE;
			continue;
		}
		const char *value = word[1];
		if (!value)
			return "a word is missing behind the last one";
		if (strcmp(*word, "as") == 0)
			*name = value;
		else if (strcmp(*word, "until") == 0 && read_time(value, &c->left_ms) < 0)
			return "until takes seconds: N, or N with s, m or h";
		else if (strcmp(*word, "times") == 0 &&
			 ((c->times = (uint32_t)strtoul(value, NULL, 10)) == 0 || c->times > 1000000000))
			return "times takes a number from 1 on";
		else if (strcmp(*word, "until") != 0 && strcmp(*word, "times") != 0)
			return "grant knows 'as', 'until', 'times' and 'revocable' behind the path";
		word++;
	}
	return *name ? NULL : "grant needs a name: as NAME";
}

static int grant(int argc, char **argv, struct err *err)
{
	struct control c = {.head.type = CONTROL_GRANT};
	const char *name = NULL, *wrong;
	struct control_texts t;
	union wire_message m;
	struct sandbox s;
	uint32_t right;
	int i = 2;

	for (; i < argc && (right = right_of(argv[i])); i++)
		c.rights |= right;
	if (argc < 3 || i >= argc || !c.rights)
		return usage("grant needs a program, rights, a path and a name");
	const char *path = argv[i];
	wrong = read_conditions(argv + i + 1, &c, &name);
	if (wrong)
		return usage(wrong);
	/* Opened here: it is this person's authority that is handed on. */
	OWNED_FD int fd = open(path, O_PATH | O_CLOEXEC);
	OWNED char *real = fd < 0 ? NULL : realpath(path, NULL);
	if (fd < 0 || !real) {
		err_set(err, errno, "%s: %s", path, err_words(errno));
		return fail(err);
	}
	if (strlen(real) > CONTROL_OBJECT_MAX || !wire_is_name(name, strlen(name))) {
		err_set(err, EINVAL,
			"'%s' is no name for a capability (at most 64 of A-Z a-z 0-9 _ . -), or the path is too long", name);
		return fail(err);
	}
	if (sandbox_find(argv[1], &s, err) < 0)
		return fail(err);
	const char *const texts[3] = {name, real, NULL};
	int rc = sandbox_ask(&s, &c, texts, fd, &m, &t, err);
	if (rc == 0)
		printf("%llu\n", (unsigned long long)control_of(&m)->handle);
	sandbox_close(&s);
	return rc < 0 ? fail(err) : 0;
}

/* revoke ---------------------------------------------------------------------------------------------------------------------
 */

struct search {
	const char *name;
	uint64_t found;
	int count;
};

static int match(void *arg, const struct control *c, const struct control_texts *t)
{
	struct search *s = arg;

	if (strlen(s->name) == c->text_len[0] && memcmp(s->name, t->at[0], c->text_len[0]) == 0) {
		s->found = s->found ? s->found : c->handle; /* the oldest: what others of the name were made from */
		s->count++;
	}
	return 0;
}

static int revoke_one(const struct sandbox *s, const char *word, struct err *err)
{
	struct control c = {.head.type = CONTROL_REVOKE};
	struct search search = {.name = word};
	struct control_texts t;
	union wire_message m;
	char *end;

	c.handle = strtoull(word, &end, 10);
	if (*end || *word < '0' || *word > '9') {
		int rc = walk(s, match, &search, err);
		if (rc < 0)
			return rc;
		if (search.count == 0)
			return err_set(err, ENOENT, "nothing named '%s' is held there", word);
		c.handle = search.found;
	}
	return sandbox_ask(s, &c, NULL, -1, &m, &t, err);
}

static int take_away(int argc, char **argv, struct err *err)
{
	struct sandbox s;
	int rc = 0;

	if (argc < 3)
		return usage("revoke needs a program and what it holds");
	if (sandbox_find(argv[1], &s, err) < 0)
		return fail(err);
	for (int i = 2; i < argc && rc == 0; i++)
		rc = revoke_one(&s, argv[i], err);
	sandbox_close(&s);
	return rc < 0 ? fail(err) : 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(int argc, char **argv, struct err *err);
	} commands[] = {{"list", list_all}, {"grant", grant}, {"revoke", take_away}};
	struct err err = {""};

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return usage(NULL);
	for (size_t i = 0; argc > 0 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(argv[0], commands[i].word) == 0)
			return commands[i].run(argc, argv, &err);
	return usage("no such command");
}

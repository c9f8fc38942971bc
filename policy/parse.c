#include "parse.h"

#include <string.h>

#include "lex.h"
#include "parser.h"

#define GRANT_FORM "read|write|append|create|exec|ioctl... PATH... [except PART...] [optional] [follow|nofollow]"

static const char *const cwd_choices[] = {"keep", NULL};
static const char *const groups_choices[] = {"none", NULL};
static const char *const session_choices[] = {"new", "keep", NULL};
static const char *const report_names[] = {"denials", NULL};
static const char *const signals_choices[] = {"reset", "keep", NULL};

static const struct row rows[] = {
    {"program", VERB_PROGRAM, parse_words, "program PATH...", NULL},
    {"use", VERB_USE, parse_use, "use NAME...", NULL},
    {"let", VERB_LET, parse_let, "let NAME = WORD", NULL},
    {"read", VERB_GRANT, parse_grant, GRANT_FORM, NULL},
    {"write", VERB_GRANT, parse_grant, GRANT_FORM, NULL},
    {"append", VERB_GRANT, parse_grant, GRANT_FORM, NULL},
    {"create", VERB_GRANT, parse_grant, GRANT_FORM, NULL},
    {"exec", VERB_GRANT, parse_grant, GRANT_FORM, NULL},
    {"ioctl", VERB_GRANT, parse_grant, GRANT_FORM, NULL},
    {"except", VERB_EXCEPT, parse_except, "except PART... [optional]", NULL},
    {"fd", VERB_FD, parse_fd, "fd N read|write|append PATH [as NAME] [optional], or: fd N keep [as NAME]", NULL},
    {"grant", VERB_HOLD, parse_held,
     "grant read|write|append|create|pass... PATH as NAME [by path|handle] [until TIME] [times N] [revocable], or: grant connect|listen tcp ADDRESS:PORT as NAME ...", NULL},
    {"ask", VERB_ASK, parse_ask, "ask read|write|append|create... PATH...", NULL},
    {"args", VERB_ARGS, parse_args, "args [read] [write] I|I..J ...", NULL},
    {"env", VERB_ENV, parse_env, "env keep NAME... set NAME=VALUE...", NULL},
    {"scratch", VERB_SCRATCH, parse_words, "scratch NAME...", NULL},
    {"cwd", VERB_CWD, parse_cwd, "cwd PATH, or: cwd keep", cwd_choices},
    {"umask", VERB_UMASK, parse_one, "umask OCTAL", NULL},
    {"limit", VERB_LIMIT, parse_limit, "limit KEY VALUE [KEY VALUE]...", NULL},
    {"promise", VERB_PROMISE, parse_names, "promise NAME...", image_promise_name},
    {"connect", VERB_CONNECT, parse_ports,
     "connect tcp PORT|HOST:PORT..., or: connect udp HOST:PORT..., connect unix PATH..., connect tcp|udp|unix any", NULL},
    {"listen", VERB_LISTEN, parse_ports, "listen tcp PORT|HOST:PORT..., or: listen tcp any", NULL},
    {"require", VERB_REQUIRE, parse_names, "require FEATURE...", image_feature_name},
    {"forgo", VERB_FORGO, parse_names, "forgo FEATURE...", image_feature_name},
    {"service", VERB_SERVICE, parse_nothing, "service", NULL},
    {"private", VERB_PRIVATE, parse_words, "private PATH...", NULL},
    {"isolate", VERB_ISOLATE, parse_names, "isolate NAME...", image_isolate_name},
    {"user", VERB_USER, parse_one, "user NAME|UID", NULL},
    {"group", VERB_GROUP, parse_one, "group NAME|GID", NULL},
    {"groups", VERB_GROUPS, parse_groups, "groups NAME..., or: groups none", groups_choices},
    {"keep", VERB_KEEP, parse_keep, "keep cap NAME...", NULL},
    {"session", VERB_SESSION, parse_choice, "session new, or: session keep", session_choices},
    {"signals", VERB_SIGNALS, parse_choice, "signals reset, or: signals keep", signals_choices},
    {"supervise", VERB_SUPERVISE, parse_nothing, "supervise", NULL},
    {"report", VERB_REPORT, parse_names, "report denials", report_names},
};

#define ROWS (sizeof rows / sizeof *rows)

/* Words that people try, and what to say to them. */
static const struct {
	const char *word;
	const char *why;
	const char *instead;
} reserved[] = {
    {"pass", "is a right of what the broker hands out", "write: grant read pass PATH as NAME"},
    {"allow", "is no statement", "write the right first: read PATH"},
    {"deny", "is no statement: what is not granted is denied", "grant less, or leave a part out: read PATH except PART"},
    {"include", "is no statement", "read a fragment: use NAME"},
};

int parse_bad(struct parser *ps, const struct row *row, struct place at, const char *what)
{
	diag_add(ps->diag, at, "'%s' %s", row->word, what);
	return diag_hint(ps->diag, "write: %s", row->form);
}

int parse_missing(struct parser *ps, const struct row *row, const char *what)
{
	diag_add(ps->diag, ps->end, "'%s' needs %s", row->word, what);
	return diag_hint(ps->diag, "write: %s", row->form);
}

int parse_pattern(struct parser *ps, const struct word *word)
{
	const char *p = word->raw;

	while (!strchr("*?[", *p))
		p++;
	diag_add(ps->diag, word->pattern, "endow expands no patterns");
	return diag_hint(ps->diag, "name the directory, or quote the word if the name really has a '%c'", *p);
}

const struct word *parse_take(struct parser *ps)
{
	const struct word *word = ps->next;

	ps->next = word->next;
	return word;
}

int parse_add(struct parser *ps, uint32_t tag, const struct word *word, const struct word *value)
{
	struct item *item = arena_alloc(&ps->tree->arena, sizeof *item);

	if (!item)
		return -ENOMEM;
	item->tag = tag;
	item->word = word;
	item->value = value;
	*ps->tail = item;
	ps->tail = &item->next;
	return 0;
}

static bool is_right(const char *name)
{
	for (uint32_t i = 0; name && image_right_name[i]; i++)
		if (strcmp(name, image_right_name[i]) == 0)
			return true;
	return false;
}

static int unknown_verb(struct parser *ps, const struct word *verb)
{
	const char *names[ROWS + 1] = {NULL}, *plain = word_plain(verb);

	if (verb->quoted || !plain) {
		diag_add(ps->diag, verb->at, "a statement starts with a verb, not with a %s",
			 plain ? "quoted word" : "variable");
		return diag_hint(ps->diag, "such as: read PATH");
	}
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
		if (strcmp(reserved[i].word, plain) == 0) {
			diag_add(ps->diag, verb->at, "'%s' %s", plain, reserved[i].why);
			return diag_hint(ps->diag, "%s", reserved[i].instead);
		}
	}
	for (size_t i = 0; i < ROWS; i++)
		names[i] = rows[i].word;
	const char *near = nearest_name(plain, names);
	diag_add(ps->diag, verb->at, "unknown %s '%.*s'", is_right(near) ? "right" : "statement", WORD(verb));
	return near ? diag_nearest(ps->diag, plain, names) : diag_hint(ps->diag, "see endow.policy(5)");
}

static int parse_statement(struct parser *ps)
{
	const struct word *verb = parse_take(ps);
	const struct row *row = NULL;

	for (size_t i = 0; i < ROWS && !row; i++)
		if (word_is(verb, rows[i].word))
			row = &rows[i];
	if (!row)
		return unknown_verb(ps, verb);
	ps->stmt->verb = row->verb;
	if (row->verb != VERB_ENV && row->verb != VERB_CONNECT && row->verb != VERB_LISTEN) /* which have LC_*, [2001:db8::1]:443 */
		for (const struct word *word = ps->next; word; word = word->next)
			if (word->pattern.width > 0 && !(row->verb == VERB_HOLD && word->raw[0] == '[')) /* an address of IPv6 */
				return parse_pattern(ps, word);
	return row->parse(ps, row);
}

/* Keep the name of a `let` that was refused, so that its uses are not refused as well. */
static int keep_broken_let(struct tree *tree, const struct line *line, struct stmt *stmt)
{
	struct parser ps = {.tree = tree, .tail = &stmt->items};

	if (!line->words || !word_is(line->words, "let") || !line->words->next)
		return -EINVAL;
	stmt->verb = VERB_LET;
	stmt->broken = true;
	stmt->items = NULL;
	return parse_add(&ps, 0, line->words->next, NULL);
}

/* OUT stays NULL where the line holds nothing, or nothing that can be understood. */
static int parse_line(struct tree *tree, struct diag *diag, struct place at, const char *text, size_t len, struct stmt **out)
{
	struct line line;
	int rc = lex_line(tree, diag, at, text, len, &line);

	*out = NULL;
	if ((rc < 0 && rc != -EINVAL) || (!line.words && !line.comment))
		return rc;
	struct stmt *stmt = arena_alloc(&tree->arena, sizeof *stmt);
	if (!stmt)
		return -ENOMEM;
	stmt->at = line.words ? line.words->at : at;
	stmt->comment = line.comment;
	tree->statement_count += line.words != NULL;
	if (rc == 0 && line.words) {
		struct parser ps = {tree, diag, line.words, line.end, stmt, &stmt->items};
		rc = parse_statement(&ps);
	}
	if (rc == -EINVAL)
		rc = keep_broken_let(tree, &line, stmt);
	if (rc == 0)
		*out = stmt;
	return rc;
}

int parse_source(struct tree *tree, uint32_t source, struct diag *diag)
{
	struct source *s = &tree->sources[source];
	struct stmt **tail = &s->statements, *stmt;
	struct place at = {.source = source, .line = 0, .column = 1, .width = 1};
	const char *p = s->text, *const end = s->text + s->len;
	bool gap = false;

	if (s->len > SOURCE_MAX) {
		diag_add(diag, at, "a text of %zu bytes", s->len);
		diag_hint(diag, "at most %u", SOURCE_MAX);
		return 0;
	}
	while (p < end && !diag->more) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		at.line++;
		int rc = parse_line(tree, diag, at, p, (size_t)((lf ? lf : end) - p), &stmt);
		if (rc < 0 && (rc != -EINVAL || diag->count == 0))
			return rc;
		if (tree->statement_count > STATEMENTS_MAX) {
			diag_add(diag, at, "too many statements");
			diag_hint(diag, "at most %u in all sources together", STATEMENTS_MAX);
			return 0;
		}
		gap = !stmt && rc == 0 ? s->statements != NULL : gap;
		if (stmt) {
			stmt->gap = gap;
			gap = false;
			*tail = stmt;
			tail = &stmt->next;
		}
		p = lf ? lf + 1 : end;
	}
	return 0;
}

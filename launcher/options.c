#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "spell.h"

const char options_help[] =
	"usage: endow [OPTION]... PROGRAM [WORD]...        words like r:FILE are grants\n"
	"       endow [OPTION]... -- PROGRAM [WORD]...     no word is: for words that somebody else wrote\n"
	"       endow compile [POLICY]...                  compile policies ahead\n"
	"       endow doctor [--abi N] [--json] [POLICY]... what this kernel can enforce\n"
	"       endow learn -- PROGRAM [WORD]...           watch a run, and write the policy that would have served\n"
	"       endow check|fmt POLICY...                  look a policy over, lay it out\n"
	"       endow list|grant|revoke ...                what running programs hold; give, take back\n"
	"       endow explain|can|diff|lock|matrix ...     what a policy allows: see each one's --help\n"
	"\n"
	"Runs PROGRAM with the authority its policy grants, and nothing else.\n"
	"\n"
	"Words among PROGRAM's own that name a thing and grant it (replaced by the plain path):\n"
	"  r:FILE  read     w:FILE  write (made if absent)    rw:FILE  both     a:FILE  append\n"
	"  x:FILE  execute  c:DIR   read, write, make, remove and rename beneath it\n"
	"\n"
	"Policy:\n"
	"  -p, --policy FILE|NAME   this policy, not the one found by the program's name\n"
	"      --no-policy          the embedded default: the system's libraries, nothing else\n"
	"      --use NAME           add a fragment of the library\n"
	"      --with STATEMENT     add any statement of endow.policy(5)\n"
	"Grants, beside the policy's:\n"
	"      --read PATH  --write PATH  --append PATH  --create DIR  --exec PATH\n"
	"      --connect tcp:PORT   --listen tcp:PORT   (or tcp:any, udp:any, unix:any)\n"
	"      --connect tcp:HOST:PORT|udp:HOST:PORT|unix:PATH   --listen tcp:HOST:PORT\n"
	"      --env NAME[=VALUE]   keep or set a variable\n"
	"      --private PATH       an empty, private PATH that is gone afterwards\n"
	"      --scratch NAME       an empty folder that variable NAME names, gone afterwards\n"
	"      --except PART        in trees granted for writing, such as .git/hooks/: read only\n"
	"Surroundings:\n"
	"      --isolate NAME[,NAME]...   files, processes, ipc, net of its own\n"
	"      --promise NAME[,NAME]...   --limit KEY=VALUE   --cwd DIR   --umask OCTAL\n"
	"      --user NAME  --group NAME  --keep-cap NAME   (when started as root)\n"
	"      --forgo FEATURE      run even if this kernel can't enforce FEATURE\n"
	"      --require FEATURE    don't\n"
	"      --service            pass what systemd hands to a service\n"
	"      --supervise          stay as its parent, and end what it leaves behind\n"
	"While it runs:\n"
	"      --ask-for RIGHT[,RIGHT]:PATH  what may be asked for, as by an 'ask' line\n"
	"      --ask tty|deny|COMMAND        whom to ask (default: the terminal)\n"
	"      --keep-answers FILE           write down what was answered, as statements\n"
	"      --why                         tell at the end what was refused, and what would have allowed it\n"
	"      --log FILE|fd:N|journald      what the broker hands out, refuses and takes back, as lines of JSON\n"
	"Instead of running, or before:\n"
	"  -n, --dry-run            print every grant, how it is enforced, and the line it came from\n"
	"      --json               the same for programs\n"
	"      --prove              try the known bypasses inside the sandbox first; refuse if one succeeds\n"
	"  -h, --help   -V, --version\n"
	"\n"
	"Exit status: the program's own (a death by signal too); 125 endow refused, 126 PROGRAM can't\n"
	"be executed, 127 PROGRAM was not found. See endow(1) and endow.policy(5).\n";

/* Options that are policy statements, and options that grant a path. The number is what getopt_long() returns. */
enum { OPT_STATEMENT = 1000, OPT_GRANT = 2000, OPT_NO_POLICY = 3000, OPT_JSON, OPT_PROVE, OPT_LOG, OPT_ASK, OPT_KEEP_ANSWERS };

static const struct statement_option {
	const char *name;
	const char *verb;
	enum shape shape;
} statement_options[] = {
	{"use", "use", SHAPE_LIST},         {"with", "", SHAPE_RAW},
	{"connect", "connect", SHAPE_PEER}, {"listen", "listen", SHAPE_PEER},
	{"env", "env", SHAPE_ENV},          {"private", "private", SHAPE_PATH},
	{"except", "except", SHAPE_PART},   {"scratch", "scratch", SHAPE_LIST},
	{"isolate", "isolate", SHAPE_LIST},
	{"promise", "promise", SHAPE_LIST}, {"limit", "limit", SHAPE_PAIR},
	{"cwd", "cwd", SHAPE_PATH},         {"umask", "umask", SHAPE_WORD},
	{"user", "user", SHAPE_WORD},       {"group", "group", SHAPE_WORD},
	{"keep-cap", "keep cap", SHAPE_LIST}, {"forgo", "forgo", SHAPE_LIST},
	{"require", "require", SHAPE_LIST}, {"service", "service", SHAPE_NONE},
	{"supervise", "supervise", SHAPE_NONE}, {"ask-for", "ask", SHAPE_RIGHTS},
	{"why", "report denials", SHAPE_NONE},
};

static const struct grant_option {
	const char *name;
	uint32_t rights;
	int is_tree;
} grant_options[] = {
	{"read", RIGHT_READ, 0},
	{"write", RIGHT_WRITE, 0},
	{"append", RIGHT_APPEND, 0},
	{"create", RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE, 1},
	{"exec", RIGHT_EXEC, 0},
};

/* The words r: w: rw: a: c: x: among the program's own. */
static const struct prefix {
	const char *word;
	uint32_t rights;
	int is_tree;
} prefixes[] = {
	{"r:", RIGHT_READ, 0},
	{"w:", RIGHT_WRITE, 0},
	{"rw:", RIGHT_READ | RIGHT_WRITE, 0},
	{"a:", RIGHT_APPEND, 0},
	{"c:", RIGHT_READ | RIGHT_WRITE | RIGHT_CREATE, 1},
	{"x:", RIGHT_EXEC, 0},
};

#define LENGTH(a) (sizeof(a) / sizeof *(a))

static const struct {
	const char *word;
	enum command command;
} commands[] = {
	{"compile", COMMAND_COMPILE}, {"doctor", COMMAND_DOCTOR}, {"explain", COMMAND_REVIEW}, {"can", COMMAND_REVIEW},
	{"matrix", COMMAND_REVIEW},   {"diff", COMMAND_REVIEW},   {"lock", COMMAND_REVIEW},    {"check", COMMAND_REVIEW},
	{"fmt", COMMAND_REVIEW},      {"learn", COMMAND_LEARN},   {"list", COMMAND_CONTROL},   {"grant", COMMAND_CONTROL},
	{"revoke", COMMAND_CONTROL},
};

static const struct option fixed_options[] = {
	{"policy", required_argument, NULL, 'p'},      {"no-policy", no_argument, NULL, OPT_NO_POLICY},
	{"dry-run", no_argument, NULL, 'n'},           {"json", no_argument, NULL, OPT_JSON},
	{"prove", no_argument, NULL, OPT_PROVE},       {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},           {"log", required_argument, NULL, OPT_LOG},
	{"ask", required_argument, NULL, OPT_ASK},     {"keep-answers", required_argument, NULL, OPT_KEEP_ANSWERS},
};

static void long_options(struct option *to)
{
	memcpy(to, fixed_options, sizeof fixed_options);
	to += LENGTH(fixed_options);
	for (size_t i = 0; i < LENGTH(statement_options); i++)
		*to++ = (struct option){.name = statement_options[i].name,
					.has_arg = statement_options[i].shape == SHAPE_NONE ? no_argument : required_argument,
					.val = OPT_STATEMENT + (int)i};
	for (size_t i = 0; i < LENGTH(grant_options); i++)
		*to++ = (struct option){.name = grant_options[i].name, .has_arg = required_argument, .val = OPT_GRANT + (int)i};
	*to = (struct option){0};
}

/*
 * An append grant by name takes a filter under which every open for writing is an append, so the compiler has to know of it. It is told
 * by a statement that is the same for every file, and grants nothing: so the compiled policy is kept and found again.
 */
static int tell_of_append(struct options *opt, struct spelling *line)
{
	if (opt->told_of_append)
		return 0;
	opt->told_of_append = 1;
	return spell_text(line, "append /dev/null  # for a: or --append\n");
}

static int designate(struct options *opt, struct spelling *line, uint32_t rights, int is_tree, const char *path, const char *said,
		     struct err *err)
{
	if (!*path)
		return err_set(err, EINVAL, "%s names nothing: a path has to follow", said);
	if (rights & RIGHT_APPEND && tell_of_append(opt, line) < 0)
		return err_set(err, ENOMEM, "no memory");
	opt->designations[opt->designation_count++] =
		(struct designation){.rights = rights, .is_tree = is_tree, .path = path, .said = said};
	return 0;
}

/* A path that starts with '-' would become the program's option when its prefix is taken away. */
static char *plain_path(char *word, size_t prefix)
{
	if (word[prefix] != '-')
		return word + prefix;
	/* Room for "./": every prefix is at least two bytes long. */
	memcpy(word + prefix - 2, "./", 2);
	return word + prefix - 2;
}

static int read_designations(struct options *opt, struct spelling *line, struct err *err)
{
	for (int i = 1; i < opt->argc; i++) {
		for (size_t k = 0; k < LENGTH(prefixes); k++) {
			const size_t n = strlen(prefixes[k].word);
			if (strncmp(opt->argv[i], prefixes[k].word, n) != 0)
				continue;
			/* The word itself is changed when its path starts with '-'. */
			const int changes = opt->argv[i][n] == '-';
			char *path = plain_path(opt->argv[i], n);
			const char *said = changes ? path : opt->argv[i];
			int rc = designate(opt, line, prefixes[k].rights, prefixes[k].is_tree, path, said, err);
			if (rc < 0)
				return rc;
			opt->argv[i] = path;
			opt->designations[opt->designation_count - 1].word = i;
			break;
		}
	}
	return 0;
}

static int apply(struct options *opt, struct spelling *line, int c, const char *typed, struct err *err)
{
	const char *value = optarg ? optarg : ""; /* getopt has seen to it that who needs one has one */

	switch (c) {
	case 'p': opt->policy = value; return 0;
	case 'n': opt->dry_run = 1; return 0;
	case 'h': opt->command = COMMAND_HELP; return 0;
	case 'V': opt->command = COMMAND_VERSION; return 0;
	case OPT_NO_POLICY: opt->no_policy = 1; return 0;
	case OPT_JSON: opt->json = opt->dry_run = 1; return 0;
	case OPT_PROVE: opt->prove = 1; return 0;
	case OPT_LOG: opt->log = optarg; return 0;
	case OPT_ASK: opt->ask = optarg; return 0;
	case OPT_KEEP_ANSWERS: opt->keep_answers = optarg; return 0;
	case ':': return err_set(err, EINVAL, "%s wants a value; see endow --help", typed);
	case '?': return err_set(err, EINVAL, "unknown option %s; see endow --help (a program's own options come after its name)", typed);
	default: break;
	}
	if (c >= OPT_GRANT && (size_t)(c - OPT_GRANT) < LENGTH(grant_options)) {
		const struct grant_option *g = &grant_options[c - OPT_GRANT];
		return designate(opt, line, g->rights, g->is_tree, value, value, err);
	}
	const struct statement_option *s = &statement_options[c - OPT_STATEMENT];
	return spell_statement(line, s->verb, s->shape, value, err);
}

static int parse_options(int argc, char **argv, struct options *opt, struct spelling *line, struct err *err)
{
	struct option table[LENGTH(statement_options) + LENGTH(grant_options) + LENGTH(fixed_options) + 1];
	const char *last_value = NULL;

	long_options(table);
	opterr = 0;
	optind = 1;
	for (;;) {
		const char *typed = optind < argc ? argv[optind] : "";
		optarg = NULL;
		int c = getopt_long(argc, argv, "+:p:nhV", table, NULL);
		if (c < 0)
			break;
		last_value = optarg;
		int rc = apply(opt, line, c, typed, err);
		if (rc < 0)
			return rc;
	}
	/* getopt has stopped behind "--" or before the first word: tell which, and not by a value that happens to be "--". */
	opt->literal = optind > 1 && argv[optind - 1] != last_value && strcmp(argv[optind - 1], "--") == 0;
	return optind;
}

static int settle(struct options *opt, struct spelling *line, struct err *err)
{
	if (opt->command != COMMAND_RUN)
		return 0;
	if (opt->argc == 0)
		return err_set(err, EINVAL, "no program is named: endow [OPTION]... PROGRAM [WORD]...; see endow --help");
	if (opt->policy && opt->no_policy)
		return err_set(err, EINVAL, "--policy and --no-policy exclude each other");
	return opt->literal ? 0 : read_designations(opt, line, err);
}

int options_parse(int argc, char **argv, struct options *opt, struct err *err)
{
	struct spelling line = {0};

	memset(opt, 0, sizeof *opt);
	opt->designations = calloc((size_t)argc + 1, sizeof *opt->designations);
	int rc = spell_text(&line, "");
	if (!opt->designations || rc < 0) {
		free(line.bytes);
		return err_set(err, ENOMEM, "no memory");
	}
	int first = argc > 0 ? parse_options(argc, argv, opt, &line, err) : argc;
	rc = first;
	if (first >= 0) {
		opt->argv = argv + first;
		opt->argc = argc - first;
		for (size_t i = 0; i < LENGTH(commands); i++) /* only as the very first word: behind any option it is a program */
			if (first == 1 && opt->argc > 0 && opt->command == COMMAND_RUN && strcmp(opt->argv[0], commands[i].word) == 0)
				opt->command = commands[i].command;
		rc = settle(opt, &line, err);
	}
	opt->line = line.bytes;
	opt->line_len = line.len;
	return rc == -ENOMEM ? err_set(err, ENOMEM, "no memory") : rc;
}

void options_free(struct options *opt)
{
	free(opt->line);
	free(opt->designations);
	opt->line = NULL;
	opt->designations = NULL;
}

/* endow check: what a policy should not have without a reason. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "filter.h"
#include "kernel.h"
#include "lint.h"
#include "lint_lock.h"
#include "lint_report.h"
#include "owned.h"
#include "review.h"
#include "source_file.h"

static const char usage[] =
    "usage: endow check [OPTION]... POLICY...\n"
    "\n"
    "Says what a policy should not have without a reason, each finding with its line, why, and what would be right.\n"
    "\n"
    "  POLICY           a file, a name as for endow -p, or - for standard input; a fragment is named by its file\n"
    "  --strict         warnings fail, too\n"
    "  --allow ID[,ID]  leave out these findings; in a policy: # endow: allow ID because REASON\n"
    "  --elsewhere      the policy is for another machine: do not look at this one's files and kernel\n"
    "  --abi N          judge by the Landlock ABI N instead of this kernel's\n"
    "  --fragments DIR  look for fragments there first\n"
    "  --name NAME      how to show standard input\n"
    "  --locked         compare with what was locked, too\n"
    "  --json, --sarif  for programs, for code hosts (SARIF 2.1.0)\n"
    "  --list           the ids of all findings\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 nothing that fails, 1 an error, or with --strict a warning, 2 wrong usage, or a policy that can't be "
    "read.\n";

enum form { FORM_TEXT, FORM_JSON, FORM_SARIF };

struct request {
	enum form form;
	bool strict, elsewhere, locked, list, help;
	int abi; /* -1: this kernel's */
	const char *fragments, *name;
	bool allowed[LINT_RULES];
	char *const *policies; /* borrowed from argv */
	int policy_count;
};

static int parse_abi(const char *word, int *abi, struct err *err)
{
	char *end;
	long n = strtol(word, &end, 10);

	if (end == word || *end || n < 0 || n > 1000)
		return err_set(err, EINVAL, "--abi %s: a number is wanted, from 0 (no Landlock) up", word);
	*abi = (int)n;
	return 0;
}

static int parse_allow(const char *list, bool allowed[LINT_RULES], struct err *err)
{
	for (const char *p = list;; p++) {
		const size_t len = strcspn(p, ",");
		const struct lint_rule *rule = lint_rule(p, len);
		char id[32];
		if (!rule) {
			snprintf(id, sizeof id, "%.*s", (int)(len < sizeof id ? len : sizeof id - 1), p);
			const char *near = lint_nearest(id);
			return err_set(err, EINVAL, "--allow %s: no finding is called '%s'; %s%s%s", list, id,
				       near ? "did you mean '" : "see endow check --list", near ? near : "", near ? "'?" : "");
		}
		if (rule->severity == SEVERITY_ERROR)
			return err_set(err, EINVAL, "--allow %s: an error can't be allowed", rule->id);
		allowed[rule - lint_rules] = true;
		p += len;
		if (!*p)
			return 0;
	}
}

static int parse(int argc, char **argv, struct request *r, struct err *err)
{
	enum {
		OPT_STRICT = 1000,
		OPT_ALLOW,
		OPT_ELSEWHERE,
		OPT_ABI,
		OPT_FRAGMENTS,
		OPT_NAME,
		OPT_LOCKED,
		OPT_JSON,
		OPT_SARIF,
		OPT_LIST
	};
	static const struct option table[] = {
	    {"strict", no_argument, NULL, OPT_STRICT},
	    {"allow", required_argument, NULL, OPT_ALLOW},
	    {"elsewhere", no_argument, NULL, OPT_ELSEWHERE},
	    {"abi", required_argument, NULL, OPT_ABI},
	    {"fragments", required_argument, NULL, OPT_FRAGMENTS},
	    {"name", required_argument, NULL, OPT_NAME},
	    {"locked", no_argument, NULL, OPT_LOCKED},
	    {"json", no_argument, NULL, OPT_JSON},
	    {"sarif", no_argument, NULL, OPT_SARIF},
	    {"list", no_argument, NULL, OPT_LIST},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	int rc = 0;

	*r = (struct request){.abi = -1};
	opterr = 0;
	for (int c; rc == 0;) {
		const char *typed = argv[optind < argc ? optind : argc - 1];
		c = getopt_long(argc, argv, ":h", table, NULL);
		if (c < 0)
			break;
		switch (c) {
		case OPT_STRICT: r->strict = true; break;
		case OPT_ALLOW: rc = parse_allow(optarg, r->allowed, err); break;
		case OPT_ELSEWHERE: r->elsewhere = true; break;
		case OPT_ABI: rc = parse_abi(optarg, &r->abi, err); break;
		case OPT_FRAGMENTS: r->fragments = optarg; break;
		case OPT_NAME: r->name = optarg; break;
		case OPT_LOCKED: r->locked = true; break;
		case OPT_JSON: r->form = FORM_JSON; break;
		case OPT_SARIF: r->form = FORM_SARIF; break;
		case OPT_LIST: r->list = true; break;
		case 'h': r->help = true; break;
		case ':': return err_set(err, EINVAL, "%s wants a value; see endow check --help", typed);
		default: return err_set(err, EINVAL, "unknown option %s; see endow check --help", typed);
		}
	}
	r->policies = argv + optind;
	r->policy_count = argc - optind;
	if (rc == 0 && r->policy_count == 0 && !r->list && !r->help)
		return err_set(err, EINVAL, "name the policies, each a file or a name; see endow check --help");
	return rc;
}

/* What every policy of a run is judged with. */
struct judge {
	const struct request *request;
	struct files files;
	int abi; /* -1: of no kernel */
	struct diag diag;
	struct tree tree;
	struct findings findings;
};

static int fetch(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	struct judge *j = arg;
	struct source_file file;
	char path[FIND_PATH];

	if (!j->request->fragments)
		return files_fetch(&j->files, name, out, err);
	if ((size_t)snprintf(path, sizeof path, "%s/%s", j->request->fragments, name) >= sizeof path)
		return err_set(err, ENAMETOOLONG, "%s/%s: the path is too long", j->request->fragments, name);
	int rc = source_file_read(path, &file, err);
	if (rc == -ENOENT)
		return files_fetch(&j->files, name, out, err);
	if (rc < 0)
		return rc;
	/* One block holds the text and the name, since only one is given back. */
	char *both = realloc(file.text, file.len + 1 + strlen(path) + 1);
	if (!both) {
		source_file_free(&file);
		return err_set(err, ENOMEM, "no memory");
	}
	strcpy(both + file.len + 1, path);
	*out = (struct compile_text){.shown = both + file.len + 1, .text = both, .len = file.len, .owned = both};
	return 0;
}

/* A message that is about no source is about the policy. */
static int add_message(struct findings *findings, const struct message *m, const char *shown)
{
	struct message copy = *m;

	if (m->shown[0] == '\0') {
		copy.at = (struct place){.source = SOURCE_MAIN};
		snprintf(copy.shown, sizeof copy.shown, "%s", shown);
	}
	return findings_add(findings, LINT_POLICY, &copy);
}

static int add_messages(const struct diag *diag, const char *shown, struct findings *findings)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < diag->count; i++)
		rc = add_message(findings, &diag->messages[i], shown);
	findings_sort(findings);
	if (rc == 0 && diag->more)
		rc = add_message(findings, &(struct message){.text = "too many errors"}, shown);
	return rc;
}

/* Would the launcher believe this file? */
static int judge_trust(const char *path, struct findings *findings)
{
	struct message m = {.at = {.source = SOURCE_MAIN}};
	struct err why = {""};
	size_t size;
	OWNED_FD int fd = find_open_trusted(path, SOURCE_MAX, &size, &why);

	if (fd >= 0 || fd != -EPERM)
		return 0;
	snprintf(m.text, sizeof m.text, "%.400s", why.text);
	snprintf(m.shown, sizeof m.shown, "%s", path);
	return findings_add(findings, LINT_UNTRUSTED_INPUT, &m);
}

static int judge_text(struct judge *j, const struct compile_text *main, struct findings *findings)
{
	const struct compile_input in = {.line = "", .main = *main, .filter = filter_make};
	struct policy policy;
	const struct lint_input lint = {
	    .tree = &j->tree,
	    .policy = &policy,
	    .texts = &in,
	    .fetch = fetch,
	    .fetch_arg = j,
	    .look = j->request->elsewhere ? NULL : &lint_look_here,
	    .abi = j->abi,
	};
	memset(&policy, 0, sizeof policy);
	int rc = compile_tree(&in, fetch, j, &j->tree, &j->diag);

	if (rc == 0)
		rc = check_tree(&j->tree, &j->diag, &policy);
	if (rc == -EINVAL && j->diag.count == 0)
		diag_fail(&j->diag, EINVAL, "refused without a reason, which is a bug");
	if (j->diag.count > 0)
		rc = add_messages(&j->diag, main->shown, findings);
	else if (rc == 0)
		rc = lint_run(&lint, findings);
	policy_free(&policy);
	tree_free(&j->tree);
	return rc;
}

static int judge_policy(struct judge *j, const char *name, struct err *err)
{
	const bool input = strcmp(name, "-") == 0, is_file = input || strchr(name, '/') || strstr(name, ".policy");
	struct findings found = {0};
	struct policy_text text = {0};
	struct source_file file = {0};
	struct compile_text main;
	int rc;

	if (is_file)
		rc = source_file_read(name, &file, err);
	else
		rc = find_policy(&j->files.places, name, &text, err);
	if (rc < 0)
		return rc;
	main = is_file ? (struct compile_text){.text = file.text, .len = file.len}
		       : (struct compile_text){.text = text.bytes, .len = text.len};
	main.shown = input ? (j->request->name ? j->request->name : "standard input") : is_file ? name : text.path;
	if (is_file && !input && !j->request->elsewhere)
		rc = judge_trust(name, &found);
	if (rc == 0)
		rc = judge_text(j, &main, &found);
	if (rc == 0 && j->request->locked && !input)
		rc = lint_lock(&j->files, name, &found, err);
	if (rc == 0)
		rc = findings_take(&j->findings, &found);
	findings_free(&found);
	source_file_free(&file);
	policy_text_free(&text);
	return rc < 0 && !err->text[0] ? err_set(err, -rc, "%s: %s", name, err_words(rc)) : rc;
}

static void drop_allowed(struct findings *findings, const bool allowed[LINT_RULES])
{
	struct finding *all = findings->list.data;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < findings->list.count; i++)
		if (!allowed[all[i].rule - lint_rules])
			all[kept++] = all[i];
	findings->list.count = kept;
}

static int report(const struct judge *j)
{
	uint32_t counts[SEVERITIES];

	switch (j->request->form) {
	case FORM_TEXT: report_text(stdout, &j->findings); break;
	case FORM_JSON: report_json(stdout, &j->findings); break;
	case FORM_SARIF: report_sarif(stdout, &j->findings, j->files.cwd); break;
	}
	report_count(&j->findings, counts);
	return counts[SEVERITY_ERROR] > 0 || (j->request->strict && counts[SEVERITY_WARNING] > 0) ? REVIEW_NO : REVIEW_YES;
}

static int judge_all(struct judge *j, struct err *err)
{
	int status = REVIEW_YES;

	if (files_begin(&j->files, err) < 0)
		return REVIEW_WRONG;
	if (j->request->abi >= 0)
		j->abi = j->request->abi;
	else if (!j->request->elsewhere)
		j->abi = k_landlock_abi() < 0 ? 0 : k_landlock_abi();
	for (int i = 0; i < j->request->policy_count; i++) {
		if (judge_policy(j, j->request->policies[i], err) == 0)
			continue;
		fprintf(stderr, "endow check: %s\n", err->text);
		err->text[0] = '\0'; /* said: the others have their turn */
		status = REVIEW_WRONG;
	}
	drop_allowed(&j->findings, j->request->allowed);
	const int found = report(j);
	return status == REVIEW_YES ? found : status;
}

static int list(void)
{
	for (size_t i = 0; i < LINT_RULES; i++)
		printf("%-16s %-8s %s\n", lint_rules[i].id, severity_word[lint_rules[i].severity], lint_rules[i].title);
	return REVIEW_YES;
}

int review_check(int argc, char **argv, struct err *err)
{
	struct judge *OWNED j = calloc(1, sizeof *j);
	struct request request;
	int status;

	if (!j || parse(argc, argv, &request, err) < 0)
		return REVIEW_WRONG;
	if (request.help)
		return fputs(usage, stdout) < 0 ? REVIEW_WRONG : REVIEW_YES;
	if (request.list)
		return list();
	j->request = &request;
	j->abi = -1;
	status = judge_all(j, err);
	findings_free(&j->findings);
	return status;
}

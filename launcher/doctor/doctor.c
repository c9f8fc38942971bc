/* endow-doctor: what this kernel can enforce, and which policies it can enforce. It has no authority and grants none. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "find.h"
#include "kernel.h"
#include "landlock.h"
#include "needs.h"
#include "owned.h"
#include "probes.h"
#include "report.h"

enum { DOCTOR_COMPLETE = 0, DOCTOR_MISSING = 1, DOCTOR_ERROR = 125 };

static const char usage[] =
    "usage: endow doctor [--abi N] [--json] [POLICY]...\n"
    "\n"
    "Shows what this kernel can enforce, found by trying it, and for each policy whether that is enough.\n"
    "\n"
    "  POLICY       only this one: a file, or a name as for endow -p; default: every policy that endow would find\n"
    "  --abi N      answer for a kernel with Landlock ABI N instead: by the table, nothing is tried\n"
    "  --json       for programs\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 every policy can be enforced, 1 something that one needs is missing, 125 an error, or a policy that is "
    "wrong.\n";

struct request {
	int abi; /* -1: this kernel */
	int json;
	int help;
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

static int parse(int argc, char **argv, struct request *request, struct err *err)
{
	enum { OPT_ABI = 1000, OPT_JSON };
	static const struct option table[] = {
	    {"abi", required_argument, NULL, OPT_ABI},
	    {"json", no_argument, NULL, OPT_JSON},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	int rc = 0;

	*request = (struct request){.abi = -1};
	opterr = 0;
	for (int c; rc == 0;) {
		const char *typed = argv[optind < argc ? optind : argc - 1];
		c = getopt_long(argc, argv, ":h", table, NULL);
		if (c < 0)
			break;
		switch (c) {
		case OPT_ABI: rc = parse_abi(optarg, &request->abi, err); break;
		case OPT_JSON: request->json = 1; break;
		case 'h': request->help = 1; break;
		case ':': return err_set(err, EINVAL, "%s wants a value; see endow doctor --help", typed);
		default: return err_set(err, EINVAL, "unknown option %s; see endow doctor --help", typed);
		}
	}
	request->policies = argv + optind;
	request->policy_count = argc - optind;
	return rc;
}

/* places_find() answers for the launcher. The doctor lies one folder deeper, beside the compiler. */
static int find_places(struct places *places, struct err *err)
{
	char dir[FIND_PATH];
	int rc = places_find(places, err);

	if (rc < 0)
		return rc;
	snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(places->self, '/') - places->self), places->self);
	if (strcmp(dir, ENDOW_LIBEXECDIR) == 0) {
		strcpy(places->library, ENDOW_DATADIR);
		return 0;
	}
	char *slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	if ((size_t)snprintf(places->library, sizeof places->library, "%s/share", dir) >= sizeof places->library)
		return err_set(err, ENAMETOOLONG, "%s: the path is too long", dir);
	return 0;
}

/* The first line of a file of the kernel's; "" where there is none to read. */
static void read_line(const char *path, char *to, size_t size)
{
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, to, size - 1);

	to[n < 0 ? 0 : n] = '\0';
	to[strcspn(to, "\n")] = '\0';
}

static void look_around(struct report *r)
{
	char word[8];
	struct utsname name;

	if (uname(&name) == 0)
		snprintf(r->release, sizeof r->release, "%s", name.release);
	read_line("/proc/sys/dev/tty/legacy_tiocsti", word, sizeof word);
	r->tiocsti = strcmp(word, "1") == 0 ? KNOWN_ON : strcmp(word, "0") == 0 ? KNOWN_OFF : KNOWN_NOT;
	read_line("/sys/kernel/security/lsm", r->lsms, sizeof r->lsms);
}

/* What could not be tried is taken from the ABI, which is what the launcher goes by; what was tried counts as it was found. */
static uint32_t gives_of(const struct report *r)
{
	uint32_t gives = 0;

	for (enum probe_id id = 0; id < PROBE_COUNT; id++)
		if (r->results[id].state == PROBE_WORKS)
			gives |= 1u << id;
		else if (r->results[id].state == PROBE_UNTRIED)
			gives |= landlock_gives(r->abi) & 1u << id;
	return gives;
}

/* Of another kernel only what its ABI tells is in doubt. */
static void examine_other(struct report *r, int abi)
{
	r->other = 1;
	r->abi = abi;
	r->gives = landlock_gives(abi) | (((1u << PROBE_COUNT) - 1) & ~(uint32_t)FEATURE_ALL) | FEATURE_VIEW;
}

static int examine(struct report *r, struct err *err)
{
	const int abi = k_landlock_abi();

	r->abi = abi < 0 ? 0 : abi;
	look_around(r);
	int rc = probes_run(r->results, err);
	r->gives = gives_of(r);
	return rc;
}

static int collect(struct report *r, const struct request *request, struct err *err)
{
	OWNED struct places *places = calloc(1, sizeof *places);

	if (!places)
		return err_set(err, ENOMEM, "no memory");
	int rc = find_places(places, err);
	if (rc == 0 && request->policy_count == 0)
		rc = needs_add_all(&r->needs, places, err);
	for (int i = 0; i < request->policy_count && rc == 0; i++)
		rc = needs_add(&r->needs, places, request->policies[i], err);
	return rc;
}

static int status_of(const struct report *r)
{
	int status = DOCTOR_COMPLETE;

	for (size_t i = 0; i < r->needs.count; i++) {
		if (r->needs.list[i].problem)
			return DOCTOR_ERROR;
		if (report_missing(r, &r->needs.list[i]))
			status = DOCTOR_MISSING;
	}
	return status;
}

static int wants_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (!no_color || !*no_color) && term && strcmp(term, "dumb") != 0;
}

static int run(const struct request *request, struct report *r, struct err *err)
{
	int rc = 0;

	if (request->abi >= 0)
		examine_other(r, request->abi);
	else
		rc = examine(r, err);
	if (rc == 0)
		rc = collect(r, request, err);
	if (rc < 0)
		return DOCTOR_ERROR;
	if (request->json)
		report_json(r);
	else
		report_text(r, wants_color());
	return status_of(r);
}

int main(int argc, char **argv)
{
	OWNED struct report *report = calloc(1, sizeof *report);
	struct err err = {""};
	struct request request;
	int status = DOCTOR_ERROR;

	if (!report)
		err_set(&err, ENOMEM, "no memory");
	else if (parse(argc, argv, &request, &err) == 0)
		status = request.help ? (fputs(usage, stdout), 0) : run(&request, report, &err);
	if (err.text[0])
		fprintf(stderr, "endow doctor: %s\n", err.text);
	if (report)
		needs_free(&report->needs);
	return fflush(stdout) == 0 ? status : DOCTOR_ERROR;
}

/* endow: run a program with exactly the authority its policy grants. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/server.h"
#include "broker/outside.h"
#include "cache.h"
#include "enter.h"
#include "find.h"
#include "made.h"
#include "options.h"
#include "plan.h"
#include "pair.h"
#include "proof/proof.h"
#include "relay.h"
#include "say.h"
#include "show.h"
#include "supervise.h"

#define FILES_WANTED (4 * PLAN_FD_MAX)

/* A closed standard stream would be reused by the next file opened, and the program would take that for its own. */
static int open_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* The lowest free number is FD itself: those below are open. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_NOCTTY) != fd)
			return -EBADF;
	return 0;
}

/* -p says a file or a name. */
static int find_said(const char *policy, const struct places *places, struct policy_text *text, struct err *err)
{
	if (strchr(policy, '/') || strstr(policy, ".policy"))
		return find_file(policy, text, err);
	int rc = find_policy(places, policy, text, err);
	return rc == -ENOENT ? err_in(err, rc, "-p %s", policy) : rc;
}

/* By the program's name, when -p does not say: `endow curl` takes curl.policy. With none there is the embedded default. */
static int find_main_policy(const struct options *o, const struct places *places, struct policy_text *text, struct err *err)
{
	memset(text, 0, sizeof *text);
	if (o->policy)
		return find_said(o->policy, places, text, err);
	const char *slash = strrchr(o->argv[0], '/'), *name = slash ? slash + 1 : o->argv[0];
	if (o->no_policy || !*name || *name == '.')
		return 0;
	int rc = find_policy(places, name, text, err);
	return rc == -ENOENT ? 0 : rc;
}

/* Resolved and ready: show it, prove it, become it, or stay beside it. */
static int carry_out(const struct options *o, struct plan *plan, struct keeper *keeper, struct err *err)
{
	if (o->dry_run) {
		(o->json ? show_json : show_text)(plan);
		return fflush(stdout) == 0 ? 0 : SAY_REFUSED;
	}
	if ((plan->held_count || plan->ask_count) && broker_start(plan, err) < 0)
		return SAY_REFUSED;
	if (o->prove && proof_make(plan, keeper, err) < 0)
		return SAY_REFUSED;
	if (plan->supervised) {
		supervise(plan, err);
		return SAY_REFUSED;
	}
	return enter(plan, err) < 0 ? SAY_REFUSED : enter_exec(plan, err);
}

/* What a shell would say of a program that is not there, or can't be executed. */
static int status_of(const struct plan *plan)
{
	return plan->program_errno == ENOENT ? SAY_NOT_FOUND : plan->program_errno == EACCES ? SAY_CANT_EXECUTE : SAY_REFUSED;
}

static int run(const struct options *o, struct err *err)
{
	/* One launch, one of each. Static, so that only what is used of them costs a page. */
	static struct places the_places, *const places = &the_places;
	static struct plan the_plan, *const plan = &the_plan;
	struct keeper keeper = KEEPER_NONE;
	struct policy_text text;
	struct compiled policy;

	if (places_find(places, err) < 0 || find_main_policy(o, places, &text, err) < 0)
		return SAY_REFUSED;
	int status = SAY_REFUSED;
	if (compiled_get(places, text.path ? &text : NULL, o->line, o->line_len, &policy, err) == 0) {
		plan->notes.wanted = o->dry_run;
		/* A proof's targets have to lie outside: made by who was there before the program's view was entered. */
		int rc = o->prove ? keeper_start(&keeper, err) : 0;
		if (rc == 0)
			rc = plan_make(o, places, &policy, plan, err);
		if (rc == 0)
			status = carry_out(o, plan, &keeper, err);
		else
			status = status_of(plan);
		keeper_end(&keeper);
		made_settle(plan);
		outside_close();
		relay_close();
		if (scratch_end(&plan->scratch, err) < 0)
			status = SAY_REFUSED;
		plan_free(plan);
		compiled_free(&policy);
	}
	policy_text_free(&text);
	return status;
}

/* Compile each policy named, a file or a name, and keep the image: as root for everybody. */
static int compile_ahead(const struct options *o, struct err *err)
{
	static struct places the_places, *const places = &the_places;
	char kept[FIND_PATH];

	if (o->argc < 2)
		return err_set(err, EINVAL, "endow compile POLICY...: name the policies, each a file or a name"), SAY_REFUSED;
	if (places_find(places, err) < 0)
		return SAY_REFUSED;
	for (int i = 1; i < o->argc; i++) {
		struct policy_text text = {0};
		int rc = find_said(o->argv[i], places, &text, err);
		if (rc == 0)
			rc = compiled_ahead(places, &text, kept, err);
		policy_text_free(&text);
		if (rc < 0)
			return SAY_REFUSED;
		printf("%s: %s\n", o->argv[i], kept);
	}
	return fflush(stdout) == 0 ? 0 : SAY_REFUSED;
}

/* A tool without authority of its own: another program, so that the launcher stays small. */
static int run_tool(const struct options *o, const char *tool, struct err *err)
{
	static struct places the_places, *const places = &the_places;
	char path[FIND_PATH + 32];

	if (places_find(places, err) < 0)
		return SAY_REFUSED;
	snprintf(path, sizeof path, "%s/endow-%s", places->libexec, tool);
	execv(path, o->argv);
	err_set(err, errno, "%s: %s", path, err_words(errno));
	return SAY_REFUSED;
}

/* What the launcher needs of its own process while it works, remembered so that the program gets it as it was. */
static void prepare(struct options *o)
{
	/* Where it is ignored, the kernel throws the status of our children away. */
	o->sigchld_ignored = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
	/* What is placed at a number waits above PLAN_FD_MAX until then. */
	if (getrlimit(RLIMIT_NOFILE, &o->files) == 0 && o->files.rlim_cur < FILES_WANTED) {
		const struct rlimit more = {
			.rlim_cur = o->files.rlim_max < FILES_WANTED ? o->files.rlim_max : FILES_WANTED,
			.rlim_max = o->files.rlim_max,
		};
		setrlimit(RLIMIT_NOFILE, &more);
	}
}

/*
 * What is read of the command line is a copy. The words themselves are what others see of a process, and the supervisor's are not
 * to be the launcher's.
 */
static char **copy_words(int argc, char **argv)
{
	/* One behind the other, as the kernel lays them out. */
	char *const end = argc > 0 ? argv[argc - 1] + strlen(argv[argc - 1]) + 1 : argv[0];
	const size_t size = (size_t)(end - argv[0]);
	/* For as long as this process runs. */
	static char **copy, *text;

	copy = calloc((size_t)argc + 1, sizeof *copy);
	text = malloc(size + 1);
	if (!copy || !text)
		return NULL;
	memcpy(text, argv[0], size);
	for (int i = 0; i < argc; i++)
		copy[i] = text + (argv[i] - argv[0]);
	pair_words(argv[0], end);
	return copy;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct err err = {0};
	int status = SAY_REFUSED;

	char **words = copy_words(argc, argv);
	if (!words || open_standard_streams() < 0 || options_parse(argc, words, &options, &err) < 0) {
		say_error(&err);
		options_free(&options);
		return SAY_REFUSED;
	}
	switch (options.command) {
	case COMMAND_RUN:
		prepare(&options);
		status = run(&options, &err);
		break;
	case COMMAND_COMPILE:
		prepare(&options);
		status = compile_ahead(&options, &err);
		break;
	case COMMAND_DOCTOR: status = run_tool(&options, "doctor", &err); break;
	case COMMAND_REVIEW: status = run_tool(&options, "review", &err); break;
	case COMMAND_CONTROL: status = run_tool(&options, "control", &err); break;
	case COMMAND_LEARN: status = run_tool(&options, "learn", &err); break;
	case COMMAND_HELP:
		say(options_help);
		status = 0;
		break;
	case COMMAND_VERSION:
		say("endow " ENDOW_VERSION "\n");
		status = 0;
		break;
	}
	if (err.text[0])
		say_error(&err);
	options_free(&options);
	return status;
}

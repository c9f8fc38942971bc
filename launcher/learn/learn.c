/* endow-learn: run a program under observation, and write the least policy that would have served. It observes, and decides
 * nothing: the program runs with all that its user may do. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attend.h"
#include "begin.h"
#include "find.h"
#include "generalise.h"
#include "near.h"
#include "observe.h"
#include "outset.h"
#include "owned.h"
#include "say.h"
#include "shelf.h"
#include "write.h"

static const char usage[] =
    "usage: endow learn [-o FILE] [--merge] [--permissive | --confined POLICY] [-q] -- PROGRAM [WORD]...\n"
    "\n"
    "Runs PROGRAM as if endow were not there, watches which files, sockets and system calls it uses, and writes the least "
    "policy\n"
    "that would have served. It is an observer and no sandbox: the program may do all that you may.\n"
    "\n"
    "  -o, --output FILE    where the policy goes; default: NAME.policy in this folder. A file that is there is refused "
    "without --merge\n"
    "  --merge              to a FILE that is there add what it lacks; its own lines and comments stay as they are\n"
    "  --permissive         watch everything; this is the default\n"
    "  --confined POLICY    a file, or a name as for endow -p: write only what POLICY does not grant already\n"
    "  -q, --quiet          say nothing of one's own, but for errors and for what is left running\n"
    "  -h, --help\n"
    "\n"
    "Exit status: the program's own; 125 an error of endow learn, 126 the program can't be executed, 127 it was not found.\n";

struct request {
	const char *output;   /* NULL: by the program's name */
	const char *confined; /* NULL: everything is to be written */
	int merge;
	int quiet;
	int help;
	char *const *argv;
};

static int parse(int argc, char **argv, struct request *request, struct err *err)
{
	enum { OPT_MERGE = 1000, OPT_PERMISSIVE, OPT_CONFINED };
	static const struct option table[] = {
	    {"output", required_argument, NULL, 'o'},
	    {"merge", no_argument, NULL, OPT_MERGE},
	    {"permissive", no_argument, NULL, OPT_PERMISSIVE},
	    {"confined", required_argument, NULL, OPT_CONFINED},
	    {"quiet", no_argument, NULL, 'q'},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	int permissive = 0;

	*request = (struct request){0};
	opterr = 0;
	for (;;) {
		const char *typed = argv[optind < argc ? optind : argc - 1];
		const int c = getopt_long(argc, argv, "+:o:qh", table, NULL);
		if (c < 0)
			break;
		switch (c) {
		case 'o': request->output = optarg; break;
		case OPT_MERGE: request->merge = 1; break;
		case OPT_PERMISSIVE: permissive = 1; break;
		case OPT_CONFINED: request->confined = optarg; break;
		case 'q': request->quiet = 1; break;
		case 'h': request->help = 1; break;
		case ':': return err_set(err, EINVAL, "%s wants a value; see endow learn --help", typed);
		default: return err_set(err, EINVAL, "unknown option %s; see endow learn --help", typed);
		}
	}
	request->argv = argv + optind;
	if (!request->help && optind >= argc)
		return err_set(err, EINVAL, "which program? endow learn [-o FILE] -- PROGRAM [WORD]...");
	if (permissive && request->confined)
		return err_set(err, EINVAL, "--permissive and --confined are two ways: say one");
	return 0;
}

static int find_named(const char *name, const struct places *places, struct policy_text *text, struct err *err)
{
	return strchr(name, '/') || strstr(name, ".policy") ? find_file(name, text, err) : find_policy(places, name, text, err);
}

/* One run, from what was asked to what is written. */
struct job {
	struct request request;
	struct places places;
	struct outset outset;
	struct shelf shelf;
	struct record record;
	struct draft draft;
	struct policy_text old; /* what is to be added to; empty where there is nothing */
	struct bundle base;
	int has_base;
	int has_program; /* the base says for which programs it is */
	char output[FIND_PATH];
};

static void job_free(struct job *job)
{
	policy_text_free(&job->old);
	bundle_free(&job->base);
	draft_free(&job->draft);
	record_free(&job->record);
	shelf_free(&job->shelf);
	outset_free(&job->outset);
}

/* Where a new file of this name can be made. */
static int check_folder(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (!slash)
		strcpy(folder, ".");
	else
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	if (access(folder, W_OK | X_OK) < 0)
		return err_set(err, errno, "%s can't be written: %s: %s", path, folder, err_words(errno));
	return 0;
}

/* Before the program runs: an error found afterwards would cost the run. */
static int prepare_output(struct job *job, struct err *err)
{
	struct stat st;
	const int n = job->request.output ? snprintf(job->output, sizeof job->output, "%s", job->request.output)
					  : snprintf(job->output, sizeof job->output, "./%s.policy", job->outset.name);

	if (n >= (int)sizeof job->output)
		return err_set(err, ENAMETOOLONG, "-o: the path is too long");
	if (!job->request.merge && lstat(job->output, &st) == 0)
		return err_set(err, EEXIST, "%s is there already: --merge adds to it what it lacks, -o names another file",
			       job->output);
	/* A link stays one: what it leads to is replaced. */
	char real[PATH_MAX];
	if (job->request.merge && !realpath(job->output, real))
		return err_set(err, errno, "%s: %s%s", job->output, err_words(errno),
			       errno == ENOENT ? "; without --merge it is made" : "");
	return check_folder(job->request.merge ? real : job->output, err);
}

static int load_base(struct job *job, struct err *err)
{
	struct policy_text text = {0};
	int rc = 0;

	if (job->request.merge)
		rc = find_file(job->output, &job->old, err);
	if (rc == 0 && job->request.merge && job->request.confined)
		return err_set(err, EINVAL, "--merge and --confined are two ways to begin with a policy: say one");
	if (rc == 0 && job->request.confined)
		rc = find_named(job->request.confined, &job->places, &text, err);
	const struct policy_text *from = job->request.merge ? &job->old : &text;
	if (rc == 0 && from->path) {
		rc = shelf_policy(&job->shelf, &job->places, from, job->outset.setting.program, &job->base, &job->has_program,
				  err);
		job->has_base = rc == 0;
	}
	policy_text_free(&text);
	return rc;
}

/* What a shell would say of a program that is not there, or can't be executed. */
static int status_of(int rc)
{
	return rc == -ENOENT ? SAY_NOT_FOUND : rc == -EACCES || rc == -ENOEXEC ? SAY_CANT_EXECUTE : SAY_REFUSED;
}

/* Returns 0, or the status to end with. */
static int prepare(struct job *job, struct err *err)
{
	if (outset_places(&job->places, err) < 0)
		return SAY_REFUSED;
	int rc = outset_look(&job->outset, job->request.argv, &job->places, err);
	if (rc < 0)
		return status_of(rc);
	(void)((rc = prepare_output(job, err)) || (rc = load_base(job, err)) ||
	       (rc = shelf_load(&job->shelf, &job->places, err)));
	if (rc < 0)
		return SAY_REFUSED;
	err->text[0] = '\0'; /* what was tried and not needed */
	return 0;
}

/* Run the program to its end. Returns its wait status in *STATUS. */
static int watch(struct job *job, int *status, struct err *err)
{
	const int sigchld_ignored = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
	struct observer o = {.record = &job->record, .name = job->outset.name};
	struct begin how = {.path = job->outset.path, .argv = job->request.argv, .sigchld_ignored = sigchld_ignored};
	struct begun begun = {.listener = -1, .result = -1};
	int failed = 0;

	OWNED_FD int signals = attend_hold(&how.mask, err);
	int rc = signals < 0 ? signals : observer_make(&o, err);
	if (rc == 0)
		rc = begin(&how, &begun, err);
	if (rc == 0) {
		o.listener = begun.listener;
		o.program = begun.pid;
		*status = attend(&o, &begun, signals);
		if (read(begun.result, &failed, sizeof failed) == sizeof failed)
			rc = err_set(err, failed, "%s can't be executed: %s", job->outset.path, err_words(failed));
	}
	owned_close(&begun.listener);
	owned_close(&begun.result);
	observer_free(&o);
	return rc;
}

static int write_whole(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Beside the file and then in its place: whoever reads it sees the one or the other whole. */
static int put_file(const char *named, const char *text, size_t len, int replace, struct err *err)
{
	char fresh[PATH_MAX + 32], real[PATH_MAX];
	struct stat st = {.st_mode = 0644};
	const char *path = replace ? realpath(named, real) : named;

	if (!path || (replace && stat(path, &st) < 0))
		return err_set(err, errno, "%s: %s", named, err_words(errno));
	snprintf(fresh, sizeof fresh, "%s.new-%d", path, (int)getpid());
	/* A policy that others may write is not believed. */
	OWNED_FD int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0644);
	if (fd < 0)
		return err_set(err, errno, "%s: %s", path, err_words(errno));
	int rc = write_whole(fd, text, len);
	if (rc == 0 && (replace ? rename(fresh, path) : link(fresh, path)) < 0)
		rc = -errno;
	if (!replace || rc < 0)
		unlink(fresh);
	return rc < 0 ? err_set(err, -rc, "%s: %s", path, err_words(rc)) : 0;
}

static void tell(const struct job *job, const struct written *w)
{
	if (!job->request.quiet)
		fprintf(stderr, "endow learn: %s: %zu line%s%s, %zu of them not granted\n", job->output, w->lines,
			w->lines == 1 ? "" : "s", job->request.merge ? " added" : "", w->off);
}

/* What may write a policy can't be run by it. */
static void tell_place(const struct job *job)
{
	const struct line *lines = job->draft.lines.data;
	char real[PATH_MAX];

	if (job->request.quiet || !realpath(job->output, real))
		return;
	for (uint32_t i = 0; i < job->draft.lines.count; i++)
		if (!lines[i].off && lines[i].path && lines[i].rights & (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE) &&
		    path_is_in(real, lines[i].path)) {
			fprintf(stderr, "endow learn: it lies in a folder that it lets the program write, and endow will not "
					"use it from there: "
					"move it, for instance to ~/.config/endow\n");
			return;
		}
}

static int put_policy(struct job *job, struct err *err)
{
	const struct knowledge known = {
	    .setting = &job->outset.setting,
	    .fragments = job->shelf.fragments,
	    .fragment_count = job->shelf.count,
	    .base = job->has_base ? &job->base : NULL,
	    .has_program = job->has_program,
	};
	const char *slash = strrchr(job->output, '/');
	const struct heading heading = {
	    .name = slash ? slash + 1 : job->output, .command = job->outset.command, .base = job->request.confined};
	struct written w = {0};

	if (job->record.no_memory)
		return err_set(err, ENOMEM, "no memory: the record has gaps, and no policy is made of it");
	outset_settle(&job->record);
	if (near_look(&job->record, &job->outset.setting) < 0)
		fprintf(stderr,
			"endow learn: what lies in the folders that were used is too much to look for secrets in all of it\n");
	int rc = generalise(&job->record, &known, &job->draft, err);
	if (rc < 0)
		return rc;
	rc = job->request.merge ? write_merged(&job->draft, &heading, job->old.bytes, job->old.len, &w)
				: write_policy(&job->draft, &heading, &w);
	if (rc < 0)
		return err_set(err, ENOMEM, "no memory");
	if (!job->request.merge || w.lines > 0)
		rc = put_file(job->output, w.text, w.len, job->request.merge, err);
	free(w.text);
	if (rc == 0) {
		tell(job, &w);
		tell_place(job);
	}
	return rc;
}

/* With the observer its listener goes, and what these ask the kernel for from now on gets ENOSYS. */
static void tell_left(void)
{
	enum { SHOWN = 8 };
	pid_t pids[SHOWN];
	const size_t left = attend_left(pids, SHOWN);

	if (left == 0)
		return;
	fprintf(stderr,
		"endow learn: %zu process%s that the program started still run%s, and can open no file from now on; end them:",
		left, left == 1 ? "" : "es", left == 1 ? "s" : "");
	for (size_t i = 0; i < left && i < SHOWN; i++)
		fprintf(stderr, " %d", (int)pids[i]);
	fprintf(stderr, "%s\n", left > SHOWN ? " ..." : "");
}

static int run(struct job *job, struct err *err)
{
	int ended = prepare(job, err), status = 0;

	if (ended)
		return ended;
	int rc = watch(job, &status, err);
	if (rc < 0)
		return status_of(rc);
	tell_left();
	if (put_policy(job, err) < 0)
		return SAY_REFUSED;
	if (WIFSIGNALED(status))
		attend_die(WTERMSIG(status));
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	OWNED struct job *job = calloc(1, sizeof *job);
	struct err err = {""};
	int status = SAY_REFUSED;

	if (!job)
		err_set(&err, ENOMEM, "no memory");
	else if (parse(argc, argv, &job->request, &err) == 0)
		status = job->request.help ? (fputs(usage, stdout), 0) : run(job, &err);
	if (err.text[0])
		fprintf(stderr, "endow learn: %s\n", err.text);
	if (job)
		job_free(job);
	return fflush(stdout) == 0 ? status : SAY_REFUSED;
}

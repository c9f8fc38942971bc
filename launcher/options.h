/* options.h: the command line becomes a request. Nothing is opened or decided here. */
#ifndef ENDOW_OPTIONS_H
#define ENDOW_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "err.h"

/* One act that names a thing and grants it: r:photo.png, or --read photo.png. */
struct designation {
	uint32_t rights; /* enum right */
	int is_tree; /* c: the thing is a directory */
	const char *path; /* borrowed from argv, or from `owned` */
	const char *said; /* as it was typed, for messages */
	int word; /* its index in options.argv; 0: it was an option */
};

enum command {
	COMMAND_RUN,
	COMMAND_COMPILE,
	COMMAND_DOCTOR,
	COMMAND_REVIEW, /* explain, can, matrix, diff, lock, check, fmt: argv[0] says which */
	COMMAND_LEARN,
	COMMAND_CONTROL, /* list, grant, revoke: argv[0] says which */
	COMMAND_HELP,
	COMMAND_VERSION,
};

struct options {
	enum command command;
	const char *policy; /* -p: a file or a name; NULL: look the program up */
	int no_policy; /* the embedded default, whatever policy there is */
	int dry_run;
	int json;
	int prove;
	const char *log; /* --log: a file, fd:N, or journald; borrowed from argv */
	const char *ask; /* --ask: "tty", "deny", or a command; NULL: not said. Borrowed */
	const char *keep_answers; /* --keep-answers: a file, or NULL. Borrowed */
	int told_of_append; /* `line` says that there is an append grant by name */
	char *line; /* the options that are statements, as policy text; owned, never NULL after options_parse() */
	size_t line_len;
	struct designation *designations; /* owned */
	size_t designation_count;
	char **argv; /* the program and its words, NULL-terminated, designations replaced by plain paths; owned */
	int argc;
	int as_far_as_can_be; /* never from the command line: confine as far as this kernel can (the policy compiler) */
	int sigchld_ignored; /* when the launcher was started */
	struct rlimit files; /* the limits on descriptors then; rlim_max 0: not known */
	int literal; /* given after "--": no word of it is a designation or an option */
};

/* Returns 0, or -EINVAL with ERR. options_free() in either case. */
int options_parse(int argc, char **argv, struct options *opt, struct err *err);
void options_free(struct options *opt);

/* The words of --help. */
extern const char options_help[];

#endif

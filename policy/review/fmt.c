/* endow fmt: lay policies out in the one way. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "owned.h"
#include "review.h"
#include "source_file.h"

static const char usage[] =
    "usage: endow fmt [--check | -w] [FILE]...\n"
    "\n"
    "Lays policies and fragments out in their canonical form. What they say, and their comments, stay as they are.\n"
    "\n"
    "  FILE         what to lay out, to standard output; default: standard input\n"
    "  -w, --write  change the files instead\n"
    "  --check      change nothing: name the files that differ from their canonical form\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 done, or nothing differs; 1 some file differs (--check); 2 wrong usage, a wrong policy, or a failure.\n";

enum mode { MODE_PRINT, MODE_WRITE, MODE_CHECK };

struct request {
	enum mode mode;
	bool help;
	char *const *files; /* borrowed from argv */
	int file_count;
};

static int parse(int argc, char **argv, struct request *request, struct err *err)
{
	static const struct option table[] = {
	    {"write", no_argument, NULL, 'w'},
	    {"check", no_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	bool wrote = false, checked = false;

	*request = (struct request){0};
	opterr = 0;
	for (int c;;) {
		const char *typed = argv[optind < argc ? optind : argc - 1];
		c = getopt_long(argc, argv, "wh", table, NULL);
		if (c < 0)
			break;
		switch (c) {
		case 'w': wrote = true; break;
		case 'c': checked = true; break;
		case 'h': request->help = true; break;
		default: return err_set(err, EINVAL, "unknown option %s; see endow fmt --help", typed);
		}
	}
	request->files = argv + optind;
	request->file_count = argc - optind;
	request->mode = wrote ? MODE_WRITE : checked ? MODE_CHECK : MODE_PRINT;
	if (wrote && checked)
		return err_set(err, EINVAL, "-w and --check exclude each other");
	for (int i = 0; wrote && i < (argc - optind > 0 ? argc - optind : 1); i++)
		if (argc == optind || strcmp(request->files[i], "-") == 0)
			return err_set(err, EINVAL, "-w wants files: standard input can't be changed");
	return 0;
}

static int refuse(const struct diag *diag, struct err *err)
{
	char *OWNED messages = diag_render(diag);

	if (!messages)
		return err_set(err, ENOMEM, "no memory");
	fputs(messages, stderr);
	return -EINVAL;
}

/* Returns whether the file differs from its canonical form, or a negative errno; -EINVAL also with the messages printed. */
static int take_file(enum mode mode, const char *path, struct err *err)
{
	const char *shown = strcmp(path, "-") == 0 ? "standard input" : path;
	struct diag *OWNED diag = calloc(1, sizeof *diag);
	struct source_file file = {0};
	char *laid = NULL;
	size_t len = 0;

	if (!diag)
		return err_set(err, ENOMEM, "no memory");
	int rc = source_file_read(path, &file, err);
	if (rc < 0)
		return rc;
	rc = layout_text(shown, file.text, file.len, &laid, &len, diag);
	if (rc == -EINVAL)
		rc = refuse(diag, err);
	else if (rc < 0)
		rc = err_set(err, -rc, "%s: %s", shown, err_words(rc));
	const bool differs = rc == 0 && (len != file.len || memcmp(laid, file.text, len) != 0);
	if (rc == 0 && mode == MODE_PRINT && fwrite(laid, 1, len, stdout) != len)
		rc = err_set(err, EIO, "standard output: %s", err_words(errno));
	else if (differs && mode == MODE_WRITE)
		rc = source_file_replace(path, laid, len, err);
	else if (differs && mode == MODE_CHECK)
		puts(shown);
	source_file_free(&file);
	free(laid);
	return rc < 0 ? rc : differs;
}

int review_fmt(int argc, char **argv, struct err *err)
{
	struct request request;
	int status = REVIEW_YES;

	if (parse(argc, argv, &request, err) < 0)
		return REVIEW_WRONG;
	if (request.help)
		return fputs(usage, stdout) < 0 ? REVIEW_WRONG : REVIEW_YES;
	for (int i = 0; i == 0 || i < request.file_count; i++) {
		const int rc = take_file(request.mode, request.file_count > 0 ? request.files[i] : "-", err);
		if (rc < 0) {
			if (err->text[0])
				fprintf(stderr, "endow fmt: %s\n", err->text);
			err->text[0] = '\0'; /* said: the other files have their turn */
			status = REVIEW_WRONG;
		} else if (rc > 0 && request.mode == MODE_CHECK && status == REVIEW_YES) {
			status = REVIEW_NO;
		}
	}
	return status;
}

/* files.h: the one place of the review where files are read and names are looked up in the real file system. */
#ifndef ENDOW_REVIEW_FILES_H
#define ENDOW_REVIEW_FILES_H

#include "find.h"
#include "subject.h"

struct files {
	struct places places;
	struct world world;
	char cwd[WORLD_PATH];
};

/* Find the folders of policies, and where we are. Returns 0 or a negative errno. FILES is not to be moved afterwards. */
int files_begin(struct files *files, struct err *err);

/* Find the policy NAME, a file or a name as for endow -p. As find_file(); policy_text_free() it. */
int files_find(const struct files *files, const char *name, struct policy_text *text, struct err *err);

/* Find a fragment: a compile_fetch, ARG being the struct files. */
int files_fetch(void *arg, const char *name, struct compile_text *out, struct err *err);

/* Read the policy NAME and understand it. LINE: statements as of the command line; PROGRAM: see subject_make(), whose returns
 * these are. */
int files_subject(struct files *files, const char *name, const char *line, const char *program, struct subject *subject,
		  struct err *err);

/* Write TEXT to PATH, by a new file that takes its place. Returns 0 or a negative errno. */
int files_write(const char *path, const char *text, size_t len, struct err *err);

#endif

#include <stdio.h>
#include <string.h>

#include "files.h"
#include "lockfile.h"

int lock_compare(struct files *files, const char *name, struct lock_state *s, struct err *err)
{
	struct policy_text policy, lock;
	int rc = files_find(files, name, &policy, err);

	if (rc < 0)
		return rc == -ENOENT ? -EINVAL : rc;
	if (strlen(policy.path) + sizeof LOCK_ENDING > sizeof s->path)
		rc = err_set(err, ENAMETOOLONG, "%s: the path is too long", policy.path);
	else
		sprintf(s->path, "%s" LOCK_ENDING, policy.path);
	policy_text_free(&policy);
	if (rc == 0)
		rc = files_subject(files, name, NULL, NULL, &s->now, err);
	if (rc < 0)
		return rc == -ENOENT ? -EINVAL : rc;
	rc = find_file(s->path, &lock, err);
	if (rc < 0)
		return rc;
	rc = lockfile_compare(&lock, &files->world, s, err);
	policy_text_free(&lock);
	return rc == -ENOENT ? -EINVAL : rc;
}

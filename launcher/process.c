#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owned.h"

#define PARENT 4 /* of the fields, counted from 1 */
#define START 22

int process_look(pid_t pid, struct process *p)
{
	char path[40], text[1024];

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		return -ESRCH;
	text[n] = '\0';
	/* ") S 1234 ...": the name before is whatever the process likes. */
	const char *at = strrchr(text, ')');
	if (!at || strlen(at) < sizeof ") S 1" - 1)
		return -ESRCH;
	*p = (struct process){.pid = pid, .state = at[2], .parent = (pid_t)strtol(at + 4, NULL, 10)};
	at += 4;
	for (int field = PARENT; field < START && at; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return -ESRCH;
	p->start = strtoull(at, NULL, 10);
	return 0;
}

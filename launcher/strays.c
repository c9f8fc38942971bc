#include "strays.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "owned.h"

#define ROUNDS 1000

int strays_list(void)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void kill_children(int list, pid_t spared)
{
	char text[4096 + 1];
	size_t kept = 0;
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(list, text + kept, sizeof text - 1 - kept, at);
		if (n <= 0)
			return;
		at += n;
		text[kept + (size_t)n] = '\0';
		/* A number that the end of the buffer cuts in two waits for its other half: each has a blank behind it. */
		char *end = text, *blank;
		for (; (blank = strchr(end, ' ')) != NULL; end = blank + 1)
			if ((pid_t)strtol(end, NULL, 10) != spared)
				kill((pid_t)strtol(end, NULL, 10), SIGKILL);
		kept = strlen(end);
		memmove(text, end, kept);
	}
}

/* Bounded, since a tree that grows as fast as it is cut would hold the launcher for ever. */
void strays_end(int children, pid_t spared)
{
	OWNED_FD int own = -1;

	for (int round = 0; round < ROUNDS; round++) {
		pid_t who;
		/* Most often there is none, and nothing to look for. */
		while ((who = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (who < 0 && errno == ECHILD)
			return;
		if (children < 0)
			children = own = strays_list();
		kill_children(children, spared);
		/* One at least; then all that have ended since. */
		while (waitpid(-1, NULL, 0) < 0)
			if (errno != EINTR)
				return;
	}
}

#include "say.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One write for one message, so that lines of several processes do not mix. */
static void put(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

void say_error(const struct err *err)
{
	char line[sizeof err->text + 16];

	if (!err->text[0])
		return;
	int n = snprintf(line, sizeof line, "endow: %s\n", err->text);
	put(STDERR_FILENO, line, n < 0 ? 0 : (size_t)n);
}

void say_compiler(const char *messages, size_t len)
{
	put(STDERR_FILENO, messages, len);
}

void say(const char *text)
{
	put(STDOUT_FILENO, text, strlen(text));
}

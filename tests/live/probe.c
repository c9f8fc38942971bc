/*
 * probe.c: what the live tests run inside a sandbox. Each command does one thing and prints one line: what it saw, "ok", or the
 * name of the errno it was refused with. The exit status is 0 either way, and 2 when the command itself is wrong.
 */
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tries.h"

static const struct command *const tables[] = {probe_try_commands, probe_see_commands, probe_file_commands, probe_act_commands};
#define TABLES (sizeof tables / sizeof *tables)

int probe_say(long rc)
{
	char name[16];

	puts(tries_outcome_name(rc < 0 ? -errno : 0, name));
	return 0;
}

void probe_quote(const char *text, unsigned long len)
{
	for (unsigned long i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c <= ' ' || c >= 0x7f || c == '\\')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

long probe_number(const char *word)
{
	char *end;

	errno = 0;
	long n = strtol(word, &end, 0);
	if (errno || end == word || *end) {
		fprintf(stderr, "probe: '%s' is no number\n", word);
		exit(2);
	}
	return n;
}

static int usage(void)
{
	for (size_t i = 0; i < TABLES; i++)
		for (const struct command *c = tables[i]; c->name; c++)
			fprintf(stderr, "probe %s %s\n", c->name, c->usage);
	return 2;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < TABLES; i++)
		for (const struct command *c = tables[i]; c->name; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *c = argc > 1 ? find(argv[1]) : NULL;

	if (!c || argc - 2 < c->least || (c->most >= 0 && argc - 2 > c->most))
		return usage();
	int status = c->run(argc - 2, argv + 2);
	return fflush(stdout) == 0 ? status : 2;
}

/* endow-ask: asks the person at the terminal, and says on standard output what the answer is. It holds nothing but that
 * terminal. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "picker.h"
#include "plain.h"
#include "terminal.h"

#define TRIES 5 /* at an answer that can be understood */

struct asked {
	const char *sandbox, *pid, *program, *rights, *path, *why, *line, *kind;
	int keep;
};

static int parse(int argc, char **argv, struct asked *a)
{
	static const struct option options[] = {
	    {"sandbox", required_argument, NULL, 's'}, {"pid", required_argument, NULL, 'i'},
	    {"program", required_argument, NULL, 'g'}, {"rights", required_argument, NULL, 'r'},
	    {"path", required_argument, NULL, 'p'},    {"why", required_argument, NULL, 'w'},
	    {"line", required_argument, NULL, 'l'},    {"kind", required_argument, NULL, 'k'},
	    {"keep", no_argument, NULL, 'K'},          {0},
	};
	int c;

	*a = (struct asked){
	    .sandbox = "", .pid = "", .program = "", .rights = "", .path = "", .why = "", .line = "", .kind = "any"};
	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 's': a->sandbox = optarg; break;
		case 'i': a->pid = optarg; break;
		case 'g': a->program = optarg; break;
		case 'r': a->rights = optarg; break;
		case 'p': a->path = optarg; break;
		case 'w': a->why = optarg; break;
		case 'l': a->line = optarg; break;
		case 'k': a->kind = optarg; break;
		case 'K': a->keep = 1; break;
		default: return -1;
		}
	}
	return optind == argc && *a->path && *a->rights ? 0 : -1;
}

/* Whoever calls has done this already; it is the terminal of a person. */
static const char *shown(const char *text)
{
	static char rooms[8][2200];
	static size_t next;
	char *room = rooms[next++ % 8];

	return plain_text(room, sizeof rooms[0], text, strlen(text));
}

static void show(const struct asked *a, const char *picked)
{
	terminal_say("\n==== endow asks ================================================================\n"
		     "  %s (process %s, sandbox %s) wants to\n"
		     "      %s  %s\n",
		     shown(a->program), shown(a->pid), shown(a->sandbox), shown(a->rights), shown(a->path));
	if (*a->why)
		terminal_say("  It says: \"%s\"\n", shown(a->why));
	if (*a->line)
		terminal_say("  It may ask for that: %s\n", shown(a->line));
	if (*picked)
		terminal_say("  Instead it would get: %s\n", shown(picked));
	terminal_say("  y  yes, once        r  yes, for this run%s\n"
		     "  n  no (Enter)       p  pick another\n"
		     "================================================================================\n"
		     "  y, r,%s n or p, and Enter: ",
		     a->keep ? "        a  always: for this run, and written down" : "", a->keep ? " a," : "");
}

static const char *word_for(const struct asked *a, const char *typed)
{
	static const struct {
		const char *key, *word;
	} keys[] = {{"y", "once"}, {"r", "run"}, {"a", "always"}, {"n", "no"}, {"", "no"}, {"p", "pick"}};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(typed, keys[i].key) == 0 && (a->keep || *typed != 'a'))
			return keys[i].word;
	return NULL;
}

static enum picker_wants wants(const struct asked *a)
{
	return strcmp(a->kind, "tree") == 0 ? PICKER_TREE : strcmp(a->kind, "file") == 0 ? PICKER_FILE : PICKER_ANY;
}

/* The answer's word, and what was picked in TO or "". */
static const char *ask(const struct asked *a, char picked[PATH_MAX])
{
	char typed[PATH_MAX], other[PATH_MAX];

	picked[0] = '\0';
	show(a, picked);
	for (int i = 0; i < TRIES; i++) {
		if (terminal_read(typed, sizeof typed) < 0)
			return "no";
		const char *word = word_for(a, typed);
		if (word && strcmp(word, "pick") != 0)
			return word;
		if (!word) {
			terminal_say("  y, r,%s n or p, and Enter: ", a->keep ? " a," : "");
			continue;
		}
		const int rc = picker_pick(*picked ? picked : a->path, wants(a), other);
		if (rc < 0)
			return "no";
		if (rc > 0)
			strcpy(picked, other);
		show(a, picked);
		i = 0;
	}
	return "no";
}

int main(int argc, char **argv)
{
	char picked[PATH_MAX] = "";
	struct err err = {""};
	struct asked a;

	if (parse(argc, argv, &a) < 0) {
		fputs("usage: endow-ask --rights RIGHTS --path PATH [--sandbox NAME] [--pid N] [--program NAME] [--why TEXT]\n"
		      "                 [--line WHERE] [--kind file|tree|any] [--keep]\n"
		      "It is run by endow(1), for policies with an 'ask' line.\n",
		      stderr);
		return 2;
	}
	if (terminal_take(&err) < 0) {
		fprintf(stderr, "endow: %s: %s: the answer is no\n", shown(a.path), err.text);
		puts("no");
		return 0;
	}
	const char *word = ask(&a, picked);
	terminal_say("\n");
	terminal_give();
	printf("%s%s%s\n", word, *picked && strcmp(word, "no") != 0 ? " " : "", strcmp(word, "no") != 0 ? picked : "");
	return fflush(stdout) == 0 ? 0 : 1;
}

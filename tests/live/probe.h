/* probe.h: between the files of the live tests' probe. */
#ifndef ENDOW_PROBE_H
#define ENDOW_PROBE_H

struct command {
	const char *name;
	const char *usage;                 /* the words after the name */
	int least, most;                   /* how many of them; most -1: any */
	int (*run)(int argc, char **argv); /* argv[0] is the first word after the name; returns the exit status */
};

/* Tables end with a command without a name. */
extern const struct command probe_try_commands[];  /* attempts and their targets */
extern const struct command probe_see_commands[];  /* what a process has */
extern const struct command probe_file_commands[]; /* what it can do with files and descriptors */
extern const struct command probe_act_commands[];  /* everything else that it can do */

/* Print "ok" for RC at least 0, else the name of errno, as a line. Returns 0: a refusal is an answer. */
int probe_say(long rc);

/* Print TEXT with whatever is not printable ASCII, and blanks and backslashes, as \xHH. */
void probe_quote(const char *text, unsigned long len);

/* A number in C's notation; anything else ends the probe with status 2. */
long probe_number(const char *word);

#endif

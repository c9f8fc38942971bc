/* script.h: what a file needs to be executed: the interpreter of its first line, or its loader. */
#ifndef ENDOW_REVIEW_SCRIPT_H
#define ENDOW_REVIEW_SCRIPT_H

#include "world.h"

enum script_kind {
	SCRIPT_UNKNOWN, /* it can't be read here, or it is nothing that the kernel executes */
	SCRIPT_STATIC,  /* a program that needs no other */
	SCRIPT_DYNAMIC, /* a program with a loader */
	SCRIPT_TEXT,    /* #!, and an interpreter */
};

/* Look at the file PATH. TO gets the loader or the interpreter, "" for the others. */
enum script_kind script_look(const struct world *world, const char *path, char to[WORLD_PATH]);

#endif

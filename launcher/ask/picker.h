/* picker.h: another file or folder, picked by the person from a list, by its number or its path. */
#ifndef ENDOW_ASK_PICKER_H
#define ENDOW_ASK_PICKER_H

#include <limits.h>

enum picker_wants { PICKER_FILE, PICKER_TREE, PICKER_ANY };

/* Begin in the folder of FROM. 1 with what was picked in TO (absolute), 0: nothing, after all; -1: the terminal has ended. */
int picker_pick(const char *from, enum picker_wants wants, char to[PATH_MAX]);

#endif

/* strays.h: a reaper's last work. */
#ifndef ENDOW_STRAYS_H
#define ENDOW_STRAYS_H

#include <sys/types.h>

/*
 * End every child of this process but SPARED, a child without a signal at its end (0: none), and what they leave behind in
 * turn, which comes to this process if it is a subreaper. Waits for all of them. CHILDREN is this process's own list of them,
 * opened in a /proc that shows it, or -1: it is looked for in /proc. It stays the caller's.
 */
void strays_end(int children, pid_t spared);

/* That list, to be kept for a time when /proc is another. CLOEXEC, the caller's; -1 when it can't be had. */
int strays_list(void);

#endif

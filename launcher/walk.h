/* walk.h: openat2(O_PATH) by hand, for where a filter around the launcher answers ENOSYS (systemd's SystemCallFilter= does). */
#ifndef ENDOW_WALK_H
#define ENDOW_WALK_H

/*
 * Open PATH beneath DIR component by component, each without following. A symbolic link is refused (-ELOOP) without FOLLOW; with it,
 * its text is walked in turn, but a magic link of /proc never is. Returns an O_PATH descriptor (CLOEXEC) or a negative errno.
 */
int walk(int dir, const char *path, int follow);

#endif

/* conformance.h: what the conformance checks share. Each check prints one line: what was tried, and what came of it. */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <endow.h>

extern struct endow *broker;

void say(const char *what, int rc);
void say_text(const char *what, const char *text);
void say_number(const char *what, long number);
_Noreturn void give_up(const char *what, int rc);

/* What has to be so for the checks to go on. */
endow_handle must_find(struct endow *e, const char *name);
endow_handle must_derive(struct endow *e, endow_handle parent, struct endow_terms terms);
struct endow *must_attach(int fd);

/* Says what came of an opening, and closes it; try_read() says the file's text. */
void try_open(const char *what, struct endow *e, endow_handle handle, const char *path, int flags);
void try_read(const char *what, struct endow *e, endow_handle handle, const char *path);

void print_list(struct endow *e);

/* What comes on a socket, waiting for at most 5 s. */
void say_received(const char *what, int fd);
int accept_soon(endow_handle door);

/* conformance_use.c */
void opening_file(void);
void opening_tree(void);
void writing(void);
void changing(void);
void appending(void);
void sockets(void);

/* conformance_hand.c */
void deriving(void);
void bounds(void);
void revocation(void);
void tickets(void);
void clients(void);
void many(void);

#endif

/* families.h: which system calls each family opens, and with which arguments. Tables only; policy/filter.c turns them into a
 * program. */
#ifndef ENDOW_FAMILIES_H
#define ENDOW_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One condition: the low 32 bits of argument ARG, masked, equal VALUE. Every argument so looked at is 32 bits wide in the
 * kernel, which ignores the register's high half; so must we, or a call with junk up there means one thing to the filter and
 * another to the kernel. VALUE may be FILTER_SELF. A MASK of 0 ends the list.
 *
 * POINTER: the argument is an address, and it is not NULL. Then the whole register counts: 0x100000000 is an address as well.
 */
struct arg_is {
	uint32_t mask;
	uint32_t value;
	unsigned int arg;
	bool pointer;
};

#define CALL_ARGS 3

/* A line of a table. It counts when FAMILIES has one of ANY (0: always), one of ALSO (0: always), and none of UNLESS. */
struct call_rule {
	int nr; /* negative: this machine has no such call, and the line says nothing */
	uint32_t any;
	uint32_t also;
	uint32_t unless;
	int error;                   /* the errno that the call gets; 0: allow, or in call_notified hand it to the supervisor */
	struct arg_is is[CALL_ARGS]; /* all of them must hold; none: whatever the arguments */
};

/* Calls without conditions, to be allowed when FAMILIES has one of ANY (0: always). */
struct call_list {
	uint32_t any;
	const int *nr;
	size_t count;
};

/* The stages, in the order in which they are asked; the first that answers decides. What none answers gets EPERM. */
extern const struct call_rule call_refused[]; /* refused whatever the next stage says */
extern const size_t call_refused_count;
/*
 * Handed to the supervisor. What it lets go on runs without a look at the stages behind: so each line either says no more than
 * those allow, or the supervisor makes the call itself.
 */
extern const struct call_rule call_notified[];
extern const size_t call_notified_count;
extern const struct call_rule call_allowed[];
extern const size_t call_allowed_count;
extern const struct call_list call_lists[]; /* allowed, too */
extern const size_t call_lists_count;
extern const struct call_rule
    call_otherwise[]; /* the errno of a refused call, where EPERM would stop a program from falling back */
extern const size_t call_otherwise_count;

/* Calls that are newer than libseccomp's own table. */
extern const int call_newer[];
extern const size_t call_newer_count;

/* No number above this one has been looked at. */
#define CALL_NEWEST 469

#endif

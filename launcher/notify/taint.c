#include "taint.h"

#include <errno.h>
#include <stddef.h>

#include "process.h"

#define MARKS 256
#define GENERATIONS 256

static struct {
	pid_t program;
	struct process confined[MARKS], adopters[MARKS];
	size_t confined_count, adopter_count;
	int lost; /* a mark found no room: nobody can be told from who has one */
} taint;

void taint_begin(pid_t program)
{
	taint.program = program;
}

static int is_among(const struct process *list, size_t count, const struct process *p)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].pid == p->pid && list[i].start == p->start)
			return 1;
	return 0;
}

static int mark(const struct call *c, struct process *list, size_t *count)
{
	struct process p;
	const pid_t pid = call_process(c);

	if (pid == 0 || process_look(pid, &p) < 0 || !call_still(c))
		return -ESRCH;
	if (is_among(list, *count, &p))
		return CALL_GO_ON;
	if (*count == MARKS)
		taint.lost = 1;
	else
		list[(*count)++] = p;
	return CALL_GO_ON;
}

int taint_confines(const struct call *c)
{
	return mark(c, taint.confined, &taint.confined_count);
}

int taint_adopts(const struct call *c)
{
	return mark(c, taint.adopters, &taint.adopter_count);
}

/* Whose ancestors no longer lead to the program, or lead over somebody who adopts, could descend from anybody. */
int taint_is(const struct call *c)
{
	struct process p;

	if (taint.confined_count == 0)
		return 0;
	if (taint.lost)
		return 1;
	pid_t pid = call_process(c);
	for (int i = 0; i < GENERATIONS; i++, pid = p.parent) {
		if (pid <= 0 || process_look(pid, &p) < 0 || is_among(taint.confined, taint.confined_count, &p))
			return 1;
		if (i > 0 && is_among(taint.adopters, taint.adopter_count, &p))
			return 1;
		if (pid == taint.program)
			return 0;
	}
	return 1;
}

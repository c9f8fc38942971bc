#include "freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "owned.h"
#include "process.h"

#define PROCESSES_MAX 4096
#define ROUNDS 100 /* of looking for what was started meanwhile */

struct entry { /* the kernel's, of getdents64 */
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static struct seen {
	struct process is;
	int below; /* this process */
} processes[PROCESSES_MAX];
static size_t process_count;
static int too_many;

static pid_t frozen[PROCESSES_MAX];
static size_t frozen_count;

static void add_process(const char *name)
{
	struct process p;

	if (*name < '1' || *name > '9' || process_look((pid_t)strtol(name, NULL, 10), &p) < 0)
		return;
	if (process_count == PROCESSES_MAX)
		too_many = 1;
	else
		processes[process_count++] = (struct seen){.is = p};
}

/* Without the memory that a directory's stream takes: here none is ever given back. */
static void each_entry(const char *folder, void (*entry)(const char *name))
{
	static _Alignas(8) char room[16384];
	OWNED_FD int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long n;

	while (dir >= 0 && (n = syscall(SYS_getdents64, dir, room, sizeof room)) > 0)
		for (long at = 0; at < n;) {
			const struct entry *e = (const struct entry *)(const void *)(room + at);
			entry(e->name);
			at += e->reclen;
		}
}

static void list_processes(void)
{
	process_count = 0;
	each_entry("/proc", add_process);
}

static int is_below(pid_t pid)
{
	if (pid == getpid())
		return 1;
	for (size_t i = 0; i < process_count; i++)
		if (processes[i].is.pid == pid)
			return processes[i].below;
	return 0;
}

static void find_below(void)
{
	for (int more = 1; more;) {
		more = 0;
		for (size_t i = 0; i < process_count; i++)
			if (!processes[i].below && is_below(processes[i].is.parent))
				more = processes[i].below = 1;
	}
}

static int is_frozen(pid_t pid)
{
	size_t i = 0;

	while (i < frozen_count && frozen[i] != pid)
		i++;
	return i < frozen_count;
}

/*
 * Returns how many ran that are stopped now. Who had been stopped before stays so afterwards. Of a process whose first thread
 * has ended the others may run.
 */
static size_t freeze_some(void)
{
	size_t some = 0;

	list_processes();
	find_below();
	for (size_t i = 0; i < process_count; i++) {
		const struct process *p = &processes[i].is;
		if (!processes[i].below || strchr("TtXx", p->state) || is_frozen(p->pid) || frozen_count == PROCESSES_MAX)
			continue;
		kill(p->pid, SIGSTOP);
		frozen[frozen_count++] = p->pid;
		some++;
	}
	return some;
}

int freeze_begin(void)
{
	int round = 0;

	too_many = 0;
	while (round < ROUNDS && freeze_some() > 0)
		round++;
	return too_many || frozen_count == PROCESSES_MAX || round == ROUNDS ? -EAGAIN : 0;
}

/* The last first: a shell would otherwise see that its jobs are stopped. */
void freeze_end(void)
{
	while (frozen_count > 0)
		kill(frozen[--frozen_count], SIGCONT);
}

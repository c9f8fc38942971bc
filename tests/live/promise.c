/*
 * promise: what endow_promise() takes away, seen from the program that calls it. Usage:
 *   promise bare             no sandbox around it
 *   promise inside NAME...   in a sandbox with these promises, and no grant
 *   promise broker FILE      in a sandbox with `grant read FILE as file`
 * The last line counts.
 */
#include "promise.h"

#include <endow.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALL ((1u << PROMISES) - 1)

static struct counts {
	unsigned int passed, failed;
} * counts; /* of all processes */

static const char *place;
static int bare;
static uint32_t outer; /* what the sandbox around it has promised */
static char itself[4096];

static void expect(const char *test, const char *what, int want, int got)
{
	if (want == got) {
		counts->passed++;
		return;
	}
	counts->failed++;
	printf("not ok %s, %s: %s\n    wanted: %s\n    got:    %s\n", place, test, what,
	       want < 0 ? strerrorname_np(-want) : "ok", got < 0 ? strerrorname_np(-got) : "ok");
	fflush(stdout);
}

static void expect_true(const char *test, const char *what, int holds)
{
	expect(test, what, 0, holds ? 0 : -EPROTO);
}

/* In a process of its own, which the test may do to what it likes. */
static void apart(const char *test, void (*run)(const char *))
{
	int status = -1;
	const pid_t pid = fork();

	if (pid == 0) {
		run(test);
		exit(0);
	}
	expect_true(test, "comes to its end", pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

/* Every attempt, under what was promised ---------------------------------------------------------------------------------- */

static char words[256];

static const char *spell(uint32_t promises)
{
	words[0] = '\0';
	for (int i = 0; i < PROMISES; i++)
		if (promises & 1u << i)
			strcat(strcat(words, *words ? " " : ""), promise_names[i]);
	return words;
}

/* PROMISES: of this program; HAS: endow_promise() or a sandbox has been at work. */
static int wanted(const struct attempt *a, uint32_t promises, int has, int before)
{
	switch (a->kind) {
	case OPENED: return outer & a->needs && promises & a->needs ? a->open : a->closed;
	case ALWAYS: return a->open;
	case GRANTED: return bare ? a->open : before;
	default: return has ? a->closed : a->open;
	}
}

static uint32_t promising; /* by the process about to start */

static void try_all(const char *test)
{
	int before[64];

	for (size_t i = 0; i < attempts_count; i++) {
		before[i] = attempts[i].make();
		expect(test, attempts[i].name, wanted(&attempts[i], ALL, !bare, before[i]), before[i]);
	}
	expect(test, "promises", 0, endow_promise(spell(promising)));
	for (size_t i = 0; i < attempts_count; i++)
		expect(test, attempts[i].name, wanted(&attempts[i], promising, 1, before[i]), attempts[i].make());
	expect_true(test, "no new privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void each_promise(void)
{
	char test[300];

	for (uint32_t i = 0; i < 2 * PROMISES + 2; i++) {
		promising = i < PROMISES ? 1u << i : i < 2 * PROMISES ? ALL & ~(1u << (i - PROMISES)) : i % 2 ? ALL : 0;
		snprintf(test, sizeof test, "promise \"%s\"", spell(promising));
		apart(test, try_all);
	}
}

/* Promises shrink ---------------------------------------------------------------------------------------------------------- */

static void shrinking(const char *test)
{
	expect(test, "the first", 0, endow_promise("proc watch"));
	expect(test, "the second asks for more", 0, endow_promise("watch aio id sched"));
	expect(test, "both: inotify", 0, try_watch());
	expect(test, "not the second: fork", -EPERM, try_fork());
	for (size_t i = 0; i < attempts_count; i++)
		if (attempts[i].kind == OPENED && !(attempts[i].needs & (WATCH | PROC)))
			expect(test, attempts[i].name, attempts[i].closed, attempts[i].make());
	expect(test, "all", 0, endow_promise(spell(ALL)));
	expect(test, "fork again", -EPERM, try_fork());
	expect(test, "nothing", 0, endow_promise(""));
	expect(test, "all once more", 0, endow_promise(spell(ALL)));
	expect(test, "inotify", -EPERM, try_watch());
}

/* A process goes by the number that it has as it promises. */
static void its_number(const char *test)
{
	struct rlimit limit;

	expect(test, "promise", 0, endow_promise("proc"));
	expect(test, "limits", bare || outer & SCHED ? 0 : -EPERM,
	       prlimit(getpid(), RLIMIT_NOFILE, NULL, &limit) < 0 ? -errno : 0);
	expect(test, "limits of the parent", -EPERM, prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit) < 0 ? -errno : 0);
}

/* The kernel's room for filters comes to an end, and what was promised stays. */
static void many(const char *test)
{
	int rc = 0, n = 0;

	errno = ENOTNAM;
	for (; rc == 0 && n < 1000; n++)
		rc = endow_promise("proc");
	expect(test, "ends with", -ENOMEM, rc);
	expect_true(test, "errno stays", errno == ENOTNAM);
	expect_true(test, "after some dozen", n > 24);
	expect(test, "fork", 0, try_fork());
	expect(test, "inotify", -EPERM, try_watch());
}

static void unknown(const char *test)
{
	static const char *const wrong[] = {"proc wtach", "pro", "procs", "proc,tty", "Proc", "proc -", "none", "stdio"};
	static const char two[] = "  proc\twtach tty";

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect(test, wrong[i], -EINVAL, endow_promise(wrong[i]));
	expect(test, "none at all", -EINVAL, endow_promise(NULL));
	expect_true(test, "which word", endow_promise_unknown(two) == two + 7);
	expect_true(test, "no word", endow_promise_unknown(spell(ALL)) == NULL && endow_promise_unknown("") == NULL);
	expect(test, "nothing was given up", 0, try_watch());
	expect(test, "no privileges either", bare ? 0 : 1, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	expect(test, "blanks", 0, endow_promise(" \tproc\n  proc "));
	expect(test, "inotify", -EPERM, try_watch());
}

/* Threads ------------------------------------------------------------------------------------------------------------------ */

static sem_t asked, answered;
static int seen;
static int install_own;

static void install_nothing(void)
{
	static struct sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
	const struct sock_fprog prog = {1, allow};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		seen = -errno;
}

static void *other_thread(void *promises)
{
	if (install_own)
		install_nothing();
	sem_post(&answered);
	sem_wait(&asked);
	if (promises)
		seen = endow_promise(promises);
	else
		seen = try_watch();
	sem_post(&answered);
	return NULL;
}

static pthread_t begin_thread(const char *promises)
{
	pthread_t thread;

	sem_init(&asked, 0, 0);
	sem_init(&answered, 0, 0);
	if (pthread_create(&thread, NULL, other_thread, (void *)(uintptr_t)promises))
		exit(1);
	sem_wait(&answered);
	return thread;
}

static void ask_thread(pthread_t thread)
{
	sem_post(&asked);
	sem_wait(&answered);
	pthread_join(thread, NULL);
}

static void threads(const char *test)
{
	pthread_t thread = begin_thread(NULL);

	expect(test, "promise", 0, endow_promise("proc sched"));
	ask_thread(thread);
	expect(test, "a thread that ran already", -EPERM, seen);
	ask_thread(begin_thread(NULL));
	expect(test, "a thread that began later", -EPERM, seen);
	ask_thread(begin_thread("proc"));
	expect(test, "another thread promises", 0, seen);
	expect(test, "for the first one", -EPERM, try_priority());
}

static void differing_threads(const char *test)
{
	install_own = 1;
	pthread_t thread = begin_thread(NULL);
	expect(test, "its own filter", 0, seen);
	expect(test, "promise", -EBUSY, endow_promise(""));
	expect(test, "nothing was given up here", 0, try_watch());
	ask_thread(thread);
	expect(test, "nor there", 0, seen);
}

/* Processes ---------------------------------------------------------------------------------------------------------------- */

static void try_watch_only(const char *test)
{
	expect(test, "inotify", -EPERM, try_watch());
	expect(test, "all", 0, endow_promise(spell(ALL)));
	expect(test, "inotify again", -EPERM, try_watch());
}

static void children(const char *test)
{
	expect(test, "promise", 0, endow_promise("proc"));
	apart("a child", try_watch_only);
}

static void executing(const char *test)
{
	expect(test, "promise", 0, endow_promise("proc"));
	execl(itself, itself, "executed", NULL);
	expect(test, "exec", 0, -errno);
}

/* The status says what was found. */
static int executed(void)
{
	return try_watch() == -EPERM && try_fork() == 0 && endow_promise("watch") == 0 && try_watch() == -EPERM &&
		       try_fork() == -EPERM
		   ? 0
		   : 1;
}

static int from_handler;

static void handle(int signal)
{
	(void)signal;
	from_handler = endow_promise("proc");
}

static void signals(const char *test)
{
	signal(SIGUSR1, handle);
	raise(SIGUSR1);
	expect(test, "promise", 0, from_handler);
	expect(test, "inotify", -EPERM, try_watch());
}

#ifdef __x86_64__
/* By the door of 32-bit programs the numbers mean other calls. */
static int old_getpid(void)
{
	long rc = 20;

	__asm__ volatile("int $0x80" : "+a"(rc) : : "memory", "r8", "r9", "r10", "r11");
	return (int)rc;
}

static void old_door(const char *test)
{
	int status = 0;

	if (!bare || old_getpid() != getpid())
		return;
	const pid_t pid = fork();
	if (pid == 0) {
		endow_promise(spell(ALL));
		old_getpid();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	expect_true(test, "is shut", WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}
#endif

/* The broker --------------------------------------------------------------------------------------------------------------- */

static void with_broker(const char *path)
{
	struct endow *e = NULL;
	endow_handle handle = 0;
	char text[16] = "";

	expect("broker", "connection", 0, endow_connect_broker(&e));
	expect("broker", "promise", 0, endow_promise(""));
	expect("broker", "find", 0, endow_find(e, "file", &handle));
	int fd = endow_open(e, handle, NULL, O_RDONLY, 0);
	expect("broker", "open", 0, fd < 0 ? fd : 0);
	expect_true("broker", "read", read(fd, text, sizeof text - 1) == 5 && strcmp(text, "file\n") == 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	expect("broker", "open by path", 0, fd < 0 ? -errno : 0);
	expect("broker", "fork", -EPERM, try_fork());
	endow_close(e);
}

static void everything(void)
{
	attempts_begin();
	each_promise();
	apart("shrinking", shrinking);
	apart("its number", its_number);
	apart("many", many);
	apart("unknown", unknown);
	apart("threads", threads);
	apart("differing threads", differing_threads);
	apart("children", children);
	apart("exec", executing);
	apart("signals", signals);
#ifdef __x86_64__
	apart("the 32-bit door", old_door);
#endif
}

static uint32_t promise_of(const char *name)
{
	for (int i = 0; i < PROMISES; i++)
		if (strcmp(promise_names[i], name) == 0)
			return 1u << i;
	fprintf(stderr, "promise: no promise %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	place = argc > 1 ? argv[1] : "";
	bare = strcmp(place, "bare") == 0;
	outer = bare ? ALL : 0;
	if (strcmp(place, "executed") == 0)
		return executed();
	for (int i = 2; i < argc && strcmp(place, "broker") != 0; i++)
		outer |= promise_of(argv[i]);
	snprintf(itself, sizeof itself, "%s", argv[0]);
	counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		return 1;
	if (strcmp(place, "broker") == 0)
		with_broker(argc > 2 ? argv[2] : "");
	else
		everything();
	printf("%u passed, %u failed\n", counts->passed, counts->failed);
	return counts->failed != 0;
}

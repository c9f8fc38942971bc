/*
 * racer.c: one thread changes what a call names while another makes it. Run where such calls are mediated, it tells how often
 * one reached what is not beneath the tree.
 *
 *   racer run HOW WHAT TRIES TREE OUT   "HOW WHAT: N tries, N won, N done, N refused, N other"; it stops at the first win
 *   racer control HOW WHAT TRIES TREE OUT   the same, under an observer that looks where a call leads and then lets it go on
 *   racer flip A B      exchanges two names until it is ended
 *   racer watch DIR     a line for all that is opened, made, changed or removed in DIR, until it is ended
 *
 * TREE and OUT lie in one folder, each with a file and a victim; TREE has sub with the same, sub.link to ../OUT, last, a file,
 * and last.link to what a call is to reach in OUT. What lies in OUT/file begins with "secret".
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "racer.h"

#define FLIPPED_FD 60
#define SECRET_SIZE 7
#define MORE 100000

const char *tree;
static const char *out;
static volatile int over;

_Noreturn void die(const char *what)
{
	fprintf(stderr, "racer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void join(char to[PATH_SIZE], const char *folder, const char *name)
{
	if (snprintf(to, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE) {
		errno = ENAMETOOLONG;
		die(folder);
	}
}

/* How: what the flipper changes. */

static char inside[PATH_SIZE], beyond[PATH_SIZE], flipped[PATH_SIZE]; /* flipped is now the one, now the other */
static int inside_fd = -1, beyond_fd = -1;

static void flip_text(int turn)
{
	memcpy(flipped, turn ? inside : beyond, PATH_SIZE);
}

static void flip_cwd(int turn)
{
	if (chdir(turn ? tree : out) < 0)
		die("chdir");
}

static void flip_fd(int turn)
{
	if (dup2(turn ? inside_fd : beyond_fd, FLIPPED_FD) < 0)
		die("dup2");
}

/* By renames that are mediated themselves. */
static void flip_names(int turn)
{
	(void)turn;
	(void)syscall(SYS_renameat2, AT_FDCWD, inside, AT_FDCWD, beyond, 2 /* RENAME_EXCHANGE */);
}

static void aim_path(const char *name)
{
	join(inside, tree, name);
	join(beyond, out, name);
	memcpy(flipped, inside, PATH_SIZE);
}

static void aim_dots(const char *name)
{
	char way[PATH_SIZE];

	join(way, tree, "sub/../..");
	join(beyond, way, strrchr(out, '/') + 1);
	join(way, beyond, name);
	memcpy(beyond, way, PATH_SIZE);
	join(inside, tree, name);
	memcpy(flipped, inside, PATH_SIZE);
}

static void aim_relative(const char *name)
{
	snprintf(flipped, sizeof flipped, "%s", name);
	inside_fd = open(tree, O_PATH | O_CLOEXEC);
	beyond_fd = open(out, O_PATH | O_CLOEXEC);
	if (inside_fd < 0 || beyond_fd < 0)
		die("open of a folder, O_PATH");
	flip_fd(1);
	flip_cwd(1);
}

static void aim_swap(const char *name)
{
	char sub[PATH_SIZE];

	join(sub, tree, "sub");
	join(flipped, sub, name);
	join(inside, tree, "sub");
	join(beyond, tree, "sub.link");
}

static void aim_last(const char *name)
{
	(void)name;
	join(flipped, tree, "last");
	join(inside, tree, "last");
	join(beyond, tree, "last.link");
}

static const struct how {
	const char *name;
	void (*aim)(const char *name); /* what is named */
	void (*flip)(int turn);        /* NULL: by `racer flip` outside */
	int dir;
} hows[] = {
    {"path", aim_path, flip_text, AT_FDCWD},      {"dots", aim_dots, flip_text, AT_FDCWD},
    {"cwd", aim_relative, flip_cwd, AT_FDCWD},    {"descriptor", aim_relative, flip_fd, FLIPPED_FD},
    {"swap", aim_swap, NULL, AT_FDCWD},           {"last", aim_last, NULL, AT_FDCWD},
    {"own-swap", aim_swap, flip_names, AT_FDCWD}, {"own-last", aim_last, flip_names, AT_FDCWD},
};

static void *flipper(void *arg)
{
	const struct how *how = arg;

	for (int turn = 0; !over; turn = !turn)
		how->flip(turn);
	return NULL;
}

/* What: the call, and how it is undone where it was done in the tree. */

static int out_hidden;                          /* by a view: then nothing of it may be reached at all */
static int read_secret;                         /* the last `read` found it */
static char source[PATH_SIZE], kept[PATH_SIZE]; /* names in the tree that nobody flips */

static int opened(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static int do_read(int dir, const char *name)
{
	char text[8] = "";
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	read_secret |= read(fd, text, sizeof text - 1) > 0 && strncmp(text, "secret", 6) == 0;
	close(fd);
	return 0;
}

static int do_write(int dir, const char *name)
{
	return opened(openat(dir, name, O_WRONLY | O_TRUNC | O_CLOEXEC));
}

static int do_create(int dir, const char *name)
{
	return opened(openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int do_unlink(int dir, const char *name)
{
	return unlinkat(dir, name, 0);
}

static int do_mkdir(int dir, const char *name)
{
	return mkdirat(dir, name, 0700);
}

static int do_rename_to(int dir, const char *name)
{
	return renameat(AT_FDCWD, source, dir, name);
}

static int do_rename_from(int dir, const char *name)
{
	return renameat(dir, name, AT_FDCWD, kept);
}

static int do_link_to(int dir, const char *name)
{
	return linkat(AT_FDCWD, source, dir, name, 0);
}

static int do_link_from(int dir, const char *name)
{
	return linkat(dir, name, AT_FDCWD, kept, 0);
}

static int do_symlink(int dir, const char *name)
{
	return symlinkat("x", dir, name);
}

static int do_truncate(int dir, const char *name)
{
	(void)dir;
	return truncate(name, 0);
}

static const struct what {
	const char *name, *on;
	int (*act)(int dir, const char *name);
} whats[] = {
    {"read", "file", do_read},
    {"write", "file", do_write},
    {"create", "new", do_create},
    {"unlink", "victim", do_unlink},
    {"mkdir", "new", do_mkdir},
    {"rename-to", "new", do_rename_to},
    {"rename-from", "victim", do_rename_from},
    {"link-to", "new", do_link_to},
    {"link-from", "file", do_link_from},
    {"symlink", "new", do_symlink},
    {"truncate", "file", do_truncate},
};

/* All as it was, in whichever folder of the tree: nothing flipped is named, but for what somebody else swaps. */
static void tidy(void)
{
	static const char *const folders[] = {"", "sub/", "sub.link/"};
	char name[PATH_SIZE];
	int fd;

	if (access(kept, F_OK) == 0)
		unlink(kept);
	if (access(source, F_OK) < 0 && (fd = open(source, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) >= 0)
		close(fd);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct stat st;
		snprintf(name, sizeof name, "%s/%snew", tree, folders[i]);
		if (lstat(name, &st) == 0)
			unlinkat(AT_FDCWD, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
		snprintf(name, sizeof name, "%s/%svictim", tree, folders[i]);
		if (lstat(name, &st) < 0 && (fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) >= 0)
			close(fd);
	}
}

/* Has anything happened outside the tree? */
static int escaped(void)
{
	char name[PATH_SIZE];
	struct stat st;

	if (out_hidden)
		return read_secret || access(out, F_OK) == 0;
	join(name, out, "new");
	if (lstat(name, &st) == 0)
		return 1;
	join(name, out, "victim");
	if (lstat(name, &st) < 0)
		return 1;
	join(name, out, "file");
	return read_secret || stat(name, &st) < 0 || st.st_size != SECRET_SIZE || st.st_nlink != 1;
}

static const struct how *find_how(const char *name)
{
	for (size_t i = 0; i < sizeof hows / sizeof *hows; i++)
		if (strcmp(hows[i].name, name) == 0)
			return &hows[i];
	errno = EINVAL;
	die(name);
}

static const struct what *find_what(const char *name)
{
	for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
		if (strcmp(whats[i].name, name) == 0)
			return &whats[i];
	errno = EINVAL;
	die(name);
}

int race(const struct how *how, const struct what *what, long tries)
{
	long won = 0, done = 0, refused = 0, other = 0, n;
	int last_other = 0;
	pthread_t thread;

	tidy();
	if (how->flip && pthread_create(&thread, NULL, flipper, (void *)(uintptr_t)how) != 0)
		die("thread");
	/* More, if need be, until both sides have been met. */
	for (n = 0; !won && (n < tries || (n < tries + MORE && (!done || !refused))); n++) {
		const int result = what->act(how->dir, flipped), code = errno;
		if (result == 0)
			done++;
		else if (code == EACCES || code == EPERM || code == EXDEV || code == ELOOP || code == EROFS ||
			 (out_hidden && code == ENOENT))
			refused++;
		else {
			other++;
			last_other = code;
		}
		if (result == 0 || code == EEXIST || code == ENOENT) {
			won = escaped();
			if (what->act != do_read && what->act != do_write && what->act != do_truncate)
				tidy();
		}
	}
	over = 1;
	if (how->flip)
		pthread_join(thread, NULL);
	won |= escaped();
	printf("%s %s: %ld tries, %ld won, %ld done, %ld refused, %ld other", how->name, what->name, n, won, done, refused,
	       other);
	printf(last_other ? " (%s)\n" : "\n", strerrorname_np(last_other));
	return won != 0;
}

static int flip(const char *a, const char *b)
{
	for (;;)
		if (syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2 /* RENAME_EXCHANGE */) < 0 && errno != ENOENT)
			die("exchange");
}

static int watch(const char *dir)
{
	_Alignas(struct inotify_event) char events[4096];
	const int fd = inotify_init1(IN_CLOEXEC);
	ssize_t got;

	if (fd < 0 || inotify_add_watch(fd, dir, IN_ALL_EVENTS) < 0)
		die(dir);
	puts("watching");
	fflush(stdout);
	while ((got = read(fd, events, sizeof events)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct inotify_event *e = (const struct inotify_event *)(events + at);
			printf("%x %s\n", e->mask, e->len ? e->name : "");
			at += (ssize_t)(sizeof *e + e->len);
		}
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "flip") == 0)
		return flip(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "watch") == 0)
		return watch(argv[2]);
	if (argc != 7) {
		fputs("usage: racer run|control HOW WHAT TRIES TREE OUT | flip A B | watch DIR\n", stderr);
		return 2;
	}
	const struct how *how = find_how(argv[2]);
	const struct what *what = find_what(argv[3]);
	tree = argv[5];
	out = argv[6];
	join(source, tree, "source");
	join(kept, tree, "kept");
	out_hidden = access(out, F_OK) < 0;
	how->aim(what->on);
	setvbuf(stdout, NULL, _IOLBF, 0);
	return (strcmp(argv[1], "control") == 0 ? control : race)(how, what, strtol(argv[4], NULL, 10));
}

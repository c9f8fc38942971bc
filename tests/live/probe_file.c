/* What a process can do with files and descriptors. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "owned.h"
#include "probe.h"
#include "tries_abi.h"

#define DO(name) static int name(int argc __attribute__((unused)), char **argv)

static int show(int fd)
{
	char text[4096];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	if (n < 0)
		return probe_say(-1);
	probe_quote(text, (unsigned long)n);
	putchar('\n');
	return 0;
}

static int put(const char *path, int flags, const char *text)
{
	OWNED_FD int fd = open(path, flags | O_CLOEXEC, 0666);

	return probe_say(fd < 0 ? -1 : text ? write(fd, text, strlen(text)) : 0);
}

DO(do_cat)
{
	OWNED_FD int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	return show(fd);
}

DO(do_write)
{
	return put(argv[0], O_WRONLY, argv[1]);
}

DO(do_append)
{
	return put(argv[0], O_WRONLY | O_APPEND, argv[1]);
}

DO(do_open)
{
	static const struct {
		const char *word;
		int flags;
	} how[] = {{"r", O_RDONLY},
		   {"w", O_WRONLY},
		   {"rw", O_RDWR},
		   {"a", O_WRONLY | O_APPEND},
		   {"rt", O_RDONLY | O_TRUNC},
		   {"wt", O_WRONLY | O_TRUNC},
		   {"path", O_PATH},
		   {"wc", O_WRONLY | O_TRUNC | O_CREAT}};

	for (size_t i = 0; i < sizeof how / sizeof *how; i++)
		if (strcmp(how[i].word, argv[1]) == 0)
			return put(argv[0], how[i].flags, NULL);
	fprintf(stderr, "probe: there is no way to open called '%s'\n", argv[1]);
	return 2;
}

DO(do_trunc)
{
	return probe_say(truncate(argv[0], 0));
}

DO(do_create)
{
	return put(argv[0], O_WRONLY | O_CREAT | O_EXCL, NULL);
}

DO(do_rm)
{
	return probe_say(unlink(argv[0]));
}

DO(do_mkdir)
{
	return probe_say(mkdir(argv[0], 0777));
}

DO(do_rmdir)
{
	return probe_say(rmdir(argv[0]));
}

DO(do_mv)
{
	return probe_say(rename(argv[0], argv[1]));
}

DO(do_ln)
{
	return probe_say(link(argv[0], argv[1]));
}

DO(do_symlink)
{
	return probe_say(symlink(argv[0], argv[1]));
}

DO(do_chmod)
{
	return probe_say(chmod(argv[0], 0640));
}

DO(do_touch)
{
	return probe_say(utimensat(AT_FDCWD, argv[0], NULL, 0));
}

DO(do_stat)
{
	struct stat st;

	if (stat(argv[0], &st) < 0)
		return probe_say(-1);
	printf("mode=%o size=%lld uid=%u gid=%u\n", st.st_mode, (long long)st.st_size, st.st_uid, st.st_gid);
	return 0;
}

DO(do_chdir)
{
	return probe_say(chdir(argv[0]));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

DO(do_ls)
{
	char *names[1024];
	size_t n = 0;
	DIR *dir = opendir(argv[0]);

	if (!dir)
		return probe_say(-1);
	for (const struct dirent *e = readdir(dir); e && n < 1024; e = readdir(dir))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && (names[n] = strdup(e->d_name)))
			n++;
	closedir(dir);
	qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++) {
		if (i)
			putchar(' ');
		probe_quote(names[i], strlen(names[i]));
		free(names[i]);
	}
	putchar('\n');
	return 0;
}

DO(do_mmapw)
{
	OWNED_FD int fd = open(argv[0], O_RDWR | O_CLOEXEC);
	char *p = fd < 0 ? MAP_FAILED : mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return probe_say(-1);
	*p = 'M';
	return probe_say(munmap(p, 1));
}

/* A device's command on a file that is opened here, and whether the filter or Landlock lets it through. */
DO(do_ioctl)
{
	char room[256] = {0};
	OWNED_FD int fd = open(argv[0], O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return probe_say(fd < 0 ? -1 : syscall(SYS_ioctl, fd, probe_number(argv[1]), room));
}

/* Descriptors that were handed over. */
DO(do_fdread)
{
	return show((int)probe_number(argv[0]));
}

DO(do_fdwrite)
{
	return probe_say(write((int)probe_number(argv[0]), argv[1], strlen(argv[1])));
}

DO(do_fdtrunc)
{
	return probe_say(ftruncate((int)probe_number(argv[0]), 0));
}

DO(do_fdpwrite)
{
	return probe_say(pwrite((int)probe_number(argv[0]), argv[1], strlen(argv[1]), 0));
}

/* At the start of a file that is open for appending. */
DO(do_fdnoappend)
{
	struct iovec part = {argv[1], strlen(argv[1])};

	return probe_say(syscall(SYS_pwritev2, (int)probe_number(argv[0]), &part, 1L, 0L, 0L, 0x20 /* RWF_NOAPPEND */));
}

DO(do_fdplain)
{
	int fd = (int)probe_number(argv[0]), flags = fcntl(fd, F_GETFL);

	return probe_say(flags < 0 ? -1 : fcntl(fd, F_SETFL, flags & ~O_APPEND));
}

DO(do_fdchmod)
{
	return probe_say(fchmod((int)probe_number(argv[0]), 0640));
}

DO(do_fdopen)
{
	OWNED_FD int fd = openat((int)probe_number(argv[0]), argv[1], O_RDONLY | O_CLOEXEC);

	return show(fd);
}

DO(do_fdreopen)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%ld", probe_number(argv[0]));
	return put(path, O_RDWR, NULL);
}

const struct command probe_file_commands[] = {
    {"cat", "FILE", 1, 1, do_cat},
    {"write", "FILE TEXT", 2, 2, do_write},
    {"append", "FILE TEXT", 2, 2, do_append},
    {"open", "FILE r|w|rw|a|rt|wt|wc|path", 2, 2, do_open},
    {"trunc", "FILE", 1, 1, do_trunc},
    {"create", "FILE", 1, 1, do_create},
    {"rm", "FILE", 1, 1, do_rm},
    {"mkdir", "DIR", 1, 1, do_mkdir},
    {"rmdir", "DIR", 1, 1, do_rmdir},
    {"mv", "FROM TO", 2, 2, do_mv},
    {"ln", "FROM TO", 2, 2, do_ln},
    {"symlink", "TEXT LINK", 2, 2, do_symlink},
    {"chmod", "FILE", 1, 1, do_chmod},
    {"touch", "FILE", 1, 1, do_touch},
    {"stat", "FILE", 1, 1, do_stat},
    {"chdir", "DIR", 1, 1, do_chdir},
    {"ls", "DIR", 1, 1, do_ls},
    {"mmapw", "FILE", 1, 1, do_mmapw},
    {"ioctl", "FILE COMMAND", 2, 2, do_ioctl},
    {"fdread", "FD", 1, 1, do_fdread},
    {"fdwrite", "FD TEXT", 2, 2, do_fdwrite},
    {"fdtrunc", "FD", 1, 1, do_fdtrunc},
    {"fdpwrite", "FD TEXT", 2, 2, do_fdpwrite},
    {"fdnoappend", "FD TEXT   (pwritev2 with RWF_NOAPPEND)", 2, 2, do_fdnoappend},
    {"fdplain", "FD   (clear O_APPEND)", 1, 1, do_fdplain},
    {"fdchmod", "FD", 1, 1, do_fdchmod},
    {"fdopen", "DIRFD NAME", 2, 2, do_fdopen},
    {"fdreopen", "FD", 1, 1, do_fdreopen},
    {0},
};

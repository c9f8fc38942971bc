#include "picker.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "owned.h"
#include "plain.h"
#include "terminal.h"

#define PAGE 20
#define LIST_MAX 5000
#define SHOWN 256

struct entry {
	char *name; /* owned */
	int is_dir;
};

struct list {
	struct entry *entries; /* owned */
	size_t count;
	int more; /* than LIST_MAX */
};

static void free_list(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->entries[i].name);
	free(l->entries);
	*l = (struct list){0};
}

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->is_dir != y->is_dir ? y->is_dir - x->is_dir : strcmp(x->name, y->name);
}

static int is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int add_entry(struct list *l, const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (l->count == LIST_MAX) {
		l->more = 1;
		return 0;
	}
	if (l->count % 64 == 0) {
		struct entry *more = realloc(l->entries, (l->count + 64) * sizeof *more);
		if (!more)
			return -ENOMEM;
		l->entries = more;
	}
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return 0;
	char *copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	l->entries[l->count++] = (struct entry){.name = copy, .is_dir = is_folder(path)};
	return 0;
}

static int read_folder(const char *folder, struct list *l)
{
	const struct dirent *e;
	DIR *d = opendir(folder);
	int rc = 0;

	*l = (struct list){0};
	if (!d)
		return -errno;
	while (rc == 0 && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = add_entry(l, folder, e->d_name);
	closedir(d);
	if (l->count > 0)
		qsort(l->entries, l->count, sizeof *l->entries, by_name);
	return rc;
}

static void show_page(const struct list *l, const char *folder, size_t from, enum picker_wants wants)
{
	char shown[SHOWN];

	terminal_say("\n  %s:\n", plain_text(shown, sizeof shown, folder, strlen(folder)));
	for (size_t i = from; i < l->count && i < from + PAGE; i++)
		terminal_say("  %4zu  %s%s\n", i + 1,
			     plain_text(shown, sizeof shown, l->entries[i].name, strlen(l->entries[i].name)),
			     l->entries[i].is_dir ? "/" : "");
	if (l->count == 0)
		terminal_say("        (nothing)\n");
	terminal_say("  a number, a path, .. for the folder above%s%s; Enter: none of these\n  > ",
		     from + PAGE < l->count ? ", + for more" : "", wants == PICKER_FILE ? "" : ", . for this folder");
}

/* PATH, seen from FOLDER, in TO: without "." and "..", and without following a link to take ".." back. */
static int join(const char *folder, const char *path, char to[PATH_MAX])
{
	char whole[2 * PATH_MAX];
	size_t len = 0;

	if (snprintf(whole, sizeof whole, "%s/%s", *path == '/' ? "" : folder, path) >= (int)sizeof whole)
		return -ENAMETOOLONG;
	to[0] = '\0';
	for (const char *p = whole; *p;) {
		p += strspn(p, "/");
		const size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.') {
			while (len > 0 && to[len - 1] != '/')
				len--;
			len -= len > 0;
		} else if (n > 0 && !(n == 1 && *p == '.')) {
			if (len + 1 + n >= PATH_MAX)
				return -ENAMETOOLONG;
			to[len++] = '/';
			memcpy(to + len, p, n);
			len += n;
		}
		to[len] = '\0';
		p += n;
	}
	if (len == 0)
		strcpy(to, "/");
	return 0;
}

/* What the person has typed, as a path in TO: 1; 0: it names nothing here. */
static int understand(const struct list *l, const char *folder, const char *typed, char to[PATH_MAX])
{
	char *end;
	const unsigned long number = strtoul(typed, &end, 10);

	if (*typed >= '0' && *typed <= '9' && !*end)
		return number >= 1 && number <= l->count && join(folder, l->entries[number - 1].name, to) == 0;
	if (typed[0] == '~' && (typed[1] == '/' || !typed[1]) && getenv("HOME"))
		return join(getenv("HOME"), typed[1] ? typed + 2 : ".", to) == 0;
	return join(folder, typed, to) == 0;
}

/* 1: it is what is wanted. 0: go on, in FOLDER. */
static int judge(const char *path, const char *typed, enum picker_wants wants, char folder[PATH_MAX])
{
	struct stat st;

	if (strchr(path, '\n')) {
		terminal_say("  a name with a line's end in it can't be picked\n");
		return 0;
	}
	if (stat(path, &st) < 0) {
		terminal_say("  that is not there\n");
		return 0;
	}
	if (!S_ISDIR(st.st_mode) && wants == PICKER_TREE)
		terminal_say("  a folder is asked for\n");
	if (!S_ISDIR(st.st_mode))
		return wants != PICKER_TREE;
	if (wants != PICKER_FILE && strcmp(typed, ".") == 0)
		return 1;
	strcpy(folder, path);
	return 0;
}

static void begin_in(const char *from, char folder[PATH_MAX])
{
	if (*from != '/' || join("/", from, folder) < 0)
		strcpy(folder, "/");
	while (strcmp(folder, "/") != 0 && !is_folder(folder))
		join(folder, "..", folder);
}

int picker_pick(const char *from, enum picker_wants wants, char to[PATH_MAX])
{
	char folder[PATH_MAX], shown[PATH_MAX] = "", typed[PATH_MAX];
	struct list l = {0};
	size_t at = 0;
	int rc;

	begin_in(from, folder);
	for (;;) {
		if (strcmp(shown, folder) != 0) {
			free_list(&l);
			if (read_folder(folder, &l) < 0)
				terminal_say("  this folder can't be read\n");
			strcpy(shown, folder);
			at = 0;
		}
		show_page(&l, folder, at, wants);
		const int len = terminal_read(typed, sizeof typed);
		rc = len < 0 ? -1 : 0;
		if (len <= 0)
			break;
		if (strcmp(typed, "+") == 0) {
			at = at + PAGE < l.count ? at + PAGE : 0;
			continue;
		}
		if (!understand(&l, folder, typed, to)) {
			terminal_say("  that names nothing here\n");
			continue;
		}
		rc = judge(to, typed, wants, folder);
		if (rc == 1)
			break;
	}
	free_list(&l);
	return rc;
}

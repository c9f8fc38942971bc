#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "held.h"
#include "peers.h"

#define WRITING (RIGHT_WRITE | RIGHT_CREATE)

/* What lies there, and how bad it is that it can be read, or written. Paths are absolute; a name behind a tilde is in the home.
 */
static const struct {
	const char *path;
	int read, write;
	const char *what;
} known[] = {
    {"/", 90, 100, "every file there is"},
    {"~", 80, 95, "all of the home folder, with its keys and its settings"},
    {"/home", 85, 95, "everybody's home folders"},
    {"/root", 80, 95, "root's home folder"},
    {"~/.ssh", 85, 95, "SSH keys"},
    {"~/.gnupg", 80, 90, "GnuPG keys"},
    {"~/.config", 60, 80, "the settings of other programs"},
    {"~/.netrc", 75, 75, "passwords for servers"},
    {"~/.bashrc", 30, 95, "what every shell runs when it starts"},
    {"~/.profile", 30, 95, "what every login runs"},
    {"/etc/shadow", 85, 100, "everybody's password hashes"},
    {"/etc/ssh", 70, 95, "the machine's SSH keys and settings"},
    {"/etc/ssl/private", 80, 90, "the machine's private keys"},
    {"/etc/cron.d", 20, 100, "what root runs by the clock"},
    {"/etc/systemd", 20, 100, "what the system starts"},
    {"/etc", 55, 100, "the machine's settings"},
    {"/usr", 10, 100, "the installed programs"},
    {"/usr/bin", 10, 100, "the installed programs"},
    {"/usr/lib", 5, 100, "the installed libraries"},
    {"/lib", 5, 100, "the installed libraries"},
    {"/boot", 20, 100, "the kernel that starts next"},
    {"/var", 50, 80, "what programs have kept, and mail"},
    {"/var/log", 50, 60, "the logs"},
    {"/proc", 60, 60, "other processes' memory maps, arguments and environments"},
    {"/sys", 30, 70, "the kernel's own settings and devices"},
    {"/dev", 60, 90, "devices, among them disks and terminals"},
    {"/dev/mem", 100, 100, "the machine's memory"},
    {"/run", 50, 80, "the sockets and states of services"},
    {"/var/run/docker.sock", 95, 95, "the container engine, which can do all that root can"},
    {"/run/docker.sock", 95, 95, "the container engine, which can do all that root can"},
    {"/tmp", 40, 45, "everybody's temporary files"},
    {"/srv", 45, 60, "what the machine serves"},
    {"/opt", 20, 80, "programs installed by hand"},
};

#define KNOWN (sizeof known / sizeof *known)

/* PATH as KNOWN writes it. BUF holds it where it lies in the home. */
static const char *in_home(const struct model *model, const char *path, char buf[WORLD_PATH])
{
	const char *home = model->world->variable(model->world->arg, "HOME");
	const size_t len = home ? strlen(home) : 0;

	if (len < 2 || strncmp(path, home, len) != 0 || (path[len] && path[len] != '/') || strlen(path) - len + 2 > WORLD_PATH)
		return path;
	buf[0] = '~';
	strcpy(buf + 1, path + len);
	return buf;
}

static int lies_in(const char *path, const char *dir)
{
	const size_t n = strlen(dir);

	return strcmp(dir, "/") == 0 || (strncmp(path, dir, n) == 0 && (path[n] == '/' || !path[n]));
}

/* How bad it is to reach PATH, a tree if IS_DIR. *WHAT: why, or NULL; *WITHIN: it is only a part of PATH. */
static int danger_of(const char *path, int is_dir, int writes, const char **what, int *within)
{
	int worst = -1, worst_at = -1, nearest = 0;
	size_t longest = 0;

	*what = NULL;
	for (size_t i = 0; i < KNOWN; i++) {
		const int danger = writes ? known[i].write : known[i].read;
		if (strcmp(path, known[i].path) == 0) {
			*what = known[i].what;
			worst = danger > worst ? danger : worst;
		} else if (is_dir && lies_in(known[i].path, path)) {
			worst_at = danger > worst ? (int)i : worst_at;
			worst = danger > worst ? danger : worst;
		} else if (lies_in(path, known[i].path) && strlen(known[i].path) > longest) {
			longest = strlen(known[i].path);
			nearest = danger;
		}
	}
	*within = !*what;
	if (worst >= 0) {
		*what = *what ? *what : known[worst_at].what;
		return worst;
	}
	/* A part of something known is less than all of it, and one file less than a folder. */
	return (longest > 1 ? nearest : 30) * (is_dir ? 2 : 1) / 3;
}

static const char *plain_rights(const struct model *model, const struct entry *e)
{
	static const char *const file[] = {"read", "write to", "append to", "change", "execute", "send any ioctl to"};
	static const char *const tree[] = {"read",
					   "write to files in",
					   "append to files in",
					   "make, remove and rename files in",
					   "execute files in",
					   "send any ioctl to devices in"};
	const char *const *words = e->spot.type == TYPE_DIR ? tree : file, *text = "";
	uint32_t rights = e->rights, left = 0;

	if (rights & RIGHT_EXEC) /* which reads as well */
		rights &= ~(uint32_t)(e->spot.type == TYPE_DIR ? 0 : RIGHT_READ);
	for (uint32_t i = 0; i < 6; i++)
		left += rights >> i & 1;
	if ((rights & (RIGHT_READ | WRITING)) == (RIGHT_READ | WRITING) && left == 3)
		return "do as it likes in";
	for (uint32_t i = 0; i < 6 && text; i++) {
		if (!(rights >> i & 1))
			continue;
		left--;
		text = arena_say(model->arena, "%s%s%s", text, !*text ? "" : left ? ", " : " and ", words[i]);
	}
	return text;
}

static int is_harmless_device(const struct entry *e, const char *path)
{
	static const char *const names[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random"};

	for (size_t i = 0; i < sizeof names / sizeof *names && e->spot.type == TYPE_DEVICE; i++)
		if (strcmp(path, names[i]) == 0)
			return 1;
	return 0;
}

struct judged {
	int danger;
	const char *what; /* why; NULL: nothing special */
	int within;       /* that is only a part of it */
};

static struct judged judge(const struct model *model, const struct entry *e)
{
	const char *read_what, *write_what = NULL, *path = e->spot.rc == 0 ? e->spot.path : e->object;
	const int is_dir = e->spot.type == TYPE_DIR;
	char buf[WORLD_PATH];
	const char *known_as = in_home(model, path, buf);
	int read_within = 0, write_within = 0, writes = -1;
	const int reads = danger_of(known_as, is_dir, 0, &read_what, &read_within);

	if (e->rights & (WRITING | RIGHT_APPEND | RIGHT_IOCTL))
		writes = danger_of(known_as, is_dir, 1, &write_what, &write_within);
	struct judged j =
	    writes > reads ? (struct judged){writes, write_what, write_within} : (struct judged){reads, read_what, read_within};

	if (is_harmless_device(e, path))
		j = (struct judged){1, NULL, 0};
	if (e->rights & RIGHT_EXEC && j.danger < 12)
		j.danger = 12;
	if (e->spot.rc < 0)
		j.danger /= 2;
	return j;
}

/* The folder that E's file lies in: the length of its path, or 0 where E is to be told by itself. */
static size_t common_folder(const struct model *model, const struct entry *e)
{
	const char *slash = strrchr(e->object, '/');

	if (e->kind != KIND_PATH || !slash || e->spot.type == TYPE_DIR || *e->leaves)
		return 0;
	const struct judged j = judge(model, e);
	return j.what || j.danger >= 30 ? 0 : (size_t)(slash - e->object);
}

static int is_alike(const struct entry *a, const struct entry *b, size_t folder)
{
	return a->rights == b->rights && a->spot.rc == b->spot.rc && strncmp(a->object, b->object, folder) == 0;
}

#define MANY 4

/* How many entries are like that AT, if it is the first of them; 1 where it is told by itself; 0 where it was told already.
 * FOLDERS: of each entry, its common_folder(). */
static uint32_t count_alike(const struct model *model, uint32_t at, const size_t *folders)
{
	uint32_t count = 0, before = 0;

	if (folders[at] == 0)
		return 1;
	for (uint32_t i = 0; i < model->count; i++)
		if (folders[i] == folders[at] && is_alike(&model->entries[at], &model->entries[i], folders[at])) {
			count++;
			before += i < at;
		}
	return count < MANY ? 1 : before ? 0 : count;
}

static int explain_path(const struct model *model, uint32_t at, const size_t *folders, struct sentences *s)
{
	const struct entry *e = &model->entries[at];
	const uint32_t count = count_alike(model, at, folders);
	const int is_dir = e->spot.type == TYPE_DIR;
	const char *later = e->spot.rc == 0        ? ""
			    : e->spot.rc == -ELOOP ? ", where no link is on the way"
			    : count > 1            ? ", once they exist"
						   : ", once that exists";
	const struct judged j = judge(model, e);

	if (count == 0)
		return 0;
	if (count > 1)
		return explain_add(s, model, j.danger, e,
				   arena_say(model->arena, "It may %s %u files in %.*s%s.", plain_rights(model, e), count,
					     (int)folders[at], e->object, later));
	return explain_add(s, model, j.danger, e,
			   arena_say(model->arena, "It may %s %s%s%s%s%s%s%s.", plain_rights(model, e), e->object,
				     is_dir ? " and all beneath it" : "", e->leaves,
				     !j.what    ? ""
				     : j.within ? " (with "
						: " (",
				     j.what ? j.what : "", j.what ? ")" : "", later));
}

static int explain_descriptor(const struct model *model, const struct entry *e, struct sentences *s)
{
	const char *words = bits_text(model->arena, e->rights, image_right_name, " and ");

	if (e->flags & GRANT_KEEP)
		return explain_add(
		    s, model, 40, e,
		    arena_say(model->arena, "It gets whatever the caller has open as descriptor %ju.", (uintmax_t)e->number));
	return explain_add(s, model, 15, e,
			   arena_say(model->arena, "It gets %s open as descriptor %ju, to %s; it can't open it again%s.",
				     e->object, (uintmax_t)e->number, words, e->spot.rc < 0 ? " (nothing is there now)" : ""));
}

/* A tree in which it may put programs and run them. */
static int explain_both(const struct model *model, struct sentences *s)
{
	int rc = 0;

	for (uint32_t i = 0; i < model->count && rc == 0; i++) {
		const struct entry *e = &model->entries[i];
		struct effect effect;
		if ((e->kind != KIND_PATH && e->kind != KIND_PRIVATE) || e->spot.rc < 0 || !(e->rights & WRITING))
			continue;
		struct spot spot;
		rc = model_walk(model, e->spot.path, FOLLOW_ALL, &spot);
		if (rc < 0)
			break;
		model_effect(model, &spot, &effect);
		if (effect.acts & ACT_EXEC && effect.acts & ACT_WRITE)
			rc = explain_add(s, model, 60, e,
					 arena_say(model->arena, "What it writes to %s it may execute.", e->object));
	}
	return rc;
}

int explain_files(const struct model *model, struct sentences *s)
{
	size_t *folders = arena_alloc(model->arena, (model->count + 1) * sizeof *folders);
	int rc = folders ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < model->count && rc == 0; i++)
		folders[i] = common_folder(model, &model->entries[i]);
	for (uint32_t i = 0; i < model->count && rc == 0; i++) {
		const struct entry *e = &model->entries[i];
		if (e->kind == KIND_PATH)
			rc = explain_path(model, i, folders, s);
		else if (e->kind == KIND_DESCRIPTOR)
			rc = explain_descriptor(model, e, s);
		else if (e->kind == KIND_HELD)
			rc = held_explain(model, e, judge(model, e).danger, s);
		else if (e->kind == KIND_PEER || e->kind == KIND_ASK)
			rc = peers_explain(model, e, e->kind == KIND_ASK ? judge(model, e).danger : 0, s);
	}
	return rc == 0 ? explain_both(model, s) : rc;
}

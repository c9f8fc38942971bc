#include "setting.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "image.h"

int path_is_in(const char *path, const char *dir)
{
	const size_t n = strlen(dir);

	if (n == 1 && *dir == '/')
		return 1;
	return n > 0 && strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

static const struct setting_root *root_of(const struct setting *s, const char *path)
{
	const struct setting_root *best = NULL;

	for (size_t i = 0; i < s->root_count; i++) {
		const struct setting_root *r = &s->roots[i];
		if (path_is_in(path, r->dir) && (!best || strlen(r->dir) > strlen(best->dir)))
			best = r;
	}
	return best;
}

/* Which bytes would end a bare word, or be taken for something else in it. */
static int is_plain(const char *path)
{
	for (; *path; path++)
		if (strchr("\\\"'*?[#$~ \t", *path) || (unsigned char)*path <= ' ' || (unsigned char)*path >= 0x7f)
			return 0;
	return 1;
}

static int quote(const char *root, const char *rest, char to[SPELLED])
{
	size_t n = (size_t)snprintf(to, SPELLED, "\"%s",
				    strcmp(root, "~") == 0   ? "$HOME"
				    : strcmp(root, ".") == 0 ? "$PWD"
							     : root);

	for (const unsigned char *p = (const unsigned char *)rest; *p; p++) {
		if (n + 8 > SPELLED)
			return -ENAMETOOLONG;
		if (*p < ' ' || *p >= 0x7f)
			n += (size_t)snprintf(to + n, SPELLED - n, "\\x%02X", *p);
		else if (strchr("\\\"$", *p))
			n += (size_t)snprintf(to + n, SPELLED - n, "\\%c", *p);
		else
			to[n++] = (char)*p;
	}
	to[n++] = '"';
	to[n] = '\0';
	return (int)n;
}

int setting_spell(const struct setting *s, const char *path, char to[SPELLED])
{
	const struct setting_root *r = root_of(s, path);
	const char *root = r ? r->name : "", *rest = r ? path + strlen(r->dir) : path;

	if (r && strcmp(r->dir, "/") == 0)
		return -EINVAL;
	if (!is_plain(rest))
		return quote(root, rest, to);
	int n = snprintf(to, SPELLED, "%s%s", root, rest);
	return n < SPELLED ? n : -ENAMETOOLONG;
}

int setting_part(const char *path, char to[SPELLED])
{
	/* Beside its name a part may be a word of the language. */
	if (!is_plain(path) || !strpbrk(path, "./"))
		return quote("", path, to);
	const int n = snprintf(to, SPELLED, "%s", path);
	return n < SPELLED ? n : -ENAMETOOLONG;
}

/* Beneath the home, with the start "~/"; else absolute. A name that ends in a slash stands for all beneath it. */
static const struct place {
	const char *path, *what;
} secrets[] = {
    {"~/.ssh", "SSH keys"},
    {"~/.gnupg", "GnuPG keys"},
    {"~/.aws", "credentials of AWS"},
    {"~/.azure", "credentials of Azure"},
    {"~/.config/gcloud", "credentials of Google Cloud"},
    {"~/.kube", "credentials of Kubernetes"},
    {"~/.docker", "credentials of Docker"},
    {"~/.config/containers", "credentials of registries"},
    {"~/.netrc", "passwords"},
    {"~/.git-credentials", "passwords"},
    {"~/.config/git/credentials", "passwords"},
    {"~/.config/gh", "credentials of GitHub"},
    {"~/.npmrc", "credentials of npm"},
    {"~/.pypirc", "credentials of PyPI"},
    {"~/.cargo/credentials", "credentials of crates.io"},
    {"~/.cargo/credentials.toml", "credentials of crates.io"},
    {"~/.gem/credentials", "credentials of RubyGems"},
    {"~/.m2/settings.xml", "credentials of Maven"},
    {"~/.pgpass", "passwords"},
    {"~/.my.cnf", "passwords"},
    {"~/.password-store", "passwords"},
    {"~/.local/share/keyrings", "passwords"},
    {"~/.local/share/kwalletd", "passwords"},
    {"~/.mozilla", "a browser's passwords and sessions"},
    {"~/.thunderbird", "mail and passwords"},
    {"~/.config/google-chrome", "a browser's passwords and sessions"},
    {"~/.config/chromium", "a browser's passwords and sessions"},
    {"~/.config/BraveSoftware", "a browser's passwords and sessions"},
    {"~/.config/op", "passwords"},
    {"~/.config/Bitwarden", "passwords"},
    {"~/.config/hub", "credentials of GitHub"},
    {"~/.terraform.d/credentials.tfrc.json", "credentials of Terraform"},
    {"~/.vault-token", "a token of Vault"},
    {"~/.Xauthority", "the key to the display"},
    {"~/.ICEauthority", "the key to the session"},
    {"~/.bash_history", "what was typed"},
    {"~/.zsh_history", "what was typed"},
    {"~/.python_history", "what was typed"},
    {"/etc/shadow", "password hashes"},
    {"/etc/shadow-", "password hashes"},
    {"/etc/gshadow", "password hashes"},
    {"/etc/gshadow-", "password hashes"},
    {"/etc/sudoers", "who may become root"},
    {"/etc/sudoers.d", "who may become root"},
    {"/etc/ssl/private", "private keys"},
    {"/etc/pki/tls/private", "private keys"},
    {"/etc/krb5.keytab", "keys of Kerberos"},
    {"/etc/NetworkManager/system-connections", "passwords of networks"},
    {"/etc/wireguard", "keys of WireGuard"},
    {"/run/secrets", "secrets of containers"},
    {"/dev/mem", "the machine's memory"},
    {"/dev/kmem", "the machine's memory"},
    {"/proc/kcore", "the machine's memory"},
};

/* Names that are a secret's wherever they lie. */
static const struct place secret_names[] = {
    {"id_rsa", "an SSH key"},      {"id_dsa", "an SSH key"},         {"id_ecdsa", "an SSH key"}, {"id_ed25519", "an SSH key"},
    {"id_ecdsa_sk", "an SSH key"}, {"id_ed25519_sk", "an SSH key"},  {".env", "credentials"},    {"credentials", "credentials"},
    {".netrc", "passwords"},       {".htpasswd", "password hashes"},
};
static const struct place secret_endings[] = {
    {".key", "a private key"}, {".kdbx", "passwords"},        {".p12", "a private key"},       {".pfx", "a private key"},
    {".jks", "private keys"},  {".keystore", "private keys"}, {".keytab", "keys of Kerberos"},
};

/* PLACE in full, or NULL where it lies in a home and there is none. */
static const char *in_full(const struct setting *s, const char *place, char to[SPELLED])
{
	if (*place != '~')
		return place;
	if (!*s->home)
		return NULL;
	snprintf(to, SPELLED, "%s%s", s->home, place + 1);
	return to;
}

const char *setting_secret(const struct setting *s, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const size_t len = strlen(name);
	char room[SPELLED];

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		const char *full = in_full(s, secrets[i].path, room);
		if (full && path_is_in(path, full))
			return secrets[i].what;
	}
	for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++)
		if (strcmp(name, secret_names[i].path) == 0)
			return secret_names[i].what;
	for (size_t i = 0; i < sizeof secret_endings / sizeof *secret_endings; i++) {
		const size_t end = strlen(secret_endings[i].path);
		if (len > end && strcmp(name + len - end, secret_endings[i].path) == 0)
			return secret_endings[i].what;
	}
	if (strncmp(name, "ssh_host_", 9) == 0 && len > 13 && strcmp(name + len - 4, "_key") == 0)
		return "a key of this host";
	return NULL;
}

static size_t depth_of(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/' && path[1] != '\0';
	return n;
}

static int is_one_of(const char *path, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(path, *list) == 0)
			return 1;
	return 0;
}

/* A folder that has a secret place beneath it. */
static const char *covers_secret(const struct setting *s, const char *path)
{
	char room[SPELLED];

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		const char *full = in_full(s, secrets[i].path, room);
		if (full && path_is_in(full, path))
			return secrets[i].what;
	}
	return NULL;
}

/* Whoever writes there does what he likes as the user, or as all of them. */
static const char *takes_over(const struct setting *s, const char *path)
{
	static const char *const start_up[] = {
	    ".bashrc",     ".bash_profile", ".profile",     ".bash_login",       ".bash_logout",    ".zshrc",     ".zprofile",
	    ".zshenv",     ".xprofile",     ".xsession",    ".config/autostart", ".config/systemd", ".local/bin", ".gitconfig",
	    ".config/git", ".vimrc",        ".config/fish", ".pam_environment",  ".forward",        NULL};
	static const char *const system[] = {"/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot", "/etc", "/sys", "/opt", NULL};

	for (size_t i = 0; i < s->guarded_count; i++)
		if (*s->guarded[i] && (path_is_in(path, s->guarded[i]) || path_is_in(s->guarded[i], path)))
			return "policies, or endow itself, lie there: endow refuses to grant it";
	for (const char *const *p = start_up; *p && *s->home; p++) {
		char room[SPELLED];
		snprintf(room, sizeof room, "%s/%s", s->home, *p);
		if (path_is_in(path, room) || path_is_in(room, path))
			return "what is written there is run later, unconfined";
	}
	for (const char *const *p = system; *p; p++)
		if (path_is_in(path, *p) && !path_is_in(s->cwd, *p))
			return "a part of the system, for all its users";
	return NULL;
}

const char *setting_broad(const struct setting *s, const char *path, uint32_t rights)
{
	static const char *const of_the_system[] = {"/bin",   "/boot", "/dev", "/etc",  "/home", "/lib", "/lib64",
						    "/media", "/mnt",  "/opt", "/proc", "/root", "/run", "/sbin",
						    "/srv",   "/sys",  "/tmp", "/usr",  "/var",  NULL};
	const char *what = NULL;

	if (strcmp(path, "/") == 0)
		return "that is everything";
	if (*s->home && path_is_in(s->home, path))
		return strcmp(path, s->home) == 0 ? "that is the whole home" : "that is every home";
	if (strcmp(path, "/proc/self") != 0 && path_is_in(path, "/proc") && depth_of(path) > 1 && path[6] >= '0' &&
	    path[6] <= '9')
		return "another process's, under a number that is not the same twice";
	if (depth_of(path) == 1 && (is_one_of(path, of_the_system) || strcmp(path, s->cwd) != 0))
		what = "that is a whole part of the system";
	if (!what)
		what = covers_secret(s, path);
	if (!what && rights & (RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE))
		what = takes_over(s, path);
	return what;
}

int setting_may_fold(const struct setting *s, const char *dir)
{
	static const char *const never[] = {
	    "/usr/bin",       "/usr/sbin",        "/usr/lib",  "/usr/share", "/usr/local",   "/usr/include", "/usr/local/bin",
	    "/usr/local/lib", "/usr/local/share", "/var/lib",  "/var/cache", "/var/log",     "/var/spool",   "/var/tmp",
	    "/run/user",      "/proc/self",       "/proc/sys", "/sys/class", "/sys/devices", "/dev/shm",     NULL};
	static const char *const of_home[] = {".config", ".local", ".local/share", ".local/state", ".cache", NULL};

	if (depth_of(dir) < 2 || is_one_of(dir, never) || setting_broad(s, dir, 0) || setting_secret(s, dir) ||
	    path_is_in(dir, "/proc") || path_is_in(dir, "/dev") || (*s->tmpdir && strcmp(dir, s->tmpdir) == 0))
		return 0;
	for (const char *const *p = of_home; *p && *s->home; p++) {
		char room[SPELLED];
		snprintf(room, sizeof room, "%s/%s", s->home, *p);
		if (strcmp(dir, room) == 0)
			return 0;
	}
	return 1;
}

const char *setting_unstable(const char *path)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/devices/system/cpu", "/sys/devices/system/node", NULL};

	for (const char *const *p = places; *p; p++)
		if (path_is_in(path, *p))
			return *p;
	return NULL;
}

const char *setting_habit(const char *path)
{
	static const struct place habits[] = {
	    {"/proc/filesystems", "asked by libselinux at its start; programs do without"},
	    {"/proc/self/mountinfo", "programs do without; in a sandbox with a parent it can't be granted"},
	    {"/proc/self/mounts", "programs do without; in a sandbox with a parent it can't be granted"},
	    {"/proc/self", "of the first process alone, and not in a sandbox with a parent; most programs do without"},
	    {"/dev/tty", "the terminal by its name: granted only where the program is to speak to whoever types"},
	};

	for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
		if (path_is_in(path, habits[i].path))
			return habits[i].what;
	if (strncmp(path, "/tmp/hsperfdata_", 16) == 0)
		return "Java's counters for other programs to look at; it does without";
	return NULL;
}

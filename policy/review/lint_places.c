#include "lint_places.h"

#include <string.h>

#include "image.h"

/* What the launcher takes where the variable is not set. */
static const char *const root_spelling[ROOT_COUNT] = {
    [ROOT_HOME] = PLACE_HOME,
    [ROOT_PWD] = ".",
    [ROOT_XDG_CONFIG_HOME] = PLACE_HOME "/.config",
    [ROOT_XDG_CACHE_HOME] = PLACE_HOME "/.cache",
    [ROOT_XDG_DATA_HOME] = PLACE_HOME "/.local/share",
    [ROOT_XDG_STATE_HOME] = PLACE_HOME "/.local/state",
    [ROOT_XDG_RUNTIME_DIR] = "/run/user/*",
    [ROOT_TMPDIR] = "/tmp",
    [ROOT_CREDENTIALS_DIRECTORY] = "/run/credentials/*",
};

/* Other names of the same places. A component that is anybody's stands as '*' on both sides. */
static const struct {
	const char *from, *to;
} spellings[] = {
    {"/root", PLACE_HOME},      {"/home/*", PLACE_HOME}, {"/var/run/user/*", "/run/user/*"},
    {"/var/run", "/run"},       {"/bin", "/usr/bin"},    {"/run/user/*", "/run/user/*"},
    {"/sbin", "/usr/sbin"},     {"/lib", "/usr/lib"},    {"/lib64", "/usr/lib64"},
    {"/var/lock", "/run/lock"},
};

/* The bytes of PATH that the spelling FROM stands for; 0: it does not start so. */
static size_t starts(const char *path, const char *from)
{
	const size_t len = strlen(from);
	const bool any = from[len - 1] == '*';
	size_t n = any ? len - 1 : len;

	if (strncmp(path, from, n) != 0)
		return 0;
	if (any && strcspn(path + n, "/") == 0)
		return 0;
	n += any ? strcspn(path + n, "/") : 0;
	return path[n] == '\0' || path[n] == '/' ? n : 0;
}

static const char *join(struct arena *arena, const char *a, const char *b)
{
	char *text = arena_alloc(arena, strlen(a) + strlen(b) + 1);

	if (text) {
		strcpy(text, a);
		strcat(text, b);
	}
	return text;
}

const char *place_spell(struct arena *arena, uint32_t root, const char *path, const char *home)
{
	size_t n;

	if (root != ROOT_NONE)
		return join(arena, root_spelling[root], path);
	if (home && home[0] == '/' && home[1] != '\0' && (n = starts(path, home)) > 0)
		return join(arena, PLACE_HOME, path + n);
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
		if ((n = starts(path, spellings[i].from)) > 0)
			return join(arena, spellings[i].to, path + n);
	return arena_text(arena, path, strlen(path));
}

bool place_covers(const char *a, const char *b)
{
	const size_t len = strlen(a);

	if (strcmp(a, "/") == 0)
		return true;
	return strncmp(a, b, len) == 0 && (b[len] == '\0' || b[len] == '/');
}

#define H PLACE_HOME "/"
#define SHELL "a shell runs it when it starts"
#define LOGIN "it is run at each login"
#define ON_PATH "programs are found there by PATH"
#define SYSTEM "the system's programs lie there"

const struct place_known places_trusted[] = {
    {H ".bashrc", SHELL, false},
    {H ".bash_profile", SHELL, false},
    {H ".bash_login", SHELL, false},
    {H ".bash_logout", SHELL, false},
    {H ".bash_aliases", SHELL, false},
    {H ".profile", SHELL, false},
    {H ".zshrc", SHELL, false},
    {H ".zshenv", SHELL, false},
    {H ".zprofile", SHELL, false},
    {H ".zlogin", SHELL, false},
    {H ".zlogout", SHELL, false},
    {H ".kshrc", SHELL, false},
    {H ".cshrc", SHELL, false},
    {H ".tcshrc", SHELL, false},
    {H ".login", SHELL, false},
    {H ".config/fish", SHELL, true},
    {H ".config/zsh", SHELL, true},
    {H ".config/nushell", SHELL, true},
    {H ".inputrc", "readline takes key bindings from it", false},
    {H ".xinitrc", LOGIN, false},
    {H ".xsession", LOGIN, false},
    {H ".xprofile", LOGIN, false},
    {H ".xsessionrc", LOGIN, false},
    {H ".pam_environment", "it sets the environment of each login", false},
    {H ".config/environment.d", "it sets the environment of each login", true},
    {H ".config/autostart", LOGIN, true},
    {H ".config/systemd", "the user's service manager runs what it says", true},
    {H ".local/share/systemd", "the user's service manager runs what it says", true},
    {H ".local/share/applications", "the desktop starts what it says", true},
    {H ".local/share/dbus-1", "D-Bus starts what it says", true},
    {H ".ssh", "it says who may log in, and how", true},
    {H ".rhosts", "it says who may log in", false},
    {H ".gnupg", "gpg believes it", true},
    {H "bin", ON_PATH, true},
    {H ".local/bin", ON_PATH, true},
    {H ".cargo/bin", ON_PATH, true},
    {H "go/bin", ON_PATH, true},
    {H ".npm-global", ON_PATH, true},
    {H ".pyenv", ON_PATH, true},
    {H ".local/lib", "Python imports what lies there", true},
    {H ".gitconfig", "git runs what it names", false},
    {H ".config/git", "git runs what it names", true},
    {H ".vimrc", "vim runs it", false},
    {H ".vim", "vim runs it", true},
    {H ".config/nvim", "Neovim runs it", true},
    {H ".emacs", "Emacs runs it", false},
    {H ".emacs.d", "Emacs runs it", true},
    {H ".config/emacs", "Emacs runs it", true},
    {H ".vscode", "the editor runs what lies there", true},
    {H ".tmux.conf", "tmux runs what it names", false},
    {H ".config/tmux", "tmux runs what it names", true},
    {H ".gdbinit", "gdb runs it", false},
    {H ".npmrc", "npm runs what it names", false},
    {H ".pypirc", "it says where packages come from", false},
    {H ".config/pip", "it says where packages come from", true},
    {H ".cargo/config.toml", "cargo runs what it names", false},
    {H ".config/endow", "it holds policies", true},
    {"/etc", "the system's settings lie there", true},
    {"/boot", "the system starts from it", true},
    {"/usr/local/bin", ON_PATH, true},
    {"/usr/local/sbin", ON_PATH, true},
    {"/usr/local/lib", "programs load what lies there", true},
    {"/usr/bin", SYSTEM, true},
    {"/usr/sbin", SYSTEM, true},
    {"/usr/lib", SYSTEM, true},
    {"/usr/lib64", SYSTEM, true},
    {"/usr/libexec", SYSTEM, true},
    {"/usr/share", "programs believe what lies there", true},
    {"/opt", "programs lie there", false},
    {"/var/spool/cron", "cron runs what it says", true},
    {"/var/lib/docker", "containers are made of it", true},
    {"/var/lib/dpkg", "the package manager believes it", true},
    {"/var/lib/systemd", "the service manager believes it", true},
    {"/run/systemd", "the service manager runs what it says", true},
    {NULL, NULL, false},
};

#define KEYS "it holds private keys"
#define PASSWORDS "it holds passwords"
#define TOKENS "it holds tokens"
#define BROWSER "it holds a browser's passwords and sessions"

const struct place_known places_secret[] = {
    {H ".ssh", KEYS, true},
    {H ".gnupg", KEYS, true},
    {H ".pki", KEYS, true},
    {H ".aws", TOKENS, true},
    {H ".azure", TOKENS, true},
    {H ".config/gcloud", TOKENS, true},
    {H ".config/gh", TOKENS, true},
    {H ".config/hub", TOKENS, false},
    {H ".config/glab-cli", TOKENS, true},
    {H ".config/doctl", TOKENS, true},
    {H ".config/op", TOKENS, true},
    {H ".docker", TOKENS, true},
    {H ".kube", TOKENS, true},
    {H ".terraform.d", TOKENS, true},
    {H ".vault-token", TOKENS, false},
    {H ".netrc", PASSWORDS, false},
    {H ".git-credentials", PASSWORDS, false},
    {H ".config/git/credentials", PASSWORDS, false},
    {H ".npmrc", TOKENS, false},
    {H ".pypirc", PASSWORDS, false},
    {H ".cargo/credentials.toml", TOKENS, false},
    {H ".gem/credentials", TOKENS, false},
    {H ".m2/settings.xml", PASSWORDS, false},
    {H ".gradle/gradle.properties", PASSWORDS, false},
    {H ".pgpass", PASSWORDS, false},
    {H ".my.cnf", PASSWORDS, false},
    {H ".password-store", PASSWORDS, true},
    {H ".config/keepassxc", PASSWORDS, true},
    {H ".config/Bitwarden", PASSWORDS, true},
    {H ".local/share/keyrings", PASSWORDS, true},
    {H ".local/share/kwalletd", PASSWORDS, true},
    {H ".mozilla", BROWSER, true},
    {H ".thunderbird", PASSWORDS, true},
    {H ".config/google-chrome", BROWSER, true},
    {H ".config/chromium", BROWSER, true},
    {H ".config/BraveSoftware", BROWSER, true},
    {H ".config/microsoft-edge", BROWSER, true},
    {H ".config/vivaldi", BROWSER, true},
    {H ".config/rclone", PASSWORDS, true},
    {H ".config/Signal", "it holds messages and their keys", true},
    {H ".electrum", "it holds a purse", true},
    {H ".bitcoin", "it holds a purse", true},
    {H ".bash_history", "commands hold passwords", false},
    {H ".zsh_history", "commands hold passwords", false},
    {H ".local/share/fish/fish_history", "commands hold passwords", false},
    {"/etc/shadow", "it holds the hashes of passwords", false},
    {"/etc/shadow-", "it holds the hashes of passwords", false},
    {"/etc/gshadow", "it holds the hashes of passwords", false},
    {"/etc/ssl/private", KEYS, true},
    {"/etc/pki/tls/private", KEYS, true},
    {"/etc/letsencrypt", KEYS, true},
    {"/etc/krb5.keytab", KEYS, false},
    {"/etc/wireguard", KEYS, true},
    {"/etc/NetworkManager/system-connections", PASSWORDS, true},
    {"/var/lib/sss", "it holds tickets and the hashes of passwords", true},
    {NULL, NULL, false},
};

#define ROOT_BY_IT "who talks to it is as good as root"

const struct place_known places_sockets[] = {
    {"/run", "services listen there", false},
    {"/run/user/*", "the session's services listen there", false},
    {"/run/user/*/bus", "D-Bus starts programs outside the sandbox", false},
    {"/run/user/*/systemd", "the user's service manager starts programs outside the sandbox", true},
    {"/run/user/*/gnupg", "the agent signs and decrypts", true},
    {"/run/user/*/keyring", "it hands passwords out", true},
    {"/run/user/*/pulse", "it is the microphone", true},
    {"/run/user/*/podman", "it starts containers with the user's files", true},
    {"/run/user/*/docker.sock", "it starts containers with the user's files", false},
    {"/run/dbus", "D-Bus leads to services that run as root", true},
    {"/run/docker.sock", ROOT_BY_IT, false},
    {"/run/docker", ROOT_BY_IT, true},
    {"/run/containerd", ROOT_BY_IT, true},
    {"/run/crio", ROOT_BY_IT, true},
    {"/run/podman", ROOT_BY_IT, true},
    {"/run/libvirt", ROOT_BY_IT, true},
    {"/run/snapd.socket", ROOT_BY_IT, false},
    {"/run/systemd", ROOT_BY_IT, true},
    {"/var/lib/lxd", ROOT_BY_IT, true},
    {"/tmp/.X11-unix", "X11 shows every key that is typed, and types", true},
    {NULL, NULL, false},
};

#define MEMORY "it is the machine's memory"
#define DISK "it is a disk: every file on it"
#define KEYBOARD "it shows every key that is typed, or types"
#define SCREEN "it is another terminal"

const struct place_known places_devices[] = {
    {"/dev/mem", MEMORY, true},
    {"/dev/kmem", MEMORY, true},
    {"/dev/port", "it is the machine's hardware", true},
    {"/dev/sd", DISK, true},
    {"/dev/hd", DISK, true},
    {"/dev/vd", DISK, true},
    {"/dev/xvd", DISK, true},
    {"/dev/nvme", DISK, true},
    {"/dev/mmcblk", DISK, true},
    {"/dev/dm-", DISK, true},
    {"/dev/md", DISK, true},
    {"/dev/loop", DISK, true},
    {"/dev/disk", DISK, true},
    {"/dev/mapper", DISK, true},
    {"/dev/block", DISK, true},
    {"/dev/input", KEYBOARD, true},
    {"/dev/uinput", KEYBOARD, true},
    {"/dev/hidraw", KEYBOARD, true},
    {"/dev/vcs", SCREEN, true},
    {"/dev/pts", SCREEN, true},
    {"/dev/video", "it is the camera", true},
    {"/dev/snd", "it is the microphone", true},
    {"/dev/bus/usb", "it is every device at the USB", true},
    {"/dev/vfio", "it is the machine's hardware", true},
    {"/dev/net/tun", "it makes network interfaces", true},
    {"/dev/kmsg", "it is the kernel's log", true},
    {NULL, NULL, false},
};

bool place_is_public(const char *path)
{
	static const char *const paths[] = {
	    H ".ssh/known_hosts", H ".ssh/config",           H ".gnupg/pubring.kbx",
	    H ".gnupg/gpg.conf",  H ".gnupg/trustdb.gpg",    H ".docker/cli-plugins",
	    H ".kube/cache",      H ".config/gh/config.yml", H ".mozilla/native-messaging-hosts",
	};
	const size_t len = strlen(path);

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (place_covers(paths[i], path))
			return true;
	return len > 4 && strcmp(path + len - 4, ".pub") == 0;
}

static bool ends(const char *name, const char *ending)
{
	const size_t len = strlen(name), n = strlen(ending);

	return len > n && strcmp(name + len - n, ending) == 0;
}

bool place_is_key(const char *path)
{
	static const char *const endings[] = {".pem", ".key", ".p12", ".pfx", ".kdbx", ".jks", ".keytab", ".ppk"};
	static const char *const names[] = {"id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", ".env", ".htpasswd"};
	static const char *const public[] = {"cert.pem",   "certs.pem",  "chain.pem", "ca.pem",
					     "bundle.pem", "cacert.pem", "pub.pem",   "dhparam.pem"};
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < sizeof public / sizeof *public; i++)
		if (strcmp(name, public[i]) == 0 || ends(name, public[i]))
			return false;
	if (strstr(path, "/certs/"))
		return false;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (ends(name, endings[i]))
			return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "ssh_host_", 9) == 0 && !ends(name, ".pub");
}

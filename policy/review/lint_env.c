/* The environment that is kept or set. */
#include <string.h>

#include "lint_state.h"

#define PREFIX_MIN 3 /* letters: LC_ */

/* These lead to code, or name it. */
static const char *const code_names[] = {
    "LD_PRELOAD",        "LD_LIBRARY_PATH", "LD_AUDIT",       "BASH_ENV",  "ENV",
    "PYTHONPATH",        "PYTHONHOME",      "PYTHONSTARTUP",  "PERL5LIB",  "PERL5OPT",
    "RUBYLIB",           "RUBYOPT",         "NODE_OPTIONS",   "NODE_PATH", "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",  "_JAVA_OPTIONS",   "CLASSPATH",      "GIT_SSH",   "GIT_SSH_COMMAND",
    "GIT_EXTERNAL_DIFF", "GIT_ASKPASS",     "LESSOPEN",       "LESSCLOSE", "GCONV_PATH",
    "GTK_MODULES",       "QT_PLUGIN_PATH",  "OPENSSL_CONF",   "MAKEFLAGS", "RUSTC_WRAPPER",
    "LUA_PATH",          "LUA_CPATH",       "PROMPT_COMMAND", "VIMINIT",   NULL,
};

static const char *const session_names[] = {
    "SSH_AUTH_SOCK",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DOCKER_HOST",
    "CONTAINER_HOST",
    "GPG_AGENT_INFO",
    "TMUX",
    "STY",
    "NVIM",
    "PULSE_SERVER",
    "PIPEWIRE_REMOTE",
    "KITTY_LISTEN_ON",
    NULL,
};

/* Known names that a prefix could stand for. */
static const char *const secret_names[] = {
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_CLIENT_SECRET",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "NPM_TOKEN",
    "PGPASSWORD",
    "MYSQL_PWD",
    "VAULT_TOKEN",
    "DOCKER_AUTH_CONFIG",
    "HF_TOKEN",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "CI_JOB_TOKEN",
    "TWINE_PASSWORD",
    "SSHPASS",
    "RESTIC_PASSWORD",
    NULL,
};

static bool is_among(const char *name, const char *const *table)
{
	for (; *table; table++)
		if (strcmp(name, *table) == 0)
			return true;
	return false;
}

/* The name in TABLE that PREFIX keeps, or NULL. */
static const char *find_prefixed(const char *prefix, const char *const *table)
{
	for (; *table; table++)
		if (strncmp(prefix, *table, strlen(prefix)) == 0)
			return *table;
	return NULL;
}

/* API_KEY, APIKEY, SSH_KEYS; not KEYBOARD, and not KEY_0. */
static bool names_key(const char *name)
{
	const size_t len = strlen(name), end = len > 0 && name[len - 1] == 'S' ? len - 1 : len;

	return end >= 3 && memcmp(name + end - 3, "KEY", 3) == 0;
}

static bool names_secret(const char *name)
{
	static const char *const words[] = {"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL"};

	if (strcmp(name, "CREDENTIALS_DIRECTORY") == 0) /* a path */
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(name, words[i]))
			return true;
	return names_key(name) || is_among(name, secret_names);
}

static void judge_prefix(struct lint *l, const struct item *item, const char *prefix)
{
	const char *found;

	if (strlen(prefix) < PREFIX_MIN)
		lint_find(l, LINT_AMBIENT_ENV, item->word->at, "name the variables, or a longer prefix such as LC_*",
			  "'%s*' keeps much of the environment", prefix);
	found = find_prefixed(prefix, code_names);
	if (found || strcmp(prefix, "LD_") == 0)
		lint_find(l, LINT_ENV_CODE, item->word->at, "name the variables that are meant",
			  "'%s*' keeps %s, too, which chooses code that the program runs", prefix,
			  found ? found : "LD_PRELOAD");
	found = find_prefixed(prefix, secret_names);
	if (found)
		lint_find(l, LINT_SECRET_ENV, item->word->at, "name the variables that are meant",
			  "'%s*' keeps %s, too, which holds a secret", prefix, found);
}

static void judge_kept(struct lint *l, const struct item *item, const char *name)
{
	if (is_among(name, code_names))
		lint_find(l, LINT_ENV_CODE, item->word->at, "set it to what is meant, or leave it out",
			  "'%s' chooses code that the program runs, and comes from the caller", name);
	if (names_secret(name))
		lint_find(l, LINT_SECRET_ENV, item->word->at, "leave it out, or hand it over by a descriptor",
			  "'%s' looks like a secret, which the program and all it starts could read", name);
	if (is_among(name, session_names) && l->policy->head.families & FAM_UNIX)
		lint_find(l, LINT_ENV_SESSION, item->word->at, "leave it out",
			  "'%s' with 'connect unix any' leads to a service of the session, which acts outside the sandbox",
			  name);
}

static void judge_set(struct lint *l, const struct item *item, const char *name)
{
	const struct part *value = item->value->parts;

	if (!names_secret(name) || !value || value->variable || value->len < 8 || value->text[0] == '/')
		return;
	lint_find(l, LINT_SECRET_VALUE, item->word->at, "hand it over when the program is started, by a descriptor or --env",
		  "'%s' is set to a secret, it seems: whoever can read the policy has it", name);
}

void lint_env(struct lint *l)
{
	for (uint32_t i = 0; i < l->tree->source_count; i++)
		for (const struct stmt *s = l->tree->sources[i].statements; (s = lint_next(s, VERB_ENV)); s = s->next)
			for (const struct item *item = s->items; item; item = item->next) {
				const char *name = word_plain(item->word);
				if (name && item->tag == ENV_KEEP_PREFIX)
					judge_prefix(l, item, name);
				else if (name && item->tag == ENV_KEEP)
					judge_kept(l, item, name);
				else if (name && item->tag == ENV_SET)
					judge_set(l, item, name);
			}
}

#include "lint_table.h"

#include <string.h>

#include "diag.h"

const char *const severity_word[SEVERITIES] = {"note", "warning", "error"};

const struct lint_rule lint_rules[LINT_RULES] = {
    [LINT_POLICY] = {"policy", SEVERITY_ERROR, false, "the policy does not compile"},
    [LINT_UNTRUSTED_INPUT] = {"untrusted-input", SEVERITY_WARNING, true, "others can write the policy's file"},
    [LINT_LOCK] = {"lock", SEVERITY_ERROR, true, "the policy is not what was locked"},
    [LINT_AMBIENT_ROOT] = {"ambient-root", SEVERITY_WARNING, false, "the whole file system is granted"},
    [LINT_AMBIENT_HOME] = {"ambient-home", SEVERITY_WARNING, false, "a whole home is granted"},
    [LINT_AMBIENT_PROC] = {"ambient-proc", SEVERITY_WARNING, false, "other processes or the kernel's settings are granted"},
    [LINT_AMBIENT_SYS] = {"ambient-sys", SEVERITY_WARNING, false, "all of /sys is granted, or writing in it"},
    [LINT_AMBIENT_DEV] = {"ambient-dev", SEVERITY_WARNING, false, "every device is granted"},
    [LINT_AMBIENT_ENV] = {"ambient-env", SEVERITY_WARNING, false, "most of the environment is kept"},
    [LINT_STRONG_DEVICE] = {"strong-device", SEVERITY_WARNING, false, "a device that reaches past all grants"},
    [LINT_SHARED_TMP] = {"shared-tmp", SEVERITY_WARNING, false, "everybody's folder for temporary files is granted"},
    [LINT_WRITE_EXEC] = {"write-exec", SEVERITY_WARNING, false, "what is written can be executed"},
    [LINT_EXEC_OPEN] = {"exec-open", SEVERITY_WARNING, true, "others can write what is executed"},
    [LINT_ENV_CODE] = {"env-code", SEVERITY_NOTE, false, "a variable that chooses code is kept"},
    [LINT_CONNECT_UNIX] = {"connect-unix", SEVERITY_WARNING, false, "every Unix socket can be connected to"},
    [LINT_SOCKET_PLACE] = {"socket-place", SEVERITY_WARNING, false, "the folder of services' sockets is granted"},
    [LINT_ENV_SESSION] = {"env-session", SEVERITY_WARNING, false, "the way to a service of the session is kept"},
    [LINT_TRUSTED_WRITE] = {"trusted-write", SEVERITY_WARNING, false, "what other programs trust can be written"},
    [LINT_GIT_HOOKS] = {"git-hooks", SEVERITY_WARNING, true, "a repository's hooks and settings can be written"},
    [LINT_FOLLOW_WRITE] = {"follow-write", SEVERITY_WARNING, false, "a link chooses what is written"},
    [LINT_SECRET_READ] = {"secret-read", SEVERITY_WARNING, false, "keys or passwords can be read"},
    [LINT_SECRET_ENV] = {"secret-env", SEVERITY_WARNING, false, "a variable that holds a secret is kept"},
    [LINT_SECRET_VALUE] = {"secret-value", SEVERITY_WARNING, false, "a secret stands in the policy"},
    [LINT_CONNECT_ANY] = {"connect-any", SEVERITY_WARNING, false, "every TCP port can be connected to"},
    [LINT_CONNECT_UDP] = {"connect-udp", SEVERITY_WARNING, false, "data can leave by UDP"},
    [LINT_METADATA_PORT] = {"metadata-port", SEVERITY_NOTE, false, "port 80 of every host, a cloud's metadata service too"},
    [LINT_LOCAL_SERVICE] = {"local-service", SEVERITY_WARNING, false, "a port at which this machine's services give power"},
    [LINT_HELD_LOCAL] = {"held-local", SEVERITY_WARNING, false,
			 "this machine's services, or a metadata service, can be connected to by address"},
    [LINT_LISTEN_ANY] = {"listen-any", SEVERITY_WARNING, false, "every TCP port can be served"},
    [LINT_ASK_WRITE] = {"ask-write", SEVERITY_WARNING, false, "a whole home may be written, once the person says yes"},
    [LINT_FATTR_ANYWHERE] = {"fattr-anywhere", SEVERITY_WARNING, false, "metadata can be changed outside the grants"},
    [LINT_DEBUG] = {"debug", SEVERITY_WARNING, false, "processes can take each other over"},
    [LINT_STRONG_CAP] = {"strong-cap", SEVERITY_WARNING, false, "a capability that amounts to root is kept"},
    [LINT_FORGO] = {"forgo", SEVERITY_WARNING, false, "the program runs where a grant can't be bounded"},
    [LINT_KERNEL_LACKS] = {"kernel-lacks", SEVERITY_WARNING, true, "the kernel can't enforce the policy"},
    [LINT_APPEND_BY_NAME] = {"append-by-name", SEVERITY_NOTE, false, "every open for writing has to append"},
    [LINT_CREATE_ALONE] = {"create-alone", SEVERITY_NOTE, false, "only empty files can be made"},
    [LINT_COVERED] = {"covered", SEVERITY_WARNING, true, "another statement grants it already"},
    [LINT_DUPLICATE] = {"duplicate", SEVERITY_WARNING, false, "said twice"},
    [LINT_UNUSED_FRAGMENT] = {"unused-fragment", SEVERITY_WARNING, false, "a fragment that changes nothing"},
    [LINT_MISSING_FILE] = {"missing-file", SEVERITY_WARNING, true, "a granted path does not exist"},
    [LINT_MISSING_PROGRAM] = {"missing-program", SEVERITY_NOTE, true, "no program that the policy is for exists"},
    [LINT_LINK_REFUSED] = {"link-refused", SEVERITY_WARNING, true, "a path to write passes through a link"},
    [LINT_ALLOW_WRONG] = {"allow-wrong", SEVERITY_WARNING, false, "a comment that is meant to allow, and does not"},
    [LINT_ALLOW_UNUSED] = {"allow-unused", SEVERITY_WARNING, false, "a comment that allows what was not found"},
};

const struct lint_rule *lint_rule(const char *id, size_t len)
{
	for (size_t i = 0; i < LINT_RULES; i++)
		if (strlen(lint_rules[i].id) == len && memcmp(lint_rules[i].id, id, len) == 0)
			return &lint_rules[i];
	return NULL;
}

const char *lint_nearest(const char *id)
{
	const char *names[LINT_RULES + 1] = {NULL};

	for (size_t i = 0; i < LINT_RULES; i++)
		names[i] = lint_rules[i].id;
	return nearest_name(id, names);
}

#include "landlock.h"

#include "kernel.h"

/* What came when. The first column is the ABI that brought the row's feature; rows are cumulative. */
static const struct step {
	int abi;
	uint32_t feature;
	uint64_t fs;
	const char *loss;
} steps[] = {
	{1, FEATURE_LANDLOCK, K_FS_REFER - 1, "files, directories and programs outside the grants could be used"},
	/* Before ABI 2 moving between directories is always refused: less is possible, nothing is left open. */
	{2, 0, K_FS_REFER, "files can't be moved between directories"},
	{3, FEATURE_TRUNCATE, K_FS_TRUNCATE, "files outside the grants could be truncated"},
	{4, FEATURE_TCP, 0, "TCP could not be limited to the granted ports"},
	{5, FEATURE_IOCTL, K_FS_IOCTL_DEV, "ioctl could not be limited to the granted devices"},
	{6, FEATURE_SIGNAL_SCOPE | FEATURE_SOCKET_SCOPE, 0,
	 "signals could be sent to, and abstract sockets connected to, processes outside the sandbox"},
	{7, FEATURE_AUDIT, 0, "refusals could not be told apart in the audit log"},
};

#define STEPS (sizeof steps / sizeof steps[0])

uint32_t landlock_gives(int abi)
{
	uint32_t features = 0;

	for (size_t i = 0; i < STEPS; i++)
		if (abi >= steps[i].abi)
			features |= steps[i].feature;
	return features;
}

uint64_t landlock_handled_fs(int abi)
{
	uint64_t fs = 0;

	for (size_t i = 0; i < STEPS; i++)
		if (abi >= steps[i].abi)
			fs |= steps[i].fs;
	return fs;
}

const char *landlock_loss(uint32_t feature, int *since)
{
	for (size_t i = 0; i < STEPS; i++)
		if (steps[i].feature & feature) {
			*since = steps[i].abi;
			return steps[i].loss;
		}
	*since = 0;
	return "the program could not be given a view of its own";
}

uint32_t landlock_needs(uint32_t families)
{
	uint32_t needs = FEATURE_LANDLOCK | FEATURE_TRUNCATE;
	const uint32_t some_connect = FAM_TCP_CONNECT | FAM_TCP_CONNECT_ANY;
	const uint32_t some_listen = FAM_TCP_LISTEN | FAM_TCP_LISTEN_ANY;

	/* Without a TCP grant the seccomp filter opens no TCP socket at all; with every port granted there is nothing to limit. */
	if ((families & some_connect) == FAM_TCP_CONNECT || (families & some_listen) == FAM_TCP_LISTEN)
		needs |= FEATURE_TCP;
	/* Who may only listen has TCP sockets, and connect() from another grant: the filter can't tell them apart. */
	if (families & FAM_TCP_LISTEN && !(families & FAM_TCP_CONNECT) && families & (FAM_UDP | FAM_UNIX | FAM_NOTIFY))
		needs |= FEATURE_TCP;
	/* The supervisor connects and binds in the program's stead, and nothing may lead around it. */
	if (families & FAM_BROKER_NET && (families & (FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN_ANY)) != (FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN_ANY))
		needs |= FEATURE_TCP;
	if (families & FAM_IOCTL)
		needs |= FEATURE_IOCTL;
	/* Without FAM_PROC the filter lets a program signal itself alone. */
	if (families & FAM_PROC)
		needs |= FEATURE_SIGNAL_SCOPE;
	if (families & (FAM_UNIX | FAM_NOTIFY))
		needs |= FEATURE_SOCKET_SCOPE;
	if (families & (FAM_FATTR | FAM_SYSVIPC))
		needs |= FEATURE_VIEW;
	return needs;
}

uint64_t landlock_rights(uint32_t rights, int is_dir)
{
	uint64_t fs = 0;

	if (rights & RIGHT_READ)
		fs |= K_FS_READ_FILE | (is_dir ? K_FS_READ_DIR : 0);
	if (rights & RIGHT_WRITE)
		fs |= K_FS_WRITE_FILE | K_FS_TRUNCATE;
	if (rights & RIGHT_APPEND)
		fs |= K_FS_WRITE_FILE;
	if (rights & RIGHT_EXEC)
		fs |= K_FS_EXECUTE | K_FS_READ_FILE;
	if (rights & RIGHT_IOCTL)
		fs |= K_FS_IOCTL_DEV;
	if (rights & RIGHT_CREATE && is_dir)
		fs |= K_FS_MAKE_DIR | K_FS_MAKE_REG | K_FS_MAKE_SOCK | K_FS_MAKE_FIFO | K_FS_MAKE_SYM | K_FS_REMOVE_DIR |
		      K_FS_REMOVE_FILE | K_FS_REFER;
	return fs;
}

int landlock_ruleset(int abi, uint32_t families, struct err *err)
{
	struct k_landlock_ruleset attr = {.handled_access_fs = landlock_handled_fs(abi)};
	size_t size = sizeof attr.handled_access_fs;

	if (abi >= 4) {
		if (!(families & FAM_TCP_CONNECT_ANY))
			attr.handled_access_net |= K_NET_CONNECT_TCP;
		if (!(families & FAM_TCP_LISTEN_ANY))
			attr.handled_access_net |= K_NET_BIND_TCP;
		size += sizeof attr.handled_access_net;
	}
	if (abi >= 6) {
		attr.scoped = K_SCOPE_ABSTRACT_UNIX_SOCKET | K_SCOPE_SIGNAL;
		size += sizeof attr.scoped;
	}
	int fd = k_landlock_create(&attr, size);
	if (fd < 0)
		return err_set(err, errno, "can't make a Landlock ruleset: %s", err_words(errno));
	return fd;
}

int landlock_plant(int ruleset, int abi, int fd, uint32_t rights, int is_dir, struct err *err)
{
	const struct k_landlock_path_beneath rule = {
		.allowed_access = landlock_rights(rights, is_dir) & landlock_handled_fs(abi),
		.parent_fd = fd,
	};

	if (rule.allowed_access == 0) /* only what this ABI doesn't mediate: needs and forgo have been settled before */
		return 0;
	if (k_landlock_add(ruleset, K_LANDLOCK_RULE_PATH_BENEATH, &rule) < 0)
		return err_set(err, errno, "Landlock refuses the rule: %s", err_words(errno));
	return 0;
}

int landlock_port(int ruleset, int listen, uint16_t port, struct err *err)
{
	const struct k_landlock_net_port rule = {
		.allowed_access = listen ? K_NET_BIND_TCP : K_NET_CONNECT_TCP,
		.port = port,
	};

	if (k_landlock_add(ruleset, K_LANDLOCK_RULE_NET_PORT, &rule) < 0)
		return err_set(err, errno, "Landlock refuses TCP port %u: %s", port, err_words(errno));
	return 0;
}

#include "prove_scope.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

int prove_allows(const struct prove_scope *scope, const uint32_t rights[TRY_PLACES], const struct try *try)
{
	const int forgone = (try->forgone_by & scope->forgone) && (!try->forgone_with || (try->forgone_with & scope->families));

	return (try->allowed_by & scope->families) || forgone || (try->allowed_caps & scope->keep_caps) ||
	       (try->allowed_rights & rights[try->place]) ||
	       ((try->flags & TRY_SIGNALS) && (scope->flags & IMAGE_SIGNALS_KEEP));
}

/* The rights held at PATH or at any directory above it, by what these are and not by how they are called. */
uint32_t prove_rights_at(const struct prove_scope *scope, const char *path)
{
	char at[PATH_MAX];
	uint32_t rights = 0;
	struct stat st;

	if (!realpath(path, at))
		return 0;
	for (;;) {
		if (stat(at, &st) == 0)
			for (size_t i = 0; i < scope->place_count; i++)
				if (scope->places[i].dev == st.st_dev && scope->places[i].ino == st.st_ino)
					rights |= scope->places[i].rights;
		char *slash = strrchr(at, '/');
		if (!slash || !slash[1])
			return rights;
		slash[slash == at] = '\0';
	}
}

/* The fewer rights the better: what is granted proves nothing. Whether it can be written to the keeper will see. */
static int base_cost(const struct prove_scope *scope, const char *path)
{
	struct statvfs fs;

	if (strlen(path) > TRY_DIR_MAX - 32 || statvfs(path, &fs) < 0)
		return INT_MAX;
	uint32_t rights = prove_rights_at(scope, path);
	return __builtin_popcount(rights & RIGHT_ALL) + (rights & PROVE_PRIVATE ? 16 : 0) + (fs.f_flag & ST_NOEXEC ? 4 : 0);
}

static void order_bases(const struct prove_scope *scope, struct keeper_order *order)
{
	const char *runtime = scope->uid == geteuid() ? getenv("XDG_RUNTIME_DIR") : NULL;
	const char *const places[KEEPER_BASES] = {runtime && *runtime == '/' ? runtime : "/tmp", "/tmp", "/var/tmp", "/run",
						  "/dev/shm"};
	int cost[KEEPER_BASES];

	for (size_t i = 0; i < KEEPER_BASES; i++)
		cost[i] = base_cost(scope, places[i]);
	for (size_t n = 0; n < KEEPER_BASES; n++) {
		size_t best = 0;
		for (size_t i = 1; i < KEEPER_BASES; i++)
			if (cost[i] < cost[best])
				best = i;
		if (cost[best] == INT_MAX)
			return;
		snprintf(order->bases[n], sizeof order->bases[n], "%s", places[best]);
		cost[best] = INT_MAX;
	}
}

void prove_order(const struct prove_scope *scope, struct keeper_order *order)
{
	*order = (struct keeper_order){.uid = scope->uid, .gid = scope->gid};
	order_bases(scope, order);
	for (size_t i = 0; i < scope->port_count; i++) {
		const struct image_port *range = &scope->ports[i];
		for (uint32_t port = range->first; port <= range->last; port++)
			order->granted[range->listen != 0][port / 8] |= (uint8_t)(1u << port % 8);
	}
}

/*
 * floor: the least that a launcher with these Landlock rules and this filter can do. It opens, plants, restricts, filters, and
 * executes; the tables were made when it was built, so it reads, parses and decides nothing. Usage: floor PROGRAM [WORD]...
 */
#include <fcntl.h>
#include <sys/prctl.h>

#include "floor_table.h"
#include "kernel.h"

extern char **environ;

int main(int argc, char **argv)
{
	const struct k_landlock_ruleset handled = {FLOOR_FS, FLOOR_NET, FLOOR_SCOPED};
	const struct k_sock_fprog program = {.len = sizeof floor_filter / sizeof *floor_filter, .filter = floor_filter};
	int ruleset = k_landlock_create(&handled, sizeof handled);

	if (argc < 2 || ruleset < 0)
		return 125;
	for (unsigned int i = 0; i < sizeof floor_rules / sizeof *floor_rules; i++) {
		struct k_landlock_path_beneath rule = {.allowed_access = floor_rules[i].rights};
		rule.parent_fd = open(floor_rules[i].path, O_PATH | O_CLOEXEC);
		if (rule.parent_fd < 0 || k_landlock_add(ruleset, K_LANDLOCK_RULE_PATH_BENEATH, &rule) < 0)
			return 125;
		close(rule.parent_fd);
	}
	const uint32_t self = (uint32_t)getpid();
	for (unsigned int i = 0; i < sizeof floor_self / sizeof *floor_self; i++)
		floor_filter[floor_self[i]].k = self;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || k_landlock_restrict(ruleset) < 0 || close(ruleset) < 0 ||
	    prctl(PR_SET_SECCOMP, K_SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return 125;
	execve(argv[1], argv + 1, environ);
	return 126;
}

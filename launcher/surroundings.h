/* surroundings.h: the program's environment, ids and limits, worked out before anything is entered. */
#ifndef ENDOW_SURROUNDINGS_H
#define ENDOW_SURROUNDINGS_H

#include "plan.h"

/* The environment, from nothing: what the policy keeps and sets, what announces descriptors, what a service is told. */
int surroundings_env(struct plan *plan, struct err *err);

/* user, group, groups, keep cap: looked up in /etc/passwd and /etc/group; refused where the launcher can't change them. */
int surroundings_ids(struct plan *plan, struct err *err);

/* limit: what setrlimit will be told. */
int surroundings_limits(struct plan *plan, struct err *err);

/* How many descriptors systemd has handed over (3, 4, ...), if this is a service that was handed any. */
size_t surroundings_listen_fds(const struct plan *plan);

/* The variables that `service` passes. */
size_t surroundings_service_count(void);
const char *surroundings_service_name(size_t i);

#endif

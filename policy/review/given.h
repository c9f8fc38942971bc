/* given.h: what a model gives that is no file: ports, bits, the environment. Pure. */
#ifndef ENDOW_REVIEW_GIVEN_H
#define ENDOW_REVIEW_GIVEN_H

#include "model.h"

/* The entry of KIND whose number is BIT, or NULL. */
const struct entry *given_bit(const struct model *model, enum kind kind, uint64_t bit);

/* An entry of KIND (KIND_CONNECT, KIND_LISTEN) for the TCP port; 0: for all of them. NULL: none. */
const struct entry *given_port(const struct model *model, enum kind kind, uint16_t port);

/* What the program gets for a variable: the caller's value where there is one and KEPT is not NULL, else what SET says, else
 * nothing. */
struct given_env {
	const struct entry *kept;
	const struct entry *set;
};

/* Returns a remark, static, or NULL. */
const char *given_env(const struct model *model, const char *name, struct given_env *given);

/* The variables that `service` keeps; NULL behind the last. They are the launcher's (launcher/surroundings.c). */
extern const char *const given_service_env[];

#endif

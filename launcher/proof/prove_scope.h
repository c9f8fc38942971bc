/* prove_scope.h: what a policy allows, as far as a proof needs to know. */
#ifndef ENDOW_PROVE_SCOPE_H
#define ENDOW_PROVE_SCOPE_H

#include "keeper.h"
#include "prove.h"

/* The rights held at PATH or at any directory above it, PROVE_PRIVATE included. */
uint32_t prove_rights_at(const struct prove_scope *scope, const char *path);

/* Targets that the policy does not grant, or as little as can be. */
void prove_order(const struct prove_scope *scope, struct keeper_order *order);

#endif

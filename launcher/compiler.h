/* compiler.h: run the policy compiler, confined, and hand it the fragments that it asks for. */
#ifndef ENDOW_COMPILER_H
#define ENDOW_COMPILER_H

#include "cache.h"

/*
 * Compile TEXT with the statements LINE. The compiler runs as a child under DEFAULT_POLICY: it can open no file but the system's libraries,
 * and gets fragments by name, over a pipe. *BYTES is the caller's to free. Returns 0, or a negative errno: with -EINVAL the
 * policy was refused and ERR is empty, since the messages have been printed by say_compiler() with their lines.
 */
int compiler_run(const struct places *places, const struct compiled *default_policy, const struct policy_text *text, const char *line,
		 size_t line_len, void **bytes, size_t *size, struct err *err);

#endif

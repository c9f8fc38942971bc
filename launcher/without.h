/*
 * without.h: in a test build (make check builds one beside the real launcher), ENDOW_TEST_WITHOUT=landlock,seccomp takes layers away, so that
 * the tests can show that each of them fails without the layer it checks. In the launcher that is installed this is a constant 0.
 */
#ifndef ENDOW_WITHOUT_H
#define ENDOW_WITHOUT_H

#ifdef ENDOW_TEST_WITHOUT
#include <stdlib.h>
#include <string.h>
static inline int without(const char *layer)
{
	const char *list = getenv("ENDOW_TEST_WITHOUT");

	for (const size_t n = strlen(layer); list && *list; list += *list == ',') {
		const size_t len = strcspn(list, ",");
		if (len == n && strncmp(list, layer, n) == 0)
			return 1;
		list += len;
	}
	return 0;
}
#else
#define without(layer) 0
#endif

#endif

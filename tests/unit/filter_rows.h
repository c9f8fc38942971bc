/* filter_rows.h: what the filter says to which call, row by row. */
#ifndef ENDOW_FILTER_ROWS_H
#define ENDOW_FILTER_ROWS_H

#include <stddef.h>
#include <stdint.h>

#define ROW_TOLD (-1) /* in place of an errno: handed to the supervisor */
#define ROW_SELF 4711u /* the process's own id in these rows */

enum row_kind {
	ROW_PLAIN,   /* under FAMILIES: ERROR, or allowed with 0 */
	ROW_NEEDS,   /* under FAMILIES and THIS allowed, without THIS refused with ERROR */
	ROW_FORBIDS, /* the other way round */
	ROW_TELLS,   /* under FAMILIES and THIS handed to the supervisor; without THIS refused with ERROR, or allowed */
};

struct filter_row {
	enum row_kind kind;
	uint32_t this;
	uint32_t families;
	int error;
	int nr; /* negative: not on this machine */
	const char *name;
	uint64_t arg[6];
	int line;
};

extern const struct filter_row filter_rows[];
extern const size_t filter_rows_count;

#endif

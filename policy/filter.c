#include "filter.h"

#include "owned.h"
#include "shrink.h"
#include "stages.h"

int filter_make(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err)
{
	OWNED struct image_insn *plain = NULL;
	OWNED struct image_insn *small = NULL;
	uint32_t plain_count = 0, small_count = 0;
	int rc;

	if (families & ~(uint32_t)FAM_ALL)
		return err_set(err, EINVAL, "the filter knows no family %#x", families & ~(uint32_t)FAM_ALL);
	(void)((rc = stages_make(families, &plain, &plain_count, err)) ||
	       (rc = shrink(plain, plain_count, STAGES_ARCH, &small, &small_count, err)));
	if (rc)
		return rc;
	*prog = take_ptr(small);
	*count = small_count;
	return 0;
}

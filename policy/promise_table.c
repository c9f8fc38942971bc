/* promise_table: the filter of endow_promise(3), made when endow is built, and printed as C for libendow to carry. */
#include <linux/filter.h>
#include <stdio.h>

#include "owned.h"
#include "promise_filter.h"

_Static_assert(PROMISE_LOAD_CODE == (BPF_LD | BPF_W | BPF_IMM), "the header can't say so without the kernel's");

int main(void)
{
	OWNED struct image_insn *prog = NULL;
	uint32_t count = 0;
	struct err err = {{0}};

	if (promise_filter_make(&prog, &count, &err) < 0) {
		fprintf(stderr, "promise_table: %s\n", err.text);
		return 1;
	}
	printf("/* Made from policy/families.c and policy/calls.c when endow was built. */\n#include \"promise.h\"\n\n");
	printf("const char promise_words[][PROMISE_WORD] = {");
	for (size_t i = 0; image_promise_name[i]; i++)
		printf("%s\"%s\"", i ? ", " : "", image_promise_name[i]);
	printf("};\nconst size_t promise_words_count = sizeof promise_words / sizeof *promise_words;\n");
	printf("\nconst struct sock_filter promise_filter[] = {");
	for (uint32_t i = 0; i < count; i++)
		printf("%s{%#x, %u, %u, %#x},", i % 4 ? " " : "\n\t", prog[i].code, prog[i].jt, prog[i].jf, prog[i].k);
	printf("\n};\nconst size_t promise_filter_count = sizeof promise_filter / sizeof *promise_filter;\n");
	printf("_Static_assert(sizeof promise_filter <= PROMISE_ROOM * sizeof *promise_filter, \"promise.h has room for "
	       "less\");\n");
	return fflush(stdout) == 0 ? 0 : 1;
}

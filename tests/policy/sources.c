#include "sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is this line a divider? Then NAME is that of the piece it begins. */
static bool divides(const char *line, size_t len, char name[72])
{
	char copy[96];

	if (len >= sizeof copy || len < 3 || memcmp(line, "%% ", 3) != 0)
		return false;
	memcpy(copy, line, len);
	copy[len] = '\0';
	if (strcmp(copy, "%% line") == 0) {
		strcpy(name, "%line");
		return true;
	}
	return sscanf(copy, "%%%% fragment %64s", name) == 1;
}

void sources_split(struct sources *out, const char *text, size_t len)
{
	const char *p = text, *const end = text + len;
	struct piece *piece = &out->pieces[0];

	memset(out, 0, sizeof *out);
	out->count = 1;
	piece->text = text;
	while (p < end) {
		char name[72] = "";
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		const char *next = lf ? lf + 1 : end;
		if (out->count < PIECES_MAX && divides(p, (size_t)((lf ? lf : end) - p), name)) {
			piece = &out->pieces[out->count++];
			memcpy(piece->name, name, sizeof piece->name);
			piece->text = next;
		} else {
			piece->len = (size_t)(next - piece->text);
		}
		p = next;
	}
}

static const struct piece *find(const struct sources *sources, const char *name)
{
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->pieces[i].name, name) == 0)
			return &sources->pieces[i];
	return NULL;
}

struct compile_input sources_input(const struct sources *sources, const char *shown, compile_filter *filter)
{
	const struct piece *line = find(sources, "%line");

	return (struct compile_input){
	    .line = line ? line->text : "",
	    .line_len = line ? line->len : 0,
	    .main = {.shown = shown, .text = sources->pieces[0].text, .len = sources->pieces[0].len},
	    .filter = filter,
	};
}

int sources_fetch(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	const struct piece *piece = find(arg, name);

	if (!piece)
		return err_set(err, ENOENT, "it is not in this test");
	*out = (struct compile_text){.shown = piece->name, .text = piece->text, .len = piece->len};
	return 0;
}

int sources_filter(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err)
{
	*prog = calloc(1, sizeof **prog);
	if (!*prog)
		return err_set(err, ENOMEM, "no memory");
	(*prog)->code = 0x06; /* return */
	(*prog)->k = families;
	*count = 1;
	return 0;
}

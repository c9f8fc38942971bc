#include "put.h"

#include <string.h>

#include "utf8.h"

int put_tame(FILE *f, const char *text)
{
	uint32_t code;
	int width = 0;
	size_t n;

	for (; *text; text += n, width++) {
		n = utf8_read(text, strlen(text), &code);
		if (n > 0 && utf8_visible(code) && code != '\t') {
			fwrite(text, 1, n, f);
			continue;
		}
		n = n ? n : 1;
		fputc('?', f);
	}
	return width;
}

void put_column(FILE *f, const char *text, int width)
{
	for (int n = put_tame(f, text); n < width; n++)
		fputc(' ', f);
}

void put_json(FILE *f, const char *text)
{
	uint32_t code;
	size_t n;

	fputc('"', f);
	for (; *text; text += n) {
		n = utf8_read(text, strlen(text), &code);
		if (n == 0)
			fputs("\\ufffd", f);
		else if (*text == '"' || *text == '\\')
			fprintf(f, "\\%c", *text);
		else if (code < 0x20 || code == 0x7f)
			fprintf(f, "\\u%04x", code);
		else
			fwrite(text, 1, n, f);
		n = n ? n : 1;
	}
	fputc('"', f);
}

void put_json_origin(FILE *f, const struct origin *origin)
{
	fputs("{\"file\": ", f);
	put_json(f, origin->file);
	fputs(", \"fragment\": ", f);
	put_json(f, origin->fragment);
	fprintf(f, ", \"line\": %u}", origin->line);
}

void put_problem(FILE *f, const char *command, const struct model *model)
{
	if (!model->problem[0])
		return;
	fprintf(f, "endow %s: as things are, endow would not start the program: ", command);
	put_tame(f, model->problem);
	fputc('\n', f);
}

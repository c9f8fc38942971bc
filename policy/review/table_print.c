#include <string.h>

#include "put.h"
#include "table.h"

#define WIDE 100 /* columns of a table with names above them; a wider one gets numbers */

static int widest(const struct table *t)
{
	size_t width = 8;

	for (uint32_t i = 0; i < t->count; i++)
		if (strlen(t->rows[i].name) > width)
			width = strlen(t->rows[i].name);
	return width > 44 ? 44 : (int)width;
}

void table_text(FILE *f, const struct table *t)
{
	const int names = widest(t);
	char buf[64], letters[16];
	int total = names + 3, last = -1;

	for (uint32_t i = 0; i < t->policy_count; i++)
		total += (int)strlen(table_short_name(t->policies[i], buf)) + 2;
	const int numbers = total > WIDE;
	fputs("r read  w write  a append  c create  x exec  i ioctl  + yes  k kept  s set  p to pass on\n", f);
	for (uint32_t i = 0; i < t->policy_count && numbers; i++)
		fprintf(f, "%s%2u %s", i % 8 == 0 ? "\n" : "  ", i + 1, table_short_name(t->policies[i], buf));
	fprintf(f, "%s\n%*s", numbers ? "\n" : "", names + 3, "");
	for (uint32_t i = 0; i < t->policy_count; i++) {
		const int last_one = i + 1 == t->policy_count;
		if (numbers)
			fprintf(f, last_one ? "%u" : "%-5u", i + 1);
		else
			put_column(f, table_short_name(t->policies[i], buf),
				   last_one               ? 0
				   : (int)strlen(buf) > 4 ? (int)strlen(buf) + 2
							  : 6);
	}
	fputc('\n', f);
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->rows[i].group != last) {
			put_tame(f, t->groups[t->rows[i].group]);
			fputc('\n', f);
		}
		last = t->rows[i].group;
		fputs("  ", f);
		put_column(f, t->rows[i].name, names);
		fputc(' ', f);
		uint32_t end = t->policy_count;
		while (end > 0 && !*cell_text(&t->rows[i].cells[end - 1], letters))
			end--;
		for (uint32_t k = 0; k < end; k++) {
			const int width = numbers                                                  ? 5
					  : (int)strlen(table_short_name(t->policies[k], buf)) > 4 ? (int)strlen(buf) + 2
												   : 6;
			cell_text(&t->rows[i].cells[k], letters);
			put_column(f, *letters ? letters : ".", k + 1 == end ? 0 : width);
		}
		fputc('\n', f);
	}
}

/* RFC 4180. A spreadsheet takes what begins with one of these for a formula. */
static void put_csv(FILE *f, const char *text)
{
	fputc('"', f);
	if (*text && strchr("=+-@\t", *text) && text[1])
		fputc('\'', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

void table_csv(FILE *f, const struct table *t)
{
	char letters[16];

	fputs("\"group\",\"resource\"", f);
	for (uint32_t i = 0; i < t->policy_count; i++) {
		fputc(',', f);
		put_csv(f, t->policies[i]);
	}
	fputs("\r\n", f);
	for (uint32_t i = 0; i < t->count; i++) {
		put_csv(f, t->groups[t->rows[i].group]);
		fputc(',', f);
		put_csv(f, t->rows[i].name);
		for (uint32_t k = 0; k < t->policy_count; k++) {
			fputc(',', f);
			put_csv(f, cell_text(&t->rows[i].cells[k], letters));
		}
		fputs("\r\n", f);
	}
}

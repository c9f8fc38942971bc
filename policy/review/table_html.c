#include <string.h>

#include "table.h"
#include "utf8.h"

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<title>What each policy allows</title>\n"
    "<style>\n"
    ":root { color-scheme: light dark; --paper: #fbfaf7; --ink: #22252a; --faint: #8b8f96; --line: #e2e0d8; --band: #f1efe8;\n"
    "  --hover: #e9efff; --r: #2f6fb5; --w: #b5472f; --a: #a3702a; --c: #9a3f8f; --x: #2e7d4f; --i: #5b5fc7; --yes: #55595f; "
    "}\n"
    "@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #dcdfe4; --faint: #7d828a; --line: #2b2e34;\n"
    "  --band: #1e2126; --hover: #232b3d; --r: #6cabec; --w: #ee8269; --a: #dba65c; --c: #dc85d1; --x: #6cc48e; --i: #9fa2f5;\n"
    "  --yes: #b3b8c0; } }\n"
    "* { box-sizing: border-box; }\n"
    "body { margin: 0; padding: 2rem; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }\n"
    "h1 { margin: 0 0 .3rem; font-size: 1.5rem; font-weight: 600; letter-spacing: -.01em; }\n"
    "p { margin: 0 0 1rem; max-width: 46rem; color: var(--faint); }\n"
    ".key { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin: 0 0 1.2rem; padding: 0; list-style: none; }\n"
    ".frame { overflow: auto; max-height: 82vh; border: 1px solid var(--line); border-radius: 8px; }\n"
    "table { border-collapse: separate; border-spacing: 0; }\n"
    "th, td { padding: .22rem .55rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }\n"
    "thead th { position: sticky; top: 0; z-index: 2; height: 11rem; vertical-align: bottom; background: var(--paper);\n"
    "  border-bottom: 2px solid var(--line); font: 600 13px/1.3 system-ui, sans-serif; }\n"
    "thead th span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 10.4rem; "
    "overflow: "
    "hidden; }\n"
    "tbody th { position: sticky; left: 0; z-index: 1; background: var(--paper); font: 13px/1.45 ui-monospace, monospace;\n"
    "  border-right: 1px solid var(--line); max-width: 30rem; overflow: hidden; text-overflow: ellipsis; }\n"
    "thead th:first-child { left: 0; z-index: 3; border-right: 1px solid var(--line); }\n"
    "tr.group th { top: 11rem; z-index: 2; background: var(--band); border-right: 0; font: 600 13px/1.6 system-ui, "
    "sans-serif; }\n"
    "tr.group td { position: sticky; top: 11rem; background: var(--band); }\n"
    "td { font: 600 13px/1.45 ui-monospace, monospace; min-width: 2.4rem; text-align: center; }\n"
    "td[title], tbody th[title] { cursor: help; }\n"
    "tbody tr:not(.group):hover th, tbody tr:not(.group):hover td { background: var(--hover); }\n"
    ".r { color: var(--r); } .w { color: var(--w); } .a { color: var(--a); } .c { color: var(--c); } .x { color: var(--x); }\n"
    ".i { color: var(--i); } .y { color: var(--yes); }\n"
    ".changes { background: color-mix(in srgb, var(--w) 13%, transparent); }\n"
    ".runs { background: color-mix(in srgb, var(--x) 13%, transparent); }\n"
    "@media print { body { padding: 0; } .frame { max-height: none; overflow: visible; border: 0; } }\n"
    "</style>\n"
    "</head>\n"
    "<body>\n";

/* For text and for attributes. What can't be seen is shown as U+FFFD. */
static void put_html(FILE *f, const char *text)
{
	uint32_t code;
	size_t n;

	for (; *text; text += n) {
		n = utf8_read(text, strlen(text), &code);
		if (n == 0 || (!utf8_visible(code) && *text != '\n')) {
			fputs("\xef\xbf\xbd", f);
			n = n ? n : 1;
			continue;
		}
		switch (*text) {
		case '&': fputs("&amp;", f); break;
		case '<': fputs("&lt;", f); break;
		case '>': fputs("&gt;", f); break;
		case '"': fputs("&quot;", f); break;
		case '\'': fputs("&#39;", f); break;
		case '\n': fputs("&#10;", f); break;
		default: fwrite(text, 1, n, f);
		}
	}
}

static void put_key(FILE *f)
{
	static const char *const key[][2] = {
	    {"r", "read"},    {"w", "write"},     {"a", "append"}, {"c", "create, remove, rename"},
	    {"x", "execute"}, {"i", "ioctl"},     {"+", "yes"},    {"k", "kept of the caller's"},
	    {"s", "set"},     {"p", "to pass on"}};

	fputs("<ul class=\"key\">\n", f);
	for (size_t i = 0; i < sizeof key / sizeof *key; i++)
		fprintf(f, "<li><b class=\"%s\">%s</b> %s</li>\n", i < 6 ? key[i][0] : "y", key[i][0], key[i][1]);
	fputs("</ul>\n", f);
}

static void put_cell(FILE *f, const struct cell *cell)
{
	char letters[16];

	if (!*cell_text(cell, letters)) {
		fputs("<td></td>", f);
		return;
	}
	const uint32_t changes = RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE;
	fprintf(f, "<td%s title=\"",
		cell->rights & changes      ? " class=\"changes\""
		: cell->rights & RIGHT_EXEC ? " class=\"runs\""
					    : "");
	put_html(f, cell->lines);
	fputs("\">", f);
	for (const char *p = letters; *p; p++)
		fprintf(f, "<span class=\"%c\">%c</span>", strchr("rwacxi", *p) ? *p : 'y', *p);
	fputs("</td>", f);
}

void table_html(FILE *f, const struct table *t)
{
	char name[64];
	int last = -1;

	fputs(head, f);
	fputs("<h1>What each policy allows</h1>\n<p>Hold the pointer over a cell to see the lines of the policy that say "
	      "so.</p>\n",
	      f);
	put_key(f);
	fputs("<div class=\"frame\">\n<table>\n<thead><tr><th scope=\"col\">resource</th>", f);
	for (uint32_t i = 0; i < t->policy_count; i++) {
		fputs("<th scope=\"col\" title=\"", f);
		put_html(f, t->policies[i]);
		fputs("\"><span>", f);
		put_html(f, table_short_name(t->policies[i], name));
		fputs("</span></th>", f);
	}
	fputs("</tr></thead>\n<tbody>\n", f);
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->rows[i].group != last) {
			fputs("<tr class=\"group\"><th scope=\"colgroup\">", f);
			put_html(f, t->groups[t->rows[i].group]);
			fprintf(f, "</th><td colspan=\"%u\"></td></tr>\n", t->policy_count);
		}
		last = t->rows[i].group;
		fputs("<tr><th scope=\"row\" title=\"", f);
		put_html(f, t->rows[i].name);
		fputs("\">", f);
		put_html(f, t->rows[i].name);
		fputs("</th>", f);
		for (uint32_t k = 0; k < t->policy_count; k++)
			put_cell(f, &t->rows[i].cells[k]);
		fputs("</tr>\n", f);
	}
	fputs("</tbody>\n</table>\n</div>\n</body>\n</html>\n", f);
}

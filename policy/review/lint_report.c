#include "lint_report.h"

#include <string.h>

void report_count(const struct findings *findings, uint32_t counts[SEVERITIES])
{
	const struct finding *all = findings->list.data;

	memset(counts, 0, SEVERITIES * sizeof *counts);
	for (uint32_t i = 0; i < findings->list.count; i++)
		counts[all[i].rule->severity]++;
}

static void put_finding(FILE *f, const struct finding *finding)
{
	fputs(finding->shown, f);
	if (finding->line > 0)
		fprintf(f, ":%u:%u", finding->line, finding->column);
	fprintf(f, ": %s: %s [%s]\n", severity_word[finding->rule->severity], finding->text, finding->rule->id);
	if (finding->line > 0)
		fprintf(f, "%5u | %s\n      | %s%s%s\n", finding->line, finding->echo, finding->mark, *finding->hint ? " " : "",
			finding->hint);
	else if (*finding->hint)
		fprintf(f, "      | %s\n", finding->hint);
}

void report_text(FILE *f, const struct findings *findings)
{
	const struct finding *all = findings->list.data;
	uint32_t counts[SEVERITIES];
	const char *comma = "";

	for (uint32_t i = 0; i < findings->list.count; i++)
		put_finding(f, &all[i]);
	report_count(findings, counts);
	for (int s = SEVERITIES - 1; s >= 0; s--) {
		if (counts[s] == 0)
			continue;
		fprintf(f, "%s%u %s%s", comma, counts[s], severity_word[s], counts[s] == 1 ? "" : "s");
		comma = ", ";
	}
	if (findings->list.count > 0)
		fputc('\n', f);
}

void report_string(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void put_member(FILE *f, const char *name, const char *text)
{
	fprintf(f, ", \"%s\": ", name);
	report_string(f, text);
}

void report_json(FILE *f, const struct findings *findings)
{
	const struct finding *all = findings->list.data;
	uint32_t counts[SEVERITIES];

	report_count(findings, counts);
	fprintf(f, "{\n  \"version\": \"%s\",\n  \"errors\": %u,\n  \"warnings\": %u,\n  \"notes\": %u,\n  \"findings\": [",
		ENDOW_VERSION, counts[SEVERITY_ERROR], counts[SEVERITY_WARNING], counts[SEVERITY_NOTE]);
	for (uint32_t i = 0; i < findings->list.count; i++) {
		fprintf(f, "%s\n    {\"id\": \"%s\", \"severity\": \"%s\"", i > 0 ? "," : "", all[i].rule->id,
			severity_word[all[i].rule->severity]);
		put_member(f, "file", all[i].shown);
		fprintf(f, ", \"line\": %u, \"column\": %u, \"width\": %u", all[i].line, all[i].line ? all[i].column : 0,
			all[i].line ? all[i].width : 0);
		put_member(f, "message", all[i].text);
		put_member(f, "hint", all[i].hint);
		fputc('}', f);
	}
	fprintf(f, "%s]\n}\n", findings->list.count > 0 ? "\n  " : "");
}

/* SARIF 2.1.0: what code hosts read. */
#include <string.h>

#include "lint_report.h"

static const char *const levels[SEVERITIES] = {"note", "warning", "error"};

static void put_text(FILE *f, const char *member, const char *text, const char *more)
{
	fprintf(f, "\"%s\": {\"text\": ", member);
	if (*more) {
		char both[1024];
		snprintf(both, sizeof both, "%s; %s", text, more);
		report_string(f, both);
	} else {
		report_string(f, text);
	}
	fputc('}', f);
}

static void put_rule(FILE *f, const struct lint_rule *rule)
{
	char help[128];

	snprintf(help, sizeof help, "See %s in endow-check(1).", rule->id);
	fprintf(f, "        {\"id\": \"%s\", ", rule->id);
	put_text(f, "shortDescription", rule->title, "");
	fputs(", ", f);
	put_text(f, "help", help, "");
	fprintf(f, ", \"defaultConfiguration\": {\"level\": \"%s\"}}", levels[rule->severity]);
}

/* A path as a URI: relative where it lies beneath CWD. */
static void put_uri(FILE *f, const char *path, const char *cwd)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	const size_t len = strlen(cwd);
	const char *from = path;

	while (strncmp(path, "./", 2) == 0)
		path += 2 + strspn(path + 2, "/");
	if (strncmp(path, cwd, len) == 0 && path[len] == '/')
		path += len + 1;
	fprintf(f, "\"%s", *path == '/' ? "file://" : "");
	for (from = path; *from; from++)
		fprintf(f, strchr(plain, *from) ? "%c" : "%%%02X", (unsigned char)*from);
	fprintf(f, "\"%s", *path == '/' ? "" : ", \"uriBaseId\": \"%SRCROOT%\"");
}

static void put_result(FILE *f, const struct finding *finding, const char *cwd)
{
	const uint32_t line = finding->line > 0 ? finding->line : 1, column = finding->line > 0 ? finding->column : 1;
	const uint32_t width = finding->line > 0 && finding->width > 0 ? finding->width : 1;

	fprintf(f, "      {\"ruleId\": \"%s\", \"ruleIndex\": %d, \"level\": \"%s\",\n       ", finding->rule->id,
		(int)(finding->rule - lint_rules), levels[finding->rule->severity]);
	put_text(f, "message", finding->text, finding->hint);
	fputs(",\n       \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": ", f);
	put_uri(f, finding->shown, cwd);
	fprintf(f, "}, \"region\": {\"startLine\": %u, \"startColumn\": %u, \"endColumn\": %u}}}]}", line, column,
		column + width);
}

void report_sarif(FILE *f, const struct findings *findings, const char *cwd)
{
	const struct finding *all = findings->list.data;

	fputs(
	    "{\n  \"version\": \"2.1.0\",\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n  \"runs\": [{\n"
	    "    \"tool\": {\"driver\": {\"name\": \"endow check\", \"version\": \"" ENDOW_VERSION "\", \"rules\": [\n",
	    f);
	for (size_t i = 0; i < LINT_RULES; i++) {
		fputs(i > 0 ? ",\n" : "", f);
		put_rule(f, &lint_rules[i]);
	}
	fputs("\n    ]}},\n    \"columnKind\": \"unicodeCodePoints\",\n    \"results\": [\n", f);
	for (uint32_t i = 0; i < findings->list.count; i++) {
		fputs(i > 0 ? ",\n" : "", f);
		put_result(f, &all[i], cwd);
	}
	fputs("\n    ]\n  }]\n}\n", f);
}

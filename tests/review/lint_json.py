# lint_json.py FILE FOLDER ID...: is FILE what `endow check --json` promises, with a finding of every id? Prints what is wrong.
import json, sys

path, folder, *ids = sys.argv[1:]
report = json.load(open(path, encoding="utf-8"))


def check(good, what):
    if not good:
        print(what)


check(set(report) == {"version", "errors", "warnings", "notes", "findings"}, sorted(report))
severities = {"error": 0, "warning": 0, "note": 0}
for finding in report["findings"]:
    check(set(finding) == {"id", "severity", "file", "line", "column", "width", "message", "hint"}, finding)
    severities[finding["severity"]] += 1
    check(finding["id"] in ids and finding["message"] and finding["file"], finding)
    if finding["line"] == 0:
        check(finding["column"] == 0, finding)
        continue
    lines = open(f"{folder}/{finding['file']}", encoding="utf-8").read().split("\n")
    line = lines[finding["line"] - 1]
    end = finding["column"] - 1 + finding["width"]
    check(finding["width"] > 0 and end <= len(line) + 1, (finding, line))
check(severities == {"error": report["errors"], "warning": report["warnings"], "note": report["notes"]}, severities)
missing = set(ids) - {finding["id"] for finding in report["findings"]} - {"kernel-lacks", "lock"}  # these take options
check(not missing, f"not found: {missing}")

# lint_sarif.py FILE FOLDER ID...: has FILE the structure of SARIF 2.1.0 that code hosts need? Prints what is wrong.
import json, os, sys, urllib.parse

path, folder, *ids = sys.argv[1:]
log = json.load(open(path, encoding="utf-8"))


def check(good, what):
    if not good:
        print(what)


check(log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json"), log["version"])
check(len(log["runs"]) == 1, "one run")
run = log["runs"][0]
driver = run["tool"]["driver"]
check(driver["name"] == "endow check" and driver["version"], driver)
rules = driver["rules"]
check([rule["id"] for rule in rules] == ids, "rules are the ids, in their order")
for rule in rules:
    check(rule["shortDescription"]["text"] and rule["help"]["text"], rule)
    check(rule["defaultConfiguration"]["level"] in ("note", "warning", "error"), rule)
check(run["columnKind"] == "unicodeCodePoints", run["columnKind"])
check(len(run["results"]) > len(ids) / 2, "results")
for result in run["results"]:
    rule = rules[result["ruleIndex"]]
    check(rule["id"] == result["ruleId"] and result["level"] == rule["defaultConfiguration"]["level"], result)
    check(result["message"]["text"], result)
    check(len(result["locations"]) == 1, result)
    location = result["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    check(not uri.startswith(("/", "./", "file:")) and os.path.isfile(f"{folder}/{urllib.parse.unquote(uri)}"), uri)
    check(location["artifactLocation"]["uriBaseId"] == "%SRCROOT%", location)
    region = location["region"]
    check(region["startLine"] >= 1 and 1 <= region["startColumn"] < region["endColumn"], region)

"""What is granted by one plan and not by another: narrower.py LEARNED.json LIBRARY.json. One line for each excess, sorted."""
import json
import os
import sys

IMPLIED = {"exec": {"read"}, "write": {"append"}}


def load(path):
    with open(path, encoding="utf-8") as f:
        plan = json.load(f)
    trees, files, other = [], [], set(("promise", p) for p in plan["promises"])
    for g in plan["grants"]:
        if g["kind"] == "path":
            if not g.get("enforced_by"):
                continue
            rights = set(g["rights"])
            for r in g["rights"]:
                rights |= IMPLIED.get(r, set())
            real = os.path.realpath(g["object"])
            (trees if g["object"].endswith("/") else files).append((real, rights))
        elif g["kind"] in ("connect", "listen", "descriptor"):
            other.add((g["kind"], g["object"]))
    return trees, files, other


def granted(plan, path):
    trees, files, _ = plan
    rights = set()
    for tree, r in trees:
        if tree == "/" or path == tree or path.startswith(tree + "/"):
            rights |= r
    for file, r in files:
        if file == path:
            rights |= r
    return rights


learned, library = load(sys.argv[1]), load(sys.argv[2])
excess = []
for path, rights in learned[0] + learned[1]:
    more = rights - granted(library, path)
    if more:
        excess.append("%s %s" % (" ".join(sorted(more)), path))
for kind, what in learned[2] - library[2]:
    if (kind, what.split()[0] + " any") not in library[2]:
        excess.append("%s %s" % (kind, what))
print("\n".join(sorted(set(excess))))

#!/usr/bin/env python3
"""property.py [--seconds N] [--seed N]: what `endow can` says is what the kernel does, and `endow diff` tells a gain exactly where there is one.

Random policies are made over a small tree of files, folders and links. Under each of them a prober tries every access of a small
universe, and each result is compared with the answer of `endow can`. Of two policies whose universes are known, `endow diff` has to
report a gain exactly where the second allows an access that the first does not.

ENDOW names the launcher (endow-review in libexec beside it), PROBER and TINY the programs of tests/review. Works as root and as any
user. The last line is "N passed, N failed".
"""
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

EPERM, ENOENT, EBADF, EACCES, EXDEV, ENOTDIR, ETXTBSY, EROFS, ENOSYS, ECONNREFUSED = 1, 2, 9, 13, 18, 20, 26, 30, 38, 111
LOADER = "/lib64/ld-linux-x86-64.so.2"
RIGHTS = ["read", "write", "append", "create", "exec"]
PROMISES = ["proc", "tty", "fattr", "id", "debug", "sched", "sysvipc", "netlink", "watch", "aio"]
DEVICES = ["/dev/null", "/dev/zero", "/dev/full"]
VARIABLES = ["PROP_A", "PROP_B", "PROP_B_LONG", "PROP_C"]


class Tree:
    """The files that policies are about."""

    def __init__(self, tiny):
        self.top = os.path.realpath(tempfile.mkdtemp(prefix="endow-property.", dir="/var/tmp"))
        os.chmod(self.top, 0o755)
        self.work = self.top + "/work"
        self.home = self.work + "/home"
        for folder in ("", "/home", "/home/.config", "/a", "/a/b", "/a/b/c", "/a/sub dir", "/d", "/d/e", "/out", "/home/x", "/d/deep", "/d/deep/er"):
            os.mkdir(self.work + folder)
        self.files = ["a/f1", "a/f2", "a/b/f3", "a/b/c/f4", "a/sub dir/f5", "d/f6", "d/e/f7", "out/f8", "home/f9", "home/x/f10",
                      "home/.config/f11", "d/deep/f12", "d/deep/er/f13", "f14"]
        for name in self.files:
            shutil.copy(tiny, f"{self.work}/{name}")
            os.chmod(f"{self.work}/{name}", 0o755)
        # One file of each folder that no policy names: what is granted on a folder is seen in it.
        self.own = []
        for folder in ("", "/home", "/home/.config", "/a", "/a/b", "/a/b/c", "/a/sub dir", "/d", "/d/e", "/out", "/home/x", "/d/deep", "/d/deep/er"):
            shutil.copy(tiny, f"{self.work}{folder}/own")
            self.own.append(f"{self.work}{folder}/own")
        self.links = {"l1": "a", "l2": "a/b/f3", "a/l3": "../d/e", "a/l4": self.work + "/out/f8", "d/l5": "../a/b", "dangling": "nowhere",
                      "home/l6": "../a", "out/l7": "l8", "out/l8": "../d/f6"}
        for name, text in self.links.items():
            os.symlink(text, f"{self.work}/{name}")
        os.link(self.work + "/a/f2", self.work + "/d/hard")
        self.files.append("d/hard")
        with open(self.work + "/d/script", "w", encoding="ascii") as script:
            script.write(f"#!{self.work}/out/f8\n")
        os.chmod(self.work + "/d/script", 0o755)
        shutil.copy("/bin/true", self.work + "/a/dynamic")
        self.folders = ["", "a", "a/b", "a/b/c", "a/sub dir", "d", "d/e", "d/deep", "d/deep/er", "out", "home", "home/x", "home/.config"]
        self.names = ([f"{self.work}/{n}".rstrip("/") for n in self.folders + self.files + ["d/script", "a/dynamic"]]
                      + [f"{self.work}/{n}" for n in ("l1/f1", "l1/b/c/f4", "a/l3/f7", "a/l4", "d/l5/c", "d/l5/f3", "l2", "home/l6/f2", "out/l7")]
                      + self.own)
        self.programs = [f"{self.work}/{n}" for n in self.files + ["d/script", "a/dynamic"]] + self.own + [LOADER]
        self.fresh = [f"{self.work}/{n}/new" for n in ("a", "d/e", "out", "home/x", "a/l3", "a/b/c")] + [self.work + "/new"]

    def remove(self):
        shutil.rmtree(self.top, ignore_errors=True)


class Maker:
    """Random statements."""

    def __init__(self, tree, rng, ports):
        self.tree, self.rng, self.ports = tree, rng, ports

    def spell(self, name):
        """One of the ways to write the path of NAME in the tree."""
        ways = [f"{self.tree.work}/{name}".rstrip("/"), f"./{name}" if name else "."]
        if name.startswith("home"):
            ways.append("~" + name[4:])
        path = self.rng.choice(ways)
        if " " in path:
            return '"' + path.replace("~", "$HOME", 1).replace("./", "$PWD/", 1) + '"'
        return path

    def path(self, folders_only=False):
        rng, tree = self.rng, self.tree
        if folders_only or rng.random() < 0.55:
            return rng.choice(tree.folders + (["l1", "a/l3", "d/l5"] if rng.random() < 0.3 else []))
        return rng.choice(tree.files + ["d/script", "a/dynamic"] + [l for l in tree.links if l != "dangling"])

    def part(self, folder):
        """Something beneath FOLDER."""
        prefix = folder + "/" if folder else ""
        inside = [n[len(prefix):] for n in self.tree.folders + self.tree.files if n.startswith(prefix) and n != folder]
        if not inside:
            return None
        part = self.rng.choice(inside)
        part = f'"{part}"' if " " in part else part
        return part + self.rng.choice(["", "/"]) if part in [f[len(prefix):] for f in self.tree.folders] else part

    def grant(self, fragile):
        rng = self.rng
        rights = rng.sample(RIGHTS, rng.choice([1, 1, 1, 2, 2, 3]))
        if "append" in rights and not fragile:
            rights.remove("append")
        if not rights:
            rights = ["read"]
        if fragile:
            rights = [r for r in rights if r not in ("write", "create")] or ["append"]
        folder = "create" in rights or rng.random() < 0.4
        name = self.path(folder)
        words = rights + [self.spell(name)]
        if rng.random() < 0.2 and name in self.tree.folders:
            parts = [p for p in {self.part(name) for _ in range(rng.choice([1, 1, 2]))} if p]
            if parts:
                words += ["except"] + parts
                if rng.random() < 0.6:  # what another statement grants on them stays
                    words = [rng.choice(["read", "read", "exec"]), words[-len(parts) - 2], "optional\n"] + words
        if rng.random() < 0.25:
            words.append("optional")
        if rng.random() < 0.3:
            words.append(rng.choice(["follow", "nofollow"]))
        return " ".join(words).replace("\n ", "\n")

    def statement(self, fragile):
        rng = self.rng
        kind = rng.random()
        if kind < 0.60:
            return self.grant(fragile)
        if kind < 0.66:
            return f"private {self.spell(self.path(True))}"
        if kind < 0.70:
            return f"{rng.choice(['read', 'read', 'read', 'exec', 'append' if fragile else 'read write'])} {rng.choice(DEVICES)}"
        if kind < 0.74:
            return f"ioctl {rng.choice(DEVICES)}"
        if kind < 0.78:
            right = rng.choice(["read", "append"] if fragile else ["read", "write", "append", "read write"])
            return f"fd {rng.randint(3, 9)} {right} {self.spell(rng.choice(self.tree.files))}"
        if kind < 0.84:
            verb = rng.choice(["connect", "connect", "listen"])
            port = rng.choice(self.ports)
            return f"{verb} tcp " + rng.choice([str(port), f"{port - 1}-{port + 1}", "any"])
        if kind < 0.88:
            return rng.choice(["connect udp any", "connect unix any"])
        if kind < 0.93:
            name = rng.choice(VARIABLES)
            return rng.choice([f"env keep {name}", f"env set {name}=value", "env keep PROP_B*"])
        return f"promise {rng.choice(PROMISES)}"

    def policy(self):
        rng = self.rng
        fragile = rng.random() < 0.15  # with an append by name, nothing may be granted for writing
        lines = [self.statement(fragile) for _ in range(rng.randint(1, 7))]
        if rng.random() < 0.25:
            lines.append(f"exec {LOADER} optional\nread /usr/lib\nread /lib /lib64 optional nofollow\nread /etc/ld.so.cache optional")
        if rng.random() < 0.08:
            lines.append("isolate files")
        if rng.random() < 0.05:
            lines.append("isolate net")
        if rng.random() < 0.04:
            lines.append("isolate processes ipc")
        return "\n".join(lines) + "\n"

    def variation(self, text):
        """A policy that is TEXT but for a statement or two."""
        rng = self.rng
        lines = text.splitlines()
        for _ in range(rng.choice([1, 1, 2])):
            how = rng.random()
            if how < 0.4 or not lines:
                lines.insert(rng.randint(0, len(lines)), self.statement(" append " in " " + text.replace("\n", " ")))
            elif how < 0.7:
                lines.pop(rng.randrange(len(lines)))
            else:
                rng.shuffle(lines)
        return "\n".join(lines) + "\n"


class Lab:
    def __init__(self, tree, ports):
        self.tree, self.ports = tree, ports
        self.endow = os.environ["ENDOW"]
        self.prober = os.environ["PROBER"]
        # What the launcher keeps from being written lies elsewhere.
        self.env = {"HOME": tree.home, "XDG_CONFIG_HOME": tree.top, "XDG_CACHE_HOME": tree.top, "PATH": "/usr/bin:/bin", "PROP_A": "caller", "PROP_B": "caller", "PROP_B_LONG": "caller",
                    "PROP_C": "caller"}
        self.policy = tree.top + "/random.policy"
        stats = [(os.stat(n), n) for n in tree.names if os.path.isfile(n)]
        self.known = "".join(f"file {st.st_dev} {st.st_ino} {n}\n" for st, n in stats)

    def universe(self):
        """Every access, as the prober takes it. The flag tells whether it has to be able to start processes for it."""
        accesses = []
        for name in self.tree.names:
            for right in ("read", "write", "append", "truncate"):
                if right == "read" or not os.path.isdir(name):
                    accesses.append((right, name))
            if os.path.isdir(name):
                accesses.append(("create", name))
        accesses += [("create", n) for n in self.tree.fresh]
        accesses += [("read", n) for n in ("/etc/ld.so.cache", "/usr/lib", LOADER)]
        for device in DEVICES:
            accesses += [(r, device) for r in ("read", "write", "append", "ioctl")]
        accesses += [("ioctl", f"{self.tree.work}/f14"), ("inherited", "-")]
        accesses += [(verb, str(p + k)) for verb in ("connect", "listen") for p in self.ports for k in (-1, 0, 1)]
        accesses += [("udp", ""), ("unix", "")]
        accesses += [("env", v) for v in VARIABLES + ["PROP_B_NEW"]]
        accesses += [("promise", p) for p in PROMISES]
        executions = [("exec", p) for p in self.tree.programs]
        executions += [("through " + LOADER, p) for p in (f"{self.tree.work}/a/dynamic",)]
        return accesses, executions

    def run(self, words, accesses):
        text = self.known + "".join(f"{kind} {what}\n" for kind, what in accesses)
        done = subprocess.run(words, input=text, capture_output=True, text=True, cwd=self.tree.work, env=self.env, timeout=60, check=False)
        return done.returncode, done.stdout.splitlines(), done.stderr

    def try_all(self, text):
        """What really comes of each access: {access: (errno, text)}; None where endow refuses the policy."""
        with open(self.policy, "w", encoding="utf-8") as f:
            f.write(text)
        accesses, executions = self.universe()
        status, out, err = self.run([self.endow, "-p", self.policy, "--", self.prober], accesses)
        if status != 0 or len(out) != len(accesses):
            if status != 125:
                print(f"the prober ended with {status} after {len(out)} answers: {err}")
            return None, err
        status, more, err = self.run([self.endow, "-p", self.policy, "--promise", "proc", "--", self.prober], executions)
        if status != 0 or len(more) != len(executions):
            print(f"the prober ended with {status} after {len(more)} executions: {err}")
            return None, err
        results = {}
        for access, line in zip(accesses + executions, out + more):
            said, _, code = line.rpartition(" ")
            results[access] = (int(code), said)
        return results, ""

    def ask_all(self, results):
        """What endow can says of each: {access: answer}."""
        questions, order = [], []
        for access in results:
            kind, what = access
            if kind in ("truncate", "inherited") or kind.startswith("through"):
                continue  # asked as write, as ioctl and as exec
            order.append(access)
            questions.append(f"{kind} tcp {what}" if kind in ("connect", "listen") else f"connect {kind}" if kind in ("udp", "unix")
                             else f"{kind} {what}")
        words = [self.endow, "can", "--json", "--program", self.prober, self.policy, "-"]
        done = subprocess.run(words, input="\n".join(questions) + "\n", capture_output=True, text=True, cwd=self.tree.work, env=self.env,
                              timeout=60, check=False)
        if done.returncode not in (0, 1):
            return None, done.stderr
        answers = json.loads(done.stdout)["answers"]
        if len(answers) != len(order):
            return None, f"{len(answers)} answers to {len(order)} questions"
        return dict(zip(order, answers)), done.stderr


def allowed(access, result):
    """Did the sandbox allow it? None: that can't be told from what came of it."""
    code, _ = result
    kind = access[0]
    if code == 0:
        return True
    if kind in ("read", "write", "append", "truncate", "create", "exec") and code in (ENOENT, ENOTDIR):
        return None
    if kind == "ioctl" and code == EBADF:
        return None
    if kind == "connect" and code == ECONNREFUSED:
        return True
    if kind == "env":
        return False
    if code in (EACCES, EPERM, EROFS, ENOSYS, EXDEV, ENOENT):
        return False
    return None


def claims(access, answers, results):
    """What can claims of an access, and whether that can be compared."""
    answer = answers.get(access)
    if answer is None:
        return None
    yes = answer["answer"] == "yes"
    kind = access[0]
    if kind == "exec" and yes and answer["how"].startswith("by "):
        return None  # by its loader or its interpreter: tried as such
    if kind == "promise" and access[1] in ("aio", "tty"):
        said = " ".join(s for s in results.get("policy", "").split())
        if (access[1] == "aio" and "append" in said) or (access[1] == "tty" and "ioctl" in said):
            return None  # closed, or opened, by something else as well
    return yes


class Judge:
    def __init__(self):
        self.passed = self.failed = self.policies = self.refused = self.unforeseen = self.diffs = self.gains = 0
        self.kinds = {}

    def bad(self, *lines):
        self.failed += 1
        if self.failed <= 12:
            print("FAIL", *lines, sep="\n    ")

    def count(self, access, yes):
        kind = access[0].split()[0]
        self.kinds.setdefault(kind, [0, 0])[0 if yes else 1] += 1
        self.passed += 1


def judge_can(lab, judge, text, results):
    answers, err = lab.ask_all(results)
    if answers is None:
        judge.bad("can does not answer: " + err, text)
        return {}
    if err:
        judge.bad("endow runs it, and can says that it would not: " + err, text)
    results = dict(results)
    policy = {"policy": text}
    for access, result in results.items():
        real = allowed(access, result)
        claim = claims(access, answers, policy)
        if access == ("exec", LOADER):
            claim = claim and None if not real else claim  # by another loader, or by itself
        if access[0].startswith("through"):
            answer = answers[("exec", access[1])]
            claim = answer["answer"] == "yes" if real or answer["how"].startswith("by " + LOADER) else None
            claim = claim if "read /usr/lib" in text else None  # the loader runs it, but for its library
        if real is None and claim and access[0] in ("read", "write", "append", "exec") and answers[access]["how"] == "in an empty place of its own":
            real = True  # whatever is made there
        if real is None and claim and access[0] in ("read", "write", "append", "exec") and result[0] != ETXTBSY:
            judge.bad(f"{access}: can says {answers[access]}", f"but nothing is to be seen there: {result}", text)
            continue
        if real is None or claim is None or (access[0] == "env" and claim and answers[access]["how"].startswith("kept")
                                             and access[1] not in lab.env):
            continue
        if real != claim:
            judge.bad(f"{access}: can says {answers.get(access)}", f"but it came to {result}", text)
        else:
            judge.count(access, claim)
        if access[0] == "env" and real:
            kept = answers[access]["how"].startswith("kept")
            if (result[1] == "=caller") != kept:
                judge.bad(f"{access}: can says {answers[access]}", f"but its value is {result}", text)
    return answers


def judge_refusal(lab, judge, text, err):
    """What endow refuses, can has to foresee, on standard error."""
    done = subprocess.run([lab.endow, "can", "--program", lab.prober, lab.policy, "read", "/"], capture_output=True, text=True,
                          cwd=lab.tree.work, env=lab.env, timeout=60, check=False)
    if done.stderr:
        judge.passed += 1
    else:
        judge.bad("endow refuses it, and can does not say so: " + err, text)


def in_own_place(access, answers):
    """Is it allowed in an empty place of its own, whatever is made there?"""
    answer = answers.get(access, answers.get(("write", access[1]), {}))
    return answer.get("answer") == "yes" and answer["how"] == "in an empty place of its own"


def newly(one, two):
    """The accesses that the second allows and the first does not."""
    (_, a, can_a), (_, b, can_b) = one, two
    gained = []
    names = {}  # of each file: it may have several
    for _, path in b:
        if path.startswith("/var/tmp/") and os.path.isfile(path):
            names.setdefault(os.stat(path).st_ino, []).append(path)
    for access, result in b.items():
        if access[1].startswith("/var/tmp/") and os.path.realpath(access[1]) != access[1]:
            continue  # another name of what has a name of its own
        real, before = allowed(access, result), allowed(access, a[access])
        if access[1].startswith("/var/tmp/") and os.path.isfile(access[1]) and access[0] != "create":
            if any(allowed((access[0], n), a[access[0], n]) for n in names[os.stat(access[1]).st_ino] if (access[0], n) in a):
                continue
            before = False
        if access[0] in ("read", "write", "append", "truncate", "create", "exec"):
            own, own_before = in_own_place(access, can_b), in_own_place(access, can_a)
            real, before = real or own, (before or own_before) and (own or not own_before)
        if access[0] == "connect" and result[0] == 0 and a[access][0] != 0:
            before = False  # with the same ports, another network is a gain
        if access[0] == "env":
            if result[0] == 0 and result != a[access]:
                gained.append(access)
            continue
        if (access[0] == "promise" and access[1] in ("aio", "tty")) or ETXTBSY in (a[access][0], result[0]):
            continue
        if real and not before:
            gained.append(access)
    return gained


def judge_diff(lab, judge, one, two):
    text_a, text_b = one[0], two[0]
    paths = [f"{lab.tree.top}/{n}.policy" for n in ("a", "b")]
    for path, text in zip(paths, (text_a, text_b)):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    done = subprocess.run([lab.endow, "diff", "--json", "--program", lab.prober] + paths, capture_output=True, text=True, cwd=lab.tree.work,
                          env=lab.env, timeout=60, check=False)
    if done.returncode not in (0, 1):
        judge.bad("diff fails: " + done.stderr, text_a, "----", text_b)
        return
    gained = newly(one, two)
    told = json.loads(done.stdout)["gained"]
    # What the universe has no access for: all that is kept from sight, what is not there, and promises that others open or close as well.
    told_here = [g for g in told if not re.match(r"promise (aio|tty)|no (files|net|processes|ipc) ", g["authority"]) and g["note"] != "nothing is there now"]
    judge.diffs += 1
    judge.gains += bool(gained)
    if bool(told) != (done.returncode == 1):
        judge.bad(f"diff ends with {done.returncode} and tells {told}")
    if gained and not told:
        judge.bad(f"diff tells no gain, and these are: {gained}", text_a, "----", text_b)
    elif told_here and not gained:
        judge.bad(f"diff tells {[g['authority'] for g in told_here]}, and none is", text_a, "----", text_b)
    else:
        judge.passed += 1


def accept_all(server):
    """A queue that nobody empties would block whoever connects."""
    while True:
        server.accept()[0].close()


def listen():
    listening = []
    for _ in range(2):
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        s.listen(64)
        threading.Thread(target=accept_all, args=(s,), daemon=True).start()
        listening.append(s)
    return listening


def main():
    arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    seconds = float(arguments.get("--seconds", 25))
    seed = int(arguments.get("--seed", 20261122))
    print(f"seed {seed}, {seconds:g} s")
    rng = random.Random(seed)
    sockets = listen()
    # A fixed port between them, so that a seed means the same policies: only the real ports differ from run to run.
    ports = [s.getsockname()[1] for s in sockets]
    tree = Tree(os.environ["TINY"])
    judge = Judge()
    try:
        lab = Lab(tree, ports)
        maker = Maker(tree, rng, ports)
        known = []
        end = time.monotonic() + seconds
        while time.monotonic() < end and judge.failed < 12:
            text = maker.variation(rng.choice(known)[0]) if known and rng.random() < 0.5 else maker.policy()
            results, err = lab.try_all(text)
            if results is None:
                judge.refused += 1
                judge_refusal(lab, judge, text, err)
                if os.environ.get("VERBOSE"):
                    print("refused:", err.splitlines()[0] if err else "?")
                continue
            judge.policies += 1
            answers = judge_can(lab, judge, text, results)
            known = (known + [(text, results, answers)])[-12:]
            for _ in range(2):
                other = rng.choice(known)
                judge_diff(lab, judge, other, known[-1])
                judge_diff(lab, judge, known[-1], other)
        if seconds >= 20 and (judge.policies < 20 or judge.gains < 10 or judge.diffs - judge.gains < 5):
            judge.bad("too little was tried")
    finally:
        tree.remove()
    print(f"{judge.policies} policies ({judge.refused} refused), {judge.diffs} pairs of which {judge.gains} gain; accesses (yes, no): "
          + ", ".join(f"{k} {y} {n}" for k, (y, n) in sorted(judge.kinds.items())))
    print(f"{judge.passed} passed, {judge.failed} failed")
    return judge.failed > 0


if __name__ == "__main__":
    sys.exit(main())

# lsp_test.py SOURCES FOLDER: the language server answers as the protocol says.
import json, os, re, subprocess, sys

root, folder = sys.argv[1:]
passed = failed = 0


def check(what, want, got):
    global passed, failed
    if want == got:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {what}\n    wanted {want!r}\n    got    {got!r}")


class Client:
    def __init__(self):
        self.server = subprocess.Popen(
            [sys.executable, "-I", f"{root}/contrib/editors/lsp/endow-lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.number = 0

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def receive(self):
        length = None
        while (line := self.server.stdout.readline().strip()):
            name, _, value = line.partition(b": ")
            if name == b"Content-Length":
                length = int(value)
        return json.loads(self.server.stdout.read(length))

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        answer = self.receive()
        check(f"{method}: the answer's number", self.number, answer.get("id"))
        return answer

    def ask(self, method, params):
        return self.request(method, params).get("result")

    # A document, and what is said of it.

    def open(self, uri, text):
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "endowpolicy", "version": 1, "text": text}})
        return self.published(uri)

    def change(self, uri, text):
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]})
        return self.published(uri)

    def published(self, uri):
        message = self.receive()
        check("diagnostics are published", ("textDocument/publishDiagnostics", uri), (message["method"], message["params"]["uri"]))
        return message["params"]["diagnostics"]

    def at(self, method, uri, line, character):
        return self.ask(method, {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}})

    def offered(self, uri, text):
        """What is offered at the end of TEXT."""
        self.change(uri, text)
        lines = text.split("\n")
        items = self.at("textDocument/completion", uri, len(lines) - 1, len(lines[-1]))
        return {item["label"] for item in items}


def place(line, start, end):
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


client = Client()
capabilities = client.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})["capabilities"]
check("texts are sent whole", 1, capabilities["textDocumentSync"]["change"])
for capability in ("documentFormattingProvider", "hoverProvider", "completionProvider"):
    check(capability, True, bool(capabilities.get(capability)))
client.notify("initialized", {})

# Diagnostics.
os.makedirs(f"{folder}/fragments")
with open(f"{folder}/fragments/wide", "w", encoding="utf-8") as fragment:
    fragment.write("# wide: all of it\nread  /\n")
uri = f"file://{folder}/new.policy"
found = client.open(uri, "use  libc\nreed /x\n")
check("an error", [("policy", 1, place(1, 0, 4))], [(d["code"], d["severity"], d["range"]) for d in found])
check("an error says what would be right", True, "did you mean 'read'?" in found[0]["message"])
check("an error mended", [], client.change(uri, "use  libc\nread /etc/hosts\n"))
found = client.change(uri, "connect  tcp any\n")
check("a warning", [("connect-any", 2, place(0, 0, 7), "endow")], [(d["code"], d["severity"], d["range"], d["source"]) for d in found])
found = client.change(uri, "connect  tcp 80\n")
check("a note", [("metadata-port", 3, place(0, 13, 15))], [(d["code"], d["severity"], d["range"]) for d in found])
found = client.change(uri, 'env  set A="\U0001f600é" B_TOKEN=0123456789\n')
check("columns are UTF-16", [("secret-value", place(0, 17, 35))], [(d["code"], d["range"]) for d in found])
found = client.change(uri, "use  libc wide\n")
check("of a fragment beside it, where it is used", [("ambient-root", place(0, 10, 14))], [(d["code"], d["range"]) for d in found])
check("of a fragment, with its line", "wide:2: ", found[0]["message"][:8])
client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
check("when it is saved", 1, len(client.published(uri)))
check("an empty text", [], client.change(uri, ""))

# The layout.
client.change(uri, "use libc\nprogram   /usr/bin/cat   # words\n")
options = {"textDocument": {"uri": uri}, "options": {"tabSize": 8, "insertSpaces": False}}
edits = client.ask("textDocument/formatting", options)
check(
    "formatting",
    [{"range": place(0, 0, 0) | {"end": {"line": 2, "character": 0}}, "newText": "use      libc\nprogram  /usr/bin/cat   # words\n"}],
    edits,
)
client.change(uri, "use  libc\n")
check("formatting of a tidy text", [], client.ask("textDocument/formatting", options))
client.change(uri, "reed /x\n")
check("formatting of what is wrong", [], client.ask("textDocument/formatting", options))

# What words mean.
text = "promise  proc fattr-anywhere\nlimit    files 3\nisolate  files\nforgo    tcp\nread     ~/x  optional\n# endow: allow debug because proc\n# proc\n"
client.change(uri, text)


def hover(line, character):
    answer = client.at("textDocument/hover", uri, line, character)
    return (answer["contents"]["value"], answer["range"]) if answer else (None, None)


check("a verb", "promise: Open families of system calls.", hover(0, 3)[0][:39])
check("a promise", "proc: fork(2)", hover(0, 10)[0][:13])
check("a promise with a dash", ("fattr-anywhere: The same on whatever the file permissions allow.", place(0, 14, 28)), hover(0, 20))
check("a limit", "files: number of the highest descriptor, plus one", hover(1, 10)[0])
check("the same word elsewhere", "files: a file system that holds what is granted", hover(2, 10)[0][:47])
check("a feature", "tcp: Without it: TCP could not be limited", hover(3, 10)[0][:41])
check("a right", "read: read files, list directories", hover(4, 1)[0])
check("a home", "$HOME: also ~ at the start of a bare word", hover(4, 9)[0])
check("a modifier", "optional: A path that does not exist is no error.", hover(4, 16)[0])
check("a finding's id in a comment", "debug:", hover(5, 16)[0][:6])
check("a comment", (None, None), hover(6, 3))
check("nothing", (None, None), hover(0, 8))

# What may stand here. The words are those that the compiler knows.
with open(f"{root}/policy/parse.c", encoding="utf-8") as source:
    rows = source.read().split("static const struct row rows[] = {")[1].split("\n};")[0]
verbs = set(re.findall(r'\{"([a-z]+)", VERB_', rows))
check("verbs", verbs, client.offered(uri, ""))
check("a verb that is begun", {"program", "promise", "private"}, client.offered(uri, "pr"))


def known(statement):
    """The words that the compiler names where it is given one that it does not know."""
    told = subprocess.run([os.environ["ENDOW"], "check", "--json", "-"], input=statement, capture_output=True, text=True, check=False)
    return set(json.loads(told.stdout)["findings"][0]["hint"].removeprefix("known are ").split())


for verb in ("promise", "require", "isolate"):
    check(f"behind {verb}", known(f"{verb} zzzzzzzzzzzz"), client.offered(uri, f"{verb} "))
check("behind limit", known("limit zzzzzzzzzzzz 1") | {"none"}, client.offered(uri, "limit "))
check("behind forgo", known("forgo zzzzzzzzzzzz") - {"landlock"}, client.offered(uri, "forgo "))
# The grammars of the editors have the same words.
for grammar in ("vim/syntax/endowpolicy.vim", "textmate/endow-policy.tmLanguage.json"):
    with open(f"{root}/contrib/editors/{grammar}", encoding="utf-8") as source:
        words = set(re.findall(r"[a-z]+(?:-[a-z]+)*", source.read().replace("groups?", "group groups")))
    for kind in ("promise", "require", "isolate"):
        check(f"{grammar}: {kind}", set(), known(f"{kind} zzzzzzzzzzzz") - words)
    check(f"{grammar}: verbs", set(), verbs - words)
check("rights", {"create", "append", "exec", "ioctl"}, client.offered(uri, "read write "))
check("modifiers", {"optional", "follow", "nofollow", "except"}, client.offered(uri, "read /x "))
check("a fragment of the library", {"locale"}, client.offered(uri, "use libc loc"))
check("a fragment beside the file", {"wide"}, client.offered(uri, "use wi"))
check("no word in a comment", set(), client.offered(uri, "read /x # "))
check("ids", {"connect-any", "connect-udp", "connect-unix"}, client.offered(uri, "connect tcp any  # endow: allow connect-"))
check("no id behind because", set(), client.offered(uri, "# endow: allow debug because "))
client.change(uri, "promise  pr")
items = client.at("textDocument/completion", uri, 0, 11)
check("what is offered is explained", ("proc", True), (items[0]["label"], items[0]["documentation"].startswith("fork(2)")))

# What can't be done.
client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
check("a text that is closed has no diagnostics", [], client.published(uri))
check("an unknown method", -32601, client.request("textDocument/rename", {})["error"]["code"])
check("a text that is not open", -32602, client.request("textDocument/formatting", options)["error"]["code"])
client.notify("$/setTrace", {"value": "off"})
client.server.stdin.write(b"Content-Length: 5\r\n\r\nwords")
client.server.stdin.flush()
check("what is no message", -32700, client.receive()["error"]["code"])
client.ask("initialize", {"initializationOptions": {"endow": "/nowhere/endow"}, "capabilities": {}})
found = client.open(uri, "read /\n")
check("without endow", (1, True), (len(found), "/nowhere/endow" in found[0]["message"]))

check("shutdown", None, client.ask("shutdown", None))
client.notify("exit", None)
check("exit", 0, client.server.wait(20))
other = Client()
other.notify("exit", None)
check("exit without shutdown", 1, other.server.wait(20))
other = Client()
other.server.stdin.close()
check("the end of its input", 1, other.server.wait(20))

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)

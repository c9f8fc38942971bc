# shellcheck shell=bash
needs /usr/bin/python3 || return 0
cat >"$F/script.py" <<'PYTHON'
import sys, json, hashlib, re, collections, threading, socket, tempfile, math, csv, time
rows = [l.split() for l in open(sys.argv[1])]
out = []
t = threading.Thread(target=lambda: out.append(sum(int(n) for _, n in rows))); t.start(); t.join()
a, b = socket.socketpair(); a.send(b"x")
json.dump({"sum": out[0], "got": b.recv(1).decode(), "sha": hashlib.sha256(b"x").hexdigest()[:8]}, open(sys.argv[2], "w"))
print(collections.Counter("abca").most_common(1), math.pi, time.strftime("%Y", time.gmtime(0)))
PYTHON
mkdir -p "$F/tree" && echo "x = 5" >"$F/tree/m.py"
works "runs a script" : python3 r:script.py r:in.txt w:out.json
works "computes" : python3 -c 'import decimal, fractions; print(decimal.Decimal("1") / 3, fractions.Fraction(1, 3))'
works "imports a module beside its script" --read tree : python3 -c 'import sys; sys.path[0:0] = ["tree"]; sys.dont_write_bytecode = True; import m; print(m.x)'
works "starts a child when promised" --promise proc --use shell : python3 -c 'import subprocess; print(subprocess.run(["wc", "-l"], input=b"a\nb\n", capture_output=True).stdout)'
bad "read a secret beside the input" secret : python3 -c 'print(open("secret.txt").read())' r:in.txt
bad "write outside" outside : python3 -c 'open("outside/file", "w").write("x")'
bad "change a mode outside" outside : python3 -c 'import os; os.chmod("outside/file", 0o777)'
bad "connect" connect : python3 -c "import socket; socket.create_connection(('127.0.0.1', $OTHER_PORT))"
bad "connect beside a granted port" connect --connect "tcp:$PORT" : python3 -c "import socket; socket.create_connection(('127.0.0.1', $OTHER_PORT))"
bad "reach a Unix socket" unix : python3 -c "import socket; socket.socket(socket.AF_UNIX).connect('$SOCKET')"
bad "execute what it wrote" exec --create tree --promise proc : python3 -c 'import os, shutil; shutil.copy("run", "tree/x"); os.execv("tree/x", ["x"])' r:run
bad "execute what it holds in memory" exec : python3 -c 'import os; f = os.memfd_create("x", 0); os.write(f, open("/usr/bin/dash", "rb").read()); os.execv("/proc/self/fd/%d" % f, ["x", "-c", "echo RAN-$((1+1))"])' r:/usr/bin/dash
bad "signal another process" signal --promise proc : python3 -c 'import os; os.kill(VICTIM, 9)'
bad "see an inherited descriptor" secret : python3 -c 'import os; print(os.read(9, 99))'
bad "read a secret in the environment" secret : python3 -c 'import os; print(os.environ)'
works "finds its own file" : python3 -c 'import sys; print(sys.executable)'

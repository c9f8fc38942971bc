# shellcheck shell=bash
# The interpreter of a virtual environment that is made inside.
needs /usr/bin/python3 || return 0
works "makes a virtual environment" --create tree --promise fattr : python3 -m venv --without-pip tree/venv
cp -a "$W/tree/venv" "$F/venv" || return 0 # as it was made under endow
mkdir -p "$F/venv/lib/own" && echo 'x = 5' >"$F/venv/lib/own/wares.py"
printf '../../own\n' >"$(echo "$F"/venv/lib/python3*/site-packages)/own.pth"
cat >"$F/script.py" <<'PYTHON'
import sys, json, wares
assert sys.prefix != sys.base_prefix and sys.executable.endswith("venv/bin/python")
json.dump([wares.x, len(open(sys.argv[1]).readlines())], open(sys.argv[2], "w"))
print(sys.prefix)
PYTHON
works "runs a script in it" --read venv : venv/bin/python -B r:script.py r:in.txt w:out.json
works "is called python3" --read venv : venv/bin/python3 -B -c 'import sys, wares; print(sys.executable, wares.x)'
bad "read a secret" secret --read venv : venv/bin/python -c 'print(open("secret.txt").read())'
bad "write outside" outside --read venv : venv/bin/python -c 'open("outside/file", "w").write("x")'
bad "connect" connect --read venv : venv/bin/python -c "import socket; socket.create_connection(('127.0.0.1', $OTHER_PORT))"
bad "read a secret in the environment" secret --read venv : venv/bin/python -c 'import os; print(os.environ)'

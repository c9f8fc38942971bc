# shellcheck shell=bash
# Virtual environments with pip in them, and a package whose setup.py is not to be believed.
needs /usr/bin/python3 /usr/share/python-wheels || return 0
mkdir -p "$F/wares/wares" && cat >"$F/wares/setup.py" <<'PYTHON'
import os, setuptools, shutil, signal, socket, subprocess
how = os.environ.get("HOW", "nothing").split()
with open("stolen", "wb") as stolen:
    if how[0] == "secret": stolen.write(open("../secret.txt", "rb").read())
    if how[0] == "home": stolen.write(open("../../home/.pypirc", "rb").read())
    if how[0] == "environment": stolen.write(open("/proc/%d/environ" % os.getppid(), "rb").read())
    if how[0] == "write": open("../outside/new", "w").write("x")
    if how[0] == "connect": socket.create_connection(("127.0.0.1", int(how[1])))
    if how[0] == "signal": os.kill(int(how[1]), signal.SIGKILL)
    if how[0] == "run": shutil.copy("../run", "own"); os.write(2, subprocess.check_output(["./own"]))
setuptools.setup(name="wares", version="1.0", packages=["wares"])
PYTHON
echo 'x = 5' >"$F/wares/wares/__init__.py"
printf '[pypi]\npassword = %s\n' "$TOKEN" >"$T/home/.pypirc"
install=(install --no-index --no-deps --no-build-isolation ./wares)
# What is compiled beforehand and what holds a time is never the same twice.
# shellcheck disable=SC2034 # for the harness
NORMAL_FILES=1
works "makes a virtual environment with pip" --create tree --use pip : python3 -m venv tree/venv
[ -x "$W/tree/venv/bin/pip" ] || return 0
cp -a "$W/tree/venv" "$F/tree/venv" # as it was made under endow
NORMAL='grep -v DEPRECATION' works "installs a package" --create tree/venv --create wares : tree/venv/bin/pip "${install[@]}" -q
cp -a "$W/tree/venv" "$T/installed" && rm -rf "$F/tree/venv" && cp -a "$T/installed" "$F/tree/venv"
works "finds what was installed" --read tree/venv : tree/venv/bin/python3 -c 'import wares; print(wares.x)'
unset NORMAL_FILES

hostile() { # WHAT KIND HOW
	bad "$1 by setup.py" "$2" -p pip --create tree/venv --create wares : tree/venv/bin/python3 -c 'import os, sys, runpy
os.environ["HOW"] = sys.argv.pop(1); runpy.run_module("pip", run_name="__main__", alter_sys=True)' "$3" "${install[@]}" -v --force-reinstall
}
hostile "read a secret beside" secret secret
hostile "read the user's passwords" secret home
hostile "read a secret in an environment" secret environment
hostile "write outside" outside write
hostile "connect" connect "connect $OTHER_PORT"
hostile "signal another process" signal "signal VICTIM"
hostile "run what it has made" exec run

# shellcheck shell=bash
needs /usr/bin/unzip /usr/bin/python3 || return 0
python3 - "$F" <<'PYTHON'
import sys, zipfile
def put(z, name, mode, text):
    i = zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6)); i.create_system = 3; i.external_attr = mode << 16
    z.writestr(i, text)
f = sys.argv[1]
with zipfile.ZipFile(f + "/in.zip", "w", zipfile.ZIP_DEFLATED) as z:
    put(z, "top.txt", 0o100640, "top\n"); put(z, "d/inner.sh", 0o100755, "inner\n" * 100)
with zipfile.ZipFile(f + "/up.zip", "w") as z:
    put(z, "../outside/file", 0o100644, "overwritten\n")
with zipfile.ZipFile(f + "/way.zip", "w") as z:
    put(z, "way/new", 0o100644, "new\n")
with zipfile.ZipFile(f + "/secret.zip", "w") as z:
    z.write(f + "/secret.txt", "secret")
PYTHON
ln -s ../outside "$F/tree/way"
works "lists" : unzip -l r:in.zip
works "fills a folder, and keeps modes and times" : unzip -q r:in.zip -d c:tree
works "prints a member" : unzip -p r:in.zip d/inner.sh
works "tests" : unzip -tq r:in.zip
bad "read a secret beside the input" secret : unzip -p secret.zip
bad "write outside, by names that lead up" outside : unzip -:oq r:up.zip -d c:tree
bad "write outside" outside : unzip -oq r:in.zip -d outside
bad "write outside, by a link that is there" outside : unzip -oq r:way.zip -d c:tree
SECRET=$F/secret.zip bad "see an inherited descriptor" secret : unzip -p /dev/fd/9

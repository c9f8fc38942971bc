#!/bin/bash
# Programs that know nothing of the broker open, make, rename and remove what a `grant` line hands out while they run. What came of
# it is seen from outside.
# shellcheck disable=SC2016,SC2317 # commands for the shell inside; functions for until_true
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$W/tree
make_tree() {
	cd "$W" || exit 1
	rm -rf "$tree" "$W/else"
	mkdir -p "$tree/folder" "$W/else"
	echo hello >"$tree/f"
	echo deep >"$tree/folder/deep"
	echo secret >"$W/else/secret"
	ln -s f "$tree/link"
	ln -s "$tree/folder/deep" "$tree/absolute"
	ln -s ../else/secret "$tree/out"
	ln -s ../else "$tree/outfolder"
	ln -s "$W/else/made" "$tree/dangling"
	ln -s folder/made "$tree/inner-dangling"
	ln -sfn tree "$W/way"
	mkfifo "$tree/fifo"
}
make_tree

cat >"$W/base" <<'END'
use     shell libc
promise proc fattr-anywhere
exec    /usr/bin
END
policy() { # NAME LINE...
	local name=$1
	shift
	cp "$W/base" "$W/$name.policy"
	printf '%s\n' "$@" >>"$W/$name.policy"
}
policy full "grant read write create $tree as tree"
policy reading "grant read $tree as tree"
policy writing "grant read write $tree as tree"
policy static "read write create $tree"
policy handle "grant read write create $tree as tree by handle"

# box NAME STATUS OUT POLICY COMMANDS   in a shell inside, in the tree
box() {
	LIMIT=${LIMIT:-15} run "$E" -p "$W/$4.policy" /bin/sh -c "cd $tree && $5"
	same "$1" "$2|$3" "$STATUS|$OUT"
}

# Reading -----------------------------------------------------------------------------------------------------------------

box "a file is read" 0 hello full 'cat f'
box "by its whole name" 0 hello full "cat $tree/f"
box "by slashes and dots" 0 hello full "cat $tree//./folder/../f"
box "by a way through a link" 0 hello full "cat $W/way/f"
box "found and read" 0 deep full 'find folder -name deep -exec cat {} \;'
box "a folder is listed" 0 "absolute dangling f fifo folder inner-dangling link out outfolder" full 'echo $(ls)'
box "a link within" 0 hello full 'cat link'
box "an absolute link within" 0 deep full 'cat absolute'
box "a link out of it" 1 "" full 'cat out'
like "it is refused" "*Permission denied*" "$ERR"
box "a folder's link out of it" 1 "" full 'cat outfolder/secret'
box "dots out of it" 1 "" full 'cat ../else/secret'
box "what is beside it" 1 "" full "cat $W/else/secret"
box "what is not there" 1 "" full 'cat nothing'
like "it is said as ever" "*nothing: No such file or directory*" "$ERR"
box "stat agrees" 0 "6 f" full 'stat -c "%s %n" f'
box "by handle there is nothing by its path" 2 "" handle 'read -r x <f'
box "by a descriptor's name" 0 "hello hello" full 'echo $(cat /dev/stdin <f; cat /dev/fd/9 9<f)'
box "what means whoever looks is not the supervisor's" 1 "" full 'cat /proc/self/environ'
run "$E_TEST" -p "$W/full.policy" /bin/cat "$tree/out" "$W/else/secret"
same "the way out is closed by Landlock" "1|" "$STATUS|$OUT"
ENDOW_TEST_WITHOUT=landlock run "$E_TEST" -p "$W/full.policy" /bin/cat "$tree/out" "$W/else/secret"
same "and without it it is open" "0|secret"$'\n'"secret" "$STATUS|$OUT"

# Writing -----------------------------------------------------------------------------------------------------------------

box "written anew" 0 "" full 'echo new >n'
same "it is there" new "$(cat "$tree/n")"
box "appended" 0 "" full 'echo more >>n'
same "both are there" $'new\nmore' "$(cat "$tree/n")"
box "truncated as it is opened" 0 "" full 'echo short >n'
same "the rest is gone" short "$(cat "$tree/n")"
box "the mask of the program's own" 0 "" full 'umask 027; echo x >masked; mkdir masked.d; umask 0; echo x >open; mkdir open.d'
same "it holds" "640 750 666 777" "$(cd "$tree" && stat -c %a masked masked.d open open.d | paste -sd' ')"
box "through a link to nothing within" 0 "" full 'echo x >inner-dangling'
same "it is made where that leads" x "$(cat "$tree/folder/made")"
box "through a link to nothing outside" 2 "" full 'echo x >dangling'
holds "nothing is made there" test ! -e "$W/else/made"
box "through a link out of it" 2 "" full 'echo x >out'
same "nothing is written there" secret "$(cat "$W/else/secret")"
box "exclusively" 0 "" full 'set -C; echo x >only'
box "exclusively, once" 2 "" full 'set -C; echo x >only'
like "it is said as ever" "*only: File exists*" "$ERR"
box "a folder can't be written" 2 "" full 'echo x >folder'
like "it is said as ever" "*irectory*" "$ERR"
box "copied" 0 "" full 'cp f copy && cp -r folder folder2'
same "both are there" "hello deep" "$(cat "$tree/copy" "$tree/folder2/deep" | paste -sd' ')"
box "renamed" 0 "" full 'mv copy copied && mv folder2 folder3 && mv copied folder3'
same "they are there" "copied deep made" "$(cd "$tree/folder3" && echo *)"
box "folders" 0 "" full 'mkdir -p a/b/c && rmdir a/b/c && touch a/b/x && rm -r a'
holds "they are gone" test ! -e "$tree/a"
box "links" 0 f full 'ln -s f soft && ln f hard && readlink soft'
same "a hard one" 2 "$(stat -c %h "$tree/f")"
box "removed" 0 "" full 'rm soft hard'
same "they are gone" 1 "$(stat -c %h "$tree/f")"
box "cut" 0 "" full 'truncate -s 3 n'
same "so long" 3 "$(stat -c %s "$tree/n")"
box "to elsewhere it is another file system" 1 "" full "mv f $W/else/"
box "and from elsewhere" 1 "" full "mv $W/else/secret ."
same "nothing was moved" "hello secret" "$(cat "$tree/f" "$W/else/secret" | paste -sd' ')"
box "a link to what is elsewhere" 1 "" full "ln $W/else/secret stolen"
holds "it is not made" test ! -e "$tree/stolen"
box "the tree itself stays" 1 "" full "rmdir $tree/folder3 2>/dev/null; mv $tree $tree.moved"
holds "it is there" test -d "$tree"

# Rights ------------------------------------------------------------------------------------------------------------------

make_tree
box "to read alone: not written" 2 hello reading 'cat f; echo x >f'
box "not made" 2 "" reading 'echo x >n'
box "not removed" 1 "" reading 'rm -f f'
box "not cut" 1 "" reading 'truncate -s 0 f'
same "it is as it was" hello "$(cat "$tree/f")"
box "to write: not made" 2 "" writing 'echo y >f; echo x >n'
same "written, and nothing made" "y" "$(cat "$tree/f" "$tree/n" 2>/dev/null)"

# What programs do ----------------------------------------------------------------------------------------------------------

make_tree
# does NAME COMMANDS WANT SHOW   what is to be seen afterwards, outside
does() {
	local program=${2%% *}
	if ! PATH=/usr/bin command -v "$program" >/dev/null; then
		skip "$1" "$program is not installed"
		return
	fi
	box "$1" 0 "" full "$2"
	same "$1: what is there" "$3" "$(cd "$tree" && eval "$4")"
}
seq 1000 >"$tree/numbers"
does "gzip -f" 'gzip -f numbers' 1000 'gzip -dc numbers.gz | wc -l; rm numbers.gz'
does "sed -i" 'sed -i s/hello/bye/ f' bye 'cat f'
does "sqlite3" 'sqlite3 db "create table t(a); insert into t values (7); update t set a=8;"' 8 'sqlite3 db "select a from t"'
does "tar" 'tar cf t.tar folder && mkdir x && tar xf t.tar -C x' deep 'cat x/folder/deep'
does "install" 'install -m 600 f installed' 600 'stat -c %a installed'
does "sort -o" 'sort -o sorted f' bye 'cat sorted'
does "dd" 'dd if=f of=copied bs=1 count=2 status=none' by 'cat copied'
cat >"$W/python.policy" <<END
use     python shell
exec    /usr/bin/python3 $(readlink -f /usr/bin/python3)
promise proc
grant   read write create $tree as tree
END
cat >"$W/threads.py" <<'END'
import fcntl, os, subprocess, sys, tempfile, threading
os.chdir(sys.argv[1])
wrong = []
def work(n):
    for i in range(50):
        name = "t%d-%d" % (n, i)
        with open(name, "w") as f: f.write(name)
        os.rename(name, name + ".new")
        if open(name + ".new").read() != name: wrong.append(name)
        os.unlink(name + ".new")
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print("threads", wrong)
O = os.open
print("cloexec", [fcntl.fcntl(fd, fcntl.F_GETFD) for fd in (O("f", os.O_RDONLY | os.O_CLOEXEC),)])
print("flags", [fcntl.fcntl(O("f", how), fcntl.F_GETFL) & (os.O_NONBLOCK | os.O_APPEND | os.O_ACCMODE) == how
                for how in (os.O_RDONLY, os.O_RDONLY | os.O_NONBLOCK, os.O_RDWR | os.O_APPEND)])
print("child", subprocess.run(["/bin/cat", "f"], capture_output=True).stdout)
with tempfile.NamedTemporaryFile(dir=".") as t: t.write(b"x"); t.flush(); print("temporary", os.path.getsize(t.name))
folder = O("folder", os.O_RDONLY | os.O_DIRECTORY)
print("beneath", os.read(O("deep", os.O_RDONLY, dir_fd=folder), 9))
os.mkdir("made", 0o700, dir_fd=folder); os.rename("made", "moved", src_dir_fd=folder, dst_dir_fd=folder); os.rmdir("moved", dir_fd=folder)
for what, call in {"no follow": lambda: O("link", os.O_RDONLY | os.O_NOFOLLOW), "no folder": lambda: O("f", os.O_DIRECTORY),
                   "not there": lambda: O("none/x", os.O_RDONLY), "a file on the way": lambda: O("f/x", os.O_RDONLY),
                   "O_TMPFILE": lambda: O(".", os.O_TMPFILE | os.O_RDWR), "removed": lambda: os.rmdir("folder"),
                   "renamed": lambda: os.rename("f", "folder")}.items():
    try: call(); print(what, "done")
    except OSError as e: print(what, e.strerror)
END
if [ -x /usr/bin/python3 ]; then
	gives "what a program sees" 0 "threads []
cloexec [1]
flags [True, True, True]
child b'bye\\n'
temporary 1
beneath b'deep\\n'
no follow Too many levels of symbolic links
no folder Not a directory
not there No such file or directory
a file on the way Not a directory
O_TMPFILE Operation not supported
removed Directory not empty
renamed Is a directory" "$E" -p "$W/python.policy" --read "$W/threads.py" /usr/bin/python3 "$W/threads.py" "$tree"
	[ -z "$ERR" ] || echo "    $ERR"
else
	skip "what a program sees" "/usr/bin/python3 is not installed"
fi

# Who asks ------------------------------------------------------------------------------------------------------------------

make_tree
box "the broker's connection closed" 0 "hello hello" full 'exec 3>&- 4>&- 5>&-; sleep 0.1; echo $(cat f; cat f)'
box "by children" 0 "hello hello" full 'echo $(cat f; (cat f))'
box "by who left" 0 hello full '(setsid sh -c "sleep 0.3; cat f >by-daemon" &) ; sleep 1; cat by-daemon'
# A program that hides its memory can't be told apart by what it asks for: Landlock judges it. Root looks into it all the same.
cat >"$W/hides.py" <<'END'
import ctypes, sys
def say():
    try: print(open(sys.argv[1]).read(), end="")
    except OSError as e: print(e.strerror)
say()
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
say()
END
if /usr/bin/python3 -I -c 'import ctypes' 2>/dev/null; then
	run "$E" -p "$W/python.policy" --read "$W/hides.py" /usr/bin/python3 -I "$W/hides.py" "$tree/f"
	same "a program that hides its memory" "0|hello $([ "$am_root" ] && echo hello || echo Permission denied)" "$STATUS|${OUT//$'\n'/ }"
else
	skip "a program that hides its memory" "/usr/bin/python3 with ctypes is not installed"
fi
if [ "$am_root" ]; then
	chmod 777 "$tree"
	gives "as somebody else" 0 "" "$E" -p "$W/full.policy" --user nobody --group nogroup /bin/sh -c "echo x >$tree/theirs; mkdir $tree/theirs.d"
	same "what is made is theirs" "65534:65534 65534:65534" "$(stat -c %u:%g "$tree/theirs" "$tree/theirs.d" | paste -sd' ')"
else
	skip "as somebody else" "only root can be"
fi
LIMIT=5 box "a FIFO holds up nobody" 0 "hello" full '(cat fifo; echo x >fifo) >/dev/null 2>&1; cat f'

# The caller's own limits and modes ---------------------------------------------------------------------------------------------

box "no more than 'limit filesize', by name" 0 "27 0" full "python3 -c '
import os, resource
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
open(\"short\", \"w\").close()
try: os.truncate(\"short\", 100)
except OSError as e: print(e.errno, os.stat(\"short\").st_size)
os.unlink(\"short\")'"
box "nothing is made for whom no descriptor is left" 0 "24 False" full "python3 -c '
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
held = []
try:
    while True: held.append(os.dup(0))
except OSError: pass
try: os.open(\"unheld\", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
except OSError as e: code = e.errno
os.close(held.pop())
print(code, os.path.exists(\"unheld\"))'"
box "a descriptor says of itself what was asked for" 0 "0o100000 0o100000" full "python3 -c '
import fcntl, os
print(*(oct(fcntl.fcntl(os.open(p, os.O_RDONLY), fcntl.F_GETFL)) for p in (\"f\", \"folder\")))'"
box "a folder that is gone is not one that is called so" 1 "" full 'mkdir gone "gone (deleted)" && echo other >"gone (deleted)/file" && cd gone && rmdir ../gone && cat file'
rm -rf "$tree/gone (deleted)"
if [ "$(id -u)" = 0 ]; then
	echo private >"$tree/private"
	chmod 600 "$tree/private"
	chmod 755 "$W" "$tree"
	policy nobody "user nobody" "grant read write create $tree as tree"
	box "modes bind the program's user" 1 "" nobody "cat private"
	box "and let him in" 0 hello nobody "cat f"
	box "nothing is made where he may not" 1 "" nobody "mkdir mine"
	box "and nothing removed" 1 "" nobody "rm -f f"
	chown nobody "$tree/folder"
	box "what is made is his" 0 65534:65534 nobody 'echo x >folder/his && stat -c %u:%g folder/his && rm folder/his'
	chown root "$tree/folder"
	rm -f "$tree/private"
fi

# Conditions ----------------------------------------------------------------------------------------------------------------

policy twice "grant read $tree as tree times 2"
box "as often as it may be" 1 "hello hello" twice 'echo $(cat f; cat f); cat f'
policy brief "grant read $tree as tree until 1s"
box "for as long as it may be" 1 hello brief 'cat f; sleep 1.3; cat f'
policy taken "grant read $tree as tree revocable"
box "what must be taken back can't be opened" 1 "" taken 'cat f'
policy one "grant read write $tree/f as file"
box "a file" 0 hello one "cat $tree/f"
box "and no other" 1 "" one "cat $tree/folder/deep"
box "nothing beneath it" 1 "" one "cat $tree/f/"
LIMIT=10 run "$E" -p "$W/full.policy" --log "$T/log" /bin/sh -c "cat $tree/f; echo x >$tree/logged; rm $tree/logged"
like "it is written down" '*"event":"use"*"name":"tree"*"path":"f","rights":?"read"?*"path":"logged"*' "$(cat "$T/log")"

# The person outside --------------------------------------------------------------------------------------------------------

"$E" -p "$W/full.policy" /bin/sh -c "while sleep 0.05; do cat $W/else/secret 2>/dev/null; cat $tree/f >/dev/null 2>&1 || echo taken; done" >"$T/said" &
launcher=$!
is_listed() { "$E" list "$launcher" >/dev/null 2>&1; }
until_true is_listed
same "nothing yet" "" "$(cat "$T/said")"
run "$E" grant "$launcher" read "$W/else/secret" as more
same "granted from outside" "0|" "$STATUS|$ERR"
holds "a program that runs has it" until_true grep -qs secret "$T/said"
holds "revoked" "$E" revoke "$launcher" more
sleep 0.3
: >"$T/said"
sleep 0.3
same "it is gone" "" "$(tr -d '\000' <"$T/said")"
holds "the policy's own revoked" "$E" revoke "$launcher" tree
holds "it is gone too" until_true grep -qs taken "$T/said"
kill "$launcher"
wait "$launcher" 2>/dev/null

# Listeners -----------------------------------------------------------------------------------------------------------------

listeners() { # OPTION...   LISTENERS: how many the launcher's processes have while the program runs
	local pid started
	"$E" "$@" /bin/sleep 9 2>/dev/null &
	started=$!
	sleep 0.4
	LISTENERS=0
	for pid in $(left_over); do
		LISTENERS=$((LISTENERS + $(find "/proc/$pid/fd" -lname '*seccomp notify*' 2>/dev/null | wc -l)))
	done
	kill "$started"
	wait "$started" 2>/dev/null
}
listeners -p "$W/full.policy"
same "with a path to hand out there is a listener" 1 "$LISTENERS"
listeners -p "$W/static.policy" --supervise
same "without one there is none" 0 "$LISTENERS"
listeners -p "$W/handle.policy"
same "nor for what is had by its handle" 0 "$LISTENERS"

run "$E" -p "$W/full.policy" --prove /bin/cat "$tree/f"
same "it can be proved that it holds" "0|hello|" "$STATUS|$OUT|$ERR"
ENDOW_TEST_WITHOUT=landlock run "$E_TEST" -p "$W/full.policy" --prove /bin/cat "$tree/f"
like "and without Landlock it does not" "125||*does not hold*" "$STATUS|$OUT|$ERR"

# Views of its own ----------------------------------------------------------------------------------------------------------

policy own "isolate files" "grant read write create $tree as tree"
run "$E" -p "$W/own.policy" /bin/true
if [ "$STATUS" = 125 ]; then
	skip "a root of its own" "$ERR"
else
	box "in a root of its own" 0 "hello f" own 'echo $(cat f; stat -c %n f)'
	box "made there" 0 "" own 'echo x >in-view && mkdir in-view.d && mv in-view in-view.d'
	same "it is there outside" x "$(cat "$tree/in-view.d/in-view")"
	box "nothing else is there" 1 "" own "stat $W/else/secret"
	policy hidden "private $W" "grant read $tree as tree"
	refuses "beneath a private place" "*$tree lies in $W, which is private*" -p "$W/hidden.policy" /bin/true
fi
finish

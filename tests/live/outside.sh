#!/bin/bash
# The person outside: sees what a running program holds, gives and takes. And nobody else does.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$W/data" "$T/client"
echo hello >"$W/data/f"
echo more >"$W/more"
cat >"$W/held.policy" <<END
use python
grant read pass $W/data as data
grant read $W/data/f as f times 2
promise proc
END
# What the program does: says its lines, then obeys words on a pipe.
cat >"$T/client/obey.py" <<'PY'
import os, socket, struct, sys
s = socket.socket(fileno=int(os.environ["ENDOW_FD"]))
serial = 0
def ask(kind, body):
    global serial
    serial += 1
    s.send(struct.pack("=IIII", 1, kind, serial, 16 + len(body)) + body)
    return socket.recv_fds(s, 4096, 4)
ask(1, struct.pack("=II", 0, 0))
def find(name):
    r, fds, _, _ = ask(3, struct.pack("=II", len(name), 0) + name)
    kind = struct.unpack_from("=I", r, 4)[0]
    return struct.unpack_from("=Q", r, 16)[0] if kind == 66 else None
def read(handle, path=b""):
    r, fds, _, _ = ask(4, struct.pack("=QIIII", handle, 1, 0, 0, len(path)) + path)
    if not fds:
        return "refused %d" % struct.unpack_from("=i", r, 16)[0]
    return os.read(fds[0], 100).decode().strip()
print("ready", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "find":
        print(find(words[1].encode()) or "none", flush=True)
    elif words[0] == "read":
        print(read(int(words[1]), *(w.encode() for w in words[2:])), flush=True)
    elif words[0] == "door":
        c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            c.connect(words[1])
            c.send(struct.pack("=IIII", 1, 1, 0, 104) + bytes(88))
            print("answer" if c.recv(4096) else "closed", flush=True)
        except (BrokenPipeError, ConnectionResetError):
            print("closed", flush=True)
        except OSError as e:
            print(e.strerror, flush=True)
PY
mkfifo "$T/words"
begin() { # [OPTION]...   launcher: the outer of the two processes; inner: the one that serves
	: >"$T/said"
	"$E" -p "$W/held.policy" --read "$T/client" "$@" /usr/bin/python3 -I "$T/client/obey.py" <"$T/words" >"$T/said" 2>"$T/complaints" &
	launcher=$!
	exec 7>"$T/words"
	until_true has_words "$T/said"
	read -r inner _ <"/proc/$launcher/task/$launcher/children"
}
tell() { # WORDS   SAID is the answer
	local had
	had=$(wc -l <"$T/said")
	echo "$*" >&7
	until_true eval "[ \$(wc -l <\"$T/said\") -gt $had ]"
	SAID=$(tail -n 1 "$T/said")
}
end() {
	exec 7>&-
	wait "$launcher"
}

if [ ! -x /usr/bin/python3 ]; then
	skip "the person outside" "/usr/bin/python3 is not installed"
	ok "nothing to try"
	finish
fi
begin
run "$E" list "$launcher"
like "list: the program, and each line with where it comes from" "*$launcher /usr/bin/python3 ($W/held.policy)*data*tree*read pass*held.policy:2*f*file*read*held.policy:3*" "$OUT"
run "$E" list --json "$launcher"
same "list: as JSON" "data f" "$(py -c 'import json,sys; print(*[h["name"] for s in json.load(sys.stdin) for h in s["holds"]])' <<<"$OUT")"
run "$E" list nonesuch
like "list: what does not run" "1:*no program 'nonesuch'*" "$STATUS:$ERR"
tell find more
same "grant: not held before" none "$SAID"
run "$E" grant "$launcher" read "$W/more" as more until 1h
handle=$OUT
same "grant: a handle" 0 "$STATUS"
tell find more
same "grant: the program finds it by its name" "$handle" "$SAID"
tell read "$handle"
same "grant: and can use it" more "$SAID"
run "$E" list "$launcher"
like "grant: the list says who gave it, how often it was used, when it ends" "*more*file*read*1*59m*[[]outside[]]*" "$OUT"
run "$E" revoke "$launcher" more
tell read "$handle"
same "revoke: by its name" "refused -9" "$SAID"
tell find f
run "$E" revoke "$launcher" "$SAID"
tell find f
same "revoke: by its handle" none "$SAID"
run "$E" revoke "$launcher" f
like "revoke: what is not held" "1:*nothing named 'f'*" "$STATUS:$ERR"
run "$E" grant "$launcher" append "$W/more" as log
like "grant: no append where the filter does not keep it" "1:*append*" "$STATUS:$ERR"
run "$E" grant "$launcher" read /proc/self/status as status
like "grant: nothing of /proc" "1:*proc*" "$STATUS:$ERR"
run "$E" grant "$launcher" read write "$XDG_CONFIG_HOME/endow" as policies
like "grant: not the policies, to write" "1:*may not write what decides about it*" "$STATUS:$ERR"
run "$E" grant "$launcher" read "$W/absent" as absent
like "grant: what is absent" "1:*absent*No such file*" "$STATUS:$ERR"
run "$E" grant "$launcher" read "$W/more" as "a b"
like "grant: no such name" "1:*no name*" "$STATUS:$ERR"
for wrong in "grant" "grant $launcher" "grant $launcher read" "grant $launcher read $W/more" "grant $launcher exec $W/more as x" "revoke" "revoke $launcher" "list a b" \
	"list --nonesuch" "grant $launcher read $W/more as x until never" "grant $launcher read $W/more as x times 0"; do
	# shellcheck disable=SC2086
	run "$E" $wrong
	same "usage: $wrong" 2 "$STATUS"
done
# Who asks is who counts.
door=$XDG_RUNTIME_DIR/endow/$launcher
[ -z "$am_root" ] || door=/run/endow/$launcher
holds "the socket is there" test -S "$door"
same "the socket's folder is the user's alone" 700 "$(stat -c %a "${door%/*}")"
if [ "$am_root" ]; then
	chmod 755 "$XDG_RUNTIME_DIR"
	same "another user sees nothing" "" "$(as_other env XDG_RUNTIME_DIR=/run "$E" list 2>&1 | grep -F "$launcher ")"
fi
end
holds "the socket is gone with the program" test ! -e "$door"
# The program may connect to every Unix socket there is, and yet not to its own supervisor's.
begin --connect unix:any
door=${door%/*}/$launcher
tell door "$door"
same "who is inside is not let in" closed "$SAID"
end
# Whoever has connected and is gone is nobody: a number says nothing then.
begin
door=${door%/*}/$launcher
kill -STOP "$inner"
py - "$door" <<'PY' >"$T/gone" &
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
child = os.fork()
if child == 0:
    s.connect(sys.argv[1]) # the child's credentials are the connection's
    os._exit(0)
os.waitpid(child, 0)
print("connected", flush=True)
s.settimeout(5)
try:
    print(s.recv(100) or "closed", flush=True)
except OSError as e:
    print("closed" if e.errno in (32, 104) else e, flush=True)
PY
asker=$!
until_true has_words "$T/gone"
kill -CONT "$inner"
wait "$asker"
same "who has gone is not let in" "connected closed" "$(paste -sd' ' "$T/gone")"
end
# When either process is killed the other takes the socket away.
for which in launcher inner; do
	begin
	door=${door%/*}/$launcher
	kill -KILL "${!which}"
	wait "$launcher" 2>/dev/null
	exec 7>&-
	holds "the $which is killed: the socket is gone" until_true test ! -e "$door"
done
# When both are it stays; the next look takes it away.
begin
door=${door%/*}/$launcher
kill -STOP "$launcher"
kill -KILL "$inner" "$launcher"
wait "$launcher" 2>/dev/null
exec 7>&-
holds "a killed supervisor's socket is left" test -S "$door"
run "$E" list
holds "and taken away by the next look" test ! -e "$door"
# It has its name only when it is listened at: who looked before would take it away.
if command -v strace >/dev/null; then
	strace -f -qq -o /dev/null -e trace=listen -e inject=listen:delay_enter=500000 \
		"$E" --use libc --with "grant read $W/more as f" sleep 20 &
	traced=$!
	for ((i = 0; i < 60; i++)); do
		"$E" list >/dev/null 2>&1
		sleep 0.02
	done
	until_true eval "'$E' list sleep >'$T/listed' 2>/dev/null"
	like "a look while it begins takes nothing away" "*/sleep*" "$(cat "$T/listed")"
	kill "$(program_of "$traced")"
	wait "$traced" 2>/dev/null
else
	skip "a look while it begins" "strace is not installed"
fi
# The log, and who holds what when.
begin --log "$W/log"
run "$E" grant "$launcher" read "$W/more" as more
tell read "$OUT"
run "$E" revoke "$launcher" more
end
same "the log: lines of JSON, in order" "grant grant grant use revoke" \
	"$(py -c 'import json,sys; print(*[json.loads(l)["event"] for l in sys.stdin if json.loads(l)["event"] != "end"])' <"$W/log")"
refuses "the log: not in a folder that the program may write" '*holds the log*' --log "$W/data/log" --create "$W/data" "$P" args
refuses "the log: not a file that the program may write" '*is the log*' --log "$W/log" --write "$W/log" "$P" args
run "$E" --log "$W/log" --create "$W/data" "$P" args
same "the log: beside what the program may write" "0|" "$STATUS|$ERR"
rm -f "$W/data/log"
refuses "the log: no such descriptor" '*--log fd:77*' --log fd:77 -p "$W/held.policy" "$P" args
run "$E" --log "$W/none/log" "$P" args
like "the log: no such folder" "125:*--log*none/log*" "$STATUS:$ERR"
# What root's broker makes for a program that is somebody else belongs to that one.
# shellcheck disable=SC2154 # of lib.sh
if [ "$am_root" ] && [ -f "$here/../../contrib/python/endow_broker.py" ]; then
	mkdir -p "$W/out"
	cp "$here/../../contrib/python/endow_broker.py" "$T/client/"
	printf 'use python\ngrant read write create %s as out\n' "$W/out" >"$W/made.policy"
	for words in "open -m w out file" "mkdir out folder"; do
		# shellcheck disable=SC2086
		"$E" -p "$W/made.policy" --user 65534 --group 65534 --env PYTHONDONTWRITEBYTECODE=1 --read "$T/client" /usr/bin/python3 -I \
			"$T/client/endow_broker.py" $words </dev/null
	done
	same "what is made belongs to the program's user" "65534 65534" "$(stat -c %u "$W/out/file" "$W/out/folder" | paste -sd' ')"
fi
# In a process namespace of its own everybody inside has a number, and nobody outside has.
run "$E" --private "$W" "$P" args
case $STATUS:$ERR in
125:*"user namespaces are blocked"*) skip "isolated" "user namespaces are blocked here" ;;
*)
	begin --isolate processes --connect unix:any
	run "$E" list "$launcher"
	like "isolate processes: seen from outside, by the number that is seen there" "*$launcher /usr/bin/python3*data*" "$OUT"
	door=${door%/*}/$launcher
	tell door "$door"
	same "isolate processes: who is inside is not let in" closed "$SAID"
	end
	;;
esac

# What decides about a program may be out of sight in its view: it is not to be granted for writing there either.
run "$E" --isolate files --use libc true
if [ "$STATUS" = 0 ]; then
	"$E" --isolate files --use libc --with "grant read $W/more as f" sleep 20 2>/dev/null &
	viewed=$!
	until_true eval "'$E' list $viewed >/dev/null 2>&1"
	run "$E" grant "$viewed" read write "$XDG_CONFIG_HOME/endow" as policies
	like "out of sight: not the policies, to write" "1:*may not write what decides about it*" "$STATUS:$ERR"
	run "$E" grant "$viewed" read write "$W/more" as more
	like "out of sight: something else" "0:*" "$STATUS:$OUT"
	kill "$viewed"
	wait "$viewed" 2>/dev/null
else
	skip "out of sight" "no user namespaces here"
fi
finish

#!/usr/bin/env bash
# What was refused is told at the end, with the statement that would have allowed it.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$W/docs" "$W/granted/below"
echo text >"$W/docs/a"
echo text >"$W/docs/b"
echo text >"$W/granted/a"
echo text >"$W/docs/a \"b\$"
printf '#!/bin/sh\necho ran\n' >"$W/docs/run"
chmod 755 "$W/docs/run"
: >"$W/docs/closed"
chmod 0 "$W/docs/closed"
ln -s docs/b "$W/link"
printf 'use libc shell\nreport denials\nread write create %s\n' "$W/granted" >"$W/p.policy"

# said: what endow itself says, with the numbers of processes taken out
said() { grep '^endow: ' <<<"$ERR" | sed -E 's/\[[0-9]+\]/[N]/g'; }

# why NAME STATUS SAID COMMANDS
why() {
	run "$E" -p "$W/p.policy" "${options[@]}" /bin/sh -c "$4"
	same "$1" "$2|$3" "$STATUS|$(said)"
}
options=()
allow="in the policy would allow it"
sh=$(basename "$(readlink -f /bin/sh)")

why "nothing is refused" 0 "" "cat $W/granted/a; echo x >$W/granted/new; mkdir $W/granted/d; rmdir $W/granted/d; rm $W/granted/new"
why "reading" 1 "endow: refused once: read $W/docs/a (cat[N]); 'read $W/docs/a' $allow" "cat $W/docs/a"
why "the status is the program's" 7 "endow: refused once: read $W/docs/a (cat[N]); 'read $W/docs/a' $allow" "cat $W/docs/a; exit 7"
why "several times, of several" 0 "endow: refused 2 times: read $W/docs/a (cat[N]); 'read $W/docs/a' $allow
endow: refused once: read $W/docs/b (cat[N]); 'read $W/docs/b' $allow" "cat $W/docs/a $W/docs/b; cat $W/docs/a; true"
why "where a link leads" 1 "endow: refused once: read $W/docs/b (cat[N]); 'read $W/docs/b' $allow" "cat $W/link"
why "from its folder" 1 "endow: refused once: read $W/docs/b (cat[N]); 'read $W/docs/b' $allow" "cd $W/docs; cat b"
why "writing" 2 "endow: refused once: write $W/docs/a (${sh}[N]); 'write $W/docs/a' $allow" "echo x >$W/docs/a"
why "appending" 2 "endow: refused once: append $W/docs/a (${sh}[N]); 'write $W/docs/a' $allow" "echo x >>$W/docs/a"
why "making" 2 "endow: refused once: write create $W/docs (${sh}[N]); 'write create $W/docs' $allow" "echo x >$W/docs/new"
why "a folder" 1 "endow: refused once: create $W/docs (mkdir[N]); 'create $W/docs' $allow" "mkdir $W/docs/d"
why "listing" 2 "endow: refused once: read $W/docs (ls[N]); 'read $W/docs' $allow" "ls $W/docs"
why "executing" 126 "endow: refused once: read exec $W/docs/run (${sh}[N]); 'read exec $W/docs/run' $allow" "$W/docs/run"
why "an odd name" 1 "endow: refused once: read $W/docs/a \"b\$ (cat[N]); 'read \"$W/docs/a \\\"b\\\$\"' $allow" "cat '$W/docs/a \"b\$'"
why "what is not there" 1 "" "cat $W/docs/none"
why "what is there already" 1 "" "mkdir $W/granted/below"
[ "$am_root" ] || why "what its own permissions refuse" 1 "" "cat $W/docs/closed"
same "what it can do, it did" text "$(cat "$W/docs/a")"

# What is said to be enough is enough.
for commands in "cat $W/docs/a" "cat '$W/docs/a \"b\$'" "echo x >$W/docs/b" "echo x >>$W/docs/b" "echo x >$W/docs/new" "mkdir $W/docs/d" \
	"ls $W/docs" "$W/docs/run" "rm $W/docs/new" "rmdir $W/docs/d"; do
	run "$E" -p "$W/p.policy" /bin/sh -c "$commands"
	statement=$(said | sed -n "s/.*; '\(.*\)' in the policy.*/\1/p")
	run "$E" -p "$W/p.policy" --with "$statement" /bin/sh -c "$commands"
	same "with '$statement'" "0|" "$STATUS|$(said)"
done

# The option, and without it.
printf 'use libc shell\n' >"$W/q.policy"
run "$E" -p "$W/q.policy" --why /bin/sh -c "cat $W/docs/a"
same "--why" "1|endow: refused once: read $W/docs/a (cat[N]); 'read $W/docs/a' $allow" "$STATUS|$(said)"
run "$E" -p "$W/q.policy" /bin/sh -c "cat $W/docs/a"
same "without it" "1|" "$STATUS|$(said)"

# More than can be told one by one.
mkdir "$W/docs/many"
(cd "$W/docs/many" && for ((i = 0; i < 300; i++)); do echo >"f$i"; done)
# shellcheck disable=SC2016 # the shell's inside
run "$E" -p "$W/q.policy" --why /bin/sh -c 'i=0; while [ $i -lt 300 ]; do read x <$0/f$i; i=$((i + 1)); done; read x <$0/f299; exit 0' "$W/docs/many"
same "as many as are told" 257 "$(said | wc -l)"
same "and how many more" "endow: refused 45 times: others, beyond the 256 that are told one by one" "$(said | tail -n 1)"

# Sockets.
cat >"$W/c.py" <<'END'
import socket, sys
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
except OSError as e:
    print(e.strerror)
END
python=/usr/bin/python3
printf 'use libc python\nread exec %s %s\nread %s\nconnect tcp 1\n' "$python" "$(readlink -f $python)" "$W/c.py" >"$W/net.policy"
name=$(basename "$(readlink -f $python)")
run "$E" -p "$W/net.policy" --why "$python" -I -S "$W/c.py" 9
same "connecting" "Permission denied" "$OUT"
like "it is told" "*endow: refused once: connect tcp 127.0.0.1:9 ($name[[]N]); 'connect tcp 127.0.0.1:9' $allow*" "$(said)"
run "$E" -p "$W/net.policy" --why --connect tcp:127.0.0.1:9 "$python" -I -S "$W/c.py" 9
same "with that" "Connection refused" "$OUT"
finish

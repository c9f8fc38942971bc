#!/usr/bin/env bash
# --log journald: a datagram a line, as journald's native protocol has them. A stand-in for journald listens at its socket.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

cp "${given_PROBE%/*}/asks" "$T/bin/asks" && chmod 755 "$T/bin/asks" || exit 1
mkdir -p "$W/docs"
echo first >"$W/docs/"$'odd\nname'
echo first >"$W/docs/a"
printf 'ask read %s\n' "$W/docs" >"$W/p.policy"
printf '#!/bin/sh\necho once\n' >"$T/bin/helper"
chmod 755 "$T/bin/helper"

# It listens, runs a command, and prints what came, a field a line.
cat >"$T/bin/journal.py" <<'END'
import os, socket, subprocess, sys
os.makedirs("/run/systemd/journal", exist_ok=True)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/run/systemd/journal/socket")
os.chmod("/run/systemd/journal/socket", 0o666)
slow = sys.argv[1] == "slow"
r = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
print(r.returncode, r.stdout.decode().strip().replace("\n", "|"))
s.setblocking(False)
count = 0
while True:
    try:
        data = s.recv(65536)
    except BlockingIOError:
        break
    count += 1
    while data and not slow:
        name, _, data = data.partition(b"\n")
        if b"=" in name:
            name, _, value = name.partition(b"=")
        else:
            size = int.from_bytes(data[:8], "little")
            value, end, data = data[8:8 + size], data[8 + size:9 + size], data[9 + size:]
            if end != b"\n":
                print("a field without its end")
        print(name.decode() + "=" + value.decode().replace("\n", "\\n"))
    if not slow:
        print("--")
if slow:
    print("some were lost" if 0 < count < int(sys.argv[-1]) else "all came, %d" % count)
END

if [ -e /run/systemd/journal/socket ]; then
	skip "without a journal" "there is one"
else
	refuses "without a journal" "endow: --log journald: /run/systemd/journal/socket: No such file*there is no journal to write to: name a file" \
		-p "$W/p.policy" --log journald "$T/bin/asks" r file "$W/docs/a"
fi

# In a namespace with a /run of its own.
inside=(unshare -m)
[ "$am_root" ] || inside=(unshare -Urm)
# shellcheck disable=SC2016 # the shell's inside
in_run() {
	"${inside[@]}" /bin/sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' sh "$@"
}
if ! in_run true 2>/dev/null; then
	skip "the journal" "no mount namespace can be had here"
	finish
fi
journal() {
	LIMIT=20 run "${inside[@]}" /bin/sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' sh /usr/bin/python3 -I -B "$T/bin/journal.py" "$@"
}

journal all "$E" -p "$W/p.policy" --log journald --ask "$T/bin/helper" "$T/bin/asks" r file "$W/docs/"$'odd\nname' 'why not'
same "it went well" "0|0 first" "$STATUS|${OUT%%$'\n'*}"
like "asked" "*SYSLOG_IDENTIFIER=endow
PRIORITY=6
ENDOW_SANDBOX=[1-9]*
ENDOW_EVENT=ask
MESSAGE=ask read $W/docs/odd name: why not, process [1-9]*
ENDOW_PID=[1-9]*
ENDOW_CLIENT=0
ENDOW_CODE=0
ENDOW_RIGHTS=read
ENDOW_LINE=$W/p.policy:1
ENDOW_PATH=$W/docs/odd\\\\nname
ENDOW_WHY=why not
--*" "$OUT"
like "answered" "*ENDOW_EVENT=answer
MESSAGE=answer read $W/docs/odd name: once, process *" "$OUT"
like "a capability" "*ENDOW_EVENT=grant
MESSAGE=grant read $W/docs/odd name, process *
ENDOW_CAPABILITY=[1-9]*
ENDOW_NAME=asked-1
ENDOW_OBJECT=$W/docs/odd\\\\nname
ENDOW_LINE=$W/p.policy:1
--*ENDOW_EVENT=use*" "$OUT"
same "nothing else" 0 "$(grep -c "a field without" <<<"$OUT")"

journal all "$E" -p "$W/p.policy" --log journald --ask "$T/bin/helper" "$T/bin/asks" w file "$W/docs/a"
like "a refusal is a notice" "*PRIORITY=5
ENDOW_SANDBOX=*
ENDOW_EVENT=refuse
MESSAGE=refuse: $W/docs/a: no 'ask' line covers it, process *ENDOW_CODE=-1*" "$OUT"

journal all "$E" -p "$W/p.policy" --log journald --isolate files --ask "$T/bin/helper" "$T/bin/asks" r file "$W/docs/a"
like "from inside of a view" "*ENDOW_EVENT=answer*" "$OUT"

# A journal that does not read holds nobody up.
journal slow "$E" -p "$W/p.policy" --log journald --ask "$T/bin/helper" "$T/bin/asks" r file "$W/docs/a" "" 5000
like "a journal that takes no more" "* some were lost*" " ${OUT//$'\n'/ }"
finish

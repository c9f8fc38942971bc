#!/bin/bash
# --prove tells a hole from what the policy allows: whatever is granted, the proof is made and the program runs.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
LIMIT=40
mkdir "$W/d" "$W/place"
echo text | tee "$W/f" >"$W/d/f"

proved() { # OPTION...
	run "$E" --prove "$@" "$P" args proved
	same "--prove with $*" "0|proved|" "$STATUS|$OUT|$ERR"
}
with() { proved --with "$1"; }

proved --no-policy
proved --supervise
for promise in proc tty fattr-anywhere id debug sched netlink watch aio; do proved --promise "$promise"; done
for statement in "read $W" "read /" "write $W/f" "append $W/f" "create $W/d" "exec /usr/bin" "exec /" "read /proc" "read /dev/shm" "create /dev/shm" \
	"read write /dev/tty optional" "ioctl /dev/null" "read /tmp" "fd 3 read $W/f" "fd 3 append $W/f as log" "fd 250 read $W/d" \
	"connect tcp 80" "connect tcp any" "connect udp any" "connect unix any" "listen tcp 80" "listen tcp any" "session new" "signals keep" \
	"umask 777" "cwd $W/d" "limit memory 1G" "limit cpu 20" "limit wall 30" "limit files 40" "limit filesize 4K" "limit stack 1M" "limit core none" \
	"env keep PATH HOME" "env set A=1" "service" "require audit" "use shell python perl tls users terminal locale timezone"; do
	with "$statement"
done
proved --create "$W/d" --exec "$W/d"
proved --create "$W/d" --promise proc --connect tcp:any --listen tcp:any --connect udp:any --connect unix:any --use shell
proved --promise proc,tty,id,sched,netlink,watch,aio --create "$W/d"
if unshare -Urm true 2>/dev/null; then
	for statement in "private $W/place" "private /tmp" "private /dev/shm" "promise fattr" "promise sysvipc" "use tmp" "require view"; do with "$statement"; done
	proved --promise fattr --create "$W/d"
	proved --promise fattr,sysvipc,proc --private "$W/place" --write "$W/f" --create "$W/d" --connect tcp:any
	who=(${am_root:+--user "$(id -un "$OTHER")"})
	proved "${who[@]}" --limit processes=40 --promise proc
else
	skip "private, promise fattr, promise sysvipc, limit processes" "user namespaces are blocked here"
fi
if [ "$am_root" ]; then
	user=$(id -un "$OTHER")
	proved --user "$user"
	proved --user "$user" --with 'groups none'
	proved --user 4711 --group 4712 --create "$W/d"
	for cap in chown net_bind_service dac_override setuid sys_ptrace net_admin sys_time; do
		proved --keep-cap "$cap"
		proved --user "$user" --keep-cap "$cap"
	done
fi
# Inherited things do not make it fail, nor do they come through.
exec 5<"$W/f" 77<"$W/d"
A=1 B=2 proved --no-policy
env --ignore-signal=HUP,USR2,CHLD --block-signal=USR1,TERM "$E" --prove "$P" signals >"$T/.out" 2>"$T/.err"
same "--prove with signals blocked and ignored" "0|blocked= ignored=|" "$?|$(<"$T/.out")|$(<"$T/.err")"
"$P" keyed "$E" --prove "$P" args proved >"$T/.out" 2>"$T/.err"
same "--prove with a session keyring" "0|proved|" "$?|$(<"$T/.out")|$(<"$T/.err")"
run "$E" --prove "$P" write "w:$W/new" x
same "--prove and an output" "0|ok|x" "$STATUS|$OUT|$(<"$W/new")"
# Twice at once, and nothing is left behind.
touch "$T/before"
"$E" --prove "$P" args 1 >"$T/1" 2>&1 &
"$E" --prove "$P" args 2 >"$T/2" 2>&1
wait
same "two proofs at once" "1 2" "$(cat "$T/1" "$T/2" | paste -sd' ')"
same "nothing is left behind" "" "$(find /tmp /var/tmp /dev/shm -maxdepth 1 -name 'endow-prove*' -user "$(id -u)" -newer "$T/before")"
finish

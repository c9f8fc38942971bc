#!/bin/bash
# Ends at every point: of programs in the midst of what the supervisor does for them, and of the supervisor. Nobody is held up,
# nothing is left: no process, no descriptor, no folder.
#   ENDOW_DEATHS   children that are killed, 1000 unless it says otherwise; there are ten times as many opens
deaths=${ENDOW_DEATHS:-1000}
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

brokered=$T/bin/brokered
cp "${given_PROBE%/*}/brokered" "$brokered" || exit 1
tree=$W/tree
mkdir "$tree" "$T/scratch"
export TMPDIR=$T/scratch
doors=$XDG_RUNTIME_DIR/endow
[ "$am_root" ] && doors=/run/endow

printf 'promise proc\ngrant read write create %s as tree\n' "$tree" >"$W/tree.policy"
{
	cat "$W/tree.policy"
	echo "connect unix $W/service"
} >"$W/service.policy"
{
	cat "$W/tree.policy"
	echo "ask read $W/asked"
} >"$W/ask.policy"
echo asked >"$W/asked"
{
	cat "$W/tree.policy"
	echo "exec $brokered"
} >"$W/exec.policy"

clean() { # NAME
	holds "$1: no process is left" until_true nothing_left
	[ -z "$(left_over)" ] || ps -o pid,ppid,stat,args -p "$(left_over | paste -sd,)"
	same "$1: no folder is left" "" "$(find "$T/scratch" -mindepth 1)"
}
nobody_asks() { ! pgrep -f "$T/bin/person|^sleep 1000$" -u "$(id -u)" >/dev/null; }
empty_tree() { rm -rf "$tree" && mkdir "$tree"; }

# Of the program's processes -----------------------------------------------------------------------------------------------

ends() { # NAME WANT POLICY WORD...
	local name=$1 want=$2 policy=$3
	shift 3
	empty_tree
	LIMIT=60 run "$E" -p "$W/$policy.policy" --ask "$T/bin/person" --scratch TMPDIR "$brokered" "$@"
	same "$name" "0|$want|" "$STATUS|$OUT|$ERR"
	clean "$name"
}
/usr/bin/python3 -I -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(64)
while True: s.accept()[0].close()' "$W/service" &
until_true test -S "$W/service"

ends "killed while it connects" "deaths: 0 interrupted, 0 done twice, 0 failed" service deaths "$tree" $((deaths / 4)) "$W/service"
# A person who takes some time, and one who never answers.
for answer in "sleep 0.01; echo once" "exec sleep 1000"; do
	rm -f "$T/questions"
	printf '#!/bin/sh\necho asked >>%s\n%s\n' "$T/questions" "$answer" >"$T/bin/person"
	chmod 755 "$T/bin/person"
	ends "killed while the person is asked" "deaths: 0 interrupted, 0 done twice, 0 failed" ask deaths "$tree" $((deaths / 10)) - "$W/asked"
	holds "somebody was asked" has_words "$T/questions"
	holds "nobody is left asking" until_true nobody_asks
done
ends "executed while it opens" "exec: 0 interrupted, 0 done twice, 0 failed" exec exec "$tree" $((deaths / 10))
ends "fork after fork" "forks: well" tree forks "$tree" $((deaths / 100))
for _ in 1 2 3 4 5; do
	ends "a daemon is left behind" "daemon: opens" tree daemon "$tree"
done

# The supervisor's descriptors: as many after thousands of opens and deaths as before. The folder's size counts them, and is not
# kept from anybody.
descriptors() {
	local pid
	for pid in "$@"; do stat -c %s "/proc/$pid/fd"; done | paste -sd' '
}
supervisors() { # the launcher's processes, itself first
	find /proc/[0-9]*/exe -lname "$E" 2>/dev/null | cut -d/ -f3 | sort -n
}
mkfifo "$T/words"
empty_tree
"$E" -p "$W/tree.policy" "$brokered" steady "$tree" $((deaths * 10)) <"$T/words" >"$T/said" 2>"$T/complaints" &
launcher=$!
exec 7>"$T/words"
until_true grep -qx ready "$T/said"
mapfile -t pair < <(supervisors)
before=$(descriptors "${pair[@]}")
echo go >&7
for ((i = 0; i < 3000; i++)); do
	grep -qx "done" "$T/said" && break
	sleep 0.02
done
as_before() { [ "$(descriptors "${pair[@]}")" = "$before" ]; }
until_true as_before
same "so many descriptors after $((deaths * 10)) opens and $deaths deaths as before" "$before done" "$(descriptors "${pair[@]}") $(tail -n 1 "$T/said")"
echo end >&7
exec 7>&-
wait "$launcher"
same "it ends well" "0|" "$?|$(<"$T/complaints")"
clean "thousands of opens"

# Of the supervisor ---------------------------------------------------------------------------------------------------------

# Who removes scratch folders when all others are gone leads a session of its own.
is_sweeper() { [ "$(ps -o sid= -p "$1" | tr -d ' ')" = "$1" ]; }
begin() { # [OPTION]...
	empty_tree
	: >"$T/said"
	"$E" -p "$W/tree.policy" --scratch TMPDIR "$@" "$brokered" loop "$tree" >"$T/said" 2>"$T/complaints" &
	launcher=$!
	until_true has_words "$T/said"
	[ "$(left_over)" ] || not_ok "there is something that could be left"
	pair=()
	for pid in $(supervisors); do is_sweeper "$pid" || pair+=("$pid"); done
}
kill_one() { # NAME INDEX SIGNAL [OPTION]...   1: there is none of this index
	local name=$1 index=$2 signal=$3 pid
	shift 3
	begin "$@"
	if [ "$index" -ge ${#pair[@]} ]; then
		kill -KILL "$launcher"
		wait "$launcher" 2>/dev/null
		until_true nothing_left
		return 1
	fi
	sleep 0.0$((RANDOM % 9))
	kill -"$signal" "${pair[index]}"
	wait "$launcher" 2>/dev/null
	clean "$name"
	case $(tail -n 1 "$T/said") in
	looping | ENOSYS) ok "$name: nothing was done for the program afterwards" ;;
	*) not_ok "$name: nothing was done for the program afterwards" "$(<"$T/said")" ;;
	esac
	for pid in "$launcher" "${pair[@]}"; do
		same "$name: no door is left" "" "$(ls "$doors/$pid" 2>/dev/null)"
	done
}
kills() { # NAME [OPTION]...
	local name=$1 index
	shift
	for index in 0 1 2 3; do
		kill_one "$name, the supervisor's process $index is killed" $index KILL "$@" || break
	done
	holds "$name: there was one to kill" [ "$index" -gt 0 ]
} 2>/dev/null
for _ in 1 2 3; do kills "plain"; done
run "$E" --isolate processes "$P" args
case $STATUS:$ERR in
125:*"user namespaces are blocked"*) skip "processes of its own" "user namespaces are blocked here" ;;
*) kills "processes of its own" --isolate processes ;;
esac
finish

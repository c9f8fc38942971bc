#!/bin/bash
# Each layer, taken away from the test build of the launcher: what it alone refuses is then open. A layer of which nothing is missed
# would be one that no test looks at.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/live/tries.sh
. "$here/tries.sh"

if [ ! -x "$E_TEST" ]; then
	not_ok "the test build of the launcher is there ($given_ENDOW_TEST)"
	finish
fi

without() { # LAYERS COMMAND...
	local layers=$1
	shift
	ENDOW_TEST_WITHOUT=$layers "$@"
}

# What `probe list` calls a layer, and what the switch calls it.
declare -A switch=([landlock]=landlock [seccomp]=seccomp [fds]=descriptors [env]=environment [caps]=capabilities [signals]=signals)
every=landlock,seccomp,descriptors,environment,capabilities,signals
declare -A alone missed

# no_new_privs can't be taken away: without it no ordinary user could enter the other layers at all.
has_no_switch() { [[ " new-privileges exec-setuid stray-group keep-caps " == *" $1 "* ]]; }

layer() { # NAME LAYER,FLAGS
	local name=$1 flags=$2 layer=${2%%,*} one others
	if has_no_switch "$name"; then return; fi
	choose_place "$name"
	attempt "$name"
	[ "$OUTCOME" = ok ] || return # holes.sh says whether that may be
	one=${switch[$layer]}
	others=$(tr ',' '\n' <<<"$every" | grep -vx "$one" | paste -sd,)
	without "$every" attempt_inside "$name" "$E_TEST"
	if [ "$OUTCOME" != ok ]; then
		not_ok "$name: open when every layer is away" "it gave $OUTCOME"
		return
	fi
	without "$others" attempt_inside "$name" "$E_TEST"
	if ! is_refusal "$OUTCOME" "$flags"; then
		not_ok "$name: $one alone refuses it" "it gave $OUTCOME"
		return
	fi
	ok "$name: $one alone refuses it: $OUTCOME"
	alone[$one]=$((${alone[$one]-0} + 1))
	without "$one" attempt_inside "$name" "$E_TEST"
	[ "$OUTCOME" = ok ] && missed[$one]+=" $name"
}

serve_targets
while read -r name flags _; do
	layer "$name" "$flags"
done < <("$P" list)

# Some are held by a second layer as well. These are not, and have to be missed as soon as the one is away.
must_be_missed=(
	"landlock open list write append truncate open-truncate create mkdir mkfifo symlink link-secret rename unlink exec exec-shell map-shared"
	"seccomp chmod utime setxattr udp-sendto unix-stream unix-dgram-sendto listen-bare netlink-route memfd-exec fork add-key keyctl tiocsti aio inotify"
	"descriptors stray-descriptor inherited-file-read inherited-dir-stat"
	"environment stray-variable"
	"signals signals-blocked signals-ignored"
	${am_root:+"capabilities caps-effective caps-permitted caps-bounding"}
)
for row in "${must_be_missed[@]}"; do
	read -r one names <<<"$row"
	for name in $names; do
		like "$name: open as soon as $one is away" "* $name *" "${missed[$one]-} "
	done
	printf '%s: refuses %d by itself, and without it %d of them are open\n' "$one" "${alone[$one]-0}" "$(wc -w <<<"${missed[$one]-}")"
done

# TCP, signals, and abstract sockets are Landlock's where the policy opens the way through the filter.
for row in "tcp4|--connect tcp:1" "listen4|--listen tcp:1" "unix-abstract|--connect unix:any" "kill|--promise proc" "kill-group|--promise proc"; do
	IFS='|' read -r name option <<<"$row"
	INSIDE=
	attempt_inside "$name" "$E_TEST" $option
	like "$name: refused where the filter lets it through" "E[PA]*" "$OUTCOME"
	without landlock attempt_inside "$name" "$E_TEST" $option
	same "$name: open where the filter lets it through and Landlock is away" ok "$OUTCOME"
done

# The proof notices what is missing.
LIMIT=30
run "$E_TEST" --prove "$P" args proved
same "--prove: with every layer the program runs" "0|proved" "$STATUS|$OUT"
for one in landlock seccomp descriptors environment signals ${am_root:+capabilities}; do
	without "$one" run "$E_TEST" --prove "$P" args proved
	like "--prove: without $one the program does not run" "125||endow: not run, since the sandbox does not hold: *known hole*" "$STATUS|$OUT|$ERR"
done

# What no attempt is about.
run "$E_TEST" "$P" limits
like "limits: core files are off" "*core=0:0*" "$OUT"
without limits run "$E_TEST" --limit files=50 "$P" limits
like "limits: without them the files are not limited" "*files=$(ulimit -Sn):$(ulimit -Hn) *" "$OUT"
mkdir -p "$XDG_CONFIG_HOME/endow"
run "$E_TEST" --create "$XDG_CONFIG_HOME" "$P" create "$XDG_CONFIG_HOME/endow/new.policy"
like "guard: the policies' folder can't be granted" '125||*a program may not write what decides about it*' "$STATUS|$OUT|$ERR"
without guard run "$E_TEST" --create "$XDG_CONFIG_HOME" "$P" create "$XDG_CONFIG_HOME/endow/new.policy"
same "guard: without it the program can write policies" "0|ok" "$STATUS|$OUT"
# The switch is the test build's alone.
without landlock,seccomp run "$E" "$P" cat "$S/secret"
same "the real launcher knows no such switch" "0|EACCES" "$STATUS|$OUT"
finish

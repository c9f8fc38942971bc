#!/bin/bash
# endow inside endow: the inner one can only confine further, whatever it is told to grant.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

echo in >"$W/f"
echo out >"$W/g"
mkdir "$W/d"
ENDOW_ROOM=(--exec "$E" --exec "$P" --exec "$T/tree/libexec" --read "$T/tree" --read "$XDG_CONFIG_HOME" --read /proc --read /etc --use libc --promise proc
	--env HOME --env XDG_CACHE_HOME --env XDG_CONFIG_HOME --env PATH)
inner() { # NAME WANT OUTER-OPTION... -- INNER-OPTION... -- PROBE-WORD...
	local name=$1 want=$2 outer=() options=()
	shift 2
	while [ "$1" != -- ]; do outer+=("$1"); shift; done
	shift
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	run "$E" "${ENDOW_ROOM[@]}" "${outer[@]}" -- "$E" "${options[@]}" "$P" "$@"
	same "$name" "0|$want|" "$STATUS|$OUT|$ERR"
}
inner "the inner one runs a program" hello -- --no-policy -- args hello
inner "it compiles inside" 0077 -- --umask 077 -- umask
inner "what both grant" 'in\x0a' --read "$W/f" -- --read "$W/f" -- cat "$W/f"
inner "what the inner one leaves out" EACCES --read "$W" -- --read "$W/f" -- cat "$W/g"
inner "what the outer one leaves out" EACCES --read "$W/f" -- --read "$W/f" -- cat "$W/g"
inner "the inner one can't widen it" EACCES --read "$W/f" -- --read "$W" -- cat "$W/g"
inner "nor to write" EACCES --read "$W" -- --write "$W/f" -- write "$W/f" x
inner "nor to create" EACCES --read "$W" -- --create "$W/d" -- create "$W/d/n"
inner "nor to connect" EACCES -- --connect tcp:any -- connect 1
inner "nor to make processes" "ok 7" -- --promise proc -- fork
inner "nor to read where the outer one took processes away" EPERM -- --no-policy -- fork
inner "nor to change metadata" EPERM --write "$W/f" -- --write "$W/f" --promise fattr-anywhere -- chmod "$W/f"
inner "supervised" EACCES --read "$W/f" -- --read "$W" --supervise -- cat "$W/g"
run "$E" "${ENDOW_ROOM[@]}" -- "$E" --no-policy "$P" exit 77
same "the status comes through both" 77 "$STATUS"
run "$E" "${ENDOW_ROOM[@]}" -- "$E" --limit wall=1 "$P" sleep 9
same "the inner wall holds" 137 "$STATUS"
run "$E" "${ENDOW_ROOM[@]}" --create "$XDG_CACHE_HOME/endow" -- "$E" --no-policy "$P" args
like "the cache can't be granted to create" "125||*a program may not write what decides about it*" "$STATUS|$OUT|$ERR"

# As deep as the kernel goes.
depth() { # N: so many inside each other
	local words=() n=$1
	while [ $((n -= 1)) -ge 0 ]; do words+=("$E" "${ENDOW_ROOM[@]}" --); done
	run "${words[@]}" "$P" args deep
}
for n in 2 3 8 16; do
	depth $n
	same "$n inside each other" "0|deep|" "$STATUS|$OUT|$ERR"
done
depth 17
like "17 are refused, and it is said why" "125||endow: *16 sandboxes inside each other are the kernel's bound*" "$STATUS|$OUT|$ERR"

# The kernel knows one listener for all filters of a process. Where somebody else has it, what needs one can't be had, and what
# needs none can.
brokered=$T/bin/brokered
cp "${given_PROBE%/*}/brokered" "$brokered" || exit 1
mkdir "$W/tree"
echo inner >"$W/tree/f"
echo other >"$W/tree/g"
python=/usr/bin/python3
client=(--use python --read "$root/contrib/python" --env "PYTHONPATH=$root/contrib/python")
by_path="grant read $W/tree as tree" by_handle="grant read $W/tree as tree by handle"
why="125||endow: *another*listener*by handle*"
owned() { run "$brokered" owner "$E" "$@"; }
owned --with "$by_path" "$P" cat "$W/tree/f"
like "inside another sandbox with the listener: a path is refused, and it is said why" "$why" "$STATUS|$OUT|$ERR"
owned --with "report denials" "$P" args
like "a report" "125||endow: *another*listener*" "$STATUS|$OUT|$ERR"
owned --with "connect tcp 192.0.2.1:80" "$P" args
like "an address" "125||endow: *another*listener*" "$STATUS|$OUT|$ERR"
owned --with "connect unix $W/socket" "$P" args
like "a socket's path" "125||endow: *another*listener*" "$STATUS|$OUT|$ERR"
owned --read "$W/tree" "$P" cat "$W/tree/f"
same "what is granted before it starts works" '0|inner\x0a|' "$STATUS|$OUT|$ERR"
if [ -x $python ]; then
	owned "${client[@]}" --with "$by_handle" $python -m endow_broker open tree f
	same "so does what is asked for" "0|inner|" "$STATUS|$OUT|$ERR"
else
	skip "what is asked for" "$python is not installed"
fi

# The same where it is endow that has it. Whoever confines himself further is given nothing any more beyond what his own rules let
# through, for the outer supervisor can't know them: of the inner sandbox only what is granted to both before they start is left.
within() { # NAME WANT STATEMENT INNER-WORD...
	local name=$1 want=$2 statement=$3
	shift 3
	run "$E" "${ENDOW_ROOM[@]}" --read "$W/f" --with "$statement" -- "$E" "$@"
	like "within a dynamic grant: $name" "$want" "$STATUS|$OUT|$ERR"
}
run "$E" --with "$by_path" "$P" cat "$W/tree/f"
same "a dynamic grant, not nested" '0|inner\x0a|' "$STATUS|$OUT|$ERR"
within "another one is refused" "$why" "$by_path" --with "$by_path" "$P" cat "$W/tree/f"
within "what both were granted works" '0|in\\x0a|' "$by_path" --read "$W/f" "$P" cat "$W/f"
within "and supervised" '0|in\\x0a|' "$by_path" --supervise --read "$W/f" "$P" cat "$W/f"
within "what the inner one was not granted" "0|EACCES|" "$by_path" --no-policy "$P" cat "$W/f"
within "nothing granted" "0|EACCES|" "$by_path" --no-policy "$P" cat "$W/tree/f"
within "what the inner one leaves out" "0|EACCES|" "$by_path" --read "$W/tree/f" "$P" cat "$W/tree/g"
within "what the inner one grants" "0|EACCES|" "$by_path" --read "$W/tree" "$P" cat "$W/tree/f"
within "the inner one can't widen it" "0|EACCES|" "$by_path" --read "$W/tree" --write "$W/tree/f" "$P" write "$W/tree/f" x
within "the inner one takes writing away" "0|EACCES|" "grant read write $W/tree as tree" --read "$W/tree" "$P" write "$W/tree/f" x
same "nothing was written" inner "$(<"$W/tree/f")"
# Nor does a child get it whose parent has gone; and those that have not confined themselves still do.
inside="$E --no-policy --use libc,shell --promise proc /bin/sh -c"
run "$E" "${ENDOW_ROOM[@]}" --use shell --with "$by_path" /bin/sh -c "$inside '(sleep 0.3; cat $W/tree/f || echo orphan refused) &'
	cat $W/tree/f; (cat $W/tree/g); sleep 0.6; cat $W/tree/g"
same "within a dynamic grant: an orphan of the inner one" "0|inner"$'\n'"other"$'\n'"orphan refused"$'\n'"other" "$STATUS|$OUT"
if [ -x $python ]; then
	run "$E" "${ENDOW_ROOM[@]}" "${client[@]}" --exec "$(readlink -f $python)" --read "$W/f" --with "$by_path" -- \
		"$E" "${client[@]}" --with "grant read $W/f as f by handle" $python -m endow_broker open f
	same "within a dynamic grant: what is asked for" "0|in|" "$STATUS|$OUT|$ERR"
fi
finish

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
finish

#!/bin/bash
# A program that changes the address in its memory, and the socket behind the descriptor's number, while it connects: it reaches nobody
# but whom it was granted.
#
# It wins where the supervisor does not use what it has looked at. Reading the address once more after it was judged, in do_connect() of
# launcher/notify/net.c, let 4864 of 30000 tries through to the other listener, and 294 where the number changed as well.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
built=${given_PROBE%/*}
cp "$built/race_net" "$T/bin/" || exit 1
racer=$T/bin/race_net
tries=30000
LIMIT=240

# races NAME TRIES WORD...   the racer in a sandbox; both sides count
races() {
	local name=$1 n=$2 granted other to from inside outside
	shift 2
	coproc "$racer" serve
	exec {from}<&"${COPROC[0]}" {to}>&"${COPROC[1]}"
	eval "exec ${COPROC[1]}>&-"
	read -r granted other <&"$from"
	run "$E" --connect "tcp:127.0.0.1:$granted" --exec "$racer" "$racer" race "$granted" "$other" "$n" "$@"
	inside=$OUT
	exec {to}>&-
	read -r outside <&"$from"
	exec {from}<&-
	wait
	same "$name: the other listener is never reached" "0|0 0" "$STATUS|${inside#* } ${outside#* }"
	if [ "${outside% *}" -ge $((n / 50)) ]; then ok "$name: the granted one is"; else not_ok "$name: the granted one is" "inside: $inside, outside: $outside, $ERR"; fi
	echo "# $name: $n tries, granted $outside (and the other)"
}

races "the address" "$tries"
races "the address and the descriptor" "$tries" fd
finish

#!/bin/bash
# Every known way out: open to a bare process, closed in a sandbox. An attempt that does not succeed bare shows nothing by
# failing inside, and counts as a failure, unless the machine or a missing privilege explains it.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/live/tries.sh
. "$here/tries.sh"

declare -A refused open_bare

# May it fail bare? FLAGS as `probe list` shows them, after the layer's name.
may_be_closed() { # FLAGS
	[[ $1 == *,system* ]] && return 0
	[[ $1 == *,privileged* && ! $am_root ]] && return 0
	return 1
}

check() { # NAME LAYER FLAGS BARE WORDS
	if is_refusal "$OUTCOME" "$3"; then
		ok "$1: $4, $5 $OUTCOME"
		refused[$2]=$((${refused[$2]-0} + 1))
		[ "$4" != ok ] || open_bare[$2]=$((${open_bare[$2]-0} + 1))
	else
		not_ok "$1: A HOLE: $5, it gave $OUTCOME (bare: $4)"
	fi
}

hole() { # NAME LAYER,FLAGS
	local name=$1 flags=$2 layer=${2%%,*} bare
	if [ "$name" = stray-group ] && [ ! "$am_root" ]; then
		skip "$name" "an ordinary user can't give up his groups"
		return
	fi
	choose_place "$name"
	attempt "$name"
	bare=$OUTCOME
	attempt_inside "$name" "$E"
	if [ "$bare" != ok ] && ! may_be_closed "$flags"; then
		not_ok "$name: VACUOUS: bare, it gave $bare"
	elif [ "$bare" != ok ] && [ "$OUTCOME" = moot ]; then
		skip "$name" "it can't be attempted on this machine"
	else
		check "$name" "$layer" "$flags" "$bare" inside
		attempt_inside "$name" "$E" --supervise
		is_refusal "$OUTCOME" "$flags" || not_ok "$name: A HOLE: supervised, it gave $OUTCOME"
	fi
}

serve_targets
while read -r name flags _; do
	hole "$name" "$flags"
done < <("$P" list)
for layer in "${!refused[@]}"; do
	printf '%s: %d refused, of which %d are open without a sandbox\n' "$layer" "${refused[$layer]}" "${open_bare[$layer]-0}"
done | sort
finish

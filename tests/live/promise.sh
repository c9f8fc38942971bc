#!/bin/bash
# endow_promise(3): what a program gives up by itself, bare and in a sandbox.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

built=${given_PROBE%/*}
cp "$built/promise" "$T/bin/" && cp "$built/promise-so" "$built/libendow.so.0" "$W/" || exit 1
chmod -R go+rX "$T/bin" "$W"
M=$T/bin/promise

# counted NAME COMMAND...   its last line is "N passed, M failed", and they are ours
counted() {
	local name=$1 counts
	shift
	LIMIT=60 run "$@"
	counts=$(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' <<<"$OUT")
	if [ -z "$counts" ]; then
		not_ok "$name" "it does not come to its end: $STATUS" "$OUT" "$ERR"
		return
	fi
	read -r p f <<<"$counts"
	passed=$((passed + p)) failed=$((failed + f))
	grep -A 2 '^not ok' <<<"$OUT"
	same "$name" "$((f > 0))|" "$STATUS|$ERR"
}

counted 'bare' "$M" bare
counted 'bare, the shared library' "$W/promise-so" bare

# In a sandbox that has promised all, and in one that has not: what it lacks doesn't come by promising it.
few='proc watch'
all='proc tty fattr-anywhere id debug sched netlink watch aio'
if "$E" --no-policy --promise sysvipc -- "$P" 2>/dev/null >&2 || [ $? -lt 125 ]; then
	all+=' sysvipc'
else
	skip 'sysvipc in a sandbox' 'no namespace for an ordinary user here'
fi
# shellcheck disable=SC2086 # words
inside() { # NAME PROMISES
	counted "$1" "$E" --no-policy --promise "${2// /,}" -- "$M" inside $2
}
inside 'in a sandbox that promises all' "$all"
inside 'in a sandbox that promises little' "$few"

printf 'file\n' >"$W/file"
printf 'grant read %s as file\n' "$W/file" >"$W/broker.policy"
counted 'with a broker' "$E" -p "$W/broker.policy" -- "$M" broker "$W/file"

# Programs that never promise pay nothing: no library more is loaded.
same 'what libendow.so needs' 'libc.so.6' "$(objdump -p "$W/libendow.so.0" 2>/dev/null | awk '/NEEDED/ { print $2 }' | sort -u | paste -sd ' ')"

finish

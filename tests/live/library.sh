#!/bin/bash
# Every policy and fragment of the library: it compiles, what it grants can be shown, and where its program is installed the
# sandbox is proved to hold.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
LIMIT=40
shown() { # NAME WORD...   --dry-run in both forms: nothing runs, and the JSON is JSON
	local name=$1
	shift
	run "$E" --dry-run "$@"
	like "$name: --dry-run" "0|program *Nothing else: *|" "$STATUS|$OUT|$ERR"
	run "$E" --dry-run --json "$@"
	same "$name: --dry-run --json" "0|" "$STATUS|$ERR"
	/usr/bin/python3 -m json.tool "$T/.out" >"$T/.json" 2>&1 && ok "$name: its JSON is JSON" || not_ok "$name: its JSON is JSON" "$(<"$T/.json")"
}

# As another than root, who would fill the cache of the whole machine.
mkdir "$T/other"
[ ! "$am_root" ] || chown "$OTHER" "$T/other"
compiles() { # NAME FILE
	if [ "$am_root" ]; then
		run setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups env XDG_CACHE_HOME="$T/other" "$E" compile "$2"
	else
		run "$E" compile "$2"
	fi
	like "$1: compiles" "0|$2: *.img|" "$STATUS|$OUT|$ERR"
}

count=0
for file in "$T"/tree/share/*.policy; do
	name=${file##*/} name=${name%.policy} count=$((count + 1))
	compiles "$name" "$file"
	# The program that it is for: the first that is installed.
	program=
	for path in $(sed -n 's/^program[[:space:]]*\([^#]*\).*/\1/p' "$file"); do
		[ -x "$path" ] && program=${program:-$path}
	done
	[ "$name" = default ] && program=$P
	if [ ! "$program" ]; then
		skip "$name: shown and proved" "its program is not installed ($(sed -n 's/^program[[:space:]]*//p' "$file" | head -1))"
		continue
	fi
	shown "$name" -p "$name" "$program"
	run "$E" -p "$name" --prove "$program" --version </dev/null
	case $STATUS:$ERR in
	125:*"not run, since"*) not_ok "$name: --prove" "$ERR" ;;
	12[67]:*"endow: "*) not_ok "$name: the program starts" "$ERR" ;;
	125:*"endow: "*) skip "$name: --prove" "$(head -1 <<<"$ERR")" ;;
	*) ok "$name: --prove" ;;
	esac
done
holds "there are policies" [ "$count" -ge 5 ]

count=0
for file in "$T"/tree/share/fragments/*; do
	name=${file##*/} count=$((count + 1))
	echo "use $name" >"$W/one.policy"
	compiles "fragment $name" "$W/one.policy"
	# To show a fragment is to resolve it, and some need what only some systems have.
	run "$E" --no-policy --use "$name" --dry-run "$P"
	case $STATUS:$ERR in
	0:) ok "fragment $name: is shown" ;;
	125:*"is not set to an absolute path"* | 125:*"user namespaces are blocked"*) skip "fragment $name: is shown" "$ERR" ;;
	*) not_ok "fragment $name: is shown" "$ERR" ;;
	esac
done
holds "there are fragments" [ "$count" -ge 5 ]
name=$(printf 'bad\nname\\"\x1b[2J')
cp "$P" "$W/$name"
shown "a name that would drive a terminal" "$W/$name"
case $(cat "$T/.out") in *$'\x1b'*) not_ok "no control bytes in the JSON" ;; *) ok "no control bytes in the JSON" ;; esac
finish

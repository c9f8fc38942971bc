#!/bin/bash
# Racers against what the supervisor does for a program: what a call names is changed while the call is being decided about. None
# may ever reach beyond the tree that is granted. That the races are real the same racer shows each time, under an observer that
# looks and then lets the kernel look again: it has to win there.
#   ENDOW_RACE_TRIES   of each kind of race, 50000 unless it says otherwise
tries=${ENDOW_RACE_TRIES:-50000}
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

racer=$T/bin/racer
cp "${given_PROBE%/*}/racer" "$racer" || exit 1
tree=$W/race/tree out=$W/race/else

make_tree() { # WHAT
	local dir
	rm -rf "$tree"
	mkdir -p "$tree/sub"
	for dir in "$tree" "$tree/sub"; do
		echo inside >"$dir/file"
		: >"$dir/victim"
	done
	echo inside >"$tree/last"
	ln -s ../else "$tree/sub.link"
	case $1 in create) ln -s ../else/new "$tree/last.link" ;; *) ln -s ../else/file "$tree/last.link" ;; esac
}
make_outside() {
	rm -rf "$out"
	mkdir -p "$out"
	echo secret >"$out/file"
	: >"$out/victim"
}

# Names that are swapped by somebody outside, who is mediated by nobody.
swapper=
swap_from_outside() { # HOW
	case $1 in
	swap) "$racer" flip "$tree/sub" "$tree/sub.link" & ;;
	last) "$racer" flip "$tree/last" "$tree/last.link" & ;;
	*) return 0 ;;
	esac
	swapper=$!
}
end_swapping() {
	[ "$swapper" ] && kill "$swapper" && wait "$swapper"
	swapper=
} 2>/dev/null

# What happens outside the tree is seen, however short a time it lasts.
begin_watching() {
	"$racer" watch "$out" >"$T/events" &
	watcher=$!
	until_true has_words "$T/events"
}
end_watching() { # NAME
	sleep 0.1
	kill "$watcher"
	wait "$watcher" 2>/dev/null
	same "$1: nothing was opened, made, changed or removed outside" watching "$(head -n 20 "$T/events")"
	same "$1: all is as it was outside" "secret 1 file victim" "$(cat "$out/file") $(stat -c %h "$out/file") $(cd "$out" && echo *)"
}

count() { sed -n "s/.* \([0-9]*\) $1.*/\1/p" <<<"$OUT"; }

options=()
race() { # POLICY HOW WHAT TRIES
	local name="$1, $2 $3"
	make_tree "$3"
	swap_from_outside "$2"
	LIMIT=120 run "$E" -p "$W/$1.policy" "${options[@]}" "$racer" run "$2" "$3" "$4" "$tree" "$out"
	end_swapping
	case $STATUS:$OUT:$ERR in
	0:*" tries, 0 won"*:) ok "$name: never won" ;;
	*) not_ok "$name: never won" "got: $STATUS|$OUT|$ERR" ;;
	esac
	# Both sides were seen, and the call did what it says where it may.
	[ "$(count "done")" -gt 0 ] && [ "$(count refused)" -gt 0 ] && case $OUT in
	*"0 other" | *"(ENOENT)" | *"(EEXIST)" | *"(ENOTDIR)" | *"(EISDIR)") ok "$name: both were tried" && return ;;
	esac
	not_ok "$name: both were tried" "$OUT"
}

control() { # HOW WHAT
	make_outside
	make_tree "$2"
	swap_from_outside "$1"
	LIMIT=60 run "$racer" control "$1" "$2" 200000 "$tree" "$out"
	end_swapping
	like "without the guard, $1 $2 is won" "1:* 1 won*:" "$STATUS:$OUT:$ERR"
}

all=(write create unlink mkdir rename-to rename-from link-to link-from symlink)
whats() { # HOW   all that can be raced so
	case $1 in
	last) echo write create truncate ;;
	path | dots | swap) echo "${all[@]}" truncate ;;
	*) echo "${all[@]}" ;;
	esac
}

kinds=(path dots cwd descriptor swap last)
mkdir -p "$W/race"
for how in "${kinds[@]}"; do
	for what in read $(whats "$how"); do control "$how" "$what"; done
done

# Each kind in so many tries: of reading four tenths, of all changes together the rest.
printf 'grant read write create %s as tree\n' "$tree" >"$W/granted.policy"
make_outside
begin_watching
for how in "${kinds[@]}"; do
	read -ra changes <<<"$(whats "$how")"
	race granted "$how" read $((tries * 4 / 10))
	for what in "${changes[@]}"; do
		race granted "$how" "$what" $((tries * 6 / 10 / ${#changes[@]} + 1))
	done
done
# The names are swapped by calls that are mediated themselves.
for how in own-swap own-last; do
	for what in read write; do race granted $how $what $((tries / 20)); done
done
end_watching "not granted"

# What may be read may be neither changed, nor reached for changing by another name.
printf 'grant read write create %s as tree\ngrant read %s as else\n' "$tree" "$out" >"$W/readable.policy"
make_outside
begin_watching
for how in path cwd descriptor swap; do
	for what in write create unlink rename-from link-from; do race readable $how $what $((tries / 20)); done
done
end_watching "granted for reading"

# With files of its own the program does not see what is not granted, whatever the supervisor may see.
run "$E" --isolate files "$P" args
case $STATUS:$ERR in
125:*"user namespaces are blocked"*) skip "a view" "user namespaces are blocked here" ;;
*)
	options=(--isolate files)
	make_outside
	begin_watching
	for how in path dots swap; do
		for what in read write unlink rename-to link-from; do race granted $how $what $((tries / 50)); done
	done
	end_watching "in a view"
	;;
esac
finish

# shellcheck shell=bash
# lib.sh: what every live test begins with. It makes a folder of its own that holds the launcher as if it were installed there,
# a home, and a place for files; counts; and clears away.
#
#   ENDOW       the launcher, libexec/ and share/ beside it
#   ENDOW_TEST  the same from the test build, which ENDOW_TEST_WITHOUT takes layers from
#   PROBE       the probe, statically linked
set -u
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${here%/tests/live}
: "${ENDOW:=$root/build/endow}" "${ENDOW_TEST:=$root/build/test/endow}" "${PROBE:=$root/build/tests/probe}"
given_ENDOW=$ENDOW given_ENDOW_TEST=$ENDOW_TEST given_PROBE=$PROBE

# Nothing of the caller's is to decide what is seen here.
for name in $(compgen -e); do
	case $name in PATH | VERBOSE) ;; *) unset "$name" ;; esac
done
PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
exec </dev/null

# Not in /tmp, which some of the programs get an empty one of.
T=$(mktemp -d /var/tmp/endow-live.XXXXXX) || exit 1
chmod 755 "$T"
export HOME=$T/home XDG_CONFIG_HOME=$T/home/.config XDG_CACHE_HOME=$T/home/.cache XDG_DATA_HOME=$T/home/.local/share \
	XDG_STATE_HOME=$T/home/.local/state XDG_RUNTIME_DIR=$T/home/run
E=$T/tree/endow        # the launcher under test
E_TEST=$T/tree/endow-test
P=$T/bin/probe
W=$T/work              # files of the tests: never above or below what the launcher keeps for itself
mkdir -p "$T/tree" "$T/bin" "$W" "$XDG_CONFIG_HOME/endow" "$XDG_RUNTIME_DIR"
cd "$W" || exit 1

passed=0 failed=0 skipped=0 finished=
script=$(basename "$0" .sh)
am_root=
# shellcheck disable=SC2034 # for the tests
[ "$(id -u)" = 0 ] && am_root=1

before_end=true # a command
end_own() {
	local pid
	$before_end
	for pid in $(jobs -p); do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
}

at_exit() {
	[ "$BASHPID" = $$ ] || return # a child that a signal reached before it was its own
	end_own
	cd / || exit 1
	chmod -R u+rwx "$T" 2>/dev/null
	rm -rf "$T"
	[ "$finished" ] && return
	printf 'not ok %s: the script ended early\n' "$script"
	exit 1
}
trap at_exit EXIT
trap 'exit 1' HUP INT TERM

# Last in each script.
finish() {
	finished=1
	printf '%s: %d passed, %d failed' "$script" "$passed" "$failed"
	[ "$skipped" -gt 0 ] && printf ', %d skipped' "$skipped"
	echo
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
	exit
}

ok() {
	passed=$((passed + 1))
	[ "${VERBOSE-}" ] && printf 'ok %s\n' "$1"
	return 0
}

not_ok() { # NAME EXPLANATION...
	failed=$((failed + 1))
	printf 'not ok %s\n' "$1"
	shift
	[ $# -eq 0 ] || printf '    %s\n' "$@"
}

skip() { # NAME REASON
	skipped=$((skipped + 1))
	printf 'skip %s: %s\n' "$1" "$2"
}

install_tree() {
	local dir=${given_ENDOW%/*}
	cp "$given_ENDOW" "$E" && cp -RL "$dir/libexec" "$dir/share" "$T/tree/" && cp "$given_PROBE" "$P" || {
		echo "$script: ENDOW, with libexec/ and share/ beside it, and PROBE have to be built" >&2
		exit 1
	}
	[ ! -x "$given_ENDOW_TEST" ] || cp "$given_ENDOW_TEST" "$E_TEST"
	chmod -R go+rX,go-w "$T/tree" "$T/bin"
}
install_tree

# Run a command: STATUS, OUT, ERR say what came of it. LIMIT: seconds.
run() {
	{ timeout -k 2 "${LIMIT:-10}" "$@" >"$T/.out" 2>"$T/.err"; } 2>/dev/null
	STATUS=$?
	OUT=$(tr -d '\000' <"$T/.out")
	ERR=$(tr -d '\000' <"$T/.err")
}

same() { # NAME WANT GOT
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted: $2" "got:    $3" ${ERR:+"stderr: $ERR"}; fi
}

like() { # NAME PATTERN GOT   a pattern of case
	# shellcheck disable=SC2254
	case $3 in
	$2) ok "$1" ;;
	*) not_ok "$1" "wanted like: $2" "got:         $3" ;;
	esac
}

holds() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name" "$*"; fi
}

# gives NAME STATUS STDOUT COMMAND...   exactly
gives() {
	local name=$1 status=$2 out=$3
	shift 3
	run "$@"
	same "$name" "$status|$out" "$STATUS|$OUT"
}

# sees NAME WANT [OPTION]... -- PROBE-WORD...   the probe inside a sandbox prints WANT, and nobody complains
sees() {
	local name=$1 want=$2 options=()
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	run "$E" "${options[@]}" "$P" "$@"
	same "$name" "0|$want|" "$STATUS|$OUT|$ERR"
}

# refuses NAME PATTERN WORD...   endow says why, in a message like PATTERN, and runs nothing: 125
refuses() {
	local name=$1 pattern=$2
	shift 2
	run "$E" "$@"
	# shellcheck disable=SC2254
	case $STATUS:$OUT:$ERR in
	125::$pattern) ok "$name" ;;
	*) not_ok "$name" "wanted: 125 and $pattern" "got:    $STATUS|$OUT|$ERR" ;;
	esac
}

# Wait until a command is true, at most 5 s.
until_true() {
	local i
	for ((i = 0; i < 250; i++)); do
		"$@" && return 0
		sleep 0.02
	done
	return 1
}

has_words() { [ -s "$1" ]; }

gone() { ! kill -0 "$1" 2>/dev/null; }

# Processes of this test's own: its sandboxes, its programs, and whoever works beneath its folder of files.
left_over() {
	find /proc/[0-9]*/exe /proc/[0-9]*/cwd \( -path '*/exe' -lname "$T/*" -o -lname "$W/*" \) 2>/dev/null | cut -d/ -f3 | sort -nu
}
nothing_left() { [ -z "$(left_over)" ]; }

# The program of a launcher that runs as PID, which has no children itself: PID when it is in place, its grandchild when it is not.
program_of() { # PID
	local pid=$1 child
	while read -r child _ <"/proc/$pid/task/$pid/children"; [ "$child" ]; do pid=$child; done
	echo "$pid"
}

# Another user than ourselves; for root only.
OTHER=65534
as_other() { setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups -- "$@"; }

# Python with the modules of python3-minimal.
py() { /usr/bin/python3 -I "$@"; }

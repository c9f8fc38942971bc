# shellcheck shell=bash
# lib.sh: what the tests of endow learn begin with: a folder of their own, a fixture, a listener, and the words that the tests are
# written in.
#
#   ENDOW   the launcher, libexec/ and share/ beside it
#
# With NO_SKIPS=1 what would be skipped has failed. With KEEP=FOLDER what was learned last of each program is kept there.
set -u
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${ENDOW:=${here%/tests/learn}/build/endow}"
ENDOW=$(readlink -f "$ENDOW")
LEARN=${ENDOW%/*}/libexec/endow-learn
for variable in $(compgen -e); do
	case $variable in PATH | ENDOW | VERBOSE | NO_SKIPS | KEEP) ;; *) unset "$variable" ;; esac
done
export LC_ALL=C.UTF-8
PATH=/usr/bin:/bin:/usr/sbin:/sbin
# Nothing of the caller's is to be passed on.
for fd in /proc/$$/fd/*; do
	case ${fd##*/} in 0 | 1 | 2 | 255) ;; *) eval "exec ${fd##*/}>&-" ;; esac
done
[ -x "$LEARN" ] || { echo "$LEARN has to be built" >&2 && exit 1; }

# Not in /tmp, of which some programs get a private one.
T=$(mktemp -d /var/tmp/endow-learn.XXXXXX) || exit 1
F=$T/fixture # what each run begins with
W=$T/run     # where it runs
P=$T/policy  # what was learned
passed=0 failed=0 skipped=0 own=() finished="" script=$(basename "$0" .sh)

at_exit() {
	[ "$BASHPID" = $$ ] || return
	[ "${#own[@]}" -eq 0 ] || kill -KILL "${own[@]}" 2>/dev/null
	cd / && chmod -R u+rwx "$T" && rm -rf "$T"
	[ -n "$finished" ] || printf 'not ok %s: the script ended early\n' "$script"
}
trap at_exit EXIT
trap 'exit 1' HUP INT TERM

ok() {
	passed=$((passed + 1))
	[ -z "${VERBOSE-}" ] || printf 'ok %s\n' "$1"
}
not_ok() { # NAME EXPLANATION...
	failed=$((failed + 1))
	printf 'not ok %s\n' "$1"
	shift
	[ $# -eq 0 ] || printf '    %s\n' "$@"
}
skip() { # NAME WHY
	if [ -n "${NO_SKIPS-}" ]; then
		not_ok "$1" "it would be skipped: $2"
		return
	fi
	skipped=$((skipped + 1))
	printf 'skipped: %s (%s)\n' "$1" "$2"
}
needs() {
	local file
	for file; do
		[ -x "$file" ] && continue
		skip "${file##*/}" "it is not installed"
		return 1
	done
}
finish() {
	finished=1
	printf '%s: %d passed, %d failed, %d skipped\n' "$script" "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}
same() { # NAME WANT GOT
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted: $2" "got:    $3"; fi
}
# The policy has, or has not, a line that matches PATTERN (extended).
says() { # NAME PATTERN
	if grep -qE "$2" "$P"; then ok "$1"; else not_ok "$1" "no line like: $2" "$(<"$P")"; fi
}
says_not() { # NAME PATTERN
	if grep -qE "$2" "$P"; then not_ok "$1" "a line like: $2" "$(grep -E "$2" "$P")"; else ok "$1"; fi
}

# What each run begins with ---------------------------------------------------------------------------------------------------

TOKEN=$((RANDOM + 10000))$((RANDOM + 10000))$((RANDOM + 10000)) # a number, which bc reads as well
mkdir -p "$T/home" "$T/listener" "$F/tree/sub" "$F/out" "$F/outside" || exit 1
printf 'pear 3\napple 10\nplum 2\n' >"$F/in.txt"
printf 'alpha\n' >"$F/tree/a.txt"
printf 'beta\n' >"$F/tree/sub/b.txt"
printf '%s\n' "$TOKEN" >"$F/secret.txt"
printf 'untouched\n' >"$F/outside/file"
touch -d '2001-02-03 04:05:06 UTC' "$F/in.txt" "$F/tree/a.txt" "$F/tree/sub/b.txt"

# Two TCP ports. What reached which is noted; a request is answered with "hello".
listen() {
	cat >"$T/listener/serve" <<'PERL'
use strict; use IO::Socket::INET; use IO::Select;
my ($dir) = @ARGV;
my @s = map { IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die } 1, 2;
open(my $log, '>>', "$dir/log") or die; $log->autoflush(1);
open(my $ports, '>', "$dir/ports.new") or die; print $ports join(' ', map { $_->sockport } @s), "\n"; close $ports;
rename "$dir/ports.new", "$dir/ports";
my $select = IO::Select->new(@s);
$SIG{PIPE} = 'IGNORE';
while (my @ready = $select->can_read) {
	for my $s (@ready) {
		my $c = $s->accept or next;
		print $log $s == $s[0] ? "granted\n" : "other\n";
		sysread($c, my $request, 4096) if IO::Select->new($c)->can_read(0.3);
		syswrite $c, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello\n";
		close $c;
	}
}
PERL
	perl "$T/listener/serve" "$T/listener" &
	own+=($!)
	disown
	local i
	for ((i = 0; i < 250; i++)); do [ -s "$T/listener/ports" ] && break; sleep 0.02; done
	# shellcheck disable=SC2034 # for the tests
	read -r PORT OTHER_PORT <"$T/listener/ports" || exit 1
}

# Running ---------------------------------------------------------------------------------------------------------------------

fresh() {
	cd "$T" && chmod -R u+rwx "$W" 2>/dev/null
	rm -rf "$W" && cp -a "$F" "$W" && cd "$W" || exit 1
	[ ! -e "$T/listener/log" ] || : >"$T/listener/log"
}

# Every name with its kind, mode and day of change, and every content.
digest() {
	(cd "$1" && find . -printf '%P %y %m %l\n' -type f -printf '%P %TY-%Tm-%Td\n' && find . -type f -exec sha256sum {} +) | sort
}

# ENVIRONMENT: more variables, NAME=VALUE.
run() {
	{
		timeout -k 2 "${LIMIT:-60}" env -i PATH=/usr/bin:/bin HOME="$T/home" LANG=C.UTF-8 TERM=xterm ${ENVIRONMENT-} \
			"$@" <"${INPUT:-/dev/null}" >"$T/out" 2>"$T/err"
	} 2>/dev/null
	STATUS=$?
}

state() { # NORMAL: a filter for output that is never the same twice
	printf 'status %s\n-- output\n' "$STATUS"
	${NORMAL:-cat} <"$T/out"
	printf -- '-- errors\n'
	${NORMAL:-cat} <"$T/err"
	printf -- '-- files\n'
	[ -n "${NORMAL_FILES-}" ] || digest "$W"
}

# A kernel or a container that grants no namespaces can't show what needs a view; that endow then refuses is tested elsewhere.
is_blocked() { # NAME
	[ "$STATUS" -eq 125 ] && grep -q '^endow: .*user namespaces are blocked here' "$T/err" || return 1
	skip "$1" "no user namespaces here"
}

# OPTIONS and WORDS for endow, and BARE without it, from [OPTION]... : PROGRAM [WORD]...
split() {
	# shellcheck disable=SC2034 # for narrower()
	OPTIONS=() WORDS=() BARE=()
	while [ "$1" != : ]; do
		OPTIONS+=("$1")
		shift
	done
	shift
	# shellcheck disable=SC2034
	WORDS=("$@") BARE=("$1")
	shift
	local word
	for word; do
		case $word in
		[rwxc]:* | rw:*) BARE+=("${word#*:}") ;;
		*) BARE+=("$word") ;;
		esac
	done
}

# learns WHAT [OPTION]... : PROGRAM [WORD]...
# Bare, watched, and under what was learned: the same status, output and files. OPTIONs and the prefixes of words are what the
# library's policy would take; they are for narrower().
learns() {
	local what=$1
	shift
	split "$@"
	NAME="${BARE[0]##*/} $what" LEARNED=
	rm -f "$P"
	fresh
	run "${BARE[@]}"
	state >"$T/bare"
	if [ "$STATUS" -ne "${WANT_STATUS:-0}" ]; then
		not_ok "$NAME" "bare it fails:" "$(head -n 12 "$T/bare")"
		return 1
	fi
	fresh
	run "$LEARN" -q -o "$P" -- "${BARE[@]}"
	state >"$T/watched"
	if ! cmp -s "$T/bare" "$T/watched"; then
		not_ok "$NAME, watched" "$(diff "$T/bare" "$T/watched")"
		return 1
	fi
	fresh
	run "$ENDOW" -p "$P" -- "${BARE[@]}"
	state >"$T/endowed"
	is_blocked "$NAME" && return 1
	if ! cmp -s "$T/bare" "$T/endowed"; then
		not_ok "$NAME, as learned" "$(diff "$T/bare" "$T/endowed")" "$(<"$P")"
		return 1
	fi
	ok "$NAME"
	LEARNED=1
	[ -z "${KEEP-}" ] || cp "$P" "$KEEP/${BARE[0]##*/}.policy"
}

reached() {
	local i
	for i in 1 2 3; do
		grep -qx other "$T/listener/log" && return
		sleep 0.05
	done
	return 1
}
succeeded() { # KIND
	case $1 in
	secret) grep -qF "$TOKEN" "$T/out" "$T/err" || find "$W" -name 'secret*' -prune -o -type f -print0 | xargs -0 -r grep -qF "$TOKEN" ;;
	outside) [ "$(digest "$W/outside")" != "$(digest "$F/outside")" ] ;;
	connect) reached ;;
	*) echo "unknown kind $1" >&2 && exit 2 ;;
	esac
}

# twin WHAT KIND : PROGRAM [WORD]...   what was learned last does not serve for this: bare it succeeds, under the policy it does not
twin() {
	local what=$1 kind=$2 name
	shift 2
	split "$@"
	[ -n "$LEARNED" ] || return
	name="${BARE[0]##*/} as learned cannot $what"
	fresh
	run "${BARE[@]}"
	if ! succeeded "$kind"; then
		not_ok "$name" "VACUOUS: bare, it does not succeed either" "$(NORMAL_FILES=none state | head -n 12)"
		return
	fi
	fresh
	run "$ENDOW" -p "$P" -- "${BARE[@]}"
	if succeeded "$kind"; then
		not_ok "$name" "it does" "$(<"$P")"
	elif [ "$STATUS" -eq 125 ] && grep -q '^endow: ' "$T/err"; then
		not_ok "$name" "it was not even started:" "$(<"$T/err")"
	else
		ok "$name"
	fi
}

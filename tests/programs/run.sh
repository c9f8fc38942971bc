#!/usr/bin/env bash
# The library's policies, each proved with the program it is for: what the program does under its policy is what it does bare;
# what it is made to do beyond its grants succeeds bare and fails under the policy.
#
#   ENDOW=build/endow tests/programs/run.sh [NAME]...     as root or as an ordinary user
#   START_AS_NOBODY=1 ...                                 by root: endow is started by root, and runs the program as nobody
#
# With NO_SKIPS=1 what would be skipped has failed.
#
# Each NAME.sh here holds one program's tests. It calls:
#   needs FILE...                              the programs it takes; without one of them it is skipped
#   needs_source NAME                          the source tree, as tests/setup.sh programs fetches it, which is put into $F/NAME
#   works WHAT [OPTION]... : PROGRAM [WORD]...    bare and under endow: same status, output, and files
#   bad WHAT KIND [OPTION]... : PROGRAM [WORD]... bare it does what KIND says, under endow it does not
# OPTIONs are endow's. In WORDs the prefixes r: w: rw: x: c: are taken away for the bare run. Both runs start in a folder that looks
# the same: a copy of what is in $F (see below).
# KIND is one of
#   secret   the token shows in the output or in a file that was made (it is in secret.txt, in SECRET_KEY, behind descriptor 9)
#   outside  something in outside/ has changed
#   connect  a connection reaches the loopback listener's other port ($OTHER_PORT)
#   unix     a connection reaches the Unix socket $SOCKET
#   exec     the output holds RAN-2, which is written down nowhere
#   signal   the process VICTIM is gone
# VICTIM in a word stands for the number of a process with the token in its environment.
set -u
umask 022
here=$(cd "$(dirname "$0")" && pwd)
: "${ENDOW:=${here%/tests/programs}/build/endow}"
ENDOW=$(readlink -f "$ENDOW")
for variable in $(compgen -e); do
	case $variable in PATH | ENDOW | VERBOSE | START_AS_NOBODY | NO_SKIPS) ;; *) unset "$variable" ;; esac
done
export LC_ALL=C.UTF-8
PATH=/usr/bin:/bin:/usr/sbin:/sbin

# Not in /tmp, which some programs get a private one of.
T=$(mktemp -d /var/tmp/endow-programs.XXXXXX) || exit 1
F=$T/fixture    # what both runs begin with; a test may add to it
W=$T/run        # where both run
# shellcheck disable=SC2034 # for the tests
SOCKET=$T/listener/socket
SECRET=$T/fixture/secret.txt
as_nobody='' nobody=()
if [ -n "${START_AS_NOBODY-}" ] && [ "$(id -u)" -eq 0 ]; then
	as_nobody=1 nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all)
	chmod 755 "$T"
fi
passed=0 failed=0 skipped=0 own=() proved=" "

at_exit() {
	[ "$BASHPID" = $$ ] || return # a child that a signal reached before it was its own
	[ "${#own[@]}" -eq 0 ] || kill -KILL "${own[@]}" 2>/dev/null
	cd / && chmod -R u+rwx "$T" && rm -rf "$T" "/tmp/${T##*/}" "/dev/shm/${T##*/}"
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
		skip "$test_of" "$file is not installed"
		return 1
	done
}
needs_source() { # NAME
	if [ ! -d "${ENDOW%/*}/sources/$1" ]; then
		skip "$test_of" "the source of $1 is not here"
		return 1
	fi
	cp -R --preserve=mode,timestamps "${ENDOW%/*}/sources/$1" "$F/$1"
}

# What both runs begin with -------------------------------------------------------------------------------------------------

TOKEN=token-$RANDOM$RANDOM$RANDOM
mkdir -p "$T/home" "$T/listener" "$F/tree/sub" "$F/new" "$F/outside" || exit 1
printf 'pear 3\napple 10\nplum 2\n' >"$F/in.txt"
printf 'alpha\n' >"$F/tree/a.txt"
printf 'beta\n' >"$F/tree/sub/b.txt"
printf '%s\n' "$TOKEN" >"$F/secret.txt"
printf '%s\n' "$TOKEN" >"$F/outside/secret.txt"
printf 'untouched\n' >"$F/outside/file"
touch -d '2001-02-03 04:05:06 UTC' "$F/in.txt" "$F/tree/a.txt" "$F/tree/sub/b.txt"
cp "$F/in.txt" "$F/tree/c.txt"
printf "#!/bin/sh\necho RAN-\$((1+1))\n" >"$F/run"
chmod 755 "$F/run"
chmod 640 "$F/tree/a.txt"

# The listener: two TCP ports and a Unix socket. It notes who was reached and answers a request with "hello".
cat >"$T/listener/serve" <<'PERL'
use strict; use IO::Socket::INET; use IO::Socket::UNIX; use IO::Select;
my ($dir) = @ARGV; my %name; $| = 1;
my $granted = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die;
my $other = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1') or die;
my $unix = IO::Socket::UNIX->new(Listen => 8, Local => "$dir/socket") or die;
%name = ($granted => 'granted', $other => 'other', $unix => 'unix');
open(my $log, '>>', "$dir/log") or die; $log->autoflush(1);
open(my $ports, '>', "$dir/ports.new") or die; print $ports $granted->sockport, ' ', $other->sockport, "\n"; close $ports;
rename "$dir/ports.new", "$dir/ports";
my $select = IO::Select->new($granted, $other, $unix);
$SIG{PIPE} = 'IGNORE';
while (my @ready = $select->can_read) {
	for my $s (@ready) {
		my $c = $s->accept or next;
		print $log "$name{$s}\n";
		sysread($c, my $request, 4096) if IO::Select->new($c)->can_read(0.3);
		syswrite $c, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nhello\n";
		close $c;
	}
}
PERL
perl "$T/listener/serve" "$T/listener" &
own+=($!)
disown
for ((i = 0; i < 250; i++)); do [ -s "$T/listener/ports" ] && break; sleep 0.02; done
# shellcheck disable=SC2034
read -r PORT OTHER_PORT <"$T/listener/ports" || exit 1
[ -z "$as_nobody" ] || chmod 777 "$SOCKET"

# Running ---------------------------------------------------------------------------------------------------------------------

fresh() {
	cd "$T" && chmod -R u+rwx "$W" 2>/dev/null
	rm -rf "$W" && cp -a "$F" "$W" || exit 1
	[ -z "$as_nobody" ] || chown -R nobody:nogroup "$W" "$T/home" "$SECRET"
	cd "$W" || exit 1
	: >"$T/listener/log"
}

# Every name with its kind, mode and day of change, and every content.
digest() {
	(cd "$1" && find . -printf '%P %y %m %l\n' -type f -printf '%P %TY-%Tm-%Td\n' && find . -type f -exec sha256sum {} +) | sort
}

# Run in $W, with a secret in the environment and one behind descriptor 9. INPUT: a file for standard input. TTY: on a terminal.
run() {
	local command=("$@")
	if [ -n "$as_nobody" ]; then
		case $1 in
		"$ENDOW") command=("$ENDOW" --user nobody --group nogroup --with 'groups none' "${@:2}") ;;
		*) command=("${nobody[@]}" "$@") ;;
		esac
	fi
	if [ -n "${TTY-}" ]; then
		command=(script -qec "$(printf '%q ' "${command[@]}")" /dev/null)
	fi
	# The braces: no word from this shell about a program that dies of a signal.
	{
		timeout -k 2 "${LIMIT:-30}" env -i PATH=/usr/bin:/bin HOME="$T/home" LANG=C.UTF-8 TERM=xterm SECRET_KEY="$TOKEN" \
			"${command[@]}" <"${INPUT:-/dev/null}" >"$T/out" 2>"$T/err" 9<"$SECRET"
	} 2>/dev/null
	STATUS=$?
}

# OPTIONS and WORDS (for endow) and BARE (without it), from [OPTION]... : PROGRAM [WORD]...
split() {
	OPTIONS=() WORDS=() BARE=()
	while [ "$1" != : ]; do
		OPTIONS+=("$1")
		shift
	done
	shift
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

# A kernel or a container that grants no namespaces can't show what needs a view; that endow then refuses is tested elsewhere.
is_blocked() { # NAME
	[ "$STATUS" -eq 125 ] && grep -q '^endow: .*user namespaces are blocked here' "$T/err" || return 1
	skip "$1" "no user namespaces here"
}

state() { # NORMAL: a filter for output that is never the same twice
	printf 'status %s\n-- output\n' "$STATUS"
	${NORMAL:-cat} <"$T/out"
	printf -- '-- errors\n'
	${NORMAL:-cat} <"$T/err"
	printf -- '-- files\n'
	[ -n "${NORMAL_FILES-}" ] || digest "$W"
}

works() { # WHAT [OPTION]... : PROGRAM [WORD]...
	local what=$1 how program
	shift
	split "$@"
	program=${WORDS[0]}
	fresh
	run "${BARE[@]}"
	state >"$T/bare"
	if [ "$STATUS" -ne 0 ]; then
		not_ok "$program $what" "bare it fails:" "$(head -n 12 "$T/bare")"
		return
	fi
	for how in "" --prove; do
		# The proof once for each policy.
		case $how$proved in --prove*" $program "*) continue ;; esac
		fresh
		run "$ENDOW" $how "${OPTIONS[@]}" "${WORDS[@]}"
		state >"$T/endowed"
		is_blocked "$program $what" && continue
		if cmp -s "$T/bare" "$T/endowed"; then
			ok "$program $what${how:+ ($how)}"
		else
			not_ok "$program $what${how:+ ($how)}" "$(diff "$T/bare" "$T/endowed")"
		fi
		[ -z "$how" ] || proved+="$program "
	done
}

has_token() {
	grep -qF "$TOKEN" "$T/out" "$T/err" && return
	find "$W" -name 'secret*' -prune -o -path "$W/outside" -prune -o -type f -print0 | xargs -0 -r grep -lF "$TOKEN" | grep -q .
}
reached() { # WHOM   what was reached may be noted a little later
	local i
	for i in 1 2 3; do
		grep -qx "$1" "$T/listener/log" && return
		sleep 0.05
	done
	return 1
}
victim_is_gone() {
	local i state
	for i in 1 2 3; do
		state=
		read -r _ _ state _ <"/proc/$victim/stat"
		case $state in "" | Z | X) return 0 ;; esac
		sleep 0.05
	done 2>/dev/null
	return 1
}
succeeded() { # KIND
	case $1 in
	secret) has_token ;;
	outside) [ "$(digest "$W/outside")" != "$(digest "$F/outside")" ] ;;
	connect) reached other ;;
	unix) reached unix ;;
	exec) grep -qF RAN-2 "$T/out" "$T/err" ;;
	signal) victim_is_gone ;;
	*) echo "unknown kind $1" >&2 && exit 2 ;;
	esac
}

# Run with VICTIM, where it stands in a word, replaced by a process's number.
run_beside_victim() { # COMMAND...
	case $* in
	*VICTIM*) ;;
	*)
		run "$@"
		return
		;;
	esac
	[ -z "$victim" ] || kill -KILL "$victim" 2>/dev/null
	SECRET_KEY=$TOKEN "${nobody[@]}" sleep 100 &
	victim=$!
	disown "$victim" # its end is no news
	run "${@//VICTIM/$victim}"
}

bad() { # WHAT KIND [OPTION]... : PROGRAM [WORD]...
	local what=$1 kind=$2 name victim=
	shift 2
	split "$@"
	name="${WORDS[0]} cannot $what"
	fresh
	run_beside_victim "${BARE[@]}"
	if ! succeeded "$kind"; then
		[ -z "$victim" ] || kill "$victim" 2>/dev/null
		not_ok "$name" "VACUOUS: bare, it does not succeed either" "$(NORMAL_FILES=none state | head -n 12)"
		return
	fi
	fresh
	run_beside_victim "$ENDOW" "${OPTIONS[@]}" "${WORDS[@]}"
	if is_blocked "$name"; then
		:
	elif succeeded "$kind"; then
		not_ok "$name" "it does:" "$(NORMAL_FILES=none state | head -n 12)"
	elif [ "$STATUS" -eq 125 ] && grep -qE '^endow(-compile)?: |^[^ ]+:[0-9]+:[0-9]+: |^command line:' "$T/err"; then
		not_ok "$name" "it was not even started:" "$(<"$T/err")"
	else
		ok "$name"
	fi
	[ -z "$victim" ] || kill "$victim" 2>/dev/null
}

# ---------------------------------------------------------------------------------------------------------------------------

if [ $# -eq 0 ]; then
	for test_of in "$here"/*.sh; do
		test_of=${test_of##*/}
		[ "$test_of" = run.sh ] || set -- "$@" "${test_of%.sh}"
	done
fi
mv "$F" "$T/base"
for test_of; do
	chmod -R u+rwx "$F" 2>/dev/null
	cd "$T" && rm -rf "$F" && cp -a "$T/base" "$F" || exit 1
	unset INPUT TTY NORMAL NORMAL_FILES LIMIT
	# shellcheck disable=SC2034 # for those that start daemons themselves
	AS=${as_nobody:+nobody nogroup}
	[ -z "$as_nobody" ] || chown -R nobody:nogroup "$F"
	# shellcheck source=/dev/null
	. "$here/$test_of.sh"
	[ -z "${VERBOSE-}" ] || printf '# %s: %d s so far\n' "$test_of" "$SECONDS"
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]

#!/bin/bash
# A supervised launch is two processes. Whoever signals one of them, a group or all of them, the program hears it once; and when
# either is killed nothing is left.
#
#   ROUNDS   how often each kind of signal is sent
rounds=${ROUNDS-12}
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v perl >/dev/null || [ ! -x /usr/bin/python3 ]; then
	skip pair "perl and python3 are not installed"
	echo "pair: 0 passed, 0 failed, 1 skipped"
	finished=1
	exit 0
fi

# Signals ------------------------------------------------------------------------------------------------------------------

# A line for each signal, until standard input ends. "own" leaves the group, as a daemon does.
cat >"$W/count.pl" <<'END'
use POSIX;
$| = 1;
POSIX::setsid() > 0 || die "setsid: $!" if $ARGV[0] eq 'own';
for my $name (qw(USR1 USR2 HUP TERM INT WINCH CONT NUM36)) { $SIG{$name} = sub { print "$name\n" } }
print "ready\n";
for (;;) { my $n = sysread STDIN, my $byte, 1; last if defined $n }
END

cat >"$T/count.py" <<'END'
# count.py ROUNDS HOW MODE ENDOW...: send signals, count lines.  HOW: pid (the launcher's), group, all (each process by its
# number, as a service manager does), inner (the supervisor, by mistake). It prints what was not heard once.
import os, select, signal, subprocess, sys, time
rounds, how, mode, words = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
p = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
fd, buffer, lines = p.stdout.fileno(), b"", []
def read(seconds):
    global buffer
    if not select.select([fd], [], [], seconds)[0]: return
    *new, buffer = (buffer + os.read(fd, 4096)).split(b"\n")
    lines.extend(new)
def children(pid):
    try: text = open("/proc/%d/task/%d/children" % (pid, pid)).read()
    except OSError: text = ""
    return [int(w) for w in text.split()]
def below(pid):
    return [pid] + [p for child in children(pid) for p in below(child)]
end = time.time() + 10
while b"ready" not in lines and time.time() < end: read(0.1)
time.sleep(0.7 if mode == "own" else 0.05)
names, odd = [signal.SIGUSR1, signal.SIGTERM, signal.SIGHUP, signal.SIGWINCH, signal.SIGINT, 36], []
for n in range(rounds):
    sig = names[n % len(names)]
    del lines[:]
    if how == "pid": os.kill(p.pid, sig)
    elif how == "group": os.killpg(p.pid, sig)
    elif how == "inner": os.kill(children(p.pid)[0], sig)
    else:
        for pid in below(p.pid): os.kill(pid, sig)
    end = time.time() + 2
    while not lines and time.time() < end: read(0.1)
    end = time.time() + 0.06
    while time.time() < end: read(0.02)
    if len(lines) != 1: odd.append("%d: %s" % (n, b" ".join(lines).decode()))
p.stdin.close()
try: status = p.wait(5)
except subprocess.TimeoutExpired: os.killpg(p.pid, 9); status = "no end"
print("odd %s, then %s" % (odd, status))
END

counts() { # NAME HOW MODE OPTION...
	local name=$1 how=$2 mode=$3
	shift 3
	LIMIT=$((20 + rounds)) gives "$name" 0 "odd [], then 0" /usr/bin/python3 -I "$T/count.py" "$rounds" "$how" "$mode" \
		"$E" --supervise --use perl --promise proc "$@" perl "r:$W/count.pl" "$mode"
}
for how in pid group all inner; do
	counts "a signal to $how is heard once" $how in
	counts "a signal to $how is heard once by a program in a session of its own" $how in --with 'session new'
	counts "a signal to $how is heard once by a program that has left the group" $how own
	counts "a signal to $how is heard once with processes of its own" $how in --isolate processes
done

# timeout(1) signals first its child and then its group.
cat >"$W/once.pl" <<'END'
my $n = 0;
$SIG{TERM} = sub { $n++ };
select undef, undef, undef, 0.2 for 1 .. 12; # a signal ends a turn
print "heard $n\n";
END
odd=''
for ((i = 0; i < (rounds + 5) / 6; i++)); do
	OUT=$(timeout 0.4 "$E" --supervise --use perl perl "r:$W/once.pl" 2>&1)
	[ "$OUT" = 'heard 1' ] || odd+=" $OUT"
done
same "timeout(1) is heard once" '' "$odd"

# The supervisor is no endow by name: who ends endow by its name has to reach the program.
supervisor_of() { # the launcher's number, in what was asked for
	local child
	# shellcheck disable=SC2013 # words
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		[ "$(cat "/proc/$child/comm" 2>/dev/null)" != supervisor ] || { inner=$child && return; }
	done
	return 1
}
"$E" --supervise "$P" sleep 20 &
pid=$!
until_true supervisor_of $pid
same "the supervisor's name" "supervisor/supervisor of $pid" "$(cat "/proc/$inner/comm")/$(tr -d '\000' <"/proc/$inner/cmdline")"
{
	kill -KILL $pid
	wait $pid
} 2>/dev/null

# Killed -------------------------------------------------------------------------------------------------------------------

long=7$$ # seconds: no other process has this very word
# shellcheck disable=SC2016 # for the shell inside
stray='trap "" TERM HUP INT; (setsid sleep $0 &); (sleep $0 &); (setsid bash -c "(sleep $0 & disown); (setsid sleep $0 &); sleep $0" &)
	echo ready; sleep $0'
none_left() { ! grep -lqsa -- "sleep.$long" /proc/[0-9]*/cmdline; }
all_here() { [ "$(grep -lsa -- "^sleep.$long" /proc/[0-9]*/cmdline | wc -l)" = 6 ]; }
has_ended() { [ ! -d "/proc/$1" ] || grep -qs '^State:.Z' "/proc/$1/status"; }
folders() { (cd /tmp && printf '%s\n' endow-* | sort); }

# dies NAME WHOM STATUS OPTION...: WHOM is killed once all is there
dies() {
	local name=$1 whom=$2 want=$3 pid before status
	shift 3
	before=$(folders)
	rm -f "$W/made"
	"$E" --use shell --promise proc --write "$W/made" "$@" -- /bin/bash -c "$stray" "$long" >"$T/told" 2>"$T/.err" &
	pid=$!
	if ! until_true grep -qs ready "$T/told" || ! until_true all_here; then
		not_ok "$name: it starts" "$(cat "$T/.err")"
		kill -KILL $pid
		{ wait $pid; } 2>/dev/null
		return
	fi
	until_true supervisor_of $pid
	case $whom in
	outer) kill -KILL $pid ;;
	inner) kill -KILL "$inner" ;;
	asleep) kill -STOP "$inner" && kill -KILL $pid ;;
	program) # the first; what was left behind came later
		read -r program _ <"/proc/$inner/task/$inner/children"
		kill -KILL "$program"
		;;
	esac
	until_true has_ended $pid || kill -KILL $pid
	{ wait $pid; } 2>/dev/null
	status=$?
	same "$name: its status" "$want" "$status"
	# When the outer has waited for the end, nothing is left to wait for.
	case $whom in outer | asleep) until_true none_left ;; esac
	holds "$name: nothing is left" none_left
	holds "$name: the supervisor has ended" until_true has_ended "$inner"
	# With processes of its own only the inner has seen it made.
	[ "$whom $*" = 'inner --isolate processes' ] ||
		same "$name: no output file is left that was not written" absent "$([ -e "$W/made" ] && echo there || echo absent)"
	is_clean() { [ -z "$(comm -13 <(echo "$before") <(folders))" ]; }
	holds "$name: no folder of its own is left" until_true is_clean
}
mkdir "$W/empty"
for whom in outer inner asleep program; do
	dies "$whom killed" $whom 137 --scratch TMPDIR
	dies "$whom killed, a session of its own" $whom 137 --with 'session new'
	dies "$whom killed, a view of its own" $whom 137 --private "$W/empty" --promise fattr
done
for whom in outer inner asleep; do dies "$whom killed, processes of its own" $whom 137 --isolate processes; done
finish

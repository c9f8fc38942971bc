#!/bin/sh
# What a launch costs, against what else there is, in one interleaved run; then what system calls cost inside, what a
# supervising parent keeps in memory, what the broker costs, what real programs cost to start, and a build. Compare within one run, never across machines
# or days.
#
#   BUILD=build tests/bench/run.sh [--markdown] [--seconds N] [--rounds N] [--pairs N] [--requests N]
#
# As root it measures as an ordinary user (uid BENCH_UID) and as root; else as who you are. It prints whether the bounds hold,
# and ends with 0 either way: times depend on who else is working on the machine.
set -eu

BUILD=${BUILD:-build}
# Somebody whom firejail takes: with a line in /etc/passwd, and not nobody.
BENCH_UID=${BENCH_UID:-$(awk -F : '$3 >= 1000 && $3 < 60000 { print $3; exit }' /etc/passwd)}
BENCH_UID=${BENCH_UID:-61000}
markdown=0 seconds=60 rounds=1000000 pairs=9 requests=1000000
while [ $# -gt 0 ]; do
	case $1 in
	--markdown) markdown=1 ;;
	--seconds) seconds=$2 && shift ;;
	--rounds) rounds=$2 && shift ;;
	--pairs) pairs=$2 && shift ;;
	--requests) requests=$2 && shift ;;
	*) echo "usage: run.sh [--markdown] [--seconds N] [--rounds N] [--pairs N] [--requests N]" >&2 && exit 2 ;;
	esac
	shift
done

tmp=$(mktemp -d "${TMPDIR:-/tmp}/endow-bench.XXXXXX")
kept=''
clean_up() {
	for pid in $kept; do kill "$pid" 2>/dev/null || :; done
	rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# An installed tree that every user can reach: the launcher finds its folders beside its own file.
cp -L "$BUILD/endow" "$tmp/endow"
cp -RL "$BUILD/libexec" "$BUILD/share" "$tmp/"
for program in launch calls floor cpu broker served held; do cp "$BUILD/bench/$program" "$tmp/$program"; done
head -c 4096 /dev/zero >"$tmp/granted"
mkdir -p "$tmp/tree/part"
cat >"$tmp/true.policy" <<'END'
program /bin/true
use libc
END
cat >"$tmp/supervised.policy" <<'END'
use libc
supervise
END
cat >"$tmp/calls.policy" <<END
use libc
read $tmp/granted
END
cat >"$tmp/broker.policy" <<END
use libc
promise proc
grant read $tmp/granted as file by handle
END
cat >"$tmp/paths.policy" <<END
use libc
grant read $tmp/granted as file
END
cat >"$tmp/held.policy" <<END
use libc
grant read pass $tmp/granted as file by handle
END
chmod -R a+rX,go-w "$tmp"
endow=$tmp/endow

is_root() { [ "$(id -u)" = 0 ]; }

# run_as user|root COMMAND...: with an environment that holds nothing of the caller's.
run_as() {
	who=$1
	shift
	if [ "$who" = user ] && is_root; then
		setpriv --reuid="$BENCH_UID" --regid="$BENCH_UID" --clear-groups \
			env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$tmp/home-$who" "$@"
	else
		env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin HOME="$tmp/home-$who" "$@"
	fi
}

subject() { printf '%s\t%s\n' "$1" "$2"; }
installed() { command -v "$1" 2>/dev/null; }

subjects() {
	subject 'bare exec' /bin/true
	subject 'the floor' "$tmp/floor /bin/true"
	subject 'endow, policy file' "$endow -p $tmp/true.policy -- /bin/true"
	subject 'endow, embedded default' "$endow /bin/true"
	subject 'endow, r: word' "$endow /bin/true r:$tmp/granted"
	subject 'endow, --read and --env' "$endow --read $tmp/granted --env A=b -- /bin/true"
	subject 'endow, supervised' "$endow -p $tmp/supervised.policy -- /bin/true"
	subject 'endow, scratch TMPDIR' "$endow --scratch TMPDIR -- /bin/true"
	subject 'endow, private /tmp' "$endow --private /tmp -- /bin/true"
	subject 'endow, except' "$endow --except part --create $tmp/tree -- /bin/true"
	subject 'endow, isolate files' "$endow --isolate files -- /bin/true"
	subject 'endow, isolate processes' "$endow --isolate processes -- /bin/true"
	subject 'endow, isolate all four' "$endow --isolate files,processes,ipc,net -- /bin/true"
	if at=$(installed bwrap); then subject 'bwrap --unshare-all' "$at --unshare-all --ro-bind / / /bin/true"; fi
	if at=$(installed nsjail); then subject 'nsjail' "$at -Mo -Q --chroot / -- /bin/true"; fi
	if at=$(installed minijail0); then subject 'minijail0 -p -v -n' "$at -p -v -n /bin/true"; fi
	if at=$(installed firejail); then
		subject 'firejail --noprofile' "$at --noprofile --quiet /bin/true"
		subject 'firejail, default profile' "$at --quiet /bin/true"
	fi
}

load() { cut -d ' ' -f 1 /proc/loadavg; }

warn_of_load() {
	awk -v busy="$(load)" -v cores="$(nproc)" -v when="$1" 'BEGIN {
		if (busy > cores * 0.6)
			printf "note: load %s on %s cores %s: others are at work here; trust p10 more than the median\n", busy, cores, when
	}'
}

# The rows of "launch" on standard input: name, starts, least, p10, median, faults.
table() {
	awk -F '\t' -v markdown="$markdown" -v title="$1" '
	function row(name, a, b, c, d, e, f, g) {
		if (markdown)
			printf "| %s | %s | %s | %s | %s | %s | %s |\n", name, a, b, c, d, e, f
		else
			printf "%-30s %9s %9s %9s %9s %9s %9s %7s\n", name, a, b, c, d, e, f, g
	}
	{ name[NR] = $1 }
	$2 ~ /^failed/ { failed[NR] = $2; next }
	{ starts[NR] = $2; p10[NR] = $4; median[NR] = $5; faults[NR] = $6 }
	$1 == "bare exec" { bare = $5; bare10 = $4 }
	$1 == "the floor" { floor = $5 - bare; floor10 = $4 - bare10 }
	$1 ~ /^bwrap/ { bwrap = $5 - bare }
	END {
		if (markdown)
			printf "\n%s\n\n| launcher | median, us | p10, us | added, us | of the floor | of bwrap | page faults |\n|---|--:|--:|--:|--:|--:|--:|\n", title
		else {
			printf "\n%s\n", title
			row("launcher", "median us", "p10 us", "added us", "added p10", "of floor", "of bwrap", "faults")
		}
		for (i = 1; i <= NR; i++) {
			if (failed[i]) {
				if (!markdown)
					printf "%-30s skipped: it can not be started here (%s)\n", name[i], failed[i]
				continue
			}
			added = median[i] - bare
			of_floor = floor > 0 && added ? sprintf("%.2fx", added / floor) : "-"
			of_bwrap = bwrap > 0 && added ? sprintf("%.2fx", added / bwrap) : "-"
			if (markdown)
				row(name[i], sprintf("%.0f", median[i]), sprintf("%.0f", p10[i]), sprintf("%.0f", added), of_floor, of_bwrap, faults[i])
			else
				row(name[i], sprintf("%.0f", median[i]), sprintf("%.0f", p10[i]), sprintf("%.0f", added),
				    sprintf("%.0f", p10[i] - bare10), of_floor, of_bwrap, faults[i])
		}
	}' "$tmp/rows"
}

# bound TITLE AGAINST FACTOR: what the policy file adds, against FACTOR times what AGAINST adds; by the median and by p10.
bound() {
	awk -F '\t' -v title="$1" -v against="$2" -v factor="$3" '
	$2 ~ /^failed/ { next }
	$1 == "bare exec" { bare = $5; bare10 = $4 }
	$1 == "endow, policy file" { ours = $5; ours10 = $4 }
	index($1, against) == 1 { other = $5; other10 = $4 }
	END {
		if (!ours || !other) { printf "SKIP  %s: not measured\n", title; exit }
		limit = factor * (other - bare)
		limit10 = factor * (other10 - bare10)
		printf "%s  %s: %.0f us, bound %.0f (p10: %.0f, bound %.0f, %s)\n", ours - bare <= limit ? "PASS" : "FAIL", title,
			ours - bare, limit, ours10 - bare10, limit10, ours10 - bare10 <= limit10 ? "holds" : "broken"
	}' "$tmp/rows"
}

launches() {
	who=$1
	title=$2
	mkdir -p "$tmp/home-$who"
	if [ "$who" = user ] && is_root; then chown "$BENCH_UID:$BENCH_UID" "$tmp/home-$who"; fi
	subjects >"$tmp/subjects"
	run_as "$who" "$tmp/launch" "$3" "$rounds" <"$tmp/subjects" >"$tmp/rows"
	if grep '^endow' "$tmp/rows" | grep -q failed; then
		echo "bench: the launcher itself fails:" >&2
		run_as "$who" "$endow" -p "$tmp/true.policy" -- /bin/true || :
		cat "$tmp/rows" >&2
		exit 1
	fi
	table "$title, $(awk -F '\t' 'NR == 1 { print $2 }' "$tmp/rows") rounds"
	if [ "$markdown" = 1 ]; then return; fi
	echo
	if [ "$who" = user ]; then
		bound 'a policy file adds at most a quarter of what bwrap adds' bwrap 0.25
		bound 'a policy file adds at most 1.5 times what the floor adds' 'the floor' 1.5
	else
		bound 'as root a policy file adds at most 3 times what the floor adds' 'the floor' 3
	fi
}

# A line "BARE OURS RATIO" on standard input, in nanoseconds.
against() { # BOUND TITLE
	awk -v bound="$1" -v title="$2" '
	NF == 3 {
		word = bound == "none" ? "NOTE" : $3 <= bound ? "PASS" : "FAIL"
		printf "%s  %s: %.2f times, bound %s (%d ns, %d ns)\n", word, title, $3, bound, $2, $1
		shown = 1
	}
	END { if (!shown) printf "FAIL  %s: it does not run\n", title }'
}

# What the broker costs, each against what can not be had for less, both in turn. On one core the program and its supervisor
# take turns as well; on two, an idle one is woken up each time.
broker() {
	echo
	opens='an open and close by an unmodified program, against a notification that goes on'
	connects='a connect by an unmodified program, against a direct one, loopback'
	for cores in 'one core' 'two cores'; do
		cpu=0
		if [ "$cores" = 'two cores' ]; then cpu=1; fi
		if [ $cpu = 1 ] && [ "$(nproc)" = 1 ]; then continue; fi
		run_as user "$tmp/served" open $cpu "$tmp/granted" "$endow" -p "$tmp/paths.policy" -- "$tmp/served" inside |
			against 2 "$opens, $cores"
		# To wake an idle core costs more than five direct connects, which stay where they are: no bound there.
		run_as user "$tmp/served" connect $cpu - "$endow" --use libc --with 'connect tcp 127.0.0.1:@' -- "$tmp/served" inside |
			against "$([ $cpu = 0 ] && echo 5 || echo none)" "$connects, $cores"
	done
	# shellcheck disable=SC2046 # words
	run_as user $(command -v taskset >/dev/null && echo taskset -c 0) "$endow" -p "$tmp/broker.policy" -- "$tmp/broker" |
		against 2 'an open with libendow, against a bare ping-pong with a descriptor, one core'
}

# What the supervisors of one program keep of their own, both of them together.
held() {
	run_as user "$tmp/held" "$requests" "$endow" -p "$tmp/held.policy" -- "$tmp/held" inside "$requests" |
		awk -v requests="$requests" '
		NF == 9 {
			printf "%s  %d supervisors with 1,000 capabilities keep at most 1024 KiB of private memory: %d KiB (%d with one)\n",
				$4 + $5 < 1024 ? "PASS" : "FAIL", $6, $4 + $5, $1 + $2
			printf "%s  after %d requests of 60 clients, as much and 1 KiB a client: %d KiB\n",
				$7 + $8 <= $4 + $5 + 60 ? "PASS" : "FAIL", requests, $7 + $8
			shown = 1
		}
		END { if (!shown) print "FAIL  private memory with 1,000 capabilities: it does not run" }'
}

# Inside and outside in turn, and the middle of nine.
calls() {
	: >"$tmp/outside"
	: >"$tmp/inside"
	for _ in 1 2 3 4 5 6 7 8 9; do
		run_as user "$tmp/calls" "$tmp/granted" >>"$tmp/outside"
		run_as user "$endow" -p "$tmp/calls.policy" -- "$tmp/calls" "$tmp/granted" >>"$tmp/inside"
	done
	{ [ "$markdown" = 1 ] && printf '\n| system call | outside, ns | inside, ns | added, ns |\n|---|--:|--:|--:|\n'; } ||
		printf '\n%-14s %10s %10s %10s\n' 'system call' 'outside ns' 'inside ns' 'added ns'
	for call in getpid 'read 1 byte' 'open+close' stat; do
		outside=$(grep "^$call	" "$tmp/outside" | cut -f 2 | sort -n | sed -n 5p)
		inside=$(grep "^$call	" "$tmp/inside" | cut -f 2 | sort -n | sed -n 5p)
		if [ "$markdown" = 1 ]; then
			printf '| %s | %s | %s | %s |\n' "$call" "$outside" "$inside" $((inside - outside))
		else
			printf '%-14s %10s %10s %10s\n' "$call" "$outside" "$inside" $((inside - outside))
		fi
	done
}

# The processes between PID and the program: who supervises.
supervisors() { # PID
	at=$1
	while [ -n "$at" ] && ! tr '\0' ' ' <"/proc/$at/cmdline" | grep -q '^/bin/sleep'; do
		echo "$at"
		at=$(cut -d ' ' -f 1 <"/proc/$at/task/$at/children")
	done
	[ -n "$at" ]
}

# Two at a time: pages of the launcher's file that both map are shared, as they are wherever more than one runs.
memory() {
	for _ in 1 2; do
		# shellcheck disable=SC2016 # expanded by that shell
		run_as user sh -c 'echo $$ && exec "$@"' sh "$endow" -p "$tmp/supervised.policy" -- /bin/sleep 30 >"$tmp/pid" 2>/dev/null &
		until [ -s "$tmp/pid" ]; do sleep 0.01; done
		kept="$kept $(cat "$tmp/pid")"
		rm "$tmp/pid"
	done
	tries=0
	for pid in $kept; do
		until supervisors "$pid" >"$tmp/supervisors" 2>/dev/null; do
			tries=$((tries + 1))
			if [ $tries -gt 200 ]; then
				echo 'SKIP  memory of a supervising parent: it does not start'
				return
			fi
			sleep 0.02
		done
	done
	echo
	while read -r pid; do cat "/proc/$pid/smaps_rollup"; done <"$tmp/supervisors" | awk '
	/^Private_(Clean|Dirty):/ { kib += $2; part[$1] += $2 }
	/rollup/ { n++ }
	END {
		printf "%s  what supervises a program (%d processes) keeps at most 100 KiB of private memory each: %d KiB (dirty %d, clean %d)\n",
			kib <= 100 * n ? "PASS" : "FAIL", n, kib, part["Private_Dirty:"], part["Private_Clean:"]
	}'
}

pair_of() { # NAME PROGRAM BARE-WORDS WORDS
	if [ ! -x "$2" ]; then
		echo "SKIP  the launch of $1: $2 is not installed"
		return
	fi
	{
		subject "$1" "$2 $3"
		subject "endow $1" "$endow $2 $4"
	} >>"$tmp/subjects"
}

# Programs under their policies of the library, against themselves bare.
programs() {
	printf 'int main(void) { return 0; }\n' >"$tmp/main.c"
	mkdir -p "$tmp/out"
	if is_root; then chown "$BENCH_UID:$BENCH_UID" "$tmp/out"; fi
	: >"$tmp/subjects"
	pair_of 'cat FILE' /usr/bin/cat "$tmp/granted" "r:$tmp/granted"
	pair_of 'python3 -c 0' /usr/bin/python3 '-c 0' '-c 0'
	pair_of 'gcc -c FILE' /usr/bin/gcc "-c $tmp/main.c -o $tmp/out/bare.o" "-c r:$tmp/main.c -o rw:$tmp/out/inside.o"
	run_as user "$tmp/launch" $((seconds / 3)) "$rounds" <"$tmp/subjects" >"$tmp/rows"
	{ [ "$markdown" = 1 ] && printf '\n| program | bare, us | by endow, us | added, us | ratio |\n|---|--:|--:|--:|--:|\n'; } ||
		printf '\n%-30s %9s %9s %9s %9s %9s\n' program 'bare us' 'endow us' 'added us' 'added p10' ratio
	awk -F '\t' -v markdown="$markdown" '
	NR % 2 { name = $1; bare = $5; bare10 = $4; failed = $2 ~ /^failed/; next }
	failed || $2 ~ /^failed/ { printf "%s: it can not be started here (%s)\n", name, $2; next }
	markdown { printf "| %s | %.0f | %.0f | %.0f | %.3f |\n", name, bare, $5, $5 - bare, $5 / bare; next }
	{ printf "%-30s %9.0f %9.0f %9.0f %9.0f %9.3f\n", name, bare, $5, $5 - bare, $4 - bare10, $5 / bare }' "$tmp/rows"
}

# One build of the tree, from nothing: microseconds of CPU time, of all its processes, and by the clock.
build_once() { # COMMAND...
	run_as user make -s -C "$tmp/lua" clean >/dev/null 2>&1
	run_as user "$tmp/cpu" "$@" 2>>"$tmp/build.log"
}

build_as() { # outside|granted|held COMMAND...
	how=$1
	shift
	case $how in
	outside) build_once "$@" ;;
	granted) build_once "$endow" --create "$tmp/lua" "$@" ;;
	held) build_once "$endow" --with "grant read write create $tmp/lua as tree" "$@" ;;
	esac
}

# built HOW COLUMN BOUND TITLE: the middle of the rounds' ratios against outside. COLUMN 1: CPU time; 2: by the clock.
built() {
	for how in outside "$1"; do awk -v how="$how" -v column="$2" '$1 == how { print $(column + 1) }' "$tmp/builds" >"$tmp/times.$how"; done
	paste "$tmp/times.outside" "$tmp/times.$1" | awk '{ printf "%.4f %d %d\n", $2 / $1, $1, $2 }' | sort -n | awk -v bound="$3" -v title="$4" '
	{ ratio[NR] = $1 }
	NR == 1 || $2 < outside { outside = $2 }
	NR == 1 || $3 < inside { inside = $3 }
	function middle(n) { return n % 2 ? ratio[(n + 1) / 2] : (ratio[n / 2] + ratio[n / 2 + 1]) / 2 }
	END {
		printf "%s  %s: %.3f, bound %s (%d rounds, %.3f to %.3f; the least of each: %.3f, %.2f s of %.2f)\n",
			middle(NR) <= bound ? "PASS" : "FAIL", title, middle(NR), bound, NR, ratio[1], ratio[NR], inside / outside, inside / 1e6,
			outside / 1e6
	}'
}

# A build outside, with the tree granted, and with all that it opens brought to it by the supervisor, in turn and turned about.
build() {
	title='a build by make -j2'
	if [ ! -d "$BUILD/sources/lua5.4" ] || [ ! -x /usr/bin/make ] || [ ! -x /usr/bin/gcc ]; then
		echo "SKIP  $title: no source of Lua, make or gcc here (tests/setup.sh programs)"
		return
	fi
	cp -R "$BUILD/sources/lua5.4" "$tmp/lua"
	if is_root; then chown -R "$BENCH_UID:$BENCH_UID" "$tmp/lua"; fi
	set -- make -s -j2 -C "$tmp/lua" posix
	# One that does not count warms the caches, and shows that it works.
	for how in outside granted held; do
		build_as $how "$@" >/dev/null && continue
		cat "$tmp/build.log" >&2
		echo "SKIP  $title: it does not build ($how)"
		return
	done
	round=0
	while [ $round -lt "$pairs" ]; do
		case $((round % 3)) in
		0) order='outside granted held' ;;
		1) order='granted held outside' ;;
		2) order='held outside granted' ;;
		esac
		for how in $order; do echo "$how $(build_as "$how" "$@")"; done
		round=$((round + 1))
	done >"$tmp/builds"
	if [ "$(awk 'NF == 3' "$tmp/builds" | grep -c .)" != $((3 * pairs)) ]; then
		cat "$tmp/build.log" >&2
		echo "FAIL  $title: it does not always build"
		return
	fi
	echo
	built granted 1 1.03 "$title, the tree granted, CPU time"
	built held 2 1.5 "$title, the tree held by the broker, by the clock"
	built held 1 1.5 "$title, the tree held by the broker, CPU time"
}

warn_of_load 'at the start'
if is_root; then
	launches user 'As an ordinary user' $((seconds * 45 / 100))
	launches root 'As root' $((seconds * 40 / 100))
else
	launches user 'As an ordinary user' $((seconds * 85 / 100))
	echo 'SKIP  the launch as root: run as root'
fi
calls
broker
memory
held
programs
build
warn_of_load 'at the end'

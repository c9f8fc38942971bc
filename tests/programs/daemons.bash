# shellcheck shell=bash disable=SC2034,SC2154
# daemons.bash: for tests of programs that serve until they are told to end. A scenario is a function that starts its daemon by
# `serve`, talks to it, ends it, and prints what came of it; it fails where the daemon does not do what it should.
#   alike WHAT SCENARIO [WORD]...   bare, under endow in place, and under --supervise: each time it prints the same
#   attacks SCENARIO                bare and under endow; inside it calls, while the daemon runs:
#   attack WHAT KIND COMMAND...     bare COMMAND does what KIND (see run.sh) says, under endow it does not, and the daemon lives on;
#                                   a client, which limits its own time
# HOW is bare, place or supervised. PID is the process that was started: under endow the launcher's own number, so what is sent to
# it is sent to endow.

chmod 711 "$T" # the daemons of root's tests are other users
declare -A bare_success
bystanders=("${own[@]}")

free_port() { # below the range from which the kernel takes ports itself
	perl -MIO::Socket::INET -e 'for (1 .. 200) {
		my $p = 20000 + int rand 12000;
		print("$p\n"), exit if IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => $p);
	} exit 1'
}

# Starts a program, tells its number, waits, and tells what wait(2) said, which a shell does not: a status or a signal.
cat >"$T/keep" <<'PERL'
my ($told, @command) = @ARGV;
my $pid = fork // die;
exec { $command[0] } @command or die "$command[0]: $!" if !$pid;
open(my $f, '>', "$told.pid.new") or die; print $f "$pid\n"; close $f; rename "$told.pid.new", "$told.pid";
waitpid $pid, 0;
open($f, '>', "$told.end.new") or die; print $f ($? & 127 ? 'signal ' . ($? & 127) : 'status ' . ($? >> 8)), "\n"; close $f;
rename "$told.end.new", "$told.end";
PERL

wait_for() { # COMMAND...   until it is true, at most 10 s
	local end=$((SECONDS + 10))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return
		sleep 0.02
	done
}

# OPTIONs and WORDs as for works(). As root: who the daemon is to be, a user's and a group's name in AS.
serve() { # [OPTION]... : PROGRAM [WORD]...
	local command=()
	split "$@"
	rm -f "$T/daemon."*
	case $HOW in
	bare) command=("${BARE[@]}") ;;
	place) command=("$ENDOW" "${OPTIONS[@]}" "${WORDS[@]}") ;;
	supervised) command=("$ENDOW" --supervise "${OPTIONS[@]}" "${WORDS[@]}") ;;
	prove) command=("$ENDOW" --prove "${OPTIONS[@]}" "${WORDS[@]}") ;;
	esac
	if [ -n "${AS-}" ] && [ "$(id -u)" -eq 0 ]; then
		case $HOW in
		bare) command=(setpriv --reuid="${AS% *}" --regid="${AS#* }" --clear-groups --inh-caps=-all "${command[@]}") ;;
		*) command=("$ENDOW" --user "${AS% *}" --group "${AS#* }" --with 'groups none' "${command[@]:1}") ;;
		esac
	fi
	(
		cd "$W" && ulimit -c 0
		exec perl "$T/keep" "$T/daemon" env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME="$T/home" LANG=C.UTF-8 \
			SECRET_KEY="$TOKEN" "${command[@]}"
	) </dev/null >>"$T/out" 2>>"$T/err" 9<"$SECRET" &
	own=("${bystanders[@]}" $!) # only what lives: numbers are used again
	disown
	PID=
	wait_for [ -s "$T/daemon.pid" ] && read -r PID <"$T/daemon.pid" && own+=("$PID")
}

ended() { # prints how; a daemon that does not end is killed, and that is a failure
	if ! wait_for [ -s "$T/daemon.end" ]; then
		kill -KILL "$PID"
		echo 'it did not end'
		return 1
	fi
	own=("${bystanders[@]}")
	cat "$T/daemon.end"
}

is_running() { [ ! -e "$T/daemon.end" ]; }

# To whom it goes is part of the test: to the daemon itself, which endow has become, or to endow, its parent.
hit() { # SIGNAL
	local comm=nobody
	read -r comm <"/proc/$PID/comm"
	case $HOW in
	supervised) [ "$comm" = "${ENDOW##*/}" ] ;;
	*) [ "$comm" = "${program:0:15}" ] ;;
	esac || echo "$PID is $comm"
	kill -"$1" "$PID"
}
says() { grep -qF -- "$1" "$T/out" "$T/err"; }

abandon() { # the daemon that a scenario left as it failed; by TERM, since its own processes outlive a KILL
	[ "${#own[@]}" -gt "${#bystanders[@]}" ] || return
	kill -TERM "$PID" 2>/dev/null
	ended >/dev/null
}
begin() { # HOW
	HOW=$1
	fresh
	: >"$T/out"
	: >"$T/err"
}

alike() { # WHAT SCENARIO [WORD]...
	local what=$1 how
	shift
	begin bare
	if ! "$@" >"$T/bare"; then
		not_ok "$program $what" "bare it fails:" "$(tail -n 12 "$T/bare" "$T/out" "$T/err")"
		abandon
		return
	fi
	for how in place supervised prove; do
		case $how$proved in prove*" $program "*) continue ;; esac
		begin "$how"
		"$@" >"$T/endowed" || echo "the scenario fails: $(tail -n 12 "$T/out" "$T/err")" >>"$T/endowed"
		STATUS=125
		is_running || read -r _ STATUS <"$T/daemon.end"
		abandon
		is_blocked "$program $what" && continue
		if cmp -s "$T/bare" "$T/endowed"; then
			ok "$program $what ($how)"
		else
			not_ok "$program $what ($how)" "$(diff "$T/bare" "$T/endowed")"
		fi
		[ "$how" != prove ] || proved+="$program "
	done
}

attack() { # WHAT KIND COMMAND...   within attacks(), which has put the test's output behind 3
	local what="$program cannot $1" kind=$2 victim='' as=()
	shift 2
	[ -z "${AS-}" ] || [ "$(id -u)" -ne 0 ] || as=(setpriv "--reuid=${AS% *}" "--regid=${AS#* }" --clear-groups)
	rm -rf "$W/outside" && cp -a "$F/outside" "$W/outside"
	: >"$T/listener/log"
	: >"$T/out"
	: >"$T/err"
	case $* in
	*VICTIM*)
		SECRET_KEY=$TOKEN "${as[@]}" sleep 100 &
		victim=$!
		disown "$victim"
		;;
	esac
	"${@//VICTIM/$victim}" >>"$T/out" 2>>"$T/err" </dev/null
	# What a daemon does at a client's word it may do a little later.
	if [ "$HOW" = bare ]; then
		wait_for succeeded "$kind" && bare_success[$what]=1
	elif [ -z "${bare_success[$what]-}" ]; then
		not_ok "$what" "VACUOUS: bare, it does not succeed either" >&3
	elif sleep 0.2 && succeeded "$kind"; then
		not_ok "$what" "it does:" "$(tail -n 12 "$T/out" "$T/err")" >&3
	elif is_running; then
		ok "$what" >&3
	else
		not_ok "$what" "it has ended" "$(tail -n 12 "$T/out" "$T/err")" >&3
	fi
	[ -z "$victim" ] || kill -KILL "$victim" 2>/dev/null
	return 0
}

attacks() { # SCENARIO
	local how
	for how in bare place; do
		begin "$how"
		"$@" 3>&1 >/dev/null && continue
		STATUS=125
		is_running || read -r _ STATUS <"$T/daemon.end"
		is_blocked "$program is attacked" || not_ok "$program is attacked ($how)" "$(tail -n 12 "$T/out" "$T/err")"
		abandon
		return
	done
}

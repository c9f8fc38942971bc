#!/bin/bash
# What a program has from its birth, seen from inside: only what the policy says, whatever the launcher itself was given.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

echo config >"$W/config"
echo other >"$W/other"
mkdir "$W/dir"

# Descriptors --------------------------------------------------------------------------------------------------------------

numbers() { tr ' ' '\n' <<<"$1" | cut -d: -f1 | paste -sd' '; }

# Run with 3..200, one at the soft limit's end and one above it open, each leading to $W/other.
with_many() {
	(
		ulimit -Sn 4096
		exec 4000<"$W/other" 2047<"$W/other"
		for n in {3..200}; do eval "exec $n<\$W/other"; done
		ulimit -Sn 2048
		exec "$@"
	)
}

bare=$(numbers "$(with_many "$P" fds)")
case $bare in
"0 1 2 3 4 5 "*" 199 200"*" 2047 4000") ok "bare, the descriptors are there" ;;
*) not_ok "bare, the descriptors are there" "$bare" ;;
esac

run_here() { # run for functions: timeout knows programs only
	"$@" >"$T/.out" 2>"$T/.err"
	STATUS=$? OUT=$(<"$T/.out") ERR=$(<"$T/.err")
}
fds() { # NAME WANT OPTION...
	local name=$1 want=$2
	shift 2
	run_here with_many timeout -k 1 10 "$E" "$@" "$P" fds
	same "$name" "0|$want" "$STATUS|$(numbers "$OUT")"
}
fds "every descriptor but 0 1 2 is closed" "0 1 2"
fds "every descriptor but 0 1 2 is closed under a supervisor" "0 1 2" --supervise
fds "fd keep leaves one" "0 1 2 7" --with 'fd 7 keep'
fds "fd keep leaves several, and closes between them" "0 1 2 3 100 200" --with 'fd 3 keep' --with 'fd 200 keep' --with 'fd 100 keep'
fds "fd keep, supervised" "0 1 2 100" --with 'fd 100 keep' --supervise
fds "fd read takes its number from an inherited one" "0 1 2 5" --with "fd 5 read $W/config"
fds "fd keep and fd read" "0 1 2 5 6" --with "fd 5 read $W/config" --with 'fd 6 keep'

run_here with_many timeout -k 1 10 "$E" --with "fd 5 read $W/config" "$P" fdread 5
same "fd read: the policy's file, not the inherited one" "0|config\x0a" "$STATUS|$OUT"
run_here with_many timeout -k 1 10 "$E" --with "fd 5 keep" "$P" fdread 5
same "fd keep: the inherited file" "0|other\x0a" "$STATUS|$OUT"
refuses "fd keep of one that is not open" '*fd 9: descriptor 9 is not open here' --with 'fd 9 keep' "$P" fds
few() { run_here bash -c 'ulimit -Sn 100; exec timeout -k 1 10 "$@"' - "$E" "$@"; }
few --with "fd 90 read $W/config" "$P" fdread 90
same "fd read under a small limit" "0|config\x0a" "$STATUS|$OUT"
few --cwd dir "$P" cwd
same "cwd under a small limit" "0|$W/dir" "$STATUS|$OUT"
few --cwd dir "$P" limits
same "a small limit is the program's again" "files=100" "$(tr ' ' '\n' <<<"$OUT" | sed -n 's/\(files=[0-9]*\):.*/\1/p')"
sees "fd 255 is the last" 'config\x0a' --with "fd 255 read $W/config" -- fdread 255
sees "a descriptor that is not there" "EBADF" -- fdread 9
sees "fd 0 from a file" 'config\x0a' --with "fd 0 read $W/config" -- fdread 0
sees "fd read is not for writing" "EBADF" --with "fd 3 read $W/config" -- fdwrite 3 x
sees "fd write is not for reading" "EBADF" --with "fd 3 write $W/config" -- fdread 3
sees "fd read can't be reopened for more" "EACCES" --with "fd 3 read $W/config" -- fdreopen 3
sees "fd of a folder leads nowhere without a grant" "EACCES" --with "fd 3 read $W" -- fdopen 3 config
sees "fd of a folder that is granted" 'config\x0a' --with "fd 3 read $W" --read "$W" -- fdopen 3 config
sees "fd read optional, absent" "EBADF" --with "fd 3 read $W/absent optional" -- fdread 3

# A closed standard stream is /dev/null, and no file that the launcher opens.
run_here timeout -k 1 10 "$E" --with "fd 5 read $W/config" "$P" fds <&-
like "closed standard input" '0:char:rw:/dev/null 1:file:w:* 2:file:w:* 5:file:r:*/config' "$OUT"
run_here bash -c 'exec "$@" <&- 2>&-' - "$E" --with "fd 5 read $W/config" "$P" fds
like "closed standard input and error" '0:char:rw:/dev/null 1:* 2:char:rw:/dev/null 5:*' "$OUT"
"$E" --with "fd 5 read $W/config" "$P" sleep 20 <&- >&- 2>&- &
pid=$!
until_true [ -e /proc/$pid/fd/5 ]
got=$(for n in 0 1 2 3 5; do readlink /proc/$pid/fd/$n || echo none; done | paste -sd' ')
kill $pid
same "all three closed" "/dev/null /dev/null /dev/null none $W/config" "$got"

# systemd's convention
sh_words='echo "$LISTEN_FDS $LISTEN_FDNAMES $([ "$LISTEN_PID" = $$ ] && echo mine)"; cat <&3'
shell=(--use libc --use shell)
for how in "" --supervise; do
	gives "named descriptors are announced ${how:-in place}" 0 $'1 config mine\nconfig' \
		"$E" $how "${shell[@]}" --with "fd 3 read $W/config as config" /bin/sh -c "$sh_words"
done
gives "named and unnamed descriptors are announced" 0 $'3 a:unknown:c mine\nconfig' "$E" "${shell[@]}" \
	--with "fd 3 read $W/config as a" --with "fd 4 read $W/other" --with "fd 5 read $W/other as c" /bin/sh -c "$sh_words"
LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=x sees "unnamed descriptors are not announced, nor are inherited ones" "" \
	--with "fd 3 read $W/config" -- env

# Environment --------------------------------------------------------------------------------------------------------------

export CANARY=secret LC_TIME=C LC_ALL=C LCX=1 LANG=C EMPTY=
env_table=(
	"nothing is inherited||"
	"keep|CANARY=secret|env keep CANARY"
	"keep an empty one|EMPTY=|env keep EMPTY"
	"keep one that is not set||env keep ABSENT"
	"keep is for the whole name||env keep CANAR"
	"keep a prefix|LC_ALL=C LC_TIME=C|env keep LC_*"
	"set|A=1|env set A=1"
	"set with blanks|A=a\\x20b|env set A=\"a b\""
	"set from \$HOME|A=$HOME/x|env set A=\$HOME/x"
	"a \$ in quotes, escaped|A=\$HOME|env set A=\"\\\$HOME\""
	"HOME is not there by itself||env keep NOTHOME"
	"PATH is kept when asked for|PATH=$PATH|env keep PATH"
)
for row in "${env_table[@]}"; do
	IFS='|' read -r name want statement <<<"$row"
	run "$E" ${statement:+--with "$statement"} "$P" env
	same "env: $name" "0|$want|" "$STATUS|$(tr ' ' '\n' <<<"$OUT" | sort | paste -sd' ')|$ERR"
done
sees "--env NAME" "CANARY=secret" --env CANARY -- env
sees "--env NAME=VALUE takes every byte as it is" 'A=\x20$HOME"\x5c\x0a*' --env $'A= $HOME"\\\n*' -- env
py -c '
import ctypes, sys
libc = ctypes.CDLL(None)
def strings(l): return (ctypes.c_char_p * (len(l) + 1))(*[s.encode() for s in l], None)
libc.execve(sys.argv[1].encode(), strings(sys.argv[1:]), strings(["A=1", "junk", "A=2", "=x", "B=3"]))' \
	"$E" --env A "$P" env >"$T/.out" 2>"$T/.err"
like "a variable that is there twice comes once" "A=[12]" "$(<"$T/.out")"
gives "what would run code in the program is not inherited" 0 "" \
	env LD_PRELOAD=/nonexistent.so BASH_ENV=/nonexistent GCONV_PATH="$W" "$E" "$P" env
unset LC_ALL LC_TIME LANG

# Place and mask -----------------------------------------------------------------------------------------------------------

sees "cwd is kept" "$W" -- cwd
sees "cwd keep" "$W" --with 'cwd keep' -- cwd
sees "cwd PATH" "$W/dir" --with "cwd $W/dir" -- cwd
sees "--cwd, relative" "$W/dir" --cwd dir -- cwd
refuses "cwd that is no folder" '*cwd: *config is not a directory' --cwd config "$P" cwd
refuses "cwd that is absent" '*cwd: *No such*' --cwd absent "$P" cwd
sees "umask is kept" 0022 -- umask
sees "umask" 0077 --umask 077 -- umask

# Signals ------------------------------------------------------------------------------------------------------------------

# Block USR1 and TERM, ignore HUP, USR2 and CHLD.
disturbed() {
	timeout -k 1 10 /usr/bin/python3 -I -c '
import os, signal, sys
for s in range(1, 65):
    if s not in (9, 19, 32, 33): signal.signal(s, signal.SIG_DFL)
for s in (1, 12, 17): signal.signal(s, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_SETMASK, [10, 15, 40])
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}
signal_table=(
	"reset by default|blocked= ignored=|"
	"reset|blocked= ignored=|signals reset"
	"keep|blocked=10,15,40 ignored=1,12,17|signals keep"
	"reset under a supervisor|blocked= ignored=|supervise"
)
run_here disturbed "$P" signals
same "bare, signals are blocked and ignored" "blocked=10,15,40 ignored=1,12,17" "$OUT"
for row in "${signal_table[@]}"; do
	IFS='|' read -r name want statement <<<"$row"
	run_here disturbed "$E" ${statement:+--with "$statement"} "$P" signals
	# An ignored SIGCHLD need not stay: no program can tell what it would be for.
	same "signals: $name" "0|${want%,17}" "$STATUS|${OUT%,17}"
done

# Limits -------------------------------------------------------------------------------------------------------------------

limit_of() { tr ' ' '\n' <<<"$OUT" | sed -n "s/^$1=//p"; }
limit_table=(
	"memory|memory=512M|536870912:536870912"
	"cpu|cpu=1m|60:60"
	"files|files=64|64:64"
	"filesize|filesize=1K|1024:1024"
	"core|core=1M|1048576:1048576"
	"stack|stack=4M|4194304:4194304"
	"files|files=none|300:300"
	"files|files=1000000|300:300"
)
for row in "${limit_table[@]}"; do
	IFS='|' read -r key limit want <<<"$row"
	run_here bash -c 'ulimit -Sn 200; ulimit -Hn 300; ulimit -Hc unlimited; exec timeout -k 1 10 "$@"' - "$E" --limit "$limit" "$P" limits
	same "limit $limit" "0|$want" "$STATUS|$(limit_of "$key")"
done
run "$E" "$P" limits
same "core files are off by default" "0:0" "$(limit_of core)"
run_here bash -c 'ulimit -Sn 200; ulimit -Hn 300; exec timeout -k 1 10 "$@"' - "$E" "$P" limits
same "a limit that nobody names stays" "200:300" "$(limit_of files)"

# Session, keyring, terminal -----------------------------------------------------------------------------------------------

run "$E" --with 'session new' "$P" session
like "session new" "pid=* controlling=no" "$OUT"
same "session new: its leader is the program" 1 "$(sed 's/pid=\([0-9]*\) .* pgid=\([0-9]*\) sid=\([0-9]*\).*/\1 \2 \3/' <<<"$OUT" | tr ' ' '\n' | uniq | wc -l)"
run "$E" "$P" session
same "session keep" "$(ps -o sid= $$ | tr -d ' ')" "$(sed 's/.*sid=\([0-9]*\).*/\1/' <<<"$OUT")"
gives "bare, a key of the session can be read" 0 ok "$P" keyed "$P" try key-inherited "dir=$W" "key=@KEY@"
gives "the session's keys are out of reach" 0 EPERM "$P" keyed "$E" "$P" try key-inherited "dir=$W" "key=@KEY@"
sees "the session's keyring has no name" EPERM -- keyring

on_terminal() { timeout -k 1 10 script -qec "$*" /dev/null </dev/null | tr -d '\r\004\b' | sed 's/\^D//'; }
if [ "$(on_terminal "$P tty")" = TTT ]; then
	ok "bare, a terminal's state can be set"
	same "a terminal can be seen, not changed" ttt "$(on_terminal "$E $P tty")"
	same "promise tty: it can be set" TTT "$(on_terminal "$E --promise tty $P tty")"
	if [ "$(on_terminal "$P try tiocsti dir=$W")" = ok ]; then
		ok "bare, the terminal takes injected characters"
		for options in "" "--promise tty" "--supervise" "--with 'session new'"; do
			same "the terminal takes no injected characters ($options)" EPERM "$(on_terminal "$E $options $P try tiocsti dir=$W")"
			same "nor with junk in the command ($options)" EPERM "$(on_terminal "$E $options $P try tiocsti-high dir=$W")"
		done
	else
		skip "TIOCSTI" "this kernel refuses it to everybody (dev.tty.legacy_tiocsti)"
	fi
	like "session new on a terminal: it is not the controlling one" "pid=*controlling=no" "$(on_terminal "$E --with 'session new' $P session")"
else
	not_ok "bare, a terminal's state can be set" "$(on_terminal "$P tty")"
fi

# Privilege ----------------------------------------------------------------------------------------------------------------

field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '; }
# As the kernel says it, from outside.
from_outside() { # NAME FIELD=VALUE... -- OPTION...
	local name=$1 wants=() pid pair child
	shift
	while [ "$1" != -- ]; do
		wants+=("$1")
		shift
	done
	shift
	rm -f "$T/.stop"
	"$E" "$@" "$P" stop >"$T/.stop" &
	pid=$!
	until_true grep -qs stopping "$T/.stop" || not_ok "$name: it runs"
	child=$(program_of "$pid")
	for pair in "${wants[@]}"; do
		same "$name: ${pair%%=*}" "${pair#*=}" "$(field "$child" "${pair%%=*}" | sed 's/ $//')"
	done
	kill -KILL "$child"
	wait "$pid" 2>/dev/null
}
none=0000000000000000
all_ids() { echo "$1 $1 $1 $1"; }
for how in "" --supervise; do
	from_outside "privilege ${how:-in place}" CapInh=$none CapPrm=$none CapEff=$none CapAmb=$none NoNewPrivs=1 Seccomp=2 \
		"Uid=$(all_ids "$(id -u)")" "Gid=$(all_ids "$(id -g)")" "Groups=$(field $$ Groups | sed 's/ $//')" -- $how
done
if [ "$am_root" ]; then
	chown "$OTHER:$OTHER" "$W/dir"
	from_outside "root" CapBnd=$none --
	run "$E" "$P" caps
	like "root: the securebits are locked" "*securebits=0xf *" "$OUT"
	user=$(id -un "$OTHER")
	for how in "" --supervise; do
		from_outside "user ${how:-in place}" "Uid=$(all_ids "$OTHER")" "Gid=$(all_ids "$OTHER")" "Groups=$OTHER" CapInh=$none CapPrm=$none \
			CapEff=$none CapAmb=$none CapBnd=$none -- --user "$user" $how
	done
	from_outside "user and group by number" "Uid=$(all_ids 4711)" "Gid=$(all_ids 4712)" Groups= -- --user 4711 --group 4712
	from_outside "groups" "Groups=5 7" -- --user "$user" --with 'groups 7 5'
	from_outside "groups none" "Groups=" "Uid=$(all_ids "$OTHER")" -- --user "$user" --with 'groups none'
	from_outside "keep cap" CapPrm=0000000000000400 CapEff=0000000000000400 CapAmb=0000000000000400 CapBnd=0000000000000400 \
		"Uid=$(all_ids "$OTHER")" -- --user "$user" --keep-cap net_bind_service
	from_outside "keep cap as root" CapPrm=0000000000000001 CapEff=0000000000000001 CapBnd=0000000000000001 -- --keep-cap chown
	refuses "a user that nobody knows" '*user nosuch: not in /etc/passwd' --user nosuch "$P" ids
	refuses "a group that nobody knows" '*group nosuch: not in /etc/group' --group nosuch "$P" ids
	refuses "a user by number needs a group" "*user 4711: a number has no group of its own; say 'group' as well" --user 4711 "$P" ids
else
	refuses "user as an ordinary user" '*user and group can be changed only when endow is started as root' --user root "$P" ids
	refuses "keep cap as an ordinary user" '*keep cap chown: the launcher itself does not hold it' --keep-cap chown "$P" ids
	run "$E" --user "$(id -un)" "$P" ids
	like "user that one is already" "0:uid=$(id -u),*" "$STATUS:$OUT"
fi
finish

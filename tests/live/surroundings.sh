#!/bin/bash
# Ports, private places, metadata, shared memory, limits: granted, and still refused beside what is granted.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/live/tries.sh
. "$here/tries.sh"

has_users=
unshare -Urm true 2>/dev/null && has_users=1
serve_targets
target() { printf '%s\n' "${targets[@]}" | sed -n "s/^$1=//p"; }
tcp=$(target tcp) free=$(target free_port) udp=$(target udp)
other=$((free > 40000 ? free - 1 : free + 1))

# Ports --------------------------------------------------------------------------------------------------------------------

gives "bare, the port can be reached" 0 ok "$P" connect "$tcp"
gives "bare, the other port can be served" 0 ok "$P" listen "$free"
table=(
	"EPERM||connect $tcp" "EPERM||listen $free" "EPERM||udp $udp" "EPERM||unix $S/stream"
	"ok|connect tcp $tcp|connect $tcp" "EACCES|connect tcp $other|connect $tcp" "EACCES|connect tcp $tcp|connect $other"
	"ok|connect tcp $((tcp - 2))-$((tcp + 2))|connect $tcp" "ok|connect tcp 1,$tcp|connect $tcp" "ok|connect tcp 1 $tcp|connect $tcp"
	"ok|connect tcp any|connect $tcp" "ECONNREFUSED|connect tcp any|connect $other"
	"EPERM|connect tcp any|listen $free" "EPERM|connect tcp any|udp $udp" "EPERM|connect tcp any|unix $S/stream"
	"ok|listen tcp $free|listen $free" "EACCES|listen tcp $other|listen $free" "EPERM|listen tcp $free|connect $tcp"
	"ok|listen tcp any|listen $free" "EPERM|listen tcp any|connect $tcp" "EPERM|listen tcp any|udp $udp"
	"ok|connect udp any|udp $udp" "EPERM|connect udp any|connect $tcp" "EPERM|connect udp any|unix $S/stream"
	"ok|connect unix any|unix $S/stream" "EPERM|connect unix any|connect $tcp" "EPERM|connect unix any|udp $udp"
)
for row in "${table[@]}"; do
	IFS='|' read -r want statement words <<<"$row"
	# shellcheck disable=SC2086
	run "$E" ${statement:+--with "$statement"} "$P" $words
	case $want:$statement in
	EPERM:*) like "[$statement] $words" "0|E[PA]*|" "$STATUS|$OUT|$ERR" ;; # no socket at all, or none of this kind
	*) same "[$statement] $words" "0|$want|" "$STATUS|$OUT|$ERR" ;;
	esac
done
INSIDE=
for name in mptcp fastopen-sendto fastopen-sendmsg tcp-fastopen-connect udp-sendto unix-abstract netlink-route listen-bare; do
	attempt_inside "$name" "$E" --connect tcp:1
	like "connect tcp: no way round by $name" "E[PANO]*" "$OUTCOME"
done
for name in listen-mptcp listen4; do
	attempt_inside "$name" "$E" --listen tcp:1
	like "listen tcp: no way round by $name" "E[PANO]*" "$OUTCOME"
done
for name in kill kill-group tgkill pidfd-signal fcntl-owner ioctl-owner ptrace-attach memory-read setpriority-other prlimit-other; do
	attempt_inside "$name" "$E" --promise proc
	like "promise proc: no way out by $name" "E[PASN]*" "$OUTCOME"
done

for row in aio=aio watch=inotify netlink=netlink-route; do
	attempt_inside "${row#*=}" "$E" --promise "${row%=*}"
	same "promise ${row%=*} opens ${row#*=}" ok "$OUTCOME"
done
sees "promise proc: a process" "ok 7" --promise proc -- fork
sees "no promise proc: none" EPERM -- fork
sees "a thread takes no promise" ok -- thread
for name in memory-read memory-write ptrace-attach ptrace-seize pidfd-getfd environ-file; do
	attempt_inside "$name" "$E" --promise debug,proc
	like "promise debug: not of a process outside: $name" "E*" "$OUTCOME"
done
if [ "$am_root" ]; then
	attempt_inside setuid "$E" --promise id --keep-cap setuid
	same "promise id and keep cap setuid: another user" ok "$OUTCOME"
	attempt_inside setuid "$E" --promise id
	same "promise id alone" EPERM "$OUTCOME"
	attempt_inside setuid "$E" --keep-cap setuid
	same "keep cap setuid alone" EPERM "$OUTCOME"
fi

# A place of the program's own ---------------------------------------------------------------------------------------------

mkdir "$W/place" "$W/a"
echo secret | tee "$W/place/f" "$W/a/f" >"$W/f"
sh=(--use shell --use libc)
if [ "$has_users" ]; then
	mark=/tmp/endow-live.$$
	touch "$mark"
	gives "a private /tmp is empty" 0 "" "$E" --use tmp "$P" ls /tmp
	gives "a private /tmp can be used" 0 "in" "$E" --use tmp "${sh[@]}" sh -c "echo in >$mark; cat $mark"
	same "... and is not the one outside" "" "$(cat "$mark")"
	rm "$mark"
	gives "a private /tmp: TMPDIR says so" 0 TMPDIR=/tmp "$E" --use tmp "$P" env
	sees "a private folder hides what is there" ENOENT --private "$W/place" -- cat "$W/place/f"
	sees "a private folder can be written" ok --private "$W/place" -- create "$W/place/n"
	same "... and what was written is gone" f "$(ls "$W/place")"
	sees "a private folder hides it from a grant above, too" ENOENT --private "$W/place" --read "$W" -- cat "$W/place/f"
	sees "a private folder is not the way to another" EACCES --private "$W/place" -- cat "$W/f"
	"$E" --private "$W/place" "${sh[@]}" sh -c "echo x >$W/place/n; echo made; read -r x </dev/tty; sleep 5" >"$T/made" 2>/dev/null &
	pid=$!
	until_true has_words "$T/made"
	same "it does not show outside while the program runs" f "$(ls "$W/place")"
	kill -KILL $pid 2>/dev/null
	refuses "private of what is absent" '*private*: *absent*' --private "$W/absent" "$P" args
	refuses "private of a file" '*private*: *is not a directory' --private "$W/f" "$P" args

	# Metadata
	chmod 644 "$W/f" "$W/a/f"
	for how in "" --supervise; do
		sees "promise fattr: in a writable tree ($how)" ok --promise fattr --create a $how -- chmod a/f
		sees "promise fattr: times in a writable tree ($how)" ok --promise fattr --create a $how -- touch a/f
		sees "promise fattr: not outside ($how)" EROFS --promise fattr --create a $how -- chmod f
		sees "promise fattr: times not outside ($how)" EROFS --promise fattr --create a $how -- touch f
		sees "promise fattr: not where it may only read ($how)" EROFS --promise fattr --create a --read f $how -- chmod f
	done
	sees "promise fattr: from within the writable tree" ok --promise fattr --create a --cwd a -- chmod f
	cd a || exit 1
	sees "promise fattr: started within the writable tree" ok --promise fattr --create . -- chmod f
	sees "promise fattr: and above it" EROFS --promise fattr --create . -- chmod ../f
	cd "$W" || exit 1
	sees "promise fattr: a writable file" ok --promise fattr --write f -- chmod f
	same "promise fattr: the mode was changed" "640 640" "$(stat -c %a f a/f | paste -sd' ')"
	sees "promise fattr: writing goes on as granted" ok --promise fattr --create a -- write a/f x
	sees "promise fattr: and no further" EROFS --promise fattr --create a -- write f x
	sees "promise fattr: beside a private folder" ok --promise fattr --private "$W/place" -- create "$W/place/n"
	choose_place chmod-setuid
	attempt_inside chmod-setuid "$E" --promise fattr
	like "promise fattr: no set-user-ID" "E*" "$OUTCOME"

	# System V's shared memory
	for name in sysv-shm-id sysv-shm-key; do
		attempt "$name"
		same "bare, $name" ok "$OUTCOME"
		attempt_inside "$name" "$E" --promise sysvipc
		like "promise sysvipc: another's is not there: $name" "E[IN]*" "$OUTCOME"
	done
	attempt_inside sysv-shm "$E" --promise sysvipc
	same "promise sysvipc: one's own" ok "$OUTCOME"
else
	skip "private, promise fattr, promise sysvipc" "user namespaces are blocked here"
	refuses "private without user namespaces" '*user namespaces are blocked*' --private "$W/place" "$P" args
fi
chmod 644 "$W/f"
sees "no promise: no metadata" EPERM --write f -- chmod f
sees "promise fattr-anywhere" ok --promise fattr-anywhere -- chmod f

# Limits -------------------------------------------------------------------------------------------------------------------

sees "limit memory: enough" ok --limit memory=64M -- alloc 16777216
sees "limit memory: not enough" ENOMEM --limit memory=64M -- alloc 100000000
sees "limit files" 7 --limit files=10 -- files 100
sees "limit filesize" 4096 --limit filesize=4K --write f -- fill f 10000
gives "limit cpu" 137 "" "$E" --limit cpu=1 "$P" spin 8
begin=$SECONDS
gives "limit wall" 137 "" "$E" --limit wall=1 "$P" sleep 8
like "limit wall: it is said" "endow: the program is ended: it ran for 1 s*, as long as 'limit wall' allows" "$ERR"
holds "limit wall: it is in time" [ $((SECONDS - begin)) -le 3 ]
gives "limit wall: not reached" 3 "" "$E" --limit wall=5 "$P" exit 3
if [ "$am_root" ]; then
	refuses "limit processes as root" "*limit processes: the kernel exempts root from it; say 'user' as well" --limit processes=5 "$P" args
	who=(--user "$(id -un "$OTHER")")
else
	who=()
fi
if [ "$has_users" ]; then
	run "$E" "${who[@]}" --limit processes=5 --promise proc "$P" forks 20
	same "limit processes: itself and four more" "0|4|" "$STATUS|$OUT|$ERR"
	run "$E" "${who[@]}" --limit processes=5 --promise proc "$P" fork
	same "limit processes: others of the same user do not count" "0|ok 7|" "$STATUS|$OUT|$ERR"
fi
finish

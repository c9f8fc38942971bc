#!/bin/bash
# A genuine systemd, booted in namespaces of its own, runs services by the launcher: what it hands over arrives where the policy
# says 'service' and nowhere else, and it sees the program itself, not a wrapper. This machine's own manager is never spoken to.
#
#   SERVICE   tests/live/service.c, statically linked; beside PROBE when not said
given_SERVICE=${SERVICE-}
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
given_SERVICE=${given_SERVICE:-${given_PROBE%/*}/service}

skip_all() {
	skip systemd "$1"
	echo "systemd: 0 passed, 0 failed, 1 skipped"
	export finished=1
	exit 0
}
[ "$am_root" ] || skip_all 'it takes root to boot a systemd'
systemd=/lib/systemd/systemd
[ -x $systemd ] || skip_all 'systemd is not installed'
for tool in unshare nsenter systemctl journalctl; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
version=$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')
[ "${version:-0}" -ge 247 ] || skip_all "systemd $version has no LoadCredential="
[ -e /etc/machine-id ] || skip_all 'there is no /etc/machine-id to cover'
[ -x "$given_SERVICE" ] || {
	not_ok systemd "SERVICE has to be built: $given_SERVICE"
	finish
}
unshare --mount --pid --cgroup --uts --ipc --fork true 2>/dev/null || skip_all 'no namespaces can be made'
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
[ "$cgroups" ] || skip_all 'no cgroup2 is mounted'
cgroup=$cgroups/endow-test-$$
mkdir "$cgroup" 2>/dev/null || skip_all 'no cgroup can be made'

# The manager and its end --------------------------------------------------------------------------------------------------

outside='' manager=''
down() {
	# The first of a process namespace takes all of it along, and its parent outside collects it.
	[ -z "$outside" ] || { kill -KILL "${manager:-$outside}" && wait "$outside"; } 2>/dev/null
	manager='' outside=''
	for ((i = 0; i < 100; i++)); do
		[ -d "$cgroup" ] || return 0
		find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
		sleep 0.05
	done
	return 1
}
trap 'down; at_exit' EXIT

S=$T/stage # becomes /mnt there: DynamicUser= and others hide /tmp
mkdir -p "$S/units" "$S/policies" "$S/out" "$S/files"
cp -R "$T/tree" "$S/tree"
cp "$given_SERVICE" "$S/service"

cat >"$T/boot.sh" <<END
set -e
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
umount -R -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 dev /mnt
mknod -m 666 /mnt/null c 1 3
mknod -m 666 /mnt/zero c 1 5
mknod -m 666 /mnt/full c 1 7
mknod -m 666 /mnt/random c 1 8
mknod -m 666 /mnt/urandom c 1 9
mknod -m 666 /mnt/tty c 5 0
ln -s /proc/self/fd /mnt/fd
mkdir /mnt/pts /mnt/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts /mnt/pts
ln -s pts/ptmx /mnt/ptmx
mount --move /mnt /dev
mount -t tmpfs -o mode=755 tmpfs /run
[ ! -d /var/log/journal ] || mount -t tmpfs -o mode=755 tmpfs /var/log/journal
mount -t tmpfs -o mode=755 tmpfs /mnt
cp -R "$S/." /mnt/
tr -d - </proc/sys/kernel/random/uuid >/run/id
mount --bind /run/id /etc/machine-id
cd /
mount --make-rshared /
exec env -i container=x PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH=/mnt/units SYSTEMD_GENERATOR_PATH=/nonexistent \
	$systemd --system --unit=t.target --log-target=null
END

there() { nsenter -t "$manager" -m -p -C -u -i -- "$@"; }
ctl() { timeout 20 nsenter -t "$manager" -m -p -C -u -i -- systemctl "$@" </dev/null 2>&1; }
show() { ctl show -P "$2" "$1"; }
out() { cat "/proc/$manager/root/mnt/out/$1" 2>/dev/null; }
status_is() { [ "$(show "$1" StatusText)" = "$2" ]; }
says() { out "$1" | grep -qxF -- "$2"; }

first_child() { # the manager, by its number out here
	manager=$(tr -d ' ' <"/proc/$outside/task/$outside/children")
	[ "$manager" ] && [ "$(readlink "/proc/$manager/exe")" = "$(readlink -f $systemd)" ]
}
is_up() { [ "$(ctl is-active t.target)" = active ]; }

boot() {
	# shellcheck disable=SC2016 # for that shell
	sh -c 'echo $$ >"$1/cgroup.procs" && exec unshare --mount --pid --cgroup --uts --ipc --fork --kill-child=KILL \
		--propagation private -- sh "$2"' sh "$cgroup" "$T/boot.sh" >"$T/boot.log" 2>&1 &
	outside=$!
	until_true first_child && until_true is_up
}

# What it runs -------------------------------------------------------------------------------------------------------------

policy() { cat >"$S/policies/$1.policy"; }
unit() { # NAME, the [Service] part on standard input; @endow X@ is the launcher with a policy
	{
		printf '[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n[Service]\nStandardOutput=append:/mnt/out/%s\n' "$1"
		echo 'StandardError=inherit'
		# What the manager saw, told by itself: a unit that has ended is forgotten soon.
		echo "ExecStopPost=+/bin/sh -c 'echo \$\$SERVICE_RESULT \$\$EXIT_CODE \$\$EXIT_STATUS >/mnt/out/$1.end'"
		sed -E 's|@endow ([a-z]+)@|/mnt/tree/endow -p /mnt/policies/\1.policy --|'
	} >"$S/units/$1.service"
}

policy service <<<service
policy plain <<<'# nothing'
# Two processes of the launcher's; with processes, files of its own; where the place of the notifications' socket is hidden; with
# a broker beside it.
policy supervised <<<$'service\nsupervise'
policy apart <<<$'service\nisolate processes'
policy files <<<$'service\nsupervise\nisolate files processes'
policy hidden <<<$'service\nsupervise\nprivate /run\nprivate /tmp'
policy broker <<<$'service\ngrant read /mnt/files as data'
policy user <<<$'service\nsupervise\nuser nobody'
policy reader <<<'read /mnt/files/granted'
policy link <<<'read /mnt/files/link nofollow'
echo 'a granted line' >"$S/files/granted"
echo 'another line' >"$S/files/other"
ln -s granted "$S/files/link"
echo 'a secret' >"$S/files/secret"

for name in systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket; do
	cp "/lib/systemd/system/$name" "$S/units/"
done
cat >"$S/units/t.target" <<END
[Unit]
DefaultDependencies=no
Wants=systemd-journald.socket systemd-journald-dev-log.socket
END

unit notify <<END
Type=notify
NotifyAccess=main
KillMode=mixed
WatchdogSec=400ms
ExecStart=@endow service@ /mnt/service notify
ExecReload=/bin/kill -HUP \$MAINPID
TimeoutStartSec=5
TimeoutStopSec=5
END
unit notify-plain <<END
Type=notify
NotifyAccess=main
WatchdogSec=400ms
ExecStart=@endow plain@ /mnt/service notify
TimeoutStartSec=5
END
supervised='supervised apart files hidden broker user'
for kind in $supervised; do
	for mode in mixed control-group; do
		unit pair-$kind-$mode <<END
Type=notify
NotifyAccess=main
KillMode=$mode
WatchdogSec=400ms
ExecStart=@endow $kind@ /mnt/service count
ExecReload=/bin/kill -HUP \$MAINPID
TimeoutStartSec=5
TimeoutStopSec=5
END
	done
done
for kind in supervised apart; do
	unit pair-die-$kind <<END
Type=exec
ExecStart=@endow $kind@ /mnt/service die 11
RestartPreventExitStatus=SIGSEGV
Restart=always
END
	unit pair-store-$kind <<END
Type=notify
NotifyAccess=main
FileDescriptorStoreMax=4
Restart=on-failure
RestartSec=100ms
ExecStart=@endow $kind@ /mnt/service store
END
	unit pair-mute-$kind <<END
Type=notify
NotifyAccess=main
WatchdogSec=400ms
WatchdogSignal=SIGKILL
ExecStart=@endow $kind@ /mnt/service mute
END
	unit pair-sock-$kind <<END
Type=simple
ExecStart=@endow $kind@ /mnt/service accept
END
	printf '[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/%s\n' pair-sock-$kind >"$S/units/pair-sock-$kind.socket"
done
unit mute <<END
Type=notify
NotifyAccess=main
WatchdogSec=400ms
WatchdogSignal=SIGKILL
ExecStart=@endow service@ /mnt/service mute
END
unit exit <<END
Type=exec
ExecStart=@endow plain@ /mnt/service exit 7
END
unit die <<END
Type=exec
ExecStart=@endow plain@ /mnt/service die 11
RestartPreventExitStatus=SIGSEGV
Restart=always
END
unit refuse <<END
Type=exec
ExecStart=@endow absent@ /mnt/service exit 0
END
for kind in service plain; do
	unit sock-$kind <<END
Type=simple
ExecStart=@endow $kind@ /mnt/service accept
END
	printf '[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/%s\n' sock-$kind >"$S/units/sock-$kind.socket"
	unit secret-$kind <<END
Type=exec
LoadCredential=word:/mnt/files/secret
ExecStart=@endow $kind@ /mnt/service read \${CREDENTIALS_DIRECTORY}/word
END
	unit journal-$kind <<END
Type=exec
ExecStart=@endow $kind@ /mnt/service facts
StandardOutput=journal
END
	unit dynamic-$kind <<END
Type=oneshot
DynamicUser=yes
ExecStart=@endow $kind@ /mnt/service facts
NotifyAccess=main
END
done
# Without the launcher: what this manager's filters really take away.
unit bare-dynamic <<END
Type=oneshot
DynamicUser=yes
ExecStart=/mnt/service openat2
END
for file in granted other link; do
	unit dynamic-$file <<END
Type=oneshot
DynamicUser=yes
ExecStart=@endow reader@ /mnt/service read /mnt/files/$file
END
done
unit dynamic-nofollow <<END
Type=oneshot
DynamicUser=yes
ExecStart=@endow link@ /mnt/service read /mnt/files/link
END
unit filtered <<END
Type=oneshot
ExecStart=@endow reader@ /mnt/service read /mnt/files/granted
SystemCallFilter=@system-service landlock_create_ruleset landlock_add_rule landlock_restrict_self
SystemCallErrorNumber=EPERM
NoNewPrivileges=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
PrivateDevices=yes
PrivateTmp=yes
END
unit filtered-other <<END
Type=oneshot
ExecStart=@endow reader@ /mnt/service read /mnt/files/other
SystemCallFilter=@system-service landlock_create_ruleset landlock_add_rule landlock_restrict_self
SystemCallErrorNumber=EPERM
END
unit filtered-short <<END
Type=oneshot
ExecStart=@endow reader@ /mnt/service read /mnt/files/granted
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
END

# What came of it ----------------------------------------------------------------------------------------------------------

if ! boot; then
	not_ok 'a systemd boots' "$(tail -n 5 "$T/boot.log")"
	finish
fi

ended() { [ "$(out "$1.end")" ]; }
start() { # NAME: start it and wait until it has ended
	ctl start "$1" >/dev/null
	until_true ended "$1"
}
result() { out "$1.end"; }
ask() { timeout 5 nsenter -t "$manager" -m -p -C -u -i -- /mnt/service connect "$1" 2>&1; }

ctl start notify >/dev/null
same 'Type=notify, NotifyAccess=main: ready' active "$(show notify ActiveState)"
main=$(show notify MainPID)
same 'the status text arrives' up "$(show notify StatusText)"
like 'the main process is the program, in place' "*pid $main*" "$(out notify | tr '\n' ' ')"
same 'no other process is left in the unit' "$main" "$(there cat /sys/fs/cgroup/notify.service/cgroup.procs 2>/dev/null ||
	there sh -c 'cat /sys/fs/cgroup/*/notify.service/cgroup.procs')"
like 'WATCHDOG_PID is its own' '*watchdog_pid own*' "$(out notify | tr '\n' ' ')"
sleep 1.2
same 'WatchdogSec=: fed, it lives' "active/$main" "$(show notify ActiveState)/$(show notify MainPID)"
ctl reload notify >/dev/null
until_true says notify reloaded
same 'a reload by HUP arrives, and it runs on' "reloaded/active" \
	"$(out notify | grep -x reloaded)/$(show notify ActiveState)"
ctl stop notify >/dev/null
until_true ended notify
same 'a stop with KillMode=mixed is an orderly end' 'success exited 0' "$(result notify)"
same 'it was told by TERM' 'ended in order' "$(out notify | tail -n 1)"

ctl start notify-plain >/dev/null
until_true ended notify-plain
same "without 'service' it has no one to notify" 'protocol exited 0' "$(result notify-plain)"
like "without 'service' nothing of it is passed" '*watchdog_pid unset*NOTIFY_SOCKET unset*WATCHDOG_USEC unset*' \
	"$(out notify-plain | tr '\n' ' ')"

ctl start mute >/dev/null
until_true ended mute
same 'WatchdogSec=: starved, it is ended' 'watchdog killed KILL' "$(result mute)"

# Two processes ------------------------------------------------------------------------------------------------------------

for kind in $supervised; do
	for mode in mixed control-group; do
		name=pair-$kind-$mode
		ctl start $name >/dev/null
		same "$name: ready" active "$(show $name ActiveState)"
		main=$(show $name MainPID)
		until_true says $name 'barrier passed'
		like "$name: a barrier is passed, the watchdog known" '*watchdog_pid own*barrier passed*' "$(out $name | tr '\n' ' ')"
		until_true status_is $name 'still up'
		same "$name: no other process becomes the main one" "still up/$main" "$(show $name StatusText)/$(show $name MainPID)"
		ctl reload $name >/dev/null
		until_true says $name reloaded
		sleep 0.1
		same "$name: a reload is one HUP" 1 "$(out $name | grep -cx reloaded)"
		[ $kind != supervised ] || sleep 0.9
		same "$name: the watchdog is fed" "active/$main" "$(show $name ActiveState)/$(show $name MainPID)"
		ctl stop $name >/dev/null
		until_true ended $name
		same "$name: a stop is an orderly end" 'success exited 0' "$(result $name)"
		same "$name: told by one TERM" 'TERM 1' "$(out $name | tail -n 1)"
	done
done
for kind in supervised apart; do
	start pair-die-$kind
	same "$kind: a death by signal is the program's" 'signal killed SEGV/0' "$(result pair-die-$kind)/$(show pair-die-$kind NRestarts)"
	ctl start pair-store-$kind >/dev/null
	until_true says pair-store-$kind 'came back: 4711'
	same "$kind: a descriptor is kept by the manager" 'barrier passed came back: 4711' "$(out pair-store-$kind | tr '\n' ' ' | sed 's/ $//')"
	ctl stop pair-store-$kind >/dev/null
	ctl start pair-mute-$kind >/dev/null
	until_true ended pair-mute-$kind
	same "$kind: starved, it is ended" 'watchdog killed KILL' "$(result pair-mute-$kind)"
	ctl start pair-sock-$kind.socket >/dev/null
	like "$kind: socket activation" 'answered by *' "$(ask /run/pair-sock-$kind)"
	ctl stop pair-sock-$kind.socket >/dev/null
done
# Two were killed with all of theirs: who comes next clears up behind them, once what is there is not fresh any more.
sleep 10.5
ctl start pair-supervised-mixed >/dev/null
ctl stop pair-supervised-mixed >/dev/null
same 'no socket for notifications is left' '' "$(there sh -c 'ls -d /run/endow-notify/* /tmp/endow-notify-*/* 2>/dev/null')"

start exit
same 'an exit status is the program'"'"'s' 'exit-code exited 7' "$(result exit)"
start die
same 'a death by signal is the program'"'"'s' 'signal killed SEGV' "$(result die)"
same 'and a restart rule heeds it' 0 "$(show die NRestarts)"
start refuse
same 'a launcher that refuses ends with 125' 'exit-code exited 125' "$(result refuse)"

for kind in service plain; do ctl start sock-$kind.socket >/dev/null; done
like 'socket activation: the connection is answered' 'answered by *' "$(ask /run/sock-service)"
like 'LISTEN_PID is its own' '*listen_pid own*LISTEN_FDS set*descriptor 3 open*' "$(out sock-service | tr '\n' ' ')"
ask /run/sock-plain >/dev/null &
until_true says sock-plain 'descriptor 3 closed'
like "without 'service' no socket is passed" '*listen_pid unset*LISTEN_FDS unset*descriptor 3 closed*' \
	"$(out sock-plain | tr '\n' ' ')"
ctl stop sock-plain.socket sock-service.socket >/dev/null

for kind in service plain; do start secret-$kind; done
same 'LoadCredential= can be read' 'a secret' "$(out secret-service)"
same "without 'service' a credential can't" 'refused: Permission denied' "$(out secret-plain)"

for kind in service plain; do start journal-$kind; done
journal() { there journalctl --no-pager -q -o cat -u "$1" 2>/dev/null; }
heard() { journal "$1" | grep -q '^journal_stream'; }
until_true heard journal-service
until_true heard journal-plain
same 'JOURNAL_STREAM is the output it writes to' 'journal_stream own' "$(journal journal-service | grep ^journal_stream)"
same "without 'service' JOURNAL_STREAM is not passed" 'journal_stream unset' "$(journal journal-plain | grep ^journal_stream)"

start bare-dynamic
if [ "$(out bare-dynamic)" = ENOSYS ]; then
	ok 'DynamicUser= takes openat2 away'
else
	skip 'DynamicUser= takes openat2 away' "not here: $(out bare-dynamic)"
fi
for kind in service plain; do start dynamic-$kind; done
same 'DynamicUser=: it runs' 'success exited 0' "$(result dynamic-service)"
like 'DynamicUser=: as another user, told whom to notify' '*uid other*NOTIFY_SOCKET set*' "$(out dynamic-service | tr '\n' ' ')"
like "DynamicUser=: not told without 'service'" '*uid other*NOTIFY_SOCKET unset*' "$(out dynamic-plain | tr '\n' ' ')"
for file in granted other link nofollow; do start dynamic-$file; done
same 'DynamicUser=: a granted file' 'a granted line' "$(out dynamic-granted)"
same 'DynamicUser=: another file' 'refused: Permission denied' "$(out dynamic-other)"
same 'DynamicUser=: a granted file by another name' 'a granted line' "$(out dynamic-link)"
same 'DynamicUser=: a link where none may be followed' 'exit-code exited 125' "$(result dynamic-nofollow)"
like 'DynamicUser=: and says so' '*/mnt/files/link*symbolic link*' "$(out dynamic-nofollow)"

for name in filtered filtered-other filtered-short; do start $name; done
same 'SystemCallFilter= and hardening: a granted file' 'a granted line' "$(out filtered)"
same 'SystemCallFilter=: another file' 'refused: Permission denied' "$(out filtered-other)"
same 'SystemCallFilter= without Landlock'"'"'s calls: refused' 'exit-code exited 125' "$(result filtered-short)"

# Nothing is left ----------------------------------------------------------------------------------------------------------

down
same 'no cgroup is left' '' "$(ls -d "$cgroup" 2>/dev/null)"
finish

#!/usr/bin/env bash
# How endow learn behaves around the program: its status, signals, terminal and output are its own; what is written is right where it
# is easy to be wrong; what must not be granted is not.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# learn WORD...   in $W, into $P
learn() {
	rm -f "$P"
	fresh
	run "$LEARN" -q -o "$P" "$@"
}
# serves NAME WORD...   under what was learned last, where the run began: status 0 and no complaint
serves() {
	local name=$1
	shift
	fresh
	run "$ENDOW" -p "$P" -- "$@"
	is_blocked "$name" && return
	same "$name" "0|" "$STATUS|$(<"$T/err")"
}
until_true() {
	local i
	for ((i = 0; i < 250; i++)); do
		"$@" && return 0
		sleep 0.02
	done
	return 1
}

the_programs_own() {
	learn -- sh -c 'exit 7'
	same "its exit status" 7 "$STATUS"
	learn -- sh -c 'kill -SEGV $$'
	same "its death by a signal" 139 "$STATUS"
	learn -- sh -c 'echo out; echo err >&2'
	same "its output" "out|err" "$(<"$T/out")|$(<"$T/err")"
	rm -f "$P" && fresh
	run "$LEARN" -o "$P" -- sh -c 'echo out; echo err >&2'
	same "its output, and one line behind it" "out|err|endow learn: $P: 3 lines, 0 of them not granted" \
		"$(<"$T/out")|$(tr '\n' '|' <"$T/err" | sed 's/|$//')"
	INPUT=$F/in.txt learn -- cat
	same "its input" "$(<"$F/in.txt")" "$(<"$T/out")"
	# shellcheck disable=SC2016
	learn -- sh -c 'ls /proc/self/fd | wc -l; readlink /proc/self/fd/1'
	cp "$T/out" "$T/watched"
	# shellcheck disable=SC2016
	run sh -c 'ls /proc/self/fd | wc -l; readlink /proc/self/fd/1'
	same "its descriptors, and no others" "$(<"$T/out")" "$(<"$T/watched")"
	# Who started this may have ignored some: those are the program's own.
	learn -- sh -c 'trap "" INT; grep -E "^Sig(Ign|Blk)" /proc/self/status'
	cp "$T/out" "$T/watched"
	run sh -c 'trap "" INT; grep -E "^Sig(Ign|Blk)" /proc/self/status'
	same "its signals: none is blocked or ignored but by itself" "$(<"$T/out")" "$(<"$T/watched")"
}

signals() {
	rm -f "$P" && fresh
	"$LEARN" -q -o "$P" -- sh -c 'trap "echo got it; exit 3" TERM; echo ready; while :; do sleep 0.05; done' >"$T/out" 2>&1 &
	local pid=$!
	until_true grep -q ready "$T/out"
	kill -TERM "$pid"
	wait "$pid"
	same "a signal is passed on" "3|ready got it" "$?|$(tr '\n' ' ' <"$T/out" | sed 's/ $//')"
	"$LEARN" -q -o "$P.2" -- sh -c 'kill -STOP $$; echo went on' >"$T/out" 2>&1 &
	pid=$!
	is_stopped() { grep -q '^State:.T' "/proc/$pid/status"; }
	if until_true is_stopped; then ok "it stops with the program"; else not_ok "it stops with the program"; fi
	kill -CONT "$pid"
	wait "$pid"
	same "and goes on with it" "0|went on" "$?|$(<"$T/out")"
	rm -f "$P.2"
	learn -- perl -MTime::HiRes=ualarm -MFcntl -MPOSIX=SIGALRM,SA_RESTART -e 'my $n = 0;
		my $a = POSIX::SigAction->new(sub { $n++ }, POSIX::SigSet->new, SA_RESTART); $a->safe(1);
		POSIX::sigaction(SIGALRM, $a); ualarm(300, 300);
		for (1 .. 1000) { sysopen(my $f, "out/$_", O_CREAT | O_EXCL | O_WRONLY) or die "$_: $!"; close $f }
		ualarm(0); print $n > 10 ? "many signals\n" : "$n signals\n"'
	same "a signal makes no call happen twice" "0|many signals|" "$STATUS|$(<"$T/out")|$(<"$T/err")"
	fresh
	run script -qec "$LEARN -q -o $P.3 -- sh -c 'test -t 0 && test -t 1 && stty sane && echo a terminal'" /dev/null
	same "the terminal" "a terminal" "$(tr -d '\r' <"$T/out")"
	if grep -q '^promise  tty ' "$P.3"; then ok "setting it takes a promise"; else not_ok "setting it takes a promise" "$(<"$P.3")"; fi
	rm -f "$P.3"
	# The terminal's own signal, which reaches both.
	mkfifo "$T/keys"
	(sleep 0.7; printf '\003'; sleep 1) >"$T/keys" &
	INPUT=$T/keys run script -qec "exec $LEARN -q -o $P.3 -- sh -c 'trap \"exit 9\" INT; sleep 20; true'" /dev/null
	same "the terminal's signals are the program's" 9 "$STATUS"
	rm -f "$P.3"
}

many() {
	# shellcheck disable=SC2016
	local command='i=0; while [ $i -lt 1000 ]; do (:); i=$((i + 1)); done; echo $i' start=$SECONDS
	learn -- sh -c "$command"
	same "a thousand children" "0|1000" "$STATUS|$(<"$T/out")"
	if [ $((SECONDS - start)) -lt 30 ]; then ok "in good time"; else not_ok "in good time" "$((SECONDS - start)) s"; fi
	says "are one promise" '^promise  proc .*1000 times'
	needs /usr/bin/python3 || return
	learn -- /usr/bin/python3 -I -c '
import threading
def work(i):
    for _ in range(20):
        open("in.txt").close()
threads = [threading.Thread(target=work, args=(i,)) for i in range(50)]
[t.start() for t in threads]
[t.join() for t in threads]
print("done")'
	same "fifty threads" "0|done" "$STATUS|$(<"$T/out")"
	says "open one file" '^read     ./in.txt .*1000 times'
	says_not "and take no promise" '^promise'
}

left_behind() {
	rm -f "$P" && fresh
	run "$LEARN" -q -o "$P" -- sh -c 'sleep 60 >/dev/null 2>&1 & echo $!'
	local pid
	pid=$(<"$T/out")
	same "it ends with the program" 0 "$STATUS"
	if grep -q "1 process that the program started still runs.* $pid$" "$T/err"; then ok "and says what still runs"; else not_ok "and says what still runs" "$(<"$T/err")"; fi
	kill "$pid"
}

the_file() {
	learn -- cat in.txt
	local first
	first=$(<"$P")
	run "$LEARN" -o "$P" -- cat tree/a.txt
	same "a file that is there is refused" "125|endow learn: $P is there already: --merge adds to it what it lacks, -o names another file" \
		"$STATUS|$(<"$T/err")"
	same "and stays as it was" "$first" "$(<"$P")"
	same "before the program has run" "" "$(<"$T/out")"
	sed -i 's/^env .*/# a comment of mine\nlimit core 0/' "$P"
	first=$(<"$P")
	run "$LEARN" -q --merge -o "$P" -- cat tree/a.txt
	same "--merge runs it" "0|alpha" "$STATUS|$(<"$T/out")"
	same "--merge keeps every line" "$first" "$(head -n "$(wc -l <<<"$first")" "$P")"
	says "--merge adds what lacks" '^read     ./tree/a.txt'
	first=$(<"$P")
	run "$LEARN" -q --merge -o "$P" -- cat tree/a.txt in.txt
	same "--merge adds nothing twice" "$first" "$(<"$P")"
	serves "the merged policy serves the first run" cat in.txt
	serves "and the second" cat tree/a.txt
	run "$LEARN" -q --merge -o "$P" -- sort in.txt
	same "a policy of another program is no place to add to" "125|" "$STATUS|$(<"$T/out")"
	chmod 600 "$P" && ln -s "$P" "$T/link"
	run "$LEARN" -q --merge -o "$T/link" -- cat tree/sub/b.txt
	same "a link stays a link, and a mode a mode" "0|symbolic link|600" "$STATUS|$(stat -c %F "$T/link")|$(stat -c %a "$P")"
	says "and what it leads to is added to" '^read     ./tree/sub/b.txt'
	run "$LEARN" -q --merge -o "$T/none" -- cat in.txt
	same "--merge wants a file" 125 "$STATUS"
	run "$LEARN" -q -o "$T/none/x" -- cat in.txt
	same "a folder that is not there is refused before the run" "125|" "$STATUS|$(<"$T/out")"
	printf 'use libc\nread ./in.txt\nenv keep LANG LC_* TERM TZ\n' >"$T/mine.policy"
	rm -f "$P"
	run "$LEARN" -q -o "$P" --confined "$T/mine.policy" -- cat in.txt tree/a.txt
	says "--confined writes what lacked" '^read     ./tree/a.txt'
	says_not "--confined does not write what was there" '^(use +libc|read +./in.txt|env)'
	chmod 666 "$T/mine.policy"
	run "$LEARN" -q -o "$P.4" --confined "$T/mine.policy" -- cat in.txt
	same "a policy that others may write is not believed" 125 "$STATUS"
	(cd "$W" && run "$LEARN" -q -- cat in.txt && [ "$STATUS" -eq 0 ] && [ -s cat.policy ]) && ok "without -o it goes by the program's name" ||
		not_ok "without -o it goes by the program's name"
	fresh
	run "$LEARN" -o here.policy -- sh -c 'echo x >new'
	if grep -q 'it lies in a folder that it lets the program write' "$T/err"; then ok "a policy in a folder that it lets be written is told of"; else not_ok "a policy in a folder that it lets be written is told of" "$(<"$T/err")"; fi
	umask 002
	rm -f "$P"
	run "$LEARN" -q -o "$P" -- cat in.txt
	umask 022
	same "nobody else may write it" 644 "$(stat -c %a "$P")"
}

errors() {
	learn -- no-such-program
	same "a program that is not there" 127 "$STATUS"
	fresh
	run "$LEARN" -o "$P" -- ./in.txt
	same "a file that is no program" 126 "$STATUS"
	printf '#!/no/such/interpreter\n' >"$F/odd" && chmod +x "$F/odd"
	learn -- ./odd
	same "an interpreter that is not there" 127 "$STATUS"
	printf 'no program\n' >"$F/odd"
	learn -- ./odd
	same "a format that the kernel does not know" 126 "$STATUS"
	if [ -e "$P" ]; then not_ok "then there is no policy" "$(<"$P")"; else ok "then there is no policy"; fi
	run "$LEARN" --bad -- true
	same "an unknown option" 125 "$STATUS"
	run "$LEARN"
	same "no program" 125 "$STATUS"
	learn -- "$LEARN" -q -o "$P.2" -- true
	same "inside another it is refused by name" "125|1" "$STATUS|$(grep -c 'inside another observer .*EBUSY' "$T/err")"
	run "$ENDOW" --use libc --promise proc,debug --exec /usr/bin --read / --create "$W" "$LEARN" -q -o "$W/p" -- cat in.txt
	same "inside endow it works, where that is granted" "0|$(<"$W/in.txt")" "$STATUS|$(<"$T/out")"
}

names() {
	local name
	for name in 'a b' 'a"b' "a'b" '#a' 'a*b' 'a\b' '$HOME' '~' 'ä' 'except' $'a\nb' '-a' 'a[1]'; do
		printf 'odd\n' >"$F/tree/$name"
		learn -- cat -- "tree/$name"
		fresh
		run "$ENDOW" -p "$P" -- cat -- "tree/$name"
		same "a name with $(printf %q "$name")" "0|odd" "$STATUS|$(<"$T/out")"
		rm "$F/tree/$name"
	done
	learn -- cat $'no\nsuch\e[31m' in.txt
	if LC_ALL=C grep -q '[^ -~]' <(tr -d '\n' <"$P"); then not_ok "control bytes stay out of comments"; else ok "control bytes stay out of comments"; fi
}

what_is_made() {
	learn -- sh -c 'echo x >out/a; mkdir out/d; echo y >out/d/b; mv out/d/b out/c; rm out/a; ln -s c out/l; cat out/l'
	says "what is made is its folder's" '^read write create ./out '
	serves "and serves" sh -c 'echo x >out/a; mkdir out/d; echo y >out/d/b; mv out/d/b out/c; rm out/a; ln -s c out/l; cat out/l'
	learn -- sh -c 'echo x >in.txt'
	says "what is overwritten is the file's" '^write    ./in.txt '
	learn -- sh -c 'echo x >>in.txt'
	says "what is only appended to, too" '^append   ./in.txt '
	serves "and serves" sh -c 'echo x >>in.txt'
	learn -- sh -c 'echo x >>in.txt; echo y >out/a'
	says "beside other writing to append is to write" '^write    ./in.txt .*appended to'
	serves "and serves" sh -c 'echo x >>in.txt; echo y >out/a'
	learn -- sh -c 'mv in.txt out/; mv tree/a.txt out/'
	serves "moves between folders" sh -c 'mv in.txt out/; mv tree/a.txt out/'
	learn -- chmod 600 in.txt
	says "a mode takes a promise" '^promise  fattr'
	serves "and a grant that writes" chmod 600 in.txt
	learn -- sh -c 'cat no-such-file </dev/null; test -e tree/nothing; : >/no-such-folder/x' 2>/dev/null
	says_not "what is not there is not granted" '^[a-z].*(no-such|nothing)'
	mkdir "$F/many" && (cd "$F/many" && touch a b c d e f g)
	learn -- cat many/a many/b many/c many/d many/e many/f many/g
	says "many files of a folder are the folder" '^read     ./many .*(7 files there|cat)'
	learn -- cat many/a many/b
	says_not "a few are themselves" '^read     ./many '
	says "each" '^read     ./many/b '
	learn -- sh -c 't=$(mktemp); echo x >"$t"; cat "$t"; rm "$t"'
	says "temporary files in /tmp" '^use      tmp '
	serves "and serve" sh -c 't=$(mktemp); echo x >"$t"; cat "$t" >/dev/null; rm "$t"'
	mkdir -p "$T/tmp"
	# shellcheck disable=SC2016
	ENVIRONMENT=TMPDIR=$T/tmp learn -- sh -c 't=$(mktemp -d); echo x >"$t/y"; cat "$t/y"; rm -r "$t"'
	says "temporary files in TMPDIR" '^use      scratch '
	says_not "and no other place" 'tmp/|create'
	# shellcheck disable=SC2016
	ENVIRONMENT=TMPDIR=$T/tmp serves "and serve" sh -c 't=$(mktemp -d); echo x >"$t/y"; cat "$t/y" >/dev/null; rm -r "$t"'
}

environment() {
	mkdir -p "$T/xdg" && echo x >"$T/xdg/rc"
	# shellcheck disable=SC2016
	ENVIRONMENT="XDG_CONFIG_HOME=$T/xdg" learn -- sh -c 'cat "$XDG_CONFIG_HOME/rc"'
	says "a variable's folder goes by its name" '^read     [$]XDG_CONFIG_HOME/rc '
	says "and is kept" '^env      keep XDG_CONFIG_HOME '
	# shellcheck disable=SC2016
	ENVIRONMENT="XDG_CONFIG_HOME=$T/xdg" serves "and serves" sh -c 'cat "$XDG_CONFIG_HOME/rc"'
	echo x >"$T/home/rc"
	learn -- sh -c 'cat ~/rc'
	says "so does the home" '^read     ~/rc '
	serves "and serves" sh -c 'cat ~/rc'
	# shellcheck disable=SC2016
	ENVIRONMENT="MY_PLACE=$W/tree" learn -- sh -c 'cat "$MY_PLACE/a.txt"'
	says "another variable that leads to what was opened is proposed" '^# env +keep MY_PLACE '
	rm "$T/home/rc"
	# shellcheck disable=SC2088
	learn -- sh -c 'cat ~/no/such/file 2>/dev/null; true'
	says "a look at home wants to know where that is" '^env +keep HOME '
	rm -f "$P" && fresh
	run env "$(printf 'X\nread ~=%s' "$W/tree")" "$LEARN" -q -o "$P" -- cat tree/a.txt
	says_not "a variable's name can't become a line" '^(# )?read +~'
	learn -- sh -c true
	says_not "PATH stays out where nothing was executed" 'keep.* PATH'
	learn -- cat in.txt tree/a.txt
	cp "$P" "$T/first"
	learn -- cat in.txt tree/a.txt
	same "the same run gives the same policy" "$(<"$T/first")" "$(<"$P")"
}

secrets() {
	mkdir -p "$T/home/.ssh" "$F/conf" && printf '%s\n' "$TOKEN" >"$T/home/.ssh/id_ed25519" && printf '%s\n' "$TOKEN" >"$F/conf/server.key"
	printf 'plain\n' >"$F/conf/plain"
	learn -- sh -c 'cat ~/.ssh/id_ed25519; ls ~ /etc / >/dev/null; echo x >~/.bashrc'
	rm "$T/home/.bashrc"
	says "a key is not granted" '^# read     ~/.ssh/id_ed25519 .*NOT GRANTED: SSH keys'
	says "nor is a home" '^# .*create ~ .*NOT GRANTED: that is the whole home'
	says "nor /etc" '^# read     /etc .*NOT GRANTED'
	says "nor /" '^# read     / .*NOT GRANTED'
	says_not "none of it otherwise" '^(read|write|exec).*(~| /etc | / )'
	fresh
	run "$ENDOW" -p "$P" -- sh -c 'cat ~/.ssh/id_ed25519; ls ~'
	if grep -qF "$TOKEN" "$T/out"; then not_ok "so it is refused"; else ok "so it is refused"; fi
	learn -- grep -r . conf
	says "a key in a folder is left out of it" '^read     ./conf except server.key '
	fresh
	run "$ENDOW" -p "$P" -- grep -rh . conf
	is_blocked "and is not read" || same "and is not read" "plain" "$(<"$T/out")"
	learn -- ls conf
	says "one that nobody opened, too" '^read     ./conf except server.key '
	mkdir -p "$F/deep/a/b" && touch "$F/deep/a/b/.env"
	learn -- ls deep
	says "and one that lies deeper" '^read     ./deep except a/b/.env '
	touch "$F/conf/1" "$F/conf/2" "$F/conf/3" "$F/conf/4"
	learn -- cat conf/1 conf/2 conf/3 conf/4 conf/plain
	says "a folder that has one does not stand for its files" '^read     ./conf/plain '
	learn -- sh -c 'echo key >out/made.key'
	says "what is made is no secret to its maker" '^write create ./out  '
	serves "and is made again" sh -c 'echo key >out/made.key'
	if [ "$(id -u)" = 0 ]; then
		learn -- cat /etc/shadow
		says "nor password hashes" '^# read     /etc/shadow '
	fi
}

network() {
	listen
	learn -- perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => shift) or die "$!"' "$PORT"
	says "a connection is its port's" "^connect  tcp $PORT "
	serves "and serves" perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => shift) or die "$!"' "$PORT"
	fresh
	run "$ENDOW" -p "$P" -- perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => shift) or die "$!"' "$OTHER_PORT"
	if reached; then not_ok "and no other port"; else ok "and no other port"; fi
	# Below the ports that the kernel gives out.
	local port=$((20000 + RANDOM % 9000))
	learn -- perl -MIO::Socket::INET -e 'IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 1, ReuseAddr => 1) or die "$!"' "$port"
	says "a served port is that port" "^listen   tcp $port "
	serves "and serves" perl -MIO::Socket::INET -e 'IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 1, ReuseAddr => 1) or die "$!"' "$port"
	learn -- perl -MIO::Socket::INET -e 'IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1) or die "$!"'
	says "a port of the kernel's choosing" "^listen   tcp any .*of the kernel's choosing"
	learn -- perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Proto => "udp")->send("x", 0, pack_sockaddr_in(9, inet_aton("127.0.0.1"))) or die "$!"'
	says "a datagram" '^connect  udp any .*port 9'
	learn -- perl -MSocket -e 'socket(my $s, AF_INET, SOCK_DGRAM, 0) or die; socket($s, AF_UNIX, SOCK_STREAM, 0) or die'
	says_not "a socket that is not used" '^(connect|listen)'
	learn -- perl -MIO::Socket::UNIX -e 'my $l = IO::Socket::UNIX->new(Listen => 1, Local => "out/s") or die; IO::Socket::UNIX->new(Peer => "out/s") or die; unlink "out/s"'
	says "a Unix socket" '^connect  unix any .*out/s'
	says "is made in its folder" '^create   ./out '
	serves "and serves" perl -MIO::Socket::UNIX -e 'my $l = IO::Socket::UNIX->new(Listen => 1, Local => "out/s") or die; IO::Socket::UNIX->new(Peer => "out/s") or die; unlink "out/s"'
	learn -- perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Peer => "out/nobody")'
	says_not "one that nobody serves" '^connect'
}

promises() {
	learn -- setsid -w true
	says "a session" '^promise  proc '
	learn -- nice -n 5 true
	says_not "to be nicer oneself" '^promise'
	sleep 60 &
	local pid=$!
	own+=("$pid")
	disown "$pid"
	learn -- renice -n 1 -p "$pid"
	says "another's priority" '^promise  sched '
	learn -- perl -e 'my $id = shmget(0, 4096, 0600) // die; shmctl($id, 0, 0)'
	says "System V objects" '^promise  sysvipc '
	learn -- perl -e 'syscall(294, 0) >= 0 or die' # inotify_init1 on x86_64
	[ "$(uname -m)" != x86_64 ] || says "watching" '^promise  watch '
	learn -- perl -e 'syscall(425, 1, 0)'
	says "what endow never allows is a note" '^# endow refuses io_uring_setup .*perl, once'
	learn -- perl -e 'use Socket; socket(my $s, 16, SOCK_RAW, 0) or die'
	says "netlink" '^promise  netlink '
}

inherited() {
	rm -f "$P" && fresh
	exec 9<in.txt
	run "$LEARN" -q -o "$P" -- cat /dev/fd/9
	exec 9<&-
	same "a descriptor that is inherited is passed on" "0|$(<in.txt)" "$STATUS|$(<"$T/out")"
	says "and noted" '^# fd +9 keep '
	[ "$(id -u)" = 0 ] || return
	rm -f "$P" && fresh
	chown 65534 in.txt && chmod 600 in.txt
	run "$LEARN" -q -o "$P" -- cat in.txt
	says "what only root's privilege allows is noted" '^read     ./in.txt .*by root.s privilege'
	run "$LEARN" -q -o "$P.2" -- sh -c 'kill -9 $PPID; sleep 0.2; echo still here'
	same "the program does not outlive its observer" "137|" "$STATUS|$(<"$T/out")"
}

in_the_dark() {
	[ "$(id -u)" != 0 ] || return
	rm -f "$P" && fresh
	cp /usr/bin/cat out/dark && chmod 111 out/dark
	INPUT=in.txt run "$LEARN" -q -o "$P" -- out/dark
	same "a program that can't be looked into runs" "0|$(<in.txt)" "$STATUS|$(<"$T/out")"
	says "and the policy says so" '^# [0-9]+ calls could not be looked into'
}

scripts() {
	if needs /usr/bin/gcc; then
		printf '#include <unistd.h>\nint main(void) { return write(1, "static\\n", 7) != 7; }\n' >"$T/static.c"
		if gcc -static -o "$F/static" "$T/static.c" 2>/dev/null; then
			learn -- ./static
			says_not "a static program needs no library" '^(use|exec|read)'
			serves "and serves" ./static
			rm "$F/static"
		else
			skip "a static program" "there is no static C library"
		fi
	fi
	printf '#!/bin/sh\ncat "$1"\n' >"$F/script" && chmod 755 "$F/script"
	learn -- ./script in.txt
	says "a script is the program" '^program  ./script$'
	says_not "its interpreter needs no line" '^exec     /usr/bin/(da)?sh'
	serves "and serves" ./script in.txt
	same "with its output" "$(<"$F/in.txt")" "$(<"$T/out")"
	learn -- sh -c './script in.txt'
	says "a script that is started does" '^exec     ./script '
	serves "and serves" sh -c './script in.txt'
	learn -- sh -c 'echo x >out/made; cp /usr/bin/true out/made; chmod 755 out/made; out/made'
	says "what is made and executed" '^(read )?write create exec ./out .*can be executed'
	serves "serves" sh -c 'cp /usr/bin/true out/made; chmod 755 out/made; out/made'
}

for part in the_programs_own signals many left_behind the_file errors names what_is_made environment secrets network promises inherited in_the_dark scripts; do
	[ $# -eq 0 ] || [[ " $* " == *" $part "* ]] || continue
	unset INPUT ENVIRONMENT
	"$part"
done
finish

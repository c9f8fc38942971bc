#!/bin/bash
# "connect tcp good.test:8080" for programs that know nothing of it: in a network of the test's own, with a name server that writes down
# what it is asked, and servers that write down who came. A program gets through to what was granted, and to nothing beside it: that
# is seen from outside.
# shellcheck source=tests/live/lib.sh
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside

# Twice more, inside: first as root of new namespaces, to set the network up, then as who we are.
case ${1-} in
'')
	maps=-Urmn
	[ "$(id -u)" != 0 ] || maps=-mn
	unshare $maps true 2>/dev/null || {
		echo "skip names: no namespaces can be made"
		echo "names: 0 passed, 0 failed, 1 skipped"
		exit 0
	}
	exec unshare --fork --kill-child $maps bash "$0" outer "$(id -u)"
	;;
outer)
	T=$(mktemp -d /var/tmp/endow-names.XXXXXX) && chmod 755 "$T" && mkdir "$T/www" || exit 1
	trap 'kill $server; rm -rf "$T"' EXIT
	# SIOCSIFFLAGS, IFF_UP
	/usr/bin/python3 -I -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 1))'
	printf '127.0.0.1 localhost\n127.0.0.6 filed.test\n' >"$T/hosts"
	echo 'nameserver 127.0.0.1' >"$T/resolv.conf"
	for file in hosts resolv.conf; do
		mount --bind "$T/$file" /etc/$file || exit 1
	done
	if command -v git >/dev/null; then
		GIT_AUTHOR_DATE=@0 git -c init.defaultBranch=main init -q "$T/seed" &&
			git -C "$T/seed" -c user.name=n -c user.email=e commit -q --allow-empty -m words &&
			git clone -q --bare "$T/seed" "$T/www/repo.git" && git -C "$T/www/repo.git" update-server-info
	fi
	/usr/bin/python3 -I "${0%/*}/names_server.py" "$T" <<-END &
		dns good.test=127.0.0.2 other.test=127.0.0.3 six.test=::1 both.test=127.0.0.9,127.0.0.2 echo.test=127.0.0.4
		http 127.0.0.2 8080 good
		http 127.0.0.2 8081 port
		http 127.0.0.3 8080 other
		http ::1 8082 six
		http 127.0.0.6 8080 filed
		udp 127.0.0.4 9000 echo
		udp 127.0.0.3 9000 otherudp
	END
	server=$!
	for ((i = 0; i < 250 && $(grep -c . "$T/ready" 2>/dev/null || echo 0) == 0; i++)); do sleep 0.02; done
	as_we_are=()
	[ "$2" = 0 ] || as_we_are=(unshare -U "--map-user=$2" "--map-group=$2")
	"${as_we_are[@]}" bash "$0" inner "$T"
	exit
	;;
esac
servers=$2
. "$(dirname "$0")/lib.sh"
fetch=${given_PROBE%/*}/fetch
cp "$fetch" "$T/bin/fetch" || exit 1
fetch=$T/bin/fetch

seen() { cat "$servers/$1.log" 2>/dev/null; }
LIMIT=20

grant=(--connect tcp:good.test:8080)

# each PROGRAM: a command that prints what http://HOST:PORT/ says
each() { # NAME OPTIONS... -- COMMAND with HOST and PORT in it
	local name=$1 options=() command=() host port case
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	for case in good.test:8080 other.test:8080 good.test:8081 127.0.0.3:8080 127.0.0.2:8081 filed.test:8080; do
		host=${case%:*} port=${case#*:}
		command=("${@//HOST/$host}")
		command=("${command[@]//PORT/$port}")
		run "$E" "${grant[@]}" "${options[@]}" "${command[@]}"
		if [ "$case" = good.test:8080 ]; then
			same "$name: what is granted" "0|good" "$STATUS|$OUT"
		elif [ "$STATUS" != 0 ] && [ "$STATUS" != 124 ]; then
			ok "$name: $case is refused"
		else
			not_ok "$name: $case is refused" "got: $STATUS|$OUT|$ERR"
		fi
	done
}

has() {
	command -v "$1" >/dev/null && return
	skip "$1" 'it is not installed'
	return 1
}

has curl && each curl -- curl -sS http://HOST:PORT/
has wget && each wget -- wget -q -t 1 -O - http://HOST:PORT/
has node && each node -- node -e 'require("http").get("http://HOST:PORT/", r => r.pipe(process.stdout)).on("error", e => process.exit(1))'
has node && each "node, dns.resolve" -- node -e 'const dns = require("dns"), net = require("net")
	const go = a => { const s = net.connect(PORT, a, () => s.end("GET / HTTP/1.0\r\n\r\n")); let t = ""
		s.on("data", d => t += d).on("end", () => console.log(t.split("\r\n\r\n")[1])).on("error", () => process.exit(1)) }
	net.isIP("HOST") ? go("HOST") : dns.resolve4("HOST", (e, a) => e ? process.exit(1) : go(a[0]))'
each python -- /usr/bin/python3 -I -c 'import sys, socket
try: s = socket.create_connection(("HOST", PORT))
except OSError: sys.exit(1)
s.sendall(b"GET / HTTP/1.0\r\n\r\n"); print(s.makefile().read().split("\n\n")[-1], end="")'
each "python, asyncio" -- /usr/bin/python3 -I -c 'import asyncio, sys
async def main():
    try: r, w = await asyncio.open_connection("HOST", PORT)
    except OSError: sys.exit(1)
    w.write(b"GET / HTTP/1.0\r\n\r\n"); print((await r.read()).decode().split("\r\n\r\n")[-1], end="")
asyncio.run(main())'
each musl --exec "$fetch" -- "$fetch" HOST PORT
each "musl, not waiting" --exec "$fetch" -- "$fetch" -n HOST PORT
each bash --use shell -- bash -c 'exec 3<>/dev/tcp/HOST/PORT || exit; printf "GET / HTTP/1.0\r\n\r\n" >&3; while read -r line <&3; do last=$line; done; echo "$last"'
same "nobody else was come to" "||" "$(seen other)|$(seen port)|$(seen filed)"
same "no other name was asked for" good.test "$(seen dns | cut -d' ' -f1 | sort -u)"

# Names --------------------------------------------------------------------------------------------------------------------
asks() { gives "$1" "$2" "$3" "$E" "${grant[@]}" --exec "$fetch" "$fetch" -d "$4"; }
asks "DNS: a granted name" 0 "0 1 127.0.0.2" good.test
asks "DNS: its case is no matter" 0 "0 1 127.0.0.2" GOOD.test
asks "DNS: another does not exist" 0 "3 0" other.test
asks "DNS: beneath a granted one" 0 "3 0" secret.good.test
same "DNS: nothing of that has left" good.test "$(seen dns | cut -d' ' -f1 | sort -u)"
run "$E" "${grant[@]}" --exec "$fetch" "$fetch" secret.good.test 8080
same "musl: a name that is not granted is refused at once" 1 "$STATUS"
gives "DNS over TCP" 0 "127.0.0.2 3" "$E" "${grant[@]}" /usr/bin/python3 -I -c 'import socket, struct
def ask(s, name):
    q = struct.pack(">6H", 7, 256, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l for l in name.split(b".")) + b"\0" + struct.pack(">HH", 1, 1)
    s.sendall(struct.pack(">H", len(q)) + q)
    n, = struct.unpack(">H", s.recv(2, socket.MSG_WAITALL)); return s.recv(n, socket.MSG_WAITALL)
s = socket.create_connection(("127.0.0.1", 53))
print(socket.inet_ntoa(ask(s, b"good.test")[-4:]), ask(s, b"other.test")[3] & 15)'
gives "the files hold what is granted" 0 "127.0.0.1 localhost ::1 localhost ip6-localhost 127.0.0.2 good.test" \
	"$E" "${grant[@]}" --use shell bash -c 'echo $(</etc/hosts)'
gives "however their path is written" 0 "nameserver 127.0.0.1 options timeout:0 attempts:1" \
	"$E" "${grant[@]}" --use shell bash -c 'echo $(<//etc/./resolv.conf)'
gives "and can't be written" 1 "" "$E" "${grant[@]}" --use shell bash -c 'exec 2>/dev/null; { echo x >&0; } </etc/hosts || { echo x >/dev/fd/0; } </etc/hosts'
gives "a name of the machine's own hosts" 0 filed "$E" --connect tcp:filed.test:8080 --exec "$fetch" "$fetch" filed.test 8080
gives "one that nobody knows" 1 "Try again" "$E" --connect tcp:nowhere.test:80 --exec "$fetch" "$fetch" nowhere.test 80
silent=("${grant[@]}" --connect tcp:silent.test:80)
SECONDS=0
gives "one that nobody answers for: the others are there" 0 good "$E" "${silent[@]}" --exec "$fetch" "$fetch" good.test 8080
if [ $SECONDS -ge 4 ] && [ $SECONDS -le 8 ]; then ok "after 5 s"; else not_ok "after 5 s" "$SECONDS"; fi
SECONDS=0
gives "and who asks for one of them waits for none" 0 "0 1 127.0.0.2" "$E" "${silent[@]}" --exec "$fetch" "$fetch" -d good.test
gives "an answer that has not come is none" 0 "2 0" "$E" "${silent[@]}" --exec "$fetch" "$fetch" -d silent.test
if [ $SECONDS -ge 4 ] && [ $SECONDS -le 8 ]; then ok "after 5 s as well"; else not_ok "after 5 s as well" "$SECONDS"; fi
gives "the first address is silent, the second is not" 0 good "$E" --connect tcp:both.test:8080 --exec "$fetch" "$fetch" both.test 8080
gives "IPv6" 0 six "$E" --connect tcp:six.test:8082 --exec "$fetch" "$fetch" six.test 8082
gives "IPv6, by its address" 0 six "$E" --connect 'tcp:[::1]:8082' --exec "$fetch" "$fetch" ::1 8082
gives "IPv4 as IPv6 writes it" 0 good "$E" "${grant[@]}" --exec "$fetch" /usr/bin/python3 -I -c 'import socket
socket.getaddrinfo("good.test", 80); s = socket.socket(socket.AF_INET6); s.connect(("::ffff:127.0.0.2", 8080)); s.sendall(b"GET / HTTP/1.0\r\n\r\n")
print(s.makefile().read().split("\n\n")[-1], end="")'
run "$E" "${grant[@]}" --exec "$fetch" /usr/bin/python3 -I -c 'import socket
socket.getaddrinfo("good.test", 80); s = socket.socket(socket.AF_INET6); s.connect(("::ffff:127.0.0.3", 8080))'
like "and another so written" '1|*PermissionError*' "$STATUS|$ERR"
gives "the peer is who was asked for" 0 "('127.0.0.2', 8080)" "$E" "${grant[@]}" /usr/bin/python3 -I -c 'import socket
print(socket.create_connection(("good.test", 8080)).getpeername())'
gives "in a root of its own" 0 good "$E" --isolate files "${grant[@]}" --exec "$fetch" "$fetch" good.test 8080
gives "among processes of its own" 0 good "$E" --isolate processes "${grant[@]}" --exec "$fetch" "$fetch" good.test 8080

# UDP ----------------------------------------------------------------------------------------------------------------------
udp='import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)
host = socket.gethostbyname(sys.argv[1]); how = sys.argv[2]; at = (host, 9000)
try:
    if how == "sendto": s.sendto(b"a", at)
    elif how == "sendmsg": s.sendmsg([b"a", b"b"], [], 0, at)
    elif how == "connect": s.connect(at); s.send(b"c")
    elif how == "pktinfo": s.sendmsg([b"a"], [(socket.IPPROTO_IP, 8, b"\0" * 12)], 0, at)
except OSError as e: print(e.errno); sys.exit(1)
print(s.recv(100).decode())'
for how in sendto:a sendmsg:ab connect:c; do
	gives "UDP, ${how%:*}" 0 "echo ${how#*:}" "$E" --connect udp:echo.test:9000 /usr/bin/python3 -I -c "$udp" echo.test "${how%:*}"
	gives "UDP, ${how%:*}: another" 1 13 "$E" --connect udp:echo.test:9000 /usr/bin/python3 -I -c "$udp" 127.0.0.3 "${how%:*}"
	gives "UDP, ${how%:*}: TCP alone is granted" 1 13 "$E" --connect tcp:127.0.0.4:9000 /usr/bin/python3 -I -c "$udp" 127.0.0.4 "${how%:*}"
done
gives "UDP: a packet does not say where it comes from" 1 1 "$E" --connect udp:echo.test:9000 /usr/bin/python3 -I -c "$udp" echo.test pktinfo
same "UDP: nobody else heard" "" "$(seen otherudp)"
gives "a route in the packet is refused" 0 "1 1" "$E" --connect udp:echo.test:9000 /usr/bin/python3 -I -c 'import socket
def tries(family, level, option):
    s = socket.socket(family, socket.SOCK_DGRAM)
    try: s.setsockopt(level, option, bytes([131, 7, 4, 127, 0, 0, 3, 0]))
    except OSError as e: return e.errno
print(tries(socket.AF_INET, 0, 4), tries(socket.AF_INET6, 41, 57))'

# git over http, without a clever server
if has git; then
	cd "$W" || exit 1
	run "$E" "${grant[@]}" --use git --exec /usr/lib/git-core --promise proc --create . git clone -q http://good.test:8080/repo.git new
	same "git clone" "0|words" "$STATUS|$(git -C new log --format=%s 2>&1)"
	run "$E" "${grant[@]}" --use git --exec /usr/lib/git-core --promise proc --create . git clone -q http://other.test:8080/repo.git new2
	like "git clone from another" '128|*other.test*' "$STATUS|$ERR"
fi
same "at the end: nobody else was come to" "||" "$(seen other)|$(seen port)|$(seen otherudp)"
same "at the end: the names that were asked for" "both.test echo.test good.test nowhere.test silent.test six.test " "$(seen dns | cut -d' ' -f1 | sort -u | tr '\n' ' ')"
finish

#!/bin/bash
# Sockets that the supervisor connects, binds and sends by for programs that know nothing of it, on the loopback interface: what every
# call gives where it is granted, and where it is not. Servers outside write down who came.
# shellcheck source=tests/live/lib.sh
# shellcheck disable=SC2317 # until_true calls them
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
mkdir "$T/seen" "$W/run" "$W/other"
chmod 777 "$T/seen"
ports() { py -c 'import socket, sys
s = [socket.socket() for _ in range(int(sys.argv[1]))]
for x in s: x.bind(("127.0.0.1", 0))
print(*(x.getsockname()[1] for x in s))' "$1"; }
read -r said beside echoed served second < <(ports 5)
$python -I "$here/names_server.py" "$T/seen" <<-END &
	say 127.0.0.1 $said said
	say 127.0.0.1 $beside beside
	say 127.0.0.2 $said elsewhere
	udp 127.0.0.1 $echoed echoed
	unix $W/run/service 0 service
	unix $W/run/echo 0 echo
	unix $W/other/service 0 otherservice
END
until_true has_words "$T/seen/ready"
seen() { cat "$T/seen/$1.log" 2>/dev/null; }

# Inside Python says what came of it: what was read, or the name of the errno.
prelude='import errno, os, select, signal, socket, struct, sys, threading, time
from socket import *
def tcp(family=AF_INET): return socket(family, SOCK_STREAM)
def udp(family=AF_INET): return socket(family, SOCK_DGRAM)
def code(call, *args):
    try: r = call(*args)
    except OSError as e: return errno.errorcode.get(e.errno, str(e))
    return "ok" if r is None else r
'
# does NAME WANT [OPTION]... -- CODE
does() {
	local name=$1 want=$2 options=()
	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	gives "$name" 0 "$want" "$E" "${options[@]}" $python -I -c "$prelude$2"
}
to_said=(--connect "tcp:127.0.0.1:$said")

# Connecting ---------------------------------------------------------------------------------------------------------------
does "connect" "ok b'said\\n' EISCONN" "${to_said[@]}" -- "s = tcp(); print(code(s.connect, ('127.0.0.1', $said)), s.recv(9), code(s.connect, ('127.0.0.1', $said)))"
does "another port, another address" "EACCES EACCES EACCES" "${to_said[@]}" -- "print(code(tcp().connect, ('127.0.0.1', $beside)), code(tcp().connect, ('127.0.0.2', $said)), code(tcp().connect, ('0.0.0.0', $said)))"
same "and nobody was there" "|" "$(seen beside)|$(seen elsewhere)"
does "a range of ports" "ok" --connect "tcp:127.0.0.1:$((said - 1))-$((said + 1))" -- "print(code(tcp().connect, ('127.0.0.1', $said)))"
does "a bare port is every address's" "ok EACCES" "${to_said[@]}" --connect "tcp:$said" -- "print(code(tcp().connect, ('127.0.0.2', $said)), code(tcp().connect, ('127.0.0.2', $beside)))"
does "nobody listens" "ECONNREFUSED" --connect "tcp:127.0.0.1:$served" -- "print(code(tcp().connect, ('127.0.0.1', $served)))"
does "the same socket again, after it was refused" "ECONNREFUSED ok" "${to_said[@]}" --connect "tcp:127.0.0.1:$served" -- "s = tcp(); print(code(s.connect, ('127.0.0.1', $served)), code(s.connect, ('127.0.0.1', $said)))"
does "without waiting" "EINPROGRESS 0 b'said\\n' EACCES" "${to_said[@]}" -- "
s = tcp(); s.setblocking(False); a = code(s.connect, ('127.0.0.1', $said)); select.select([], [s], [], 5)
t = tcp(); t.setblocking(False)
print(a, s.getsockopt(SOL_SOCKET, SO_ERROR), (select.select([s], [], [], 5), s.recv(9))[1], code(t.connect, ('127.0.0.1', $beside)))"
does "it still waits afterwards" "True" "${to_said[@]}" -- "s = tcp(); s.connect(('127.0.0.1', $said)); print(s.getblocking())"
does "it says who it is, and how it likes it" "127.0.0.1 1" "${to_said[@]}" -- "s = tcp(); s.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1); s.connect(('127.0.0.1', $said)); print(s.getsockname()[0], s.getsockopt(IPPROTO_TCP, TCP_NODELAY))"
does "disconnected and connected anew" "ok EACCES" "${to_said[@]}" -- "
import ctypes; c = ctypes.CDLL(None); s = udp(); print(['ok', 'no'][c.connect(s.fileno(), bytes(16), 16)], code(s.connect, ('127.0.0.1', $echoed)))"
does "threads at once" "40" "${to_said[@]}" -- "
n = []
def go():
    s = tcp(); s.connect(('127.0.0.1', $said)); n.append(s.recv(9) == b'said\n')
t = [threading.Thread(target=go) for _ in range(40)]; [x.start() for x in t]; [x.join() for x in t]; print(sum(n))"
does "children, and what they execute" "b'said\\n'" "${to_said[@]}" --promise proc -- "
if os.fork() == 0: os.execv(sys.executable, [sys.executable, '-I', '-c', 'from socket import *; s = socket(); s.connect((\"127.0.0.1\", $said)); print(s.recv(9))'])
os.wait()"
does "a bad address is what it was" "EINVAL EBADF ENOTSOCK" "${to_said[@]}" -- "
import ctypes; c = ctypes.CDLL(None, use_errno=True)
def e(*a): c.connect(*a); return errno.errorcode[ctypes.get_errno()]
s = tcp(); print(e(s.fileno(), bytes([2, 0, 0, 0]), 4), e(99, bytes([2]) + bytes(15), 16), e(os.pipe()[0], bytes([2]) + bytes(15), 16))"
# One that takes no connections any more: the queue is full, so that connecting has to wait.

$python -I - "$T" <<-'END' &
	import socket, sys, time
	q = socket.socket(); q.bind(("127.0.0.1", 0)); q.listen(0); keep = []
	for _ in range(4):
	    s = socket.socket(); s.setblocking(False); s.connect_ex(q.getsockname()); keep.append(s)
	open(sys.argv[1] + "/full", "w").write(str(q.getsockname()[1]))
	time.sleep(60)
END
until_true has_words "$T/full"
full=$(<"$T/full")
does "one that does not answer holds up nobody else" "b'said\\n' True" "${to_said[@]}" --connect "tcp:127.0.0.1:$full" -- "
t = threading.Thread(target=lambda: code(tcp().connect, ('127.0.0.1', $full)), daemon=True); t.start(); time.sleep(0.2)
s = tcp(); s.connect(('127.0.0.1', $said)); print(s.recv(9), t.is_alive(), flush=True); os._exit(0)"
does "SO_SNDTIMEO ends it" "EINPROGRESS True" --connect "tcp:127.0.0.1:$full" -- "
s = tcp(); s.setsockopt(SOL_SOCKET, SO_SNDTIMEO, struct.pack('ll', 0, 300000)); t = time.monotonic(); print(code(s.connect, ('127.0.0.1', $full)), 0.2 < time.monotonic() - t < 2)"
does "an alarm ends it" "alarm True" --connect "tcp:127.0.0.1:$full" -- "
class Alarm(Exception): pass
def ring(*_): raise Alarm
signal.signal(signal.SIGALRM, ring); signal.setitimer(signal.ITIMER_REAL, 0.3); t = time.monotonic()
try: tcp().connect(('127.0.0.1', $full)); print('connected')
except Alarm: print('alarm', time.monotonic() - t < 2)"
does "more than can be waited for" "True True" --connect "tcp:127.0.0.1:$full" -- "
r = []
t = [threading.Thread(target=lambda: r.append(code(tcp().connect, ('127.0.0.1', $full))), daemon=True) for _ in range(70)]
[x.start() for x in t]; time.sleep(1); print(len(r) >= 6, set(r) <= {'EAGAIN', 'ETIMEDOUT'}, flush=True); os._exit(0)"

# Sending ------------------------------------------------------------------------------------------------------------------
to_echoed=(--connect "udp:127.0.0.1:$echoed")
does "UDP" "b'echoed a' b'echoed bc' b'echoed d'" "${to_echoed[@]}" -- "
at = ('127.0.0.1', $echoed); s = udp(); s.sendto(b'a', at); a = s.recv(99); s.sendmsg([b'b', b'c'], [], 0, at); b = s.recv(99)
c = udp(); c.connect(at); c.sendmsg([b'd']); print(a, b, c.recv(99))"
does "UDP: elsewhere" "EACCES EACCES EACCES" "${to_echoed[@]}" -- "
at = ('127.0.0.1', $beside); print(code(udp().sendto, b'a', at), code(udp().sendmsg, [b'a'], [], 0, at), code(udp().connect, at))"
does "UDP: of no family, which some kernels take for IPv4" "EAFNOSUPPORT" "${to_echoed[@]}" -- "
import ctypes; c = ctypes.CDLL(None, use_errno=True)
s = udp(); c.sendto(s.fileno(), b'a', 1, 0, struct.pack('=H', 0) + struct.pack('>H', $echoed) + inet_aton('127.0.0.1') + bytes(8), 16); print(errno.errorcode[ctypes.get_errno()])"
does "UDP: larger than any" "EMSGSIZE" "${to_echoed[@]}" -- "print(code(udp().sendto, bytes(70000), ('127.0.0.1', $echoed)))"
does "a stream by sendmsg, larger than its buffer" "3000000" "${to_said[@]}" -- "
a, b = socketpair(); n = 0
def take():
    global n
    while d := b.recv(65536): n += len(d)
t = threading.Thread(target=take); t.start(); data = memoryview(bytes(3000000))
while data: data = data[a.sendmsg([data[:1000], data[1000:]]):]
a.close(); t.join(); print(n)"
does "a descriptor by sendmsg" "hello" "${to_said[@]}" -- "
a, b = socketpair(); r, w = os.pipe(); send_fds(a, [b'x'], [w]); os.close(w); fds = recv_fds(b, 9, 4)[1]; os.write(fds[0], b'hello'); print(os.read(r, 9).decode(), end='')"
does "nobody else's ids" "EPERM" "${to_said[@]}" -- "a, b = socketpair(); print(code(a.sendmsg, [b'x'], [(SOL_SOCKET, SCM_CREDENTIALS, struct.pack('iii', os.getpid(), os.getuid(), os.getgid()))]))"
does "who reads no more: a signal, or EPIPE" "signal EPIPE" "${to_said[@]}" -- "
a, b = socketpair(); b.close(); got = []; signal.signal(signal.SIGPIPE, lambda *_: got.append(1)); code(a.sendmsg, [b'x']); first = got[:]
print('signal' if first else 'none', code(a.sendmsg, [b'x'], [], MSG_NOSIGNAL) if len(got) == 1 else got)"
does "TCP Fast Open" "EPERM" "${to_said[@]}" -- "print(code(tcp().sendto, b'x', 0x20000000, ('127.0.0.1', $said)))"

# Unix sockets -------------------------------------------------------------------------------------------------------------
to_service=(--connect "unix:$W/run/service")
ln -s service "$W/run/link"
ln -s "$W/run" "$W/linked"
echo file >"$W/run/file"
does "unix" "b'service\\n'" "${to_service[@]}" -- "s = socket(AF_UNIX); s.connect('$W/run/service'); print(s.recv(9))"
does "unix: from where it is" "b'service\\n'" "${to_service[@]}" -- "os.chdir('$W/run'); s = socket(AF_UNIX); s.connect('../run/./service'); print(s.recv(9))"
does "unix: through another folder's name" "b'service\\n'" "${to_service[@]}" -- "s = socket(AF_UNIX); s.connect('$W/linked/service'); print(s.recv(9))"
does "unix: another, of the same name" "EACCES EACCES EACCES" "${to_service[@]}" -- "
print(code(socket(AF_UNIX).connect, '$W/other/service'), code(socket(AF_UNIX).connect, '$W/run/echo'), code(socket(AF_UNIX).connect, '$W/run/link'))"
does "unix: a link in its place" "EACCES" --connect "unix:$W/run/link" -- "print(code(socket(AF_UNIX).connect, '$W/run/link'))"
does "unix: no socket in its place, and nothing" "ECONNREFUSED ENOENT" --connect "unix:$W/run/file" --connect "unix:$W/run/none" -- "print(code(socket(AF_UNIX).connect, '$W/run/file'), code(socket(AF_UNIX).connect, '$W/run/none'))"
does "unix: no abstract one" "EACCES" "${to_service[@]}" -- "print(code(socket(AF_UNIX).connect, '\0endow-test'))"
does "unix: none of its own by path" "EACCES" "${to_service[@]}" --listen "tcp:127.0.0.1:$served" --create "$W/run" -- "print(code(socket(AF_UNIX).bind, '$W/run/mine'))"
does "unix: a descriptor" "b'echo\\n' b'x'" --connect "unix:$W/run/echo" -- "s = socket(AF_UNIX); s.connect('$W/run/echo'); a = s.recv(9); send_fds(s, [b'x'], [0]); print(a, s.recv(9))"
does "unix: in a root of its own" "b'service\\n'" --isolate files "${to_service[@]}" -- "s = socket(AF_UNIX); s.connect('$W/run/service'); print(s.recv(9))"
same "unix: nobody else was come to" "" "$(seen otherservice)"
same "unix: it sees whose the program is" "$(id -u) $(id -g)" "$(seen service | sort -u)"
if [ "$am_root" ]; then
	: >"$T/seen/service.log"
	does "unix: another user's program" "b'service\\n'" --user $OTHER --group $OTHER "${to_service[@]}" -- "s = socket(AF_UNIX); s.connect('$W/run/service'); print(s.recv(9))"
	same "unix: seen as that user's, not as root's" "$OTHER $OTHER" "$(seen service)"
	: >"$T/seen/service.log"
	printf 'use python\nread %s\ngrant connect unix %s as service\n' "$root/contrib/python" "$W/run/service" >"$W/handle.policy"
	gives "unix: by the broker's handle, likewise" 0 "b'service\\n'" "$E" -p "$W/handle.policy" --user $OTHER --group $OTHER \
		$python -I -c "import sys; sys.path.insert(0, '$root/contrib/python'); import endow_broker as e; b = e.connect(); print(b.connect(b.find('service')).recv(9))"
	same "unix: and so it is seen" "$OTHER $OTHER" "$(seen service)"
fi

# Nobody takes what comes here, and there is no room: who connects would wait. The supervisor must not, whatever the program does.
$python -I -c "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('$W/run/full'); s.listen(0); c = socket.socket(socket.AF_UNIX); c.connect('$W/run/full'); open('$T/full', 'w').write('up\n'); time.sleep(60)" &
full=$!
until_true has_words "$T/full"
does "unix: whoever makes his socket wait again meanwhile" "done" --connect "unix:$W/run/full" -- "
fd = -1
def wait():
    while True:
        try: os.set_blocking(fd, True)
        except OSError: pass
for i in range(2): threading.Thread(target=wait, daemon=True).start()
# Where it was so before the supervisor looked, the program waits, and is woken.
signal.signal(signal.SIGALRM, lambda *_: None); signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05); end = time.monotonic() + 3
while time.monotonic() < end:
    try:
        s = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK); fd = s.fileno(); s.connect('$W/run/full')
    except OSError: pass
print('done', flush=True); os._exit(0)"
does "a patience of many days, and an alarm" "alarm" "${to_said[@]}" -- "
def rings(*_): raise InterruptedError
signal.signal(signal.SIGALRM, rings); a, b = socketpair(); a.setsockopt(SOL_SOCKET, SO_SNDTIMEO, struct.pack('ll', 3000000, 0)); signal.setitimer(signal.ITIMER_REAL, 3)
try:
    while True: a.sendmsg([bytes(65536)])
except InterruptedError: print('alarm')"
kill $full
wait $full 2>/dev/null

# By whose authority -------------------------------------------------------------------------------------------------------
# RTM_DELADDR, of none that there is: the program could not, whoever the supervisor is. RTM_GETLINK anybody can.
netlink='n = socket(AF_NETLINK, SOCK_RAW, 0)
gone = struct.pack("=IHHIIBBBBIHH4s", 32, 21, 5, 1, 0, 2, 32, 0, 0, 1, 8, 2, bytes([127, 0, 0, 99]))
def asked(m):
    n.sendto(m, (0, 0)); return struct.unpack("=iHHIIi", n.recv(65536)[:20])
'
does "netlink: an address of the machine's" "-1 EPERM EPERM" "${to_said[@]}" --promise netlink -- "${netlink}print(asked(gone)[-1], code(n.sendto, gone, (1, 0)), code(n.connect, (0, 1)))"
does "netlink: what there is" "16" "${to_said[@]}" --promise netlink -- "${netlink}print(asked(struct.pack('=IHHIIBBHiII', 32, 18, 1, 1, 0, 0, 0, 0, 1, 0, 0))[1])"
if [ "$am_root" ]; then
	chown $OTHER "$W/other" "$W/other/service"
	chmod 700 "$W/other" "$W/other/service"
	printf 'use python\nconnect unix any\nlisten tcp any\nconnect tcp 127.0.0.1:%s\n' "$said" >"$W/any.policy"
	does "any of them: those that the program itself can have" "EACCES EACCES ok" -p "$W/any.policy" -- "
print(code(socket(AF_UNIX).connect, '$W/other/service'), code(tcp().bind, ('127.0.0.7', 81)), code(tcp().bind, ('127.0.0.7', $served)))"
fi

# Listening ----------------------------------------------------------------------------------------------------------------
listens=(--listen "tcp:127.0.0.1:$served")
serve="s = tcp(); s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); s.bind(('127.0.0.1', $served)); s.listen(); print('up', flush=True); c = s.accept()[0]; c.sendall(b'inside'); c.close()"
"$E" "${listens[@]}" $python -I -c "$prelude$serve" >"$T/up" 2>&1 &
until_true has_words "$T/up"
same "listen" "inside" "$(py -c "import socket; s = socket.socket(); s.connect(('127.0.0.1', $served)); print(s.recv(9).decode())")"
wait $!
does "listen: elsewhere" "EACCES EACCES EACCES EACCES" "${listens[@]}" -- "
print(code(tcp().bind, ('127.0.0.1', $second)), code(tcp().bind, ('0.0.0.0', $served)), code(tcp().bind, ('127.0.0.2', $served)), code(tcp().bind, ('127.0.0.1', 0)))"
does "listen: on whatever is free" "EACCES" "${listens[@]}" -- "print(code(tcp().listen))"
does "listen: a name" "ok ok" --listen "tcp:localhost:$served" -- "s = tcp(); s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1); print(code(s.bind, ('127.0.0.1', $served)), code(s.listen))"
does "listen: nothing but that" "EACCES ok" "${listens[@]}" -- "print(code(tcp().connect, ('127.0.0.1', $said)), code(udp().bind, ('0.0.0.0', 0)))"
does "UDP: no port of its choice" "EACCES ok" "${to_echoed[@]}" -- "print(code(udp().bind, ('0.0.0.0', $second)), code(udp().bind, ('0.0.0.0', 0)))"
if [ "$am_root" ]; then
	does "listen: a low port is had for who may not" "ok ok" --user $OTHER --group $OTHER --listen "tcp:127.0.0.7:81" -- "s = tcp(); print(code(s.bind, ('127.0.0.7', 81)), code(s.listen))"
fi

# Servers that people run
if command -v redis-server >/dev/null && command -v redis-cli >/dev/null; then
	mkdir "$W/redis"
	"$E" "${listens[@]}" --create "$W/redis" redis-server --dir "$W/redis" --bind 127.0.0.1 --port "$served" >"$T/redis.log" 2>&1 &
	pings() { redis-cli -p "$served" ping 2>/dev/null | grep -q PONG; }
	holds "redis-server on a granted address" until_true pings
	gives "redis-cli to it" 0 PONG "$E" --connect "tcp:127.0.0.1:$served" redis-cli -p "$served" ping
	redis-cli -p "$served" shutdown nosave 2>/dev/null
	wait $!
	run "$E" "${listens[@]}" --create "$W/redis" redis-server --dir "$W/redis" --bind 127.0.0.2 --port "$served"
	same "redis-server on another" 1 "$STATUS"
else
	skip redis-server 'it is not installed'
fi
if command -v nginx >/dev/null; then
	mkdir "$W/nginx" "$W/nginx/html"
	echo page >"$W/nginx/html/index.html"
	cat >"$W/nginx/conf" <<-END
		daemon off; pid $W/nginx/pid; error_log stderr; worker_processes 2;
		events { }
		http { access_log off; client_body_temp_path $W/nginx/a; proxy_temp_path $W/nginx/b; fastcgi_temp_path $W/nginx/c;
		uwsgi_temp_path $W/nginx/d; scgi_temp_path $W/nginx/e; root $W/nginx/html; server { listen 127.0.0.1:$served; } }
	END
	nginx=(--create "$W/nginx" nginx -p "$W/nginx/" -c "$W/nginx/conf" -e stderr)
	[ ! "$am_root" ] || chown -R $OTHER:$OTHER "$W/nginx"
	who=()
	[ ! "$am_root" ] || who=(--user "$OTHER" --group "$OTHER")
	"$E" "${who[@]}" "${listens[@]}" "${nginx[@]}" >"$T/nginx.log" 2>&1 &
	page() { [ "$(curl -s "http://127.0.0.1:$served/")" = page ]; }
	holds "nginx on a granted address" until_true page
	kill $!
	wait $!
	run "$E" "${who[@]}" --listen "tcp:127.0.0.1:$second" "${nginx[@]}"
	like "nginx on another" '1|*Permission denied*' "$STATUS|$ERR"
else
	skip nginx 'it is not installed'
fi

# What is told -------------------------------------------------------------------------------------------------------------
run "$E" --log "$T/log" --why "${to_said[@]}" $python -I -c "${prelude}code(tcp().connect, ('127.0.0.1', $said)); code(tcp().connect, ('127.0.0.2', $beside))"
like "the log: a use" "*\"event\":\"use\",\"path\":\"tcp 127.0.0.1:$said\",\"line\":\"command line:*\"code\":0}*" "$(<"$T/log")"
like "the log: a refusal" "*\"event\":\"refuse\",\"path\":\"tcp 127.0.0.2:$beside\",\"code\":-13*" "$(<"$T/log")"
like "why: what would allow it" "*connect tcp 127.0.0.2:$beside*" "$ERR"
run "$E" -n "${to_said[@]}" --listen tcp:localhost:80 --connect "unix:$W/run/service" /bin/true
like "a dry run names them" "*tcp 127.0.0.1:$said*broker*tcp localhost:80*broker*unix $W/run/service*broker*" "$OUT"
finish

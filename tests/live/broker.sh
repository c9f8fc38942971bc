#!/bin/bash
# The broker, seen by two clients that share no code: each goes through the same checks, and has to come to the same, line by line.
# Then what is around it: programs that follow one another on one connection, clients of clients, and the limits.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
modules=$root/contrib/python
built=${given_PROBE%/*}
read -r port closed < <(py -c 'import socket
s, t = socket.socket(), socket.socket()
s.bind(("127.0.0.1", 0)); t.bind(("127.0.0.1", 0))
print(s.getsockname()[1], t.getsockname()[1])')

# What the policies name, anew for each client.
make_things() {
	chmod -R u+rwx "$W/things" 2>/dev/null
	rm -rf "$W/things"
	mkdir -p "$W/things/tree/folder"
	cd "$W/things" || exit 1
	echo file >file
	echo inner >tree/inner
	echo deep >tree/folder/deep
	: >log
	ln -s inner tree/link
	ln -s ../file tree/out
	ln -s .. tree/up
	ln -s /etc/passwd tree/absolute
	ln -s nowhere tree/dangling
	mkfifo tree/fifo
	cd "$W" || exit 1
}

# A service that greets, and a socket in the tree that is not to be opened.
serve_things() {
	$python -I - "$W/things" >/dev/null <<-'END' &
		import socket, sys
		s, t = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
		t.bind(sys.argv[1] + "/tree/socket"); s.bind(sys.argv[1] + "/service"); s.listen()
		while True:
		    c = s.accept()[0]; c.send(b"service"); c.close()
	END
	service=$!
	until_true test -S "$W/things/service"
}

end_server() { # PID
	kill "$1"
	wait "$1"
} 2>/dev/null

cat >"$W/things.policy" <<END
use     libc
grant   read pass  $W/things/file  as file
grant   read write create pass  $W/things/tree  as tree
grant   read  $W/things/tree  as reader
grant   append  $W/things/log  as log
grant   read  $W/things/tree  as twice  times 2
grant   read  $W/things/file  as brief  until 5s
grant   read  $W/things/tree  as kept  revocable
grant   pass connect tcp 127.0.0.1:$port  as knock
grant   listen tcp 127.0.0.1:$port  as door
grant   connect tcp 127.0.0.1:$closed  as nobody
grant   connect unix $W/things/service  as service
END
{
	cat "$W/things.policy"
	printf 'use python\nread %s %s\n' "$modules" "$root/tests/broker"
} >"$W/python.policy"
{
	cat "$W/things.policy"
	printf 'read exec %s\n' "$built/libendow.so.0"
} >"$W/shared.policy"

# conforms NAME POLICY COMMAND...
conforms() {
	local name=$1 policy=$2 i
	local -a want got
	shift 2
	make_things
	serve_things
	LIMIT=60 run "$E" -p "$W/$policy.policy" "$@"
	end_server "$service"
	same "$name: it ended well" "0|" "$STATUS|$ERR"
	mapfile -t want <"$root/tests/broker/expected"
	mapfile -t got <<<"$OUT"
	same "$name: so many lines" "${#want[@]}" "${#got[@]}"
	for ((i = 0; i < ${#want[@]}; i++)); do
		same "$name: line $((i + 1)), ${want[i]%%:*}" "${want[i]}" "${got[i]-}"
	done
	same "$name: what was appended" "line" "$(cat "$W/things/log")"
	same "$name: nothing is left beside the tree" "file log service tree" "$(cd "$W/things" && echo *)"
	same "$name: nothing is left in it" "absolute dangling fifo folder inner link out socket up" "$(cd "$W/things/tree" && echo *)"
}
conforms "libendow.a" things "$built/conformance"
conforms "libendow.so" shared "$built/conformance-so"
conforms "Python" python "$python" "$root/tests/broker/conformance.py" "$modules"

# The command, and one program after the other ----------------------------------------------------------------------------

make_things
serve_things
cat >"$W/sockets.py" <<'END'
import os, stat
def is_socket(fd):
    try: return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError: return False
print([fd for fd in range(3, 256) if is_socket(fd)] == [int(os.environ["ENDOW_FD"])])
END
cat >"$W/shell.policy" <<END
use     shell python
promise proc
read exec  $python $(readlink -f $python)
read    $modules
env     set PYTHONPATH=$modules
grant   read pass  $W/things/file  as file
grant   read write create pass  $W/things/tree  as tree
grant   connect unix $W/things/service  as service
read    $W/sockets.py
END
# in_shell NAME STATUS OUT COMMANDS   where `b` is the client's command
in_shell() {
	gives "$1" "$2" "$3" "$E" -p "$W/shell.policy" /bin/sh -c "b() { $python -m endow_broker \"\$@\"; }; $4"
}
in_shell "a shell's commands, one after the other" 0 file$'\n'inner 'b open file && b open tree inner'
in_shell "what one derives, the next holds" 0 inner 'b derive tree less --rights read && b open less inner'
in_shell "what one drops, the next does not" 1 "" 'b drop file && b open file'
same "it is said" "endow_broker: file: nothing of this name is held" "$ERR"
in_shell "what one revokes, the next does not" 1 "" 'b derive file weak --rights read && b revoke file && b open weak'
in_shell "what is refused is said" 1 "" 'b open -m x tree inner </dev/null'
same "it is said" "endow_broker: inner is there already" "$ERR"
in_shell "what was not granted" 1 "" 'b request /etc/shadow'
in_shell "written" 0 "hello" 'echo hello | b open -m w tree new && b rename tree new newer && b open tree newer && b unlink tree newer'
in_shell "a folder" 0 deep 'b open -d tree folder'
in_shell "a service" 0 service 'b connect service </dev/null'
in_shell "a client of one's own" 0 $'file\tfile\tread,pass\tline 6' "b run --give file -- $python -m endow_broker list"
in_shell "it holds nothing else" 1 "" "b run --give file -- $python -m endow_broker open tree inner"
in_shell "and it has no other connection" 0 True "b run --give file -- $python - <$W/sockets.py"
in_shell "it can't be given what may not be passed on" 1 "" "b run --give service -- $python -m endow_broker list"
in_shell "what it drops, the first still holds" 0 file "b run --give file -- $python -m endow_broker drop file; b open file"

printf 'use shell python\nenv set PYTHONPATH=%s\nread %s\n' "$modules" "$modules" >"$W/none.policy"
gives "without a grant line there is no broker" 1 "" "$E" -p "$W/none.policy" "$python" -m endow_broker list
like "it is said" "endow_broker: *no connection*" "$ERR"

# Giving up what is reached by name -------------------------------------------------------------------------------------

cat >"$W/enclose.policy" <<END
use     libc
promise proc
read write create  $W/things
connect tcp $port
grant   read write create  $W/things/tree  as tree
END
$python -I - "$port" "$T/listens" <<'END' >/dev/null &
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
open(sys.argv[2], "w").close()
while True: s.accept()[0].close()
END
server=$!
until_true test -e "$T/listens"
run "$E" -p "$W/enclose.policy" "$built/conformance" "$W/things/file" "$port"
same "enclosed" "nothing to give up: EINVAL
a path: ok
a port: ok
beneath a folder's descriptor: ok
a signal to a child: ok
no files: ok
a path: EACCES
a port: ok
beneath a folder's descriptor: EACCES
removed: EACCES
no files, no TCP, no others: ok
a port: EACCES
a signal to a child that is not enclosed: EPERM
by the broker: inner" "$OUT"
end_server "$server"

# Limits ------------------------------------------------------------------------------------------------------------------

cat >"$W/limits.py" <<'END'
import os
import endow_broker as eb

def until_refused(most, make):
    made = []
    while len(made) < most:
        try: made.append(make())
        except eb.Refused as error: return made, error.errno
    return made, 0

b = eb.connect()
file = b.find("file")
clients, code = until_refused(100, lambda: eb.attach(b.client([file])))
print("clients", len(clients) + 1, code)
one = clients[0].find("file")
held, code = until_refused(1100, lambda: clients[0].derive(one, "x", eb.READ))
print("held", len(held) + 1, len(clients[0].list()), code)
clients[0].close()
tickets, code = until_refused(100, lambda: b.ticket(file))
print("tickets", len(tickets), code)
os.close(b.open(file))
print("then", len(b.list()), eb.attach(b.client()).list())
END
gives "clients, capabilities and tickets are bounded" 0 $'clients 64 24\nheld 1024 1024 24\ntickets 64 24\nthen 3 []' \
	"$E" -p "$W/shell.policy" "$python" "r:$W/limits.py"
end_server "$service"
finish

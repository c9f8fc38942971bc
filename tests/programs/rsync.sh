# shellcheck shell=bash
needs /usr/bin/rsync || return 0
# A server of one module, as inetd would start it, which ends with the other helpers.
printf '[m]\npath = %s\nuse chroot = no\nread only = yes\nlog file = /dev/null\n' "$F/tree" >"$T/rsyncd.conf"
[ "$(id -u)" -ne 0 ] || printf 'uid = 0\ngid = 0\n' >>"$T/rsyncd.conf"
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 8, LocalAddr => "127.0.0.1") or die;
	open(my $p, ">", "$ARGV[0]/port.new") or die; print $p $s->sockport, "\n"; close $p; rename "$ARGV[0]/port.new", "$ARGV[0]/port";
	$SIG{CHLD} = "IGNORE";
	while (my $c = $s->accept) { next if fork; open(STDIN, "<&", $c); open(STDOUT, ">&", $c); exec "/usr/bin/rsync", "--daemon", "--config=$ARGV[0]/rsyncd.conf" }' \
	"$T" </dev/null >/dev/null 2>&1 &
own+=($!)
disown
for ((i = 0; i < 250; i++)); do [ -s "$T/port" ] && break; sleep 0.02; done
read -r module <"$T/port" || return 0
rm -f "$T/port"
echo x >"$F/tree/früh"
printf '#!/bin/sh\necho RAN-$((1+1)) >&2\n' >"$F/run"
cp -a "$F/tree/sub" "$F/new/sub" && touch -d '2002-03-04 UTC' "$F/new/sub/b.txt" && echo old >"$F/new/sub/old"
works "copies a tree, with modes and times" : rsync -a r:tree/ c:new
works "tells what it does to files whose names are not English" --read tree : rsync -ai tree/ c:new
works "knows users by their names" : rsync -a --chown="$(id -un):$(id -gn)" r:tree/ c:new
works "copies a file" : rsync r:in.txt c:new
works "says what it would do" --read new : rsync -ani --delete r:tree/ new
works "makes a folder the same, and keeps what it replaces" : rsync -a --delete --backup --suffix=.old -c r:tree/ c:new
works "fetches from a server" --connect "tcp:$module" : rsync -a "rsync://127.0.0.1:$module/m/" c:new
works "lists a server's module" --connect "tcp:$module" : rsync -r "rsync://127.0.0.1:$module/m/"
bad "read a secret beside the input" secret --create new : rsync outside/secret.txt new/plain
bad "read a secret as a list of names" secret : rsync -a --files-from=secret.txt r:tree c:new
bad "write outside" outside : rsync r:in.txt outside/
bad "remove what is outside" outside --create new : rsync -r --delete r:tree/ outside/
bad "connect to another port" connect --connect "tcp:$module" : rsync "rsync://127.0.0.1:$OTHER_PORT/m/" c:new
bad "run a remote shell of the caller's choice" exec --read run : rsync -e ./run host: c:new
bad "signal another process" signal : rsync -e "sh -c 'kill -9 VICTIM'" host: c:new
bad "see an inherited descriptor" secret : rsync -L /dev/fd/9 c:new
bad "read a secret in the environment" secret : rsync --files-from=/proc/self/environ -0 r:tree c:new

# shellcheck shell=bash
needs /usr/bin/wget || return 0
# A server that says when its page was changed, and sends back what was posted.
perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 8, LocalAddr => "127.0.0.1") or die;
	open(my $p, ">", "$ARGV[0]/port.new") or die; print $p $s->sockport, "\n"; close $p; rename "$ARGV[0]/port.new", "$ARGV[0]/port";
	while (my $c = $s->accept) {
		my ($length, $body) = (0, "");
		while (<$c>) { $length = $1 if /^Content-Length: (\d+)/i; last if /^\r?$/ }
		read($c, $body, $length) if $length;
		print $c "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nLast-Modified: Sat, 03 Feb 2001 04:05:06 GMT\r\n\r\n<a href=b>b</a>$body\n";
		close $c;
	}' "$T" </dev/null >/dev/null 2>&1 &
own+=($!)
disown
for ((i = 0; i < 250; i++)); do [ -s "$T/port" ] && break; sleep 0.02; done
read -r served <"$T/port" || return 0
rm -f "$T/port"
printf '#!/bin/sh\necho RAN-$((1+1)) >&2\n' >"$F/run"
url=http://127.0.0.1:$served
works "fetches to its output" --connect "tcp:$served" : wget -q -O - "$url/a"
works "fetches into a named file, and keeps the server's time" --connect "tcp:$served" : wget -q "$url/a" -O w:page
works "fetches into a folder" --connect "tcp:$served" : wget -q "$url/a" -P c:new
works "follows links" --connect "tcp:$served" : wget -q -r -np -e robots=off "$url/" -P c:new
works "posts a named file" --connect "tcp:$served" --read in.txt : wget -q -O - --post-file=in.txt "$url/a"
NORMAL='grep -v -e ^-- -e B/s -e 0K' works "says what it does" --connect "tcp:$served" : wget --progress=dot -S "$url/a" -O w:page
# By TLS, from a server whose certificate is named.
if [ -x /usr/bin/openssl ]; then
	openssl req -x509 -newkey ed25519 -noenc -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -days 9 -keyout "$T/key.pem" -out "$F/cert.pem" 2>/dev/null
	openssl s_server -accept 127.0.0.1:0 -cert "$F/cert.pem" -key "$T/key.pem" -www </dev/null >"$T/tls" 2>&1 &
	own+=($!)
	disown
	for ((i = 0; i < 250; i++)); do tls=$(sed -n 's/^ACCEPT 127.0.0.1://p' "$T/tls") && [ -n "$tls" ] && break; sleep 0.02; done
	# The page tells of this very connection.
	NORMAL='grep -i html' works "fetches by TLS" --connect "tcp:$tls" --read cert.pem : wget -q -O - --ca-certificate=cert.pem "https://127.0.0.1:$tls/"
fi
bad "connect to another port" connect --connect "tcp:$served" : wget -q --tries=1 "http://127.0.0.1:$OTHER_PORT/" -O w:page
bad "connect at all" connect : wget -q --tries=1 "http://127.0.0.1:$OTHER_PORT/" -O w:page
bad "post a secret" secret --connect "tcp:$served" : wget -q -O - --post-file=secret.txt "$url/a"
bad "read a secret as a list of addresses" secret --connect "tcp:$served" : wget -O - --tries=1 -i secret.txt
bad "write outside" outside --connect "tcp:$served" : wget -q "$url/a" -O outside/file
bad "keep a log outside" outside --connect "tcp:$served" : wget "$url/a" -a outside/file -O w:page
bad "run a program that knows a password" exec --connect "tcp:$served" --read run : wget -q --use-askpass=./run "$url/a" -O w:page
bad "see an inherited descriptor" secret --connect "tcp:$served" : wget -q -O - --post-file=/dev/fd/9 "$url/a"

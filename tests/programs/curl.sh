# shellcheck shell=bash
needs /usr/bin/curl || return 0
works "fetches" --connect "tcp:$PORT" : curl -sS "http://127.0.0.1:$PORT/"
works "fetches into a named file" --connect "tcp:$PORT" : curl -sS "http://127.0.0.1:$PORT/" -o w:page
# A bare root folder has no table of hosts.
grep -q localhost /etc/hosts 2>/dev/null && [ -e /etc/nsswitch.conf ] &&
	works "looks a name up in the table of hosts" --connect "tcp:$PORT" --read /etc/hosts --read /etc/nsswitch.conf : curl -sS -4 "http://localhost:$PORT/"
works "posts a named file" --connect "tcp:$PORT" --read in.txt : curl -sS --data-binary @in.txt "http://127.0.0.1:$PORT/"
works "reads a named file by its URL" --read in.txt : curl -sS "file://$W/in.txt"
bad "connect to another port" connect --connect "tcp:$PORT" : curl -sS "http://127.0.0.1:$OTHER_PORT/"
bad "connect at all" connect : curl -sS "http://127.0.0.1:$OTHER_PORT/"
bad "reach a Unix socket" unix --connect "tcp:$PORT" : curl -sS --unix-socket "$SOCKET" http://x/
bad "read a secret" secret --connect "tcp:$PORT" : curl -sS "file://$W/secret.txt"
bad "write outside" outside --connect "tcp:$PORT" : curl -sS "http://127.0.0.1:$PORT/" -o outside/new
bad "see an inherited descriptor" secret : curl -sS file:///dev/fd/9

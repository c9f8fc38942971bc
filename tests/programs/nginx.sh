# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh and the sourced file set and read
needs /usr/sbin/nginx /usr/bin/curl || return 0
# shellcheck source=tests/programs/daemons.bash
. "$here/daemons.bash"
program=nginx AS='nobody nogroup'
nginx_port=$(free_port)
mkdir -p "$F/site/html" "$F/site/logs" "$F/conf"
chmod 666 "$SOCKET"
echo 'a page' >"$F/site/html/page"
head -c 7500 /dev/zero | tr '\0' x >"$F/site/html/slow"
nginx_settings() { # TEXT ERROR-LOG
	cat <<CONF
daemon off;
pid site/logs/pid;
error_log $2;
events { worker_connections 64; }
http {
	access_log site/logs/access.log;
	client_body_temp_path site/logs/body;
	proxy_temp_path site/logs/proxy;
	fastcgi_temp_path site/logs/fastcgi;
	uwsgi_temp_path site/logs/uwsgi;
	scgi_temp_path site/logs/scgi;
	server {
		listen 127.0.0.1:$nginx_port;
		root site/html;
		location = /text { return 200 "$1\n"; }
		location = /worker { return 200 "\$pid\n"; }
		location = /slow { limit_rate 2500; }
		location = /granted { proxy_pass http://127.0.0.1:$PORT/; }
		location = /other { proxy_pass http://127.0.0.1:$OTHER_PORT/; }
		location = /unix { proxy_pass http://unix:$SOCKET:/; }
		location = /descriptor { alias /dev/fd/9; }
		location /outside/ { alias $W/outside/; dav_methods PUT; }
	}
}
CONF
}
nginx_settings first site/logs/error.log >"$F/conf/nginx.conf"
nginx_settings second site/logs/error.log >"$F/conf/second"
nginx_settings outside "$W/outside/log" >"$F/conf/outside"
[ "$(id -u)" -ne 0 ] || chown -R nobody:nogroup "$F/site" "$F/outside"

get() { curl -NsS -m 5 "http://127.0.0.1:$nginx_port/$1"; }
nginx_answers() { get page >/dev/null 2>&1; }
nginx_serves() {
	serve --create site/logs --read site/html --read conf --listen "tcp:$nginx_port" --connect "tcp:$PORT" : \
		nginx -p "$W/" -c conf/nginx.conf -e site/logs/error.log && wait_for nginx_answers
}
nginx_settles() { # FILE: as an editor does, a new file in the old one's place
	cp "$W/conf/$1" "$W/conf/new" && mv "$W/conf/new" "$W/conf/nginx.conf" && hit HUP
}
nginx_text() { [ "$(get text)" = "$1" ]; }
nginx_new() { [ "$(get worker)" != "$1" ]; } # WORKER: the old one may answer a little longer
nginx_log() { [ -s "$W/site/logs/$1" ]; }

nginx_works() {
	local worker
	nginx_serves && get page && get granted && get text && get none | grep -c 404 && worker=$(get worker) && [ "$worker" != "$PID" ] &&
		nginx_settles second && wait_for nginx_text second && wait_for nginx_new "$worker" && get page &&
		hit QUIT && ended && cd "$W/site" && find logs html | sort && sed -E 's/.*(\[)/\1/; s/[0-9]+#[0-9]+//' logs/error.log
}
alike "serves, and takes new settings on HUP" nginx_works
nginx_reopens() {
	nginx_serves && rm "$W/site/logs/access.log" && get page && ls "$W/site/logs" && hit USR1 && wait_for [ -e "$W/site/logs/access.log" ] &&
		get page && wait_for nginx_log access.log && wc -l <"$W/site/logs/access.log" && hit QUIT && ended
}
alike "reopens its logs on USR1" nginx_reopens
nginx_ends() { # SIGNAL: with a request under way; how much of it is answered
	local client size
	nginx_serves || return
	get slow >"$W/slow" 2>/dev/null &
	client=$!
	wait_for [ -s "$W/slow" ] && hit "$1" && ended
	wait "$client"
	size=$(stat -c %s "$W/slow")
	[ "$size" -lt 7500 ] && echo 'the answer is cut off' || echo 'the answer is whole'
}
alike "finishes its answers on QUIT" nginx_ends QUIT
alike "ends at once on TERM" nginx_ends TERM
alike "ends at once on INT" nginx_ends INT

nginx_put() { curl -sS -m 5 -T "$W/in.txt" "http://127.0.0.1:$nginx_port/outside/new"; }
nginx_attacked() {
	nginx_serves &&
		attack "serve a file outside" secret get outside/secret.txt &&
		attack "serve an inherited descriptor" secret get descriptor &&
		attack "store a file outside" outside nginx_put &&
		attack "pass a request to another port" connect get other &&
		attack "pass a request to a Unix socket" unix get unix &&
		attack "log outside" outside nginx_settles outside &&
		get page && hit QUIT && ended
}
attacks nginx_attacked
AS=

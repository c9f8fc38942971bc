# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh and the sourced file set and read
pg=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1)
needs "$pg/postgres" "$pg/initdb" "$pg/psql" || return 0
# shellcheck source=tests/programs/daemons.bash
. "$here/daemons.bash"
# The server refuses to run as root, so root's endow makes it another user.
program=postgres AS='nobody nogroup'
pg_port=$(free_port)
chmod 666 "$SOCKET" && ln -s "$SOCKET" "$T/listener/.s.PGSQL.5432"
pg_makes() { # DIR
	local as=()
	[ "$(id -u)" -ne 0 ] || as=(setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all)
	mkdir "$1" && { [ "$(id -u)" -ne 0 ] || chown nobody:nogroup "$1"; } &&
		(cd / && "${as[@]}" "$pg/initdb" -D "$1" -U me -A trust --no-sync --wal-segsize=1 >/dev/null 2>&1)
}
pg_makes "$F/data"
[ "$(id -u)" -ne 0 ] || chown -R nobody:nogroup "$F/outside"

sql() {
	local word words=()
	for word; do
		words+=(-c "$word")
	done
	timeout 10 "$pg/psql" -XAtq -h 127.0.0.1 -p "$pg_port" -U me "${words[@]}" postgres
}
pg_answers() { sql 'select 1' >/dev/null 2>&1; }
pg_serves() {
	serve --create data --listen "tcp:$pg_port" : "$pg/postgres" -D data -p "$pg_port" -k '' -c listen_addresses=127.0.0.1 -c fsync=off &&
		wait_for pg_answers
}
pg_is_asked() { [ "$(sql "select count(*) from pg_stat_activity where query like '%pg_sleep%' and state = 'active'")" = 2 ]; }
pg_ends() { # SIGNAL: with a query under way
	local client
	pg_serves && sql 'create table t(n int)' 'insert into t select generate_series(1, 1000)' || return
	sql 'select pg_sleep(2)' "select 'answered'" >"$T/answer" 2>&1 &
	client=$!
	wait_for pg_is_asked && hit "$1" && ended || return
	wait "$client"
	grep -oE 'answered|terminating connection because of|terminating connection due to' "$T/answer"
	grep -oE 'received .* request|database system is shut down' "$T/err"
	: >"$T/err"
	pg_serves && sql 'select count(*), sum(n) from t' && grep -oE 'database system was (not properly )?shut down' "$T/err"
	hit INT && ended
}
alike "ends smart on TERM" pg_ends TERM
alike "ends fast on INT" pg_ends INT
alike "ends at once on QUIT" pg_ends QUIT

pg_memory() { [ "$(sql 'show work_mem')" = "$1" ]; }
pg_works() {
	pg_serves && sql "create table t(n int, s text)" "insert into t select n, md5(n::text) from generate_series(1, 50000) n" \
		"create index on t(s)" "vacuum analyze t" "set max_parallel_workers_per_gather = 2" "set parallel_setup_cost = 0" \
		"set parallel_tuple_cost = 0" "set min_parallel_table_scan_size = 0" "select sum(n), max(s) from t where s > 'a'" \
		"select string_agg(s, ',' order by n) from t where n < 3" "select to_tsvector('english', 'two daemons')" \
		"select '2001-02-03 04:05'::timestamptz at time zone 'Asia/Tokyo'" &&
		echo 'work_mem = 7MB' >>"$W/data/postgresql.conf" && hit HUP && wait_for pg_memory 7MB && hit INT && ended
}
alike "answers, and takes new settings on HUP" pg_works

pg_attacked() {
	local take='create temp table x(line text)' show='select * from x'
	pg_serves &&
		attack "read a file outside" secret sql "$take" "copy x from '$W/secret.txt'" "$show" &&
		attack "read an inherited descriptor" secret sql "select pg_read_file('/proc/self/fd/9', 0, 100)" &&
		attack "write a file outside" outside sql "copy (select 1) to '$W/outside/new'" &&
		attack "export a large object outside" outside sql "select lo_from_bytea(77, 'x')" "select lo_export(77, '$W/outside/new')" &&
		attack "run a program" exec sql "$take" "copy x from program '$W/run'" "$show" &&
		attack "signal another process" signal sql "$take" "copy x from program 'kill -9 VICTIM'" &&
		{
			[ ! -e "$pg/../lib/dblink.so" ] || {
				sql 'create extension dblink' &&
					attack "connect" connect sql "select dblink_connect('host=127.0.0.1 port=$OTHER_PORT connect_timeout=2')" &&
					attack "reach a Unix socket" unix sql "select dblink_connect('host=$T/listener port=5432 connect_timeout=2')"
			}
		} && sql 'select 1' && hit INT && ended
}
attacks pg_attacked

AS=

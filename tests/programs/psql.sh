# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh and the sourced file set and read
pg=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1)
needs /usr/bin/psql "$pg/postgres" "$pg/initdb" "$pg/psql" || return 0
# shellcheck source=tests/programs/daemons.bash
. "$here/daemons.bash"
# A server, bare, as another user where root runs this, over data that lie beside what each run begins with.
AS='nobody nogroup' HOW=bare
pg_port=$(free_port)
mkdir "$T/cluster" && chmod 700 "$T/cluster"
[ "$(id -u)" -ne 0 ] || chown nobody:nogroup "$T/cluster"
fresh
serve : "$pg/initdb" -D "$T/cluster" -U me -A trust --no-sync >/dev/null && ended >/dev/null
serve : "$pg/postgres" -D "$T/cluster" -p "$pg_port" -k '' -c listen_addresses=127.0.0.1 -c fsync=off
at=(-XAtq -h 127.0.0.1 -p "$pg_port" -U me postgres)
server_answers() { "$pg/psql" "${at[@]}" -c 'select 1' >/dev/null 2>&1; }
wait_for server_answers
cp "$F/secret.txt" "$F/secret.sql"

works "asks" --connect "tcp:$pg_port" : psql "${at[@]}" -c 'select 6 * 7' -c '\l postgres'
works "asks, by the version's own name" --connect "tcp:$pg_port" : "$pg/psql" "${at[@]}" -c 'select 6 * 7'
works "runs a script, and copies from and to named files" --connect "tcp:$pg_port" --read in.txt --create new : psql "${at[@]}" \
	-c 'create temp table t(a text)' -c '\copy t from in.txt' -c '\copy t to new/out.txt' -o new/asked -c 'select * from t order by a'
bad "connect to another port" connect --connect "tcp:$pg_port" : psql -X -h 127.0.0.1 -p "$OTHER_PORT" -U me postgres -c 'select 1'
bad "run a program" exec --connect "tcp:$pg_port" : psql "${at[@]}" -c '\! ./run'
bad "copy a secret" secret --connect "tcp:$pg_port" : psql "${at[@]}" -c 'create temp table t(a text)' \
	-c '\copy t from secret.txt' -c 'table t'
bad "take a secret for a script" secret --connect "tcp:$pg_port" : psql "${at[@]}" -f secret.sql
bad "write outside" outside --connect "tcp:$pg_port" : psql "${at[@]}" -c 'select 1' -o outside/new
bad "read a secret in the environment" secret --connect "tcp:$pg_port" : psql "${at[@]}" -c '\getenv key SECRET_KEY' -c '\echo :key'
bad "see an inherited descriptor" secret --connect "tcp:$pg_port" : psql "${at[@]}" -f /dev/fd/9
kill -INT "$PID" && ended >/dev/null
AS=

# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh and the sourced file set and read
needs /usr/bin/redis-server /usr/bin/redis-cli || return 0
# shellcheck source=tests/programs/daemons.bash
. "$here/daemons.bash"
program=redis-server
redis_port=$(free_port)
mkdir "$F/data"
printf 'bind 127.0.0.1\nsave 3600 1\nenable-debug-command yes\nenable-protected-configs yes\nenable-module-command yes\n' >"$F/redis.conf"

redis() { timeout 10 redis-cli -p "$redis_port" "$@"; }
redis_answers() { [ "$(redis ping 2>/dev/null)" = PONG ]; }
redis_serves() {
	serve --read redis.conf --create data --listen "tcp:$redis_port" : redis-server redis.conf --port "$redis_port" --dir data "$@" &&
		wait_for redis_answers
}
redis_restarts() { # what was stored is there again
	redis_serves && redis get key && redis shutdown nosave && ended
}

redis_saves_on() { # SIGNAL
	redis_serves && redis set key "kept $1" && hit "$1" && ended && grep -c "Received SIG$1" "$T/out" && ls data && redis_restarts
}
for signal in TERM INT; do
	alike "saves on $signal and loads it again" redis_saves_on "$signal"
done
redis_heeds() { # SIGNAL: what it handles not at all
	redis_serves && hit "$1" && ended && ls data
}
for signal in QUIT USR1; do
	alike "dies of $signal" redis_heeds "$signal"
done
redis_ignores_hup() {
	redis_serves && hit HUP && sleep 0.2 && redis ping && redis shutdown nosave && ended
}
alike "ignores HUP" redis_ignores_hup
redis_works() {
	redis_serves --appendonly yes && redis set key word && redis eval 'return redis.call("get", KEYS[1])' 1 key &&
		redis bgsave && wait_for says 'Background saving terminated with success' &&
		redis bgrewriteaof && wait_for says 'Background AOF rewrite finished successfully' &&
		redis shutdown && ended && find data | sort | sed 's/\.[0-9]*\././' && redis_restarts
}
alike "saves in the background and keeps a log" redis_works

# A dump with the token in it, outside; and a module that acts as it is loaded.
(
	cd "$F/outside" || exit
	redis-server --port 0 --unixsocket "$T/listener/redis" --dir . --dbfilename secret.rdb --save '' >/dev/null &
	stored() { redis-cli -s "$T/listener/redis" "$@" >/dev/null 2>&1; }
	wait_for stored set key "$TOKEN" && stored save
	stored shutdown nosave
	wait
)
gcc -xc -shared -fPIC -o "$F/data/act.so" - 2>/dev/null <<'C'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
static void __attribute__((constructor)) act(void)
{
	int pid = 0;
	FILE *f = fopen("victim", "r");
	if (f && fscanf(f, "%d", &pid) == 1 && pid > 1)
		kill(pid, SIGKILL);
	else
		system("../run");
}
C
redis_load_act() { # [PID]
	printf '%s' "${1-}" >"$W/data/victim" && redis module load "$W/data/act.so"
}
redis_dump_to() { # DIR
	redis config set dir "$W/$1" && redis save
}
redis_load_from() { # DIR FILE
	redis config set dir "$W/$1" dbfilename "$2" && redis debug reload nosave
	redis get key
}
redis_attacked() {
	redis_serves && redis set key word &&
		attack "load another's dump" secret redis_load_from outside secret.rdb &&
		attack "dump outside" outside redis_dump_to outside &&
		attack "follow another server" connect redis replicaof 127.0.0.1 "$OTHER_PORT" &&
		redis replicaof no one && redis config set dir "$W/data" &&
		if [ -e "$F/data/act.so" ]; then
			attack "run a program by a module" exec redis_load_act
			attack "signal another process by a module" signal redis_load_act VICTIM
		fi && redis ping && redis shutdown nosave && ended
}
attacks redis_attacked
bad "read a secret as its settings" secret : redis-server secret.txt

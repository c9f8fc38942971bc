# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh and the sourced file set and read
needs /usr/bin/redis-cli /usr/bin/redis-server || return 0
# shellcheck source=tests/programs/daemons.bash
. "$here/daemons.bash"
redis_port=$(free_port) HOW=bare
fresh
serve : redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --repl-diskless-sync-delay 0
server_answers() { redis-cli -p "$redis_port" ping >/dev/null 2>&1; }
wait_for server_answers
redis-cli -p "$redis_port" set kept "$TOKEN" >/dev/null
printf 'return "%s"\n' "$TOKEN" >"$F/secret.lua"
printf 'return KEYS[1] .. #ARGV\n' >"$F/script.lua"

works "sets and gets" --connect "tcp:$redis_port" : redis-cli -p "$redis_port" --raw eval \
	'redis.call("set", KEYS[1], ARGV[1]); return redis.call("get", KEYS[1])' 1 key word
works "reports an error" --connect "tcp:$redis_port" : redis-cli -p "$redis_port" incr kept
works "runs a named script" --connect "tcp:$redis_port" : redis-cli -p "$redis_port" --eval r:script.lua one , two
INPUT=$F/in.txt works "sends its input" --connect "tcp:$redis_port" : redis-cli -p "$redis_port" -x set text
bad "connect to another port" connect --connect "tcp:$redis_port" : redis-cli -p "$OTHER_PORT" ping
bad "reach a Unix socket" unix --connect "tcp:$redis_port" : redis-cli -s "$SOCKET" ping
bad "take a secret for a script" secret --connect "tcp:$redis_port" : redis-cli -p "$redis_port" --eval secret.lua
bad "write a dump outside" outside --connect "tcp:$redis_port" : redis-cli -p "$redis_port" --rdb outside/new
kill -TERM "$PID" && ended >/dev/null

# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh and the sourced file set and read
pg=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1)
needs "$pg/postgres" "$pg/initdb" || return 0
# shellcheck source=tests/programs/daemons.bash
. "$here/daemons.bash"
# It refuses to run as root, as the server does.
program=initdb AS='nobody nogroup'
mkdir "$F/share"
cp -r "$("$pg/pg_config" --sharedir 2>/dev/null || echo "/usr/share/postgresql/${pg//[!0-9]/}")/." "$F/share/"
ln -sf ../secret.txt "$F/share/postgresql.conf.sample"
[ "$(id -u)" -ne 0 ] || chown -R nobody:nogroup "$F/new" "$F/outside"
makes() { # OPTION...
	serve --create new --read share : "$pg/initdb" -D new/data -U me -A trust --no-sync --wal-segsize=1 "$@" && ended
}
makes_one() {
	makes && (cd "$W/new" && find . -path ./data/base -prune -o -printf '%p %m %u\n' | sort) && cat "$W/new/data/pg_hba.conf"
}
alike "makes a cluster" makes_one
makes_badly() { # WHAT KIND OPTION...
	local what="initdb cannot $1" kind=$2
	shift 2
	begin bare
	makes "$@" >/dev/null
	if ! succeeded "$kind"; then
		not_ok "$what" "VACUOUS: bare, it does not succeed either" "$(tail -n 12 "$T/out" "$T/err")"
		return
	fi
	begin place
	makes "$@" >"$T/end"
	read -r _ STATUS <"$T/end"
	if is_blocked "$what"; then
		:
	elif succeeded "$kind"; then
		not_ok "$what" "it does:" "$(tail -n 12 "$T/out" "$T/err")"
	elif [ "$STATUS" = 1 ]; then
		ok "$what"
	else
		not_ok "$what" "it ends with status $STATUS" "$(tail -n 12 "$T/out" "$T/err")"
	fi
}
makes_badly "make a cluster outside" outside -D outside/data
makes_badly "put its log outside" outside -X "$W/outside/log"
makes_badly "take a secret for its settings" secret -L "$W/share"
AS=

#!/usr/bin/env bash
# The broker, spoken to with bare packets: what each request does and refuses, its limits, and who tries to hurt it or each other.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir "$W/tree" "$W/tree/sub" "$W/tree/deep" "$W/list" "$W/outside"
echo hello >"$W/tree/file"
echo secret >"$W/outside/secret"
echo line >"$W/log"
echo body >"$W/single"
echo inner >"$W/tree/sub/inner"
ln -s sub/inner "$W/tree/link"
ln -s ../outside/secret "$W/tree/way-out"
ln -s "$W/outside/secret" "$W/tree/far-out"
ln -s sub "$W/tree/sublink"
ln -s /proc/self/environ "$W/tree/magic"
mkfifo "$W/tree/fifo"
py -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$W/tree/socket"
[ -z "$am_root" ] || mknod "$W/tree/device" c 1 3 2>/dev/null || rm -f "$W/tree/device"
cp "$here/broker_core.py" "$here/broker_core_client.py" "$T/bin/"
chmod -R go+rX "$T/bin"

# The tests count themselves: each prints a line.
results() { # NAME COMMAND...
	local line name=$1
	shift
	while IFS= read -r line; do
		case $line in
		"ok "*) ok "${line#ok }" ;;
		"skip "*) skip "$name" "${line#skip }" ;;
		*) not_ok "${line#not ok }" ;;
		esac
	done < <(timeout -k 2 180 "$@" 2>&1 || echo "not ok $name: status $?")
}

run "$E" --isolate files "$P" args
viewed=view
case $STATUS:$ERR in
125:*"user namespaces are blocked"*)
	viewed=
	skip view "user namespaces are blocked here"
	;;
esac
# shellcheck disable=SC2086 # it may be empty
for scenario in conform sockets $viewed share limits hostile memory death log; do
	results "$scenario" /usr/bin/python3 -I -B "$T/bin/broker_core.py" "$scenario" "$E" "$W"
done
finish

# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh and the sourced file set and read
needs /usr/lib/chromium/chromium || return 0
# shellcheck source=tests/programs/chromium.bash
. "$here/chromium.bash"
program=chromium browser=(/usr/lib/chromium/chromium --no-sandbox --headless --disable-dev-shm-usage)
chromium_tests

# It may make Unix sockets, for its profile's lock, but sees none of another's.
chromium_cannot "reach a bus" unix DBUS_SESSION_BUS_ADDRESS="unix:path=$SOCKET" --env DBUS_SESSION_BUS_ADDRESS --read page.html : \
	--dump-dom "file://$W/page.html"

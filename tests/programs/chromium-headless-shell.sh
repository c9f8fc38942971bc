# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh and the sourced file set and read
needs /usr/bin/chromium-headless-shell || return 0
# shellcheck source=tests/programs/chromium.bash
. "$here/chromium.bash"
program=chromium-headless-shell browser=(chromium-headless-shell --no-sandbox --disable-dev-shm-usage)
chromium_tests
[ ! -x /usr/bin/pdftotext ] || chromium_prints "prints into a named file" page.pdf --read page.html --read tree --write page.pdf : \
	--no-pdf-header-footer --print-to-pdf=page.pdf "file://$W/page.html"
works "fetches" --connect "tcp:$PORT" : "${browser[@]}" --dump-dom "http://127.0.0.1:$PORT/"
bad "fetch from another port" connect --connect "tcp:$PORT" : "${browser[@]}" --dump-dom "http://127.0.0.1:$OTHER_PORT/"
bad "show an inherited descriptor" secret : "${browser[@]}" --dump-dom file:///proc/self/fd/9
bad "keep a profile outside" outside --read page.html : "${browser[@]}" --user-data-dir="$W/outside/profile" \
	--dump-dom "file://$W/page.html"

#!/usr/bin/env bash
# review.sh: goldens of endow explain, can, matrix, diff and lock. review/*.golden hold lines "$ COMMAND" and behind each what it prints
# on both streams and "[status N]"; the folder they run in is shown as T. "% " begins a remark. ENDOW names the launcher. --update writes them anew.
# The last line is "N passed, N failed".
set -u
umask 022
here=$(cd "$(dirname "$0")" && pwd) || exit 1
root=${here%/tests/review}
endow=$(realpath "${ENDOW:-$root/build/endow}") || exit 1
[ -x "$endow" ] || { echo "no launcher at $endow: make it first, or set ENDOW"; exit 1; }
passed=0 failed=0

T=$(mktemp -d /tmp/endow-review.XXXXXX) || exit 1
trap 'rm -rf "$T"' EXIT
mkdir "$T/bin" "$T/config" && ln -s "$endow" "$T/bin/endow"

set_up() {
    rm -rf "$T/work" && mkdir -p "$T/work/tree/sub" "$T/work/tree/.git/hooks" "$T/work/out" "$T/work/home/.ssh" && cd "$T/work" || exit 1
    cp "$here"/review/*.policy .
    mkdir -p "$T/config/endow/fragments" && cp "$here"/review/fragments/* "$T/config/endow/fragments/"
    chmod -R go-w .
    printf 'x\n' | tee tree/file tree/sub/file tree/.git/config out/log home/.ssh/id >/dev/null
    printf '#!/bin/sh\n' >tree/script
    ln -s ../out/log tree/link
    ln -s nowhere tree/dangling
}

answer() { # command
    (
        export LC_ALL=C HOME="$T/work/home" PATH="$T/bin:/usr/bin:/bin" XDG_CONFIG_HOME="$T/config" XDG_CACHE_HOME="$T/cache"
        unset LANG LANGUAGE TMPDIR CREDENTIALS_DIRECTORY
        eval "$1" 2>&1
        echo "[status $?]"
    ) | sed "s|$T/work|T|g; s|$T|T|g"
}

for golden in "$here"/review/*.golden; do
    name=$(basename "$golden" .golden)
    set_up
    new=$T/$name.new
    : >"$new"
    while IFS= read -r line; do
        case $line in
        '$ '*) printf '%s\n' "$line" >>"$new" && answer "${line#'$ '}" >>"$new" ;;
        '% '*) printf '%s\n' "$line" >>"$new" ;;
        esac
    done <"$golden"
    [ "${1-}" != --update ] || cp "$new" "$golden"
    # One command is one test.
    if difference=$(diff "$golden" "$new"); then
        passed=$((passed + $(grep -c '^\$ ' "$golden")))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n%s\n' "$name" "$difference"
    fi
done
# Every policy of the library is within the lock that was made of it, and gains nothing over itself.
mkdir "$T/library" && cp -r "${endow%/*}"/share/*.policy "$T/library/" && chmod -R go-w "$T/library" && cd "$T/library" || exit 1
for policy in *.policy; do
    if "$endow" lock "./$policy" >/dev/null 2>&1 && got=$("$endow" lock --check "./$policy" 2>&1) &&
        [ "$got" = "./$policy: within its lock" ] && got=$("$endow" diff "./$policy" "./$policy" 2>/dev/null); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL the lock of %s: %s\n' "$policy" "$got"
    fi
done
[ "$passed" -gt 0 ] || [ "$failed" -gt 0 ] || { echo "no golden was found"; failed=1; }
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

#!/usr/bin/env bash
# fmt.sh: `endow fmt`: goldens fmt/NAME.policy and fmt/NAME.out, what it does to files, and, where build/tests/fmt_property is
# built, what has to be true of any text. ENDOW names the launcher. --update writes the .out files anew.
# The last line is "N passed, N failed".
set -u
umask 022
here=$(cd "$(dirname "$0")" && pwd) || exit 1
root=${here%/tests/review}
endow=$(realpath "${ENDOW:-$root/build/endow}") || exit 1
[ -x "$endow" ] || { echo "no launcher at $endow: make it first, or set ENDOW"; exit 1; }
property=${FMT_PROPERTY:-${endow%/*}/tests/fmt_property}
passed=0 failed=0

T=$(mktemp -d /tmp/endow-fmt.XXXXXX) || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1

good() { passed=$((passed + 1)); }
bad() { # what explanation...
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$1"
    shift
    [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/    /'
}
same() { # what want got
    if [ "$2" = "$3" ]; then good; else bad "$1" "$(diff <(echo "$2") <(echo "$3"))"; fi
}
fmt() { "$endow" fmt "$@" 2>&1; echo "status $?"; }

for policy in "$here"/fmt/*.policy; do
    name=$(basename "$policy" .policy)
    got=$("$endow" fmt "$policy")
    [ "${1-}" != --update ] || printf '%s\n' "$got" >"$here/fmt/$name.out"
    same "$name" "$(cat "$here/fmt/$name.out")" "$got"
    same "$name again" "$got" "$("$endow" fmt <<<"$got")"
done

printf 'read   /b\nuse libc\n' >a.policy
printf 'use   libc\nread  /b\n' >tidy.policy
printf 'reed /b\n' >wrong.policy
chmod 640 a.policy
same 'to standard output' $'read  /b\nuse   libc\nstatus 0' "$(fmt a.policy)"
same 'two files' $'read  /b\nuse   libc\nuse   libc\nread  /b\nstatus 0' "$(fmt a.policy tidy.policy)"
same 'standard input' $'use  libc\nstatus 0' "$(fmt <<<'use    libc')"
same 'standard input by name' $'use  libc\nstatus 0' "$(fmt - <<<'use    libc')"
same 'nothing' 'status 0' "$(fmt </dev/null)"
same '--check names what differs' $'a.policy\nstatus 1' "$(fmt --check a.policy tidy.policy)"
same '--check of a tidy one' 'status 0' "$(fmt --check tidy.policy)"
same '--check of standard input' $'standard input\nstatus 1' "$(fmt --check <a.policy)"
same '--check changes nothing' $'read   /b\nuse libc' "$(cat a.policy)"
ln -s a.policy link.policy
same '-w' 'status 0' "$(fmt -w link.policy tidy.policy)"
same '-w changes the file' $'read  /b\nuse   libc' "$(cat a.policy)"
same '-w leaves a link a link' a.policy "$(readlink link.policy)"
same '-w keeps the mode' 640 "$(stat -c %a a.policy)"
same '-w leaves nothing beside' 'a.policy link.policy tidy.policy wrong.policy' "$(printf '%s ' * | sed 's/ $//')"
if [ "$(id -u)" = 0 ]; then
    printf 'use libc\n' >owned.policy && chown 65534:65534 owned.policy && "$endow" fmt -w owned.policy
    same '-w keeps the owner' '65534:65534 use  libc' "$(stat -c %u:%g owned.policy) $(cat owned.policy)"
fi
inode=$(stat -c %i tidy.policy)
"$endow" fmt -w tidy.policy
same '-w does not touch a tidy file' "$inode" "$(stat -c %i tidy.policy)"
got=$(fmt -w wrong.policy a.policy)
case $got in *"wrong.policy:1:1: unknown right 'reed'"*'status 2') good ;; *) bad 'a wrong policy' "$got" ;; esac
same 'a wrong policy stays' 'reed /b' "$(cat wrong.policy)"
refused() { # what pattern option...
    local what=$1 pattern=$2 got
    shift 2
    got=$(fmt "$@" </dev/null)
    # shellcheck disable=SC2254
    case $got in $pattern) good ;; *) bad "$what" "$got" ;; esac
}
refused 'an absent file' '*absent*No such file*status 2' absent
refused 'a folder' '*no regular file*status 2' .
refused 'an unknown option' '*unknown option --frob*status 2' --frob
refused '-w without files' '*standard input*status 2' -w
refused '-w of standard input' '*standard input*status 2' -w -
refused '-w and --check' '*exclude*status 2' -w --check a.policy
refused 'help' '*usage: endow fmt*status 0' --help

# A line that the layout would make too long stays as it is.
{ printf 'program /x\nread /'; head -c 4056 /dev/zero | tr '\0' a; printf ' optional    # words words words\n'; } >long.policy
got=$("$endow" fmt long.policy) || bad 'a long line' "$got"
same 'a long line stays' "$(sed 's/^program /program  /' long.policy)" "$got"
same 'a long line, again' "$got" "$("$endow" fmt <<<"$got")"

got=$("$endow" fmt --check "$root"/policy/library/*.policy "$root"/policy/library/fragments/*)
same 'the library is laid out so' '' "$got"

if [ -x "$property" ]; then
    got=$("$property" "${FMT_CHANGES:-4000}" "$root"/policy/library/*.policy "$root"/policy/library/fragments/* "$root"/tests/policy/*.policy)
    # shellcheck disable=SC2254
    case $got in *' passed, 0 failed') good ;; *) bad 'what is true of any text' "$got" ;; esac
else
    bad "there is no $property: make tests"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

#!/usr/bin/env bash
# lint.sh: goldens of `endow check`. For every id that --list names, lint/ID.policy gives lint/ID.out, with a finding of that id,
# and lint/ID-not.policy, which is like it, gives nothing. ENDOW names the launcher. --update writes the .out files anew.
# A first line "# options: ..." says more options. The last line is "N passed, N failed".
set -u
umask 022
here=$(cd "$(dirname "$0")" && pwd) || exit 1
root=${here%/tests/review}
endow=$(realpath "${ENDOW:-$root/build/endow}") || exit 1
[ -x "$endow" ] || { echo "no launcher at $endow: make it first, or set ENDOW"; exit 1; }
update=
[ "${1-}" != --update ] || update=1
passed=0 failed=0

T=$(mktemp -d /tmp/endow-lint.XXXXXX) || exit 1
trap 'rm -rf "$T"' EXIT
chmod 755 "$T"

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

# What the policies name.
mkdir -p "$T/home/data" "$T/home/out" "$T/home/open" "$T/home/closed" "$T/home/Pictures" "$T/home/repo/.git" "$T/run" "$T/work"
echo hello | tee "$T/home/data/in.txt" "$T/home/out/in.txt" "$T/outside.txt" >/dev/null
ln -s ../../outside.txt "$T/home/data/link"
printf '#!/bin/sh\n' | tee "$T/home/open/tool" >"$T/home/closed/tool"
chmod 755 "$T/home/open/tool" "$T/home/closed/tool"
chmod 777 "$T/home/open"
cp -r "$here/lint/." "$T/work/"
chmod -R go-w "$T/work"
chmod 666 "$T/work/untrusted-input.policy"
cd "$T/work" || exit 1

in_place() { env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME="$T/home" XDG_RUNTIME_DIR="$T/run" "$@"; }
# lock.policy allows more than its lock, which is that of lock-not.policy.
in_place "$endow" lock lock-not.policy >/dev/null && cp lock-not.policy.lock lock.policy.lock || bad 'endow lock'
check() { # policy option...: output, less the folder's name, and the status
    local policy=$1 options
    shift
    read -ra options < <(sed -n '1s/^# options: //p' "$policy")
    in_place "$endow" check --abi 7 --fragments fragments "${options[@]}" "$@" "$policy" 2>&1 | sed "s,$T,TEMP,g"
    echo "status ${PIPESTATUS[0]}"
}

# A golden is written anew only from an answer.
record() { # name output
    case $2 in *'status '[01]) [ -z "$update" ] || printf '%s\n' "$2" >"$here/lint/$1.out" ;; esac
}

ids=$(in_place "$endow" check --list | cut -d ' ' -f 1)
[ -n "$ids" ] || bad 'check --list names the ids'
for id in $ids; do
    if ! [ -f "$id.policy" ] || ! [ -f "$id-not.policy" ]; then
        bad "$id has a policy that it is found in, and one that it is not"
        continue
    fi
    got=$(check "$id.policy" --strict)
    record "$id" "$got"
    same "$id" "$(cat "$here/lint/$id.out")" "$got"
    if grep -qF "[$id]" <<<"$got"; then good; else bad "$id is found in $id.policy" "$got"; fi
    same "$id-not" 'status 0' "$(check "$id-not.policy" --strict)"
done
for policy in *.policy; do
    name=${policy%.policy}
    case $name in
    *+*) # ID+WHAT.policy: more of ID
        got=$(check "$policy" --strict)
        record "$name" "$got"
        same "$name" "$(cat "$here/lint/$name.out")" "$got"
        ;;
    esac
    name=${name%+*}
    grep -qxF -e "${name%-not}" <<<"$ids" || bad "$policy is about no id"
done

# Every id can be left out by name, and by a comment on the line or before it; errors can't.
for id in $ids; do
    severity=$(in_place "$endow" check --list | awk -v id="$id" '$1 == id { print $2 }')
    got=$(check "$id.policy" --allow "$id")
    if [ "$severity" = error ]; then
        same "$id can't be allowed" "endow check: --allow $id: an error can't be allowed" "$(head -n 1 <<<"$got")"
    elif grep -qF "[$id]" <<<"$got"; then
        bad "--allow $id" "$got"
    else
        good
    fi
done
for id in $ids; do
    case $id in policy | lock | untrusted-input | allow-*) continue ;; esac
    sed "s/  *# endow:.*//; /^#/!s/\$/  # endow: allow $id because of the test/" "$id.policy" >behind.policy
    sed "s/  *# endow:.*//; /^[^#]/s/^/# endow: allow $id because of the test\n/" "$id.policy" >before.policy
    for policy in behind.policy before.policy; do
        got=$(check "$policy" --allow allow-unused)
        if grep -qF "[$id]" <<<"$got"; then bad "$id is allowed by a comment, $policy" "$got"; else good; fi
    done
done
rm -f behind.policy before.policy

# Status, and what is refused.
status() { # what want option...
    local what=$1 want=$2 got
    shift 2
    got=$(in_place "$endow" check --abi 7 --fragments fragments "$@" 2>&1 </dev/null; echo "status $?")
    # shellcheck disable=SC2254
    case $got in $want) good ;; *) bad "$what" "$got" ;; esac
}
status 'a warning is no failure' '*warning*status 0' ambient-root.policy
status 'with --strict it is' '*warning*status 1' --strict ambient-root.policy
status 'a note never is' '*note*status 0' --strict metadata-port.policy
status 'an error is' '*error*status 1' policy.policy
status 'several policies' '*ambient-root*connect-any*status 1' --strict ambient-root.policy connect-any.policy
status 'twice the same is said once' '*1 warning?status 0' connect-any.policy connect-any.policy
status 'no policy' '*name the policies*status 2'
status 'an absent policy' '*No such file*status 2' absent.policy
status 'an absent policy beside another' '*No such file*warning*status 2' absent.policy connect-any.policy
status 'an absent name' '*absent-name*status 2' absent-name
status 'a folder' '*no regular file*status 2' ./fragments
status 'an unknown option' '*unknown option --frob*status 2' --frob connect-any.policy
status 'an option without its value' '*wants a value*status 2' --allow
status 'an unknown id' "*did you mean 'connect-any'*status 2" --allow conect-any connect-any.policy
status 'a wrong ABI' '*number is wanted*status 2' --abi x connect-any.policy
status 'another machine' 'status 0' --strict --elsewhere missing-file.policy
status 'help' '*usage: endow check*status 0' --help
got=$(in_place "$endow" check --name wrong.policy - <<<'reed /x')
same 'standard input has a name' 'wrong.policy:1:1: error' "$(head -n 1 <<<"$got" | cut -d : -f 1-4 | sed 's/: /: /')"

# For programs.
in_place "$endow" check --abi 7 --fragments fragments --json ./*.policy >"$T/json"
in_place "$endow" check --abi 7 --fragments fragments --sarif ./[!u]*.policy "$T/work/unused-fragment.policy" >"$T/sarif"
for form in json sarif; do
    got=$(python3 -I "$here/lint_$form.py" "$T/$form" "$T/work" $ids 2>&1)
    if [ -z "$got" ]; then good; else bad "--$form" "$got"; fi
done
same '--json of nothing' '[]' "$(in_place "$endow" check --json policy-not.policy | python3 -I -c 'import json, sys; print(json.load(sys.stdin)["findings"])')"

# The hook for git looks at what is committed.
hook=$root/contrib/ci/pre-commit
if command -v git >/dev/null && [ -x "$hook" ]; then
    mkdir -p "$T/bin" "$T/repo/p/fragments" && ln -s "$endow" "$T/bin/endow" && cd "$T/repo" || exit 1
    as_author() {
        env -i PATH="$T/bin:/usr/bin:/bin" HOME="$T/home" GIT_CONFIG_NOSYSTEM=1 git -c user.name=n -c user.email=n@example.org \
            -c init.defaultBranch=main "$@" 2>&1
    }
    as_author init -q . && cp "$hook" .git/hooks/pre-commit
    commit() { as_author add -A && as_author commit -q -m words; }
    printf 'use  own\n' >p/a.policy
    printf 'read  /srv  optional\n' >p/fragments/own
    same 'the hook lets a good policy pass' '' "$(commit)"
    printf 'read  /\n' >p/fragments/own
    case $(commit) in *ambient-root*) good ;; *) bad 'the hook stops a finding in a fragment' ;; esac
    printf 'read  /srv  optional\n' >p/fragments/own
    printf 'use    own\n' >p/a.policy
    case $(commit) in *'p/a.policy: lay it out'*) good ;; *) bad 'the hook stops what is not laid out' ;; esac
    printf 'reed  /\n' >p/a.policy && as_author add -A && printf 'use  own\n' >p/a.policy
    case $(as_author commit -q -m words) in *"did you mean 'read'"*) good ;; *) bad 'the hook looks at what is committed' ;; esac
    printf 'use  own\nenv  keep LANG\n' >p/a.policy
    same 'the hook lets a change pass' '' "$(commit)"
    cd "$T/work" || exit 1
else
    echo 'skipped: git is not installed: its hook'
fi

# Every id is documented, and nothing else.
if [ -f "$root/man/endow-check.1" ]; then
    same 'the manual has every id' "$(sort <<<"$ids")" \
        "$(sed -n '/^\.Sh FINDINGS/,/^\.Sh [^F]/s/^\.It Sy \([a-z-]*\).*/\1/p' "$root/man/endow-check.1" | sort)"
    same 'the manual has every severity' "$(in_place "$endow" check --list | awk '{ print $1, $2 }' | sort)" \
        "$(sed -n '/^\.Sh FINDINGS/,/^\.Sh [^F]/s/^\.It Sy \([a-z-]*\) Pq \([a-z]*\)/\1 \2/p' "$root/man/endow-check.1" | sort)"
else
    bad 'there is a manual'
fi

# The library has nothing to say, or says why.
if [ -d "$root/policy/library" ]; then
    got=$(in_place "$endow" check --strict --elsewhere --fragments "$root/policy/library/fragments" "$root"/policy/library/*.policy \
        "$root"/policy/library/fragments/* 2>&1)
    same 'the library' '' "$got"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

#!/bin/bash
# man_examples.sh: run the examples of the manual pages, and README.md's first ones, and compare what they print with what is said.
#
# In a `.Bd -literal` block of man/*.[15] a line "$ COMMAND" is run, lines "> MORE" carry it on, and the lines behind are what
# it prints on both streams; "..." stands for any text. A block whose first line is "# NAME.policy" becomes that file.
# ENDOW names the launcher (default build/endow). The last line is "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
endow=$(realpath "${ENDOW:-$here/build/endow}") || exit 1
scratch=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
passed=0 failed=0 last=0 command='' expected='' command_at=''

# Each page begins with the same files: what one leaves behind is no other's.
set_up() {
    cd / && { chmod -R u+w "$scratch"; rm -rf "${scratch:?}"/*; }
    mkdir "$scratch/bin" "$scratch/home" "$scratch/work" "$scratch/work/tree" && cd "$scratch/work" || exit 1
    ln -s "$endow" "$scratch/bin/endow"
    cp "${endow%/*}/tests/promise-example" sum # which is made from endow_promise.3
    printf 'hello\nworld\n' >in.txt
    printf 'the secret\n' >secret.txt
    printf 'first line\n' >log.txt
    ln -s in.txt link.txt
    printf 'pear\napple\n' >list.txt
    printf 'the key\n' >key.txt
    printf 'region,amount\nnorth,10\nsouth,12\nnorth,20\n' >sales.csv
    cat >report.py <<'EOF'
import collections, csv, sys
total = collections.Counter()
for row in csv.DictReader(open(sys.argv[1])):
    total[row["region"]] += int(row["amount"])
with open(sys.argv[2], "w") as out:
    for region, amount in sorted(total.items()):
        print(region, amount, file=out)
EOF
}

# What was gathered so far is one example: run it.
run_example() {
    [ -n "$command" ] || {
        expected='' # a block that shows something else
        return
    }
    local out pattern
    out=$(
        export LC_ALL=C HOME="$scratch/home" PATH="$scratch/bin:/usr/bin:/bin"
        unset LANG LANGUAGE XDG_CONFIG_HOME XDG_CACHE_HOME
        (exit "$last")
        eval "$command" 2>&1
    )
    last=$?
    expected=${expected%$'\n'}
    # shellcheck disable=SC2001 # several characters, each kept
    pattern=$(sed 's/[][*?\\]/\\&/g' <<<"$expected")
    # shellcheck disable=SC2053 # a pattern it is
    if [[ $out == ${pattern//.../*} ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s: %s\n--- the page says\n%s\n--- it printed\n%s\n---\n' "$command_at" "$command" "$expected" "$out"
    fi
    command='' expected=''
}

unescape() {
    sed -e 's/\\(aq/'\''/g' -e 's/\\(dq/"/g' -e 's/\\(ga/`/g' -e 's/\\-/-/g' -e 's/\\&//g' -e 's/\\e/\\/g'
}

read_page() {
    local page=$1 line number=0 inside=0 file=''
    while IFS= read -r line; do
        number=$((number + 1))
        case $line in
        '.Bd -literal'*) inside=1 file='' ; continue ;;
        '.Ed') run_example; inside=0; continue ;;
        esac
        [ $inside = 0 ] && continue
        if [ $inside = 1 ] && [[ $line =~ ^'# '([a-z0-9]+\.policy) ]]; then
            file=${BASH_REMATCH[1]}
            : >"$file"
            chmod 644 "$file"
        fi
        inside=2
        if [ -n "$file" ]; then
            printf '%s\n' "$line" >>"$file"
        elif [[ $line == '$ '* ]]; then
            run_example
            command=${line#'$ '} command_at=${page##*/}:$number
        elif [[ $line == '> '* && -n $command && -z $expected ]]; then
            command+=$'\n'${line#'> '}
        else
            expected+=$line$'\n'
        fi
    done
}

# The README's fenced blocks under one heading, as a page would have them.
readme() { # heading
    sed -n "/^## $1\$/,/^## /p" "$here/README.md" | awk '/^```/ { print (inside = !inside) ? ".Bd -literal" : ".Ed"; next } { print }'
}

[ -x "$endow" ] || { echo "no launcher at $endow: make it first, or set ENDOW"; exit 1; }
for page in "$here"/man/*.[1-9]; do
    set_up
    read_page "$page" < <(unescape <"$page")
done
set_up
[ ! -f "$here/README.md" ] || read_page README.md < <(readme 'Ten seconds')
[ $passed -gt 0 ] || { echo "no example was found"; failed=$((failed + 1)); }
echo "$passed passed, $failed failed"
[ $failed = 0 ]

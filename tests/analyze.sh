#!/usr/bin/env bash
# Static analysis of everything that is shipped. Nothing to say is the only good answer.
set -u
cd "$(dirname "$0")/.." || exit 1
eval "defs=($1)"
flags=(-std=gnu17 "${defs[@]}" -Ilib -Ipolicy -Ilauncher -Ilauncher/proof)
sources=(lib/*.c lib/libendow/*.c policy/*.c launcher/*.c launcher/proof/*.c launcher/doctor/*.c launcher/learn/*.c launcher/broker/*.c launcher/notify/*.c launcher/names/*.c launcher/ask/*.c launcher/control/*.c policy/review/*.c)
failed=0

say() { # tool output
    if [ -n "$2" ]; then
        printf '%s:\n%s\n' "$1" "$2"
        failed=1
    else
        echo "$1: nothing to say"
    fi
}

have() {
    command -v "$1" >/dev/null || { echo "$1: not installed, not run"; return 1; }
}

say "gcc -fanalyzer" "$(for f in "${sources[@]}"; do gcc "${flags[@]}" -O2 -Wall -Wextra -fanalyzer -c -o /dev/null "$f"; done 2>&1 | grep -E 'warning|error')"
have clang-tidy && say clang-tidy "$(clang-tidy --quiet \
    --checks='-*,bugprone-*,cert-*,clang-analyzer-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-cert-dcl37-c,-cert-dcl51-cpp,-cert-err33-c,-clang-analyzer-security.insecureAPI.*,-clang-analyzer-unix.Malloc,-clang-analyzer-valist.Uninitialized,-bugprone-macro-parentheses,-bugprone-sizeof-expression,-bugprone-assignment-in-if-condition,-bugprone-narrowing-conversions,-bugprone-not-null-terminated-result' \
    "${sources[@]}" -- "${flags[@]}" 2>/dev/null | grep -E 'warning:|error:')"
# scan-build knows no cleanup attribute and takes what it frees for leaked: the sanitizers of the units look for leaks instead.
have scan-build && {
    out=$(mktemp -d)
    # shellcheck disable=SC2016 # $CC is scan-build's
    if scan-build -o "$out" --status-bugs -disable-checker unix.Malloc -disable-checker valist.Uninitialized \
        bash -c 'n=$1; shift; for f in "${@:n+1}"; do "$CC" "${@:1:n}" -c -o /dev/null "$f" || exit 1; done' \
        sh "${#flags[@]}" "${flags[@]}" "${sources[@]}" >"$out/log" 2>&1; then
        echo "scan-build: nothing to say"
    else
        grep -E 'warning:|error:' "$out/log"
        failed=1
    fi
    rm -rf "$out"
}
have shellcheck && say shellcheck "$(shellcheck -S warning tests/*.sh tests/*/*.sh contrib/ask/* 2>&1)"
exit "$failed"

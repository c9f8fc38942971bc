#!/usr/bin/env bash
# Every test, as root (if that is who runs this) and as an ordinary user. `make check` builds what is needed and calls this.
#   run.sh            everything; of the real programs what is installed, and what is not is counted and named
#   run.sh programs   the real programs alone, and what is not installed has failed (`make check-programs`)
# With CHECK_PROGRAMS=later the first leaves to the second what that does.
set -u
only=${1-}
case $only in
'' | programs) ;;
*) echo "usage: run.sh [programs]" >&2 && exit 2 ;;
esac
cd "$(dirname "$0")/.." || exit 1
build=$(readlink -f "${BUILD:-build}")
user=${CHECK_UID:-65534} # who the ordinary user is when root runs the tests

passed=0 failed=0 skipped=0 broken=() how=''

# One suite: its output is shown, its closing line counted. A suite without one, or that fails without saying so, has failed.
suite() { # name command...
    local name=$1 log status counts
    shift
    log=$(mktemp)
    printf '== %s\n' "$name"
    timeout -k 10 "${SUITE_SECONDS:-600}" "$@" </dev/null >"$log" 2>&1
    status=$?
    # Check's own summary says the same in other words.
    counts=$(sed -nE 's/^([a-z_]+: )?([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\2 \3 \5/p
        s/^[0-9]+%: Checks: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+)$/\1 \2 \3 check/p' "$log" | tail -n 1)
    read -r p f s kind <<<"${counts:-0 1 0}"
    if [ "${kind-}" = check ]; then
        p=$((p - f - s)) f=$((f + s)) s=0
    fi
    [ "$status" -eq 0 ] || [ "$f" -gt 0 ] || f=1
    if [ "$f" -gt 0 ] || [ -n "${VERBOSE-}" ]; then
        [ "$(wc -l <"$log")" -le 60 ] || grep '^not ok' "$log"
        tail -n 60 "$log"
    else
        grep -E '^(skipped|SKIP|skip |# skip)' "$log"
    fi
    printf '   %d passed, %d failed, %d skipped\n' "$p" "$f" "${s:-0}"
    [ "$f" -eq 0 ] || broken+=("$name")
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
    rm -f "$log"
}

# What each user runs, in a tree that holds the built launcher beside the tests.
suites() { # who tree command-prefix...
    local who=$1 tree=$2 script units
    shift 2
    if [ "$only" = programs ]; then
        # Started by root they run as nobody; as root itself, what is installed runs in `make check`.
        SUITE_SECONDS=${SUITE_SECONDS:-1200} suite "real programs, all ($who${how:+, $how})" \
            "$@" env NO_SKIPS=1 START_AS_NOBODY="${how:+1}" bash "$tree/tests/programs/run.sh"
        return
    fi
    # The units keep one processor busy for minutes, and the others mostly wait: beside one another.
    timeout -k 10 600 "$@" "$tree/build/tests/unit" </dev/null >"$work/units" 2>&1 &
    units=$!
    suite "policy texts ($who)" "$@" "$tree/build/tests/goldens" "$tree/tests/policy"
    for script in "$tree"/tests/{live,learn,review}/*.sh; do
        case ${script##*/} in lib.sh | tries.sh) continue ;; esac
        suite "${script#"$tree"/tests/} ($who)" "$@" bash "$script"
    done
    if [ "${CHECK_PROGRAMS-}" = later ]; then
        printf '== real programs (%s)\n   left to make check-programs\n' "$who"
    else
        SUITE_SECONDS=${SUITE_SECONDS:-1200} suite "real programs ($who)" "$@" bash "$tree/tests/programs/run.sh"
    fi
    wait "$units"
    # shellcheck disable=SC2016 # for the shell that says it again
    suite "units ($who)" sh -c 'cat "$1" && exit "$2"' - "$work/units" "$?"
    suite "the demo ($who)" "$@" sh -c "$tree/tests/demo/demo.sh && echo '1 passed, 0 failed'"
}

work=$(mktemp -d /tmp/endow-check.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# A copy that every user can reach, with nothing in it that he may write but his home.
tree=$work/endow
mkdir -p "$tree/build"
cp -r tests policy man contrib README.md "$tree/"
cp -rL "$build/endow" "$build/libexec" "$build/share" "$tree/build/"
[ "$only" = programs ] || cp -rL "$build/test" "$build/tests" "$tree/build/"
[ ! -d "$build/sources" ] || cp -r "$build/sources" "$tree/build/"
chmod -R go-w "$work" && chmod -R a+rX "$work"
export ENDOW=$tree/build/endow ENDOW_TEST=$tree/build/test/endow PROBE=$tree/build/tests/probe
export LC_ALL=C.UTF-8
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR

mkdir "$work/home"
export HOME=$work/home
cd "$tree" || exit 1
if [ "$(id -u)" -eq 0 ]; then
    how='as nobody'
    suites root "$tree"
    how=
    mkdir "$work/user" && chown "$user:$user" "$work/user"
    HOME=$work/user suites "ordinary user" "$tree" setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all
else
    suites "ordinary user" "$tree"
    echo "not run: the tests as root (run make check as root for both)"
fi

for name in "${broken[@]}"; do
    echo "failed: $name"
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]

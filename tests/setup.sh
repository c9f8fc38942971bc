#!/bin/sh
# Install what building and testing endow needs, from Debian's own archive. Does nothing where it is all there.
#   setup.sh build   what `make` and `make demo` need
#   setup.sh test    that, and what `make check` needs
set -eu

build="gcc make musl-tools libseccomp-dev libcap-ng-dev libc6-dev pkg-config python3-minimal ca-certificates"
test="check libsubunit-dev python3 perl systemd mandoc strace bubblewrap procps util-linux bsdextrautils gzip curl jq"

case ${1-} in
build) want=$build ;;
test) want="$build $test" ;;
*)
    echo "usage: setup.sh build|test" >&2
    exit 2
    ;;
esac

missing=
for package in $want; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "setup.sh: this machine has no apt-get; install what these Debian packages hold:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup.sh: to install, run as root: apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # words are meant to be split
if ! $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
    $as_root apt-get update -qq
    $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

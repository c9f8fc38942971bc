#!/bin/sh
# Install what building and testing endow needs, from Debian's own archive. Does nothing where it is all there.
#   setup.sh build      what `make` and `make demo` need
#   setup.sh test       that, and what `make check` needs
#   setup.sh programs   that, every program that tests/programs runs, and the source trees that it builds
# A source tree is fetched into $BUILD/sources, by any user; nothing in /etc/apt or /var/lib/apt changes for that.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build="gcc make musl-tools libseccomp-dev libcap-ng-dev libc6-dev pkg-config python3-minimal ca-certificates"
test="check libsubunit-dev python3 perl systemd mandoc strace bubblewrap procps util-linux bsdextrautils"
# The programs that are small enough to be tried by every `make check`.
test="$test bash coreutils curl findutils git grep gzip jq mawk openssl sed sqlite3 tar unzip zstd"
sources="lua5.4 zlib"
unpackers="bzip2 xz-utils"

# A program that is there in Debian's place is taken as it is, whoever has packaged it.
programs() {
    while read -r package file; do
        case $package in '' | '#'*) continue ;; esac
        [ -n "$file" ] && [ -x "$file" ] || echo "$package"
    done <"$here/programs/packages.txt"
}

case ${1-} in
build) want=$build ;;
test) want="$build $test" ;;
programs) want="$build $test $unpackers $(programs)" ;;
*)
    echo "usage: setup.sh build|test|programs" >&2
    exit 2
    ;;
esac

as_root='' apt='' no_services=''
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    [ -z "$apt" ] || rm -rf "$apt"
    [ -z "$no_services" ] || $as_root rm -f "$no_services"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# A server that is installed to be tried is not to be started, as Debian's packages do.
keep_services_down() {
    [ ! -e /usr/sbin/policy-rc.d ] || return 0
    no_services=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $no_services >/dev/null
    $as_root chmod 755 $no_services
}

install() {
    # shellcheck disable=SC2086 # no word where there is none
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

install_missing() {
    missing=
    for package in $want; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "setup.sh: this machine has no apt-get; install what these Debian packages hold:$missing" >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "setup.sh: to install, run as root: apt-get install --no-install-recommends$missing" >&2
            return 1
        fi
        as_root=sudo
    fi
    echo "installing:$missing"
    keep_services_down
    # shellcheck disable=SC2086 # words are meant to be split
    install $missing && return
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    install $missing && return
    # One that can't be had does not keep the others away.
    status=0
    for package in $missing; do
        install "$package" && continue
        echo "setup.sh: apt-get cannot install $package" >&2
        status=1
    done
    return $status
}

# The machine's own archive, asked for sources: each line or stanza of Debian's with its type changed.
source_list() {
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -e "$file" ] && sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file"
    done >"$apt/sources.list"
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] && sed 's/^[Tt]ypes:.*/Types: deb-src/' "$file" && echo
    done >"$apt/sources.list.d/all.sources"
    return 0
}

# Of the .dsc, which names them, each file with this checksum.
verify() { # DSC
    sed -n '/^Checksums-Sha256:/,/^[^ ]/s/^ \([0-9a-f]\{64\}\) [0-9]* \(.*\)/\1  \2/p' "$1" >"$1.sums"
    [ -s "$1.sums" ] && sha256sum --quiet -c "$1.sums"
}

apt_of_its_own() {
    apt-get -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts="$apt/sources.list.d" \
        -o Dir::State="$apt/state" -o Dir::Cache="$apt/cache" -qq "$@"
}

# As its authors released it: Debian's changes are left out.
unpack() { # PACKAGE
    dsc=$(echo "$apt/files/${1}"_*.dsc)
    archive=$(sed -n 's/^.*  \(.*\.orig\.tar\.[a-z0-9]*\)$/\1/p' "$dsc.sums")
    mkdir "$apt/$1" &&
        tar -xf "$apt/files/$archive" -C "$apt/$1" --strip-components=1 --no-same-owner --no-same-permissions &&
        mv "$apt/$1" "$into/$1"
}

fetch_sources() {
    into=${BUILD:-${here%/tests}/build}/sources
    missing=
    for package in $sources; do [ -d "$into/$package" ] || missing="$missing $package"; done
    [ -n "$missing" ] || return 0
    echo "fetching the sources of:$missing"
    mkdir -p "$into" && into=$(cd "$into" && pwd) && apt=$(mktemp -d "$into/.fetching.XXXXXX") || return 1
    mkdir -p "$apt/sources.list.d" "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/files" || return 1
    source_list
    # An archive of somebody else's may hold no sources: what counts is whether these are found.
    apt_of_its_own update >"$apt/log" 2>&1 || :
    for package in $missing; do
        (cd "$apt/files" && apt_of_its_own source --download-only "$package" && verify "${package}"_*.dsc) >>"$apt/log" 2>&1 &&
            unpack "$package" && continue
        cat "$apt/log" >&2
        echo "setup.sh: cannot fetch the source of $package" >&2
        return 1
    done
}

status=0
install_missing || status=1
[ "$1" != programs ] || fetch_sources || status=1
exit $status

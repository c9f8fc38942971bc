#!/usr/bin/env bash
# lsp.sh: the language server, spoken to over its standard input and output. ENDOW names the launcher.
# The last line is "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
root=${here%/tests/review}
ENDOW=$(realpath "${ENDOW:-$root/build/endow}") || exit 1
[ -x "$ENDOW" ] || { echo "no launcher at $ENDOW: make it first, or set ENDOW"; exit 1; }
T=$(mktemp -d /tmp/endow-lsp.XXXXXX) || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1
timeout 120 env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 HOME="$T" ENDOW="$ENDOW" /usr/bin/python3 -I "$here/lsp_test.py" "$root" "$T"

#!/usr/bin/env bash
# property.sh [SECONDS [SEED]]: what endow can and endow diff say is what the kernel does: see property.py.
# ENDOW names the launcher; the prober is beside it in tests/. The last line is "N passed, N failed".
set -u
umask 022
here=$(cd "$(dirname "$0")" && pwd) || exit 1
root=${here%/tests/review}
ENDOW=$(realpath "${ENDOW:-$root/build/endow}") || exit 1
PROBER=${PROBER:-${ENDOW%/*}/tests/prober} TINY=${TINY:-${ENDOW%/*}/tests/tiny}
for needed in "$ENDOW" "$PROBER" "$TINY"; do
    [ -x "$needed" ] || { echo "there is no $needed: make tests"; echo "0 passed, 1 failed"; exit 1; }
done
export ENDOW PROBER TINY LC_ALL=C.UTF-8
exec /usr/bin/python3 -I "$here/property.py" --seconds "${1:-25}" --seed "${2:-20261122}"

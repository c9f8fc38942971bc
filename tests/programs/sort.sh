# shellcheck shell=bash
needs /usr/bin/sort || return 0
printf '#!/bin/sh\necho run >"$0.log"\ncat\n' >"$F/outside/run"
chmod 755 "$F/outside/run"
works "sorts" : sort r:in.txt
works "sorts numbers into a file" : sort -k2n r:in.txt -o w:sorted.txt
works "sorts a file into itself" : sort rw:in.txt -o in.txt
works "merges" : sort -m -u r:tree/a.txt r:tree/sub/b.txt
works "splits at slashes" : sort -t / -k 1 r:in.txt
works "takes private temporary files" --use tmp : sort -S 64K --parallel=1 r:/usr/share/common-licenses/GPL-3
bad "read a secret beside the input" secret : sort r:in.txt secret.txt
bad "write outside" outside : sort r:in.txt -o outside/file
bad "run a program" outside --use tmp : sort -S 64K --parallel=1 --compress-program=outside/run r:/usr/share/common-licenses/GPL-3
bad "see an inherited descriptor" secret : sort /dev/fd/9

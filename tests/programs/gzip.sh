# shellcheck shell=bash
needs /usr/bin/gzip || return 0
gzip -n <"$F/secret.txt" >"$F/secret.gz"
gzip -n <"$F/in.txt" >"$F/tree/in.gz"
chmod 600 "$F/tree/in.gz"
touch -d '2001-02-03 04:05:06 UTC' "$F/tree/in.gz"
INPUT=$F/in.txt works "compresses its input" : gzip -n
works "compresses a file to its output" : gzip -nc r:in.txt
works "decompresses" : gzip -dc r:tree/in.gz
works "tests" : gzip -t r:tree/in.gz
works "replaces a file, and keeps mode and time" --create tree : gzip tree/a.txt
works "replaces it back" --create tree : gzip -d tree/in.gz
works "takes a whole tree" --create tree : gzip -r tree
bad "read a secret beside the input" secret : gzip -dc r:tree/in.gz secret.gz
bad "write outside" outside --create tree : gzip outside/file
bad "write outside by way of the tree" outside --create tree : gzip tree/../outside/file
bad "see an inherited descriptor" secret : gzip -dcf /dev/fd/9

# shellcheck shell=bash
needs /usr/bin/xxd || return 0
xxd "$F/in.txt" >"$F/in.hex"
works "dumps" : xxd r:in.txt
works "writes bits and C" : xxd -b -c 4 r:in.txt w:out.txt
works "turns a dump back" : xxd -r r:in.hex w:out.txt
INPUT=$F/in.txt works "dumps its input" : xxd -p
bad "read a secret" secret : xxd -a -c 256 secret.txt
bad "write outside" outside : xxd r:in.txt outside/new
bad "patch what is outside" outside : xxd -r r:in.hex outside/file
bad "see an inherited descriptor" secret : xxd -c 256 /dev/fd/9
bad "read a secret in the environment" secret : xxd -c 256 /proc/self/environ

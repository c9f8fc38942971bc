# shellcheck shell=bash
needs /usr/bin/zstd || return 0
zstd -q <"$F/secret.txt" >"$F/secret.zst"
zstd -q <"$F/in.txt" >"$F/tree/in.zst"
INPUT=$F/in.txt works "compresses its input" : zstd -c
works "compresses a file to its output" : zstd -qc r:in.txt
works "decompresses" : zstd -dqc r:tree/in.zst
works "uses threads" : zstd -qc -T2 r:in.txt
works "makes a file beside, and keeps mode and time" --create tree : zstd -q tree/a.txt
works "replaces a file" --create tree : zstd -q --rm tree/a.txt
works "writes a named file" : zstd -qf r:in.txt -o w:out.zst
bad "read a secret beside the input" secret : zstd -dqc r:tree/in.zst secret.zst
bad "write outside" outside --create tree : zstd -q tree/a.txt -o outside/new
bad "remove what is outside" outside --create tree : zstd -q --rm outside/file -o tree/x
bad "see an inherited descriptor" secret : zstd -dcf /dev/fd/9

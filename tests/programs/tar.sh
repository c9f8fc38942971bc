# shellcheck shell=bash
needs /usr/bin/tar || return 0
tar -C "$F" -czf "$F/in.tgz" in.txt tree
tar -C "$F" -cf "$F/in.tar" in.txt tree
tar -C "$F" -P --transform 's,.*,../outside/file,' -cf "$F/up.tar" in.txt
tar -C "$F" -cf "$F/secret.tar" --transform 's,.*,plain,' secret.txt
tar -C "$F" -cf "$F/run.tar" run in.txt
works "lists" : tar -tvf r:in.tar
works "lists what is compressed" : tar -tf r:in.tgz
works "fills a folder, and keeps modes and times" : tar -xf r:in.tgz -C c:tree
works "makes an archive" : tar -cf w:new.tar r:tree
works "makes one in its output" : tar -cf - r:tree
works "makes a compressed one" : tar --sort=name -czf w:new.tgz r:tree
bad "read a secret beside the input" secret : tar -cf - r:tree secret.txt
bad "read a secret archive" secret : tar -xOf secret.tar
bad "write outside, by names that lead up" outside : tar -xPf r:up.tar -C c:tree
bad "write outside" outside : tar -xf r:in.tar -C outside
bad "remove what is outside" outside : tar --remove-files -cf w:new.tar outside/file
bad "run a program of the archive's choice" exec : tar -xf r:run.tar -C c:tree --checkpoint=1 --checkpoint-action=exec=./run
bad "signal another process" signal : tar -xf r:in.tar -C c:tree --to-command='kill -9 VICTIM'
bad "see an inherited descriptor" secret : tar -chf - /dev/fd/9

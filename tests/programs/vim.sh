# shellcheck shell=bash
needs /usr/bin/vim || return 0
works "edits a file, and keeps its mode" --create tree : vim -es -u NONE -c '%s/alpha/omega/' -c wq tree/a.txt
works "makes a file" --create tree : vim -es -u NONE -c 'call setline(1, ["one", "two"])' -c wq tree/new.txt
works "keeps a copy" --create tree : vim -es -u NONE --cmd 'set backup backupext=.old' -c '%s/alpha/omega/' -c wq tree/a.txt
works "starts with the system's settings and a terminal's" --create tree : vim -es -c 'echo has("syntax") &filetype' -c 'q' tree/a.txt
printf 'xxZZ' >"$F/keys"
TTY=1 INPUT=$F/keys NORMAL=true works "edits on a terminal" --create tree : vim -u NONE tree/a.txt
bad "read a secret beside the file" secret --create tree : vim -es -u NONE -c 'r secret.txt' -c wq tree/a.txt
bad "write outside" outside --create tree : vim -es -u NONE -c 'w outside/new' -c q tree/a.txt
bad "run a program" exec --create tree : vim -es -u NONE -c 'r !echo RAN-$((1+1))' -c '%p' -c q! tree/a.txt
bad "signal another process" signal --create tree : vim -es -u NONE -c '!kill -9 VICTIM' -c q tree/a.txt
bad "see an inherited descriptor" secret --create tree : vim -es -u NONE -c 'r /dev/fd/9' -c '%p' -c q! tree/a.txt
bad "read a secret in the environment" secret --create tree : vim -es -u NONE -c 'put =$SECRET_KEY' -c wq tree/a.txt

# shellcheck shell=bash
needs /usr/bin/sed || return 0
works "substitutes" : sed 's/p/P/g' r:in.txt
works "prints a range" : sed -n '2,$p' r:in.txt
works "writes a named file" --write found.txt : sed -n '/plum/w found.txt' r:in.txt
works "edits in place, and keeps the mode" --create tree --promise fattr : sed -i s/alpha/omega/ tree/a.txt
works "keeps a copy" --create tree --promise fattr : sed -i.old s/alpha/omega/ tree/a.txt
works "edits in the folder it is in" --create . --promise fattr : sed -i s/pear/fig/ in.txt
bad "read a secret beside the input" secret : sed p r:in.txt secret.txt
bad "read a secret by its r command" secret : sed 'r secret.txt' r:in.txt
bad "write outside" outside : sed -n 'w outside/file' r:in.txt
bad "edit in place outside" outside --create tree --promise fattr : sed -i s/untouched/touched/ outside/file
bad "run a program by its e command" exec : sed '1e echo RAN-$((1+1))' r:in.txt
bad "see an inherited descriptor" secret : sed p /dev/fd/9
bad "read a secret in the environment" secret : sed p /proc/self/environ

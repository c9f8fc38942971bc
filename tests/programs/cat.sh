# shellcheck shell=bash
needs /usr/bin/cat || return 0
works "prints what is named" : cat in.txt tree/a.txt
works "numbers lines" : cat -n in.txt
works "prints what the caller grants" --read in.txt -- : cat in.txt
INPUT=$F/in.txt works "prints what it is handed" -- : cat
bad "read a secret that somebody else names" secret -- : cat secret.txt
bad "read a secret through a link" secret -- : cat tree/../secret.txt
bad "read a secret in the environment" secret -- : cat /proc/self/environ
bad "see an inherited descriptor" secret -- : cat /dev/fd/9
bad "read another process's environment" secret --read /proc -- : cat /proc/VICTIM/environ

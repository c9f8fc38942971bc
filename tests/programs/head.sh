# shellcheck shell=bash
needs /usr/bin/head || return 0
works "prints the first lines of what is named" : head -n 2 in.txt tree/a.txt
works "prints the first bytes" : head -c 5 in.txt
works "prints what the caller grants" --read in.txt -- : head -n 1 in.txt
INPUT=$F/in.txt works "prints the first of its input" -- : head -n -1
bad "read a secret that somebody else names" secret -- : head secret.txt
bad "read a secret by way of a folder that is granted" secret --read tree -- : head tree/../secret.txt
bad "read a secret in the environment" secret -- : head -c 4096 /proc/self/environ
bad "see an inherited descriptor" secret -- : head /dev/fd/9
bad "read another process's environment" secret --read /proc -- : head -c 4096 /proc/VICTIM/environ

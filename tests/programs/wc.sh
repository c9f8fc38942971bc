# shellcheck shell=bash
needs /usr/bin/wc || return 0
printf 'in.txt\0tree/a.txt\0' >"$F/names"
works "counts in what is named" : wc in.txt tree/a.txt
printf 'Äpfel\n' >"$F/apples"
works "counts characters and the longest line" : wc -mL apples
works "takes names from a list" --read names --read tree --read in.txt : wc -l --files0-from=names
INPUT=$F/in.txt works "counts its input" -- : wc -w
# It prints what a list names, as it finds no such file.
bad "read a secret as a list of names" secret -- : wc --files0-from=secret.txt
bad "read a list behind an inherited descriptor" secret -- : wc --files0-from=/dev/fd/9
bad "read a list in the environment" secret -- : wc --files0-from=/proc/self/environ
bad "read another process's environment" secret --read /proc -- : wc --files0-from=/proc/VICTIM/environ

# shellcheck shell=bash
needs /usr/bin/less /usr/bin/script || return 0
works "prints where there is no terminal" : less r:in.txt
INPUT=$F/in.txt works "prints its input" : less
TTY=1 works "pages on a terminal" : less -E r:in.txt
TTY=1 works "numbers and finds" : less -N +/apple -E r:in.txt
bad "read a secret beside the input" secret : less r:in.txt secret.txt
printf ':e secret.txt\nqq' >"$F/keys"
TTY=1 INPUT=$F/keys bad "read a secret by a command" secret : less r:in.txt
printf '!echo RAN-$((1+1))\n\nqq' >"$F/keys"
TTY=1 INPUT=$F/keys bad "run a program" exec : less r:in.txt
bad "see an inherited descriptor" secret : less -f /dev/fd/9
bad "read a secret in the environment" secret : less -f /proc/self/environ

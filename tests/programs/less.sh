# shellcheck shell=bash
needs /usr/bin/less /usr/bin/script || return 0
works "prints where there is no terminal" : less r:in.txt
INPUT=$F/in.txt works "prints its input" : less
TTY=1 works "pages on a terminal" : less -E r:in.txt
TTY=1 works "numbers and finds" : less -N +/apple -E r:in.txt
bad "read a secret beside the input" secret : less r:in.txt secret.txt
TTY=1 bad "read a secret by a command" secret : less -E '+:e secret.txt' r:in.txt
TTY=1 bad "run a program" exec : less -E '+!echo RAN-$((1+1))' r:in.txt
TTY=1 bad "write outside" outside : less -E -Ooutside/new r:in.txt
bad "read a secret in the environment" secret : less -f /proc/self/environ

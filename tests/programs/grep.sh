# shellcheck shell=bash
needs /usr/bin/grep || return 0
works "finds lines" : grep -n apple r:in.txt
works "searches a tree" : grep -r a r:tree
INPUT=$F/in.txt works "filters its input" : grep -c p
works "takes patterns from a file" : grep -f r:tree/a.txt r:tree/a.txt
bad "read a secret beside the input" secret : grep -h . r:in.txt secret.txt
bad "search the folder above the tree" secret : grep -r token tree/.. r:tree
bad "read a secret by way of a pattern that is a folder" secret : grep -r . r:in.txt .
bad "read a secret in the environment" secret : grep -a token /proc/self/environ
bad "see an inherited descriptor" secret : grep token /dev/fd/9

# shellcheck shell=bash
needs /usr/bin/awk || return 0
echo "END { print NR }" >"$F/count.awk"
works "picks a field" : awk '{ print $1 }' r:in.txt
works "reads its script from a file" : awk -f r:count.awk r:in.txt
bad "read a secret beside the input" secret : awk 1 r:in.txt secret.txt
bad "write outside" outside : awk '{ print > "outside/new" }' r:in.txt
bad "run a program" exec : awk 'BEGIN { "echo RAN-$((1+1))" | getline l; print l }'
bad "signal another process" signal : awk 'BEGIN { system("kill -9 VICTIM") }'
bad "see an inherited descriptor" secret : awk 1 /dev/fd/9
bad "read a secret in the environment" secret : awk 'BEGIN { print ENVIRON["SECRET_KEY"] }'

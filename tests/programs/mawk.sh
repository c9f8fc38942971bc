# shellcheck shell=bash
needs /usr/bin/mawk || return 0
works "sums" : mawk '{ n += $2 } END { print n }' r:in.txt
works "uses arrays and printf" : mawk '{ a[$2] = $1 } END { for (i = 1; i < 11; i++) if (i in a) printf "%03d %s\n", i, a[i] }' r:in.txt
works "writes a named file" --write out.txt : mawk '{ print $1 > "out.txt" }' r:in.txt
works "appends to a named file" --append in.txt : mawk 'BEGIN { print "fig 4" >> "in.txt" }'
bad "read a secret beside the input" secret : mawk 'BEGIN { while ((getline l < "secret.txt") > 0) print l }'
bad "write outside" outside : mawk '{ print > "outside/file" }' r:in.txt
bad "run a program" exec : mawk 'BEGIN { system("echo RAN-$((1+1))") }'
bad "signal another process" signal : mawk 'BEGIN { system("kill -9 VICTIM") }'
bad "read a secret in the environment" secret : mawk 'BEGIN { print ENVIRON["SECRET_KEY"] }'

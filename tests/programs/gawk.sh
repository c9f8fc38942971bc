# shellcheck shell=bash
needs /usr/bin/gawk || return 0
works "sums" : gawk '{ n += $2 } END { print n }' r:in.txt
works "uses arrays and printf" : gawk '{ a[$2] = $1 } END { for (i = 1; i < 11; i++) if (i in a) printf "%03d %s\n", i, a[i] }' r:in.txt
works "writes a named file" --write out.txt : gawk '{ print $1 > "out.txt" }' r:in.txt
works "appends to a named file" --append in.txt : gawk 'BEGIN { print "fig 4" >> "in.txt" }'
bad "read a secret beside the input" secret : gawk 'BEGIN { while ((getline l < "secret.txt") > 0) print l }'
bad "write outside" outside : gawk '{ print > "outside/file" }' r:in.txt
bad "run a program" exec : gawk 'BEGIN { system("echo RAN-$((1+1))") }'
bad "signal another process" signal : gawk 'BEGIN { system("kill -9 VICTIM") }'
bad "read a secret in the environment" secret : gawk 'BEGIN { print ENVIRON["SECRET_KEY"] }'
works "includes a library of its own" : gawk -i join 'BEGIN { split("a b c", x); print join(x, 1, 3) }'
bad "connect" connect : gawk "BEGIN { s = \"/inet/tcp/0/127.0.0.1/$OTHER_PORT\"; print \"GET /\" |& s; s |& getline l; print l }"

# shellcheck shell=bash
needs /usr/bin/gcc || return 0
printf '#include <stdio.h>\n#include "x.h"\nint main(void) { puts(GREETING); return 0; }\n' >"$F/tree/main.c"
printf '#define GREETING "hello"\n' >"$F/tree/x.h"
printf '#include "../outside/secret.txt"\n' >"$F/tree/steal.c"
printf '__asm__(".incbin \\"secret.txt\\"");\n' >"$F/tree/steal2.c"
works "compiles" --read tree : gcc -O2 -c tree/main.c -o rw:main.o
works "compiles by way of a pipe" --read tree : gcc -pipe -g -c tree/main.c -o rw:main.o
works "links" --create tree : gcc -o tree/main tree/main.c
works "links statically, with link-time optimization" --create tree : gcc -flto -static -O2 -o tree/main tree/main.c
works "preprocesses" --read tree : gcc -E tree/main.c
works "is called cc" --create tree : cc -shared -fPIC -o tree/lib.so tree/main.c
# In a folder beneath /tmp, which has to stay in sight.
away=$(mktemp -d "/tmp/${T##*/}.XXXXXX") && cp "$F"/tree/*.[ch] "$away"
[ -z "$as_nobody" ] || chown -R nobody:nogroup "$away"
works "compiles what lies in /tmp" --create "$away" : gcc -o "$away/main" "$away/main.c"
rm -r "$away"
bad "include a secret" secret --read tree : gcc -E tree/steal.c
bad "include a secret by the assembler" secret --read tree : gcc -c tree/steal2.c -o rw:stolen.o
bad "write outside" outside --read tree : gcc -c tree/main.c -o outside/main.o
bad "run a program of the caller's choice" exec --read tree --read run : gcc -wrapper ./run -c tree/main.c -o rw:main.o
bad "see an inherited descriptor" secret --read tree : gcc -E -x c /dev/fd/9
bad "include a secret" secret --read tree : cc -E tree/steal.c
bad "write outside" outside --create tree : cc -o outside/main tree/main.c
bad "run a program of the caller's choice" exec --read tree --read run : cc -wrapper ./run -c tree/main.c -o rw:main.o
bad "see an inherited descriptor" secret --read tree : cc -E -x c /dev/fd/9

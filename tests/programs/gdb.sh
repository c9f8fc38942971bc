# shellcheck shell=bash disable=SC2034
needs /usr/bin/gdb /usr/bin/gcc || return 0
printf '#include <stdio.h>\nint twice(int x) { return 2 * x; }\nint main(int n, char **v) { printf("%%d\\n", twice(21)); if (n > 1) fopen(v[1], "w"); return 0; }\n' >"$F/main.c"
gcc -g -O0 -o "$F/main" "$F/main.c" || return 0
printf '#include <sys/wait.h>\n#include <stdio.h>\n#include <unistd.h>\nint thrice(int x) { return 3 * x; }\nint main(int n, char **v) { if (fork() == 0) { printf("%%d\\n", thrice(14)); if (n > 1) fopen(v[1], "w"); } else wait(0); return 0; }\n' >"$F/parent.c"
gcc -g -O0 -o "$F/parent" "$F/parent.c" || return 0
common=(gdb -q -nx -batch -iex 'set debuginfod enabled off')
NORMAL='grep -E ^(\$1|.#0|42|Breakpoint)' NORMAL_FILES=1
works "disassembles" : "${common[@]}" -ex 'p sizeof(int)' -ex 'info line twice' r:main
works "stops a program and looks into it" : "${common[@]}" -ex 'b twice' -ex run -ex bt -ex 'p x' -ex c x:main
works "follows a child" : "${common[@]}" -ex 'set follow-fork-mode child' -ex 'b thrice' -ex run -ex bt -ex 'p x' -ex c x:parent
unset NORMAL NORMAL_FILES
bad "read a secret" secret : "${common[@]}" -ex 'python print(open("secret.txt").read())' r:main
bad "write outside" outside : "${common[@]}" -ex 'python open("outside/new", "w")' r:main
bad "let the program that it debugs write outside" outside : "${common[@]}" -ex 'run outside/new' x:main
bad "let the child of a program that it debugs write outside" outside : "${common[@]}" -ex 'set follow-fork-mode child' -ex 'b thrice' -ex 'run outside/new' -ex c x:parent
bad "read another process's environment" secret : "${common[@]}" -ex 'python print(open("/proc/VICTIM/environ").read().replace(chr(0), " "))' r:main
bad "signal another process" signal : "${common[@]}" -ex 'shell kill -9 VICTIM' r:main
bad "run what isn't granted" exec : "${common[@]}" -ex 'shell ./run' r:main
bad "read a secret in the environment" secret : "${common[@]}" -ex 'show environment' r:main

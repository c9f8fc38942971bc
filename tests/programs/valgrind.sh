# shellcheck shell=bash disable=SC2034
needs /usr/bin/valgrind /usr/bin/gcc || return 0
cat >"$F/main.c" <<'C'
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

int main(int n, char **v)
{
	char *text = malloc(100);
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(atoi(v[2])), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	switch (v[1][0]) {
	case 'e': return puts(getenv("SECRET_KEY") ?: "") < 0;
	case 'f': return write(1, text, read(9, text, 100)) < 0;
	case 'k': return kill(atoi(v[2]), SIGKILL);
	case 'l': text = NULL; return puts("lost") < 0;
	case 'o': return open(v[2], O_WRONLY | O_CREAT, 0600) < 0;
	case 'r': fd = open(v[2], O_RDONLY); return write(1, text, read(fd, text, 100)) < 0;
	case 's': fflush(NULL); return system(v[2]);
	case 't': return connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&in, sizeof in);
	case 'u': strcpy(un.sun_path, v[2]); return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&un, sizeof un);
	}
	return n;
}
C
gcc -g -O0 -o "$F/main" "$F/main.c" || return 0
check=(valgrind --tool=none -q)
NORMAL='sed -E s/==[0-9]+==//'
works "finds what is lost" : valgrind --leak-check=full x:./main l 0
works "runs a system's program, in the caller's language" --read /usr/bin/printf : valgrind -q printf '\u00e9\n'
NORMAL_FILES=1 works "counts instructions" --create new : valgrind -q --tool=callgrind --callgrind-out-file=new/out --combine-dumps=yes r:./main l 0
works "follows a child" --promise proc --exec /usr/bin/dash --exec /usr/bin/true : "${check[@]}" --trace-children=yes x:./main s /usr/bin/true
bad "let the program read a secret" secret : "${check[@]}" x:./main r secret.txt
bad "let the program write outside" outside : "${check[@]}" x:./main o outside/new
bad "keep its log outside" outside : "${check[@]}" --log-file=outside/new x:./main l 0
bad "send its log to a port" connect : "${check[@]}" --log-socket="127.0.0.1:$OTHER_PORT" x:./main l 0
bad "let the program connect" connect : "${check[@]}" x:./main t "$OTHER_PORT"
bad "let the program reach a Unix socket" unix : "${check[@]}" x:./main u "$SOCKET"
bad "let the program signal another process" signal --promise proc : "${check[@]}" x:./main k VICTIM
bad "let the program run another" exec : "${check[@]}" x:./main s ./run
bad "let the program see an inherited descriptor" secret : "${check[@]}" x:./main f 0
bad "read a secret in the environment" secret : "${check[@]}" x:./main e 0
bad "read another process's environment" secret : "${check[@]}" x:./main r /proc/VICTIM/environ

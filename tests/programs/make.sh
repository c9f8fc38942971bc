# shellcheck shell=bash
needs /usr/bin/make /usr/bin/gcc || return 0
cat >"$F/tree/Makefile" <<'MAKE'
all: hello report.txt
hello: hello.o part.o
	$(CC) -o $@ $^
%.o: %.c
	$(CC) -O1 -c -o $@ $<
report.txt: a.txt
	sort $< | tr a-z A-Z >$@
	@for f in *.c; do echo "$$f" >>$@; done
stamp: ; mkdir -p d && install -m 700 a.txt d/a && touch -d '2001-01-01 UTC' d/a
read: ; cat ../secret.txt
out: ; echo new >../outside/new
run: hello ; ./hello
net: ; bash -c 'exec 3<>/dev/tcp/127.0.0.1/$(TO)'
sig: ; kill -9 $(PID)
MAKE
cat >"$F/tree/hello.c" <<'C'
#include <stdio.h>
int part(int);
int main(void) { printf("RAN-%d\n", part(1)); return 0; }
C
echo 'int part(int x) { return x + 1; }' >"$F/tree/part.c"
works "builds a program" --create tree : make -C tree
works "builds two at once" --create tree : make -s -j2 -C tree
works "installs, with modes and times" --create tree : make -s -C tree stamp
works "says what it would do" --read tree : make -n -C tree
bad "read a secret above the tree" secret --create tree : make -C tree read
bad "write outside" outside --create tree : make -C tree out
bad "execute what it has built" exec --create tree : make -C tree run
bad "connect" connect --create tree : make -C tree net "TO=$OTHER_PORT"
bad "signal another process" signal --create tree : make -C tree sig PID=VICTIM
bad "read a secret in the environment" secret --create tree : make -C tree --eval 'env: ; env' env
works "runs what it has built, when that is granted" --create tree --exec tree : make -s -C tree run
bad "see an inherited descriptor" secret --create tree : make -C tree --eval 'fd: ; cat <&9' fd

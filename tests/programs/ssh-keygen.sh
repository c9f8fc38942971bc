# shellcheck shell=bash
needs /usr/bin/ssh-keygen || return 0
ssh-keygen -q -t ed25519 -N '' -C it -f "$F/tree/key"
printf '%s\n' "example.org $(cut -d' ' -f1,2 "$F/tree/key.pub")" >"$F/tree/known_hosts"
cp "$F/tree/key" "$F/secretkey" && ssh-keygen -q -c -C "$TOKEN" -f "$F/secretkey" >/dev/null && rm -f "$F/secretkey.pub"
cp "$F/tree/key" "$F/tree/key.pub" "$F/outside"
works "shows a fingerprint" : ssh-keygen -lf r:tree/key.pub
works "prints the public key" : ssh-keygen -yf r:tree/key
works "converts" : ssh-keygen -e -f r:tree/key.pub
works "finds a host" : ssh-keygen -F example.org -f r:tree/known_hosts
works "removes a host" --create tree : ssh-keygen -R example.org -f tree/known_hosts
NORMAL_FILES=1 NORMAL='sed -n s/^Your/your/p' works "makes a pair" --create tree : ssh-keygen -t ed25519 -N '' -f tree/new
NORMAL_FILES=1 works "changes a passphrase" --create tree : ssh-keygen -q -p -P '' -N secret -f tree/key
works "signs" --create tree : ssh-keygen -q -Y sign -n file -f tree/key tree/a.txt
bad "read a key that isn't named" secret : ssh-keygen -yf secretkey
bad "write outside" outside --create tree : ssh-keygen -q -t ed25519 -N '' -f outside/new
bad "change a key outside" outside --create tree : ssh-keygen -q -p -P '' -N secret -f outside/key
bad "sign with a key that isn't named" outside --create tree : ssh-keygen -q -Y sign -n file -f outside/key outside/file
SECRET=$F/secretkey bad "see an inherited descriptor" secret : ssh-keygen -yf /dev/fd/9
if [ -x /usr/bin/gcc ]; then
	printf '#include <stdio.h>\n__attribute__((constructor)) static void f(void) { dprintf(2, "RAN-%%d\\n", 1 + 1); }\nint C_GetFunctionList(void) { return 1; }\n' |
		gcc -shared -fPIC -x c -o "$F/lib.so" -
	bad "run a library of the caller's choice" exec : ssh-keygen -D "$W/lib.so"
fi

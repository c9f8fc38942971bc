# shellcheck shell=bash disable=SC2034
needs /usr/bin/gpg /usr/bin/gpg-agent || return 0
# Short, for the agent's socket; the agent has to be gone before the folder is copied.
export GNUPGHOME=$F/keys
mkdir -m 700 "$GNUPGHOME"
{
	gpg --batch --passphrase '' --quick-gen-key "Ada <ada@example.org>" ed25519 sign never
	gpg --batch --detach-sign -o "$F/in.sig" "$F/in.txt"
	gpg --batch --export -o "$F/pub.gpg"
	gpgconf --kill gpg-agent
} >/dev/null 2>&1
rm -rf "$GNUPGHOME" && mkdir -m 700 "$GNUPGHOME" && gpg -q --no-autostart --import "$F/pub.gpg" 2>/dev/null
unset GNUPGHOME
rm -f "$F"/keys/*~ "$F"/keys/S.*
NORMAL_FILES=1
works "digests" --create keys : gpg --homedir keys --print-md SHA256 r:in.txt
works "verifies" --create keys : gpg -q --homedir keys --no-autostart --verify r:in.sig r:in.txt
works "lists keys" --create keys : gpg -q --homedir keys --no-autostart --list-keys
works "imports" --create keys : gpg -q --homedir keys --no-autostart --import r:pub.gpg
unset NORMAL_FILES
bad "read a secret" secret --create keys : gpg -q --homedir keys --no-autostart --store -z 0 -o - secret.txt
bad "write outside" outside --create keys : gpg -q --homedir keys --no-autostart --enarmor -o outside/new r:in.txt
bad "see an inherited descriptor" secret --create keys : gpg -q --homedir keys --no-autostart --store -z 0 -o - /dev/fd/9
printf '#!/bin/sh\necho $((1+1)) >outside/new\n' >"$F/agent" && chmod 755 "$F/agent"
LIMIT=2 bad "run an agent of the caller's choice" outside --create keys --read agent : gpg -q --homedir keys --agent-program "$W/agent" --list-secret-keys
printf '%%Assuan%%\nsocket=%s\n' "$SOCKET" >"$F/keys/S.gpg-agent"
bad "reach a Unix socket in an agent's place" unix --create keys : gpg -q --homedir keys --no-autostart --list-secret-keys

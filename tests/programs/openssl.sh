# shellcheck shell=bash
needs /usr/bin/openssl || return 0
openssl req -x509 -newkey ed25519 -noenc -subj /CN=example.org -days 9 -keyout "$F/key.pem" -out "$F/cert.pem" 2>/dev/null
openssl pkeyutl -sign -inkey "$F/key.pem" -rawin -in "$F/in.txt" -out "$F/in.sig"
chmod 600 "$F/key.pem"
openssl pkey -in "$F/key.pem" -pubout -out "$F/pub.pem"
base64 <"$F/secret.txt" >"$F/secret.b64"
works "digests" : openssl dgst -sha256 r:in.txt
works "shows a certificate" : openssl x509 -noout -subject -in r:cert.pem
works "verifies a signature" : openssl pkeyutl -verify -pubin -inkey r:pub.pem -rawin -in r:in.txt -sigfile r:in.sig
works "encrypts" : openssl enc -aes-256-cbc -K 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff -iv 0 -in r:in.txt -out w:out.enc
NORMAL_FILES=1 works "makes a key" : openssl genpkey -algorithm ed25519 -out w:new.pem
works "tells a prime" : openssl prime 97
bad "read a key that isn't named" secret : openssl enc -a -d -A -in secret.b64
bad "read a secret" secret : openssl enc -d -none -in secret.txt
bad "write outside" outside : openssl rand -out outside/file 16
bad "connect" connect : openssl s_client -connect "127.0.0.1:$OTHER_PORT"
bad "see an inherited descriptor" secret : openssl enc -none -in /dev/fd/9
bad "read a secret in the environment" secret : openssl enc -none -in /proc/self/environ

# shellcheck shell=bash
needs /usr/bin/bash || return 0
cat >"$F/script.sh" <<'SCRIPT'
while read -r name n; do printf '%s=%d\n' "$name" $((n * 2)); done <"$1" | sort >"$2/out.txt"
for f in "$2"/*; do [ -f "$f" ] && wc -c <"$f"; done
diff <(echo a) <(echo a) && cat <<EOT
$(basename /x/y) ${BASH_VERSINFO[0]}
EOT
SCRIPT
works "computes" : bash -c 'for ((i = 0; i < 5; i++)); do x+=$i; done; echo $x'
works "runs a script with pipes and substitutions" : bash r:script.sh r:in.txt c:tree
works "runs the system's programs" : bash -c 'seq 10 | tail -n 3 | tr 0-9 a-j; id -un; date -d @0 -u'
works "tells how each part of a pipeline ended" : bash -c 'set -o pipefail; seq 5 | grep 9 | cat; echo "$? ${PIPESTATUS[*]}"; yes | head -n 2 | { read -r a; echo "$a"; }; echo "$?"'
works "pipes what it finds through others" --read tree : bash -c 'find tree -name "*.txt" -print0 | sort -z | xargs -0 sha256sum | tee >(wc -l >&2) | cut -c 1-9 | sort -u; coproc cat; echo x >&"${COPROC[1]}"; read -r x <&"${COPROC[0]}"; echo "$x"'
works "waits and traps" : bash -c 'trap "echo term" TERM; kill -TERM $$; sleep 0.01 & wait $!; echo done'
printf 'sleep 0.1 | cat &\nwait\nfg\nsleep 0.01; echo $((40+2))\nexit 3\n' >"$F/keys"
TTY=1 INPUT=$F/keys NORMAL='grep -x 42.' works "is interactive, with job control" : bash --norc -c 'bash --norc -i; [ $? = 3 ]'
bad "read a secret beside the input" secret : bash -c 'cat secret.txt' r:in.txt
bad "read a secret at the end of a pipeline" secret --read tree : bash -c 'echo secret.txt | xargs cat | tee /dev/null | cat' r:in.txt
bad "write outside" outside : bash -c 'echo new >outside/new' c:tree
bad "connect" connect : bash -c "exec 3<>/dev/tcp/127.0.0.1/$OTHER_PORT; echo GET >&3; cat <&3"
bad "execute what it wrote" exec --create tree : bash -c 'cp /usr/bin/dash tree/own && tree/own -c "echo RAN-\$((1+1))"'
bad "signal another process" signal : bash -c 'kill -9 VICTIM'
bad "see an inherited descriptor" secret : bash -c 'cat <&9'
bad "read a secret in the environment" secret : bash -c 'echo $SECRET_KEY; cat /proc/$PPID/environ'

# shellcheck shell=bash
needs /usr/bin/xargs || return 0
printf 'tree/a.txt\0tree/sub/b.txt\0' >"$F/names"
printf 'tree/a.txt\nsecret.txt\n' >"$F/more"
INPUT=$F/names works "runs grep" --read tree -- : xargs -0 grep -n a
INPUT=$F/names works "runs echo for each" -- : xargs -0 -n 1 echo
NORMAL=sort INPUT=$F/names works "runs two at once" --read tree -- : xargs -0 -P 2 -n 1 wc -c /dev/null
works "runs a shell when that is granted" --use shell : xargs sh -c 'echo $((1+1))'
INPUT=$F/more bad "read a secret among the names" secret --read tree -- : xargs cat
INPUT=$F/more bad "write outside" outside --create tree : xargs cp -t outside
bad "execute what isn't granted" exec --read run : xargs ./run
bad "signal another process" signal : xargs env kill -9 VICTIM
bad "see an inherited descriptor" secret : xargs cat /dev/fd/9

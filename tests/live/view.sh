#!/bin/bash
# What Landlock can't do and a view of the program's own can: parts kept out of a grant, names and metadata out of sight, other processes,
# a network of its own, private places with what is granted in them; and scratch folders, which take no view.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

sh=(--use "shell" --promise proc)

# Scratch folders take no namespace ---------------------------------------------------------------------------------------

mkdir "$T/scratch"
export TMPDIR=$T/scratch
left() { find "$T/scratch" -mindepth 1 | head -n 3; }
gives "scratch: a folder of its own, to write in" 0 in "$E" --scratch TMPDIR "${sh[@]}" sh -c "cd \$TMPDIR && echo in >f && mkdir d && mv f d && cat d/f"
same "scratch: nothing is left" "" "$(left)"
gives "scratch: two, apart" 0 "1 1" "$E" --scratch TMPDIR --scratch HOME "${sh[@]}" sh -c "touch \$TMPDIR/a \$HOME/b; echo \$(ls \$TMPDIR | wc -l) \$(ls \$HOME | wc -l)"
gives "scratch: beside it nothing" 1 "" "$E" --scratch TMPDIR "${sh[@]}" sh -c "touch \$TMPDIR/../x 2>/dev/null"
gives "scratch: what is set on the command line wins" 0 /x "$E" --use scratch --env TMPDIR=/x "${sh[@]}" sh -c "echo \$TMPDIR"
run "$E" --scratch TMPDIR "${sh[@]}" sh -c 'kill -9 $$'
same "scratch: a death by signal is one" 137 "$STATUS"
same "scratch: and nothing is left of it" "" "$(left)"
# Deeper than any path can be, without rights, with links to what is outside.
echo keep >"$W/keep"
run "$E" --scratch TMPDIR "${sh[@]}" --promise fattr-anywhere bash -c 'cd $TMPDIR; ln -s '"$W"' link; ln -s '"$W/keep"' file
	n=$(printf %0200d 0); for ((i = 0; i < 60; i++)); do mkdir $n && cd $n; done 2>/dev/null; : >f; chmod 000 .; cd $TMPDIR; mkdir locked; : >locked/f; chmod 000 locked'
same "scratch: a deep and a locked tree are removed" "0|" "$STATUS|$(left)"
same "scratch: what links lead to is not" keep "$(<"$W/keep")"
# Whatever happens: the launcher itself is killed.
"$E" --scratch TMPDIR "${sh[@]}" sh -c ': >$TMPDIR/f; echo here; sleep 30' >"$T/here" 2>/dev/null &
launcher=$!
until_true has_words "$T/here"
holds "scratch: there while the program runs" test -n "$(left)"
kill -KILL $launcher
is_clean() { [ -z "$(left)" ]; }
holds "scratch: removed though the launcher was killed" until_true is_clean
wait $launcher 2>/dev/null
same "scratch: of a dry run nothing is made" "" "$("$E" -n --scratch TMPDIR "$P" args >/dev/null && left)"
TMPDIR=$T/none refuses "scratch: where there is no place for it" '*scratch*none*TMPDIR says where' --scratch TMPDIR "$P" args
[ -z "$am_root" ] ||
	gives "scratch: somebody else's when the program is" 0 65534 "$E" --scratch TMPDIR --user 65534 --group 65534 "${sh[@]}" sh -c ': >$TMPDIR/f && stat -c %u $TMPDIR/f'
# A make with the compiler's own temporary files in it, at the fastest: no namespace at all.
run "$E" -n --use compiler,scratch "$P" args
same "scratch: no namespace is taken" "" "$(grep -E 'namespace|mount view' <<<"$OUT")"
unset TMPDIR

# A view ----------------------------------------------------------------------------------------------------------------

run "$E" --private "$W" "$P" args
case $STATUS:$ERR in
125:*"user namespaces are blocked"*)
	skip "isolate, except, private" "user namespaces are blocked here"
	refuses "isolate without user namespaces" '*isolate: *user namespaces are blocked*' --isolate files "$P" args
	refuses "except without user namespaces" '*except: *user namespaces are blocked*' --with "read write create $W except x" "$P" args
	finish
	;;
esac

# Carve-outs.
fresh() {
	chmod -R u+rwx "$W/repo" 2>/dev/null
	rm -rf "$W/repo"
	mkdir -p "$W/repo/.git/hooks" "$W/repo/src" "$W/repo/ssh"
	echo config >"$W/repo/.git/config"
	echo key >"$W/repo/ssh/key"
	echo code >"$W/repo/src/a.c"
}
state() { (cd "$W/repo" && find . -printf '%P %y %m\n' -type f -exec cat {} \; | sort); }
carved=(--with "read $W/repo" --with "write create $W/repo except .git/hooks .git/config" "${sh[@]}" --promise fattr)
attack() { # LAUNCHER SCRIPT: every way to the parts
	"$1" "${carved[@]}" bash -c '
		cd repo
		echo evil >.git/config; echo evil >>.git/config; echo evil >.git/hooks/pre-commit; mkdir .git/hooks/d
		truncate -s 0 .git/config; chmod 777 .git/config .git/hooks; touch -d 2001-01-01 .git/config
		rm -f .git/config; rmdir .git/hooks; mv .git/hooks .git/h2; mv .git moved; mv ../repo ../repo2
		ln .git/config src/config; echo evil >src/config; echo x >new; mv -f new .git/config
		mkdir fake; mv -T fake .git/hooks; ln -s /etc l; mv -fT l .git/config; cp --remove-destination src/a.c .git/config
		echo evil | tee /proc/self/cwd/.git/config; exec 3<.git/config; echo evil >/dev/fd/3; cd .git; echo evil >config; echo evil >../.git/hooks/x
		cd hooks && echo evil >y; true' >/dev/null 2>&1
}
fresh
before=$(cd "$W/repo/.git" && find . -printf '%P %y %m %T@\n' -type f -exec cat {} \; | sort | grep -v '^ d')
attack "$E"
after=$(cd "$W/repo/.git" && find . -printf '%P %y %m %T@\n' -type f -exec cat {} \; | sort | grep -v '^ d')
same "except: the parts are as they were, whatever was tried" "$before" "$after"
if [ -x "$E_TEST" ]; then
	fresh
	ENDOW_TEST_WITHOUT=except attack "$E_TEST"
	holds "except: without the layer the same attack succeeds" grep -rq evil "$W/repo"
fi
fresh
gives "except: beside the parts all is as granted" 0 "config new" "$E" "${carved[@]}" bash -c \
	"cd repo && rm src/a.c && mkdir -p a/b && echo new >a/b/n && mv a c && echo x >.git/index.lock && mv .git/index.lock .git/index && echo \$(cat .git/config c/b/n)"
fresh
gives "except: entries come and go beside them" 0 "" "$E" "${carved[@]}" bash -c \
	"cd repo/.git; for i in 1 2 3; do mkdir refs; touch refs/x; rm -r refs; touch n; mv n m; rm m; done; echo evil >config 2>/dev/null; grep evil config; true"
gives "except: of a grant to read the part is out of sight" 0 "no no" "$E" --with "read $W/repo except ssh .git/config" "${sh[@]}" bash -c \
	"cd repo; [ -n \"\$(cat ssh/key .git/config 2>/dev/null)\" ] && echo read; cat ssh/* >/dev/null 2>&1 || echo -n no; ls ssh 2>/dev/null; cat .git/config 2>/dev/null || echo ' no'"
gives "except: a whole grant's rights are gone from the part" 0 "none" "$E" --with "read write create $W/repo except ssh" "${sh[@]}" bash -c \
	"cd repo; cat ssh/key 2>/dev/null; echo x >ssh/key 2>/dev/null; touch ssh/n 2>/dev/null; rm -rf ssh 2>/dev/null; mv ssh s 2>/dev/null; echo none"
same "except: and it is as it was" key "$(<"$W/repo/ssh/key")"
gives "except: two lines that except the same part leave nothing" 1 "" "$E" --with "read $W/repo except .git/config" --with "exec $W/repo except .git/config" "${sh[@]}" bash -c \
	"cat repo/.git/config 2>/dev/null"
gives "except: nor is one line that excepts it in another's way" 0 "config" "$E" --with "read write create $W/repo except ssh .git" --with "read $W/repo except ssh" "${sh[@]}" bash -c \
	"cat repo/.git/config; cat repo/ssh/key 2>/dev/null; true"
cp /bin/true "$W/repo/src/tool" && cp /bin/true "$W/repo/ssh/tool"
gives "except: executing, too" 0 "0 126" "$E" --with "exec $W/repo except ssh" --with "read $W/repo" "${sh[@]}" bash -c "repo/src/tool; a=\$?; repo/ssh/tool 2>/dev/null; echo \$a \$?"
rm "$W/repo/src/tool" "$W/repo/ssh/tool"

# Of what the command line designates.
fresh
gives "except, of designated trees: read-only" 0 "config" "$E" --except .git/hooks/ --except .git/config --create repo "${sh[@]}" bash -c \
	"cat repo/.git/config; echo evil >repo/.git/config 2>/dev/null; touch repo/.git/hooks/x 2>/dev/null; rm -rf repo/.git 2>/dev/null; true"
same "except, of designated trees: as it was" config "$(<"$W/repo/.git/config")"
rmdir "$W/repo/.git/hooks"
gives "except: an absent folder is made, and can't be written" 0 "hooks" "$E" --except .git/hooks/ --create repo "${sh[@]}" bash -c "cd repo/.git; ls -d hooks; touch hooks/x 2>/dev/null; true"
holds "except: and is gone afterwards" test ! -e "$W/repo/.git/hooks"
refuses "except: an absent part is refused" '*except: */repo/.git/hooks does not exist*optional*' --with "write create $W/repo except .git/hooks" "$P" args
refuses "except: so is a folder whose own folder is absent" '*except: */repo/none does not exist*' --with "write create $W/repo except none/hooks/" "$P" args
run "$E" --with "except .git/hooks none/x optional" --create repo "$P" args
same "except: unless it may be" "0|" "$STATUS|$ERR"
fresh
ln -s ../src "$W/repo/.git/link"
ln "$W/repo/.git/config" "$W/repo/.git/second"
refuses "except: no symbolic link" '*except: *link is a symbolic link*' --with "write create $W/repo except .git/link" "$P" args
refuses "except: nor on the way" '*except: *link is a symbolic link*' --with "write create $W/repo except .git/link/a.c" "$P" args
refuses "except: no file of two names" '*except: *config has 2 names*' --with "write create $W/repo except .git/config" "$P" args
rm "$W/repo/.git/second"
refuses "except: nothing that another line grants" '*except: *is excepted, and *grants it for writing*' \
	--with "write create $W/repo except src" --with "write $W/repo" "$P" args
refuses "except: nor a part of it" '*except: *is excepted, and *grants a thing in it*' --with "write create $W/repo except src" --write "$W/repo/src/a.c" "$P" args
refuses "except: a folder that is a file" '*except: *config is no directory*' --with "read $W/repo except .git/config/" "$P" args
refuses "except: a folder that another line lets be executed alone" '*may be executed by another line*' --with "read $W/repo except src" --with "exec $W/repo" "$P" args
refuses "except: no descriptor of what is hidden" '*fd 3*excepted*hidden*' --with "read $W/repo except .git/config" --with "fd 3 read $W/repo/.git/config" "$P" args
refuses "except: of a file" '*except: *is no directory*' --with "write $W/repo/src/a.c except x" "$P" args
run "$E" "${carved[@]}" bash -c 'true' <"$W/repo/.git/config"
like "except: a descriptor that leads to the part is refused" "125:*descriptor 0: *excepted*" "$STATUS:$ERR"
run "$E" "${carved[@]}" bash -c 'true' <"$W/repo"
like "a folder as a descriptor, which leads around the view, is refused" "125:*descriptor 0 is a folder*" "$STATUS:$ERR"

# Metadata, where only what is granted for writing may be changed.
touch "$W/meta"
gives "promise fattr: beside the grants nothing" 1 "" "$E" --promise fattr --create "$W/repo" "${sh[@]}" sh -c "chmod 640 $W/meta 2>/dev/null"
if [ -x "$E_TEST" ]; then
	ENDOW_TEST_WITHOUT=seal gives "promise fattr: without the layer it is changed" 0 "" "$E_TEST" --promise fattr --create "$W/repo" "${sh[@]}" sh -c "chmod 640 $W/meta"
fi

# A descriptor to write through needs no name, and no more than itself.
echo old >"$W/through"
gives "promise fattr: a descriptor to write through" 0 "no" "$E" --promise fattr --with "fd 3 write $W/through" "${sh[@]}" sh -c "echo new >&3; cat $W/through 2>/dev/null || echo no"
same "promise fattr: it was written" new "$(<"$W/through")"

# Private places, with what is granted in them.
mkdir -p "$HOME/.config/tool" "$HOME/deep/er"
echo secret >"$HOME/secret"
echo name >"$HOME/.toolrc"
echo in >"$HOME/deep/er/in"
ln -sf .toolrc "$HOME/link"
home=(--env HOME --private "$HOME" --read "$HOME/link" --with "read write $HOME/deep/er/in")
gives "private: what is granted in it is there, under its name" 0 "name name in" "$E" "${home[@]}" --read "$HOME/deep/er/in" "${sh[@]}" sh -c 'echo $(cat ~/link ~/.toolrc ~/deep/er/in)'
gives "private: all else is not" 1 "" "$E" "${home[@]}" "${sh[@]}" sh -c "ls ~/secret ~/.config 2>/dev/null | grep ."
gives "private: HOME as scratch, written, and gone" 0 new "$E" "${home[@]}" "${sh[@]}" sh -c 'mkdir -p ~/.cache/x && echo new >~/.cache/x/f && cat ~/.cache/x/f; echo out >~/deep/er/in'
same "private: nothing of it is left" "out|" "$(<"$HOME/deep/er/in")|$(find "$HOME" -name .cache -newer "$W/keep" -path '*/.cache/x')"
cd "$HOME/deep" || exit 1
for more in "" "--promise fattr"; do
	# shellcheck disable=SC2086
	gives "private above the working directory, of which a folder is granted $more" 0 "made $HOME/deep" \
		"$E" --private "$HOME" --create er $more "${sh[@]}" sh -c ": >er/n && rm er/n && echo made \$PWD"
done
cd "$W" || exit 1

refuses "private: what is shown in it can't be granted for less than the place gives" '*lies in *which is private*read write*' --private "$HOME" --append "$HOME/secret" "$P" args
refuses "private: nor to write alone" '*lies in *which is private*' --private "$HOME" --write "$HOME/secret" "$P" args
refuses "private: nor a folder without create" '*lies in *which is private*' --private "$HOME" --with "read write $HOME/deep" "$P" args
refuses "private: nothing to except" '*is private, and empty*' --private "$HOME" --with "read $HOME except deep" "$P" args

# Files.
gives "isolate files: a granted file, and no other name" 0 "code
no" "$E" --isolate files --read "$W/repo/src" "${sh[@]}" sh -c \
	"cat $W/repo/src/a.c; stat $W/repo/.git/config >/dev/null 2>&1 || stat /etc/passwd >/dev/null 2>&1 || stat $HOME >/dev/null 2>&1 || echo no"
code=$("$E" --no-policy "${sh[@]}" sh -c "stat $W/repo/.git/config >/dev/null && echo seen")
same "isolate files: without it they are seen" seen "$code"
same "isolate files: links on the way to what is granted are there" "name" "$("$E" --isolate files --read "$HOME/link" "${sh[@]}" sh -c "cat $HOME/link" 2>&1)"
gives "isolate files: what is granted for writing is written outside" 0 "" "$E" --isolate files --create "$W/repo/src" "${sh[@]}" sh -c "echo new >$W/repo/src/n && rm $W/repo/src/a.c"
same "isolate files: seen outside" "new" "$(cat "$W/repo/src/n" && ls "$W/repo/src/a.c" 2>/dev/null)"
gives "isolate files: with a view that keeps metadata" 0 "yes no" "$E" --isolate files --promise fattr --create "$W/repo/src" --read "$W/repo/.git" "${sh[@]}" sh -c \
	"chmod 600 $W/repo/src/n && echo -n yes; chmod 600 $W/repo/.git/config 2>/dev/null || echo ' no'"
gives "isolate files: descriptors of files that have no name there" 0 "config" "$E" --isolate files --with "fd 3 read $W/repo/.git/config" "${sh[@]}" sh -c "cat <&3"
gives "isolate files: a working directory of the same name, empty" 0 "$W" "$E" --isolate files "${sh[@]}" sh -c 'echo $PWD $(ls . 2>/dev/null)'
gives "isolate files: cwd" 0 "$W/repo" "$E" --isolate files --cwd "$W/repo" "${sh[@]}" sh -c 'pwd'
gives "isolate files: an output file is made" 0 "" "$E" --isolate files --no-policy cp r:"$W/repo/src/n" w:"$W/out"
same "isolate files: it is there" new "$(cat "$W/out" && rm "$W/out")"
gives "isolate files: an output file that was not written is gone" 0 "" "$E" --isolate files --no-policy true w:"$W/out"
holds "isolate files: no such file" test ! -e "$W/out"
gives "isolate files: and with a private place" 0 "new" "$E" --isolate files --private /tmp --read "$W/repo/src" "${sh[@]}" sh -c "cp $W/repo/src/n /tmp/x && cat /tmp/x"
gives "isolate files: with except" 0 "no" "$E" --isolate files "${carved[@]}" bash -c "echo evil 2>/dev/null >repo/.git/config || echo no"

# Processes.
sleep 100 &
neighbour=$!
gives "isolate processes: no other is seen" 0 "1 2" "$E" --isolate processes --read /proc "${sh[@]}" bash -c 'cd /proc && set -- [0-9]* && echo $1 $2'
seen=$("$E" --no-policy "${sh[@]}" bash -c "[ -d /proc/$neighbour ] && echo seen")
same "isolate processes: without it they are" seen "$seen"
gives "isolate processes: nor is one that is known by number" 1 "" "$E" --isolate processes "${sh[@]}" bash -c "[ -d /proc/$neighbour ]"
gives "isolate processes: the exit status" 7 "" "$E" --isolate processes "${sh[@]}" bash -c 'exit 7'
gives "isolate processes: not found" 127 "" "$E" --isolate processes nonesuch-program
for sig in TERM INT HUP USR1 SEGV KILL; do
	run "$E" --isolate processes "${sh[@]}" bash -c "kill -$sig \$\$"
	same "isolate processes: a death by SIG$sig" $((128 + $(kill -l $sig))) "$STATUS"
done
"$E" --isolate processes "${sh[@]}" bash -c 'trap "echo term; exit 9" TERM; echo ready; while :; do sleep 0.1; done' >"$T/told" 2>/dev/null &
launcher=$!
until_true has_words "$T/told"
kill -TERM $launcher
wait $launcher
same "isolate processes: a signal reaches the program, once" "9|ready term" "$?|$(paste -sd" " "$T/told")"
"$E" --isolate processes "${sh[@]}" bash -c '(setsid sleep 98765 &) ; (sleep 98764 &); echo ready; sleep 98763' >"$T/told" 2>/dev/null &
launcher=$!
until_true has_words "$T/told"
kill -KILL $launcher
none_left() { ! pgrep -f '^sleep 9876[345]$' >/dev/null; }
holds "isolate processes: when the launcher is killed, nothing of the sandbox is left" until_true none_left
wait $launcher 2>/dev/null
"$E" --isolate processes "${sh[@]}" bash -c 'echo ready; kill -STOP $$; echo on; exit 3' >"$T/told" 2>/dev/null &
launcher=$!
is_stopped() { read -r _ _ s _ <"/proc/$launcher/stat" && [ "$s" = T ]; }
holds "isolate processes: a stop is seen outside" until_true is_stopped
kill -CONT $launcher
wait $launcher
same "isolate processes: and going on again inside" "3|ready on" "$?|$(paste -sd" " "$T/told")"
export TMPDIR=$T/scratch
"$E" --isolate processes --scratch TMPDIR "${sh[@]}" bash -c ': >$TMPDIR/f; echo here; sleep 30' >"$T/here" 2>/dev/null &
launcher=$!
until_true has_words "$T/here"
kill -KILL $launcher
holds "isolate processes, scratch: removed though the launcher was killed" until_true is_clean
wait $launcher 2>/dev/null
unset TMPDIR
kill $neighbour

# System V objects, networks.
id=$(ipcmk -M 100 2>/dev/null | grep -o '[0-9]*$')
if [ "$id" ]; then
	gives "isolate ipc: objects outside are not seen" 0 "0" "$E" --isolate ipc --promise sysvipc --exec /usr/bin/ipcs --read /proc "${sh[@]}" sh -c "ipcs -m | grep -c ' $id ' || true"
	ipcrm -m "$id"
fi
py - <<'PY' >"$T/port" &
import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
print(s.getsockname()[1]); sys.stdout.flush(); time.sleep(20)
PY
listener=$!
until_true has_words "$T/port"
port=$(<"$T/port")
connect="exec 3<>/dev/tcp/127.0.0.1/$port && echo reached"
same "isolate net: without it loopback is reached" reached "$("$E" --connect tcp:any "${sh[@]}" bash -c "$connect" 2>&1)"
gives "isolate net: with it not" 1 "" "$E" --isolate net --connect tcp:any "${sh[@]}" bash -c "$connect"
gives "isolate net: a loopback of its own" 0 "hello" "$E" --isolate net --connect tcp:any --listen tcp:any --use python python3 -c '
import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
c = socket.create_connection(s.getsockname()); a, _ = s.accept(); a.send(b"hello"); print(c.recv(9).decode())'
kill $listener

# All of it, proved from inside.
for row in "--isolate files" "--isolate processes" "--isolate files,processes,ipc,net" "--isolate files --promise fattr --create $W/repo" "--private $HOME --private /tmp" \
	"--except .git/hooks --create $W/repo"; do
	# shellcheck disable=SC2086
	run "$E" --prove $row "$P" args
	same "proved: $row" "0|" "$STATUS|$ERR"
done
finish

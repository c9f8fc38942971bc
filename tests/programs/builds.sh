# shellcheck shell=bash
# Source trees of others, as released: built inside and outside to the same files with the same bytes, and what they hold if
# somebody has put evil into them.
needs /usr/bin/make /usr/bin/gcc || return 0
needs_source lua5.4 || return 0
needs_source zlib || return 0
# shellcheck disable=SC2034 # for the harness
LIMIT=120
configure=(--use "make,scratch,users" --promise "fattr,id")
cat >"$F/build" <<'SH'
cd "$1" && bash ./configure && make -s -j2 && rm configure.log # which holds the time
SH
printf 'local t = {}; for w in ("pear apple"):gmatch("%%a+") do t[#t + 1] = w end; table.sort(t); print(_VERSION, table.concat(t, " "))\n' >"$F/words.lua"
works "builds Lua" --create lua5.4 : make -s -j2 -C lua5.4 posix
works "configures and builds zlib" "${configure[@]}" --create zlib : bash r:build zlib
# Built once, outside: what follows is about using it.
make -s -j2 -C "$F/lua5.4" posix 2>/dev/null && (cd "$F/zlib" && ./configure && make -s -j2) >/dev/null 2>&1 || return 0
works "runs the tests that zlib brings, where what is built may run" --create zlib --exec zlib : make -s -C zlib test
works "runs the test that Lua brings" --read lua5.4 --exec lua5.4 : make -s -C lua5.4 test
works "runs a script" : lua5.4/src/lua r:words.lua
works "compiles a script" : lua5.4/src/luac -s -o w:words.luac r:words.lua

# What a tree may do that somebody has tampered with: by its configure script, and by its makefile.
cat >"$F/evil" <<'SH'
case $1 in
harmless) echo "$2" >stolen ;;
secret) cp "$TOP/secret.txt" stolen || cat "$TOP/secret.txt" >stolen ;;
home) cp "$TOP/outside/secret.txt" stolen ;;
environment) env >stolen ; cat /proc/[0-9]*/environ >>stolen ;;
descriptor) cat <&9 >stolen ;;
write) echo evil >>"$TOP/outside/file" ;;
link) ln -s "$TOP/outside/file" way && echo evil >>way ;;
mode) chmod 777 "$TOP/outside/file" ;;
remove) rm -f "$TOP/outside/file" ;;
connect) bash -c "exec 3<>/dev/tcp/127.0.0.1/$2; echo GET >&3" ;;
signal) kill -9 "$2" ;;
run) cp "$TOP/run" own && ./own ;;
esac
SH
cp "$F/evil" "$F/zlib/evil" && sed -i '1a sh ./evil "$@" # tampered' "$F/zlib/configure"
# shellcheck disable=SC2016 # for make
cp "$F/evil" "$F/lua5.4/src/evil" && printf '\nlzio.o: tampered\n.PHONY: tampered\ntampered: ; sh ./evil $(HOW)\n' >>"$F/lua5.4/src/Makefile"
# What they run is run inside as well; what it then may not do is what follows.
works "runs what is hidden in a makefile" --create lua5.4 : make -s -C lua5.4/src lzio.o "TOP=../.." "HOW=harmless x"
# Where it has been configured, all but the time, in the log.
NORMAL_FILES=1 works "runs what is hidden in a configure script" "${configure[@]}" --create zlib : bash -c 'cd zlib && bash ./configure harmless x >/dev/null; cat stolen'
unset NORMAL_FILES
tampered() { # WHAT KIND WORDS-FOR-evil
	# shellcheck disable=SC2086 # words are meant to be split
	bad "$1 by a makefile" "$2" --create lua5.4 : make -s -C lua5.4/src lzio.o "TOP=../.." "HOW=$3"
	# shellcheck disable=SC2086
	bad "$1 by a configure script" "$2" "${configure[@]}" --create zlib : bash -c 'cd zlib && TOP=.. bash ./configure '"$3"
}
tampered "read a secret beside the tree" secret secret
tampered "read a secret elsewhere" secret home
tampered "read a secret in an environment" secret environment
tampered "see an inherited descriptor" secret descriptor
tampered "write outside" outside write
tampered "write outside through a link" outside link
tampered "change a mode outside" outside mode
tampered "remove a file outside" outside remove
tampered "connect" connect "connect $OTHER_PORT"
tampered "signal another process" signal "signal VICTIM"
tampered "run what it has made" exec run

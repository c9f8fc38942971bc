#!/bin/bash
# What each right lets a program do with a file, a folder, a descriptor, and with which errno it refuses the rest.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

fresh() {
	chmod -R u+rwx "$W"
	rm -rf "${W:?}"/*
	mkdir "$W/a" "$W/b" "$W/out"
	printf 'text' | tee "$W/f" "$W/g" "$W/a/f" "$W/b/f" "$W/out/f" >"$W/-dash"
	cp "$P" "$W/prog"
	printf '#!/bin/sh\necho script "$@"\n' >"$W/script"
	printf '#!%s args\n' "$P" >"$W/script2"
	chmod 755 "$W/script" "$W/script2"
	ln -s f "$W/link"
	ln -s a "$W/linkdir"
	ln -s /nonexistent/x "$W/dangling"
}

# Rows: GRANT WORDS | PROBE COMMAND=OUTCOME ...   each command alone, on fresh files; a blank in it is an underscore,
# a blank in an option or an answer is a tilde.
table() {
	local grant checks check words want options
	while IFS='|' read -r grant checks; do
		case $grant in "" | "#"*) continue ;; esac
		for check in $checks; do
			want=${check##*=} words=${check%=*}
			fresh
			# shellcheck disable=SC2086
			IFS=' ' read -ra options <<<"$grant"
			run "$E" --no-policy "${options[@]//\~/ }" "$P" ${words//_/ }
			same "[${grant% }] ${words//_/ }" "0|${want//\~/ }|" "$STATUS|$OUT|$ERR"
		done
	done
}

# Files --------------------------------------------------------------------------------------------------------------------

table <<'END'
--read f | cat_f=text open_f_r=ok open_f_w=EACCES open_f_rw=EACCES open_f_a=EACCES open_f_rt=EACCES trunc_f=EACCES
--read f | rm_f=EACCES mv_f_h=EACCES ln_f_h=EACCES mmapw_f=EACCES chmod_f=EPERM touch_f=EPERM exec_f=EACCES cat_g=EACCES cat_a/f=EACCES
--write f | cat_f=EACCES write_f_x=ok append_f_x=ok open_f_wt=ok trunc_f=ok open_f_rw=EACCES open_f_rt=EACCES
--write f | rm_f=EACCES mv_f_h=EACCES mv_g_f=EACCES chmod_f=EPERM touch_f=EPERM write_g_x=EACCES create_h=EACCES
--read f --write f | cat_f=text open_f_rw=ok open_f_rt=ok mmapw_f=ok rm_f=EACCES
--append f | append_f_x=ok open_f_a=ok open_f_w=EPERM open_f_wt=EPERM open_f_rw=EPERM open_f_rt=EACCES cat_f=EACCES trunc_f=EACCES append_g_x=EACCES
--exec prog | exec_prog_args_x=x cat_g=EACCES write_prog_x=EACCES exec_script=EACCES
--read prog | exec_prog_args=EACCES
--read a | cat_a/f=text ls_a=f write_a/f_x=EACCES create_a/n=EACCES rm_a/f=EACCES cat_b/f=EACCES ls_.=EACCES ls_b=EACCES cat_f=EACCES
--exec . | exec_./prog_args_x=x cat_f=text ls_.=EACCES write_f_x=EACCES
--create a | cat_a/f=text write_a/f_x=ok trunc_a/f=ok create_a/n=ok rm_a/f=ok mkdir_a/d=ok mv_a/f_a/g=ok ln_a/f_a/g=ok symlink_/x_a/s=ok
--create a | exec_a/f=EACCES create_n=EACCES create_b/n=EACCES rm_b/f=EACCES mv_a/f_b/g=EACCES mv_b/f_a/g=EACCES ln_b/f_a/g=EXDEV ln_a/f_b/g=EACCES rmdir_a=EACCES mv_a_c=EACCES
--create a | chmod_a/f=EPERM touch_a/f=EPERM cat_a/../f=EACCES ls_a/..=EACCES
--create a --create b | mv_a/f_b/g=ok ln_a/f_b/g=ok mv_a/f_b/f=ok mv_a/f_f=EACCES
--create a --read b | ln_b/f_a/g=EXDEV mv_b/f_a/g=EACCES cat_b/f=text
--create a --read f | ln_f_a/g=EXDEV mv_f_a/g=EACCES cat_f=text
--create a --exec prog | mv_prog_a/g=EACCES ln_prog_a/g=EXDEV
--read /dev/ptmx --write /dev/ptmx | ioctl_/dev/ptmx_0x80045430=EPERM
--with ioctl~read~write~/dev/ptmx | ioctl_/dev/ptmx_0x80045430=ok ioctl_/dev/null_0x80045430=EACCES
--with write~./b | write_b/f_x=ok trunc_b/f=ok cat_b/f=EACCES create_b/n=EACCES rm_b/f=EACCES
--with read~write~create~./b | cat_b/f=text create_b/n=ok open_b/f_rw=ok ls_b=f
--with exec~./b | cat_b/f=text ls_b=EACCES exec_b/f=EACCES write_b/f_x=EACCES
--create a --with write~./b | mv_a/f_b/g=EACCES write_b/f_x=ok create_b/n=EACCES
END

# The words of the program itself ------------------------------------------------------------------------------------------

table <<'END'
--no-policy | args_r:f=f args_w:f=f args_rw:f=f args_a:f=f args_c:a=a args_x:prog=prog args_r:-dash=./-dash args_w:-dash=./-dash cat_r:-dash=text
--no-policy | cat_r:f=text write_w:f_x=ok open_rw:f_rw=ok append_a:f_x=ok ls_c:a/=f exec_x:prog_args_r:f=f
-- | args_r:f=r:f args_--_r:f=--~r:f cat_r:f=ENOENT
END

# args: the policy says which words are files.
args() { # NAME STATEMENTS WANT PROBE-WORD...
	local name=$1 statements=$2 want=$3
	shift 3
	fresh
	printf '%s\n' "$statements" >"$T/args.policy"
	gives "args: $name" 0 "$want" "$E" -p "$T/args.policy" "$P" "$@"
}
args "a range" "args read 2..-1" text cat f
args "a single word" "args read 2" text cat f
args "outside the range" "args read 3..-1" EACCES cat f
args "from the end" "args read -1" text cat f
args "from the end, not that one" "args read -2" EACCES cat f
args "all but the last" "args read 1..-2" EACCES cat f
args "reading is not writing" "args read 2" EACCES write f x
args "writing" "args write -2" ok write f x
args "reading and writing" "args read write 2" ok open f rw
args "two ranges, the first" "args read 1..-2 write -1" ok open f r
args "two ranges, the last" "args read 1..-2 write -1" EACCES open f w
args "a word that is no file is none of endow's business" "args read 1..-1" ENOENT cat absent
args "a word that begins with - is an option" "args read 2" EACCES cat -dash
args "a path that is not the working directory's" "args read 2" text cat "$W/a/f"
args "an output is made" "args write 2" ok write new x
fresh
gives "args: no word is a file after --" 0 EACCES "$E" -p "$T/args.policy" -- "$P" write f x

# Outputs: made for their grant, removed again if the program leaves them alone.
fresh
gives "an output that is written stays" 0 ok "$E" "$P" write w:out/new x
same "... with what was written" x "$(cat out/new)"
gives "an output that is left alone is removed" 0 out/new2 "$E" "$P" args w:out/new2
gives "an output that was opened and emptied stays" 0 ok "$E" "$P" open w:out/new3 wt
gives "of two outputs one is used" 0 ok "$E" "$P" write w:out/new4 w:out/new5
same "... and the other removed" "new4:out/new5" "$(cd out && echo new[45]):$(cat out/new4)"
gives "an appended output is made" 0 ok "$E" "$P" append a:out/log x
gives "an output that was there stays" 0 out/f "$E" "$P" args w:out/f
: >out/empty
gives "an empty one that was there stays" 0 out/empty "$E" "$P" args w:out/empty
gives "an output of a program that dies is removed" 137 "" "$E" --use shell sh -c 'kill -9 $$' w:out/new7
same "the outputs" "empty f log new new3 new4" "$(cd out && echo *)"
refuses "an output in no folder" '*w:none/x: none/x can*t be made: none: *' "$P" args w:none/x
refuses "an output is no folder" '*w:out: out is a directory: c: or --create grants a tree' "$P" args w:out
refuses "c: is no file" '*c:f: f is not a directory*' "$P" args c:f
refuses "r: of nothing" '*r:absent: absent: *' "$P" args r:absent
refuses "a prefix and no name" '*r: names nothing: a path has to follow' "$P" args r:
refuses "append beside write" "*writing can't be granted beside an append by name*" "$P" args a:f w:g
same "nothing was made by what was refused" "empty f log new new3 new4" "$(cd out && echo *)"

run "$E" --dry-run "$P" args w:out/new8
like "--dry-run of an output" "0|*out/new8*" "$STATUS|$OUT"
holds "... leaves nothing behind" [ ! -e out/new8 ]
if [ "$am_root" ]; then
	gives "an output of another user" 0 ok "$E" --user "$OTHER" --group "$OTHER" "$P" write w:out/new9 x
	same "... belongs to him" "$OTHER" "$(stat -c %u out/new9)"
fi

# A grant is of the file that the name meant, not of the name.
fresh
ln f hard
sees "another name of a granted file" text --read f -- cat hard
mkfifo "$T/go"
"$E" --read f --use shell sh -c 'read -r go; cat f || echo refused' <"$T/go" >"$T/replaced" 2>/dev/null &
exec 7>"$T/go"
until_true [ "$(readlink /proc/$!/exe)" != "$E" ]
mv g f
echo go >&7
exec 7>&-
wait $!
same "a file that took the granted one's name" refused "$(cat "$T/replaced")"

# Links --------------------------------------------------------------------------------------------------------------------

fresh
sees "r: follows a link" text -- cat r:link
sees "r: through a linked folder" text -- cat r:linkdir/f
refuses "w: follows none" "*w:link: link passes through a symbolic link (to $W/f): name the real path, or say 'follow'" "$P" args w:link
refuses "w: nor a linked folder" "*w:linkdir/f: linkdir/f passes through a symbolic link*" "$P" args w:linkdir/f
refuses "w: makes nothing in a linked folder" "*w:linkdir/new: linkdir/new passes through a symbolic link*" "$P" args w:linkdir/new
refuses "w: makes nothing where a link leads nowhere" "*w:dangling: *symbolic link*" "$P" args w:dangling
refuses "a: follows none" "*a:link: *symbolic link*" "$P" args a:link
refuses "c: follows none" "*c:linkdir: *symbolic link*" "$P" args c:linkdir
refuses "r: of a magic link" "*r:/proc/self/exe*" "$P" args r:/proc/self/exe
refuses "write in a policy follows none" "*write: *link passes through a symbolic link*" --with "write $W/link" "$P" args
sees "write follow" ok --with "write $W/link follow" -- write link x
fresh
sees "read follows" text --with "read $W/link" -- cat link
refuses "read nofollow" "*read: *link passes through a symbolic link*" --with "read $W/link nofollow" "$P" cat link
sees "read nofollow optional: a link is as if absent" EACCES --with "read $W/link nofollow optional" -- cat link
refuses "write optional: a link is an error" "*write: *link*ymbolic link*" --with "write $W/link optional" "$P" args
refuses "absent" "*read: *say 'optional' if it may be absent*" --with "read $W/absent" "$P" args
sees "absent and optional" ENOENT --with "read $W/absent optional" -- cat absent

# Execution ----------------------------------------------------------------------------------------------------------------

gives "a script's interpreter is granted with it" 0 "script a b" "$E" ./script a b
gives "a script whose interpreter takes a word" 0 "./script2 a" "$E" ./script2 a
gives "x: another program" 0 "there" "$E" "$P" exec x:prog args there
gives "x: of a script does not grant its interpreter" 0 EACCES "$E" "$P" exec x:script
gives "a dynamic program" 0 "hello" "$E" /bin/echo hello
gives "a program found by \$PATH" 0 "hello" "$E" echo hello
gives "no program but that one" 126 "" "$E" /bin/sh -c 'exec /bin/echo hello'

# Append descriptors -------------------------------------------------------------------------------------------------------

append=(--with "fd 3 append $W/f as log")
fresh
sees "fd append: a write goes to the end" ok "${append[@]}" -- fdwrite 3 more
same "... and nowhere else" textmore "$(cat f)"
sees "fd append: nor does one at the start" ok "${append[@]}" -- fdpwrite 3 end
like "... overwrite" "textmore*" "$(cat f)"
sees "fd append: not by RWF_NOAPPEND" EPERM "${append[@]}" -- fdnoappend 3 XXXX
sees "fd append: it is not made plain" EPERM "${append[@]}" -- fdplain 3
sees "fd append: it is not emptied" EACCES "${append[@]}" -- fdtrunc 3
sees "fd append: it is not reopened" EACCES "${append[@]}" -- fdreopen 3
sees "fd append: it is not read" EBADF "${append[@]}" -- fdread 3
sees "fd append: its mode stays" EPERM "${append[@]}" -- fdchmod 3
gives "fd append: no hole is punched in it" 0 "" "$E" --use perl "${append[@]}" perl -e 'exit(syscall(285, 3, 3, 0, 4) == 0)'
gives "fd append: no range is collapsed" 0 "" "$E" --use perl "${append[@]}" perl -e 'exit(syscall(285, 3, 8, 0, 4096) == 0)'
gives "append by name: nor is it emptied when opened" 0 "" "$E" --use perl perl -e 'exit(!!sysopen(F, $ARGV[0], 03001))' a:f
gives "append by name: nor after" 0 "" "$E" --use perl perl -e 'sysopen(F, $ARGV[0], 02001) or exit 3; exit(!!truncate(F, 0))' a:f
like "... and all of it is there" "textmore*" "$(cat f)"
finish

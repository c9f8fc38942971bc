#!/bin/bash
# What endow refuses before it runs anything: to let a program write what decides about it, to take policies from others, to use
# an image that is not what it was.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

C=$XDG_CONFIG_HOME/endow
K=$XDG_CACHE_HOME/endow
echo "umask 077" >"$C/mine.policy"
mkdir -p "$C/fragments" "$K" "$W/sub"
echo text >"$W/f"

# The guard ----------------------------------------------------------------------------------------------------------------

ln "$C/mine.policy" "$W/hard"
ln -s "$C" "$W/soft"
decides='a program may not write what decides about it'
guard_table=(
	"--create|$C" "--create|$XDG_CONFIG_HOME" "--create|$HOME" "--create|$C/fragments" "--create|$K" "--create|$XDG_CACHE_HOME"
	"--create|$T/tree" "--create|$T" "--create|$T/tree/libexec" "--create|$T/tree/share" "--write|$T/tree/endow" "--append|$T/tree/endow"
	"--write|$T/tree/libexec/endow-compile" "--write|$C/mine.policy" "--append|$C/mine.policy" "--create|/" "--create|/var"
)
[ "$am_root" ] && guard_table+=("--create|/etc") # where /etc/endow would be
for row in "${guard_table[@]}"; do
	IFS='|' read -r option path <<<"$row"
	refuses "guard: $option ${path#"$T"}" "*$decides*" "$option" "$path" "$P" args
	[ "$option" = --create ] || continue
	refuses "guard: create in a policy, ${path#"$T"}" "*$decides*" --with "create $path" "$P" args
	refuses "guard: write in a policy, ${path#"$T"}" "*$decides*" --with "write $path" "$P" args
done
refuses "guard: through a link that may be followed" "*$decides*" --with "write $W/soft follow" "$P" args
refuses "guard: as a descriptor" "*fd 3*$decides*" --with "fd 3 write $C/mine.policy" "$P" args
refuses "guard: by w:" "*$decides*" "$P" args "w:$C/new.policy"
refuses "guard: by a name that is no policy yet" "*$decides*" "$P" args "w:$C/fragments/new"
holds "guard: nothing was made" [ ! -e "$C/new.policy" ]
refuses "guard: the main policy, where it lies" "*$decides*" -p "$C/mine.policy" --write "$W/hard" "$P" args
cp "$C/mine.policy" "$W/own.policy"
refuses "guard: a policy named by -p" "*$decides*" -p "$W/own.policy" --write "$W/own.policy" "$P" args
refuses "guard: the folder of a policy named by -p" "*$decides*" -p "$W/own.policy" --create "$W" "$P" args
mkdir "$W/dots"
echo "umask 077" >"$W/dots/linked.policy"
ln -s "$W/dots/linked.policy" "$C/linked.policy"
refuses "guard: where another program's policy leads to" "*$decides*" --create "$W/dots" "$P" args
refuses "guard: what another program's policy leads to" "*$decides*" --write "$W/dots/linked.policy" "$P" args
rm "$C/linked.policy"
sees "guard: a folder that no policy leads to" ok --create "$W/dots" -- create "$W/dots/n"
sees "guard: a folder beside it is no matter" ok --create "$W/sub" -- create "$W/sub/n"
sees "reading what decides is no matter" 'umask\x20077\x0a' --read "$C" -- cat "$C/mine.policy"
XDG_CONFIG_HOME=$W/sub/absent refuses "guard: a policies' folder that is not there yet" "*$decides*" --create "$W/sub" "$P" args
XDG_CACHE_HOME=$W/sub refuses "guard: a cache elsewhere" "*$decides*" --create "$W/sub" "$P" args

# Policies of others -------------------------------------------------------------------------------------------------------

policy() { echo "umask 0${2-027}" >"$1"; }
untrusted() { # NAME PATTERN FILE
	refuses "$1" "$2" -p "$3" "$P" umask
}
policy "$W/p.policy"
gives "a policy by its path" 0 0027 "$E" -p "$W/p.policy" "$P" umask
gives "a policy by its name" 0 0077 "$E" -p mine "$P" umask
cp "$P" "$W/mine"
gives "a policy by the program's name" 0 0077 "$E" "$W/mine" umask
gives "--no-policy takes none" 0 0022 "$E" --no-policy "$W/mine" umask
gives "the command line overrides it" 0 0007 "$E" --umask 7 "$W/mine" umask
chmod 664 "$W/p.policy"
untrusted "group-writable" "*p.policy is not trusted: others may write it; chmod go-w*" "$W/p.policy"
chmod 646 "$W/p.policy"
untrusted "world-writable" "*is not trusted: others may write it*" "$W/p.policy"
chmod 644 "$W/p.policy"
mkdir "$W/open" "$W/sticky"
policy "$W/open/p.policy"
policy "$W/sticky/p.policy"
chmod 777 "$W/open"
untrusted "in a folder that others may write" "*is not trusted: others may write its folder*" "$W/open/p.policy"
chmod 1777 "$W/sticky"
gives "in a sticky folder" 0 0027 "$E" -p "$W/sticky/p.policy" "$P" umask
untrusted "a folder" "*is a directory, not a file" "$W/sub"/
mkfifo "$W/fifo.policy"
untrusted "a FIFO holds nobody up" "*is a device, a pipe or a socket, not a file" "$W/fifo.policy"
untrusted "a device" "*is a device, a pipe or a socket, not a file" "/dev/zero"
head -c 1100000 /dev/zero | tr '\0' '#' >"$W/large.policy"
untrusted "too large" "*is too large*" "$W/large.policy"
policy "$W/deny.policy"
chmod 000 "$W/deny.policy"
[ "$am_root" ] || untrusted "one that can't be read" "*deny.policy: Permission denied" "$W/deny.policy"
chmod 666 "$C/mine.policy"
refuses "an untrusted one is not passed over for the next" "*is not trusted*" "$W/mine" umask
chmod 644 "$C/mine.policy"
if [ "$am_root" ]; then
	policy "$W/foreign.policy"
	chown "$OTHER" "$W/foreign.policy"
	untrusted "another's" "*is not trusted: it belongs to uid $OTHER, not to you or root" "$W/foreign.policy"
	mkdir "$W/theirs"
	policy "$W/theirs/p.policy"
	chown "$OTHER" "$W/theirs"
	untrusted "in another's folder" "*is not trusted: its folder belongs to uid $OTHER*" "$W/theirs/p.policy"
	policy "$W/roots.policy"
	run setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups env HOME=/nonexistent "$E" -p "$W/roots.policy" "$P" umask
	same "root's, for a user without a home" "0|0027|" "$STATUS|$OUT|$ERR"
else
	refuses "in a folder of somebody else's" "*/root/none.policy: *" -p /root/none.policy "$P" umask
fi
refuses "no policy of that name" "*-p nosuch: there is no nosuch.policy in $C, /etc/endow, *share" -p nosuch "$P" args
refuses "a name is no path" "*no policy's name*" -p .. "$P" args
refuses "no fragment of that name" "*nosuch*" --use nosuch "$P" args
printf 'program /bin/true\n' >"$W/true.policy"
refuses "a policy for another program" "*true.policy is for /bin/true, and *probe is another file*" -p "$W/true.policy" "$P" args
printf 'reed /etc\nlimit wal 3\nread etc\n' >"$W/bad.policy"
run "$E" -p "$W/bad.policy" "$P" args
same "several errors at once" "125|3" "$STATUS|$(grep -c '^[^ ]*bad.policy:[123]:[0-9]*: ' <<<"$ERR")"
like "an error says what would be right" "*did you mean 'read'*did you mean 'wall'*" "${ERR//$'\n'/ }"
refuses "a feature that this kernel lacks or a policy that forgoes what it requires" "*audit*" --require audit --forgo audit "$P" args

# Kept images --------------------------------------------------------------------------------------------------------------

# A policy that grants nothing, and the image of one that grants more, under its name.
echo "# nothing" >"$W/none.policy"
echo "read $W" >"$W/more.policy"
image_of() { # POLICY   the name of the image that it gets
	rm -f "$K"/*
	"$E" -p "$1" "$P" args >"$T/.out"
	echo "$K"/*.img
}
refused_still() { # NAME   the policy has to hold, whatever the image says; and the image is made anew
	run "$E" -p "$W/none.policy" "$P" cat "$W/f"
	same "image: $1" "0|EACCES|" "$STATUS|$OUT|$ERR"
}
wide=$(image_of "$W/more.policy")
cp "$wide" "$T/wide"
image=$(image_of "$W/none.policy")
cp "$image" "$T/good"
run "$E" -p "$W/more.policy" "$P" cat "$W/f"
same "image: the wider policy does grant" "0|text\x0a|" "$STATUS|$OUT|$ERR"
same "image: it is the user's own" 600 "$(stat -c %a "$image")"
put() { rm -f "$image"; cat >"$image"; chmod 600 "$image"; }
put <"$T/wide"
refused_still "another policy's"
size=$(stat -c %s "$T/good")
for n in 0 1 16 64 $((size / 2)) $((size - 1)); do
	head -c "$n" "$T/good" | put
	refused_still "cut to $n bytes"
done
cat "$T/good" "$T/good" | put
refused_still "with more behind it"
for ((n = 0; n < size; n += size / 24)); do
	py -c '
import sys
b = bytearray(open(sys.argv[1], "rb").read()); b[int(sys.argv[2])] ^= 0xff; open(sys.argv[3], "wb").write(b)' "$T/good" "$n" "$image"
	chmod 600 "$image"
	refused_still "with byte $n turned"
done

# The wide image under the other's key, as only its owner could make it. It is used while it is his alone: what follows shows something.
py -c '
import struct, sys

def checksum(rest, size):
    odd = (0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0x27d4eb2f165667c5)
    lanes = [k ^ size for k in odd]
    for i, (word,) in enumerate(struct.iter_unpack("<Q", rest)):
        lane = (lanes[i % 4] ^ word) * odd[i % 4] & 0xffffffffffffffff
        lanes[i % 4] = lane ^ lane >> 29
    return struct.pack("<4Q", *lanes)

good, wide = (open(p, "rb").read() for p in sys.argv[1:3])
rest = good[48:80] + wide[80:]
open(sys.argv[3], "wb").write(wide[:16] + checksum(rest, len(wide)) + rest)' "$T/good" "$T/wide" "$T/forged"
put <"$T/forged"
gives "image: a forged one of one's own is used" 0 'text\x0a' "$E" -p "$W/none.policy" "$P" cat "$W/f"
put <"$T/forged"
chmod 660 "$image"
refused_still "that the group may write"
if [ "$am_root" ]; then
	put <"$T/forged"
	chown "$OTHER" "$image"
	refused_still "of another user"
	same "image: another's is replaced by one's own" 0 "$(stat -c %u "$image")"
fi
put <"$T/forged"
chmod 777 "$K"
refused_still "in a folder that others may write"
chmod 700 "$K"
rm -f "$image"
mkfifo "$image"
refused_still "that is a FIFO"
rm -rf "$image"
mkdir "$image"
refused_still "that is a folder"
rm -rf "$image"

# A fragment that changes makes the image stale.
echo "read $W" >"$C/fragments/changing"
echo "use changing" >"$W/using.policy"
gives "fragment: it grants" 0 'text\x0a' "$E" -p "$W/using.policy" "$P" cat "$W/f"
echo "# nothing" >"$C/fragments/changing"
gives "fragment: changed, it does not, whatever is kept" 0 EACCES "$E" -p "$W/using.policy" "$P" cat "$W/f"
rm "$C/fragments/changing"
refuses "fragment: removed, the policy is refused" "*changing*" -p "$W/using.policy" "$P" args

# Two first launches at once; no place for a cache.
rm -f "$K"/*
for i in 1 2 3 4 5 6; do
	"$E" -p "$W/none.policy" "$P" args "$i" >"$T/at-once.$i" 2>&1 &
done
wait
same "first launches at once" "1 2 3 4 5 6" "$(cat "$T"/at-once.* | paste -sd' ')"
same "... leave one image, and nothing half-made" 1 "$(find "$K" -type f | wc -l)"
rm -rf "$K"
printf '' >"$K"
gives "a cache that can't be made" 0 x "$E" -p "$W/none.policy" "$P" args x
rm "$K"
chmod 555 "$XDG_CACHE_HOME"
gives "a cache that can't be written" 0 x "$E" -p "$W/none.policy" "$P" args x
chmod 755 "$XDG_CACHE_HOME"
gives "no home" 0 x env -u HOME -u XDG_CACHE_HOME -u XDG_CONFIG_HOME "$E" -p "$W/none.policy" "$P" args x
gives "a relative home is none" 0 x env -u XDG_CACHE_HOME -u XDG_CONFIG_HOME HOME=relative "$E" -p "$W/none.policy" "$P" args x
holds "... nothing is made there" [ ! -e relative ]

# A script whose first line names the launcher: what lies beside the script is not taken for what lies beside the launcher.
mkdir -p "$T/script/share/fragments" "$T/script/libexec"
ln -s /bin/false "$T/script/libexec/endow-compile"
echo 'read /' >"$T/script/share/fragments/libc"
echo 'use libc' >"$C/shebang.policy"
printf '#!%s -npshebang\n' "$E" >"$T/script/run"
chmod 755 "$T/script/run"
run "$T/script/run"
like "a script's neighbours are not the launcher's" "0|*/usr/lib/*" "$STATUS|$OUT"
rm "$C/shebang.policy"

# What a supervising parent knows is not the program's to read.
echo 'fd 3 read /proc/self/environ as secrets
supervise' >"$W/parent.policy"
refuses "the parent's environment as a descriptor" "*supervis*" -p "$W/parent.policy" "$P" fdread 3
finish

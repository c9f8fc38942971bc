#!/usr/bin/env bash
# Real programs: run bare, watched, and under what was learned, with the same outcome; then a twin of each that does what the run did
# not do is refused; then what was learned is compared with the library's policy, which somebody wrote by hand.
#
#   ENDOW=build/endow tests/learn/programs.sh [NAME]...
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154
compare=$here/narrower.py
listen

# What learning grants beyond the library's policy, and why that is no fault: the program, and a pattern (extended) of narrower.py's
# lines.
stated() {
	grep -v '^#' <<'END'
# messages and names of locales, where the library's policy has no locale
* read /usr/share/locale(/.*)?
* read /etc/(locale.alias|default/locale)
# temporary files: a /tmp of its own where TMPDIR was not set, for the library's folder that TMPDIR names
* append create read write /tmp/ \(its own, empty\)
# the names of who runs it, for curl's ~/.curlrc and Java's user.home
curl read /etc/(passwd|group|nsswitch.conf)
java read /etc/(passwd|group|nsswitch.conf)
# to come back to where it was started from where it keeps counters: the line says that it was never listed
java read [.]
# the mode and the owner of its journal, where root runs it
sqlite3 promise fattr
# a fragment's other half
python3 read /etc/timezone
END
}

# narrower   what learns() has learned last grants nothing that the library's policy with the words of that test does not, but for
# what is stated
narrower() {
	local name=$NAME program=${BARE[0]##*/} excess line whose pattern left=""
	[ -n "$LEARNED" ] || return
	/usr/bin/python3 -I -c 'import json' 2>/dev/null || { skip "$name, compared" "python3 is not installed" && return; }
	fresh
	run "$ENDOW" --json -p "$P" -- "${BARE[@]}"
	cp "$T/out" "$T/learned.json"
	fresh
	run "$ENDOW" --json "${OPTIONS[@]}" "${WORDS[@]}"
	cp "$T/out" "$T/library.json"
	[ "$STATUS" -eq 0 ] || { not_ok "$name, compared" "the library's policy: $(<"$T/err")" && return; }
	excess=$(/usr/bin/python3 -I "$compare" "$T/learned.json" "$T/library.json" 2>&1)
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		while read -r whose pattern; do
			case $whose in "*" | "$program") [[ ${line//$W/.} =~ ^($pattern)$ ]] && continue 2 ;; esac
		done < <(stated)
		left+="$line"$'\n'
	done <<<"$excess"
	if [ -z "$left" ]; then
		ok "$name: no more than the library's policy"
	else
		not_ok "$name: no more than the library's policy" "$left"
	fi
}

test_cat() {
	learns "reads a file" : cat r:in.txt && narrower
	twin "read a secret" secret : cat in.txt secret.txt
}
test_cp() {
	learns "copies a file" : cp r:in.txt c:out && narrower
	twin "copy a secret" secret : cp secret.txt out/plain
	learns "copies a tree" : cp -r r:tree c:out && narrower
	twin "write outside" outside : cp in.txt outside/new
}
test_mv() {
	learns "renames" --create tree : mv tree/a.txt tree/z.txt && narrower
	twin "move what is outside" outside : mv outside/file tree/
	learns "moves to another folder" --create tree --create out : mv tree/a.txt out && narrower
}
test_tar() {
	tar -C "$F" -czf "$F/in.tgz" in.txt tree
	learns "fills a folder, and keeps modes and times" : tar -xf r:in.tgz -C c:out && narrower
	twin "write outside" outside : tar -xf in.tgz -C outside
	learns "makes an archive of a tree" --create out : tar --sort=name -cf out/new.tar r:tree && narrower
	twin "take a secret" secret : tar -cf out/new.tar secret.txt
}
test_gzip() {
	learns "replaces a file" --create tree : gzip -n tree/a.txt && narrower
	twin "write outside" outside : gzip -n outside/file
}
test_zstd() {
	learns "makes a file" --create out : zstd -q r:in.txt -o out/in.zst && narrower
	twin "read a secret" secret : zstd -q -c --fast=1 secret.txt
}
test_bzip2() {
	learns "replaces a file" --create tree : bzip2 tree/a.txt
	twin "write outside" outside : bzip2 outside/file
}
test_xz() {
	learns "replaces a file" --create tree : xz tree/a.txt
	twin "write outside" outside : xz outside/file
}
test_unzip() {
	needs /usr/bin/zip || return
	(cd "$F" && zip -qr in.zip in.txt tree)
	learns "fills a folder" : unzip -q r:in.zip -d c:out && narrower
	twin "write outside" outside : unzip -q in.zip -d outside
}
test_sed() {
	learns "filters" : sed s/pear/fig/ r:in.txt && narrower
	twin "read a secret" secret : sed p secret.txt
	learns "edits in place" --promise fattr --create tree : sed -i s/alpha/omega/ tree/a.txt && narrower
	twin "write outside" outside : sed -i s/u/x/ outside/file
}
test_sort() {
	learns "sorts" : sort -n -k2 r:in.txt && narrower
	twin "read a secret" secret : sort in.txt secret.txt
	learns "writes a file" --create out : sort r:in.txt -o out/sorted && narrower
	twin "write outside" outside : sort in.txt -o outside/file
}
test_awk() {
	learns "adds up" : awk '{ n += $2 } END { print n }' r:in.txt && narrower
	twin "read a secret" secret : awk '{ print }' secret.txt
}
test_grep() {
	learns "searches a tree" : grep -r eta r:tree && narrower
	twin "read a secret" secret : grep -r [0-9] .
}
test_perl() {
	printf 'open(my $f, "<", $ARGV[0]) or die "$!"; while (<$f>) { print scalar reverse }\n' >"$F/script.pl"
	learns "runs a script" : perl r:script.pl r:in.txt && narrower
	twin "read a secret" secret : perl -pe '' secret.txt
	twin "connect" connect : perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => shift) or die' "$OTHER_PORT"
}
test_jq() {
	printf '{"a": [1, 2]}\n' >"$F/in.json"
	learns "filters" : jq .a r:in.json && narrower
	twin "read a secret" secret : jq -R . secret.txt
}
test_sqlite3() {
	sqlite3 "$F/tree/library.db" 'create table t(a); insert into t values (1), (2)'
	learns "asks" --read tree : sqlite3 -readonly tree/library.db 'select sum(a) from t' && narrower
	NORMAL_FILES=none learns "changes" --create tree : sqlite3 tree/library.db 'insert into t values (3); select sum(a) from t' && narrower
	twin "read a secret" secret : sqlite3 tree/library.db 'create temp table s(a);' '.import secret.txt s' 'select * from s'
}
test_python3() {
	printf 'import sys, helper\nhelper.work(open(sys.argv[1]), open(sys.argv[2], "w"))\n' >"$F/tree/report.py"
	printf 'def work(a, b):\n    b.write(str(sum(int(l.split()[1]) for l in a)))\n' >"$F/tree/helper.py"
	ENVIRONMENT=PYTHONDONTWRITEBYTECODE=1 learns "runs a script" --read tree --create out --env PYTHONDONTWRITEBYTECODE=1 : \
		/usr/bin/python3 tree/report.py r:in.txt out/sum && narrower
	twin "read a secret" secret : /usr/bin/python3 -c 'print(open("secret.txt").read())'
	twin "connect" connect : /usr/bin/python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])))' "$OTHER_PORT"
}
test_gcc() {
	printf '#include <stdio.h>\n#include "x.h"\nint main(void) { puts(GREETING); return 0; }\n' >"$F/tree/main.c"
	printf '#define GREETING "hello"\n' >"$F/tree/x.h"
	printf '#include "../secret.txt"\n' >"$F/tree/steal.c"
	learns "compiles and links" --read tree --create out : gcc -O2 tree/main.c -o out/main && narrower
	twin "include a secret" secret : gcc -E tree/steal.c
	twin "write outside" outside : gcc -O2 tree/main.c -o outside/file
}
test_make() {
	printf 'out/main: tree/main.o tree/x.o\n\tcc -o $@ $^\n%%.o: %%.c\n\tcc -c -o $@ $<\n' >"$F/Makefile"
	printf 'const char *x(void);\nint main(void) { return !x(); }\n' >"$F/tree/main.c"
	printf 'const char *x(void) { return "x"; }\n' >"$F/tree/x.c"
	printf 'steal:\n\tcat secret.txt\n' >"$F/steal.mk"
	NORMAL="sort" learns "builds, two jobs at a time" --create . : make -j2 && narrower
	twin "read a secret" secret : make -f steal.mk
	printf 'run: p\n\t./p >res\np: p.c\n\tcc -o p p.c\n' >"$F/tree/Makefile"
	printf '#include <stdio.h>\nint main(void) { puts("hi"); return 0; }\n' >"$F/tree/p.c"
	NORMAL="sort" learns "runs what it has built" --create . --exec . : make -C tree && narrower
}
test_git() {
	(cd "$F/tree" && git init -q . && git config user.name n && git config user.email n@example.org && git add . && git commit -qm one) \
		>/dev/null 2>&1
	NORMAL_FILES=none learns "shows a log" --read tree : git -C tree log --format=%s && narrower
	twin "read a secret" secret : git -C tree diff --no-index --exit-code /dev/null "$W/secret.txt"
	NORMAL_FILES=none ENVIRONMENT="GIT_AUTHOR_DATE=2001-01-01T00:00:00Z GIT_COMMITTER_DATE=2001-01-01T00:00:00Z" \
		learns "commits" --create tree : git -C tree commit -q --allow-empty -m two && narrower
}
test_curl() {
	learns "fetches" --connect "tcp:$PORT" --create out : curl -sS "http://127.0.0.1:$PORT/" -o out/page && narrower
	twin "send a secret" secret : curl -sS "file://$W/secret.txt"
	twin "connect elsewhere" connect : curl -sS "http://127.0.0.1:$OTHER_PORT/"
}
test_openssl() {
	learns "makes a digest" : openssl dgst -sha256 r:in.txt && narrower
	twin "write outside" outside : openssl rand -out outside/file 8
}
test_ssh_keygen() {
	ssh-keygen -q -t ed25519 -N '' -C test -f "$F/tree/id" </dev/null
	learns "shows a key" : ssh-keygen -lf r:tree/id.pub && narrower
	twin "write outside" outside : ssh-keygen -q -t ed25519 -N '' -f outside/id
}
test_bash() {
	printf 'for f in "$@"; do wc -l <"$f"; done | sort | head -n 1\nread -r a </dev/null\necho $? "$a"\n' >"$F/script.sh"
	learns "runs a script" : bash r:script.sh r:in.txt r:tree/a.txt && narrower
	twin "read a secret" secret : bash -c 'read -r a <secret.txt; echo "$a"'
	twin "connect" connect : bash -c "exec 3<>/dev/tcp/127.0.0.1/$OTHER_PORT"
}
test_xargs() {
	printf 'in.txt\ntree/a.txt\n' >"$F/list"
	INPUT=$F/list learns "runs a program" --read in.txt --read tree : xargs cat && narrower
	INPUT=/dev/null twin "read a secret" secret : xargs -a secret.txt echo
}
test_node() {
	printf 'const fs = require("fs");\nfs.writeFileSync(process.argv[3], fs.readFileSync(process.argv[2], "utf8").toUpperCase());\n' >"$F/tree/up.js"
	learns "runs a script" --read tree --create out : node tree/up.js r:in.txt out/up && narrower
	twin "read a secret" secret : node -e 'console.log(require("fs").readFileSync("secret.txt", "utf8"))'
	twin "connect" connect : node -e 'require("net").connect(Number(process.argv[1]), "127.0.0.1").on("error", () => {}).on("connect", () => process.exit())' "$OTHER_PORT"
}
test_java() {
	needs /usr/bin/javac || return
	mkdir -p "$F/classes"
	printf 'import java.nio.file.*;\nclass Up { public static void main(String[] a) throws Exception {\n  if (a[0].matches("[0-9]+")) new java.net.Socket("127.0.0.1", Integer.parseInt(a[0])).close();\n  else System.out.print(Files.readString(Path.of(a[0])).toUpperCase()); } }\n' >"$T/Up.java"
	[ -e "$T/Up.class" ] || (cd "$T" && javac -d "$T" Up.java)
	cp "$T/Up.class" "$F/classes"
	NORMAL="tr A-Z a-z" learns "runs a class" --read classes : java -cp classes Up r:in.txt && narrower
	twin "connect" connect : java -cp classes Up "$OTHER_PORT"
}
test_find() {
	learns "lists" : find tree -name '*.txt'
	twin "run another program on a secret" secret : find secret.txt -exec cat '{}' ';'
}
test_diff() {
	WANT_STATUS=1 learns "compares" : diff in.txt tree/a.txt
	twin "read a secret" secret : diff in.txt secret.txt
}
test_xmllint() {
	printf '<a><b>x</b></a>\n' >"$F/in.xml"
	printf '<!DOCTYPE a [<!ENTITY s SYSTEM "secret.txt">]><a>&s;</a>\n' >"$F/steal.xml"
	learns "formats" : xmllint --format in.xml
	cp "$P" "$T/xmllint.policy"
	twin "include a secret" secret : xmllint --noent --nonet steal.xml
}
test_bc() {
	printf '2^100\nquit\n' >"$F/sum.bc"
	learns "computes" : bc -q sum.bc
	twin "read a secret" secret : bc -q secret.txt
}

known=$(compgen -A function test_)
[ $# -gt 0 ] || mapfile -t tests <<<"${known//test_/}"
[ $# -eq 0 ] || tests=("$@")
cp -a "$F" "$T/base"
for name in "${tests[@]}"; do
	rm -rf "$F" && cp -a "$T/base" "$F"
	unset INPUT NORMAL NORMAL_FILES LIMIT WANT_STATUS ENVIRONMENT
	needs "/usr/bin/${name//_/-}" || continue
	"test_${name//-/_}"
done
finish

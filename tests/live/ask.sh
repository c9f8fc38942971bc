#!/usr/bin/env bash
# The powerbox: the person is asked while the program runs. First with helpers that answer by themselves, then at a terminal.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

built=${given_PROBE%/*}
asks=$T/bin/asks
helper=$T/bin/helper
python=/usr/bin/python3
cp "$built/asks" "$asks" && cp "$here/ask_terminal.py" "$T/bin/" || exit 1
chmod 755 "$asks"

mkdir -p "$W/docs/sub" "$W/elsewhere"
echo first >"$W/docs/a"
echo second >"$W/docs/b"
echo other >"$W/elsewhere/other"
echo hidden >"$W/secret"
ln -s ../secret "$W/docs/out"
ln -s a "$W/docs/inner"
printf 'ask read write create %s\n' "$W/docs" >"$W/p.policy"

# It writes down what it was called with, and says what $W/answer says.
cat >"$helper" <<END
#!/bin/sh
{
	printf call
	printf '|%s' "\$@"
	echo
} >>$W/calls
[ ! -e $W/look ] || { cat; env; ls -l /proc/self/fd; } >$W/seen 2>&1
. $W/answer
END
chmod 755 "$helper"

# asked NAME ANSWER STATUS OUT WORD...   what becomes of a request when the helper runs ANSWER, a shell's commands
asked() {
	local name=$1 status=$3 out=$4
	printf '%s\n' "$2" >"$W/answer"
	: >"$W/calls"
	shift 4
	run "$E" -p "$W/p.policy" --ask "$helper" "${options[@]}" "$asks" "$@"
	same "$name" "$status|$out" "$STATUS|$OUT"
}
calls() { wc -l <"$W/calls"; }
options=()
denied='refused: Permission denied'
never='refused: Operation not permitted'

# Answers -----------------------------------------------------------------------------------------------------------------

asked "once" 'echo once' 0 first r file "$W/docs/a"
asked "once is once" 'echo once' 1 \
	$'first\nrefused: Disk quota exceeded: asked-1: it has been used as often as it can be' r file "$W/docs/a" why 2
asked "for this run" 'echo run' 0 $'first\nfirst' r file "$W/docs/a" why 2
asked "no" 'echo no' 1 "$denied: the person said no" r file "$W/docs/a"
asked "to write" 'echo once' 0 written w file "$W/docs/b"
same "it was written" written "$(cat "$W/docs/b")"
asked "a tree" 'echo run' 0 written wc tree "$W/docs/sub"
same "it was made" written "$(cat "$W/docs/sub/new")"
asked "a tree is no file" 'echo once' 1 "$denied: $W/docs/sub is a folder" r file "$W/docs/sub"
same "nobody was asked" 0 "$(calls)"
asked "a file is no tree" 'echo once' 1 "$denied: $W/docs/a is a file" r tree "$W/docs/a"

none="$denied: what asks the person gave no answer"
dead="$denied: what asks the person has failed"
asked "silence" ':' 1 "$none" r file "$W/docs/a"
asked "another word" 'echo yes' 1 "$none" r file "$W/docs/a"
asked "half a line" 'printf once' 1 "$none" r file "$W/docs/a"
asked "two lines" 'printf "once\nonce\n"' 1 "$none" r file "$W/docs/a"
asked "a relative path" 'echo once docs/a' 1 "$none" r file "$W/docs/a"
asked "always, which was not offered" 'echo always' 1 "$none" r file "$W/docs/a"
like "it is said" "endow: $helper: what asks the person gave no answer: that is a no" "$ERR"
asked "no end of it" 'while echo once; do :; done' 1 "$none" r file "$W/docs/a"
asked "a failure after the answer" 'echo once; exit 1' 1 "$dead" r file "$W/docs/a"
# shellcheck disable=SC2016 # the helper's own
asked "a death after the answer" 'echo once; kill -KILL $$' 1 "$dead" r file "$W/docs/a"
asked "an answer, and something that stays" 'echo once; sleep 20 &' 0 first r file "$W/docs/a"

# What is asked -------------------------------------------------------------------------------------------------------------

asked "what no line covers" 'echo once' 1 "$never: $W/secret: no 'ask' line covers it" r file "$W/secret"
asked "by the folder above" 'echo once' 1 "$never: $W/docs/../secret: no 'ask' line covers it" r file "$W/docs/../secret"
asked "a name that begins so" 'echo once' 1 "$never: ${W}/docsx: no 'ask' line covers it" r file "$W/docsx"
asked "what is not there" 'echo once' 1 \
	"refused: No such file or directory: $W/docs/none: No such file or directory" r file "$W/docs/none"
same "nobody was asked" 0 "$(calls)"
asked "a link out of it" 'echo once' 1 "$denied: it leads to $W/secret, which no 'ask' line covers" r file "$W/docs/out"
same "nobody was asked about that" 0 "$(calls)"
asked "a link in it" 'echo once' 0 first r file "$W/docs/inner"
like "where it leads is what is shown" "*|--path|$W/docs/a|*" "$(cat "$W/calls")"

asked "what the helper is told" 'echo once' 0 first r file "$W/docs/a" $'it is \e[31mred\n\xe2\x80\xaed \xff'
like "all of it, and nothing that moves the cursor" \
	"call|--sandbox|$W/p.policy|--pid|*|--program|asks|--rights|read|--path|$W/docs/a|--why|it is [?][[]31mred [?]d [?]|--line|$W/p.policy:1|--kind|file" \
	"$(cat "$W/calls")"
touch "$W/look"
export ASK_TEST_NAME=here
asked "it is the caller's" 'echo once' 0 first r file "$W/docs/a"
unset ASK_TEST_NAME
rm "$W/look"
like "the environment" "*ASK_TEST_NAME=here*" "$(cat "$W/seen")"
same "four descriptors, of which one is ls's own" 4 "$(grep -c -- ' -> ' "$W/seen")"
like "it reads nothing" "* 0 -> /dev/null*" "$(cat "$W/seen")"

# What is picked ----------------------------------------------------------------------------------------------------------

cant="what was picked can't be granted"
asked "another file, anywhere" "echo once $W/elsewhere/other" 0 other r file "$W/docs/a"
asked "not there" "echo once $W/elsewhere/none" 1 "$denied: $cant" r file "$W/docs/a"
like "the person is told" "endow: $cant: $W/elsewhere/none: No such file*" "$ERR"
asked "a folder for a file" "echo once $W/elsewhere" 1 "$denied: $cant" r file "$W/docs/a"
asked "in /proc" "echo once /proc/self/environ" 1 "$denied: $cant" r file "$W/docs/a"
mine=$XDG_CONFIG_HOME/endow/mine.policy
echo '# mine' >"$mine"
asked "a policy, to read" "echo once $mine" 0 '# mine' r file "$W/docs/a"
asked "a policy, to write" "echo once $mine" 1 "$never: $cant" w file "$W/docs/a"
like "the person is told why" "endow: $cant: *a program may not write what decides about it" "$ERR"
asked "above it" "echo run $XDG_CONFIG_HOME" 1 "$never: $cant" wc tree "$W/docs/sub"

for isolate in files files,processes; do
	options=(--isolate "$isolate")
	asked "isolate $isolate: asked for" 'echo once' 0 first r file "$W/docs/a"
	case $STATUS:$ERR in 125:*"user namespaces"*)
		failed=$((failed - 1))
		skip "isolate $isolate" "user namespaces are blocked here"
		continue
		;;
	esac
	asked "isolate $isolate: outside of the view" "echo once $W/elsewhere/other" 0 other r file "$W/docs/a"
	asked "isolate $isolate: a policy, to write" "echo once $mine" 1 "$never: $cant" w file "$W/docs/a"
	asked "isolate $isolate: what is not there is not told" 'echo no' 1 "$denied: the person said no" r file "$W/docs/none"
	asked "isolate $isolate: before the person is asked" 'echo once' 1 \
		"refused: No such file or directory: it is not there" r file "$W/docs/none"
	asked "isolate $isolate: and something else picked" "echo once $W/elsewhere/other" 0 other r file "$W/docs/none"
done
options=()

# One program that asks several times ---------------------------------------------------------------------------------------

cat >"$W/c.py" <<'END'
import os, signal, sys, threading, time
import endow_broker as B
broker = B.connect()
docs, go, said = sys.argv[1:4]
def ask(path, rights=B.READ, kind="file", b=broker, why=""):
    try:
        return "got" if b.request(path, rights, kind, why) else ""
    except OSError as e:
        return e.strerror
def say(*words):
    print(*words, flush=True)
def wait_for(path):
    while not os.stat(path).st_size:
        time.sleep(0.02)
def tell(path):
    with open(path, "w") as f:
        f.write("x")
exec(sys.argv[4])
END
{
	printf 'use libc python\nread exec %s %s\nread %s %s %s\n' "$python" "$(readlink -f $python)" "$root/contrib/python" "$W/c.py" "$W/go"
	printf 'write %s\n' "$W/said"
	printf 'promise tty proc\nread write /dev/tty\nenv set PYTHONPATH=%s\n' "$root/contrib/python"
	cat "$W/p.policy"
} >"$W/python.policy"
touch "$W/go" "$W/said"

# talks NAME ANSWER OUT STATEMENTS
talks() {
	printf '%s\n' "$2" >"$W/answer"
	: >"$W/calls"
	LIMIT=20 run "${launcher:-$E}" -p "$W/python.policy" --ask "$helper" "${options[@]}" \
		"$python" "$W/c.py" "$W/docs" "$W/go" "$W/said" "$4"
	same "$1" "0|$3" "$STATUS|$OUT"
}
before='the person has said no before'
talks "a no stands for the run" 'echo no' $'the person said no\n'"$before"$'\n'"$before" \
	'say(ask(docs + "/a")); say(ask(docs + "/a")); say(ask(docs + "/inner"))'
same "asked once" 1 "$(calls)"
talks "a no to less is one to more" 'echo no' $'the person said no\n'"$before" \
	'say(ask(docs + "/a")); say(ask(docs + "/a", B.READ | B.WRITE))'
same "asked once then" 1 "$(calls)"
talks "but not the other way round" 'echo no' $'the person said no\nthe person said no' \
	'say(ask(docs + "/a", B.READ | B.WRITE)); say(ask(docs + "/a"))'
same "asked twice" 2 "$(calls)"
talks "a yes for the run stands as well" 'echo run' $'got\ngot\ngot' \
	'say(ask(docs + "/a", B.READ | B.WRITE)); say(ask(docs + "/a")); say(ask(docs + "/a", B.WRITE))'
same "asked once for it" 1 "$(calls)"
talks "a yes for once does not" 'echo once' $'got\ngot' 'say(ask(docs + "/a")); say(ask(docs + "/a"))'
same "asked twice for it" 2 "$(calls)"

# While one waits the others are served: the helper waits in turn, until the program says that they were.
waits="echo x >$W/go; while [ ! -s $W/said ]; do sleep 0.02; done"
: >"$W/go"
talks "others are served meanwhile" "$waits; echo once" $'1\ngot' '
other = B.attach(broker.client())
asking = threading.Thread(target=lambda: say(ask(docs + "/a")))
asking.start()
wait_for(go)
other.list()
say(1)
tell(said)
asking.join()'

# Who asked is gone: the question is taken back, and the next one is put.
: >"$W/go"
: >"$W/said"
talks "who asks and goes" "case \$* in
	*docs/a*) trap 'echo gone >$W/seen; exit 1' TERM; echo x >$W/go; sleep 20 & wait ;;
	*) echo once ;;
	esac" got '
other = B.attach(broker.client())
child = os.fork()
if child == 0:
    ask(docs + "/a", b=other)
    os._exit(0)
other.close()
wait_for(go)
os.kill(child, signal.SIGKILL)
say(ask(docs + "/b"))'
same "the helper was told" gone "$(cat "$W/seen")"

# As many as can wait, and one more.
: >"$W/go"
: >"$W/said"
talks "no more than can wait" "$waits; echo no" $'16 questions wait for an answer, as many as can\n16' '
answers = []
def one(b):
    answers.append(ask(docs + "/a", b=b))
askers = [threading.Thread(target=one, args=(B.attach(broker.client()),)) for i in range(16)]
askers[0].start()
wait_for(go)
for t in askers[1:]:
    t.start()
time.sleep(0.5)
while (last := ask(docs + "/b", B.READ | B.WRITE)) != "16 questions wait for an answer, as many as can":
    say("too early", last)
say(last)
tell(said)
for t in askers:
    t.join()
say(len([a for a in answers if "said no" in a]))'

# Nobody to ask, and nobody who answers -------------------------------------------------------------------------------------

gives "--ask deny" 1 "$never: $W/docs/a: there is nobody to ask" "$E" -p "$W/p.policy" --ask deny "$asks" r file "$W/docs/a"
refuses "no such helper" "endow: --ask nowhere: *" -p "$W/p.policy" --ask nowhere "$asks" r file "$W/docs/a"
refuses "a helper that can't be executed" "endow: --ask $W/p.policy: *" -p "$W/p.policy" --ask "$W/p.policy" "$asks" r file "$W/docs/a"
echo 'echo once' >"$W/answer"
gives "by its name" 0 written env PATH="$T/bin:$PATH" "$E" -p "$W/p.policy" --ask helper "$asks" r file "$W/docs/b"
run setsid "$E" -p "$W/p.policy" "$asks" r file "$W/docs/a"
same "without a terminal" "1|$denied: the person said no" "$STATUS|$OUT"
like "it is said" "endow: $W/docs/a: there is no terminal to ask at: *: the answer is no" "$ERR"
gives "--ask-for" 0 written "$E" --ask-for "read:$W/docs" --ask "$helper" "$asks" r file "$W/docs/b"
gives "--ask-for covers no more" 1 "$never: $W/docs/a: no 'ask' line covers it" \
	"$E" --ask-for "read:$W/docs" --ask "$helper" "$asks" w file "$W/docs/a"
gives "without an ask line there is no broker" 2 "" "$E" --no-policy --ask "$helper" "$asks" r file "$W/docs/a"

if [ -x "$E_TEST" ]; then
	export ENDOW_TEST_WITHOUT=patience
	launcher=$E_TEST
	talks "nobody answers" 'case $* in *docs/a*) exec sleep 20 ;; esac; echo once' \
		$'nobody has answered in time\ngot' 'say(ask(docs + "/a")); say(ask(docs + "/b"))'
	talks "who waits behind it is not put off for ever" 'exec sleep 20' 'nobody has answered in time 2' '
others = [B.attach(broker.client()) for i in range(2)]
answers = []
threads = [threading.Thread(target=lambda b=b: answers.append(ask(docs + "/a", b=b))) for b in others]
for t in threads: t.start()
for t in threads: t.join()
say(answers[0], len(answers))'
	unset ENDOW_TEST_WITHOUT launcher
else
	skip "nobody answers" "the test build is not there"
fi

# The helper dies with the supervisor.
printf 'echo $$ >%s\nexec sleep 20\n' "$W/pid" >"$W/answer"
"$E" -p "$W/p.policy" --ask "$helper" "$asks" r file "$W/docs/a" >/dev/null 2>&1 &
launched=$!
until_true has_words "$W/pid"
kill -KILL "$launched"
wait "$launched" 2>/dev/null
holds "the helper ends with the supervisor" until_true gone "$(cat "$W/pid")"

# Kept, and logged ----------------------------------------------------------------------------------------------------------

options=(--keep-answers "$W/kept" --log "$W/log")
mkdir "$W/docs/a \"b\$"
echo odd >"$W/docs/a \"b\$/c"
asked "always" 'echo always' 0 $'written\nwritten' r file "$W/docs/b" "" 2
asked "always, another" "echo always $W/elsewhere/other" 0 other r file "$W/docs/a"
asked "always, an odd name" 'echo always' 0 odd r file "$W/docs/a \"b\$/c"
like "the helper is told that it can" "*|--keep" "$(cat "$W/calls")"
asked "once is not kept" 'echo once' 0 first r file "$W/docs/a" "because"
same "what is kept" "read $W/docs/b
read $W/elsewhere/other
read \"$W/docs/a \\\"b\\\$/c\"" "$(sed 's/  #.*//' "$W/kept")"
like "with when, and for whom" "*  # 20??-??-??, asked for by asks" "$(head -n 1 "$W/kept")"
cp "$W/kept" "$W/next.policy"
gives "it is a policy" 0 odd "$E" -p "$W/next.policy" --use libc --with "read exec /bin/cat $(readlink -f /bin/cat)" cat "$W/docs/a \"b\$/c"
asked "the program can't write there" "echo once $W/kept" 1 "$never: $cant" w file "$W/docs/a"
asked "nor above it" "echo once $W" 1 "$never: $cant" wc tree "$W/docs/sub"
asked "nor in the log" "echo once $W/log" 1 "$never: $cant" w file "$W/docs/a"
refuses "nor by a grant" "endow: *$W holds the kept answers (--keep-answers $W/kept), which is not for the program to write*" \
	--with "read write $W" --keep-answers "$W/kept" -p "$W/p.policy" "$asks" r file "$W/docs/a"
refuses "nowhere to keep them" "endow: --keep-answers $W/none/kept: No such file*" \
	--keep-answers "$W/none/kept" -p "$W/p.policy" "$asks" r file "$W/docs/a"
has_line() { # EVENT PART...
	local line
	line=$(grep "\"event\":\"$1\"" "$W/log") || return 1
	shift
	for part; do
		line=$(grep -F "$part" <<<"$line") || return 1
	done
}
holds "the log: asked" has_line ask "\"path\":\"$W/docs/a\",\"rights\":[\"read\"],\"line\":\"$W/p.policy:1\",\"code\":0,\"why\":\"because\""
holds "the log: answered" has_line answer "\"path\":\"$W/docs/a\"" '"code":0,"why":"once"'
holds "the log: what was picked" has_line answer "\"path\":\"$W/elsewhere/other\"" '"why":"run, and kept"'
holds "the log: the capability" has_line grant '"name":"asked-1"' "\"object\":\"$W/elsewhere/other\"" "\"line\":\"$W/p.policy:1\""
holds "the log: no" has_line answer '"code":-1,"why":"no: what was picked'
options=()

# Programs that know nothing of it ------------------------------------------------------------------------------------------

printf 'use libc shell\n' | cat - "$W/p.policy" >"$W/plain.policy"
# plain NAME ANSWER STATUS OUT COMMANDS
plain() {
	printf '%s\n' "$2" >"$W/answer"
	: >"$W/calls"
	run "$E" -p "$W/plain.policy" --ask "$helper" "${options[@]}" /bin/sh -c "$5"
	same "$1" "$3|$4" "$STATUS|$OUT"
}
plain "cat" 'echo once' 0 first "cat $W/docs/a"
like "who, and what" "*|--program|cat|--rights|read|--path|$W/docs/a|*" "$(cat "$W/calls")"
plain "cat, and no" 'echo no' 1 "" "cat $W/docs/a"
like "cat says so" "*Permission denied" "$ERR"
plain "once is once for cat as well" 'echo once' 0 $'first\nfirst' "cat $W/docs/a; cat $W/docs/a"
same "asked twice by cat" 2 "$(calls)"
plain "for this run" 'echo run' 0 $'first\nfirst' "cat $W/docs/a; cat $W/docs/a"
same "asked once by cat" 1 "$(calls)"
plain "from the folder it is in" 'echo once' 0 first "cd $W/docs && cat a"
plain "another one picked" "echo once $W/elsewhere/other" 0 other "cat $W/docs/a"
plain "what is not covered" 'echo once' 1 "" "cat $W/secret"
same "nobody was asked for it" 0 "$(calls)"
plain "written" 'echo run' 0 $'new' "echo new >$W/docs/a; cat $W/docs/a"
same "so it is" new "$(cat "$W/docs/a")"
plain "made" 'echo run' 0 "" "echo made >$W/docs/made"
same "it is there" made "$(cat "$W/docs/made")"
like "its folder is what was asked for" "*|--rights|write,create|--path|$W/docs|*|--kind|tree" "$(cat "$W/calls")"

# In a window: a stand-in for zenity presses what $W/presses says, one line a window.
mkdir "$T/window"
cat >"$T/window/zenity" <<END
#!/bin/sh
printf '%s\n' "\$@" >>$W/windows
read -r press <$W/presses
sed -i 1d $W/presses
case \$press in
ok) exit 0 ;;
/*) echo "\$press"; exit 0 ;;
cancel) exit 1 ;;
dies) exit 5 ;;
*) echo "\$press"; exit 1 ;;
esac
END
chmod 755 "$T/window/zenity"
cp "$root/contrib/ask/endow-ask-zenity" "$T/bin/"
# window NAME STATUS OUT PRESS...
window() {
	local name=$1 status=$2 out=$3
	shift 3
	printf '%s\n' "$@" >"$W/presses"
	: >"$W/windows"
	run env PATH="$T/window:$PATH" "$E" -p "$W/p.policy" "${options[@]}" --ask "$T/bin/endow-ask-zenity" "$asks" r file "$W/docs/a" "to see"
	same "in a window: $name" "$status|$out" "$STATUS|$OUT"
}
window "once" 0 new ok
like "what it shows" "*asks (process *, sandbox $W/p.policy) wants to*read  $W/docs/a*It says: \"to see\"*$W/p.policy:1*" "$(cat "$W/windows")"
window "for this run" 0 new "For this run"
window "no" 1 "$denied: the person said no" cancel
window "it dies" 1 "$denied: the person said no" dies
window "another" 0 other "Another…" "$W/elsewhere/other" ok
window "another, and no" 1 "$denied: the person said no" "Another…" "$W/elsewhere/other" cancel
window "no other, after all" 0 new "Another…" cancel ok
window "always was not offered" 1 "$denied: what asks the person gave no answer" Always
options=(--keep-answers "$W/window-kept")
window "always" 0 new Always
like "it is kept" "read $W/docs/a  #*" "$(cat "$W/window-kept")"
options=()
finish

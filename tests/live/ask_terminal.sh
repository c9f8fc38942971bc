#!/usr/bin/env bash
# The powerbox at a terminal that the program shares: what the person sees and types, and a program that would like to answer itself.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3
asks=$T/bin/asks
cp "${given_PROBE%/*}/asks" "$asks" && cp "$here/ask_terminal.py" "$T/bin/" && chmod 755 "$asks" || exit 1

mkdir -p "$W/docs/sub" "$W/elsewhere"
echo first >"$W/docs/a"
echo other >"$W/elsewhere/other"
: >"$W/docs/"$'odd\e[31m'
printf 'promise tty\nask read write %s\n' "$W/docs" >"$W/p.policy"
cat >"$W/c.py" <<'END'
import os, signal, sys, termios, threading, time
import endow_broker as B
broker = B.connect()
docs = sys.argv[1]
tty = os.open("/dev/tty", os.O_RDWR)
def ask(path=docs + "/a", why=""):
    try:
        return "got" if broker.request(path, B.READ, "file", why) else ""
    except OSError as e:
        return e.strerror
def say(*words):
    os.write(tty, (" ".join(map(str, words)) + "\n").encode())
def hear():
    try:
        return os.read(tty, 100).decode().strip()
    except OSError as e:
        return e.strerror
exec(sys.argv[2])
END
printf 'use libc python shell\nread exec %s %s\nread %s\npromise tty proc\nread write /dev/tty\nenv set PYTHONPATH=%s\nask read %s\n' "$python" \
	"$(readlink -f $python)" "$W/c.py" "$root/contrib/python" "$W/docs" >"$W/python.policy"
printf 'read %s\n' "$root/contrib/python" >>"$W/python.policy"

# sits NAME PATTERN STEP... -- COMMAND...   what the person sees, and what came of it in the last line
sits() {
	local name=$1 pattern=$2
	shift 2
	LIMIT=40 run "$python" -I -B "$T/bin/ask_terminal.py" "$@"
	like "$name" "$pattern" "$OUT"
}
ask=(-- "$E" -p "$W/p.policy" "$asks")
talk=(-- "$E" -p "$W/python.policy" "$python" "$W/c.py" "$W/docs")
question='expect=and Enter: '
no='refused: Permission denied: the person said no'

sits "y" "*
==== endow asks *
  asks (process *, sandbox $W/p.policy) wants to
      read  $W/docs/a
  It says: \"to print it ?[[]31m\"
  It may ask for that: $W/p.policy:2
*and Enter: y
*
first
*
status 0" "$question" 'send=y\n' "${ask[@]}" r file "$W/docs/a" $'to print it \e[31m'
sits "y is for once" "*first
refused: Disk quota exceeded: *status 1" "$question" 'send=y\n' "${ask[@]}" r file "$W/docs/a" "" 2
sits "r" $'*first\nfirst\n*status 0' "$question" 'send=r\n' "${ask[@]}" r file "$W/docs/a" "" 2
sits "n" "*$no*status 1" "$question" 'send=n\n' "${ask[@]}" r file "$W/docs/a"
sits "Enter" "*$no*status 1" "$question" 'send=\n' "${ask[@]}" r file "$W/docs/a"
sits "the end of input" "*$no*status 1" "$question" 'send=\x04' "${ask[@]}" r file "$W/docs/a"
sits "y without Enter, and the end of input" "*$no*status 1" "$question" 'send=y\x04' "${ask[@]}" r file "$W/docs/a"
sits "^C" "*$no*status 1" "$question" 'send=\x03' "${ask[@]}" r file "$W/docs/a"
sits "^Z is nothing" "*first*status 0" "$question" 'send=\x1a' 'send=\x15y\n' "${ask[@]}" r file "$W/docs/a"
sits "something else, and then y" "*first*status 0" "$question" 'send=yes\n' "$question" 'send=y\n' "${ask[@]}" r file "$W/docs/a"
sits "a is not offered" "*$no*status 1" "$question" 'send=a\n' "$question" 'send=n\n' "${ask[@]}" r file "$W/docs/a"
sits "with --keep-answers it is" "*a  always*first*status 0" "$question" 'send=a\n' -- \
	"$E" -p "$W/p.policy" --keep-answers "$W/kept" "$asks" r file "$W/docs/a"
like "and kept" "read $W/docs/a  # *" "$(cat "$W/kept")"

# Another one -------------------------------------------------------------------------------------------------------------

sits "p: by its number" "*Instead it would get: $W/elsewhere/other
*other
*status 0" "$question" 'send=p\n' 'expect=  > ' 'send=..\n' 'expect=elsewhere/' 'expect=  > ' 'send=2\n' 'expect=1  other' 'expect=  > ' 'send=1\n' \
	"$question" 'send=y\n' "${ask[@]}" r file "$W/docs/a"
sits "p: by its path" "*Instead it would get: $W/elsewhere/other
*other
*status 0" "$question" 'send=p\n' 'expect=  > ' 'send=../elsewhere/other\n' "$question" 'send=r\n' "${ask[@]}" r file "$W/docs/a"
sits "p: none of these, and no" "*$no*status 1" "$question" 'send=p\n' 'expect=  > ' 'send=\n' "$question" 'send=n\n' "${ask[@]}" r file "$W/docs/a"
sits "p: none of these, and yes" "*first*status 0" "$question" 'send=p\n' 'expect=  > ' 'send=\n' "$question" 'send=y\n' "${ask[@]}" r file "$W/docs/a"
sits "p: picked, and no" "*$no*status 1" "$question" 'send=p\n' 'expect=  > ' 'send=../elsewhere/other\n' "$question" 'send=n\n' "${ask[@]}" r file "$W/docs/a"
sits "p: names do nothing to the terminal" '*odd[?][[]31m*status 1' "$question" 'send=p\n' 'expect=  > ' 'send=\x03' "${ask[@]}" r file "$W/docs/a"
sits "p: not there, and a number too many" '*that is not there*that names nothing here*status 1' "$question" 'send=p\n' 'expect=  > ' 'send=none\n' \
	'expect=  > ' 'send=99\n' 'expect=  > ' 'send=\n' "$question" 'send=n\n' "${ask[@]}" r file "$W/docs/a"

# The program has the same terminal -----------------------------------------------------------------------------------------

sits "what was typed before is no answer" "*the person said no*status 0" 'expect=ready' 'type=y\n' "$question" 'send=n\n' \
	"${talk[@]}" 'say("ready"); time.sleep(0.3); say(ask())'
sits "nor is it what was typed at once" "*the person said no*status 0" 'expect=endow asks' 'type=y\n' 'sleep=0.6' 'send=n\n' "${talk[@]}" 'say(ask())'
sits "who reads at the same time gets what comes after" "*got*heard: later
*
status 0" "$question" 'send=y\n' 'expect=got' 'send=later\n' "${talk[@]}" '
t = threading.Thread(target=lambda: say("heard:", hear()))
t.start()
time.sleep(0.2)
say(ask())
t.join()'
sits "who ignores that hears nothing before" "*got*heard: later
*
status 0" "$question" 'send=y\n' 'expect=got' 'send=later\n' "${talk[@]}" '
signal.signal(signal.SIGTTIN, signal.SIG_IGN)
t = threading.Thread(target=lambda: say("heard:", hear()))
t.start()
time.sleep(0.2)
say(ask())
t.join()'
sits "who would take the terminal does not get to it" "*got*status 0" "$question" 'sleep=0.7' 'send=y\n' "${talk[@]}" '
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGTTIN, signal.SIG_IGN)
def take():
    while os.tcgetpgrp(0) == os.getpgrp():
        pass
    os.tcsetpgrp(0, os.getpgrp())
threading.Thread(target=take, daemon=True).start()
answer = ask()
say(answer)'
sits "what it prints waits" "*noise*endow asks*and Enter: y
*got*
status 0" "$question" 'sleep=0.5' 'send=y\n' "${talk[@]}" '
def print_on():
    while not done:
        say("noise")
        time.sleep(0.01)
done = []
t = threading.Thread(target=print_on)
t.start()
time.sleep(0.1)
answer = ask()
done.append(1)
t.join()
say(answer)'
between=${OUT#*endow asks}
like "none of it is in the question" "*and Enter: y*" "${between%%noise*}"
sits "nor does a process whose first thread has ended" "*noise*endow asks*and Enter: y
*got*
status 0" "$question" 'sleep=0.5' 'send=y\n' "${talk[@]}" '
import ctypes
def print_on():
    while time.time() < end:
        say("noise")
        time.sleep(0.01)
    os._exit(0)
end = time.time() + 3
if os.fork() == 0:
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    threading.Thread(target=print_on).start()
    ctypes.CDLL(None).syscall({"x86_64": 60}.get(os.uname().machine, 93), 0) # exit(2), of this thread
time.sleep(0.3)
say(ask())'
between=${OUT#*endow asks}
like "nothing of that is in the question" "*and Enter: y*" "${between%%noise*}"
sits "modes are as they were set" "*True got*status 0" "$question" 'send=y\n' "${talk[@]}" '
modes = termios.tcgetattr(0)
raw = [modes[0], modes[1] & ~termios.OPOST, modes[2], modes[3] & ~(termios.ICANON | termios.ECHO | termios.ISIG)] + modes[4:]
termios.tcsetattr(0, termios.TCSANOW, raw)
was = termios.tcgetattr(0)
answer = ask()
same = termios.tcgetattr(0) == was
termios.tcsetattr(0, termios.TCSANOW, modes)
say(same, answer)'
sits "a shell with jobs of its own inside" "*first*status 0" "$question" 'send=y\n' -- \
	"$E" -p "$W/python.policy" /bin/sh -m -c "cat $W/docs/a; exit"
sits "a program that knows nothing of it" "*cat (process *first*status 0" "$question" 'send=y\n' -- "$E" -p "$W/python.policy" cat "$W/docs/a"
run "$E" --isolate processes --use libc true
case $STATUS in
0) sits "processes of its own" "*got*status 0" "$question" 'sleep=0.5' 'send=y\n' -- \
	"$E" -p "$W/python.policy" --isolate processes "$python" "$W/c.py" "$W/docs" '
done = []
def print_on():
    while not done:
        say("noise")
        time.sleep(0.01)
t = threading.Thread(target=print_on)
t.start()
time.sleep(0.1)
answer = ask()
done.append(1)
t.join()
say(answer)'
	between=${OUT#*endow asks}
	like "they stand still as well" "*and Enter: y*" "${between%%noise*}"
	;;
*) skip "processes of its own" "user namespaces are blocked here" ;;
esac
sits "in the background nobody is asked" "*endow: $W/docs/a: endow runs in the background: *the answer is no*$no*status 0" -- \
	/bin/sh -m -c "$E -p $W/p.policy $asks r file $W/docs/a & wait"

# Ends ----------------------------------------------------------------------------------------------------------------------

sits "the helper is killed" "*what asks the person has failed*
status 1" "$question" 'sleep=0.3' 'kill=endow-ask' "${ask[@]}" r file "$W/docs/a"
sits "the supervisor is killed" "*
status 137" "$question" 'sleep=0.3' 'kill=supervisor' "${ask[@]}" r file "$W/docs/a"
sits "endow is ended" "*
status 143" "$question" 'sleep=0.3' 'end=endow' "${ask[@]}" r file "$W/docs/a"
sits "the program is killed" "*
status 137" "$question" 'sleep=0.3' 'kill=asks' "${ask[@]}" r file "$W/docs/a"
finish

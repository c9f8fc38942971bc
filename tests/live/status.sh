#!/bin/bash
# What the one who waits for endow sees is what the program did: its exit status, its death, its stops; and signals reach it.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

: >"$T/empty.policy"

# wait.py: run a command, and print how it ended as waitpid() has it: "exit N" or "signal N".
cat >"$T/wait.py" <<'END'
import os, resource, signal, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
def wait(words):
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
        for n in (signal.SIGPIPE, signal.SIGXFSZ): signal.signal(n, signal.SIG_DFL) # Python ignores them
        os.execv(words[0], words)
    status = os.waitpid(pid, 0)[1]
    return "exit %d" % os.WEXITSTATUS(status) if os.WIFEXITED(status) else "signal %d" % os.WTERMSIG(status)
how, endow, probe, low, high = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
for n in range(low, high + 1):
    if how == "exit": command, want = [probe, "exit", str(n)], "exit %d" % n
    else: command, want = [probe, "raise", str(n)], "signal %d" % n
    bare = wait(command)
    if how == "raise" and bare == "exit 0": want = bare # not deadly, or it stops
    for options in ([], ["--supervise"]):
        print("%s %d %s|%s|%s" % (how, n, "supervised" if options else "in place", want, wait([endow] + options + command)))
END
compare() {
	while IFS='|' read -r name want got; do
		same "$name" "$want" "$got"
	done < <(timeout 60 /usr/bin/python3 -I "$T/wait.py" "$1" "$E" "$P" "$2" "$3")
}
compare exit 0 255
compare raise 1 16
compare raise 23 31
compare raise 34 36
compare raise 64 64
same "all of them were compared" $((2 * (256 + 16 + 9 + 3 + 1))) $((passed + failed))

# endow's own --------------------------------------------------------------------------------------------------------------

printf 'MZ no program' >"$W/data"
printf '#!/nonexistent/interpreter\n' >"$W/lost"
printf '#!relative\n' >"$W/relative"
echo x >"$W/plain"
mkdir -m 700 "$W/folder" "$W/closed"
chmod 0 "$W/closed"
chmod 755 "$W/data" "$W/lost" "$W/relative"
for how in "" --supervise; do
	gives "127: not found $how" 127 "" "$E" $how "$W/absent"
	like "127: it is said" "endow: *absent*No such file*" "$ERR"
	gives "127: not in \$PATH $how" 127 "" "$E" $how no-such-program
	like "127: it is said" "endow: no-such-program: not found in \$PATH" "$ERR"
	gives "127: not in \$PATH, of which a part is closed to us $how" 127 "" env PATH="$W/closed:/usr/bin" "$E" $how no-such-program
	like "127: it is said" "endow: no-such-program: not found in \$PATH" "$ERR"
	gives "126: in \$PATH, and not executable $how" 126 "" env PATH="$W:/nonexistent" "$E" $how plain
	gives "126: no executable format $how" 126 "" "$E" $how "$W/data"
	gives "126: without its loader $how" 126 "" "$E" -p "$T/empty.policy" $how /bin/true
	run "$E" $how "$W/plain"
	like "126: not executable $how" "126||endow: *plain can't be executed*" "$STATUS|$OUT|$ERR"
	run "$E" $how "$W/folder"
	like "126: a folder $how" "126||endow: *folder can't be executed: it is a directory" "$STATUS|$OUT|$ERR"
	run "$E" $how "$W/lost"
	like "a lost interpreter $how" "12[567]||endow: */nonexistent/interpreter*" "$STATUS|$OUT|$ERR"
	run "$E" $how "$W/relative"
	like "an interpreter without a path $how" "12[56]||endow: *names no interpreter by an absolute path" "$STATUS|$OUT|$ERR"
	gives "the program's own 125 $how" 125 "" "$E" $how "$P" exit 125
	same "... is not endow's" "" "$ERR"
done
refuses "125: an option" "endow: unknown option --nonsense*" --nonsense true
refuses "125: no program" "endow: no program is named*"
refuses "125: a grant" "endow: r:absent: absent: *" "$P" args r:absent

# Signals ------------------------------------------------------------------------------------------------------------------

# signalled NAME WANT SIGNAL OPTION...   the program awaits the first signal and says which; exit status included
signalled() {
	local name=$1 want=$2 signal=$3 pid
	shift 3
	rm -f "$T/await"
	"$E" "$@" "$P" await 5 >"$T/await" 2>"$T/.err" &
	pid=$!
	until_true grep -qs waiting "$T/await"
	kill "-$signal" $pid
	wait $pid
	same "$name" "waiting $want|0" "$(paste -sd' ' "$T/await")|$?"
}
for pair in HUP=1 INT=2 QUIT=3 USR1=10 USR2=12 TERM=15 WINCH=28; do
	signalled "in place: ${pair%=*} is the program's own" "${pair#*=}" "${pair%=*}"
	signalled "supervised: ${pair%=*} is handed on" "${pair#*=}" "${pair%=*}" --supervise
done

cat >"$T/stop.py" <<'END'
# A shell's view of a job: stopped by its own SIGSTOP and by SIGTSTP, continued, ended. And what a terminal does: a signal to the group.
import os, signal, sys, time
def job(words):
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.execv(words[0], words)
    try: os.setpgid(pid, pid)
    except OSError: pass
    return pid
def see(pid):
    end = time.time() + 5
    while time.time() < end:
        p, status = os.waitpid(pid, os.WUNTRACED | os.WNOHANG)
        if p:
            return ("stopped %d" % os.WSTOPSIG(status) if os.WIFSTOPPED(status) else
                    "exit %d" % os.WEXITSTATUS(status) if os.WIFEXITED(status) else "signal %d" % os.WTERMSIG(status))
        time.sleep(0.01)
    os.killpg(pid, signal.SIGKILL); os.waitpid(pid, 0)
    return "nothing"
endow, probe, options = sys.argv[1], sys.argv[2], sys.argv[3:]
def start(*words): return job([endow] + options + [probe] + list(words))
out = []
pid = start("stop"); out.append(see(pid)); os.kill(pid, signal.SIGCONT); out.append(see(pid))
for n in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
    pid = start("raise", str(int(n))); out.append(see(pid)); os.kill(pid, signal.SIGCONT); out.append(see(pid))
pid = start("stop"); out.append(see(pid)); os.kill(pid, signal.SIGKILL); out.append(see(pid))
pid = start("sleep", "5"); time.sleep(0.2); os.killpg(pid, signal.SIGTSTP); out.append(see(pid)); os.killpg(pid, signal.SIGCONT)
time.sleep(0.1); os.killpg(pid, signal.SIGTERM); out.append(see(pid))
print("; ".join(out))
END
# The last job's group has the supervisor in it as well: both stop, both go on.
for how in "" --supervise; do
	gives "stopped and continued ${how:-in place}" 0 \
		"stopped 19; exit 0; stopped 20; exit 0; stopped 21; exit 0; stopped 22; exit 0; stopped 19; signal 9; stopped 20; signal 15" \
		bash -c '/usr/bin/python3 -I "$@" | tail -n1' - "$T/stop.py" "$E" "$P" $how
done

# A signal of the terminal goes to the whole group: the program has it from there, and gets it once.
cat >"$T/group.py" <<'END'
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
def until(word, seconds):
    seen, end = b"", time.time() + seconds
    while word not in seen and time.time() < end:
        try: seen += os.read(fd, 1000)
        except OSError: break
    return seen
until(b"ready", 5)
os.write(fd, b"\x03")
print(until(b"count=", 5).split(b"count=")[-1][:1].decode() or until(b"\n", 1).decode())
os.kill(pid, 9); os.waitpid(pid, 0)
END
count='n=0; trap "n=\$((n+1))" INT; echo ready; for i in 1 2 3 4 5 6 7 8; do sleep 0.1; done; echo "count=$n"; sleep 1'
for how in "" --supervise "--with session_new"; do
	read -ra options <<<"$how"
	options=("${options[@]//_/ }")
	gives "^C on a terminal comes once ${how:-in place}" 0 1 timeout 20 /usr/bin/python3 -I "$T/group.py" "$E" "${options[@]}" --use shell --use terminal /bin/bash -c "$count"
done

# Supervision --------------------------------------------------------------------------------------------------------------

"$E" --supervise "$P" sleep 30 &
pid=$!
is_supervised() { [ "$(readlink "/proc/$(program_of $pid)/exe")" = "$P" ]; }
until_true is_supervised
child=$(program_of $pid)
{
	kill -KILL $pid
	wait $pid
} 2>/dev/null
until_true gone "$child" && ok "a supervisor that is killed takes the program with it" || {
	not_ok "a supervisor that is killed takes the program with it"
	kill -KILL "$child"
}
run "$E" --supervise --promise proc "$P" orphan 30
like "a stray descendant is made" "0|[0-9]*" "$STATUS|$OUT"
gone "$OUT" && ok "a stray descendant in a session of its own is ended" || {
	not_ok "a stray descendant in a session of its own is ended" "$OUT"
	kill -KILL "$OUT"
}
run "$E" --promise proc "$P" orphan 30
gone "$OUT" && not_ok "in place, nobody ends it (or the test above shows nothing)" || {
	ok "in place, nobody ends it"
	kill -KILL "$OUT"
}
cat >"$W/many.pl" <<'END'
for (1 .. 2600) {
	my $pid = fork;
	exit 3 unless defined $pid;
	if (!$pid) { close STDOUT; close STDERR; sleep 25; exit }
	print "$pid\n";
}
END
run "$E" --use perl --promise proc --supervise perl "r:$W/many.pl"
same "2600 stray descendants are made" "0|2600" "$STATUS|$(wc -l <<<"$OUT")"
left=0
for pid in $OUT; do gone "$pid" || { left=$((left + 1)) && kill -KILL "$pid"; }; done
same "... and all of them ended" 0 "$left"
run "$E" --limit wall=1 --promise proc "$P" orphan 30
gone "$OUT" && ok "limit wall supervises" || not_ok "limit wall supervises"
same "in place, no process stays behind" "$P" "$("$E" "$P" sleep 5 & pid=$!; sleep 0.3; readlink /proc/$pid/exe; kill -KILL $pid)"

# The wall limit counts on while the program has stopped itself and a child of it runs.
start=$SECONDS
run "$E" --use perl --promise proc --limit wall=1s perl -e 'if (fork == 0) { sleep 8; exit } kill "STOP", $$; sleep 8'
same "a program that stops itself is ended at the wall all the same" 137 "$STATUS"
same "... in time" 1 "$((SECONDS - start < 5))"
finish

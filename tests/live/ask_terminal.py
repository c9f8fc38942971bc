"""A terminal, a shell with job control at it, and a person who types: ask_terminal.py [STEP]... -- COMMAND...

Steps, in this order: expect=TEXT (wait until it is shown), send=TEXT (\\n and \\xNN are understood), sleep=SECONDS, type=TEXT
(not waiting: before the question). What was shown goes to standard output; then a line that says what came of the command:
"status N", "stopped" when the shell saw its job stop, "modes" and "front" when the terminal's were not as before.
kill=NAME sends SIGKILL to who is called so at this terminal, end=NAME SIGTERM.
"""

import os
import select
import signal
import sys
import termios
import time

LIMIT = 30


def shell(command, report):
    """The session's leader: one job in front, watched as a shell does."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    before = termios.tcgetattr(0)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(command[0], command)
    words = []
    while True:
        status = os.waitpid(job, os.WUNTRACED)[1]
        if not os.WIFSTOPPED(status):
            break
        words.append("stopped")
        os.killpg(job, signal.SIGCONT)
    words.insert(0, "status %d" % (os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)))
    if os.tcgetpgrp(0) != job:
        words.append("front")
    if termios.tcgetattr(0) != before:
        words.append("modes")
    os.write(report, " ".join(words).encode())
    os._exit(0)


class Person:
    def __init__(self, fd, session):
        self.fd = fd
        self.session = session
        self.shown = b""
        self.read_to = 0

    def look(self, seconds):
        """False at the end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.shown += data
        return bool(data)

    def expect(self, text):
        end = time.monotonic() + LIMIT
        while text not in self.shown[self.read_to:]:
            if time.monotonic() > end or not self.look(0.1):
                raise SystemExit("%s\nnot shown: %r" % (self.shown.decode(errors="replace"), text))
        self.read_to = self.shown.index(text, self.read_to) + len(text)

    def sleep(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self.look(left):
                break

    def send(self, text):
        self.sleep(0.5)  # what is typed at once was not meant as an answer
        os.write(self.fd, text)

    def type(self, text):
        os.write(self.fd, text)

    def signal_to(self, name, number):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid, "rb") as f:
                    text = f.read()
            except OSError:
                continue
            comm = text[text.index(b"(") + 1:text.rindex(b")")]
            if comm == name and int(text[text.rindex(b")"):].split()[4]) == self.session:
                os.kill(int(pid), number)

    def kill(self, name):
        self.signal_to(name, signal.SIGKILL)

    def end(self, name):
        self.signal_to(name, signal.SIGTERM)


def main():
    at = sys.argv.index("--")
    steps, command = sys.argv[1:at], sys.argv[at + 1:]
    result, report = os.pipe()
    pid, fd = os.forkpty()
    if pid == 0:
        os.close(result)
        shell(command, report)
    os.close(report)
    person = Person(fd, pid)
    for step in steps:
        what, text = step.split("=", 1)
        value = float(text) if what == "sleep" else text.encode("latin-1").decode("unicode_escape").encode("latin-1")
        getattr(person, what)(value)
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and not select.select([result], [], [], 0)[0]:
        person.look(0.05)
    person.sleep(0.1)
    words = os.read(result, 100).decode() if select.select([result], [], [], 0)[0] else "no end"
    sys.stdout.write(person.shown.decode(errors="replace").replace("\r\n", "\n"))
    sys.stdout.write("\n%s\n" % words)
    if words == "no end":
        os.kill(pid, signal.SIGKILL)


main()

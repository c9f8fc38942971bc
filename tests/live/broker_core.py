"""Scenarios for broker_core.sh. Called with one it starts a sandbox in which the same file, with the same word, is the program."""

import array
import errno
import fcntl
import json
import os
import random
import re
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from broker_core_client import *  # noqa: E402,F403

# What each request does and refuses ------------------------------------------------------------------------------------------


def conform_open(c, work):
    tree, ro, single, log = c.find("tree"), c.find("ro"), c.find("single"), c.find("log")
    same("a file of a tree is read", b"hello\n", c.read(tree, "file"))
    same("a link within the tree is followed for reading", b"inner\n", c.read(tree, "link"))
    same("a file that is held is read", b"body\n", c.read(single))
    refuses("nothing there", errno.ENOENT, c.open, tree, "nothing")
    for path in ("..", "../outside/secret", "sub/../file", "/etc/passwd", "./file", "sub//inner", "sub/"):
        refuses(f"no path beneath a tree: {path}", errno.EINVAL, c.open, tree, path)
    refuses("no path at all", errno.EINVAL, c.open, tree, "")
    for path in ("way-out", "far-out"):
        refuses(f"a link that leads out: {path}", errno.EXDEV, c.open, tree, path)
    refuses("a magic link's way", errno.EXDEV, c.open, tree, "magic")
    refuses("a link, for writing", errno.ELOOP, c.open, tree, "link", WRITE)
    refuses("a link on the way, for writing", errno.ELOOP, c.open, tree, "sublink/inner", WRITE)
    refuses("a link with NOFOLLOW", errno.ELOOP, c.open, tree, "link", READ, NOFOLLOW)
    refuses("a link, to make what it leads to", errno.ELOOP, c.open, tree, "way-out", WRITE | CREATE)
    refuses("a socket", errno.EACCES, c.open, tree, "socket")
    if os.path.exists(work + "/tree/device"):
        refuses("a device", errno.EACCES, c.open, tree, "device")
    refuses("a folder without DIRECTORY", errno.EISDIR, c.open, tree, "sub")
    refuses("a file with DIRECTORY", errno.ENOTDIR, c.open, tree, "file", READ, DIRECTORY)
    same("a folder is listed", ["inner"], os.listdir(c.open(tree, "sub", READ, DIRECTORY)))
    is_true("the tree itself is listed", "file" in os.listdir(c.open(tree, "", READ, DIRECTORY)))
    refuses("a path beneath a file", errno.ENOTDIR, c.open, single, "x")
    refuses("a file as a folder", errno.ENOTDIR, c.open, single, "", READ, DIRECTORY)
    everything = c.find("all")
    refuses("the supervisor's /proc", errno.EACCES, c.open, everything, "proc/self/environ")
    refuses("a part in /proc", errno.EACCES, c.derive, everything, READ, "x", "proc/self")
    for rights in (WRITE, READ | WRITE, APPEND, WRITE | CREATE):
        refuses(f"more than READ ({rights})", errno.EACCES, c.open, ro, "file", rights)
    refuses("reading what is held to append", errno.EACCES, c.open, log, "", READ)
    refuses("somebody else's handle", errno.EBADF, c.open, tree + 1, "file")
    refuses("no handle", errno.EBADF, c.open, 0, "file")

    start = time.monotonic()
    fd = c.open(tree, "fifo")
    is_true("a FIFO does not hold the broker up", time.monotonic() - start < 1)
    is_true("a FIFO blocks whoever reads it", not fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK)
    os.close(fd)
    refuses("a FIFO nobody reads, for writing", errno.ENXIO, c.open, tree, "fifo", WRITE)
    fd = c.open(tree, "fifo", READ, NONBLOCK)
    is_true("NONBLOCK is kept", fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK)


def conform_write(c):
    tree, log = c.find("tree"), c.find("log")
    fd = c.open(tree, "new", READ | WRITE | CREATE, 0, 0o777)
    same("a new file has its mode, less the umask", 0o755, stat.S_IMODE(os.fstat(fd).st_mode))
    same("its open mode", os.O_RDWR, fcntl.fcntl(fd, fcntl.F_GETFL) & (os.O_ACCMODE | os.O_NONBLOCK | os.O_APPEND))
    os.write(fd, b"0123456789")
    refuses("EXCLUSIVE, of what is there", errno.EEXIST, c.open, tree, "new", WRITE | CREATE, EXCLUSIVE)
    refuses("to make something in a folder that is not there", errno.ENOENT, c.open, tree, "no/new", WRITE | CREATE)
    same("READ is not WRITE", errno.EBADF, code_of(os.write, c.open(tree, "new"), b"x"))
    same("without TRUNCATE it stays", b"0123456789", c.read(tree, "new") if os.close(c.open(tree, "new", WRITE | CREATE)) is None else 0)
    os.close(c.open(tree, "new", WRITE, TRUNCATE))
    same("TRUNCATE empties it", b"", c.read(tree, "new"))
    os.close(c.open(tree, "exclusive", WRITE | CREATE, EXCLUSIVE))
    for handle, path, rights in ((log, "", APPEND), (tree, "appended", APPEND | CREATE)):
        fd = c.open(handle, path, rights)
        os.write(fd, b"one\n")
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, b"two\n")
        same(f"{path or 'log'}: appending does not truncate", errno.EACCES, code_of(os.ftruncate, fd, 0))
        os.close(fd)
    same("what was appended", b"one\ntwo\n", c.read(tree, "appended"))

    # A name that comes and goes, sometimes as a link to where nothing may be made.
    ask_outside("flip")
    for _ in range(300):
        try:
            os.close(c.open(tree, "flip", WRITE | CREATE))
            c.change(tree, UNLINK, "flip")
        except Refused:
            pass
    same("nothing was made behind a link that was not there before", "no", ask_outside("flipped"))

    c.change(tree, MKDIR, "made", mode=0o777)
    same("a new folder has its mode, less the umask", 0o755, stat.S_IMODE(os.fstat(c.open(tree, "made", READ, DIRECTORY)).st_mode))
    refuses("a folder made twice", errno.EEXIST, c.change, tree, MKDIR, "made")
    c.change(tree, RENAME, "new", "made/moved")
    same("renamed", b"", c.read(tree, "made/moved"))
    refuses("a folder that is not empty", errno.ENOTEMPTY, c.change, tree, RMDIR, "made")
    refuses("a folder is not unlinked", errno.EISDIR, c.change, tree, UNLINK, "made")
    c.change(tree, UNLINK, "made/moved")
    c.change(tree, RMDIR, "made")
    for name in ("exclusive", "appended"):
        c.change(tree, UNLINK, name)
    for path in ("..", "../outside/x", "/tmp/x", "a/../../x"):
        refuses(f"a change elsewhere: {path}", errno.EINVAL, c.change, tree, UNLINK, path)
        refuses(f"a rename to elsewhere: {path}", errno.EINVAL, c.change, tree, RENAME, "file", path)
    refuses("a change behind a link", errno.ELOOP, c.change, tree, UNLINK, "sublink/inner")
    refuses("a rename behind a link", errno.ELOOP, c.change, tree, RENAME, "file", "sublink/inner")
    refuses("a change without CREATE", errno.EACCES, c.change, c.find("ro"), MKDIR, "x")


def code_of(call, *args):
    try:
        call(*args)
        return 0
    except OSError as e:
        return e.errno


def conform_derive(c):
    tree, ro = c.find("tree"), c.find("ro")
    d = c.derive(tree, READ, "part", "sub")
    same("a part of a tree", b"inner\n", c.read(d, "inner"))
    refuses("no way up from a part", errno.EINVAL, c.open, d, "../file")
    f = c.derive(d, READ, "one", "inner")
    same("a file of a tree", b"inner\n", c.read(f))
    entry = {e["handle"]: e for e in c.list()}
    same("its kind, rights and parent", (FILE, READ, d), tuple(entry[f][k] for k in ("kind", "rights", "parent")))
    refuses("a part that leads out", errno.EXDEV, c.derive, tree, READ, "x", "way-out")
    refuses("a part behind a link, with rights to write", errno.ELOOP, c.derive, tree, WRITE, "x", "sublink")
    refuses("a part that is a socket", errno.EACCES, c.derive, tree, READ, "x", "socket")
    refuses("a part of a file", errno.ENOTDIR, c.derive, f, READ, "x", "y")
    refuses("a part that is none", errno.EINVAL, c.derive, tree, READ, "x", "..")
    refuses("more rights", errno.EPERM, c.derive, ro, READ | WRITE)
    refuses("a capability to append, which is another than to write", errno.EPERM, c.derive, tree, APPEND)
    refuses("the right to pass on", errno.EPERM, c.derive, d, READ | PASS)
    refuses("a later end", errno.EPERM, c.derive, c.derive(ro, READ, until_ms=1000), READ, until_ms=5000)
    refuses("an end beyond counting", errno.ERANGE, c.derive, ro, READ, until_ms=2**64 - 1)
    twice = c.derive(ro, READ, "twice", times=2)
    refuses("more uses", errno.EPERM, c.derive, twice, READ, times=3)
    below = c.derive(twice, READ, "below")
    c.read(below, "file")
    refuses("a failure", errno.ENOENT, c.open, twice, "nothing")
    c.read(twice, "file")
    refuses("used up", errno.EDQUOT, c.open, twice, "file")
    refuses("used up by its parent", errno.EDQUOT, c.open, below, "file")
    same("SPENT is shown", SPENT, [e["flags"] for e in c.list() if e["handle"] == below][0])
    revocable = c.derive(ro, READ, "taken-back", flags=REVOCABLE)
    refuses("no descriptor of what can be revoked", errno.EOPNOTSUPP, c.open, revocable, "file")
    refuses("nor of what was derived from it", errno.EOPNOTSUPP, c.open, c.derive(revocable, READ), "file")
    short = c.derive(ro, READ, "short", until_ms=300)
    lower = c.derive(short, READ, "lower")
    same("before its end", b"hello\n", c.read(lower, "file"))
    time.sleep(0.4)
    refuses("after its end", errno.EBADF, c.open, short, "file")
    refuses("and what was derived from it", errno.EBADF, c.open, lower, "file")


def conform(work):
    c = Client(greet=False)
    refuses("HELLO comes first", errno.EPROTO, c.list)
    kind, body, _ = c.call(HELLO, bytes(8))
    same("the limits", (WELCOME, 1024, 1000), (kind, *struct.unpack("=II", body)))
    same("HELLO again", WELCOME, c.call(HELLO, bytes(8))[0])
    entries = c.list()
    same("all is listed", ["tree", "ro", "single", "log", "few", "soon", "all"], [e["name"] for e in entries])
    same("kinds", [TREE, TREE, FILE, FILE, TREE, TREE, TREE], [e["kind"] for e in entries])
    same("rights", READ | WRITE | CREATE | PASS, entries[0]["rights"])
    is_true("lines", all(e["line"] > 0 for e in entries))
    same("uses left", 3, entries[4]["times_left"])
    is_true("time left", 0 < entries[5]["left_ms"] <= 3600000)
    refuses("a name that nothing has", errno.ENOENT, c.find, "nothing")
    path = b"/etc/passwd"
    refuses("no ask rule", errno.EPERM, c.call, REQUEST, struct.pack("=IIII", READ, FILE, len(path), 0) + path)
    refuses("a file is no socket", errno.EINVAL, c.connect, c.find("tree"))
    conform_open(c, work)
    conform_write(c)
    conform_derive(c)
    few = c.find("few")
    for _ in range(3):
        c.read(few, "file")
    refuses("the policy's own bound", errno.EDQUOT, c.open, few, "file")
    c.drop(few)
    refuses("dropped", errno.EBADF, c.open, few, "file")
    same("the descriptor is the only one", [], [fd for fd in range(3, 64) if fd != c.socket.fileno() and is_open(fd)])


def is_open(fd):
    try:
        return "endow" not in str(fcntl.fcntl(fd, fcntl.F_GETFD)) and stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False


# Sockets ---------------------------------------------------------------------------------------------------------------------


def is_severed(s):
    s.settimeout(5)
    try:
        return s.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def is_alive(s):
    s.sendall(b"x")
    s.settimeout(5)
    return s.recv(1) == b"x"


def sockets(work):
    c = Client()
    echo, unix, slow, closed, server = (c.find(n) for n in ("echo", "unix", "slow", "closed", "server"))
    for name, handle in (("tcp", echo), ("unix", unix)):
        s = c.connect(handle)
        is_true(f"{name}: blocking", not fcntl.fcntl(s.fileno(), fcntl.F_GETFL) & os.O_NONBLOCK)
        is_true(f"{name}: connected", is_alive(s))
    for name, code in (("link", errno.ENOTSOCK), ("plain", errno.ENOTSOCK), ("absent", errno.ENOENT)):
        refuses(f"unix: {name}", code, c.connect, c.find(name))
    refuses("nobody listens", errno.ECONNREFUSED, c.connect, closed)
    refuses("nobody waits", errno.EAGAIN, c.connect, server)
    same("somebody comes", "come", ask_outside("come"))
    s = c.connect(server)
    same("accepted", b"guest", s.recv(5))
    refuses("a socket is no file", errno.EINVAL, c.open, echo)

    # A slow peer delays nobody else.
    other = c.client(c.derive(slow, PASS, "slow"), c.derive(echo, PASS, "echo"))
    other.send(pack(SOCKET, struct.pack("=QII", other.find("slow"), 0, 0)))
    start = time.monotonic()
    is_true("others are served while one waits", is_alive(c.connect(echo)) and time.monotonic() - start < 2)
    crowd = [c.client(c.derive(slow, PASS, "slow")) for _ in range(15)]
    for one in crowd:
        one.send(pack(SOCKET, struct.pack("=QII", one.find("slow"), 0, 0)))
    time.sleep(0.2)
    refuses("sixteen connections are under way", errno.EAGAIN, c.connect, slow)
    for one in crowd:
        one.close()
    time.sleep(0.2)
    is_true("who goes away makes room", is_alive(c.connect(echo)))
    other.close()

    # What can be revoked is taken back: by REVOKE, at its end, with its holder.
    leash = c.derive(echo, PASS, "leash", flags=REVOCABLE)
    s, t = c.connect(leash), c.connect(c.derive(leash, PASS, "lower"))
    is_true("before", is_alive(s) and is_alive(t))
    c.revoke(leash)
    is_true("revoked, and what was derived from it", is_severed(s) and is_severed(t))
    s = c.connect(c.derive(echo, 0, "short", flags=REVOCABLE, until_ms=300))
    is_true("ended by its time", is_alive(s) and is_severed(s))
    leash = c.derive(unix, 0, "dropped", flags=REVOCABLE)
    s = c.connect(leash)
    c.drop(leash)
    is_true("dropped", is_severed(s))
    other = c.client(c.derive(echo, PASS, "given", flags=REVOCABLE))
    s = other.connect(other.find("given"))
    is_true("given", is_alive(s))
    other.close()
    is_true("its holder is gone", is_severed(s))
    same("somebody comes again", "come", ask_outside("come"))
    taken = c.derive(server, 0, "taken", flags=REVOCABLE)
    s = c.connect(taken)
    s.recv(5)
    c.revoke(taken)
    is_true("an accepted one is taken back", is_severed(s))
    leash = c.derive(echo, 0, "many", flags=REVOCABLE)
    for _ in range(300):  # more than can be kept: those that were closed at both ends make room
        s = c.connect(leash)
        s.shutdown(socket.SHUT_RDWR)
        s.close()
        time.sleep(0.005)
    ok("closed ones make room")
    time.sleep(1.5)
    kept, code = [], 0
    try:
        while True:
            kept.append(c.connect(leash))
    except Refused as r:
        code = r.code
    is_true("as many can be taken back as are kept", code == errno.EMFILE and len(kept) == 256, f"{len(kept)}: {code}")
    c.revoke(leash)
    is_true("all of them", all(is_severed(s) for s in kept))


def view(work):
    """In a file system of its own the program sees none of it, and the broker hands it out all the same."""
    c = Client()
    same("nothing of it is to be seen", False, os.path.exists(work + "/tree"))
    tree = c.find("tree")
    same("a file", b"hello\n", c.read(tree, "file"))
    os.close(c.open(tree, "viewed", WRITE | CREATE))
    c.change(tree, UNLINK, "viewed")
    fd = c.open(c.find("log"), "", APPEND)
    os.write(fd, b"more\n")
    same("appending does not truncate here either", errno.EACCES, code_of(os.ftruncate, fd, 0))
    is_true("a service", is_alive(c.connect(c.find("unix"))))


# Several clients -------------------------------------------------------------------------------------------------------------


def share(work):
    c = Client()
    tree, ro = c.find("tree"), c.find("ro")
    child = c.client(c.derive(tree, READ | PASS, "given"))
    same("a client holds what it was given", ["given"], [e["name"] for e in child.list()])
    given = child.find("given")
    same("and uses it", b"hello\n", child.read(given, "file"))
    refuses("another's handle", errno.EBADF, child.open, tree, "file")
    refuses("another's handle is not dropped", errno.EBADF, child.drop, tree)
    refuses("another's handle is not revoked", errno.EBADF, child.revoke, tree)
    refuses("not without PASS", errno.EACCES, c.client, ro)
    refuses("not what is not held", errno.EBADF, c.client, tree, tree + 4096)
    same("a parent at another's is not shown", 0, child.list()[0]["parent"])

    grandchild = child.client(given)
    low = grandchild.find("given")
    child.drop(given)
    same("what was passed on stays when it is dropped", b"hello\n", grandchild.read(low, "file"))
    mine = [e["handle"] for e in c.list() if e["name"] == "given"][0]
    c.revoke(mine)
    refuses("and ends when what it came from is revoked", errno.EBADF, grandchild.open, low, "file")
    same("nothing else ends", b"hello\n", c.read(tree, "file"))
    child.close()
    grandchild.close()

    a, b = c.client(), c.client()
    d = c.derive(tree, READ | PASS, "by-ticket")
    ticket = c.ticket(d)
    copy = os.dup(ticket)
    got = a.claim(ticket)
    same("a ticket is claimed", b"hello\n", a.read(got, "file"))
    refuses("once", errno.ESTALE, b.claim, copy)
    refuses("no ticket", errno.ESTALE, b.claim, c.open(tree, "file"))
    refuses("no ticket without PASS", errno.EACCES, c.ticket, ro)
    ticket = c.ticket(d)
    c.revoke(d)
    refuses("a ticket ends with its capability", errno.ESTALE, b.claim, ticket)
    refuses("and what was claimed", errno.EBADF, a.open, got, "file")
    d = c.derive(tree, READ | PASS, "dropped")
    ticket = c.ticket(d)
    c.drop(d)
    refuses("a ticket ends with its holder", errno.ESTALE, b.claim, ticket)
    same("a ticket can't be written", errno.EPERM, code_of(os.write, c.ticket(tree), b"x"))

    # A process of its own, killed.
    e = c.derive(tree, READ | PASS, "child")
    body = struct.pack("=II64Q", 1, 0, e, *[0] * 63)
    _, _, fds = c.call(CLIENT, body)
    pid = os.fork()
    if pid == 0:
        c.socket.close()
        mine = Client(fds[0])
        os._exit(0 if mine.read(mine.find("child"), "file") == b"hello\n" else 1)
    os.close(fds[0])
    same("a process with a connection of its own", 0, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    e = c.derive(tree, READ, "revoked-twice")
    c.revoke(e)
    refuses("what is revoked can't be revoked", errno.EBADF, c.revoke, e)


# Limits ----------------------------------------------------------------------------------------------------------------------


def until_refused(call, bound):
    got = []
    try:
        for _ in range(bound):
            got.append(call())
    except Refused as r:
        return got, r.code
    return got, 0


def limits(work):
    c = Client()
    tree = c.find("tree")
    held = len(c.list())
    got, code = until_refused(lambda: c.derive(tree, READ), 2000)
    same("capabilities of a client", (1024, errno.EMFILE), (len(got) + held, code))
    same("all are listed", 1024, len(c.list()))
    for handle in got:
        c.drop(handle)
    same("and dropped", held, len(c.list()))

    chain = [tree]
    got, code = until_refused(lambda: chain.append(c.derive(chain[-1], READ)), 100)
    same("made from one another", (63, errno.EMLINK), (len(got), code))
    c.revoke(chain[1])
    same("and ended together", held, len(c.list()))

    given = c.derive(tree, READ | PASS)
    got, code = until_refused(lambda: c.ticket(given), 100)
    same("tickets of a client", (64, errno.EMFILE), (len(got), code))
    for fd in got:
        os.close(fd)
    c.drop(given)
    got, code = until_refused(lambda: c.ticket(tree), 10)
    same("a ticket that ended counts no more", (10, 0), (len(got), code))
    got, code = until_refused(lambda: c.client(greet=False), 100)
    same("clients", (63, errno.EMFILE), (len(got), code))
    for one in got:
        one.close()
    time.sleep(0.1)
    more = [c.client(tree) for _ in range(63)]
    total, code = until_refused(lambda: [one.derive(one.find("tree"), READ) for one in more], 2000)
    is_true("capabilities of all", code == errno.ENOSPC and 60 <= len(total) <= 64, f"{len(total)} {code}")
    same("who holds one uses it", b"hello\n", c.read(tree, "file"))
    for one in more:
        one.close()
    time.sleep(0.1)
    c.drop(c.derive(tree, READ))
    ok("and there is room again")

    one = c.client()
    start = time.monotonic()
    for _ in range(2500):
        one.call(LIST, bytes(8))
    took = time.monotonic() - start
    is_true("a thousand requests at once, and then a thousand a second", 1.4 < took < 4, f"{took:.2f} s for 2500")


# Who means ill ---------------------------------------------------------------------------------------------------------------


def garbage():
    """Packets that break the rules, each with what is wrong."""
    open_body = struct.pack("=QIIII", 4096, READ, 0, 0, 1) + b"x"
    yield "nothing", b"", ()
    yield "a byte", b"x", ()
    yield "half a head", pack(HELLO)[:10], ()
    yield "a head alone", pack(OPEN), ()
    yield "another version", pack(HELLO, bytes(8), version=2), ()
    yield "an unknown type", pack(99, bytes(8)), ()
    yield "type 0", pack(0, bytes(8)), ()
    yield "a reply", pack(DONE, bytes(8)), ()
    yield "a wrong size", pack(HELLO, bytes(8), size=1000), ()
    yield "too long", pack(HELLO, bytes(5000)), ()
    yield "as long as can be", pack(LIST, bytes(4080)), ()
    yield "a text longer than it says", pack(OPEN, open_body + b"y"), ()
    yield "a text shorter than it says", pack(OPEN, open_body[:-1]), ()
    yield "a NUL in a path", pack(OPEN, open_body[:-1] + b"\0"), ()
    yield "an unknown flag", pack(OPEN, struct.pack("=QIIII", 1, READ, 64, 0, 1) + b"x"), ()
    yield "an unknown right", pack(DERIVE, struct.pack("=QIIQIIII", 1, 1 << 20, 0, 0, 0, 1, 0, 0) + b"n"), ()
    yield "a count beyond", pack(CLIENT, struct.pack("=II64Q", 65, 0, *[1] * 64)), ()
    yield "a descriptor where none belongs", pack(LIST, bytes(8)), (0,)
    yield "two descriptors", pack(CLAIM, bytes(8)), (0, 0)
    yield "no descriptor where one belongs", pack(CLAIM, bytes(8)), ()
    yield "253 descriptors", pack(LIST, bytes(8)), (0,) * 253
    yield "253 descriptors for a ticket", pack(CLAIM, bytes(8)), (0,) * 253


def hostile_packets(c):
    for name, packet, fds in garbage():
        bad = c.client(c.find("tree"))
        try:
            bad.send(packet, fds)
            is_true(f"{name}: closed", bad.is_closed())
        except OSError as e:
            not_ok(name, e)
        bad.close()
    rng = random.Random(1)
    for _ in range(400):
        bad = c.client(greet=False)
        for _ in range(rng.randrange(1, 6)):
            kind = rng.randrange(0, 16)
            body = rng.randbytes(rng.choice((0, 8, 16, 24, 40, 520, rng.randrange(0, 4000))))
            fds = [0] * rng.choice((0, 0, 0, 1, 3))
            try:
                bad.send(pack(kind, body, version=rng.choice((1, 1, 1, 1, 0)), size=rng.choice((None, None, None, 5))), fds)
            except OSError:
                break
        bad.close()
    same("the broker lives on", b"hello\n", c.read(c.find("tree"), "file"))


def hostile_floods(c):
    """Processes, so that what they do costs this one nothing but its turn on the processor."""
    tree = c.find("tree")

    def start(do):
        body = struct.pack("=II64Q", 1, 0, tree, *[0] * 63)
        _, _, fds = c.call(CLIENT, body)
        pid = os.fork()
        if pid == 0:
            try:
                do(Client(fds[0]))
            finally:
                os._exit(0)
        os.close(fds[0])
        return pid

    def flood(one):
        while True:
            one.call(LIST, bytes(8))

    def stall(one):
        handle = one.find("tree")
        while True:
            one.send(pack(OPEN, struct.pack("=QIIII", handle, READ, 0, 0, 4) + b"file"))

    def descriptors(one):
        fds = array.array("i", [0] * 253)
        for _ in range(4):
            one.socket.sendmsg([pack(LIST, bytes(8))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])

    for name, do, count in (("flood", flood, 2), ("stall", stall, 2), ("a thousand descriptors", descriptors, 2)):
        pids = [start(do) for _ in range(count)]
        time.sleep(0.2)
        took = []
        for _ in range(200):
            begin = time.monotonic()
            c.read(tree, "file")
            took.append(time.monotonic() - begin)
            time.sleep(0.001)
        took.sort()
        is_true(f"{name}: others are served", took[100] < 0.01 and took[198] < 0.3, f"median {took[100]:.4f}, worst {took[199]:.4f}")
        for pid in pids:
            if do is not flood:
                is_true(f"{name}: it loses its connection", gone_soon(pid))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, os.WNOHANG)


def gone_soon(pid):
    for _ in range(250):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return True
        time.sleep(0.02)
    return False


def hostile_deaths(c):
    """Clients that die in the middle of whatever they do."""
    tree = c.find("tree")
    rng = random.Random(2)
    for _ in range(60):
        _, _, fds = c.call(CLIENT, struct.pack("=II64Q", 1, 0, tree, *[0] * 63))
        pid = os.fork()
        if pid == 0:
            try:
                one = Client(fds[0])
                handle = one.find("tree")
                while True:
                    other = one.client(handle)
                    one.ticket(handle)
                    other.derive(other.find("tree"), READ, "x", "sub")
                    os.close(one.open(handle, "file"))
                    one.send(pack(OPEN, struct.pack("=QIIII", handle, READ, 0, 0, 4) + b"file"))
                    one.receive()
                    other.close()
            finally:
                os._exit(0)
        os.close(fds[0])
        time.sleep(rng.random() * 0.02)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    same("deaths: the broker lives on", b"hello\n", c.read(tree, "file"))


def hostile(work):
    c = Client()
    before = ask_outside("fds")
    hostile_packets(c)
    hostile_floods(c)
    hostile_deaths(c)
    time.sleep(0.3)
    same("no descriptor is left behind", before, ask_outside("fds"))
    # The connection goes; the program does not.
    c.send(b"x")
    is_true("the first client is closed like any other", c.is_closed())


# Memory and descriptors ------------------------------------------------------------------------------------------------------


def memory(work):
    c = Client()
    tree = c.find("tree")
    c.drop(c.derive(tree, READ))
    empty = int(ask_outside("memory"))
    handles = [c.derive(tree, READ, f"name-{i}") for i in range(1000)]
    full = int(ask_outside("memory"))
    is_true("a thousand capabilities take less than 1 MiB", full - empty < 1024, f"{full - empty} KiB")
    for handle in handles:
        c.drop(handle)
    fds = ask_outside("fds")
    clients = [c.client(tree) for _ in range(40)]

    def use(one, count):
        handle = one.find("tree")
        for _ in range(count):
            os.close(one.open(handle, "file"))
            part = one.derive(handle, READ, "part", "sub")
            one.drop(one.derive(part, READ, "lower"))
            one.drop(part)
            one.call(LIST, bytes(8))
            one.ticket_fd = one.ticket(handle) if count == 1 else -1

    def all_use(count):
        threads = [threading.Thread(target=use, args=(one, count)) for one in clients]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    all_use(20)
    before = int(ask_outside("memory"))
    rounds = 300
    all_use(rounds)
    after = int(ask_outside("memory"))
    is_true(f"{rounds * 40 * 5} requests take no memory", after - before <= 8, f"{after - before} KiB")
    for one in clients:
        one.close()
    time.sleep(0.2)
    same("no descriptor is left behind", fds, ask_outside("fds"))


def death(work):
    """The supervisor is killed, and the program with it; a client that is left sees the end of its connection."""
    c = Client()
    _, _, fds = c.call(CLIENT, struct.pack("=II64Q", 1, 0, c.find("tree"), *[0] * 63))
    program = os.getpid()
    if os.fork():
        time.sleep(60)
        not_ok("the program ends with its supervisor", "it lives")
        return
    c.close()
    one = Client(fds[0])
    same("before", b"hello\n", one.read(one.find("tree"), "file"))
    ask_outside("kill")
    is_true("its clients see the end", one.is_closed())
    for _ in range(250):
        if os.getppid() != program:
            break
        time.sleep(0.02)
    is_true("the program ends with it", os.getppid() != program)


def log(work):
    c = Client()
    tree = c.find("tree")
    c.read(tree, "file")
    try:
        c.open(tree, "no\"\xff\n\udcff")
    except Refused:
        pass
    d = c.derive(tree, READ | PASS, "d", "sub")
    one = c.client(d)
    one.close()
    time.sleep(0.1)
    c.revoke(d)
    c.drop(tree)


# Outside ---------------------------------------------------------------------------------------------------------------------


def policy_of(scenario, work, ports):
    lines = ["use python", "promise proc", f"read {os.path.dirname(os.path.abspath(__file__))}"]
    if scenario == "sockets":
        lines += [f"grant pass connect tcp 127.0.0.1:{ports['echo']} as echo", f"grant pass connect unix {work}/echo as unix", f"grant connect unix {work}/link as link",
                  f"grant connect unix {work}/single as plain", f"grant connect unix {work}/absent as absent",
                  f"grant pass connect tcp 127.0.0.1:{ports['slow']} as slow", f"grant connect tcp 127.0.0.1:{ports['closed']} as closed",
                  f"grant listen tcp 127.0.0.1:{ports['server']} as server"]
    else:
        # By path it would be shown in the view, where it can be opened by its path.
        how = " by handle" if scenario == "view" else ""
        lines += [f"grant read write create pass {work}/tree as tree" + how, f"grant read {work}/tree as ro" + how,
                  f"grant read {work}/single as single", f"grant append {work}/log as log"]
    if scenario == "view":
        lines += ["isolate files", f"grant connect unix {work}/echo as unix"]
    if scenario == "conform":
        lines += [f"grant read {work}/tree as few times 3", f"grant read {work}/tree as soon until 1h", "grant read / as all"]
    return "\n".join(lines) + "\n"


def echo_at(listener):
    def serve(s):
        while True:
            data = s.recv(4096)
            if not data:
                break
            s.sendall(data)
        s.close()

    def forever():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    listener.listen(512)
    threading.Thread(target=forever, daemon=True).start()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def peers(work):
    """Somebody who echoes, somebody whose queue is full, nobody, and a free port."""
    echo, unix, slow = socket.socket(), socket.socket(socket.AF_UNIX), socket.socket()
    echo.bind(("127.0.0.1", 0))
    if os.path.lexists(work + "/echo"):
        os.unlink(work + "/echo")
    unix.bind(work + "/echo")
    echo_at(echo)
    echo_at(unix)
    if not os.path.lexists(work + "/link"):
        os.symlink(work + "/echo", work + "/link")
    slow.bind(("127.0.0.1", 0))
    slow.listen(0)
    waiting = []
    for _ in range(4):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(slow.getsockname())
        waiting.append(s)
    peers.kept = (slow, waiting)
    return {"echo": echo.getsockname()[1], "slow": slow.getsockname()[1], "closed": free_port(), "server": free_port()}


def flip(work, until):
    while not until.is_set():
        for act in (lambda: os.symlink(work + "/outside/made", work + "/tree/flip"), lambda: os.unlink(work + "/tree/flip")):
            try:
                act()
            except OSError:
                pass


def answer_flip(what, work):
    if what == "flip":
        flip.until = threading.Event()
        flip.thread = threading.Thread(target=flip, args=(work, flip.until))
        flip.thread.start()
        return ""
    flip.until.set()
    flip.thread.join()
    if os.path.lexists(work + "/tree/flip"):
        os.unlink(work + "/tree/flip")
    return "yes" if os.path.exists(work + "/outside/made") else "no"


def answer(what, pid, ports, work):
    if what.startswith("flip"):
        return answer_flip(what, work)
    if what == "fds":
        return str(len(os.listdir(f"/proc/{pid}/fd")))
    if what == "memory":
        text = open(f"/proc/{pid}/smaps_rollup").read()
        return str(sum(int(n) for n in re.findall(r"^(?:Private_Clean|Private_Dirty):\s+(\d+)", text, re.M)))
    if what == "come":
        guest = socket.create_connection(("127.0.0.1", ports["server"]))
        guest.sendall(b"guest")
        peers.kept += (guest,)
        return "come"
    if what == "kill":
        os.kill(pid, signal.SIGKILL)
        return "killed"
    raise ValueError(what)


def check_log(path, pid):
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    events = [line["event"] for line in lines]
    same("the log's events", ["grant"] * 4 + ["use", "refuse", "derive", "derive", "client", "end", "revoke", "end", "drop", "end"], events)
    is_true("each line has its time and sandbox", all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", x["time"]) and x["sandbox"] == pid for x in lines))
    is_true("the program's own pid", all(x["pid"] not in (0, pid) for x in lines[4:]))
    same("what was used", ("tree", "file", ["read"], 0), tuple(lines[4][k] for k in ("name", "path", "rights", "code")))
    same("what was refused", (-errno.ENOENT, 'no"\xff\n\ufffd', ["read"]), tuple(lines[5][k] for k in ("code", "path", "rights")))
    same("what was made of what", lines[6]["capability"], lines[7]["parent"])


def outside(scenario, launcher, work):
    ports = peers(work) if scenario in ("sockets", "view") else {}
    path = f"{work}/../broker-{scenario}.policy"
    with open(path, "w") as f:
        f.write(policy_of(scenario, work, ports))
    more = ["--log", f"{work}/../broker.log"] if scenario == "log" else []
    p = subprocess.Popen([launcher, *more, "-p", path, "--", "/usr/bin/python3", "-I", "-B", os.path.abspath(__file__), "inside", scenario, work],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in p.stdout:
        if line.startswith("? "):
            p.stdin.write(answer(line[2:].strip(), p.pid, ports, work) + "\n")
            p.stdin.flush()
        else:
            print(line, end="", flush=True)
    p.stdin.close()
    same(f"{scenario}: its status", -signal.SIGKILL if scenario == "death" else 0, p.wait())
    if scenario == "log":
        check_log(f"{work}/../broker.log", p.pid)


if sys.argv[1] == "inside":
    globals()[sys.argv[2]](sys.argv[3])
else:
    outside(*sys.argv[1:])

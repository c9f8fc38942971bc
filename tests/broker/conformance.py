"""What a client can see of the broker, one line a check: the same lines as conformance.c prints, by a client that shares no code with it."""

import errno
import fcntl
import os
import resource
import select
import socket
import struct
import sys
import time

sys.path.insert(0, sys.argv[1])
import endow_broker as eb  # noqa: E402

NEVER = 0x123456789ABC
broker = None


def outcome(call, *args, **more):
    """What a call returns, and its outcome in a word."""
    try:
        return call(*args, **more), "ok"
    except OSError as error:
        return None, errno.errorcode[error.errno].replace("ENOTSUP", "EOPNOTSUPP")
    except ValueError:  # the client's own refusal
        return None, "EINVAL"


def say(what, call, *args, **more):
    value, word = outcome(call, *args, **more)
    print(f"{what}: {word}")
    return value


def put(what, value):
    print(f"{what}: {value}")


def refused(what, call, *args):
    put(what, "ok" if outcome(call, *args)[1] != "ok" else "EPERM")


def close(thing):
    if thing is not None:
        thing.close() if hasattr(thing, "close") else os.close(thing)


READ, WRITE, BOTH, APPEND, CREATE = eb.READ, eb.WRITE, eb.READ | eb.WRITE, eb.APPEND, eb.CREATE


def opened(client, handle, path, rights, flags=0):
    return client.open_raw(handle, path, rights, flags, 0o666 if rights & CREATE else 0)


def try_open(what, client, handle, path, rights, flags=0):
    close(say(what, opened, client, handle, path, rights, flags))


def try_read(what, client, handle, path=""):
    fd, word = outcome(opened, client, handle, path, READ)
    put(what, word if fd is None else os.read(fd, 63).decode().removesuffix("\n"))
    close(fd)


def print_list(client):
    for c in client.list():
        words = ["held:", c.name, c.kind] + c.words() + ["revocable"] * c.revocable + ["bounded"] * (c.left_ms > 0) + ["spent"] * c.spent
        print(*words, f"times={c.times_left} line={c.line} parent={int(c.parent != 0)}")


def cloexec(fd):
    return int(not os.get_inheritable(fd))


def finding():
    put("limit held", broker.limit_held)
    put("limit rate", broker.limit_rate)
    print_list(broker)
    say("find a name", broker.find, "file")
    say("find what is not there", broker.find, "absent")
    say("find no name", broker.find, "a b")
    try_open("open handle 0", broker, 0, "", READ)
    try_open("open a handle that never was", broker, NEVER, "", READ)


def opening_file():
    file = broker.find("file")
    fd = say("a file", opened, broker, file, "", READ)
    put("it is close-on-exec", cloexec(fd))
    put("its flags", fcntl.fcntl(fd, fcntl.F_GETFL) & (os.O_ACCMODE | os.O_APPEND | os.O_NONBLOCK))
    close(fd)
    try_read("its text", broker, file)
    try_open("for writing", broker, file, "", WRITE)
    try_open("for both", broker, file, "", BOTH)
    try_open("for appending", broker, file, "", APPEND)
    try_open("a part of a file", broker, file, "x", READ)
    try_open("as a folder", broker, file, "", READ, eb.DIRECTORY)
    put("with O_PATH", "EINVAL")  # there is no such word in this client
    fd = opened(broker, file, "", READ, eb.NONBLOCK)
    put("non-blocking", int(not os.get_blocking(fd)))
    close(fd)


def opening_tree():
    tree = broker.find("tree")
    try_read("beneath a tree", broker, tree, "inner")
    try_read("beneath a folder of it", broker, tree, "folder/deep")
    try_open("the tree as a folder", broker, tree, "", READ, eb.DIRECTORY)
    try_open("a folder of it", broker, tree, "folder", READ, eb.DIRECTORY)
    try_open("a folder as a file", broker, tree, "folder", READ)
    try_open("what is absent", broker, tree, "absent", READ)
    try_open("..", broker, tree, "..", READ, eb.DIRECTORY)
    try_open("../file", broker, tree, "../file", READ)
    try_open("folder/../inner", broker, tree, "folder/../inner", READ)
    try_open("an absolute path", broker, tree, "/etc/passwd", READ)
    try_read("a link within", broker, tree, "link")
    try_open("a link out", broker, tree, "out", READ)
    try_open("through a link out", broker, tree, "up/file", READ)
    try_open("an absolute link", broker, tree, "absolute", READ)
    try_open("a link, not followed", broker, tree, "link", READ, eb.NOFOLLOW)
    try_open("a link, for writing", broker, tree, "link", WRITE)
    try_open("a socket", broker, tree, "socket", READ)
    try_open("a FIFO without a writer", broker, tree, "fifo", READ)
    try_open("a name of 300 bytes", broker, tree, "x" * 300, READ)


def writing():
    tree, reader = broker.find("tree"), broker.find("reader")
    fd = say("a new file", opened, broker, tree, "new", BOTH | CREATE, eb.EXCLUSIVE)
    put("what is written to it", os.write(fd, b"new\n"))
    put("its mode under the launcher's umask", os.fstat(fd).st_mode & 0o7777)
    close(fd)
    try_open("it again, exclusively", broker, tree, "new", BOTH | CREATE, eb.EXCLUSIVE)
    try_open("it again", broker, tree, "new", WRITE | CREATE)
    try_read("its text", broker, tree, "new")
    try_open("emptied", broker, tree, "new", WRITE, eb.TRUNCATE)
    try_read("its text then", broker, tree, "new")
    try_open("a new file where no folder is", broker, tree, "absent/new", WRITE | CREATE)
    try_open("a new one through a link out", broker, tree, "up/new", WRITE | CREATE)
    try_open("a new one at the end of a dangling link", broker, tree, "dangling", WRITE | CREATE)
    try_open("a new one without the right", broker, reader, "more", READ | CREATE)
    try_open("writing without the right", broker, reader, "inner", WRITE)


def changing():
    tree, reader = broker.find("tree"), broker.find("reader")
    say("mkdir", broker.mkdir, tree, "made")
    say("mkdir again", broker.mkdir, tree, "made")
    say("mkdir above", broker.mkdir, tree, "../made")
    say("mkdir through a link out", broker.mkdir, tree, "up/made")
    say("mkdir without the right", broker.mkdir, reader, "other")
    say("rename", broker.rename, tree, "new", "made/newer")
    say("rename what is gone", broker.rename, tree, "new", "made/newer")
    say("rename out", broker.rename, tree, "made/newer", "../newer")
    say("rename through a link out", broker.rename, tree, "made/newer", "up/newer")
    say("rename without the right", broker.rename, reader, "inner", "outer")
    say("rmdir of what is not empty", broker.rmdir, tree, "made")
    refused("unlink of a folder", broker.unlink, tree, "made")
    say("unlink", broker.unlink, tree, "made/newer")
    say("unlink of what is gone", broker.unlink, tree, "made/newer")
    say("unlink above", broker.unlink, tree, "../file")
    say("unlink without the right", broker.unlink, reader, "inner")
    say("rmdir", broker.rmdir, tree, "made")
    say("rmdir without the right", broker.rmdir, reader, "folder")
    say("a change with a file", broker.mkdir, broker.find("file"), "x")


def appending():
    log = broker.find("log")
    fd = say("to append", opened, broker, log, "", APPEND)
    put("what is appended", os.write(fd, b"line\n"))
    say("truncated", os.ftruncate, fd, 0)
    say("overwritten", fcntl.fcntl, fd, fcntl.F_SETFL, 0)
    close(fd)
    try_open("for writing", broker, log, "", WRITE)
    try_open("for reading", broker, log, "", READ)
    put("appending and emptying", "EINVAL")  # nor this one


def put_received(what, s):
    if not select.select([s], [], [], 5)[0]:
        return put(what, "nothing came")
    try:
        text = s.recv(63)
    except OSError:
        return put(what, "nothing came")
    return put(what, text.decode("ascii", "replace") if text else "the end")


def accept_soon(door):
    for _ in range(100):
        s, word = outcome(broker.accept, door)
        if word != "EAGAIN":
            break
        time.sleep(0.02)
    return s, word


def sockets():
    door, knock = broker.find("door"), broker.find("knock")
    say("nobody waits", broker.accept, door)
    s = say("connected", broker.connect, knock)
    accepted, word = accept_soon(door)
    put("accepted", word)
    put("both close-on-exec", cloexec(s.fileno()) + cloexec(accepted.fileno()))
    put("both blocking", int(os.get_blocking(s.fileno()) and os.get_blocking(accepted.fileno())))
    put("sent", s.send(b"knock"))
    put_received("received", accepted)
    close(s)
    put_received("after the other's end", accepted)
    close(accepted)
    say("connect where nobody listens", broker.connect, broker.find("nobody"))
    s = say("a socket with a name", broker.connect, broker.find("service"))
    put_received("what it says", s)
    close(s)
    say("connect with a file", broker.connect, broker.find("file"))
    try_open("open of an address", broker, knock, "", READ)


def try_derive(what, parent, name, rights, **more):
    handle = say(what, broker.derive, broker.find(parent), name, rights, **more)
    if handle:
        broker.drop(handle)


def deriving():
    tree = broker.find("tree")
    less = broker.derive(tree, "less", READ)
    try_read("less: reads", broker, less, "inner")
    try_open("less: writes", broker, less, "inner", WRITE)
    try_derive("less: more again", "less", "x", BOTH)
    try_derive("more rights", "reader", "x", BOTH)
    try_derive("more times", "twice", "x", READ, times=3)
    try_derive("a later end", "brief", "x", READ, until_ms=3600000)
    try_derive("no name", "reader", "", READ)
    try_derive("a bad name", "reader", "a/b", READ)
    put("an unknown flag", "EINVAL")  # nor this one
    try_derive("a part that is above", "tree", "x", READ, path="../file")
    try_derive("a part through a link out", "tree", "x", READ, path="up/file")
    try_derive("a part that is absent", "tree", "x", READ, path="absent")
    try_derive("a part of a file", "file", "x", READ, path="x")
    folder = broker.derive(tree, "folder", READ, path="folder")
    try_read("a folder: beneath it", broker, folder, "deep")
    try_open("a folder: beside it", broker, folder, "../inner", READ)
    one = broker.derive(tree, "one", READ, path="inner")
    try_read("one file", broker, one)
    try_open("one file: a part", broker, one, "inner", READ)
    print_list(broker)
    for handle in folder, one, less:
        broker.drop(handle)
    try_open("dropped", broker, less, "inner", READ)
    say("dropped twice", broker.drop, less)


def bounds():
    reader, twice = broker.find("reader"), broker.find("twice")
    child = broker.derive(twice, "child", READ)
    try_open("twice: a use that fails does not count", broker, twice, "absent", READ)
    try_open("twice: once", broker, twice, "inner", READ)
    try_open("twice: once by its child", broker, child, "inner", READ)
    try_open("twice: once more", broker, twice, "inner", READ)
    try_open("twice: once more by its child", broker, child, "inner", READ)
    soon = broker.derive(reader, "soon", READ, until_ms=300)
    later = broker.derive(soon, "later", READ)
    try_open("before its end", broker, later, "inner", READ)
    time.sleep(0.4)
    try_open("after its end", broker, soon, "inner", READ)
    try_open("after its parent's end", broker, later, "inner", READ)
    for _ in range(200):
        _, word = outcome(broker.find, "brief")
        if word != "ok":
            break
        time.sleep(0.05)
    put("find what the policy has ended", word)


def revocation():
    file = broker.find("file")
    a = broker.derive(file, "a", READ | eb.PASS)
    b = broker.derive(a, "b", READ | eb.PASS)
    c = broker.derive(b, "c", READ)
    say("drop in the middle", broker.drop, b)
    try_read("below it", broker, c)
    with eb.attach(broker.client([a])) as other:
        theirs = other.find("a")
        try_read("another client's copy", other, theirs)
        try_open("with the other's handle", broker, theirs, "", READ)
        say("revoke", broker.revoke, a)
        try_open("itself", broker, a, "", READ)
        try_open("below what was dropped", broker, c, "", READ)
        try_open("another client's copy, then", other, theirs, "", READ)
        try_read("its parent", broker, file)
        say("revoke again", broker.revoke, a)
    try_open("a descriptor from what can be revoked", broker, broker.find("kept"), "inner", READ)
    line = broker.derive(broker.find("knock"), "line", 0, revocable=True)
    s = say("a socket from what can be revoked", broker.connect, line)
    accepted, _ = accept_soon(broker.find("door"))
    say("revoke that", broker.revoke, line)
    put_received("the socket", s)
    put_received("the other end", accepted)
    close(s)
    close(accepted)


def tickets():
    file = broker.find("file")
    with eb.attach(broker.client()) as other:
        ticket, word = outcome(broker.ticket, file)
        print_list(other)
        put("a ticket", word)
        put("it is close-on-exec", cloexec(ticket))
        say("written to", os.write, ticket, b"x")
        handle = say("claimed", other.claim, ticket)
        try_read("what it stands for", other, handle)
        print_list(other)
        say("claimed twice", other.claim, ticket)
        close(ticket)
        say("without the right", broker.ticket, broker.find("reader"))
        false_one = opened(broker, file, "", READ)
        say("a false one", other.claim, false_one)
        close(false_one)
        say("no descriptor", other.claim, 1000000)
        brief = broker.derive(file, "t", READ | eb.PASS)
        ticket = broker.ticket(brief)
        broker.revoke(brief)
        say("a revoked one's", other.claim, ticket)
        close(ticket)


def confine(client, keep):
    held = [c.handle for c in client.list()]
    if not set(keep) <= set(held):
        raise OSError(errno.ENOENT, "not held")
    for handle in held:
        if handle not in keep:
            client.drop(handle)
    return len(held) - len(keep)


def clients():
    file, tree = broker.find("file"), broker.find("tree")
    fd = say("a client", broker.client, [file, tree])
    put("its connection is close-on-exec", cloexec(fd))
    with eb.attach(fd) as other:
        print_list(other)
        try_read("what it was given", other, other.find("file"))
        say("without the right", broker.client, [broker.find("reader")])
        say("with what is not held", broker.client, [file, NEVER])
        one = other.find("tree")
        dropped = other.find("file")
        put("confined", confine(other, [one]))
        print_list(other)
        try_read("what was kept", other, one, "inner")
        try_read("what was dropped", other, dropped)
        say("it has no name any more", other.find, "file")
        say("and is not handed on", other.client, [dropped])
        say("nor made a part of", other.derive, dropped, "again", 0)
        try_read("who gave it has it", broker, broker.find("file"))
        say("confined to what is not held", confine, other, [NEVER])
        put("confined to nothing", confine(other, []))
        put("then it holds", len(other.list()))
    refused("a request", broker.request, "/etc/shadow", READ, "file", "to see")
    put("a request for a relative path", "EINVAL")  # nor this one


def many():
    with eb.attach(broker.client([broker.find("file")])) as other:
        file = other.find("file")
        for _ in range(49):
            other.derive(file, "many", READ)
        held = other.list()
        put("many are held", len(held))
        put("in order, with their parent", int(all(b.handle > a.handle and b.parent == file for a, b in zip(held, held[1:]))))
        put("confined to one", confine(other, [held[7].handle]))
        try_read("that one", other, held[7].handle)


def try_packet(what, packet, count=0):
    with socket.socket(fileno=broker.client()) as s:
        socket.send_fds(s, [packet], [0] * count)
        put_received(what, s)


def garbage():
    def words(*numbers):
        return struct.pack(f"={len(numbers)}I", *numbers)

    hello = words(1, 1, 7, 24, 0, 0)
    try_packet("one byte", b"x")
    try_packet("another version", words(2, 1, 7, 24, 0, 0))
    try_packet("an unknown request", words(1, 63, 7, 24, 0, 0))
    try_packet("a reply as a request", words(1, 67, 7, 24, 0, 0))
    try_packet("another size than it says", words(1, 1, 7, 25, 0, 0))
    try_packet("something in a field that is 0", words(1, 1, 7, 24, 1, 0))
    try_packet("a text longer than the packet", words(1, 3, 7, 32, 0xFFFFFFF8, 0, 0, 0))
    try_packet("8192 bytes", bytes(8192))
    try_packet("a descriptor where none belongs", hello, 1)
    try_packet("eight of them", hello, 8)
    try_read("and the others live", broker, broker.find("file"))


def no_descriptors():
    file = broker.find("file")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    fd, word = outcome(opened, broker, file, "", READ)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    put("no descriptor is left", word)
    close(fd)
    try_read("and then one is", broker, file)


def taken_over():
    global broker
    fd = os.dup(broker.socket.fileno())
    broker.close()
    broker = eb.attach(fd)
    try_read("the next on the same connection", broker, broker.find("file"))


def main():
    global broker
    broker = eb.connect()
    for check in (finding, opening_file, opening_tree, writing, changing, appending, sockets, deriving, bounds, revocation, tickets,
                  clients, many, garbage, no_descriptors, taken_over):
        check()
    broker.close()


main()

#!/usr/bin/env python3
"""A client of endow's broker, after endow-broker(7), with nothing but the standard library.

    with endow_broker.connect() as broker:
        for capability in broker.list():
            print(capability.name, capability.rights)
        tree = broker.find("cache")
        with os.fdopen(broker.open(tree, "index", "r")) as f:
            ...

Descriptors that come back are close-on-exec, and the caller's to close. What the broker refuses is raised as Refused, an OSError
with its words; what can't be, as Broken, after which the connection is closed.
"""

import argparse
import errno
import os
import socket
import struct
import sys
from dataclasses import dataclass

VERSION = 1
MAX = 4096
TEXT_MAX = 2048
NAME_MAX = 64
GIVE_MAX = 64

READ, WRITE, APPEND, CREATE, PASS = 1, 2, 4, 8, 256
RIGHTS = {"read": READ, "write": WRITE, "append": APPEND, "create": CREATE, "pass": PASS}
KINDS = ("file", "tree", "connect", "listen")
EXCLUSIVE, TRUNCATE, DIRECTORY, NOFOLLOW, NONBLOCK = 1, 2, 4, 8, 16
REVOCABLE, SPENT = 1, 2

HELLO, LIST, FIND, OPEN, CHANGE, SOCKET, DERIVE, DROP, REVOKE, TICKET, CLAIM, CLIENT, REQUEST = range(1, 14)
WELCOME, LISTED, HANDLE, DONE, REFUSED = range(64, 69)
MKDIR, UNLINK, RMDIR, RENAME = range(1, 5)

_HEAD = struct.Struct("=IIII")
_ENTRY = struct.Struct("=QQQQIIIII68s")
assert _ENTRY.size == 120


class Refused(OSError):
    """The broker refused; errno and strerror say why. The connection goes on."""


class Broken(Exception):
    """The connection has ended, or carried what the protocol does not know."""


@dataclass(frozen=True)
class Capability:
    handle: int
    parent: int
    left_ms: int
    uses: int
    kind: str
    rights: int
    times_left: int
    revocable: bool
    spent: bool
    line: int
    name: str

    def words(self):
        return [word for word, bit in RIGHTS.items() if self.rights & bit]


def _text(value):
    data = os.fsencode(value)
    if len(data) > TEXT_MAX:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), value)
    if b"\0" in data:
        raise ValueError("a NUL in a text")
    return data


def _name(value):
    allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
    if not 1 <= len(value) <= NAME_MAX or any(c not in allowed for c in value):
        raise ValueError(f"{value!r} is no name for a capability: 1 to {NAME_MAX} of A-Z a-z 0-9 _ . -")
    return value.encode()


class Broker:
    """One connection. Not for several threads at once."""

    def __init__(self, connection):
        if connection.family != socket.AF_UNIX or connection.type & 0xF != socket.SOCK_SEQPACKET:
            raise ValueError("not a connection to a broker")
        self.socket = connection
        self.serial = int.from_bytes(os.urandom(4), "little")
        self.limit_held, self.limit_rate = struct.unpack("=II", self._ask(HELLO, struct.pack("=II", 0, 0), WELCOME)[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # A request and its reply

    def _broken(self, why, fds=()):
        for fd in fds:
            os.close(fd)
        self.socket.close()
        raise Broken(why)

    def _send(self, packet, give):
        try:
            if give is None:  # where sockets are brokered sendmsg() is a detour
                self.socket.send(packet, socket.MSG_NOSIGNAL)
                return
            control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("=i", give))]
            self.socket.sendmsg([packet], control, socket.MSG_NOSIGNAL)
        except (BrokenPipeError, ConnectionResetError):
            self._broken("the broker has closed the connection")

    def _receive(self):
        try:
            # not recv_fds(), which drops its flags
            data, control, flags, _ = self.socket.recvmsg(MAX, socket.CMSG_SPACE(4 * 4), socket.MSG_CMSG_CLOEXEC)
        except ConnectionResetError:
            data, control, flags = b"", [], 0
        fds = [fd for level, kind, body in control if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
               for (fd,) in struct.iter_unpack("=i", body)]
        if not data:
            self._broken("the broker has closed the connection", fds)
        if flags & socket.MSG_TRUNC or len(data) < _HEAD.size:
            self._broken("a packet too long or too short", fds)
        version, kind, serial, size = _HEAD.unpack_from(data)
        if version != VERSION or size != len(data):
            self._broken("a reply of another version, or of another size than it says", fds)
        return kind, serial, data[_HEAD.size:], fds, flags

    def _ask(self, kind, body, want, texts=b"", give=None, fds_wanted=0):
        self.serial = (self.serial + 1) & 0xFFFFFFFF
        size = _HEAD.size + len(body) + len(texts)
        if size > MAX:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        self._send(_HEAD.pack(VERSION, kind, self.serial, size) + body + texts, give)
        while True:
            got, serial, data, fds, flags = self._receive()
            if serial == self.serial:
                break
            if kind != HELLO:
                self._broken("a reply to another request", fds)
            for fd in fds:  # what another program left unread on an inherited connection
                os.close(fd)
        if got == REFUSED:
            self._refused(data, fds)
        if got != want:
            self._broken("a reply of another type", fds)
        if fds_wanted and not fds and flags & socket.MSG_CTRUNC:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        if len(fds) != fds_wanted or flags & socket.MSG_CTRUNC:
            self._broken("a reply with another number of descriptors", fds)
        if got != LISTED and len(data) != 8:
            self._broken("a reply of another size than its type has", fds)
        if got == DONE and any(data):
            self._broken("a reply with something in a field that is 0", fds)
        return data, fds

    def _refused(self, data, fds):
        if fds or len(data) < 8:
            self._broken("a refusal of another form", fds)
        code, length = struct.unpack_from("=iI", data)
        if code >= 0 or length != len(data) - 8 or length == 0:
            self._broken("a refusal of another form")
        raise Refused(-code, data[8:].decode("utf-8", "replace"))

    def _for_handle(self, *args, **more):
        (handle,) = struct.unpack("=Q", self._ask(*args, **more)[0])
        return handle if handle else self._broken("a handle that is 0")

    def _by_handle(self, kind, handle, fds_wanted=0):
        return self._ask(kind, struct.pack("=Q", handle), DONE, fds_wanted=fds_wanted)[1]

    # What is held

    def _entries(self, data):
        count, more = struct.unpack_from("=II", data)
        if len(data) != 8 + count * _ENTRY.size:
            self._broken("a list of another length than it says")
        entries = []
        for at in range(count):
            handle, parent, left, uses, kind, rights, times, flags, line, name = _ENTRY.unpack_from(data, 8 + at * _ENTRY.size)
            if kind >= len(KINDS) or handle == 0:
                self._broken("an entry of no known kind")
            entries.append(Capability(handle, parent, left, uses, KINDS[kind], rights, times, bool(flags & REVOCABLE),
                                      bool(flags & SPENT), line,
                                      name.rstrip(b"\0").decode("ascii", "replace")))
        return entries, more

    def list(self):
        """Everything that is held, by rising handle."""
        held, start = [], 0
        while True:
            data, _ = self._ask(LIST, struct.pack("=Q", start), LISTED)
            if len(data) < 8:
                self._broken("a list too short")
            entries, more = self._entries(data)
            held += entries
            if not more:
                return held
            if not entries or entries[-1].handle < start:
                self._broken("a list without an end")
            start = entries[-1].handle + 1

    def find(self, name):
        """The handle of a name."""
        data = _name(name)
        return self._for_handle(FIND, struct.pack("=II", len(data), 0), HANDLE, data)

    # What can be done with it

    def open(self, handle, path="", mode="r", permissions=0o666, directory=False, nofollow=False, nonblock=False):
        """A descriptor. MODE: r, w (make or empty it), r+ (read and write), x (it must be new), a (append)."""
        rights, flags = {
            "r": (READ, 0), "r+": (READ | WRITE, 0), "a": (APPEND, 0), "a+create": (APPEND | CREATE, 0),
            "w": (WRITE | CREATE, TRUNCATE), "w-create": (WRITE, TRUNCATE), "x": (WRITE | CREATE, EXCLUSIVE),
        }[mode]
        flags |= DIRECTORY * directory | NOFOLLOW * nofollow | NONBLOCK * nonblock
        return self.open_raw(handle, path, rights, flags, permissions if rights & CREATE else 0)

    def open_raw(self, handle, path, rights, flags, mode):
        data = _text(path)
        body = struct.pack("=QIIII", handle, rights, flags, mode, len(data))
        return self._ask(OPEN, body, DONE, data, fds_wanted=1)[1][0]

    def _change(self, tree, what, path, mode=0, second=""):
        one, two = _text(path), _text(second)
        self._ask(CHANGE, struct.pack("=QIIII", tree, what, mode, len(one), len(two)), DONE, one + two)

    def mkdir(self, tree, path, mode=0o777):
        self._change(tree, MKDIR, path, mode)

    def unlink(self, tree, path):
        self._change(tree, UNLINK, path)

    def rmdir(self, tree, path):
        self._change(tree, RMDIR, path)

    def rename(self, tree, path, to):
        self._change(tree, RENAME, path, second=to)

    def connect(self, handle):
        """A connected socket.socket."""
        return socket.socket(fileno=self._ask(SOCKET, struct.pack("=QII", handle, 0, 0), DONE, fds_wanted=1)[1][0])

    def accept(self, handle):
        """A connection that waits; Refused with EAGAIN when none does."""
        return self.connect(handle)

    # Handing on

    def derive(self, parent, name, rights, path="", until_ms=0, times=0, revocable=False):
        """A capability of fewer rights, more conditions, or a part of a tree."""
        one, two = _name(name), _text(path)
        body = struct.pack("=QIIQIIII", parent, rights, REVOCABLE * revocable, until_ms, times, len(one), len(two), 0)
        return self._for_handle(DERIVE, body, HANDLE, one + two)

    def drop(self, handle):
        """Hold it no more; what was derived from it stays."""
        self._by_handle(DROP, handle)

    def revoke(self, handle):
        """End it, and all that was ever derived from it."""
        self._by_handle(REVOKE, handle)

    def ticket(self, handle):
        """A descriptor that stands for it, for another client to claim, once."""
        return self._by_handle(TICKET, handle, 1)[0]

    def claim(self, ticket):
        """The handle of what a ticket stands for. The ticket stays the caller's to close."""
        return self._for_handle(CLAIM, struct.pack("=II", 0, 0), HANDLE, give=ticket)

    def client(self, handles=()):
        """The descriptor of a new connection that holds copies of HANDLES."""
        if len(handles) > GIVE_MAX:
            raise ValueError(f"more than {GIVE_MAX} capabilities for a new client")
        body = struct.pack("=II64Q", len(handles), 0, *handles, *[0] * (GIVE_MAX - len(handles)))
        return self._ask(CLIENT, body, DONE, fds_wanted=1)[1][0]

    def request(self, path, rights, kind="file", reason=""):
        """Ask for what is not held."""
        one, two = _text(path), _text(reason)
        body = struct.pack("=IIII", rights, KINDS.index(kind), len(one), len(two))
        return self._for_handle(REQUEST, body, HANDLE, one + two)


def attach(fd):
    """The Broker behind a descriptor that Broker.client() of another process has made; it belongs to the Broker."""
    os.set_inheritable(fd, False)
    return Broker(socket.socket(fileno=fd))


def connect(inheritable=False):
    """The Broker that this program was started with. INHERITABLE: leave the connection to the programs that follow as well."""
    text = os.environ.get("ENDOW_FD", "")
    if not (text.isascii() and text.isdigit()):
        raise OSError(errno.ENOTCONN, "this program was started with no connection to a broker (ENDOW_FD)")
    broker = attach(int(text))
    if inheritable:
        os.set_inheritable(broker.socket.fileno(), True)
    return broker


# The command ---------------------------------------------------------------------------------------------------------------


def _rights(text):
    unknown = [word for word in text.split(",") if word and word not in RIGHTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no right: {', '.join(RIGHTS)}")
    return sum({RIGHTS[word] for word in text.split(",") if word})


def _print_list(broker):
    for c in broker.list():
        bounds = [f"{c.left_ms} ms left"] * (c.left_ms > 0) + [f"{c.times_left} times left"] * (c.times_left > 0)
        bounds += ["spent"] * c.spent + ["revocable"] * c.revocable + [f"line {c.line}"] * (c.line > 0)
        print("\t".join([c.name, c.kind, ",".join(c.words()) or "-", ", ".join(bounds) or "-"]))


def _copy(source, target):
    while chunk := os.read(source, 65536):
        while chunk:
            chunk = chunk[os.write(target, chunk):]


def _open(broker, a):
    fd = broker.open(broker.find(a.name), a.path, a.mode, directory=a.folder)
    if a.folder:
        print("\n".join(sorted(os.listdir(fd))))
    elif a.mode == "r":
        _copy(fd, 1)
    else:
        _copy(0, fd)


def _connect(broker, a):
    with broker.connect(broker.find(a.name)) as s:
        _copy(0, s.fileno())
        s.shutdown(socket.SHUT_WR)
        _copy(s.fileno(), 1)


def _run(broker, a):
    given = [broker.find(name) for name in a.give.split(",") if name]
    fd = broker.client(given)
    os.set_inheritable(fd, True)
    os.set_inheritable(broker.socket.fileno(), False)  # what is not given is not had
    os.environ["ENDOW_FD"] = str(fd)
    os.execvp(a.command[0], a.command)


def _parser():
    parser = argparse.ArgumentParser(prog="endow_broker", description="Use what the broker of the surrounding sandbox hands out.")
    commands = parser.add_subparsers(dest="what", required=True)

    def command(name, help, *words):
        sub = commands.add_parser(name, help=help)
        for word in words:
            sub.add_argument(word)
        return sub

    command("list", "what is held")
    sub = command("open", "print a file, or write standard input to it", "name")
    sub.add_argument("path", nargs="?", default="", help="beneath a tree")
    sub.add_argument("-m", "--mode", default="r", choices=["r", "r+", "w", "w-create", "x", "a", "a+create"])
    sub.add_argument("-d", "--folder", action="store_true", help="print a folder's names")
    command("mkdir", "make a folder beneath a tree", "name", "path")
    command("unlink", "remove a file beneath a tree", "name", "path")
    command("rmdir", "remove an empty folder beneath a tree", "name", "path")
    command("rename", "rename beneath a tree", "name", "path", "to")
    command("connect", "send standard input, print the answer", "name")
    sub = command("derive", "make a weaker one", "name", "new")
    sub.add_argument("--rights", type=_rights, required=True, metavar="RIGHT,...")
    sub.add_argument("--path", default="")
    sub.add_argument("--until", type=int, default=0, metavar="MS")
    sub.add_argument("--times", type=int, default=0)
    sub.add_argument("--revocable", action="store_true")
    command("drop", "hold it no more", "name")
    command("revoke", "end it, and all derived from it", "name")
    sub = command("request", "ask for what is not held", "path")
    sub.add_argument("--rights", type=_rights, default=READ, metavar="RIGHT,...")
    sub.add_argument("--kind", choices=KINDS[:2], default="file")
    sub.add_argument("--reason", default="")
    sub = command("run", "run a command that holds copies of these alone")
    sub.add_argument("--give", default="", metavar="NAME,...")
    sub.add_argument("command", nargs="+")
    return parser


def main(words=None):
    a = _parser().parse_args(words)
    try:
        broker = connect(inheritable=True)
        if a.what in ("open", "connect", "run"):
            {"open": _open, "connect": _connect, "run": _run}[a.what](broker, a)
        elif a.what == "list":
            _print_list(broker)
        elif a.what == "request":
            broker.request(os.path.abspath(a.path), a.rights, a.kind, a.reason)
        elif a.what == "derive":
            broker.derive(broker.find(a.name), a.new, a.rights, a.path, a.until, a.times, a.revocable)
        elif a.what == "rename":
            broker.rename(broker.find(a.name), a.path, a.to)
        elif a.what in ("drop", "revoke"):
            getattr(broker, a.what)(broker.find(a.name))
        else:
            getattr(broker, a.what)(broker.find(a.name), a.path)
    except (OSError, ValueError, Broken) as error:
        print(f"endow_broker: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
